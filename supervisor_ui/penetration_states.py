"""States of the window of penetration; invented figures."""

from __future__ import annotations

import math
from collections.abc import Callable

from app.desk.penetration_view import (
    EVERYBODY,
    DayPoint,
    DaysView,
    GroupRow,
    HourCell,
    PenetrationView,
)
from app.look.theme import Theme
from supervisor_ui.penetration_dialog import PenetrationDialog


def _row(row_id: int, name: str, records: int, tried: int, calls: int, closed: int) -> GroupRow:
    numbers, reached = int(records * 1.4), int(tried * 1.1)
    return GroupRow(
        row_id, name, records,
        (tried / records, reached / numbers, calls / records, closed / records),
        (
            f"{tried:,} / {records:,}", f"{reached:,} / {numbers:,}", f"{calls:,} / {records:,}",
            f"{closed:,} / {records:,}",
        ),
    )  # fmt: skip


CAMPAIGNS = ((1, "Winter windows"), (2, "Conservatories"))
ROWS = (
    _row(EVERYBODY, "Everybody", 18_440, 11_320, 27_910, 6_105),
    _row(1, "uk consumers", 12_000, 9_480, 24_600, 5_390),
    _row(2, "March, second half", 4_440, 1_840, 3_310, 715),
    GroupRow(3, "Put together yesterday", 2_000, (0.0, 0.0, 0.0, 0.0), ("0 / 2,000",) * 4),
)
HOURS = tuple(
    HourCell(
        day, hour, 4 if day == 5 and hour > 13 else 90 + 11 * hour - 9 * day,
        None if day == 5 and hour > 13 else 0.16 + 0.13 * math.exp(-((hour - 17.5) ** 2) / 5)
        + 0.05 * math.exp(-((hour - 10) ** 2) / 3) + 0.012 * ((day * 5) % 3),
    )
    for day in range(6)
    for hour in range(8, 20)
)  # fmt: skip
VIEW = PenetrationView(CAMPAIGNS, 1, "list", ROWS, HOURS)
POINTS = tuple(
    DayPoint(
        20_515 + at,
        (
            0.61 * (1 - math.exp(-at / 9)), 0.48 * (1 - math.exp(-at / 11)), 1.51 * at / 27,
            0.33 * (at / 27) ** 1.3,
        ),
    )
    for at in range(28)
)  # fmt: skip


def figures(theme: Theme) -> PenetrationDialog:
    """Four lists after some weeks."""
    dialog = PenetrationDialog(theme)
    dialog.show_view(VIEW)
    dialog.show_days(DaysView(EVERYBODY, POINTS))
    return dialog


def nothing_called(theme: Theme) -> PenetrationDialog:
    """A list that has only come in."""
    dialog = PenetrationDialog(theme)
    everybody = GroupRow(EVERYBODY, "Everybody", 2_000, (0.0,) * 4, ("0 / 2,000",) * 4)
    dialog.show_view(PenetrationView(CAMPAIGNS, 2, "list", (everybody,), ()))
    dialog.show_days(DaysView(EVERYBODY, ()))
    return dialog


def refused(theme: Theme) -> PenetrationDialog:
    """There is no campaign."""
    dialog = PenetrationDialog(theme)
    dialog.show_trouble("There is no campaign yet; take a list in first.")
    return dialog


STATES: tuple[tuple[str, Callable[[Theme], PenetrationDialog]], ...] = (
    ("penetration-figures", figures),
    ("penetration-nothing-called", nothing_called),
    ("penetration-refused", refused),
)
