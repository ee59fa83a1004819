"""Segments in the database: how many people meet a condition, and the saved ones."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from dialer_core.clock import Instant
from dialer_core.lists import segments
from dialer_core.lists.segments import Condition, Field
from dialer_core.model.errors import KnownError
from dialer_core.store import audit, intents
from dialer_core.store.conditions import expression, values_of
from dialer_core.store.rows import AnyRow, insert_one
from dialer_core.store.schema import (
    CampaignRow,
    ContactListRow,
    ContactRow,
    ListImportRow,
    MixSourceRow,
    SegmentRow,
)
from dialer_core.store.schema.base import EventKind

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
    is_used: bool = False  # by the campaign's mix


@dataclass(frozen=True, slots=True)
class Somebody:
    """One of whom a condition finds."""

    contact_id: int
    name: str
    town: str
    list_name: str
    status: str
    attempts: int
    last_outcome: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from: ids with names, and words in use."""

    lists: tuple[tuple[int, str], ...]
    imports: tuple[tuple[int, str], ...]
    regions: tuple[str, ...]
    zones: tuple[str, ...]
    headings: tuple[str, ...]


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
    asked, met = _sampled(connection, own, fits, seed)
    if not asked:
        return Count(0, of, 0, of, is_sampled=True)
    low, high = _wilson(met, asked)
    return Count(round(met / asked * of), of, math.floor(low * of), math.ceil(high * of), True)


def some_people(
    connection: Connection,
    campaign_id: int,
    condition: Condition,
    now: datetime,
    counted: Count,
    most: int = 8,
    seed: int = 0,
) -> list[Somebody]:
    """A few of whom `count` has found; of a long list those of its sample."""
    own = ContactRow.campaign_id == campaign_id
    fits = expression(condition, now, connection.dialect.name)
    chosen = (
        select(
            ContactRow.id,
            ContactRow.name,
            ContactRow.town,
            ContactListRow.name,
            ContactRow.status,
            ContactRow.attempts_count,
            ContactRow.last_outcome,
        )
        .join(ContactListRow, ContactListRow.id == ContactRow.list_id)
        .where(own, fits)
        .order_by(ContactRow.id)
        .limit(most)
    )
    if not counted.is_sampled:
        return _somebody(connection, chosen)
    found: list[Somebody] = []
    for ids in _draws(connection, seed):
        found += _somebody(connection, chosen.where(ContactRow.id.in_(ids)))
        if len(found) >= most:
            break
    return found[:most]


def _somebody(connection: Connection, chosen: Select[*tuple[Any, ...]]) -> list[Somebody]:
    rows: Sequence[AnyRow] = connection.execute(chosen).all()
    return [
        Somebody(
            row[0], row[1], row[2], row[3], row[4].value, row[5], row[6].value if row[6] else ""
        )
        for row in rows
    ]


def _sampled(
    connection: Connection, own: ColumnElement[bool], fits: ColumnElement[bool], seed: int
) -> tuple[int, int]:
    """How many of the campaign's people were found among random ids, and how many of them fit."""
    asked = met = 0
    for ids in _draws(connection, seed):
        row = connection.execute(
            select(func.count(), func.coalesce(func.sum(case((fits, 1), else_=0)), 0)).where(
                ContactRow.id.in_(ids), own
            )
        ).one()
        asked, met = asked + int(row[0]), met + int(row[1])
        if asked >= SAMPLE // 2:
            break
    return asked, met


def _draws(connection: Connection, seed: int) -> Iterator[list[int]]:
    """Random ids; where most are other campaigns' or gone, more draws must be tried."""
    first, last = connection.execute(select(func.min(ContactRow.id), func.max(ContactRow.id))).one()
    numbers = random.Random(seed)
    for _ in range(8):
        yield [numbers.randint(first, last) for _ in range(SAMPLE)]


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


def choices(connection: Connection, campaign_id: int, rows: int = 2000) -> Choices:
    """What the campaign's lists offer; regions and zones as the first people of each list have."""
    lists = connection.execute(
        select(ContactListRow.id, ContactListRow.name)
        .where(ContactListRow.campaign_id == campaign_id)
        .order_by(ContactListRow.id)
    ).all()
    ids = [row.id for row in lists]
    imports = connection.execute(
        select(ListImportRow.id, ListImportRow.source, ListImportRow.at)
        .where(ListImportRow.list_id.in_(ids), ListImportRow.undone_at.is_(None))
        .order_by(ListImportRow.id.desc())
    )
    regions: dict[str, None] = {}
    zones: dict[str, None] = {}
    for list_id in ids:
        some = select(ContactRow.region, ContactRow.zones).where(ContactRow.list_id == list_id)
        for region, own in connection.execute(some.limit(rows)):
            if region:
                regions[region] = None
            zones.update(dict.fromkeys(own[:1]))
    return Choices(
        tuple((row.id, row.name) for row in lists),
        tuple((row.id, f"{row.source or 'a list'}, {row.at:%Y-%m-%d %H:%M}") for row in imports),
        tuple(sorted(regions)),
        tuple(sorted(zones)),
        tuple(headings(connection, campaign_id)),
    )


def sizes(connection: Connection, campaign_id: int) -> dict[int, int]:
    """How many people each list of the campaign has."""
    rows = connection.execute(
        select(ContactRow.list_id, func.count())
        .where(ContactRow.campaign_id == campaign_id)
        .group_by(ContactRow.list_id)
    )
    return {row[0]: row[1] for row in rows}


# --- saved segments ---------------------------------------------------------------------------


def saved(connection: Connection, campaign_id: int) -> list[Segment]:
    """The campaign's segments by name."""
    used = set(
        connection.scalars(
            select(MixSourceRow.segment_id).where(
                MixSourceRow.campaign_id == campaign_id, MixSourceRow.segment_id.is_not(None)
            )
        )
    )
    rows = connection.execute(
        select(SegmentRow.__table__)
        .where(SegmentRow.campaign_id == campaign_id)
        .order_by(SegmentRow.name)
    )
    return [
        Segment(row.id, row.campaign_id, row.name, segments.read(row.condition), row.id in used)
        for row in rows
    ]


def condition_of(connection: Connection, segment_id: int) -> Condition:
    """Of a saved segment; KnownError where it is gone."""
    stored = connection.scalar(select(SegmentRow.condition).where(SegmentRow.id == segment_id))
    if stored is None:
        raise KnownError("There is no such segment any more; choose another.")
    return segments.read(stored)


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
        _tell_dialler(connection, campaign_id, segment_id, now)
    detail: dict[str, object] = {"segment": name, "condition": segments.words(condition)}
    audit.append(connection, who, "segment saved", detail, now.utc)
    return segment_id


def _tell_dialler(connection: Connection, campaign_id: int, segment_id: int, now: Instant) -> None:
    """Where the mix takes people from it, the dialler reads the campaign anew."""
    used = select(MixSourceRow.id).where(MixSourceRow.segment_id == segment_id).limit(1)
    if connection.scalar(used) is None:
        return
    connection.execute(
        update(CampaignRow).where(CampaignRow.id == campaign_id).values(changed_at=now.utc)
    )
    intents.write(connection, EventKind.CAMPAIGN, now.utc, payload={"campaign_id": campaign_id})


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
