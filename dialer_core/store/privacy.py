"""A person's rights: one export of everything, and an erasure with a receipt.

An erasure keeps what statistics need (that a call was made, when, with what outcome) and takes
away who it was with: names, numbers, notes, sound, files. What is left of a number is a keyed hash
on the do-not-call list, so that no import brings the person back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from dialer_core.clock import Instant
from dialer_core.lists.numbers import read_numbers
from dialer_core.model.errors import KnownError
from dialer_core.model.states import CallStage
from dialer_core.store import audit, files, settings
from dialer_core.store.anonymising import anonymise
from dialer_core.store.files import Fate, FileKind
from dialer_core.store.numbers import is_e164, number_hash, number_key
from dialer_core.store.objections import never_again
from dialer_core.store.owner import OneThread
from dialer_core.store.person import Person, Section, everything, files_about, find_person
from dialer_core.store.rows import insert_one
from dialer_core.store.schema import (
    AttemptRow,
    AuditRow,
    ContactNumberRow,
    ErasureRow,
    ListImportRow,
    RecordingRow,
    SessionRow,
    WrittenFileRow,
)
from dialer_core.store.sqlite import empty_journal, forget_pages

REASON: Final = "erased at the person's wish"
_STAYS: Final = (
    "Counts of days, campaigns and agents, which name nobody.",
    "A keyed hash of each number on the do-not-call list, so that no list brings it back.",
    "Entries of the log, which name records and calls by their numbers in the database.",
)
_COPIES: Final = (
    "Whole copies of the floor on this PC, in which the person stands until they are erased there "
    "or removed (callfloor gdpr copies): {names}."
)
_SEALED: Final = (
    "Sealed backups of the floor made until now, for a year at most; whoever restores one erases "
    "this person again with it, by a list of keyed hashes beside them."
)


@dataclass(frozen=True, slots=True)
class PersonExport:
    """All that is stored about a person, and the sound files of their calls."""

    person: Person
    at: str
    sections: dict[str, Section]
    recordings: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased where; it names nobody and may be kept.

    `tables`: rows changed or deleted; `files`: kind, name and fate; `stays`: what was kept and why.
    """

    id: int
    at: str
    who: str
    reason: str
    records: int
    tables: dict[str, int]
    files: tuple[tuple[str, str, str], ...]
    suppressed: int
    shared_with: int  # other people's records that hold one of the numbers
    stays: tuple[str, ...]
    audit_hash: str  # of the entry of the log that holds this receipt
    is_finished: bool


class PrivacyStore(OneThread):
    """Exports and erases people, and remembers which files tell of them."""

    def export(
        self, now: Instant, *, number: str = "", contact_id: int | None = None, who: str = "office"
    ) -> PersonExport:
        """Everything about the person; that it was asked for stands in the log."""
        with self._writing() as connection:
            person = find_person(connection, number=number, contact_id=contact_id)
            sections = everything(connection, person)
            sections["files"] = [
                {"kind": row.kind, "name": Path(row.path).name, "at": row.at.isoformat()}
                for row in files_about(connection, person)
                if row.contact_ids
            ]
            detail: dict[str, object] = {"contacts": list(person.contact_ids)}
            audit.append(connection, who, "person exported", detail, now.utc)
        paths = tuple(Path(str(row["path"])) for row in sections["recordings"])
        return PersonExport(person, now.utc.isoformat(), sections, paths)

    def look(self, *, number: str = "", contact_id: int | None = None) -> dict[str, Section]:
        """What is stored about the person, by section; nothing is written."""
        with self._reading() as connection:
            person = find_person(connection, number=number, contact_id=contact_id)
            return everything(connection, person)

    def note_file(
        self,
        kind: FileKind,
        path: Path,
        now: Instant,
        *,
        import_id: int | None = None,
        contact_ids: Sequence[int] = (),
        who: str = "office",
    ) -> None:
        """Remember a file with people's data that was written, so that it can be purged."""
        row: dict[str, object] = {
            "kind": kind.value,
            "path": str(path.absolute()),
            "import_id": import_id,
            "contact_ids": list(contact_ids),
            "who": who,
            "at": now.utc,
            "removed_at": None,
        }
        with self._writing() as connection:
            connection.execute(insert(WrittenFileRow), row)

    def erase(
        self,
        now: Instant,
        *,
        number: str = "",
        contact_id: int | None = None,
        reason: str = REASON,
        who: str = "office",
        copies: Sequence[str] = (),
    ) -> Receipt:
        """Erase a person everywhere and never call them again, for any client of the office.

        `copies`: names of whole copies of the floor that the receipt tells of besides.
        KnownError where nobody is found, or while they are on the phone. Should the program die
        in the middle, `finish_erasures` goes on.
        """
        with self._writing() as connection:
            forget_pages(connection)
            person = find_person(connection, number=number, contact_id=contact_id)
            _refuse_in_call(connection, person)
            erasure_id = _erase(connection, person, reason, who, now, copies)
        return self._finish(erasure_id, now)

    def finish_erasures(self, now: Instant) -> list[Receipt]:
        """Take away the files of erasures that broke off or met a file in use."""
        with self._reading() as connection:
            open_ones = connection.scalars(
                select(ErasureRow.id).where(ErasureRow.finished_at.is_(None))
            ).all()
        return [self._finish(erasure_id, now) for erasure_id in open_ones]

    # --- files ------------------------------------------------------------------------------

    def _finish(self, erasure_id: int, now: Instant) -> Receipt:
        with self._reading() as connection:
            row = connection.execute(
                select(ErasureRow.__table__).where(ErasureRow.id == erasure_id)
            ).one()
            key = number_key(connection)
        hashes = {bytes.fromhex(one) for one in row.number_hashes}
        fates = [
            (kind, path, _take_away(FileKind(kind), Path(path), region, key, hashes))
            for kind, path, region in row.pending
        ]
        left = [
            list(one)
            for one, (_, _, fate) in zip(row.pending, fates, strict=True)
            if fate is Fate.STAYS
        ]
        with self._writing() as connection:
            receipt = dict(row.receipt)
            done = [[kind, Path(path).name, fate.value] for kind, path, fate in fates]
            before = [one for one in receipt["files"] if one[2] != Fate.STAYS.value]
            receipt["files"] = before + done
            receipt["audit_hash"] = _log(connection, row.who, erasure_id, receipt, now)
            receipt["is_finished"] = not left
            connection.execute(
                update(ErasureRow)
                .where(ErasureRow.id == erasure_id)
                .values(pending=left, receipt=receipt, finished_at=None if left else now.utc)
            )
            _note_removed(connection, fates, now)
        empty_journal(self._own())
        return _receipt(erasure_id, receipt)


def _take_away(kind: FileKind, path: Path, region: str, key: bytes, hashes: set[bytes]) -> Fate:
    if kind not in files.OF_MANY:
        return files.remove(path)

    def is_theirs(cell: str) -> bool:
        return any(
            number_hash(key, number.e164) in hashes
            for number in read_numbers(cell, region or "GB")
            if is_e164(number.e164)
        )

    return files.strike_out(path, is_theirs)


def _note_removed(
    connection: Connection, fates: Sequence[tuple[str, str, Fate]], now: Instant
) -> None:
    gone = [path for _, path, fate in fates if fate in (Fate.REMOVED, Fate.ABSENT)]
    connection.execute(
        update(WrittenFileRow).where(WrittenFileRow.path.in_(gone)).values(removed_at=now.utc)
    )


def _log(
    connection: Connection, who: str, erasure_id: int, receipt: dict[str, object], now: Instant
) -> str:
    detail = {name: value for name, value in receipt.items() if name != "audit_hash"}
    audit.append(connection, who, "person erased", {"erasure": erasure_id, **detail}, now.utc)
    last = select(AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
    return connection.execute(last).scalar_one().hex()


def _receipt(erasure_id: int, found: dict[str, Any]) -> Receipt:
    return Receipt(
        id=erasure_id,
        at=found["at"],
        who=found["who"],
        reason=found["reason"],
        records=found["records"],
        tables=dict(found["tables"]),
        files=tuple((one[0], one[1], one[2]) for one in found["files"]),
        suppressed=found["suppressed"],
        shared_with=found["shared_with"],
        stays=tuple(found["stays"]),
        audit_hash=found["audit_hash"],
        is_finished=found["is_finished"],
    )


# --- the database ---------------------------------------------------------------------------


def _refuse_in_call(connection: Connection, person: Person) -> None:
    is_busy = connection.scalar(
        select(func.count()).where(
            AttemptRow.contact_id.in_(person.contact_ids), AttemptRow.stage != CallStage.ENDED
        )
    )
    is_on_screen = connection.scalar(
        select(func.count()).where(
            SessionRow.closed_at.is_(None), SessionRow.contact_id.in_(person.contact_ids)
        )
    )
    if is_busy or is_on_screen:
        raise KnownError(
            "This person is on the phone or on an agent's screen just now; erase them once the "
            "call is coded."
        )


def _erase(
    connection: Connection,
    person: Person,
    reason: str,
    who: str,
    now: Instant,
    copies: Sequence[str],
) -> int:
    told = files_about(connection, person)
    regions = {
        row.id: row.region
        for row in connection.execute(select(ListImportRow.id, ListImportRow.region))
    }
    sounds = connection.scalars(
        select(RecordingRow.path).where(RecordingRow.attempt_id.in_(person.attempt_ids))
    ).all()
    pending = [[FileKind.RECORDING.value, path, ""] for path in sounds if path]
    pending += [[row.kind, row.path, regions.get(row.import_id, "")] for row in told]
    shared = connection.scalar(
        select(func.count(ContactNumberRow.contact_id.distinct())).where(
            ContactNumberRow.number_hash.in_(person.hashes),
            ContactNumberRow.contact_id.not_in(person.contact_ids),
        )
    )
    suppressed = never_again(connection, None, person.hashes, reason, now.utc)
    tables = anonymise(connection, person, now)
    receipt: dict[str, object] = {
        "at": now.utc.isoformat(),
        "who": who,
        "reason": reason,
        "contacts": list(person.contact_ids),
        "records": len(person.contact_ids),
        "tables": {**tables, "suppressions": suppressed},
        "files": [],
        "suppressed": len(person.hashes),
        "shared_with": int(shared or 0),
        "stays": [*_STAYS, *_backups(connection, copies)],
    }
    return insert_one(
        connection,
        insert(ErasureRow),
        {
            "contact_ids": list(person.contact_ids),
            "number_hashes": [one.hex() for one in person.hashes],
            "pending": pending,
            "receipt": receipt,
            "reason": reason[:200],
            "who": who,
            "at": now.utc,
            "finished_at": None,
        },
    )


def _backups(connection: Connection, copies: Sequence[str]) -> list[str]:
    """Sentences about copies of the floor that hold the person still, where there are any."""
    told = [_SEALED] if settings.read(connection, settings.BACKUPS) else []
    names = sorted({*copies, *_beside(connection)})
    return [*told, _COPIES.format(names=", ".join(names))] if names else told


def _beside(connection: Connection) -> list[str]:
    """What upgrades, moves and restores have left beside a file."""
    if not connection.engine.url.database:
        return []
    path = Path(connection.engine.url.database)
    left = (f"{path.name}.backup-*", f"{path.stem}.moved-*", f"{path.stem}.before-restore-*")
    found = (one.name for pattern in left for one in path.parent.glob(pattern))
    return [name for name in found if not name.endswith(("-wal", "-shm", "-journal"))]
