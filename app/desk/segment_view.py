"""What the window of segments shows and what a person builds there: conditions and plain values.

The conditions are those of the core, so that what is built is what is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dialer_core.lists import segments
from dialer_core.lists.segments import (
    DEEPEST,
    EVERYBODY,
    MOST_CHECKS,
    SORTS,
    Check,
    Condition,
    Field,
    Group,
    Match,
    Operator,
    Sort,
    Value,
)

__all__ = [
    "DEEPEST",
    "EVERYBODY",
    "MATCHES",
    "MOST_CHECKS",
    "OUTCOME_WORDS",
    "SORTS",
    "Check",
    "Condition",
    "CountView",
    "Field",
    "FieldView",
    "Group",
    "Match",
    "Operator",
    "PersonView",
    "SavedSegment",
    "SegmentOffer",
    "Sort",
    "Value",
    "count_words",
    "fields",
    "fresh_check",
    "operators",
    "problem",
    "read_out",
    "trouble",
]

MATCHES: Final = (
    (Match.ALL, "All of these hold"),
    (Match.ANY, "Any of these holds"),
    (Match.NONE, "None of these holds"),
)
OUTCOME_WORDS: Final[Mapping[str, str]] = {
    "NO_ANSWER": "No answer",
    "BUSY": "Busy",
    "NOT_AT_HOME": "Not at home",
    "ANSWER_MACHINE_AGENT": "Machine, by the agent",
    "ANSWER_MACHINE_AMD": "Machine, as detected",
    "SHORT_HANGUP": "Hung up at once",
    "CALLEE_DECLINED_CALL": "Declined",
    "ABANDONED": "Nobody was free",
    "CONNECTED": "Spoke with an agent",
    "SUCCESS": "Success",
    "CALL_BACK": "Call back",
    "REFUSED_NOT_INTERESTED": "Not interested",
    "DNC_REQUEST": "Never again",
    "UNWANTED": "Unwanted, says their network",
    "MESSAGE_HEARD": "Heard the message",
    "TEMP_UNAVAILABLE": "Out of reach for now",
    "WRONG_NUMBER": "Wrong number",
    "INVALID_NUMBER": "No such number",
    "INVALID_FORMAT": "Cannot be dialled",
    "REDIRECTED": "Redirected",
    "FAX_MODEM": "Fax or modem",
    "DESTINATION_FAULT": "Their line is faulty",
    "CARRIER_REJECT": "Refused by our carrier",
    "NETWORK_CONGESTION": "Network is full",
    "NETWORK_FAILURE": "Network fault",
    "NO_PROGRESS": "Nothing was heard",
    "CARRIER_TIMEOUT": "Carrier did not answer",
    "AUTH_FAIL": "Carrier did not know us",
    "CODEC_MISMATCH": "No common sound format",
    "ROUTING_ERROR": "Wrong route",
    "PROTOCOL_ERROR": "Misunderstood",
    "DIALLER_CANCELLED": "Taken back by us",
    "LINE_LOST": "Our line was lost",
}
STATUS_WORDS: Final[Mapping[str, str]] = {
    "fresh": "Never called",
    "waiting": "To be called again",
    "call_back": "Promised a call",
    "uncoded": "Outcome not said yet",
    "held": "Held back by the rules",
    "closed": "Done with",
}
_FIELD_WORDS: Final[Mapping[Field, str]] = {
    Field.LIST: "List",
    Field.IMPORT: "Import",
    Field.STATUS: "Status",
    Field.LAST_OUTCOME: "Last outcome",
    Field.ATTEMPTS: "Calls so far",
    Field.LAST_ATTEMPT_H: "Last call",
    Field.LAST_CALLED: "Day of the last call",
    Field.LISTED: "Came in on",
    Field.PRIORITY: "Priority",
    Field.TOWN: "Town",
    Field.REGION: "Country",
    Field.ZONE: "Time zone",
    Field.REFERENCE: "Your reference",
    Field.CONSENT: "Has given consent",
}
_UNITS: Final[Mapping[Field, str]] = {
    Field.ATTEMPTS: "calls",
    Field.LAST_ATTEMPT_H: "hours ago",
}
_OPEN: Final = frozenset({Field.REGION, Field.ZONE})  # choices in use, and others may be typed


@dataclass(frozen=True, slots=True)
class FieldView:
    """Something that can be asked. `column`: a list's heading; `unit` follows a number.

    `choices`: values with their words; where `is_open`, others can be typed too.
    """

    field: Field
    words: str
    column: str = ""
    unit: str = ""
    choices: tuple[tuple[str | int, str], ...] = ()
    is_open: bool = False

    @property
    def key(self) -> tuple[Field, str]:
        """What tells it from the others."""
        return self.field, self.column


@dataclass(frozen=True, slots=True)
class SavedSegment:
    """A segment that has a name; `is_used`: the campaign's mix takes people from it."""

    id: int
    name: str
    condition: Condition
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class SegmentOffer:
    """A campaign's segments and what its lists let ask; `campaigns`: ids and names of all."""

    campaigns: tuple[tuple[int, str], ...]
    campaign_id: int | None = None
    fields: tuple[FieldView, ...] = ()
    segments: tuple[SavedSegment, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonView:
    """One of whom a condition finds."""

    name: str
    town: str
    list_name: str
    status: str
    calls: str


@dataclass(frozen=True, slots=True)
class CountView:
    """How many a condition finds; `low` to `high` with 95 % where it was sampled."""

    condition: Condition
    count: int
    of: int
    low: int
    high: int
    is_sampled: bool
    people: tuple[PersonView, ...] = ()


def fields(
    lists: Sequence[tuple[int, str]],
    imports: Sequence[tuple[int, str]],
    regions: Sequence[str],
    zones: Sequence[str],
    headings: Sequence[str],
) -> tuple[FieldView, ...]:
    """What can be asked of a campaign's people, in the order of the builder's list."""
    choices: dict[Field, Sequence[tuple[str | int, str]]] = {
        Field.LIST: lists,
        Field.IMPORT: imports,
        Field.STATUS: tuple(STATUS_WORDS.items()),
        Field.LAST_OUTCOME: tuple(OUTCOME_WORDS.items()),
        Field.REGION: [(region, region) for region in regions],
        Field.ZONE: [(zone, zone.replace("_", " ")) for zone in zones],
    }
    own = tuple(
        FieldView(
            field,
            words,
            unit=_UNITS.get(field, ""),
            choices=tuple(choices.get(field, ())),
            is_open=field in _OPEN,
        )
        for field, words in _FIELD_WORDS.items()
    )
    return own + tuple(FieldView(Field.DETAIL, name, name) for name in headings)


def operators(of: FieldView) -> tuple[tuple[Operator, str], ...]:
    """What can be asked of the field, with the words that stand between it and a value."""
    is_count = of.field is Field.LAST_ATTEMPT_H
    return tuple(
        (one, _HOURS[one] if is_count and one in _HOURS else segments.said_of(of.field, one))
        for one in segments.operators(of.field)
        if not (is_count and one in (Operator.IS, Operator.IS_NOT, Operator.IN))
    )


_HOURS: Final[Mapping[Operator, str]] = {
    Operator.LESS: "was less than",
    Operator.MORE: "was more than",
    Operator.BETWEEN: "was between",
    Operator.EMPTY: "was never",
    Operator.NOT_EMPTY: "was at some time",
}


def fresh_check(of: FieldView, operator: Operator | None = None, today: str = "") -> Check:
    """A check of that field as it is first shown: complete where a choice makes it so."""
    how = operator or operators(of)[0][0]
    value: Value = None
    if how in (Operator.EMPTY, Operator.NOT_EMPTY):
        value = None
    elif SORTS[of.field] is Sort.TRUTH:
        value = True
    elif SORTS[of.field] is Sort.DATE:
        value = [today, today] if how is Operator.BETWEEN else today
    elif how is Operator.BETWEEN:
        value = [0, 1]
    elif how is Operator.IN:
        value = [of.choices[0][0]] if of.choices else []
    elif SORTS[of.field] is Sort.NUMBER or how in (Operator.LESS, Operator.MORE):
        value = 1
    elif of.choices:
        value = of.choices[0][0]
    else:
        value = ""
    return Check(of.field, how, value, of.column)


def problem(check: Check) -> str:
    """What is wrong with one check, in a sentence; empty where nothing is."""
    sentence = next(iter(segments.problems(check)), "")
    words = _FIELD_WORDS.get(check.field, "")
    return sentence.replace(f"“{segments.name_of(check)}”", f"“{words}”") if words else sentence


def trouble(condition: Condition) -> str:
    """What is wrong with the whole; empty where nothing is."""
    return next(iter(segments.problems(condition)), "")


def read_out(condition: Condition) -> str:
    """The condition as it is read out."""
    return segments.words(condition)


def count_words(count: CountView) -> str:
    """ "1,204 of 2,000 people", or "about 12,400 of 100,000 people" to three figures."""
    people = "person" if count.of == 1 else "people"
    if not count.is_sampled:
        return f"{count.count:,} of {count.of:,} {people}"
    step = 10 ** max(0, len(str(count.count)) - 3)
    return f"about {round(count.count / step) * step:,} of {count.of:,} {people}"
