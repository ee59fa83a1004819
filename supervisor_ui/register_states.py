"""States of the registers' window for pictures and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.desk.register_view import RegisterRow, RegistersView
from app.look.theme import Theme
from supervisor_ui.register_dialog import RegisterDialog

_WINDOWS = ("Winter windows",)
ROWS = (
    RegisterRow(
        "GB-CTPS", "Corporate Telephone Preference Service", "the United Kingdom", "stale",
        "The copy is of 20 Oct 2026.", "33 days old, 28 at most", 1_204_118, _WINDOWS,
        "Nobody in the United Kingdom is dialled until a newer copy is loaded.",
    ),
    RegisterRow(
        "GB-TPS", "Telephone Preference Service", "the United Kingdom", "soon",
        "The copy is of 29 Oct 2026.", "24 days old, 28 at most", 14_880_213,
        (*_WINDOWS, "Conservatories"),
        "Too old after Thu 26 Nov; nobody in the United Kingdom is dialled then.",
    ),
    RegisterRow(
        "IT-RPO", "Registro pubblico delle opposizioni", "Italy", "fresh",
        "The copy is of 20 Nov 2026.", "2 days old, 15 at most", 29_117_004, ("Finestre",),
        "Good until Saturday 05 Dec.",
    ),
    RegisterRow(
        "US-NDNCR", "National Do Not Call Registry", "the United States", "idle",
        "There is no copy yet.", "never loaded, 31 days at most", None, (),
        "No campaign needs it now.",
    ),
    RegisterRow(
        "US-STATE", "Do-not-call lists of the states", "the United States", "idle",
        "There is no copy yet.", "never loaded, 31 days at most", None, (),
        "No campaign needs it now.",
    ),
)  # fmt: skip
VIEW = RegistersView(ROWS, ("Rosewood Windows",), ("GB", "IT", "PL", "US"), "GB", 389, "2026-11-22")
SMALL = (
    "This copy of GB-TPS holds 3 numbers, the one before 14880213; it was not taken. If that is "
    "meant, say so and load it again."
)


def listed(theme: Theme) -> RegisterDialog:
    """One too old, one soon, one good, two that nobody needs."""
    dialog = RegisterDialog(theme)
    dialog.show_view(VIEW)
    return dialog


def all_good(theme: Theme) -> RegisterDialog:
    """Nothing asks for attention; a number was just added."""
    dialog = RegisterDialog(theme)
    good = tuple(replace(one, state="fresh", sentence="Good until Friday 11 Dec.") for one in ROWS)
    dialog.show_view(replace(VIEW, rows=good[:2]))
    dialog.show_said("0161 496 0123 is never called again, from this moment on.")
    return dialog


def copy(theme: Theme) -> RegisterDialog:
    """A file is chosen."""
    dialog = listed(theme)
    dialog.choose_copy(ROWS[1], "/registers/tps-november.txt")
    return dialog


def busy(theme: Theme) -> RegisterDialog:
    """On its way."""
    dialog = copy(theme)
    dialog.load.click()
    dialog.show_share(0.37)
    return dialog


def small(theme: Theme) -> RegisterDialog:
    """Refused as too small."""
    dialog = busy(theme)
    dialog.show_trouble(SMALL)
    return dialog


STATES: tuple[tuple[str, Callable[[Theme], RegisterDialog]], ...] = (
    ("registers", listed),
    ("registers-good", all_good),
    ("registers-copy", copy),
    ("registers-busy", busy),
    ("registers-small", small),
)
"""Name and builder of each."""
