"""One import under way: what it knows of the rows in hand, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from sqlalchemy import BindParameter, Connection, bindparam, func, or_, select

from dialer_core.clock import Instant
from dialer_core.lists.people import ListedPerson, Rejected
from dialer_core.lists.sieve import Duplicates, Sieve
from dialer_core.store.import_undo import UNDONE
from dialer_core.store.import_updates import update_people
from dialer_core.store.numbers import number_hash
from dialer_core.store.people import NewPerson, insert_people
from dialer_core.store.schema import (
    CampaignRow,
    ContactNumberRow,
    ContactRow,
    ErasureRow,
    SuppressionRow,
)
from dialer_core.store.schema.base import Ground

Reading: TypeAlias = Callable[[], AbstractContextManager[Connection]]

_SHARE: Final = 200  # numbers of one question: SQLite plans it anew for each length

_HASHES: BindParameter[bytes] = bindparam("hashes", expanding=True)
_KNOWN = (
    select(ContactNumberRow.number_hash, func.min(ContactNumberRow.contact_id))
    .join(ContactRow, ContactRow.id == ContactNumberRow.contact_id)
    .join(CampaignRow, CampaignRow.id == ContactRow.campaign_id)
    .where(
        ContactNumberRow.number_hash.in_(_HASHES),
        CampaignRow.client_id == bindparam("client"),
        ContactRow.import_id != bindparam("own"),
        ContactRow.status_reason != UNDONE,
    )
    .group_by(ContactNumberRow.number_hash)
)
_SUPPRESSED = select(SuppressionRow.number_hash).where(
    SuppressionRow.number_hash.in_(_HASHES),
    or_(SuppressionRow.client_id.is_(None), SuppressionRow.client_id == bindparam("client")),
)
_ERASED = (
    select(ErasureRow.id, ErasureRow.number_hashes)
    .where(ErasureRow.id > bindparam("last"))
    .order_by(ErasureRow.id)
)


@dataclass(slots=True)
class Run:
    """One import under way. `hashes`, `known` and `suppressed` are those of the chunk in hand."""

    client_id: int
    key: bytes
    duplicates: Duplicates
    own: int = 0  # id of the import; 0 where only is counted
    hashes: dict[str, bytes] = field(default_factory=dict)
    known: dict[bytes, int] = field(default_factory=dict)
    suppressed: set[bytes] = field(default_factory=set)
    erased: set[bytes] = field(default_factory=set)  # of people who may not be stored again
    erasures: int = 0  # the last one that is among them
    contact_of_row: dict[int, int] = field(default_factory=dict)
    first_refusals: list[list[object]] = field(default_factory=list)

    def sieve(self) -> Sieve:
        """The sieve that sees what this run looks up."""
        return Sieve(
            self.duplicates,
            self.hashes.__getitem__,
            self.known.get,
            self.suppressed.__contains__,
            self.erased.__contains__,
        )


def look_up(reading: Reading, run: Run, chunk: Sequence[ListedPerson | Rejected]) -> None:
    """Which numbers of the chunk are known, and which are on a do-not-call list."""
    run.hashes.clear()
    run.known.clear()
    run.suppressed.clear()
    for one in chunk:
        if isinstance(one, ListedPerson):
            for number, _ in one.numbers:
                run.hashes[number] = number_hash(run.key, number)
    hashes = sorted(set(run.hashes.values()))
    with reading() as connection:
        for row in connection.execute(_ERASED, {"last": run.erasures}):
            run.erased.update(map(bytes.fromhex, row.number_hashes))
            run.erasures = row.id
        for start in range(0, len(hashes), _SHARE):
            some = hashes[start : start + _SHARE]
            some += some[-1:] * (_SHARE - len(some))
            asked = {"hashes": some, "client": run.client_id}
            rows = connection.execute(_KNOWN, asked | {"own": run.own})
            run.known.update((row[0], row[1]) for row in rows)
            run.suppressed.update(connection.scalars(_SUPPRESSED, asked))


def insert_chunk(
    connection: Connection, run: Run, common: Mapping[str, object], people: Sequence[ListedPerson]
) -> None:
    if not people:
        return
    ids = insert_people(
        connection, run.key, common, [_new_person(one) for one in people], run.hashes
    )
    if run.duplicates is Duplicates.UPDATE:
        run.contact_of_row.update(zip([one.row for one in people], ids, strict=True))


def update_chunk(
    connection: Connection,
    run: Run,
    updates: Sequence[tuple[int, ListedPerson]],
    again: Sequence[tuple[int, ListedPerson]],
    now: Instant,
) -> None:
    run.contact_of_row.update((person.row, contact_id) for contact_id, person in updates)
    both = [*updates, *((run.contact_of_row[row], person) for row, person in again)]
    update_people(connection, run.own, sorted(both, key=lambda one: one[1].row), run.hashes, now)


def _new_person(person: ListedPerson) -> NewPerson:
    return NewPerson(
        name=person.name,
        numbers=person.numbers,
        town=person.town,
        details=person.details,
        zones=person.zones,
        region=person.region,
        grounds=(Ground.CONSENT,) if person.has_consent else (),
        priority=person.priority,
        reference=person.reference,
    )
