"""Penetration of a campaign's lists, imports and segments: one query over records, one over
numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from dialer_core.clock import Instant
from dialer_core.kpi.penetration import ListCounts, Penetration, penetration
from dialer_core.lists.segments import EVERYBODY, Condition
from dialer_core.model.states import Direction
from dialer_core.rules.outcomes import NO_CONTACT
from dialer_core.store import segments
from dialer_core.store.conditions import expression
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AttemptRow,
    ContactListRow,
    ContactNumberRow,
    ContactRow,
    ListImportRow,
)
from dialer_core.store.schema.base import ContactStatus


class By(StrEnum):
    """What records are put together by."""

    LIST = "list"
    IMPORT = "import"
    SEGMENT = "segment"


@dataclass(frozen=True, slots=True)
class GroupPenetration:
    """One list, import or segment with its counts and the four figures."""

    by: By
    id: int
    name: str
    counts: ListCounts
    penetration: Penetration


def by_list(connection: Connection, campaign_id: int) -> list[GroupPenetration]:
    """Each list of the campaign, in the order in which they were made."""
    names = {
        row.id: row.name
        for row in connection.execute(
            select(ContactListRow.id, ContactListRow.name)
            .where(ContactListRow.campaign_id == campaign_id)
            .order_by(ContactListRow.id)
        )
    }
    found = _grouped(connection, ContactRow.list_id, ContactRow.campaign_id == campaign_id)
    return _as_groups(By.LIST, names.items(), found)


def by_import(connection: Connection, campaign_id: int) -> list[GroupPenetration]:
    """Each import into the campaign's lists, in their order; named by file and day."""
    rows = connection.execute(
        select(ListImportRow.id, ListImportRow.source, ListImportRow.at)
        .join(ContactListRow, ContactListRow.id == ListImportRow.list_id)
        .where(ContactListRow.campaign_id == campaign_id)
        .order_by(ListImportRow.id)
    )
    names = [(row.id, f"{row.source or 'without a file'}, {row.at:%d %b %Y}") for row in rows]
    found = _grouped(connection, ContactRow.import_id, ContactRow.campaign_id == campaign_id)
    return _as_groups(By.IMPORT, names, found)


def by_segment(connection: Connection, campaign_id: int, now: Instant) -> list[GroupPenetration]:
    """Each saved segment of the campaign by name; a person may be in several."""
    return [
        _group(
            By.SEGMENT,
            one.id,
            one.name,
            _of_condition(connection, campaign_id, one.condition, now),
        )
        for one in segments.saved(connection, campaign_id)
    ]


def of_condition(
    connection: Connection, campaign_id: int, condition: Condition, now: Instant
) -> Penetration:
    """The figures of the people who meet a condition, saved or not."""
    return penetration(_of_condition(connection, campaign_id, condition, now))


def of_campaign(connection: Connection, campaign_id: int, now: Instant) -> Penetration:
    """The figures of everybody on the campaign's lists."""
    return of_condition(connection, campaign_id, EVERYBODY, now)


def _of_condition(
    connection: Connection, campaign_id: int, condition: Condition, now: Instant
) -> ListCounts:
    fits = expression(condition, now.utc, connection.dialect.name)
    own = and_(ContactRow.campaign_id == campaign_id, fits)
    found = _grouped(connection, ContactRow.campaign_id, own)
    return found.get(campaign_id, ListCounts())


def _grouped(
    connection: Connection, key: Any, condition: ColumnElement[bool]
) -> dict[int, ListCounts]:
    def number_of(met: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((met, 1), else_=0)), 0)

    records = connection.execute(
        select(
            key.label("key"),
            func.count().label("records"),
            number_of(ContactRow.attempts_count > 0).label("attempted"),
            number_of(ContactRow.status == ContactStatus.CLOSED).label("finalised"),
            func.coalesce(func.sum(ContactRow.attempts_count), 0).label("attempts"),
        )
        .where(condition)
        .group_by(key)
    ).all()
    numbers = {row.key: row for row in connection.execute(_numbers(key, condition))}
    return {row.key: _counts(row, numbers.get(row.key)) for row in records}


def _numbers(key: Any, condition: ColumnElement[bool]) -> Any:
    tried = select(AttemptRow.number_id).where(
        AttemptRow.direction == Direction.OUT,
        or_(AttemptRow.outcome.is_(None), AttemptRow.outcome.not_in(sorted(NO_CONTACT))),
    )
    was_tried = case((ContactNumberRow.id.in_(tried), 1), else_=0)
    return (
        select(
            key.label("key"),
            func.count().label("numbers"),
            func.coalesce(func.sum(was_tried), 0).label("tried"),
        )
        .join(ContactNumberRow, ContactNumberRow.contact_id == ContactRow.id)
        .where(condition)
        .group_by(key)
    )


def _counts(row: AnyRow, numbers: AnyRow | None) -> ListCounts:
    return ListCounts(
        records=int(row.records),
        attempted=int(row.attempted),
        finalised=int(row.finalised),
        attempts=int(row.attempts),
        numbers=0 if numbers is None else int(numbers.numbers),
        numbers_attempted=0 if numbers is None else int(numbers.tried),
    )


def _as_groups(
    by: By, names: Iterable[tuple[int, str]], found: dict[int, ListCounts]
) -> list[GroupPenetration]:
    return [_group(by, key, name, found.get(key, ListCounts())) for key, name in names]


def _group(by: By, key: int, name: str, counts: ListCounts) -> GroupPenetration:
    return GroupPenetration(by, key, name, counts, penetration(counts))
