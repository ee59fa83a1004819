"""Putting people on a list, thousands at a time; who has no valid number is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from dialer_core.clock import Instant
from dialer_core.store import settings
from dialer_core.store.numbers import is_e164, number_hash, number_key
from dialer_core.store.rows import insert_one
from dialer_core.store.schema import (
    ContactListRow,
    ContactNumberRow,
    ContactRow,
    ListImportRow,
)
from dialer_core.store.schema.base import ContactStatus, Ground, NumberStatus

CHUNK: Final = 2000
SHOWN_REFUSALS: Final = 100

_LAST = select(func.max(ContactRow.id)).where(ContactRow.import_id == bindparam("own"))
_SINCE = (
    select(ContactRow.id)
    .where(ContactRow.import_id == bindparam("own"), ContactRow.id > bindparam("last"))
    .order_by(ContactRow.id)
)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person of a list. `numbers`: E.164 and kind, in the order in which they are tried."""

    name: str
    numbers: Sequence[tuple[str, str]]
    town: str = ""
    details: Sequence[tuple[str, str]] = ()  # label and value, as they are shown
    zones: Sequence[str] = ()
    region: str = "GB"
    grounds: Sequence[Ground] = ()
    priority: int = 0  # higher goes first
    reference: str = ""  # the office's own


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a list: `refused` holds row (from 1) and sentence, the first hundred."""

    list_id: int
    taken: int
    refused_count: int
    refused: tuple[tuple[int, str], ...]


def add_people(
    connection: Connection,
    campaign_id: int,
    name: str,
    people: Sequence[NewPerson],
    source: str,
    now: Instant,
) -> Imported:
    """Add to the campaign's list of that name, which is made if it is new."""
    key = number_key(connection)
    taken, refused = _sorted_out(people)
    list_id, import_id = begin_import(connection, campaign_id, name, source, now)
    connection.execute(
        update(ListImportRow)
        .where(ListImportRow.id == import_id)
        .values(
            rows_read=len(people),
            rows_taken=len(taken),
            refused=[list(one) for one in refused[:SHOWN_REFUSALS]],
        )
    )
    common = {
        "campaign_id": campaign_id,
        "list_id": list_id,
        "import_id": import_id,
        "status": ContactStatus.FRESH,
        "status_reason": "",
        "attempts_count": 0,
        "created_at": now.utc,
        "changed_at": now.utc,
    }
    for start in range(0, len(taken), CHUNK):
        insert_people(connection, key, common, taken[start : start + CHUNK])
    return Imported(list_id, len(taken), len(refused), tuple(refused[:SHOWN_REFUSALS]))


def _sorted_out(
    people: Sequence[NewPerson],
) -> tuple[list[NewPerson], list[tuple[int, str]]]:
    taken: list[NewPerson] = []
    refused: list[tuple[int, str]] = []
    for row, person in enumerate(people, start=1):
        if not person.numbers:
            refused.append((row, "There is no number; add one with its country code."))
        elif not all(is_e164(number) for number, _ in person.numbers):
            refused.append((row, "A number is not valid; write it as +441614960001."))
        elif not person.name.strip():
            refused.append((row, "There is no name; an agent must know whom to ask for."))
        else:
            taken.append(person)
    return taken, refused


def begin_import(
    connection: Connection, campaign_id: int, name: str, source: str, now: Instant
) -> tuple[int, int]:
    """An import into the list of that name, which is made if it is new; ids of list and import."""
    list_id = connection.scalar(
        select(ContactListRow.id).where(
            ContactListRow.campaign_id == campaign_id, ContactListRow.name == name
        )
    )
    if list_id is None:
        made = insert_one(
            connection,
            insert(ContactListRow),
            {
                "campaign_id": campaign_id,
                "name": name,
                "is_active": True,
                "created_at": now.utc,
            },
        )
        list_id = made
    imported = insert_one(
        connection,
        insert(ListImportRow),
        {
            **_next_import(connection),
            "list_id": list_id,
            "source": source,
            "at": now.utc,
            "rows_read": 0,
            "rows_taken": 0,
            "refused": [],
        },
    )
    return list_id, imported


def _next_import(connection: Connection) -> dict[str, object]:
    """An id that no import ever had; SQLite would give the last one out again, others would not."""
    if connection.dialect.name != "sqlite":
        return {}
    highest = connection.scalar(select(func.max(ListImportRow.id))) or 0
    last = int(settings.read(connection, settings.LAST_GIVEN_UP) or 0)
    return {"id": max(highest, last) + 1}


def insert_people(
    connection: Connection,
    key: bytes,
    common: Mapping[str, object],
    people: Sequence[NewPerson],
    hashes: Mapping[str, bytes] = MappingProxyType({}),
) -> Sequence[int]:
    """Insert people with what they have in `common`, and their numbers; the ids of the contacts.

    `hashes`: of numbers, where they are known already.
    """
    own = common["import_id"]
    last = connection.scalar(_LAST, {"own": own}) or 0
    connection.execute(insert(ContactRow), [{**common, **_contact(person)} for person in people])
    # The caller's transaction is the only one that writes: ids come in the order of the rows.
    # Asking for them afterwards is three times as fast as RETURNING, which goes row by row.
    ids = connection.scalars(_SINCE, {"own": own, "last": last}).all()
    connection.execute(
        insert(ContactNumberRow),
        [
            {
                "contact_id": contact_id,
                "rank": rank,
                "e164": number,
                "kind": kind,
                "status": NumberStatus.OPEN,
                "number_hash": hashes.get(number) or number_hash(key, number),
            }
            for contact_id, person in zip(ids, people, strict=True)
            for rank, (number, kind) in enumerate(person.numbers, start=1)
        ],
    )
    return ids


def _contact(person: NewPerson) -> dict[str, object]:
    return {
        "name": person.name,
        "town": person.town,
        "details": [list(detail) for detail in person.details],
        "zones": list(person.zones),
        "region": person.region,
        "grounds": [ground.value for ground in person.grounds],
        "priority": person.priority,
        "reference": person.reference,
    }
