"""States of the import window for pictures and tests: a fictitious list, the same at every run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.desk.import_view import ImportChoice, ImportLook, ImportOffer, ImportResult
from app.look.theme import Theme
from supervisor_ui.import_dialog import ImportDialog

OFFER = ImportOffer(("Winter windows", "Conservatories"), ("GB", "IT", "PL", "US", "DE"), "GB")
CHOICE = ImportChoice(
    "/lists/uk_consumers.csv", "GB", "Winter windows", "uk consumers", duplicates="skip"
)
_NAMES = ("Amelia Jones", "Zoë Brontë", "Siân O'Neill", "Liam Patel", "Aoife Khan", "Jack Lee")
_NUMBERS = (
    "0161 496 0123", "+441614960456", "4.47701E+11", "(0113) 4960789", "tel: 02079460321",
    "01514 960 654",
)  # fmt: skip
_NOTES = ("called before, very keen", "", "prefers evenings; not Mondays", "", "", "two children")
LOOK = ImportLook(
    CHOICE,
    size=121_000,
    encoding="utf-8-sig",
    separator=",",
    has_header=True,
    sheet="",
    sheets=(),
    header=("Full name", "Home Phone", "Work", "Town", "Last Purchase", "Notes"),
    kinds=("name", "phone", "phone", "town", "detail", "detail"),
    rows=tuple(
        (
            _NAMES[at % 6],
            _NUMBERS[at % 6],
            "020 7946 0111" if at % 3 == 0 else "",
            ("Leeds", "Bath", "Manchester")[at % 3],
            ("2026-03-01", "01/03/2026", "")[at % 3],
            _NOTES[at % 6],
        )
        for at in range(9)
    ),
    wrong=frozenset({(2, 1), (8, 1)}),
)
WORKBOOK_LOOK = replace(
    LOOK,
    choice=replace(CHOICE, file="/lists/b2b_accounts.xlsx", list_name="b2b accounts"),
    encoding="xlsx",
    separator="",
    sheet="Accounts 2026",
    sheets=("How to", "Accounts 2026"),
    header=("Company", "Switchboard", "Town"),
    kinds=("company", "detail", "town"),
    rows=tuple(("Brontë & Sons", "1614960001", "Leeds") for _ in range(5)),
    wrong=frozenset(),
    trouble="No column holds telephone numbers; say above a column that it does.",
)
RESULT = ImportResult(
    import_id=7,
    file="uk_consumers.csv",
    campaign="Winter windows",
    list_name="uk consumers",
    rows=2000,
    taken=1548,
    updated=0,
    known=60,
    twice=278,
    invalid=114,
    on_dnc=86,
    reasons=(
        ("twice in the file", 278),
        ("on a list already", 60),
        ("no number", 38),
        ("a spreadsheet has cut this number (as 4.4E+11): export the column as text", 31),
        ("not a telephone number", 24),
        ("too short for a telephone number: digits are missing", 21),
    ),
    rejected_file="/lists/uk_consumers-rejected.csv",
    seconds=0.4,
)
UNREADABLE = (
    "Row 2, column 1: a quotation mark is opened and never closed; mend the row, or export the "
    "list again."
)


def _dialog(theme: Theme) -> ImportDialog:
    dialog = ImportDialog(theme)
    dialog.offer(OFFER)
    return dialog


def drop(theme: Theme) -> ImportDialog:
    """Before a file is chosen."""
    return _dialog(theme)


def unreadable(theme: Theme) -> ImportDialog:
    """The file that was chosen cannot be read."""
    dialog = _dialog(theme)
    dialog.choose_file("/lists/broken.csv")
    dialog.show_trouble(UNREADABLE)
    return dialog


def looked(theme: Theme, look: ImportLook = LOOK) -> ImportDialog:
    """What was found of a list."""
    dialog = _dialog(theme)
    dialog.campaign.setEditText(look.choice.campaign)
    dialog.choose_file(look.choice.file)
    dialog.show_look(look)
    return dialog


def no_phone(theme: Theme) -> ImportDialog:
    """A workbook in which no column was taken for numbers."""
    return looked(theme, WORKBOOK_LOOK)


def busy(theme: Theme) -> ImportDialog:
    """On its way."""
    dialog = looked(theme)
    dialog.take_in.click()
    dialog.show_share(0.42)
    return dialog


def done(theme: Theme) -> ImportDialog:
    """The list is in."""
    dialog = busy(theme)
    dialog.show_done(RESULT)
    return dialog


def undone(theme: Theme) -> ImportDialog:
    """And out again."""
    dialog = done(theme)
    dialog.outcome.undo.click()
    dialog.outcome.undo.click()
    dialog.show_undone(
        "1,541 people were taken out again. 7 were called already: they stay closed."
    )
    return dialog


STATES: tuple[tuple[str, Callable[[Theme], ImportDialog]], ...] = (
    ("import-drop", drop),
    ("import-unreadable", unreadable),
    ("import-look", looked),
    ("import-no-phone", no_phone),
    ("import-busy", busy),
    ("import-done", done),
    ("import-undone", undone),
)
"""Name and builder of each."""
