"""Conditions drawn by hypothesis, and what they mean, said a second time in plain Python."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import strategies as st

from dialer_core.lists.segments import (
    SORTS,
    Check,
    Condition,
    Field,
    Group,
    Match,
    Operator,
    Sort,
    operators,
)
from dialer_core.model.states import Outcome

WORDS = ("Leeds", "leeds", "LEE", "York", "50%", "a_b", "Ålesund", "12", "-3.5", "1.2.3", "to May")
COLUMNS = ("Contract", "contract ", "Since")
DAYS = ("2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04")
_NUMBERS = st.integers(-5, 50) | st.floats(-5, 50, allow_nan=False).map(lambda one: round(one, 1))
_OUTCOMES = (Outcome.NO_ANSWER.value, Outcome.BUSY.value)
_STATUSES = ("fresh", "waiting", "closed")


@dataclass(frozen=True)
class Known:
    """What a condition can ask of a person."""

    list_id: int = 1
    import_id: int = 1
    region: str = "GB"
    zones: Sequence[str] = ()
    town: str = ""
    reference: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 0
    last_outcome: str | None = None
    last_attempt_at: datetime | None = None
    created_at: datetime | None = None
    priority: int = 0
    has_consent: bool = False
    status: str = "fresh"


def _value(of: Field) -> st.SearchStrategy[str | int | float]:
    if of in (Field.LIST, Field.IMPORT):
        return st.integers(1, 3)
    if of is Field.LAST_OUTCOME:
        return st.sampled_from(_OUTCOMES)
    if of is Field.STATUS:
        return st.sampled_from(_STATUSES)
    if of in (Field.ATTEMPTS, Field.PRIORITY, Field.LAST_ATTEMPT_H):
        return _NUMBERS
    return st.sampled_from(WORDS)


@st.composite
def checks(draw: st.DrawFn) -> Check:
    """Any check that makes sense."""
    of = draw(st.sampled_from(list(Field)))
    how = draw(st.sampled_from(operators(of)))
    column = draw(st.sampled_from(COLUMNS)) if of is Field.DETAIL else ""
    if how in (Operator.EMPTY, Operator.NOT_EMPTY):
        return Check(of, how, None, column)
    if of is Field.CONSENT:
        return Check(of, how, draw(st.booleans()), column)
    if how is Operator.BETWEEN and SORTS[of] is Sort.DATE:
        return Check(of, how, sorted(draw(st.tuples(*2 * [st.sampled_from(DAYS)]))))
    if how is Operator.BETWEEN:
        return Check(of, how, sorted(draw(st.tuples(_NUMBERS, _NUMBERS))), column)
    if SORTS[of] is Sort.DATE:
        return Check(of, how, draw(st.sampled_from(DAYS)))
    if how in (Operator.LESS, Operator.MORE):
        return Check(of, how, draw(_NUMBERS), column)
    if how is Operator.IN:
        return Check(of, how, draw(st.lists(_value(of), min_size=1, max_size=3)), column)
    return Check(of, how, draw(_value(of)), column)


def conditions() -> st.SearchStrategy[Condition]:
    """Groups of checks within groups."""
    inner: st.SearchStrategy[Condition] = checks()
    for _ in range(2):
        inner = inner | st.builds(
            Group, st.sampled_from(Match), st.lists(inner, max_size=3).map(tuple)
        )
    return inner


@st.composite
def people(draw: st.DrawFn, moments: Sequence[datetime]) -> Known:
    """A person, of whom some things are not known."""
    words = st.sampled_from(("", *WORDS))
    details = draw(st.dictionaries(st.sampled_from(("Contract", "Since")), words, max_size=2))
    return Known(
        list_id=draw(st.integers(1, 2)),
        import_id=draw(st.integers(1, 2)),
        region=draw(st.sampled_from(("GB", "gb-sct", ""))),
        zones=draw(st.sampled_from(((), ("Leeds",), ("York", "Leeds")))),
        town=draw(words),
        reference=draw(words),
        details=details,
        attempts=draw(st.integers(0, 6)),
        last_outcome=draw(st.sampled_from((None, *_OUTCOMES))),
        last_attempt_at=draw(st.sampled_from((None, *moments))),
        created_at=draw(st.sampled_from(moments)),
        priority=draw(st.integers(-1, 3)),
        has_consent=draw(st.booleans()),
        status=draw(st.sampled_from(_STATUSES)),
    )


def holds(condition: Condition, known: Known, now: datetime) -> bool:
    """What the condition means."""
    if isinstance(condition, Group):
        answers = [holds(one, known, now) for one in condition.of]
        if condition.match is Match.NONE:
            return not any(answers)
        return all(answers) if condition.match is Match.ALL or not answers else any(answers)
    return _holds(condition, known, now)


def _holds(check: Check, known: Known, now: datetime) -> bool:
    values = check.value if isinstance(check.value, list) else [check.value]
    match check.field:
        case Field.CONSENT:
            return known.has_consent is check.value
        case Field.LIST | Field.IMPORT:
            own = known.list_id if check.field is Field.LIST else known.import_id
            return (own in values) is (check.operator is not Operator.IS_NOT)
        case Field.STATUS | Field.LAST_OUTCOME:
            word = known.status if check.field is Field.STATUS else known.last_outcome
            if check.operator in (Operator.EMPTY, Operator.NOT_EMPTY):
                return (word is None) is (check.operator is Operator.EMPTY)
            return (word in values) is (check.operator is not Operator.IS_NOT)
        case Field.ATTEMPTS:
            return _compares(check, known.attempts)
        case Field.PRIORITY:
            return _compares(check, known.priority)
        case Field.LAST_ATTEMPT_H:
            at = known.last_attempt_at
            if check.operator in (Operator.EMPTY, Operator.NOT_EMPTY):
                return (at is None) is (check.operator is Operator.EMPTY)
            if at is None:
                return check.operator is Operator.IS_NOT
            return _compares(check, (now - at).total_seconds() / 3600)
        case Field.LISTED | Field.LAST_CALLED:
            at = known.created_at if check.field is Field.LISTED else known.last_attempt_at
            return _is_on_day(check, at)
        case _:
            return _is_text(check, known)


def _is_on_day(check: Check, at: datetime | None) -> bool:
    if check.operator in (Operator.EMPTY, Operator.NOT_EMPTY):
        return (at is None) is (check.operator is Operator.EMPTY)
    if at is None:
        return False
    own = at.date().isoformat()
    match check.operator:
        case Operator.LESS:
            return own < str(check.value)
        case Operator.MORE:
            return own > str(check.value)
        case Operator.BETWEEN:
            assert isinstance(check.value, list)
            return str(check.value[0]) <= own <= str(check.value[1])
        case _:
            return own == check.value


def _compares(check: Check, own: float) -> bool:
    values = check.value if isinstance(check.value, list) else [check.value]
    numbers = [float(str(value)) for value in values]
    match check.operator:
        case Operator.LESS:
            return own < numbers[0]
        case Operator.MORE:
            return own > numbers[0]
        case Operator.BETWEEN:
            return numbers[0] <= own <= numbers[1]
        case Operator.IS_NOT:
            return own not in numbers
        case _:
            return own in numbers


def _is_text(check: Check, known: Known) -> bool:
    own = {
        Field.REGION: known.region,
        Field.ZONE: known.zones[0] if known.zones else "",
        Field.TOWN: known.town,
        Field.REFERENCE: known.reference,
        Field.DETAIL: known.details.get(check.column.strip().capitalize(), ""),
    }[check.field]
    match check.operator:
        case Operator.EMPTY:
            return not own.strip()
        case Operator.NOT_EMPTY:
            return bool(own.strip())
        case Operator.LESS | Operator.MORE | Operator.BETWEEN:
            is_number = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", own.strip()) is not None
            return is_number and _compares(check, float(own))
    values = check.value if isinstance(check.value, list) else [check.value]
    low, others = _low(own), [_low(str(value)) for value in values]
    match check.operator:
        case Operator.CONTAINS:
            return others[0] in low
        case Operator.STARTS:
            return low.startswith(others[0])
        case Operator.IS_NOT:
            return low not in others
        case _:
            return low in others


def _low(text: str) -> str:
    return re.sub("[A-Z]", lambda found: found.group().lower(), text)
