"""The record's answer chance from the database: the campaign's past calls, and the next ones.

A model is fitted to the newest `EXAMPLES` calls of a campaign when its first record is leased, and
again every quarter of an hour or `CALLS` calls. That takes some tenths of a second, so it happens
in a thread of its own with a connection of its own; leasing goes on with the model that there is,
and without any the records bring no chance. What a lease costs is one question about its records.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
from sqlalchemy import Connection, bindparam, cast, exists, func, select

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import CampaignId
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import CallStage, Direction
from dialer_core.pacing.chances import (
    AnswerModel,
    Calls,
    History,
    HistoryMaker,
    Ints,
    Last,
    PastCall,
    Prior,
    fit,
    last_of,
)
from dialer_core.rules.hours import zone_named
from dialer_core.rules.outcomes import NO_CONTACT
from dialer_core.store.address import Place
from dialer_core.store.campaigns import CampaignSettings, load_campaigns
from dialer_core.store.database import Database
from dialer_core.store.facts import Words
from dialer_core.store.giving_way import no_pause
from dialer_core.store.many import among_numbers
from dialer_core.store.opening import open_database
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import AttemptRow, ContactRow, DayCountRow

log = logging.getLogger(__name__)

EXAMPLES: Final = 20_000
CALLS: Final = 500  # records that a campaign leases between two fittings
EVERY_S: Final = 900.0
PRIOR_CALLS: Final = 20  # that the plain prior weighs against what the floor's campaigns have seen
NAN: Final = float("nan")
CHUNK: Final = 100  # rows that are read at a time
PIECE: Final = 25  # rows between two looks at who waits

_NEWEST = (
    select(AttemptRow.contact_id)
    .where(
        AttemptRow.campaign_id == bindparam("campaign"),
        AttemptRow.committed_at <= bindparam("now"),
    )
    .order_by(AttemptRow.committed_at.desc())
    .limit(bindparam("most"))
    .subquery()
)
_PAST = (
    # All calls of whoever was called lately: what was known before each of them must be known.
    select(
        AttemptRow.contact_id,
        AttemptRow.number_id,
        AttemptRow.committed_at,
        AttemptRow.answered_at.is_not(None).label("is_answered"),
        AttemptRow.outcome,
        AttemptRow.disposition_code,
        ContactRow.list_id,
        ContactRow.zones,
    )
    .join(ContactRow, ContactRow.id == AttemptRow.contact_id)
    .where(
        AttemptRow.contact_id.in_(select(_NEWEST.c.contact_id)),
        AttemptRow.stage == CallStage.ENDED,
        AttemptRow.direction == Direction.OUT,
        AttemptRow.outcome.not_in(sorted(NO_CONTACT)),
        AttemptRow.committed_at <= bindparam("now"),
    )
    .order_by(AttemptRow.contact_id, AttemptRow.committed_at)
)
_OWN = AttemptRow.contact_id == ContactRow.id
_NEXT = select(
    ContactRow.id,
    ContactRow.list_id,
    cast(ContactRow.zones, Words).label("zones"),
    ContactRow.attempts_count,
    ContactRow.last_attempt_at,
    ContactRow.last_outcome,
    select(func.count(AttemptRow.answered_at)).where(_OWN).scalar_subquery().label("answered"),
    exists().where(_OWN, AttemptRow.number_id == ContactRow.leased_number_id).label("is_known"),
).where(among_numbers(ContactRow.id, "contacts"))
_OTHERS = select(
    func.coalesce(func.sum(DayCountRow.dialled), 0).label("dialled"),
    func.coalesce(func.sum(DayCountRow.answered), 0).label("answered"),
    func.coalesce(func.sum(DayCountRow.live), 0).label("live"),
    func.coalesce(func.sum(DayCountRow.machines), 0).label("machines"),
).where(DayCountRow.campaign_id != bindparam("campaign"))

Start = Callable[[Callable[[], None]], None]


def read_calls(
    connection: Connection, settings: CampaignSettings, now: datetime, most: int = EXAMPLES
) -> History:
    """The campaign's newest `most` calls that have ended, with what was known before each."""
    maker = HistoryMaker()
    for call in _past_calls(connection, settings, now, most):
        maker.add(call)
    return maker.history(most)


def read_prior(connection: Connection, campaign_id: int) -> Prior:
    """What the floor's other campaigns say of a new one, leaning on a plain list of people."""
    row = connection.execute(_OTHERS, {"campaign": campaign_id}).one()
    heard, plain = row.live + row.machines, Prior()
    return Prior(
        (row.answered + PRIOR_CALLS * plain.answered) / (row.dialled + PRIOR_CALLS),
        (row.live + PRIOR_CALLS * plain.people) / (heard + PRIOR_CALLS),
    )


@dataclass(frozen=True, slots=True)
class CampaignHistory:
    """A campaign's past calls; `day`: the campaign's calendar day of each, as an ordinal."""

    name: str
    history: History
    day: Ints
    prior: Prior


def campaign_history(
    place: Place, campaign: str, now: datetime, most: int = 5 * EXAMPLES
) -> CampaignHistory:
    """The newest `most` calls of the campaign of that name in the database at `place`.

    KnownError where there is no such database or campaign; the sentence names those that there are.
    """
    database = open_database(place)
    try:
        with database.reading() as connection:
            found = {one.campaign.name: one for one in load_campaigns(connection).values()}
            settings = found.get(campaign)
            if settings is None:
                names = ", ".join(sorted(found)) or "none"
                raise KnownError(f"There is no campaign {campaign!r} there; there are: {names}.")
            history = read_calls(connection, settings, now, most)
            prior = read_prior(connection, settings.campaign.id)
    finally:
        database.close()
    moments = (datetime.fromtimestamp(at_s, UTC) for at_s in history.at_s)
    day = np.array([settings.day(moment).toordinal() for moment in moments], np.int64)
    return CampaignHistory(campaign, history, day, prior)


def next_calls(
    connection: Connection,
    settings: CampaignSettings,
    records: Sequence[LeasedRecord],
    now: datetime,
) -> Calls:
    """What is known of the calls to `records`, in their order; one question for all of them.

    A contact that is no longer there counts as one of whom nothing is known.
    """
    asked = {"contacts": [record.contact_id for record in records]}
    rows = {row.id: row for row in connection.execute(_NEXT, asked).all()}
    facts = [_facts(rows.get(record.contact_id), settings, now) for record in records]
    columns: list[Sequence[float]] = list(zip(*facts, strict=True)) if facts else [()] * 8
    return Calls.of(*columns)  # type: ignore[arg-type]


@dataclass(slots=True)
class _Known:
    """A campaign's model and when the next one is due."""

    model: AnswerModel | None = None
    fitted_s: float | None = None
    calls_since: int = 0


class ChanceBook:
    """The models of the campaigns, for the thread that leases; fits them in another one.

    `start` runs a piece of work beside the caller: a thread of its own, unless told otherwise.
    `pause` is called between pieces of it.
    """

    def __init__(
        self,
        database: Database,
        start: Start | None = None,
        pause: Callable[[], None] = no_pause,
    ) -> None:
        self._database, self._pause = database, pause
        self._start = start or self._in_thread
        self._known: dict[CampaignId, _Known] = {}
        self._thread: threading.Thread | None = None
        self._is_fitting = False
        self._is_closing = False

    def close(self) -> None:
        """Wait until a fitting that is under way has given up; none begins any more."""
        self._is_closing = True
        if self._thread is not None:
            self._thread.join()

    def model(self, campaign_id: CampaignId) -> AnswerModel | None:
        """The campaign's model of this moment; None without one."""
        known = self._known.get(campaign_id)
        return None if known is None else known.model

    def with_chances(
        self,
        connection: Connection,
        settings: CampaignSettings,
        records: Sequence[LeasedRecord],
        now: Instant,
    ) -> list[LeasedRecord]:
        """The records with their chances, where the campaign uses them and a model is there."""
        if not (settings.campaign.levers.answer_chance and records):
            return list(records)
        known = self._known.setdefault(settings.campaign.id, _Known())
        self._fit_if_due(known, settings, now)
        known.calls_since += len(records)
        model = known.model
        if model is None:
            return list(records)
        chances = model.chances(next_calls(connection, settings, records, now.utc))
        return [
            replace(record, answer_chance=float(chance))
            for record, chance in zip(records, chances, strict=True)
        ]

    def _fit_if_due(self, known: _Known, settings: CampaignSettings, now: Instant) -> None:
        is_due = (
            known.fitted_s is None
            or known.calls_since >= CALLS
            or now.mono_s - known.fitted_s >= EVERY_S
        )
        if self._is_fitting or self._is_closing or not is_due:
            return
        known.fitted_s, known.calls_since = now.mono_s, 0
        self._is_fitting = True
        self._start(lambda: self._fit(known, settings, now.utc))

    def _in_thread(self, work: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=work, name="chances", daemon=True)
        self._thread.start()

    def _fit(self, known: _Known, settings: CampaignSettings, now: datetime) -> None:
        """Read and fit; where the database does not let us, the old model stays."""
        try:
            with self._database.reading() as connection:
                maker = HistoryMaker()
                # Whoever gives up lets go of the rows before the transaction ends.
                with closing(_past_calls(connection, settings, now, EXAMPLES)) as calls:
                    for number, call in enumerate(calls):
                        if number % PIECE == 0:
                            self._pause()
                        if self._is_closing:
                            return
                        maker.add(call)
                prior = read_prior(connection, settings.campaign.id)
            if len(maker):
                known.model = fit(maker.history(EXAMPLES), prior, self._pause)
        except KnownError as problem:
            log.warning("answer chances stay as they were: %s", problem)
        finally:
            self._is_fitting = False


def _past_calls(
    connection: Connection, settings: CampaignSettings, now: datetime, most: int
) -> Generator[PastCall, None, None]:
    outcomes = {one.code: one.outcome for one in settings.campaign.dispositions}
    past = _PAST.execution_options(yield_per=CHUNK)
    of = {"campaign": settings.campaign.id, "now": now, "most": most}
    with connection.execute(past, of) as rows:  # who has enough reads no further
        for contact, number, at, is_answered, outcome, code, list_id, zones in rows:
            hour, is_weekend = _local(at, zones, settings)
            said = outcomes.get(code, outcome) if code is not None else outcome
            if said is None:
                continue
            yield PastCall(
                contact, number, list_id, at.timestamp(), hour, is_weekend, said, is_answered
            )


def _facts(
    row: AnyRow | None, settings: CampaignSettings, now: datetime
) -> tuple[float, float, int, float, float, float, int, float]:
    """In the order of the columns of Calls."""
    if row is None:
        hour, is_weekend = _local(now, (), settings)
        return 0.0, 0.0, int(Last.NEVER), NAN, hour, float(is_weekend), -1, 0.0
    _, list_id, zones, attempts, last_at, outcome, answered, is_known = row
    hour, is_weekend = _local(now, zones, settings)
    return (
        attempts,
        answered,
        int(last_of(outcome) if attempts > 0 else Last.NEVER),
        NAN if last_at is None else (now - last_at).total_seconds(),
        hour,
        float(is_weekend),
        list_id,
        float(attempts > 0 and not is_known),
    )


def _local(at: datetime, zones: Sequence[str], settings: CampaignSettings) -> tuple[float, bool]:
    """Hour of the day and whether it is a weekend where the person most likely is."""
    local = at.astimezone((zone_named(zones[0]) if zones else None) or settings.zone)
    return local.hour + local.minute / 60.0, local.weekday() >= 5
