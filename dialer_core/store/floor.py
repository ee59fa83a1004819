"""The dialler's side of the database: its lease, its commands, what the seats want of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection, bindparam, select

from dialer_core.clock import Instant
from dialer_core.engine.commands import (
    CloseAttempt,
    CommitAttempt,
    LeaseRecords,
    MoveAttempt,
    NoteDecision,
    ReturnRecord,
    SetSeat,
    StoreCommand,
)
from dialer_core.engine.control_commands import (
    ClearNumber,
    ClearThird,
    ControlStoreCommand,
    FindCaller,
    NoteKey,
)
from dialer_core.engine.events import (
    AttemptRefused,
    CallEnded,
    CampaignSet,
    CountsRead,
    Event,
    RecordsLeased,
)
from dialer_core.lists.order import Turn
from dialer_core.model.campaign import Campaign
from dialer_core.model.errors import StoreTrouble
from dialer_core.model.ids import CampaignId, SessionId
from dialer_core.rules.hours import check_hours
from dialer_core.store import (
    attempts,
    attempts_ended,
    budgets,
    control,
    feed_words,
    floor_whom,
    intents,
    lease,
    leasing,
    lines,
    machines_heard,
    sessions,
    unlisted,
)
from dialer_core.store.address import Place
from dialer_core.store.campaigns import CampaignSettings, changes, load_campaigns
from dialer_core.store.chances import ChanceBook
from dialer_core.store.database import Database
from dialer_core.store.floor_notes import FloorNotes
from dialer_core.store.giving_way import GivingWay
from dialer_core.store.history import DayHistory, read_history
from dialer_core.store.hours_scores import scored
from dialer_core.store.lease import LeaseLost
from dialer_core.store.log_mover import LogMover
from dialer_core.store.machines_heard import Heard
from dialer_core.store.pace import Pace
from dialer_core.store.refusing import FREE_CONTACT
from dialer_core.store.restore import Restored, read_floor
from dialer_core.store.schema import AttemptRow, SessionRow
from dialer_core.store.schema.base import EventKind
from dialer_core.store.selection import Selection

__all__ = ["FloorStore", "LeaseLost", "Restored"]

EXTEND_EVERY_S: Final = 30.0  # how often the leases of the stock are drawn out

_AGENT_OF = select(SessionRow.agent_id).where(SessionRow.id == bindparam("session"))
_OF_ATTEMPT = select(AttemptRow.campaign_id, AttemptRow.session_id).where(
    AttemptRow.id == bindparam("attempt")
)


class FloorStore(FloorNotes):
    """What the dialler reads and writes; belongs to the one thread that uses it first."""

    def __init__(self, source: Place | Database) -> None:
        super().__init__(source)
        self._campaigns: dict[CampaignId, CampaignSettings] = {}
        self._agents: dict[SessionId, int | None] = {}
        self._opened_before = 0  # agent events up to this one are part of what was restored
        self._discreet: list[int] = []  # agent events whose words are not kept once carried out
        self._extended_s: float | None = None
        self._days: dict[CampaignId, date] = {}
        self._heard: dict[int, Heard] = {}
        self._in_front = GivingWay()
        pause, self._pace = self._in_front.pause, Pace()
        self._chances = ChanceBook(self._database, pause=pause)
        self._new_selection = partial(
            Selection, self._database, scores=self._hour_scores, pause=pause
        )
        self._selection = self._new_selection()
        self._log_mover = LogMover(self._database)

    def close(self) -> None:
        """Give the connection back; the store is not used again."""
        self._selection.close()
        self._log_mover.close()
        self._chances.close()
        super().close()

    # --- the lease ------------------------------------------------------------------------

    def take_lease(
        self, holder: str, now: Instant, ttl_s: float, holder_is_dead: Callable[[str], bool]
    ) -> int | None:
        """The new epoch, or None while another dialler's lease runs.

        `holder` names this process (host:pid:start). `holder_is_dead` is asked about the one that
        stands in the row: a dead process on this computer is not waited for.
        """
        with self._reading() as connection:  # who only stands by keeps nobody waiting
            held_by = lease.holder(connection, now)
        if held_by not in ("", holder) and not holder_is_dead(held_by):
            return None
        with self._writing() as connection:
            epoch = lease.take(connection, holder, now, ttl_s, holder_is_dead)
            if epoch is None:
                return None
            leasing.take_over_leases(connection, epoch, now)
        self._log_mover.take_over(self._own())
        self._epoch = epoch
        return epoch

    def lease_holder(self, now: Instant) -> str:
        """Who dials; empty: nobody, or one whose lease has run out."""
        with self._reading() as connection:
            return lease.holder(connection, now)

    def renew(self, now: Instant, ttl_s: float = 3.0) -> bool:
        """Hold on to the lease, and now and then to the stock; False: the lease is lost."""
        is_due = self._extended_s is None or now.mono_s - self._extended_s >= EXTEND_EVERY_S
        with self._writing() as connection:
            feed_words.concerns(connection)
            if not lease.renew(connection, self._epoch, now, ttl_s):
                return False
            if is_due:
                leasing.extend_leases(connection, self._epoch, now)
        if is_due:
            self._extended_s = now.mono_s
        return True

    def extend_stock(self, now: Instant) -> None:
        """Draw out, now and then, the leases of what is going to be dialled; LeaseLost."""
        if self._extended_s is not None and now.mono_s - self._extended_s < EXTEND_EVERY_S:
            return
        with self._writing() as connection:
            feed_words.concerns(connection)
            lease.check(connection, self._epoch)
            leasing.extend_leases(connection, self._epoch, now)
        self._extended_s = now.mono_s

    def release(self) -> None:
        """Give the lease up, so that the next dialler need not wait."""
        with self._writing() as connection:
            lease.release(connection, self._epoch)

    # --- what is in progress --------------------------------------------------------------

    def restore(self, now: Instant) -> Restored:
        """The whole floor as it stands on the record, for an engine that knows nothing."""
        with self._reading() as connection:
            self._campaigns = load_campaigns(connection)
            for found in self._campaigns.values():
                # Holidays take a tenth of a second to load: now, not before the first call.
                zone, country = found.zone.key, found.profile.country or ""
                check_hours(found.profile, (zone,), country, now.utc)
            self._opened_before = intents.last_id(connection)
            self._days = self._days_of(now)
            self._heard = machines_heard.tallies(connection, self._campaigns)
            return read_floor(connection, self._campaigns, now)

    def history(self, now: Instant) -> dict[CampaignId, DayHistory]:
        """What today's calls have taught, by campaign; for pacers that begin anew."""
        with self._reading() as connection:
            return {
                campaign_id: read_history(connection, found, now)
                for campaign_id, found in self._campaigns.items()
            }

    def new_days(self, now: Instant) -> list[Event]:
        """End and counts of each campaign whose day has turned since the last call.

        Counts alone where somebody has meanwhile listened to calls that were taken for machines.
        """
        days = self._days_of(now)
        before, self._days = self._days, days
        turned = [key for key, day in days.items() if before.get(key, day) != day]
        counted = turned + [key for key in self._newly_heard() if key not in turned]
        if not counted:
            return []
        ends: list[Event] = [
            CampaignSet(self._campaigns[campaign_id].campaign_on(now.utc)) for campaign_id in turned
        ]
        with self._reading() as connection:
            return ends + [
                CountsRead(
                    campaign_id,
                    budgets.binding_counts(connection, self._campaigns[campaign_id], now),
                )
                for campaign_id in counted
            ]

    def _newly_heard(self) -> list[CampaignId]:
        with self._reading() as connection:
            heard = machines_heard.tallies(connection, self._campaigns)
        before, self._heard = self._heard, heard
        return [key for key in self._campaigns if heard.get(key) != before.get(key)]

    def _days_of(self, now: Instant) -> dict[CampaignId, date]:
        return {key: found.day(now.utc) for key, found in self._campaigns.items()}

    def agent_events(self, after: int, now: Instant) -> tuple[list[Event], int]:
        """What the windows have wanted since the event `after`, and the next cursor."""
        found: list[Event] = []
        with self._reading() as connection:
            rows = intents.read_rows(connection, after)
            if not self._campaigns or any(row.kind is EventKind.CAMPAIGN for row in rows):
                self._campaigns = load_campaigns(connection)
            for row in rows:
                if row.kind in intents.DISCREET:
                    self._discreet.append(int(row.id))
                if row.kind is EventKind.OPENED and row.id <= self._opened_before:
                    continue  # the session came with what was restored
                found += intents.as_events(connection, row, self._campaigns, now)
        return found, int(rows[-1].id) if rows else after

    def changed_campaigns(self, now: Instant) -> list[Campaign]:
        """Campaigns whose row differs from what was last read here; a net under `agent_events`."""
        before = self._campaigns
        with self._reading() as connection:
            known = {campaign_id: found.changed_at for campaign_id, found in before.items()}
            if changes(connection) == known:
                return []
            fresh = self._campaigns = load_campaigns(connection)
        return [
            found.campaign_on(now.utc)
            for campaign_id, found in fresh.items()
            if campaign_id not in before or before[campaign_id].campaign != found.campaign
        ]

    # --- the engine's commands ------------------------------------------------------------

    def apply(
        self, commands: Sequence[StoreCommand], now: Instant, cursor: int | None = None
    ) -> list[Event]:
        """Carry the commands out in their order, all or none; the answers in their order.

        `cursor`: the last agent event that is behind these commands; it is remembered with them.
        Raises LeaseLost, and writes nothing, where another dialler has taken over; StoreTrouble,
        and has written nothing, where the database cannot be used: the same may be tried again.
        """
        discreet = self._discreet
        try:
            return self._carry_out(commands, now, cursor)
        except StoreTrouble:
            self._discreet = discreet
            # It counts people as taken whose lease was undone.
            self._selection.close()
            self._selection = self._new_selection()
            raise

    def _carry_out(
        self, commands: Sequence[StoreCommand], now: Instant, cursor: int | None
    ) -> list[Event]:
        answers: list[Event | None] = []
        # A lease that a power cut takes back was nobody's: nothing has been dialled for it yet.
        is_durable = not all(isinstance(one, LeaseRecords | ReturnRecord) for one in commands)
        with self._in_front, self._writing(is_durable=is_durable) as connection:
            lease.check(connection, self._epoch, cursor, now)
            if self._discreet and cursor is not None:
                self._discreet = intents.forget(connection, self._discreet, cursor)
            feed_words.concerns(connection)
            for command in commands:
                floor_whom.note_whom(connection, command)
                answers.append(self._apply(connection, command, now))
        self._log_mover.written()
        self._selection.look_for_more()
        return [answer for answer in answers if answer is not None]

    def _apply(self, connection: Connection, command: StoreCommand, now: Instant) -> Event | None:
        match command:
            case LeaseRecords():
                found = self._settings(connection, command.campaign_id)
                records = leasing.lease_records(
                    connection, found, command.count, self._epoch, now, self._selection
                )
                records = self._chances.with_chances(connection, found, records, now)
                return RecordsLeased(command.campaign_id, tuple(records))
            case ReturnRecord():
                rest = timedelta(seconds=command.rest_s)
                if command.skipped_by is not None:
                    rest = max(rest, leasing.SKIP_REST)
                leasing.return_record(connection, command.contact_id, self._epoch, now, rest)
                if not rest:
                    self._selection.returned(command.campaign_id, command.contact_id)
            case CommitAttempt():
                return self._commit(connection, command, now)
            case MoveAttempt():
                attempts.move(connection, command, self._agent(connection, command.session_id))
            case CloseAttempt():
                self._close(connection, command)
            case SetSeat():
                sessions.set_seat(connection, command)
            case NoteDecision():
                lines.note_decision(connection, command)
            case _:
                return self._apply_control(connection, command, now)
        return None

    def complete(self, late: Sequence[CallEnded]) -> int:
        """What lines say of attempts that were closed without their word; how many it completed."""
        done = 0
        with self._writing() as connection:
            lease.check(connection, self._epoch)
            for event in late:
                campaign_id = connection.scalar(_OF_ATTEMPT, {"attempt": event.attempt_id})
                if campaign_id is not None:
                    found = self._settings(connection, CampaignId(campaign_id))
                    done += attempts_ended.complete(
                        connection, found, event.attempt_id, event.facts
                    )
        return done

    def _hour_scores(
        self,
        connection: Connection,
        found: CampaignSettings,
        turns: Sequence[Turn],
        now: datetime,
    ) -> Sequence[Turn]:
        """How good this hour is for people, where the campaign has taught a model."""
        model = self._chances.model(found.campaign.id)
        return turns if model is None else scored(connection, found, model, turns, now)

    def _apply_control(
        self, connection: Connection, command: ControlStoreCommand, now: Instant
    ) -> Event | None:
        match command:
            case ClearThird():
                found = self._settings(connection, command.campaign_id)
                return unlisted.clear_third(connection, found, command, now)
            case ClearNumber():
                found = self._settings(connection, command.campaign_id)
                return unlisted.clear_number(connection, found, command, self._epoch, now)
            case FindCaller():
                if not self._campaigns:
                    self._campaigns = load_campaigns(connection)
                return unlisted.find_caller(connection, self._campaigns, command, self._epoch, now)
            case NoteKey():
                campaign_id = connection.scalar(_OF_ATTEMPT, {"attempt": command.attempt_id})
                if campaign_id is not None:
                    found = self._settings(connection, CampaignId(campaign_id))
                    control.note_key(connection, found, command)
            case _:
                control.note(connection, command)
        return None

    def _commit(self, connection: Connection, command: CommitAttempt, now: Instant) -> Event:
        found = self._settings(connection, command.campaign_id)
        if not found.campaign.is_running:
            connection.execute(FREE_CONTACT, {"contact": command.record.contact_id})
            return AttemptRefused(command.attempt_id, "The campaign was stopped.")
        agent = self._agent(connection, command.session_id)
        return attempts.commit(connection, found, command, agent, self._epoch, now, self._pace)

    def _close(self, connection: Connection, command: CloseAttempt) -> None:
        row = connection.execute(_OF_ATTEMPT, {"attempt": command.attempt_id}).first()
        if row is None:
            return
        feed_words.concerns(connection, row.session_id)
        session_id = None if command.facts is None else command.facts.session_id
        attempts_ended.close(
            connection,
            self._settings(connection, CampaignId(row.campaign_id)),
            command,
            self._agent(connection, session_id),
        )

    def _settings(self, connection: Connection, campaign_id: CampaignId) -> CampaignSettings:
        if campaign_id not in self._campaigns:
            self._campaigns = load_campaigns(connection)
        return self._campaigns[campaign_id]

    def _agent(self, connection: Connection, session_id: SessionId | None) -> int | None:
        if session_id is None:
            return None
        if session_id not in self._agents:
            self._agents[session_id] = connection.scalar(_AGENT_OF, {"session": session_id})
        return self._agents[session_id]
