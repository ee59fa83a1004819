"""Segments: conditions on people, as data; what may be asked of which field, and the words for it.

A condition is a check of one field or a group of conditions of which all, any or none must hold. It
goes through JSON and back unchanged; how it is asked of a database is none of its business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from dialer_core.model.errors import KnownError
from dialer_core.model.states import Outcome

DEEPEST: Final = 6  # groups within groups
MOST_CHECKS: Final = 60
LONGEST: Final = 200  # characters of a text that is looked for
MOST_VALUES: Final = 200
STATUSES: Final = ("fresh", "waiting", "call_back", "uncoded", "held", "closed")


class Field(StrEnum):
    """What can be asked of a person; saved by value."""

    LIST = "list"  # its id
    IMPORT = "import"  # its id
    REGION = "region"
    ZONE = "zone"  # the likeliest
    TOWN = "town"
    REFERENCE = "reference"
    DETAIL = "detail"  # any other column of the list, by its heading
    ATTEMPTS = "attempts"
    LAST_OUTCOME = "last_outcome"
    LAST_ATTEMPT_H = "last_attempt_h"  # hours since the last call; empty: never called
    PRIORITY = "priority"
    CONSENT = "consent"
    STATUS = "status"
    LISTED = "listed"  # the day on which they came in, in UTC
    LAST_CALLED = "last_called"  # the day of the last call, in UTC; empty: never called


class Operator(StrEnum):
    """How a field is compared; saved by value."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    STARTS = "starts"
    LESS = "less"  # of a day: before it
    MORE = "more"  # of a day: after it
    BETWEEN = "between"  # both ends belong to it
    IN = "in"
    EMPTY = "empty"
    NOT_EMPTY = "not_empty"


class Sort(StrEnum):
    """Of which sort a field's values are."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"  # one of a few words or ids
    TRUTH = "truth"
    DATE = "date"  # "2026-03-01"


class Match(StrEnum):
    """How many of a group must hold; saved by value."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


Value = str | int | float | bool | list[str | int | float] | None


class Check(
    msgspec.Struct, frozen=True, tag="check", omit_defaults=True, forbid_unknown_fields=True
):
    """One field compared with a value. `column`: the heading of a detail.

    Texts are compared without regard to the case of the letters a to z.
    """

    field: Field
    operator: Operator
    value: Value = None
    column: str = ""


class Group(
    msgspec.Struct, frozen=True, tag="group", omit_defaults=True, forbid_unknown_fields=True
):
    """Conditions of which all, any or none must hold; an empty group holds for everybody."""

    match: Match = Match.ALL
    of: tuple[Group | Check, ...] = ()


Condition = Group | Check
EVERYBODY: Final = Group()

SORTS: Final[Mapping[Field, Sort]] = {
    Field.LIST: Sort.CHOICE,
    Field.IMPORT: Sort.CHOICE,
    Field.REGION: Sort.TEXT,
    Field.ZONE: Sort.TEXT,
    Field.TOWN: Sort.TEXT,
    Field.REFERENCE: Sort.TEXT,
    Field.DETAIL: Sort.TEXT,
    Field.ATTEMPTS: Sort.NUMBER,
    Field.LAST_OUTCOME: Sort.CHOICE,
    Field.LAST_ATTEMPT_H: Sort.NUMBER,
    Field.PRIORITY: Sort.NUMBER,
    Field.CONSENT: Sort.TRUTH,
    Field.STATUS: Sort.CHOICE,
    Field.LISTED: Sort.DATE,
    Field.LAST_CALLED: Sort.DATE,
}
CAN_BE_EMPTY: Final = frozenset(
    {
        Field.REGION,
        Field.ZONE,
        Field.TOWN,
        Field.REFERENCE,
        Field.DETAIL,
        Field.LAST_OUTCOME,
        Field.LAST_ATTEMPT_H,
        Field.LAST_CALLED,
    }
)
_IDS: Final = frozenset({Field.LIST, Field.IMPORT})
_WORDS_OF: Final[Mapping[Field, frozenset[str]]] = {
    Field.LAST_OUTCOME: frozenset(one.value for one in Outcome),
    Field.STATUS: frozenset(STATUSES),
}
_EMPTY: Final = frozenset({Operator.EMPTY, Operator.NOT_EMPTY})
_OF_SORT: Final[Mapping[Sort, tuple[Operator, ...]]] = {
    Sort.TEXT: (
        Operator.IS,
        Operator.IS_NOT,
        Operator.CONTAINS,
        Operator.STARTS,
        Operator.IN,
    ),
    Sort.NUMBER: (
        Operator.IS,
        Operator.IS_NOT,
        Operator.LESS,
        Operator.MORE,
        Operator.BETWEEN,
        Operator.IN,
    ),
    Sort.CHOICE: (Operator.IS, Operator.IS_NOT, Operator.IN),
    Sort.TRUTH: (Operator.IS,),
    Sort.DATE: (Operator.IS, Operator.LESS, Operator.MORE, Operator.BETWEEN),
}
# A column of a list holds texts that may be numbers.
_OF_DETAIL: Final = (Operator.LESS, Operator.MORE, Operator.BETWEEN)


def operators(field: Field) -> tuple[Operator, ...]:
    """What can be asked of the field, in the order in which a builder shows it."""
    found = _OF_SORT[SORTS[field]]
    if field is Field.DETAIL:
        found = (*found, *_OF_DETAIL)
    if field in CAN_BE_EMPTY:
        found = (*found, Operator.EMPTY, Operator.NOT_EMPTY)
    return found


def read(stored: object) -> Condition:
    """A condition from what JSON gave (or its text); KnownError says what is wrong with it."""
    try:
        if isinstance(stored, str | bytes):
            found: Condition = msgspec.json.decode(stored, type=Condition)
        else:
            found = msgspec.convert(stored, Condition)
    except msgspec.DecodeError as problem:  # a ValidationError is one too
        raise KnownError(f"This condition cannot be read: {problem}.") from problem
    return checked(found)


def to_store(condition: Condition) -> dict[str, object]:
    """What `read` reads, of plain values."""
    return msgspec.json.decode(msgspec.json.encode(checked(condition)), type=dict[str, object])


def checked(condition: Condition) -> Condition:
    """The condition itself; KnownError with a sentence for the first thing that is wrong."""
    for problem in problems(condition):
        raise KnownError(problem)
    return condition


def problems(condition: Condition) -> list[str]:
    """All that is wrong with a condition, in sentences, in the order of its checks."""
    found: list[str] = []
    if _depth(condition) > DEEPEST:
        found.append(f"Groups may lie within groups {DEEPEST} deep, not deeper.")
    every = list(checks(condition))
    if len(every) > MOST_CHECKS:
        found.append(f"A condition may have {MOST_CHECKS} checks; this one has {len(every)}.")
    for check in every:
        problem = _problem(check)
        if problem:
            found.append(problem)
    return found


def checks(condition: Condition) -> Iterator[Check]:
    """The checks of a condition from left to right."""
    if isinstance(condition, Check):
        yield condition
        return
    for one in condition.of:
        yield from checks(one)


def words(condition: Condition) -> str:
    """The condition as it is read out; everybody: an empty group."""
    if isinstance(condition, Check):
        return _test_words(condition)
    if not condition.of:
        return "everybody"
    joint = " and " if condition.match is Match.ALL else " or "
    said = joint.join(
        f"({words(one)})" if isinstance(one, Group) and len(one.of) > 1 else words(one)
        for one in condition.of
    )
    return f"not ({said})" if condition.match is Match.NONE else said


def name_of(check: Check) -> str:
    """The field as it is shown."""
    if check.field is Field.DETAIL:
        return check.column or "a column"
    return _NAMES.get(check.field, check.field.value.replace("_", " "))


_NAMES: Final[Mapping[Field, str]] = {
    Field.ZONE: "time zone",
    Field.LAST_ATTEMPT_H: "hours since the last call",
    Field.LISTED: "day of coming in",
    Field.LAST_CALLED: "day of the last call",
}
_SAID: Final[Mapping[Operator, str]] = {
    Operator.IS: "is",
    Operator.IS_NOT: "is not",
    Operator.CONTAINS: "contains",
    Operator.STARTS: "starts with",
    Operator.LESS: "is less than",
    Operator.MORE: "is more than",
    Operator.BETWEEN: "is between",
    Operator.IN: "is one of",
    Operator.EMPTY: "is empty",
    Operator.NOT_EMPTY: "is not empty",
}


def said_of(field: Field, operator: Operator) -> str:
    """The operator as it is read out of that field."""
    if SORTS[field] is Sort.DATE and operator in _SAID_OF_DAYS:
        return _SAID_OF_DAYS[operator]
    return _SAID[operator]


_SAID_OF_DAYS: Final[Mapping[Operator, str]] = {
    Operator.LESS: "is before",
    Operator.MORE: "is after",
}


def _test_words(check: Check) -> str:
    said = f"{name_of(check)} {said_of(check.field, check.operator)}"
    if check.operator in _EMPTY:
        return said
    if isinstance(check.value, list):
        joint = " and " if check.operator is Operator.BETWEEN else ", "
        return f"{said} {joint.join(_value_words(one) for one in check.value)}"
    return f"{said} {_value_words(check.value)}"


def _value_words(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return f"“{value}”" if isinstance(value, str) else str(value)


def _depth(condition: Condition) -> int:
    if isinstance(condition, Check) or not condition.of:
        return 0
    return 1 + max(_depth(one) for one in condition.of)


def _problem(check: Check) -> str:
    name = name_of(check)
    if check.field is Field.DETAIL and not check.column.strip():
        return "Choose which column of the list is asked."
    if check.field is not Field.DETAIL and check.column:
        return f"“{name}” is no column of the list; leave the column's heading out."
    if check.operator not in operators(check.field):
        return (
            f"“{name}” cannot be asked whether it {said_of(check.field, check.operator)} something."
        )
    if check.operator in _EMPTY:
        return "" if check.value is None else f"Whether “{name}” is empty needs no value."
    if check.operator is Operator.IN:
        return _many_problem(check, name)
    if check.operator is Operator.BETWEEN:
        return _between_problem(check, name)
    return _value_problem(check, check.value, name)


def _many_problem(check: Check, name: str) -> str:
    if not isinstance(check.value, list) or not check.value:
        return f"Give at least one value that “{name}” may have."
    if len(check.value) > MOST_VALUES:
        return f"“{name}” may be compared with {MOST_VALUES} values, not with more."
    problems = (_value_problem(check, one, name) for one in check.value)
    return next((problem for problem in problems if problem), "")


def _between_problem(check: Check, name: str) -> str:
    ends = check.value
    if SORTS[check.field] is Sort.DATE:
        return _days_problem(ends, name)
    if not isinstance(ends, list) or len(ends) != 2 or not all(_is_number(end) for end in ends):
        return f"“{name}” needs two numbers to lie between."
    low, high = ends
    return "" if float(low) <= float(high) else f"“{name}” lies between nothing: {low} and {high}."


def _days_problem(ends: Value, name: str) -> str:
    if not isinstance(ends, list) or len(ends) != 2 or not all(_is_day(end) for end in ends):
        return f"“{name}” needs two days to lie between."
    first, last = (str(end) for end in ends)  # as texts they sort as days do
    return "" if first <= last else f"“{name}” lies between nothing: {first} and {last}."


def _value_problem(check: Check, value: Value, name: str) -> str:
    if SORTS[check.field] is Sort.DATE:
        return "" if _is_day(value) else f"“{name}” is compared with a day, as 2026-03-01."
    if check.operator in (Operator.LESS, Operator.MORE) or SORTS[check.field] is Sort.NUMBER:
        return "" if _is_number(value) else f"“{name}” is compared with a number."
    if check.field in _IDS:
        is_id = isinstance(value, int) and not isinstance(value, bool) and value > 0
        return "" if is_id else f"Choose a {check.field.value} that there is."
    if SORTS[check.field] is Sort.TRUTH:
        return "" if isinstance(value, bool) else f"“{name}” is yes or no."
    if not isinstance(value, str):
        return f"“{name}” is compared with a text."
    if check.field in _WORDS_OF:
        return "" if value in _WORDS_OF[check.field] else f"“{name}” is never “{value[:40]}”."
    if not value.strip():
        return f"Give the text that “{name}” is compared with, or ask whether it is empty."
    if len(value) > LONGEST:
        return f"The text for “{name}” is too long; {LONGEST} characters are enough."
    return "" if "\0" not in value else f"The text for “{name}” holds a sign that no list has."


def _is_day(value: object) -> bool:
    if not isinstance(value, str) or len(value) != len("2026-03-01"):
        return False
    try:
        return date.fromisoformat(value) < date.max  # the day after it is asked for
    except ValueError:
        return False


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -1e12 <= value <= 1e12  # no NaN, no infinity
