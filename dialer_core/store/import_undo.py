"""Taking a list out again: what was given up, what a dead process left, what somebody undoes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, Integer, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from dialer_core.clock import Instant
from dialer_core.store import audit, settings
from dialer_core.store.import_updates import take_back
from dialer_core.store.schema import (
    AttemptRow,
    CampaignRow,
    ContactListRow,
    ContactNumberRow,
    ContactRow,
    DispositionRow,
    ListImportChangeRow,
    ListImportRow,
    RefusalRow,
)
from dialer_core.store.schema.base import ContactStatus, NumberStatus

CHUNK: Final = 100  # people of one transaction
FREED: Final = 300  # in a file, of one transaction that only frees them: some 5 ms
DEAD: Final = timedelta(seconds=20)  # without a sign of life an import's process has gone
IMPORTING: Final = "IMPORTING"  # why a contact is held while its list comes in
UNDONE: Final = "UNDONE"  # why a contact is closed whose import was undone

Transaction = Callable[[], AbstractContextManager[Connection]]


class ImportState(StrEnum):
    """Where an import stands; saved by value."""

    RUNNING = "running"  # people come in, held
    GIVEN_UP = "given_up"  # is being taken out, without a trace
    FREEING = "freeing"  # whole: its people are being freed
    DONE = "done"
    UNDOING = "undoing"  # its people are being taken out
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking an import out again did.

    `kept` were called already, or are on somebody's screen: they are closed, and are not called
    again. `restored` were known before the import and are as they were then.
    """

    removed: int
    kept: int
    restored: int


@dataclass(frozen=True, slots=True)
class ImportedList:
    """One import, as it is told to a person."""

    import_id: int
    campaign: str
    list_name: str
    source: str
    at: datetime
    state: ImportState
    rows: int
    taken: int
    updated: int
    duplicates: int
    invalid: int
    on_dnc: int
    known_elsewhere: int
    undone_at: datetime | None


_SOME = (  # of an import, in the order of their ids, so that no row is looked at twice
    select(ContactRow.id)
    .where(ContactRow.import_id == bindparam("own"), ContactRow.id > bindparam("after"))
    .order_by(ContactRow.id)
    .limit(bindparam("most", type_=Integer()))
)
_REMOVABLE = select(ContactRow.id).where(
    ContactRow.id.in_(bindparam("ids", expanding=True)),
    ~select(AttemptRow.id).where(AttemptRow.contact_id == ContactRow.id).exists(),
    ContactRow.leased_by_epoch.is_(None),
)
_FREE = (
    update(ContactRow)
    .where(
        ContactRow.import_id == bindparam("own"),
        ContactRow.id > bindparam("after"),
        ContactRow.id <= bindparam("until"),
        ContactRow.status == ContactStatus.HELD,
        ContactRow.status_reason == IMPORTING,
    )
    .values(status=ContactStatus.FRESH, status_reason="")
)
_UNFINISHED = select(
    ListImportRow.id, ListImportRow.state, ListImportRow.beat_at, ListImportRow.holder
).where(ListImportRow.state.not_in((ImportState.DONE, ImportState.UNDONE)))


def free(writing: Transaction, import_id: int) -> None:
    """The list is whole: its people may be called."""
    after = 0
    while True:
        with writing() as connection:
            most = FREED if connection.dialect.name == "sqlite" else CHUNK
            ids = connection.scalars(_SOME, {"own": import_id, "after": after, "most": most}).all()
            if not ids:
                _set_state(connection, import_id, ImportState.DONE)
                return
            connection.execute(_FREE, {"own": import_id, "after": after, "until": ids[-1]})
            after = ids[-1]


def remove(writing: Transaction, import_id: int, now: Instant) -> Undone:
    """Take out all that nobody has called, close the others, take back what was said of known."""
    removed = kept = restored = after = 0
    while True:
        with writing() as connection:
            ids = connection.scalars(_SOME, {"own": import_id, "after": after, "most": CHUNK}).all()
            if not ids:
                break
            gone = connection.scalars(_REMOVABLE, {"ids": ids}).all()
            _take_out(connection, gone)
            stay = sorted(set(ids) - set(gone))
            _close(connection, stay, now)
            removed, kept, after = removed + len(gone), kept + len(stay), ids[-1]
    while some := _restore_some(writing, import_id, now):
        restored += some
    return Undone(removed, kept, restored)


def _take_out(connection: Connection, ids: Sequence[int]) -> None:
    """Why the gate did not let through somebody who is no longer there tells nothing."""
    for table in (RefusalRow, ContactNumberRow, ListImportChangeRow):
        connection.execute(delete(table).where(table.contact_id.in_(ids)))
    connection.execute(delete(ContactRow).where(ContactRow.id.in_(ids)))


def _close(connection: Connection, ids: Sequence[int], now: Instant) -> None:
    """Their numbers are retired: an outcome that comes later must not bring them back."""
    if not ids:
        return
    connection.execute(
        update(ContactNumberRow)
        .where(ContactNumberRow.contact_id.in_(ids))
        .values(status=NumberStatus.RETIRED)
    )
    connection.execute(
        update(ContactRow)
        .where(ContactRow.id.in_(ids))
        .values(status=ContactStatus.CLOSED, status_reason=UNDONE, changed_at=now.utc)
    )


def _restore_some(writing: Transaction, import_id: int, now: Instant) -> int:
    """The latest change first, as they lie upon each other."""
    some = (
        select(ListImportChangeRow.id, ListImportChangeRow.contact_id)
        .where(ListImportChangeRow.import_id == import_id)
        .order_by(ListImportChangeRow.id.desc())
        .limit(CHUNK // 4)
    )
    with writing() as connection:
        rows = connection.execute(some).all()
        for change_id, contact_id in rows:
            take_back(connection, change_id, contact_id, now)
        return len(rows)


def give_up(writing: Transaction, import_id: int, now: Instant) -> None:
    """Leave nothing of an import that is not whole; its process, if it lives, finds it gone."""
    with writing() as connection:
        _set_state(connection, import_id, ImportState.GIVEN_UP)
    remove(writing, import_id, now)
    _forget(writing, import_id, now)


def _forget(writing: Transaction, import_id: int, now: Instant) -> None:
    """No trace of an import of which nothing is left; nor of a list that it alone had made.

    But its number is not given out again: its process may live still and take it for its own.
    """
    with writing() as connection:
        row = connection.execute(
            select(ListImportRow.list_id, ListImportRow.made_campaign).where(
                ListImportRow.id == import_id
            )
        ).one_or_none()
        if row is None:
            return
        connection.execute(delete(ListImportRow).where(ListImportRow.id == import_id))
        last = max(import_id, int(settings.read(connection, settings.LAST_GIVEN_UP) or 0))
        settings.write(connection, settings.LAST_GIVEN_UP, str(last), now)
        others = select(ListImportRow.id).where(ListImportRow.list_id == row.list_id).limit(1)
        if connection.scalar(others) is not None:
            return
        campaign_id = connection.scalar(
            select(ContactListRow.campaign_id).where(ContactListRow.id == row.list_id)
        )
    try:
        with writing() as connection:
            connection.execute(delete(ContactListRow).where(ContactListRow.id == row.list_id))
        if row.made_campaign and campaign_id is not None:
            with writing() as connection:
                own = DispositionRow.campaign_id == campaign_id
                connection.execute(delete(DispositionRow).where(own))
                connection.execute(delete(CampaignRow).where(CampaignRow.id == campaign_id))
    except IntegrityError:
        return  # somebody has begun to use the list or the campaign: it stays


def undo(writing: Transaction, import_id: int, now: Instant, who: str) -> Undone:
    """Take a whole import out, and say so in the log."""
    with writing() as connection:
        _set_state(connection, import_id, ImportState.UNDOING)
        connection.execute(
            update(ListImportRow).where(ListImportRow.id == import_id).values(beat_at=now.utc)
        )
    found = remove(writing, import_id, now)
    with writing() as connection:
        _set_state(connection, import_id, ImportState.UNDONE)
        connection.execute(
            update(ListImportRow).where(ListImportRow.id == import_id).values(undone_at=now.utc)
        )
        detail: dict[str, object] = {
            "import": import_id,
            "removed": found.removed,
            "kept": found.kept,
            "restored": found.restored,
        }
        audit.append(connection, who, "import undone", detail, now.utc)
    return found


def clear_dead(
    reading: Transaction, writing: Transaction, now: Instant, is_dead: Callable[[str], bool]
) -> int:
    """Finish what processes have left that died; how many imports those were.

    `is_dead`: whether it is certain that a holder's process has gone; else its silence tells.
    """
    with reading() as connection:
        unfinished = connection.execute(_UNFINISHED).all()
    dead = [
        (row.id, row.state)
        for row in unfinished
        if row.state == ImportState.GIVEN_UP
        or row.beat_at is None
        or row.beat_at < now.utc - DEAD
        or is_dead(row.holder)
    ]
    for import_id, state in dead:
        if state == ImportState.FREEING:
            free(writing, import_id)
        elif state == ImportState.UNDOING:
            undo(writing, import_id, now, "import")
        else:
            give_up(writing, import_id, now)
    return len(dead)


def imports(connection: Connection) -> list[ImportedList]:
    """All imports, the newest first."""
    rows = connection.execute(
        select(ListImportRow.__table__, ContactListRow.name, CampaignRow.name.label("campaign"))
        .join(ContactListRow, ContactListRow.id == ListImportRow.list_id)
        .join(CampaignRow, CampaignRow.id == ContactListRow.campaign_id)
        .order_by(ListImportRow.id.desc())
    )
    return [
        ImportedList(
            row.id, row.campaign, row.name, row.source, row.at, ImportState(row.state),
            row.rows_read, row.rows_taken, row.updated, row.duplicates, row.invalid, row.on_dnc,
            row.known_elsewhere, row.undone_at,
        )
        for row in rows
    ]  # fmt: skip


def _set_state(connection: Connection, import_id: int, state: ImportState) -> None:
    connection.execute(
        update(ListImportRow).where(ListImportRow.id == import_id).values(state=state)
    )
