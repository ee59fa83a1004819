"""How far lists are used up, as the window shows it; plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NAMES: tuple[tuple[str, str], ...] = (
    ("List", "records attempted / records"),
    ("Phone", "different numbers attempted / numbers"),
    ("Saturation", "attempts / records; 2.0: two calls a person"),
    ("Closed", "records closed / records"),
)
"""The four ways, with their formulas, in the order of every tuple of four here."""

BYS: tuple[tuple[str, str], ...] = (
    ("list", "By list"),
    ("segment", "By segment"),
    ("import", "By import"),
)
EVERYBODY = -1  # the id of the row of the whole campaign


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One list, segment or import; `shares`: the four, None where there is nothing to divide by."""

    id: int
    name: str
    records: int
    shares: tuple[float | None, ...]
    fractions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DayPoint:
    """The four figures at the end of a day; `day`: days since 1970."""

    day: int
    shares: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class HourCell:
    """Answers in an hour of the week (Monday 0); `share` None: too few calls to tell."""

    weekday: int
    hour: int
    calls: int
    share: float | None


@dataclass(frozen=True, slots=True)
class PenetrationView:
    """One campaign, put together in one way; the first row is everybody."""

    campaigns: tuple[tuple[int, str], ...]
    campaign_id: int
    by: str
    rows: tuple[GroupRow, ...]
    hours: tuple[HourCell, ...]


@dataclass(frozen=True, slots=True)
class DaysView:
    """A row's figures over days; empty: nobody was called yet."""

    row_id: int
    points: tuple[DayPoint, ...]


def as_csv(rows: Sequence[GroupRow]) -> list[list[str]]:
    """The table as rows of a CSV file, figures with a point."""
    head = ["Name", "Records"]
    for name, _ in NAMES:
        head += [name, f"{name} (counts)"]
    lines = [head]
    for row in rows:
        line = [row.name, str(row.records)]
        for share, fraction in zip(row.shares, row.fractions, strict=True):
            line += ["" if share is None else f"{share:.4f}", fraction]
        lines.append(line)
    return lines
