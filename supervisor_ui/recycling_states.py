"""States of the window of recycling for pictures and tests: the rules as they ship."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.desk.recycling_view import DayView, NextNumber, Recycle, RecyclingOffer, RuleView, TryView
from app.look.theme import Theme
from supervisor_ui.recycling_dialog import RecyclingDialog

_HOUR = 3600.0
_SAME, _NEXT = NextNumber.SAME, NextNumber.NEXT


def _rule(
    outcome: str,
    words: str,
    usual: Recycle,
    law: str = "",
    law_s: float | None = 0.0,
    *,
    is_of_people: bool = True,
) -> RuleView:
    return RuleView(outcome, words, usual, usual, is_of_people, law, law_s)


RULES = (
    _rule("NO_ANSWER", "No answer", Recycle(2 * _HOUR, 8, _NEXT), "at least 2 hours", 7200),
    _rule("BUSY", "Busy", Recycle(900, 10), "at least 15 minutes", 900),
    _rule(
        "NOT_AT_HOME",
        "Not at home",
        Recycle(2 * _HOUR, 8, NextNumber.FIRST),
        "at least 2 hours",
        7200,
    ),
    _rule(
        "ANSWER_MACHINE_AGENT",
        "Machine, by the agent",
        Recycle(4 * _HOUR, 6, _NEXT),
        "at least 4 hours",
        14_400,
    ),
    _rule(
        "ANSWER_MACHINE_AMD",
        "Machine, as detected",
        Recycle(4 * _HOUR, 6, _NEXT),
        "only with an agent held, for 1 day",
    ),
    _rule("SHORT_HANGUP", "Hung up at once", Recycle(2 * _HOUR, 4), "at least 2 hours", 7200),
    _rule("CALLEE_DECLINED_CALL", "Declined", Recycle(24 * _HOUR, 3), "at least 1 day", 86_400),
    _rule("ABANDONED", "Nobody was free", Recycle(_HOUR, 3), "only with an agent held, for 3 days"),
    _rule(
        "REFUSED_NOT_INTERESTED", "Not interested", Recycle(_HOUR), "at least 90 days", 7_776_000
    ),
    _rule("WRONG_NUMBER", "Wrong number", Recycle(_HOUR, 3, _NEXT), "never again", None),
    _rule(
        "CARRIER_REJECT",
        "Refused by our carrier",
        Recycle(_HOUR, None),
        "at least 1 hour",
        3600,
        is_of_people=False,
    ),
    _rule(
        "LINE_LOST", "Our line was lost", Recycle(600, None), "at least 2 hours", 7200,
        is_of_people=False,
    ),
)  # fmt: skip
OFFER = RecyclingOffer(
    ((1, "Winter windows"), (2, "Conservatories")), 1, "United Kingdom", ("3 calls a day",), RULES
)
DAY = DayView(
    "NO_ANSWER",
    "Wednesday, 4 March",
    ((480, 1260),),
    (TryView(480), TryView(600), TryView(721)),
    (TryView(841, "the law's number of calls is used up"),),
    "Next: Thursday, 5 March, 08:00.",
)
BUSY_DAY = DayView(
    "BUSY",
    "Wednesday, 4 March",
    ((600, 780), (840, 1200)),
    (TryView(600), TryView(615)),
    (TryView(631, "the law's number of calls is used up"),),
    "Next: Thursday, 5 March, 10:00.",
)


def _dialog(theme: Theme, offer: RecyclingOffer = OFFER) -> RecyclingDialog:
    dialog = RecyclingDialog(theme)
    dialog.show_offer(offer)
    return dialog


def usual(theme: Theme) -> RecyclingDialog:
    """As it ships, beside the British rules."""
    dialog = _dialog(theme)
    dialog.show_day(DAY)
    return dialog


def changed(theme: Theme) -> RecyclingDialog:
    """Another wait for busy lines, under stricter rules."""
    strict = replace(OFFER, rules_name="France", limits=("4 calls in 30 days", "2 calls a day"))
    dialog = _dialog(theme, strict)
    busy = dialog.lines[1]
    busy.wait.setText("5")
    busy.wait.textEdited.emit("5")
    dialog.show_day(BUSY_DAY)
    return dialog


def wrong(theme: Theme) -> RecyclingDialog:
    """A wait that is none, and too many tries."""
    dialog = usual(theme)
    for line, text in ((dialog.lines[0].wait, "soon"), (dialog.lines[1].most, "1000")):
        line.setText(text)
        line.textEdited.emit(text)
    return dialog


def no_campaign(theme: Theme) -> RecyclingDialog:
    """Before anything was taken in."""
    return _dialog(theme, RecyclingOffer(()))


STATES: tuple[tuple[str, Callable[[Theme], RecyclingDialog]], ...] = (
    ("recycling-usual", usual),
    ("recycling-changed", changed),
    ("recycling-wrong", wrong),
    ("recycling-no-campaign", no_campaign),
)
"""Name and builder of each."""
