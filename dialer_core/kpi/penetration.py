"""How far a list is used up, four ways, each with its name and formula.

"Penetration" means attempted, contacted or closed depending on who says it; so all four are shown.
Definitions are those of the project's facts sheet, section 5 (list penetration Ratt / R0, closure
Rfin / R0, attempts per record), phone penetration and saturation as Genesys PureConnect has them.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialer_core.kpi.figures import Figure


@dataclass(frozen=True, slots=True)
class ListCounts:
    """The counts of a list, a segment or an import; none may be below 0.

    `attempted`: records with at least one attempt; `finalised`: records that are closed;
    `numbers_attempted`: different numbers that were tried.
    """

    records: int = 0  # R0
    attempted: int = 0  # Ratt
    finalised: int = 0  # Rfin
    attempts: int = 0  # D
    numbers: int = 0
    numbers_attempted: int = 0

    def __post_init__(self) -> None:
        parts = (
            (self.attempted, self.records, "records"),
            (self.finalised, self.records, "records"),
            (self.numbers_attempted, self.numbers, "numbers"),
        )
        for part, whole, name in parts:
            if not 0 <= part <= whole:
                raise ValueError(f"{part} of {whole} {name} cannot be")
        if self.attempts < 0:
            raise ValueError("there cannot be fewer than no attempts")


@dataclass(frozen=True, slots=True)
class Penetration:
    """The four figures; each is None in `value` where there is nothing to divide by."""

    list_penetration: Figure
    phone_penetration: Figure
    saturation: Figure
    closed: Figure

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All four, in the order in which they are shown."""
        return (self.list_penetration, self.phone_penetration, self.saturation, self.closed)


def penetration(counts: ListCounts) -> Penetration:
    """The four figures of some counts; only saturation can be above 1 (5.0: five attempts each)."""
    return Penetration(
        _share("List penetration", counts.attempted, counts.records,
               "records attempted / records"),
        _share("Phone penetration", counts.numbers_attempted, counts.numbers,
               "different numbers attempted / numbers"),
        _share("Saturation", counts.attempts, counts.records, "attempts / records"),
        _share("Closed", counts.finalised, counts.records, "records closed / records"),
    )  # fmt: skip


def _share(name: str, part: int, whole: int, formula: str) -> Figure:
    return Figure(name, part / whole if whole else None, "share", part, whole, formula)
