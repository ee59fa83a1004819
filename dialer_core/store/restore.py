"""What a dialler that has just taken the lease must know to go on where the last one stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from dialer_core.clock import Instant
from dialer_core.engine.events import (
    AttemptRestored,
    CampaignSet,
    CountsRead,
    Event,
    SeatOpened,
)
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import AttemptId, CampaignId, ContactId, NumberId, SessionId
from dialer_core.model.records import DayCounts, LeasedRecord
from dialer_core.model.states import CallStage, SeatState
from dialer_core.store import budgets, progress, variants
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.day import skips_today
from dialer_core.store.facts import ONE_NUMBER, candidates
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AgentRow,
    AttemptRow,
    ContactNumberRow,
    ContactRow,
    DiallerLeaseRow,
    SessionRow,
)

_SESSIONS = (
    select(
        SessionRow.__table__,
        AgentRow.name.label("agent_name"),
        ContactRow.leased_number_id,
    )
    .join(AgentRow, AgentRow.id == SessionRow.agent_id)
    .outerjoin(ContactRow, ContactRow.id == SessionRow.contact_id)
    .where(SessionRow.closed_at.is_(None))
    .order_by(SessionRow.id)
)
_OPEN_ATTEMPTS = (
    select(AttemptRow.__table__, ContactNumberRow.e164)
    .join(ContactNumberRow, ContactNumberRow.id == AttemptRow.number_id)
    .where(AttemptRow.stage.in_([stage for stage in CallStage if stage is not CallStage.ENDED]))
    .order_by(AttemptRow.committed_at)
)
_PARKED = (
    select(AttemptRow.__table__, ContactNumberRow.e164)
    .join(ContactNumberRow, ContactNumberRow.id == AttemptRow.number_id)
    .where(
        AttemptRow.id.in_(bindparam("attempts", expanding=True)),
        AttemptRow.session_id == bindparam("session"),
        AttemptRow.stage == CallStage.ENDED,
        AttemptRow.disposition_code.is_(None),
    )
)
_CURSOR = select(DiallerLeaseRow.cursor).where(DiallerLeaseRow.id == bindparam("one"))


@dataclass(frozen=True, slots=True)
class Restored:
    """The floor as the database has it; `events` in the order in which the engine is told."""

    campaigns: tuple[Campaign, ...]
    counts: Mapping[CampaignId, DayCounts]
    sessions: tuple[SeatOpened, ...]
    attempts: tuple[AttemptRestored, ...]
    cursor: int  # the last agent event that the dialler before has handled

    @property
    def events(self) -> tuple[Event, ...]:
        """Campaigns, their counts, seats, open attempts."""
        return (
            *(CampaignSet(campaign) for campaign in self.campaigns),
            *(CountsRead(campaign_id, found) for campaign_id, found in self.counts.items()),
            *self.sessions,
            *self.attempts,
        )


def read_floor(
    connection: Connection, campaigns: Mapping[CampaignId, CampaignSettings], now: Instant
) -> Restored:
    """Everything that is in progress. Monotonic times are reckoned from `now` and the record."""
    return Restored(
        campaigns=tuple(settings.campaign_on(now.utc) for settings in campaigns.values()),
        counts={
            campaign_id: budgets.binding_counts(connection, settings, now)
            for campaign_id, settings in campaigns.items()
        },
        sessions=tuple(
            _seat(connection, campaigns, row, now) for row in connection.execute(_SESSIONS).all()
        ),
        attempts=tuple(
            _attempt(connection, row, now) for row in connection.execute(_OPEN_ATTEMPTS).all()
        ),
        cursor=connection.scalar(_CURSOR, {"one": 1}) or 0,
    )


def _seat(
    connection: Connection,
    campaigns: Mapping[CampaignId, CampaignSettings],
    row: AnyRow,
    now: Instant,
) -> SeatOpened:
    record = None
    settings = campaigns[CampaignId(row.campaign_id)]
    if row.state is SeatState.PREVIEW and row.leased_number_id is not None:
        numbers = connection.execute(
            ONE_NUMBER, {"contact": row.contact_id, "number": row.leased_number_id}
        ).all()
        for candidate in candidates(connection, settings, numbers, now):
            record = LeasedRecord(
                ContactId(candidate.contact_id),
                settings.campaign.id,
                NumberId(candidate.number_id),
                candidate.facts.number,
                candidate.needs_reserved(now.utc),
                is_promised=candidate.is_promised,
                **variants.own_terms(connection, settings, candidate.contact_id),
            )
    return SeatOpened(
        session_id=SessionId(row.id),
        campaign_id=CampaignId(row.campaign_id),
        agent_name=row.agent_name,
        state=row.state,
        since=at_instant(row.since, now),
        attempt_id=None if row.attempt_id is None else AttemptId(row.attempt_id),
        record=record,
        pause_wanted=row.pause_wanted,
        pause_due=at_instant(row.pause_due, now),
        skips_today=skips_today(connection, row.agent_id, settings, now.utc),
        is_relief=row.is_relief,
        is_supervisor=row.is_supervisor,
        parked=_parked(connection, row),
    )


def _parked(connection: Connection, row: AnyRow) -> tuple[tuple[AttemptId, LeasedRecord], ...]:
    """The interrupted wrap-ups that the session still owes, in the order in which it had them."""
    if not row.parked:
        return ()
    found = {
        attempt.id: (AttemptId(attempt.id), _record(attempt))
        for attempt in connection.execute(_PARKED, {"session": row.id, "attempts": row.parked})
    }
    return tuple(found[one] for one in row.parked if one in found and one != row.attempt_id)


def _record(row: AnyRow) -> LeasedRecord:
    return LeasedRecord(
        ContactId(row.contact_id),
        CampaignId(row.campaign_id),
        NumberId(row.number_id),
        row.e164,
        row.reserved_only,
    )


def _attempt(connection: Connection, row: AnyRow, now: Instant) -> AttemptRestored:
    return AttemptRestored(
        attempt_id=AttemptId(row.id),
        campaign_id=CampaignId(row.campaign_id),
        record=_record(row),
        mode=row.mode,
        stage=row.stage,
        session_id=None if row.session_id is None else SessionId(row.session_id),
        answered=at_instant(row.answered_at, now),
        bridged=at_instant(row.bridged_at, now),
        control=progress.restored(connection, row.id),
        direction=row.direction,
        asked=row.asked,
    )


def at_instant(moment: datetime | None, now: Instant) -> Instant | None:
    """A moment of the record on both clocks of this process."""
    if moment is None:
        return None
    return Instant(now.mono_s - (now.utc - moment).total_seconds(), moment)
