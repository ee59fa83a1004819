"""What an import says of people who are known already, kept so that it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select, update

from dialer_core.clock import Instant
from dialer_core.lists.people import MOST_NUMBERS, MOST_ZONES, ListedPerson
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AttemptRow,
    ContactNumberRow,
    ContactRow,
    ListImportChangeRow,
    RefusalRow,
)
from dialer_core.store.schema.base import NumberStatus

_FIELDS: Final = ("name", "town", "details", "reference", "priority", "zones")
NUMBERS: Final = "numbers"

_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_PEOPLE = select(ContactRow.id, *(getattr(ContactRow, name) for name in _FIELDS)).where(
    ContactRow.id.in_(_IDS)
)
_NUMBERS = select(
    ContactNumberRow.contact_id, ContactNumberRow.number_hash, ContactNumberRow.rank
).where(ContactNumberRow.contact_id.in_(_IDS))
_OWNERS = select(ContactNumberRow.number_hash).where(
    ContactNumberRow.number_hash.in_(bindparam("hashes", expanding=True))
)
_SET = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"))
    .values({name: bindparam(f"to_{name}") for name in (*_FIELDS, "changed_at")})
)
_ADD = insert(ContactNumberRow)


class _Known:
    """A record as it stands, and what has been said of it."""

    def __init__(self, row: AnyRow) -> None:
        self.before: dict[str, object] = {name: getattr(row, name) for name in _FIELDS}
        self.now = dict(self.before)
        self.details: dict[str, str] = dict(row.details)
        self.zones: dict[str, None] = dict.fromkeys(row.zones)
        self.hashes: set[bytes] = set()
        self.rank = 0
        self.added: list[dict[str, object]] = []

    def hear(self, person: ListedPerson) -> None:
        """The record gets what the row says; what it does not say stays."""
        for name in ("name", "town", "reference", "priority"):
            said = getattr(person, name)
            if said:
                self.now[name] = said
        if person.details:
            self.details.update(person.details)
            self.now["details"] = [list(detail) for detail in self.details.items()]

    def add(
        self, number: str, kind: str, hashed: bytes, contact_id: int, zones: Sequence[str]
    ) -> None:
        """A number that nobody has yet is tried after the others."""
        self.zones.update(dict.fromkeys(zones))
        self.now["zones"] = list(self.zones)[:MOST_ZONES]
        self.rank += 1
        self.hashes.add(hashed)
        self.added.append(
            {
                "contact_id": contact_id,
                "rank": self.rank,
                "e164": number,
                "kind": kind,
                "status": NumberStatus.OPEN,
                "number_hash": hashed,
            }
        )

    def changes(self) -> dict[str, list[object]]:
        """Field: [before, after]."""
        return {
            name: [self.before[name], self.now[name]]
            for name in _FIELDS
            if self.before[name] != self.now[name]
        }


def update_people(
    connection: Connection,
    import_id: int,
    updates: Sequence[tuple[int, ListedPerson]],
    hashes: Mapping[str, bytes],
    now: Instant,
) -> None:
    """Known contacts get what the rows say, and their new numbers; history and status stay."""
    known = _read(connection, sorted({contact_id for contact_id, _ in updates}))
    asked = {hashes[number] for _, person in updates for number, _ in person.numbers}
    taken = set(connection.scalars(_OWNERS, {"hashes": sorted(asked)}))
    for contact_id, person in updates:
        record = known[contact_id]
        record.hear(person)
        for number, kind in person.numbers:
            hashed = hashes[number]
            if hashed not in taken and len(record.hashes) < MOST_NUMBERS:
                taken.add(hashed)
                record.add(number, kind, hashed, contact_id, person.zones)
    _write(connection, import_id, known, now)


def _read(connection: Connection, ids: Sequence[int]) -> dict[int, _Known]:
    known = {row.id: _Known(row) for row in connection.execute(_PEOPLE, {"ids": ids})}
    for row in connection.execute(_NUMBERS, {"ids": ids}):
        record = known[row.contact_id]
        record.hashes.add(row.number_hash)
        record.rank = max(record.rank, row.rank)
    return known


def _write(
    connection: Connection, import_id: int, known: Mapping[int, _Known], now: Instant
) -> None:
    changed = {who: one for who, one in known.items() if one.added or one.changes()}
    if not changed:
        return
    connection.execute(
        _SET,
        [
            {"contact": who, "to_changed_at": now.utc}
            | {f"to_{name}": one.now[name] for name in _FIELDS}
            for who, one in changed.items()
        ],
    )
    added = [number for one in changed.values() for number in one.added]
    if added:
        connection.execute(_ADD, added)
    connection.execute(
        insert(ListImportChangeRow),
        [
            {
                "import_id": import_id,
                "contact_id": who,
                "changes": one.changes() | {NUMBERS: [number["e164"] for number in one.added]},
            }
            for who, one in changed.items()
        ],
    )


def take_back(connection: Connection, change_id: int, contact_id: int, now: Instant) -> None:
    """The record as it was before; what was changed again since stays as it is."""
    changes = connection.scalar(
        select(ListImportChangeRow.changes).where(ListImportChangeRow.id == change_id)
    )
    row = connection.execute(_PEOPLE, {"ids": [contact_id]}).one_or_none()
    if changes is not None and row is not None:
        values = {
            name: pair[0]
            for name, pair in changes.items()
            if name != NUMBERS and getattr(row, name) == pair[1]
        }
        if values:
            connection.execute(
                update(ContactRow)
                .where(ContactRow.id == contact_id)
                .values(values | {"changed_at": now.utc})
            )
        _take_numbers_back(connection, contact_id, changes[NUMBERS])
    connection.execute(delete(ListImportChangeRow).where(ListImportChangeRow.id == change_id))


def _take_numbers_back(connection: Connection, contact_id: int, numbers: Sequence[object]) -> None:
    """Those that were called stay on the record, and are not called again."""
    own = (ContactNumberRow.contact_id == contact_id, ContactNumberRow.e164.in_(numbers))
    called = select(AttemptRow.id).where(AttemptRow.number_id == ContactNumberRow.id).exists()
    unused = select(ContactNumberRow.id).where(*own, ~called)
    connection.execute(delete(RefusalRow).where(RefusalRow.number_id.in_(unused)))
    connection.execute(delete(ContactNumberRow).where(*own, ~called))
    connection.execute(update(ContactNumberRow).where(*own).values(status=NumberStatus.RETIRED))
