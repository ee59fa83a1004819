"""Conditions of segments as SQLAlchemy expressions on the row of a contact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    JSON,
    ColumnElement,
    Double,
    String,
    and_,
    case,
    cast,
    false,
    func,
    not_,
    or_,
    select,
    true,
    type_coerce,
)

from dialer_core.lists.segments import Check, Condition, Field, Group, Match, Operator
from dialer_core.store.schema import ContactRow
from dialer_core.store.schema.base import Ground

_DIGITS: Final = r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"


def expression(condition: Condition, now: datetime, dialect: str) -> ColumnElement[bool]:
    """The condition on the row of a contact; never NULL, so that "not" is the opposite.

    `dialect`: the name of the database's, since each keeps JSON in its own words.
    """
    if isinstance(condition, Group):
        parts = [expression(one, now, dialect) for one in condition.of]
        if condition.match is Match.ALL or not parts:
            return and_(true(), *parts)
        some = or_(false(), *parts)
        return not_(some) if condition.match is Match.NONE else some
    return _check(condition, now, dialect)


def is_timed(condition: Condition) -> bool:
    """Whether what the condition says of the same row depends on the moment."""
    if isinstance(condition, Group):
        return any(is_timed(one) for one in condition.of)
    return condition.field is Field.LAST_ATTEMPT_H


def _check(check: Check, now: datetime, dialect: str) -> ColumnElement[bool]:
    match check.field:
        case Field.CONSENT:
            has = cast(ContactRow.grounds, String).contains(f'"{Ground.CONSENT.value}"')
            return has if check.value is True else not_(has)
        case Field.LAST_ATTEMPT_H:
            return _age(check, now)
        case Field.ATTEMPTS | Field.PRIORITY:
            return _number(check, _NUMBERS[check.field])
        case Field.LISTED | Field.LAST_CALLED:
            return _day(check)
        case Field.LIST | Field.IMPORT:
            return _id(check)
        case Field.LAST_OUTCOME | Field.STATUS:
            return _word(check)
        case Field.DETAIL:
            value = _detail(check.column, dialect)
            if check.operator in (Operator.LESS, Operator.MORE, Operator.BETWEEN):
                return _number_in_text(check, value, dialect)
            return _text(check, value)
        case Field.ZONE:
            zone = type_coerce(ContactRow.zones, JSON)[0].as_string()
            return _text(check, func.coalesce(zone, ""))
        case _:
            return _text(check, _TEXTS[check.field])


_NUMBERS: Final[Mapping[Field, ColumnElement[int]]] = {
    Field.ATTEMPTS: ContactRow.attempts_count.expression,
    Field.PRIORITY: ContactRow.priority.expression,
}
_TEXTS: Final[Mapping[Field, ColumnElement[str]]] = {
    Field.REGION: ContactRow.region.expression,
    Field.TOWN: ContactRow.town.expression,
    Field.REFERENCE: ContactRow.reference.expression,
}


def values_of(check: Check) -> list[str | int | float]:
    """The value or values that a check compares with."""
    if isinstance(check.value, list):
        return check.value
    assert check.value is not None
    return [check.value]


def _text(check: Check, column: ColumnElement[str]) -> ColumnElement[bool]:
    lower = func.lower(column)
    values = [_low(str(value)) for value in values_of(check)] if check.value is not None else []
    match check.operator:
        case Operator.IS | Operator.IN:
            return lower.in_(values)
        case Operator.IS_NOT:
            return lower.not_in(values)
        case Operator.CONTAINS:
            return lower.contains(values[0], autoescape=True)
        case Operator.STARTS:
            return lower.startswith(values[0], autoescape=True)
        case Operator.EMPTY:
            return func.trim(column) == ""
        case _:
            return func.trim(column) != ""


def _low(text: str) -> str:
    """Small letters as every database makes them: a to z alone."""
    return "".join(chr(ord(one) + 32) if "A" <= one <= "Z" else one for one in text)


def _number(check: Check, column: ColumnElement[int] | ColumnElement[float]) -> ColumnElement[bool]:
    values = [float(value) for value in values_of(check)]
    match check.operator:
        case Operator.IS | Operator.IN:
            return column.in_(values)
        case Operator.IS_NOT:
            return column.not_in(values)
        case Operator.LESS:
            return column < values[0]
        case Operator.MORE:
            return column > values[0]
        case _:
            return column.between(values[0], values[1])


def _age(check: Check, now: datetime) -> ColumnElement[bool]:
    """Hours since the last call, said as moments so that the column stays as it is."""
    column = ContactRow.last_attempt_at
    if check.operator is Operator.EMPTY:
        return column.is_(None)
    if check.operator is Operator.NOT_EMPTY:
        return column.is_not(None)
    moments = [_before(now, float(value)) for value in values_of(check)]
    match check.operator:
        case Operator.LESS:
            told = column > moments[0]
        case Operator.MORE:
            told = column < moments[0]
        case Operator.BETWEEN:
            told = column.between(moments[1], moments[0])
        case Operator.IS_NOT:
            return or_(column.is_(None), column.not_in(moments))
        case _:
            told = column.in_(moments)
    return and_(column.is_not(None), told)


def _day(check: Check) -> ColumnElement[bool]:
    """Days of UTC, said as moments so that the column stays as it is."""
    is_listed = check.field is Field.LISTED
    column: ColumnElement[Any] = (
        ContactRow.created_at.expression if is_listed else ContactRow.last_attempt_at.expression
    )
    if check.operator is Operator.EMPTY:
        return column.is_(None)
    if check.operator is Operator.NOT_EMPTY:
        return column.is_not(None)
    days = [datetime.fromisoformat(str(value)).replace(tzinfo=UTC) for value in values_of(check)]
    begins, ends = days[0], days[-1] + timedelta(days=1)
    match check.operator:
        case Operator.LESS:
            told = column < begins
        case Operator.MORE:
            told = column >= ends
        case _:
            told = and_(column >= begins, column < ends)
    return and_(column.is_not(None), told)


def _before(now: datetime, hours: float) -> datetime:
    most = 24.0 * 365 * 100
    return now - timedelta(hours=min(most, max(-most, hours)))


def _id(check: Check) -> ColumnElement[bool]:
    column = ContactRow.list_id if check.field is Field.LIST else ContactRow.import_id
    values = [int(value) for value in values_of(check)]
    return column.not_in(values) if check.operator is Operator.IS_NOT else column.in_(values)


def _word(check: Check) -> ColumnElement[bool]:
    status = check.field is Field.STATUS
    column = cast(ContactRow.status if status else ContactRow.last_outcome, String)
    if check.operator is Operator.EMPTY:
        return column.is_(None)
    if check.operator is Operator.NOT_EMPTY:
        return column.is_not(None)
    values = [str(value) for value in values_of(check)]
    if check.operator is Operator.IS_NOT:
        return or_(column.is_(None), column.not_in(values))
    return and_(column.is_not(None), column.in_(values))


def _detail(column: str, dialect: str) -> ColumnElement[str]:
    """The value under a heading, "" where the person has no such column."""
    name = _low(column.strip())
    label: ColumnElement[Any]
    value: ColumnElement[Any]
    if dialect == "sqlite":
        pairs = func.json_each(ContactRow.details).table_valued("value", name="pair")
        label, value = (func.json_extract(pairs.c.value, f"$[{n}]") for n in (0, 1))
    else:
        pairs = func.json_array_elements(ContactRow.details).table_valued("value", name="pair")
        label, value = (pairs.c.value.op("->>")(n) for n in (0, 1))
    found = (
        select(type_coerce(value, String))
        .select_from(pairs)
        .where(func.lower(func.trim(label)) == name)
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(found, "")


def _number_in_text(check: Check, column: ColumnElement[str], dialect: str) -> ColumnElement[bool]:
    """A text that is no number is neither less nor more than one."""
    text = func.trim(column)
    if dialect == "sqlite":
        # A text of another shape would be read as far as it is a number.
        digits = func.replace(func.ltrim(text, "-"), ".", "")
        is_number = and_(
            digits != "",
            digits.op("NOT GLOB")("*[^0-9]*"),
            func.length(text) - func.length(func.replace(text, ".", "")) <= 1,
            func.length(text) - func.length(func.replace(text, "-", "")) <= 1,
        )
    else:
        is_number = text.regexp_match(_DIGITS)
    value = case((is_number, cast(text, Double)), else_=None)
    return and_(is_number, func.coalesce(_number(check, value), false()))
