"""States of the window of promised calls; fictitious people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.desk.callback_view import CallBackRow, CallBacksView, Urgency
from app.look.theme import Theme
from supervisor_ui.callback_dialog import CallBackDialog

AGENTS = ((1, "Anna"), (2, "Ben"), (3, "Chloë"))


def _row(
    contact_id: int, name: str, theirs: str, here: str, zone: str, owner: int, whose: str,
    urgency: Urgency,
) -> CallBackRow:  # fmt: skip
    names = dict(AGENTS)
    return CallBackRow(
        contact_id, "Winter windows", name, theirs, here, zone, 1_772_534_400.0, "2026-03-03",
        theirs[-5:], owner, names.get(owner, "Anyone"), whose, urgency,
    )  # fmt: skip


ROWS = (
    _row(
        11, "Siân O'Neill", "10:20", "10:20", "London", 2, "Its owner is away; anyone's in 4 min",
        "late",
    ),
    _row(
        12, "Amelia Jones", "10:30", "10:30", "London", 1,
        "Its owner is there and has it first", "due",
    ),
    _row(
        13, "Zoë Brontë", "11:35", "10:35", "Rome", 0, "The next free agent gets it", "soon",
    ),
    _row(
        14, "Jack Lee", "Wed 4 Mar 18:00", "Wed 4 18:00", "London", 3,
        "Anyone's 10 min late, if its owner is away", "later",
    ),
    replace(
        _row(15, "Aoife Khan", "Thu 5 Mar 09:15", "Thu 5 09:15", "Dublin", 0, "", "later"),
        campaign="Conservatories",
        is_campaign_running=False,
        whose="Kept while the campaign is stopped",
    ),
)  # fmt: skip
VIEW = CallBacksView(ROWS, AGENTS)


def empty(theme: Theme) -> CallBackDialog:
    """Nothing is promised."""
    dialog = CallBackDialog(theme)
    dialog.show_view(CallBacksView((), AGENTS))
    return dialog


def listed(theme: Theme) -> CallBackDialog:
    """Late, due, soon, later, and one of a campaign that is stopped."""
    dialog = CallBackDialog(theme)
    dialog.show_view(VIEW)
    return dialog


def refused(theme: Theme) -> CallBackDialog:
    """A time that cannot be."""
    dialog = listed(theme)
    dialog.show_trouble("That time has passed where this person is; choose a later one.")
    return dialog


STATES: tuple[tuple[str, Callable[[Theme], CallBackDialog]], ...] = (
    ("callbacks-empty", empty),
    ("callbacks-listed", listed),
    ("callbacks-refused", refused),
)
