"""States of the window "why is this person not being called?"; fictitious people."""

from __future__ import annotations

from collections.abc import Callable

from app.desk.why_view import PastLine, PersonFound, RuleGroup, RuleLine, WhyView
from app.look.theme import Theme
from supervisor_ui.why_dialog import WhyDialog

PEOPLE = (
    PersonFound(17, "Amelia Jones", "Leeds · uk consumers · Winter windows"),
    PersonFound(311, "Amelia Jonas", "Bath · March · Conservatories"),
    PersonFound(942, "Liam Jones-Patel", "York · uk consumers · Winter windows · ref. K-2204"),
)
_PERSON = RuleGroup(
    "Before the gate",
    (
        RuleLine("Campaign", "pass", "It runs and dials by itself."),
        RuleLine("List and mix", "pass", "The campaign dials from this list."),
        RuleLine("Experiments", "pass", "None keeps this person for other hours."),
        RuleLine(
            "The record", "wait", "After 'no answer' the record rests before the next attempt.",
            "from 14:30 on",
        ),
    ),
)  # fmt: skip
_NUMBER = RuleGroup(
    "+44 161 496 0123 · landline",
    (
        RuleLine("1  Number", "pass", "It can be dialled."),
        RuleLine("2  Your own list", "pass", "Not on your do-not-call list."),
        RuleLine("3  Registers", "pass", "On no register that counts, and the copies are fresh."),
        RuleLine("4  Consent and trade", "pass", "What the law asks for is on record."),
        RuleLine("5  Calling hours", "pass", "It is a lawful hour where this person is."),
        RuleLine("6  Attempts", "pass", "Fewer calls than the law allows."),
        RuleLine(
            "7  Rests", "wait", "After no answer this number rests until Tue 3 Mar 14:30 their "
            "time.", "from 14:30 on",
        ),
        RuleLine("8  Caller's number", "pass", "It may be shown."),
        RuleLine("9  Agent", "pass", "Asked at the call: one is held where the law wants it."),
        RuleLine("10  Budget", "pass", "Asked at the call: it must afford a lost one."),
    ),
)  # fmt: skip
_SECOND = RuleGroup(
    "+44 7700 900123 · mobile",
    (
        RuleLine("1  Number", "pass", "It can be dialled."),
        RuleLine(
            "2  Your own list", "fail",
            "This person is on your own do-not-call list; never again.",
        ),
    ),
)  # fmt: skip
WAITING = WhyView(
    PEOPLE[0],
    "wait",
    "After 'no answer' the record rests before the next attempt.",
    "14:30, their time (London)",
    (_PERSON, _NUMBER, _SECOND),
    (
        PastLine("12:30", "Called", "No answer"),
        PastLine(
            "08:12", "Not called", "It is Tue 3 Mar 07:12 where this person is.", is_refusal=True
        ),
        PastLine("Mon 2 Mar 17:40", "Called", "Call back by Anna · asked about the blue ones"),
    ),
)
REFUSED = WhyView(
    PEOPLE[0],
    "fail",
    "The campaign Winter windows is stopped; start it.",
    "Not before somebody changes what stands against it.",
    (
        RuleGroup(
            "Before the gate",
            (
                RuleLine("Campaign", "fail", "The campaign Winter windows is stopped; start it."),
                *_PERSON.lines[1:],
            ),
        ),
        _NUMBER,
    ),
    (),
)


def empty(theme: Theme) -> WhyDialog:
    """Before anybody is looked for."""
    return WhyDialog(theme)


def nobody(theme: Theme) -> WhyDialog:
    """Nobody fits."""
    dialog = WhyDialog(theme)
    dialog.query.setText("Quillfeather")
    dialog.show_found(())
    return dialog


def waiting(theme: Theme) -> WhyDialog:
    """A rest that ends, and a second number that is never called again."""
    dialog = WhyDialog(theme)
    dialog.query.setText("jon")
    dialog.show_found(PEOPLE)
    dialog.show_answer(WAITING)
    return dialog


def refused(theme: Theme) -> WhyDialog:
    """A campaign that is stopped."""
    dialog = waiting(theme)
    dialog.show_answer(REFUSED)
    return dialog


def past(theme: Theme) -> WhyDialog:
    """What was before."""
    dialog = waiting(theme)
    dialog.tabs.setCurrentIndex(1)
    return dialog


STATES: tuple[tuple[str, Callable[[Theme], WhyDialog]], ...] = (
    ("why-empty", empty),
    ("why-nobody", nobody),
    ("why-waiting", waiting),
    ("why-refused", refused),
    ("why-past", past),
)
