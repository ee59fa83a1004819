"""Segments in the database: how many people meet a condition, and the saved ones."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, case, delete, func, insert, select, update

from dialer_core.clock import Instant
from dialer_core.lists import segments
from dialer_core.lists.segments import Condition, Field
from dialer_core.model.errors import KnownError
from dialer_core.store import audit
from dialer_core.store.conditions import expression, values_of
from dialer_core.store.rows import insert_one
from dialer_core.store.schema import ContactListRow, ContactRow, MixSourceRow, SegmentRow

EXACT_UP_TO: Final = 20_000  # contacts that are counted one by one: some 30 ms
SAMPLE: Final = 4_000  # of a longer list
Z95: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Count:
    """How many people meet a condition: between `low` and `high` (95 %) where it was sampled."""

    count: int
    of: int
    low: int
    high: int
    is_sampled: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A saved segment."""

    id: int
    campaign_id: int
    name: str
    condition: Condition


# --- the live count ---------------------------------------------------------------------------


def count(
    connection: Connection, campaign_id: int, condition: Condition, now: datetime, seed: int = 0
) -> Count:
    """How many people of the campaign's lists meet the condition, at once.

    Up to `EXACT_UP_TO` people are asked one by one; of more a random sample of `SAMPLE` by their
    ids, so the answer takes as long for a million. `low` and `high`: Wilson's interval.
    """
    segments.checked(condition)
    fits = expression(condition, now, connection.dialect.name)
    own = ContactRow.campaign_id == campaign_id
    of = connection.scalar(select(func.count()).select_from(ContactRow).where(own)) or 0
    if of <= EXACT_UP_TO:
        exact = connection.scalar(select(func.count()).select_from(ContactRow).where(own, fits))
        return Count(exact or 0, of, exact or 0, exact or 0, is_sampled=False)
    asked, met = _sample(connection, own, fits, seed)
    if not asked:
        return Count(0, of, 0, of, is_sampled=True)
    low, high = _wilson(met, asked)
    return Count(round(met / asked * of), of, math.floor(low * of), math.ceil(high * of), True)


def _sample(
    connection: Connection, own: ColumnElement[bool], fits: ColumnElement[bool], seed: int
) -> tuple[int, int]:
    """How many of the campaign's people were found among random ids, and how many of them fit."""
    first, last = connection.execute(select(func.min(ContactRow.id), func.max(ContactRow.id))).one()
    numbers = random.Random(seed)
    asked = met = 0
    for _ in range(8):  # where most ids are other campaigns' or gone, more must be tried
        ids = [numbers.randint(first, last) for _ in range(SAMPLE)]
        row = connection.execute(
            select(func.count(), func.coalesce(func.sum(case((fits, 1), else_=0)), 0)).where(
                ContactRow.id.in_(ids), own
            )
        ).one()
        asked, met = asked + int(row[0]), met + int(row[1])
        if asked >= SAMPLE // 2:
            break
    return asked, met


def _wilson(met: int, asked: int) -> tuple[float, float]:
    share, z2 = met / asked, Z95 * Z95 / asked
    middle = (share + z2 / 2) / (1 + z2)
    half = Z95 * math.sqrt(share * (1 - share) / asked + z2 / (4 * asked)) / (1 + z2)
    return max(0.0, middle - half), min(1.0, middle + half)


# --- what a builder offers --------------------------------------------------------------------


def headings(connection: Connection, campaign_id: int, rows: int = 200) -> list[str]:
    """The headings of the lists' columns, as the first people of each list have them."""
    found: dict[str, None] = {}
    lists = connection.scalars(
        select(ContactListRow.id).where(ContactListRow.campaign_id == campaign_id)
    ).all()
    for list_id in lists:
        some = select(ContactRow.details).where(ContactRow.list_id == list_id).limit(rows)
        for details in connection.scalars(some):
            found.update(dict.fromkeys(label for label, _ in details))
    return list(found)


# --- saved segments ---------------------------------------------------------------------------


def saved(connection: Connection, campaign_id: int) -> list[Segment]:
    """The campaign's segments by name."""
    rows = connection.execute(
        select(SegmentRow.__table__)
        .where(SegmentRow.campaign_id == campaign_id)
        .order_by(SegmentRow.name)
    )
    return [
        Segment(row.id, row.campaign_id, row.name, segments.read(row.condition)) for row in rows
    ]


def save(
    connection: Connection,
    campaign_id: int,
    name: str,
    condition: Condition,
    now: Instant,
    who: str,
    segment_id: int | None = None,
) -> int:
    """Save a segment, a new one or (with its id) a changed one; its id. KnownError in sentences."""
    name = name.strip()
    if not name or len(name) > 200:
        raise KnownError("Give the segment a name of up to 200 characters.")
    stored = segments.to_store(condition)
    _refuse_strangers(connection, campaign_id, condition)
    taken = connection.scalar(
        select(SegmentRow.id).where(SegmentRow.campaign_id == campaign_id, SegmentRow.name == name)
    )
    if taken is not None and taken != segment_id:
        raise KnownError(f"There is a segment {name!r} already; choose another name.")
    values = {"name": name, "condition": stored, "changed_at": now.utc}
    if segment_id is None:
        values |= {"campaign_id": campaign_id, "created_at": now.utc}
        segment_id = insert_one(connection, insert(SegmentRow), values)
    else:
        done = connection.execute(
            update(SegmentRow)
            .where(SegmentRow.id == segment_id, SegmentRow.campaign_id == campaign_id)
            .values(**values)
        )
        if not done.rowcount:
            raise KnownError("There is no such segment any more; save it under a new name.")
    detail: dict[str, object] = {"segment": name, "condition": segments.words(condition)}
    audit.append(connection, who, "segment saved", detail, now.utc)
    return segment_id


def remove(connection: Connection, segment_id: int, now: Instant, who: str) -> None:
    """Take a segment away; KnownError while a campaign's mix takes people from it."""
    name = connection.scalar(select(SegmentRow.name).where(SegmentRow.id == segment_id))
    if name is None:
        return
    used = connection.scalar(
        select(MixSourceRow.id).where(MixSourceRow.segment_id == segment_id).limit(1)
    )
    if used is not None:
        raise KnownError(f"The campaign calls people of {name!r}; take it out of the mix first.")
    connection.execute(delete(SegmentRow).where(SegmentRow.id == segment_id))
    audit.append(connection, who, "segment removed", {"segment": name}, now.utc)


def _refuse_strangers(connection: Connection, campaign_id: int, condition: Condition) -> None:
    """KnownError for a list that is none of the campaign's: nobody would ever meet that."""
    own = set(
        connection.scalars(
            select(ContactListRow.id).where(ContactListRow.campaign_id == campaign_id)
        )
    )
    for check in segments.checks(condition):
        if check.field is Field.LIST and not own.issuperset(values_of(check)):
            raise KnownError("The condition names a list that this campaign does not have.")
