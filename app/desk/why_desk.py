"""Who is looked for, and every rule that stands before a call to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal, Slot

from app.desk.asking import Asking
from app.desk.why_view import Mark, PastLine, PersonFound, RuleGroup, RuleLine, WhyView
from app.errors import KnownError
from dialer_core.clock import Clock
from dialer_core.lists.numbers import read_number
from dialer_core.rules.hours import zone_named
from dialer_core.store import why_rules
from dialer_core.store.address import Place
from dialer_core.store.opening import open_database
from dialer_core.store.records import number_parts
from dialer_core.store.why_rules import Answer, Asked, Found, Rule

_NAMES: Final[Mapping[Rule, tuple[str, str]]] = {
    Rule.CAMPAIGN: ("Campaign", "It runs and dials by itself."),
    Rule.LIST: ("List and mix", "The campaign dials from this list."),
    Rule.EXPERIMENT: ("Experiments", "None keeps this person for other hours."),
    Rule.RECORD: ("The record", "It is free and its time has come."),
    Rule.NUMBER: ("1  Number", "It can be dialled."),
    Rule.OWN_LIST: ("2  Your own list", "Not on your do-not-call list."),
    Rule.REGISTERS: ("3  Registers", "On no register that counts, and the copies are fresh."),
    Rule.CONSENT: ("4  Consent and trade", "What the law asks for is on record."),
    Rule.HOURS: ("5  Calling hours", "It is a lawful hour where this person is."),
    Rule.LIMITS: ("6  Attempts", "Fewer calls than the law allows."),
    Rule.LOCKOUTS: ("7  Rests", "No earlier call makes this number rest."),
    Rule.CALLER_ID: ("8  Caller's number", "It may be shown."),
    Rule.COUNTRY: ("Its own country", "The rules of the number's country agree."),
    Rule.SEAT: ("9  Agent", "Asked at the call: one is held where the law wants it."),
    Rule.BUDGET: ("10  Budget", "Asked at the call: it must afford a lost one."),
}
FREE: Final = "Nothing stands against a call; it comes when it is this person's turn."


class WhyDesk(QObject):
    """What the window needs; lives on the GUI thread, works on a thread of its own."""

    found = Signal(object)  # tuple of PersonFound
    answered = Signal(object)  # WhyView
    refused = Signal(str)
    failed = Signal(object)  # a bug

    def __init__(self, path: Place, clock: Clock, region: str = "GB") -> None:
        super().__init__()
        self._path, self._clock, self._region = path, clock, region
        self._asking = Asking("why")
        self._asking.setParent(self)
        self._asking.refused.connect(self.refused)
        self._asking.failed.connect(self.failed)

    @Slot()
    def stop(self) -> None:
        """End the thread."""
        self._asking.stop()

    @Slot(str)
    def search(self, text: str) -> None:
        """`found` follows."""
        self._asking.ask(lambda: self._search(text), self.found.emit)

    @Slot(int)
    def ask(self, contact_id: int) -> None:
        """`answered` follows."""
        self._asking.ask(lambda: self._answer(contact_id), self.answered.emit)

    # --- on the thread ----------------------------------------------------------------------

    def _search(self, text: str) -> tuple[PersonFound, ...]:
        number = read_number(text, self._region).e164
        database = open_database(self._path)
        try:
            with database.reading() as connection:
                return tuple(_person(one) for one in why_rules.search(connection, text, number))
        finally:
            database.close()

    def _answer(self, contact_id: int) -> WhyView:
        now = self._clock.now()
        database = open_database(self._path)
        try:
            with database.reading() as connection:
                whom = why_rules.search(connection, f"#{contact_id}")
                if not whom:
                    raise KnownError("This person is no longer on a list; search again.")
                answer = why_rules.answer(connection, contact_id, now)
                past = why_rules.past(connection, contact_id)
        finally:
            database.close()
        zone = (zone_named(whom[0].zone) if whom[0].zone else None) or ZoneInfo("UTC")
        return why_view(whom[0], answer, past, now.utc, zone)


def why_view(
    whom: Found, answer: Answer, past: list[why_rules.Past], now: datetime, zone: ZoneInfo
) -> WhyView:
    """The answer in words; times by the person's clock in `zone`."""
    groups = [RuleGroup("Before the gate", _lines(answer.person, now, zone))]
    for number in answer.numbers:
        title = " ".join(number_parts(number.e164))
        groups.append(RuleGroup(f"{title} · {number.kind}", _lines(number.asked, now, zone)))
    first = answer.first
    mark: Mark = "pass" if first is None else "wait" if answer.is_possible_at_all else "fail"
    if first is None:
        next_words = "Now."
    elif answer.next_at is None:
        next_words = "Not before somebody changes what stands against it."
    elif answer.next_at <= now:
        next_words = "As soon as that is over."
    else:
        next_words = f"{moment(answer.next_at, now, zone)}, {place_words(zone)}"
    return WhyView(
        _person(whom), mark, FREE if first is None else first.sentence, next_words, tuple(groups),
        tuple(_past(one, now, zone) for one in past),
    )  # fmt: skip


def moment(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """A moment by the clock of a zone: the time alone today, else with its day."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


def place_words(zone: ZoneInfo) -> str:
    """Whose clock it is."""
    return (
        "UTC"
        if zone.key == "UTC"
        else f"their time ({zone.key.rpartition('/')[2]})".replace("_", " ")
    )


def _person(one: Found) -> PersonFound:
    parts = (one.town, one.list_name, one.campaign, one.reference and f"ref. {one.reference}")
    return PersonFound(one.contact_id, one.name, " · ".join(part for part in parts if part))


def _lines(asked: tuple[Asked, ...], now: datetime, zone: ZoneInfo) -> tuple[RuleLine, ...]:
    lines = []
    for one in asked:
        name, passed = _NAMES[one.rule]
        if not one.reasons:
            lines.append(RuleLine(name, "pass", passed))
            continue
        words = " ".join(reason.sentence for reason in one.reasons)
        until = "" if one.until is None else f"from {moment(one.until, now, zone)} on"
        lines.append(RuleLine(name, "wait" if until else "fail", words, until))
    return tuple(lines)


def _past(one: why_rules.Past, now: datetime, zone: ZoneInfo) -> PastLine:
    at = moment(one.at, now, zone)
    if one.code:
        return PastLine(at, "Not called", one.words, is_refusal=True)
    who = f" by {one.agent}" if one.agent else ""
    words = one.words[:1].upper() + one.words[1:]
    note = f" · {one.note}" if one.note else ""
    return PastLine(at, "Called", f"{words}{who}{note}")
