"""States of the windows of a person's data and of retention, for pictures and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QDialog

from app.desk.privacy_view import (
    PersonView,
    PersonWish,
    ReceiptView,
    RetentionRow,
    RetentionView,
)
from app.look.theme import Theme
from supervisor_ui.privacy_dialog import PersonDialog
from supervisor_ui.privacy_retention import RetentionDialog

PERSON = PersonView(
    PersonWish("0161 496 0077"),
    "Zebulon Quillfeather",
    (
        ("Numbers", "+441614960077, +441614960078"),
        ("Town", "Ashby-de-la-Zouch"),
        ("Your reference", "K-20417"),
        ("Campaigns", "Winter windows, Conservatories"),
        ("Lists", "March, uk consumers"),
    ),
    (
        ("records", 2), ("numbers", 4), ("imports", 2), ("changes by imports", 1), ("calls", 5),
        ("recordings", 3), ("pauses of recordings", 1), ("third parties", 0), ("listenings", 1),
        ("refusals", 7), ("lock-outs", 2), ("do not call", 0), ("national registers", 0),
        ("experiments", 1), ("what windows asked for", 6), ("audit log", 3),
    ),
)  # fmt: skip
RECEIPT = ReceiptView(
    4,
    "2026-11-22T10:00:00+00:00",
    "letter of 3 March",
    2,
    (
        ("recordings", 3), ("recording_pauses", 1), ("lockouts", 2), ("attempts", 5),
        ("list_import_changes", 1), ("agent_events", 6), ("contacts", 2), ("contact_numbers", 4),
        ("suppressions", 2),
    ),
    (
        ("recording", "4f2a91.wav", "removed"), ("recording", "51b7c0.wav", "removed"),
        ("rejects", "uk_consumers-rejected.csv", "rows taken out"),
    ),
    (
        "Counts of days, campaigns and agents, which name nobody.",
        "A keyed hash of each number on the do-not-call list, so that no list brings it back.",
        "Entries of the log, which name records and calls by their numbers in the database.",
    ),
    1,
    "9f31c07a55d2e810",
    is_finished=True,
)  # fmt: skip
RULES_LEAST = "the rules for United Kingdom (at least)"
RETENTION = RetentionView(
    (
        RetentionRow("recordings", (180,), "the rules for United Kingdom (at most)", 312,
                     "22 May 2026", is_at_most=True),
        RetentionRow("files", (30,), "handed over long ago", 2, "14 Oct 2026", is_free=True),
        RetentionRow("notes", (730,), RULES_LEAST, 0),
        RetentionRow("people", (730,), RULES_LEAST, 41, "03 Nov 2024"),
        RetentionRow("refusals", (730,), RULES_LEAST, 0),
        RetentionRow("lockouts", (31,), "no rule looks further back", 1_204, "02 Oct 2026",
                     is_free=True),
        RetentionRow("wishes", (730,), "as long as the calls", 0),
        RetentionRow("decisions", (730,), RULES_LEAST, 0),
    ),
    "Last purge Sat 21 Nov 2026, 08:01: 1,871 entries went. The next is tomorrow.",
)  # fmt: skip
SEVERAL = (
    "People of several names have this number (records 17, 203); name the record that is meant."
)


def _dialog(theme: Theme) -> PersonDialog:
    dialog = PersonDialog(theme)
    dialog.offer(("GB", "IT", "PL", "US"))
    return dialog


def nobody(theme: Theme) -> PersonDialog:
    """Before anybody is looked for."""
    return _dialog(theme)


def several(theme: Theme) -> PersonDialog:
    """Two people share the number."""
    dialog = _dialog(theme)
    dialog.who.setText("0161 496 0077")
    dialog.search.click()
    dialog.show_trouble(SEVERAL)
    return dialog


def found(theme: Theme) -> PersonDialog:
    """What is stored."""
    dialog = _dialog(theme)
    dialog.who.setText(PERSON.wish.who)
    dialog.show_person(PERSON)
    return dialog


def asked(theme: Theme) -> PersonDialog:
    """To be erased, asked once more."""
    dialog = found(theme)
    dialog.reason.setText("letter of 3 March")
    dialog.erase.click()
    return dialog


def erased(theme: Theme) -> PersonDialog:
    """Gone, with the receipt."""
    dialog = asked(theme)
    dialog.show_receipt(RECEIPT)
    return dialog


def kept(theme: Theme) -> RetentionDialog:
    """Something is due."""
    dialog = RetentionDialog(theme)
    dialog.show_view(RETENTION)
    return dialog


def waiting(theme: Theme) -> RetentionDialog:
    """Nothing is due, and an erasure waits for a file."""
    dialog = RetentionDialog(theme)
    rows = tuple(replace(one, due=0, since="") for one in RETENTION.rows)
    waits = "An erasure waits for a file that was in use; it is tried again each day."
    dialog.show_view(RetentionView(rows, RETENTION.last, waits))
    return dialog


STATES: tuple[tuple[str, Callable[[Theme], QDialog]], ...] = (
    ("person", nobody),
    ("person-several", several),
    ("person-found", found),
    ("person-erase", asked),
    ("person-erased", erased),
    ("retention", kept),
    ("retention-waiting", waiting),
)
"""Name and builder of each."""
