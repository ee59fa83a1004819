"""How long each kind of data is kept, what is due to go, and the purge that tells what it took.

Sound is kept for as long as the rules allow at most; records of calls for as long as they ask for
at least. A wish of the office can shorten the first and draw out the second, never the reverse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.model.states import CallStage
from dialer_core.store import audit, files, settings
from dialer_core.store.address import Place
from dialer_core.store.anonymising import anonymise
from dialer_core.store.campaigns import load_campaigns
from dialer_core.store.database import Database
from dialer_core.store.files import Fate
from dialer_core.store.owner import OneThread
from dialer_core.store.person import ERASED, Person
from dialer_core.store.schema import (
    AgentEventRow,
    AttemptRow,
    ContactNumberRow,
    ContactRow,
    DecisionRow,
    DiallerLeaseRow,
    LockoutRow,
    RecordingPauseRow,
    RecordingRow,
    RefusalRow,
    WrittenFileRow,
)
from dialer_core.store.schema.base import ContactStatus
from dialer_core.store.sqlite import empty_journal, forget_pages

SETTING: Final = "retention"  # {"recordings": 30}: days that the office wishes
CHUNK: Final = 200  # of what is taken in one transaction
AHEAD: Final = 5000  # of what is looked for at once
FILE_DAYS: Final = 30  # of exports and rejected rows: done with once they were handed over
WINDOW_DAYS: Final = 31  # of lock-outs that are over: nothing looks further back


class Kind(StrEnum):
    """What is kept for a time of its own; the order in which it goes."""

    RECORDINGS = "recordings"  # sound files and their entries
    FILES = "files"  # exports, rejected rows
    NOTES = "notes"  # what agents wrote of a call, and its traces in the network
    PEOPLE = "people"  # names and numbers of records that are closed
    REFUSALS = "refusals"  # numbers that the gate did not let through
    LOCKOUTS = "lockouts"  # rests that are over
    WISHES = "wishes"  # what windows asked of the dialler
    DECISIONS = "decisions"  # of the pacer


AT_MOST: Final = frozenset(
    {Kind.RECORDINGS}
)  # the rules' days are the most; of the others the least
FREE: Final = frozenset({Kind.FILES, Kind.LOCKOUTS})


@dataclass(frozen=True, slots=True)
class Term:
    """How long a kind is kept under one campaign's rules (None: for all); `why` in words."""

    kind: Kind
    campaign_id: int | None
    days: int
    why: str


@dataclass(frozen=True, slots=True)
class Due:
    """What is past its time: how much, and since when the oldest."""

    kind: Kind
    count: int
    oldest: datetime | None
    days: tuple[int, ...]  # the terms that were applied


@dataclass(frozen=True, slots=True)
class Purged:
    """What went, and which files could not."""

    kind: Kind
    count: int
    stuck: tuple[str, ...] = ()


class RetentionStore(OneThread):
    """Says what is due and takes it, `chunk` of it in one transaction."""

    def __init__(self, source: Place | Database, chunk: int = CHUNK) -> None:
        super().__init__(source)
        self._chunk = chunk

    def terms(self) -> list[Term]:
        """The terms in force, from the campaigns' rules and the office's wishes."""
        with self._reading() as connection:
            return _terms(connection)

    def wish(self, kind: Kind, days: int, now: Instant, who: str = "supervisor") -> None:
        """Set the office's own days of a kind; KnownError where they make no sense."""
        if not 1 <= days <= 36_500:
            raise KnownError("Days to keep something must lie between 1 and 36500.")
        with self._writing() as connection:
            wishes = _wishes(connection) | {kind.value: days}
            settings.write(connection, SETTING, msgspec.json.encode(wishes).decode(), now)
            detail: dict[str, object] = {"kind": kind.value, "days": days}
            audit.append(connection, who, "retention changed", detail, now.utc)

    def due(self, now: Instant) -> list[Due]:
        """What a purge would take now, kind by kind; nothing is changed."""
        with self._reading() as connection:
            terms = _terms(connection)
            return [
                Due(kind, *_count(connection, kind, terms, now), tuple(_days(terms, kind)))
                for kind in Kind
            ]

    def purge(
        self,
        now: Instant,
        who: str = "office",
        goes_on: Callable[[Kind, int], bool] = lambda _kind, _count: True,
    ) -> list[Purged]:
        """Take all that is due, a little at a time; each kind that lost something is in the log.

        `goes_on(kind, count)` is asked after each little; False ends the purge there.
        """
        with self._reading() as connection:
            terms = _terms(connection)
        found: list[Purged] = []
        is_ended = False
        for kind in Kind:
            count, stuck = 0, list[str]()
            coming = self._coming(kind, terms, now, stuck)
            while not is_ended and (ids := next(coming, None)) is not None:
                taken, failed = self._take_some(kind, terms, now, ids)
                count += taken
                stuck += failed
                is_ended = not goes_on(kind, count)
            found.append(Purged(kind, count, tuple(Path(path).name for path in stuck)))
        detail: dict[str, object] = {one.kind.value: one.count for one in found if one.count}
        left = sum(len(one.stuck) for one in found)
        if left:
            detail["files that could not go"] = left
        if detail:
            with self._writing() as connection:
                audit.append(connection, who, "purged", detail, now.utc)
            empty_journal(self._own())
        return found

    def _coming(
        self, kind: Kind, terms: Sequence[Term], now: Instant, stuck: Sequence[str]
    ) -> Iterator[Sequence[Any]]:
        """Ids of what is due, a chunk at a time; `stuck` grows while they are taken.

        Looking for them walks over whole tables, which is done while nobody waits for the lock.
        """
        seen: set[Any] = set()
        while True:
            with self._reading() as connection:
                rows = _due_rows(connection, kind, terms, now, AHEAD, stuck=stuck)
            ids = [row.id for row in rows if row.id not in seen]
            if not ids:
                return
            seen.update(ids)
            for start in range(0, len(ids), self._chunk):
                yield ids[start : start + self._chunk]

    def _take_some(
        self, kind: Kind, terms: Sequence[Term], now: Instant, ids: Sequence[Any]
    ) -> tuple[int, list[str]]:
        """Take those that are due still; how many went, and files that the disk kept."""
        with self._writing() as connection:
            forget_pages(connection)
            rows = _due_rows(connection, kind, terms, now, len(ids), among=ids)
            if not rows:
                return 0, []
            if kind in (Kind.RECORDINGS, Kind.FILES):
                return _take_files(connection, kind, rows, now)
            _TAKE[kind](connection, [row.id for row in rows], now)
            return len(rows), []


# --- terms ----------------------------------------------------------------------------------


def recording_days(connection: Connection, campaign_id: int) -> int:
    """How long a recording of this campaign is kept."""
    return next(
        term.days
        for term in _terms(connection)
        if term.kind is Kind.RECORDINGS and term.campaign_id == campaign_id
    )


def _wishes(connection: Connection) -> dict[str, int]:
    stored = settings.read(connection, SETTING)
    return msgspec.json.decode(stored, type=dict[str, int]) if stored else {}


def _terms(connection: Connection) -> list[Term]:
    wishes = _wishes(connection)
    found: list[Term] = []
    records = [0]
    for campaign_id, one in load_campaigns(connection).items():
        rules = one.profile
        law = {
            Kind.RECORDINGS: rules.recording_retention_days,
            Kind.NOTES: rules.record_retention_days,
            Kind.PEOPLE: rules.record_retention_days,
            Kind.REFUSALS: rules.record_retention_days,
            Kind.DECISIONS: rules.record_retention_days,
        }
        records.append(rules.record_retention_days)
        for kind, days in law.items():
            why = f"the rules for {rules.name} ({'at most' if kind in AT_MOST else 'at least'})"
            found.append(_term(kind, campaign_id, days, why, wishes))
    found.append(_term(Kind.FILES, None, FILE_DAYS, "handed over long ago", wishes))
    found.append(_term(Kind.LOCKOUTS, None, WINDOW_DAYS, "no rule looks further back", wishes))
    found.append(_term(Kind.WISHES, None, max(records), "as long as the calls", wishes))
    return found


def _term(kind: Kind, campaign_id: int | None, days: int, why: str, wishes: dict[str, int]) -> Term:
    wished = wishes.get(kind.value)
    if wished is None:
        return Term(kind, campaign_id, days, why)
    if kind in FREE:
        return Term(kind, campaign_id, wished, "as the office wishes")
    chosen = min(days, wished) if kind in AT_MOST else max(days, wished)
    return Term(kind, campaign_id, chosen, "as the office wishes" if chosen == wished else why)


def _days(terms: Sequence[Term], kind: Kind) -> Iterator[int]:
    yield from sorted({term.days for term in terms if term.kind is kind})


# --- what is due ----------------------------------------------------------------------------

_ABOUT: Final[dict[Kind, tuple[Any, Any, Any]]] = {
    # the row, its campaign (None: of no campaign), its moment
    Kind.RECORDINGS: (RecordingRow, AttemptRow.campaign_id, RecordingRow.started_at),
    Kind.FILES: (WrittenFileRow, None, WrittenFileRow.at),
    Kind.NOTES: (AttemptRow, AttemptRow.campaign_id, AttemptRow.committed_at),
    Kind.PEOPLE: (
        ContactRow,
        ContactRow.campaign_id,
        func.coalesce(ContactRow.last_attempt_at, ContactRow.changed_at),
    ),
    Kind.REFUSALS: (RefusalRow, RefusalRow.campaign_id, RefusalRow.at),
    Kind.LOCKOUTS: (LockoutRow, None, LockoutRow.until),
    Kind.WISHES: (AgentEventRow, None, AgentEventRow.at),
    Kind.DECISIONS: (DecisionRow, DecisionRow.campaign_id, DecisionRow.at),
}


def _still_there(kind: Kind) -> list[ColumnElement[bool]]:
    """What of a kind can go at all."""
    match kind:
        case Kind.FILES:
            return [WrittenFileRow.removed_at.is_(None)]
        case Kind.NOTES:
            told = or_(AttemptRow.note != "", AttemptRow.sip_call_id.is_not(None))
            return [AttemptRow.stage == CallStage.ENDED, told]
        case Kind.PEOPLE:
            closed = ContactRow.status == ContactStatus.CLOSED
            return [closed, ContactRow.status_reason != ERASED]
        case Kind.LOCKOUTS:
            return [LockoutRow.until.is_not(None)]
        case Kind.WISHES:
            cursor = select(func.min(DiallerLeaseRow.cursor)).scalar_subquery()
            # The last one stays: its number must not be given out again.
            return [AgentEventRow.id < cursor]
        case _:
            return []


def _conditions(
    kind: Kind, terms: Sequence[Term], now: Instant
) -> tuple[Any, Any, list[ColumnElement[bool]]]:
    row, campaign, moment = _ABOUT[kind]
    over: list[ColumnElement[bool]] = []
    for term in terms:
        if term.kind is kind:
            before = moment < now.utc - timedelta(days=term.days)
            over.append(before if campaign is None else and_(campaign == term.campaign_id, before))
    return row, moment, [or_(*over), *_still_there(kind)] if over else []


def _count(
    connection: Connection, kind: Kind, terms: Sequence[Term], now: Instant
) -> tuple[int, datetime | None]:
    row, moment, conditions = _conditions(kind, terms, now)
    if not conditions:
        return 0, None
    query = select(func.count(), func.min(moment)).select_from(row)
    if kind is Kind.RECORDINGS:
        query = query.join(AttemptRow, AttemptRow.id == RecordingRow.attempt_id)
    found = connection.execute(query.where(*conditions)).one()
    return int(found[0]), found[1]


def _due_rows(
    connection: Connection,
    kind: Kind,
    terms: Sequence[Term],
    now: Instant,
    most: int,
    *,
    stuck: Sequence[str] = (),
    among: Sequence[Any] = (),
) -> Sequence[Any]:
    row, moment, conditions = _conditions(kind, terms, now)
    if not conditions:
        return []
    has_path = kind in (Kind.RECORDINGS, Kind.FILES)
    query = select(row.id, row.path) if has_path else select(row.id)
    if kind is Kind.RECORDINGS:
        query = query.join(AttemptRow, AttemptRow.id == RecordingRow.attempt_id)
    if has_path and stuck:
        query = query.where(row.path.not_in(stuck))
    if among:
        query = query.where(row.id.in_(among))
    return connection.execute(query.where(*conditions).order_by(moment).limit(most)).all()


# --- taking it ------------------------------------------------------------------------------


def _take_files(
    connection: Connection, kind: Kind, rows: Sequence[Any], now: Instant
) -> tuple[int, list[str]]:
    fates = [(row, files.remove(Path(row.path)) if row.path else Fate.ABSENT) for row in rows]
    gone = [row.id for row, fate in fates if fate is not Fate.STAYS]
    if kind is Kind.FILES:
        connection.execute(
            update(WrittenFileRow).where(WrittenFileRow.id.in_(gone)).values(removed_at=now.utc)
        )
    else:
        connection.execute(
            delete(RecordingPauseRow).where(RecordingPauseRow.recording_id.in_(gone))
        )
        connection.execute(delete(RecordingRow).where(RecordingRow.id.in_(gone)))
    return len(gone), [row.path for row, fate in fates if fate is Fate.STAYS]


def _take_notes(connection: Connection, ids: Sequence[Any], now: Instant) -> None:
    del now
    connection.execute(
        update(AttemptRow)
        .where(AttemptRow.id.in_(ids))
        .values(note="", sip_call_id=None, sip_reason=None)
    )


def _take_people(connection: Connection, ids: Sequence[Any], now: Instant) -> None:
    hashes = connection.scalars(
        select(ContactNumberRow.number_hash).where(ContactNumberRow.contact_id.in_(ids))
    ).all()
    attempts = connection.scalars(select(AttemptRow.id).where(AttemptRow.contact_id.in_(ids))).all()
    person = Person(tuple(ids), tuple(hashes), tuple(attempts))
    anonymise(connection, person, now, keeps_lockouts=True)


def _delete(row: Any) -> Callable[[Connection, Sequence[Any], Instant], None]:
    def take(connection: Connection, ids: Sequence[Any], now: Instant) -> None:
        del now
        connection.execute(delete(row).where(row.id.in_(ids)))

    return take


_TAKE: Final[dict[Kind, Callable[[Connection, Sequence[Any], Instant], None]]] = {
    Kind.NOTES: _take_notes,
    Kind.PEOPLE: _take_people,
    Kind.REFUSALS: _delete(RefusalRow),
    Kind.LOCKOUTS: _delete(LockoutRow),
    Kind.WISHES: _delete(AgentEventRow),
    Kind.DECISIONS: _delete(DecisionRow),
}
