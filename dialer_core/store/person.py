"""Everything about a person: which records are theirs, and all that stands about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, or_, select

from dialer_core.model.errors import KnownError
from dialer_core.store.numbers import number_hash, number_key
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AgentEventRow,
    AgentRow,
    AttemptRow,
    AuditRow,
    Base,
    CampaignRow,
    ClientRow,
    ContactListRow,
    ContactNumberRow,
    ContactRow,
    ErasureRow,
    ExperimentExposureRow,
    ExperimentRow,
    ExperimentVariantRow,
    ListImportChangeRow,
    ListImportRow,
    LockoutRow,
    MachineReviewRow,
    RecordingPauseRow,
    RecordingRow,
    RefusalRow,
    RegistryEntryRow,
    ResultRow,
    SupervisionRow,
    SuppressionRow,
    ThirdPartyRow,
    ToldCallBackRow,
    WrittenFileRow,
)

ERASED: Final = "ERASED"  # why a contact is closed of whom nothing is left
_SECRET: Final = frozenset({"number_hash", "number_hashes", "hash", "previous_hash"})

Section = list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Person:
    """One person's records; `attempts` are their calls."""

    contact_ids: tuple[int, ...]
    hashes: tuple[bytes, ...]
    attempt_ids: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Person(contact_ids={self.contact_ids})"


def find_person(
    connection: Connection, *, number: str = "", contact_id: int | None = None
) -> Person:
    """The person of a record, or the one who has a number (E.164).

    Records are one person's where they share a number and a name. KnownError where there is
    none, or where people of several names have the number: then a record must be named.
    """
    if contact_id is None:
        hashed = number_hash(number_key(connection), number)
        ids = connection.scalars(
            select(ContactNumberRow.contact_id).where(ContactNumberRow.number_hash == hashed)
        ).all()
        people = _named(connection, ids)
        if not people:
            raise KnownError("No record has this number; no person is stored under it.")
        if len({_plain(row.name) for row in people}) > 1:
            listed = ", ".join(str(row.id) for row in people)
            raise KnownError(
                f"People of several names have this number (records {listed}); name the record "
                "that is meant."
            )
        first = people[0]
    else:
        found = _named(connection, [contact_id])
        if not found:
            raise KnownError(f"There is no record {contact_id}.")
        first = found[0]
    return _whole(connection, first)


def _whole(connection: Connection, first: AnyRow) -> Person:
    """All records of that name which hold one of the numbers, and theirs, until none is new."""
    ids: set[int] = {first.id}
    hashes: set[bytes] = set()
    while True:
        own = set(
            connection.scalars(
                select(ContactNumberRow.number_hash).where(ContactNumberRow.contact_id.in_(ids))
            )
        )
        others = connection.scalars(
            select(ContactNumberRow.contact_id).where(ContactNumberRow.number_hash.in_(own))
        ).all()
        same = {
            row.id for row in _named(connection, others) if _plain(row.name) == _plain(first.name)
        }
        if own <= hashes and same <= ids:
            break
        hashes |= own
        ids |= same
    attempts = connection.scalars(
        select(AttemptRow.id).where(AttemptRow.contact_id.in_(ids)).order_by(AttemptRow.id)
    ).all()
    return Person(tuple(sorted(ids)), tuple(sorted(hashes)), tuple(attempts))


def _named(connection: Connection, ids: Sequence[int]) -> Sequence[AnyRow]:
    return connection.execute(
        select(ContactRow.id, ContactRow.name)
        .where(ContactRow.id.in_(set(ids)), ContactRow.status_reason != ERASED)
        .order_by(ContactRow.id)
    ).all()


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def everything(connection: Connection, person: Person) -> dict[str, Section]:
    """All rows about the person by section, as plain values; keyed hashes are left out.

    Where a row names a campaign, a list or an agent by its id, the name stands beside it.
    """
    names = _names(connection)
    return {
        section: [_readable(dict(row), names) for row in connection.execute(query).mappings()]
        for section, query in _queries(person).items()
    } | {"audit log": _audit(connection, person)}


def _queries(person: Person) -> dict[str, Select[*tuple[Any, ...]]]:
    contacts, attempts, hashes = person.contact_ids, person.attempt_ids, person.hashes
    recordings = select(RecordingRow.id).where(RecordingRow.attempt_id.in_(attempts))
    imports = select(ContactRow.import_id).where(ContactRow.id.in_(contacts))

    def all_of(row: type[Base], *conditions: Any) -> Select[*tuple[Any, ...]]:
        table = row.__table__
        assert isinstance(table, Table)
        return select(table).where(*conditions).order_by(*table.primary_key.columns)

    return {
        "records": all_of(ContactRow, ContactRow.id.in_(contacts)),
        "numbers": all_of(ContactNumberRow, ContactNumberRow.contact_id.in_(contacts)),
        "imports": all_of(ListImportRow, ListImportRow.id.in_(imports)),
        "changes by imports": all_of(
            ListImportChangeRow, ListImportChangeRow.contact_id.in_(contacts)
        ),
        "calls": all_of(AttemptRow, AttemptRow.id.in_(attempts)),
        "recordings": all_of(RecordingRow, RecordingRow.attempt_id.in_(attempts)),
        "pauses of recordings": all_of(
            RecordingPauseRow, RecordingPauseRow.recording_id.in_(recordings)
        ),
        "third parties": all_of(
            ThirdPartyRow,
            or_(ThirdPartyRow.attempt_id.in_(attempts), ThirdPartyRow.number_hash.in_(hashes)),
        ),
        "reviews of machines": all_of(
            MachineReviewRow, MachineReviewRow.attempt_id.in_(attempts)
        ),
        "results for other programs": all_of(ResultRow, ResultRow.attempt_id.in_(attempts)),
        "call-backs told to programs": all_of(
            ToldCallBackRow, ToldCallBackRow.contact_id.in_(contacts)
        ),
        "listenings": all_of(SupervisionRow, SupervisionRow.attempt_id.in_(attempts)),
        "refusals": all_of(RefusalRow, RefusalRow.contact_id.in_(contacts)),
        "lock-outs": all_of(LockoutRow, LockoutRow.number_hash.in_(hashes)),
        "do not call": all_of(SuppressionRow, SuppressionRow.number_hash.in_(hashes)),
        "national registers": all_of(RegistryEntryRow, RegistryEntryRow.number_hash.in_(hashes)),
        "experiments": select(
            ExperimentRow.name, ExperimentRow.kind, ExperimentVariantRow.name.label("variant"),
            ExperimentVariantRow.value, ExperimentExposureRow.attempt_id, ExperimentExposureRow.at,
        )
        .join(ExperimentExposureRow, ExperimentExposureRow.experiment_id == ExperimentRow.id)
        .join(
            ExperimentVariantRow,
            (ExperimentVariantRow.experiment_id == ExperimentRow.id)
            & (ExperimentVariantRow.position == ExperimentExposureRow.position),
        )
        .where(ExperimentExposureRow.contact_id.in_(contacts)),
        "what windows asked for": all_of(
            AgentEventRow,
            or_(AgentEventRow.contact_id.in_(contacts), AgentEventRow.attempt_id.in_(attempts)),
        ),
    }  # fmt: skip


def _names(connection: Connection) -> Mapping[str, tuple[str, Mapping[object, str]]]:
    """For columns that hold an id: the name's column, and the names by id."""

    def named(row: type[Any]) -> dict[object, str]:
        return {one.id: one.name for one in connection.execute(select(row.id, row.name))}

    return {
        "campaign_id": ("campaign", named(CampaignRow)),
        "client_id": ("client", named(ClientRow)),
        "list_id": ("list", named(ContactListRow)),
        "agent_id": ("agent", named(AgentRow)),
    }


def _readable(
    row: Mapping[str, object], names: Mapping[str, tuple[str, Mapping[object, str]]]
) -> dict[str, object]:
    found: dict[str, object] = {}
    for column, value in row.items():
        if column in _SECRET:
            continue
        found[column] = plain(value)
        if column in names and value is not None:
            label, by_id = names[column]
            found[label] = by_id.get(value, "")
    return found


def plain(value: object) -> object:
    """A value as JSON knows it; moments in ISO."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value


def _audit(connection: Connection, person: Person) -> Section:
    """Entries of the log that name one of the records or calls."""
    contacts, attempts = set(person.contact_ids), set(person.attempt_ids)
    found: Section = []
    entries = select(AuditRow.at, AuditRow.who, AuditRow.what, AuditRow.detail)
    for row in connection.execute(entries.order_by(AuditRow.id)):
        if row.detail.get("attempt") in attempts or _contacts_in(row.detail) & contacts:
            found.append(
                {
                    "at": row.at.isoformat(),
                    "who": row.who,
                    "what": row.what,
                    "detail": row.detail,
                }
            )
    return found


def _contacts_in(detail: Mapping[str, object]) -> set[int]:
    named = [detail.get("contact"), detail.get("contact_id")]
    many = detail.get("contacts")
    named += many if isinstance(many, list) else []
    return {one for one in named if isinstance(one, int)}


def erasures_of(connection: Connection, contact_ids: Sequence[int]) -> Section:
    """Receipts of erasures that concern one of the records."""
    wanted = set(contact_ids)
    rows = connection.execute(select(ErasureRow.contact_ids, ErasureRow.receipt)).all()
    return [dict(row.receipt) for row in rows if wanted & set(row.contact_ids)]


def files_about(connection: Connection, person: Person) -> list[AnyRow]:
    """Files that this program has written and that tell, or may tell, of the person."""
    imports = set(
        connection.scalars(
            select(ContactRow.import_id).where(ContactRow.id.in_(person.contact_ids))
        )
    )
    rows = connection.execute(
        select(WrittenFileRow.__table__).where(WrittenFileRow.removed_at.is_(None))
    ).all()
    wanted = set(person.contact_ids)
    return [
        row
        for row in rows
        if wanted & set(row.contact_ids) or (not row.contact_ids and row.import_id in imports)
        or (not row.contact_ids and row.import_id is None)
    ]  # fmt: skip
