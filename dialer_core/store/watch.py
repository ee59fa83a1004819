"""The supervisor's side: the whole floor at one moment, and the switches of a campaign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from dialer_core.clock import Instant
from dialer_core.model.campaign import Campaign
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import CampaignId
from dialer_core.model.records import DayCounts
from dialer_core.model.states import CallStage, Mode, SeatState
from dialer_core.rules.abandonment import AbandonedRate
from dialer_core.rules.facts import RefusalCode
from dialer_core.rules.profiles import RuleProfile
from dialer_core.store import machines_heard, outdated, settings, switches
from dialer_core.store.address import Place
from dialer_core.store.campaigns import CampaignSettings, changes, load_campaigns
from dialer_core.store.database import Database
from dialer_core.store.day import start_of_day
from dialer_core.store.day_watch import OPEN_STAGES, DayWatch, WatchedDecision, WatchedSeat
from dialer_core.store.lease import clock_of
from dialer_core.store.list_figures import ListCounter, ListFigures
from dialer_core.store.listening import SupervisorPlace
from dialer_core.store.machines_heard import Heard
from dialer_core.store.pace import Pace
from dialer_core.store.schema import (
    AttemptRow,
    DiallerLeaseRow,
    LineRow,
    SessionRow,
)
from dialer_core.store.times import FloorTimes, TimesReader

__all__ = ["ListFigures", "Snapshot", "WatchStore", "WatchedDecision", "WatchedSeat"]

LATE: Final = timedelta(seconds=1)  # a lease may be renewed a moment after its end

_BUSY = [SeatState.RINGING, SeatState.CONNECTING, SeatState.TALKING, SeatState.WRAP_UP]
_LEASE = select(DiallerLeaseRow.__table__).where(DiallerLeaseRow.id == 1)
_LINES = select(func.count()).select_from(LineRow)
_BUSY_SEATS = select(func.count()).where(
    SessionRow.closed_at.is_(None),
    SessionRow.is_supervisor.is_(False),
    SessionRow.state.in_(_BUSY),
)
_OPEN_ATTEMPTS = select(func.count()).where(AttemptRow.stage.in_(OPEN_STAGES))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The floor at one moment. Campaign figures are those of `campaign` and its own day."""

    at: datetime
    campaign: Campaign | None
    campaign_names: tuple[tuple[CampaignId, str], ...]
    profile: RuleProfile | None
    zone: str
    is_dialler_alive: bool
    dialler: str  # host:pid:start of who dials, empty: nobody
    epoch: int
    seats: tuple[WatchedSeat, ...]
    calls: Mapping[CallStage, int]  # open ones by stage
    lines: int  # that a dialler has noted; 0 where none has
    totals: Mapping[str, int]  # store.counts.COLUMNS
    counts: DayCounts
    rate: AbandonedRate
    drops_left: int
    decisions: tuple[WatchedDecision, ...]  # newest first
    refusals: Mapping[RefusalCode, int]  # today
    people: ListFigures
    trunk_trouble: str
    line_troubles: tuple[str, ...] = ()  # sentences on registrations and lines

    @property
    def lines_in_use(self) -> int:
        """Calls that are not over."""
        return sum(self.calls.values())


def _troubles(connection: Connection) -> tuple[str, ...]:
    told = settings.read(connection, settings.LINE_TROUBLES).splitlines()
    newer = outdated.sentence(connection)
    return (newer, *told) if newer else tuple(told)


class WatchStore(SupervisorPlace):
    """What a supervisor's window reads and writes; belongs to the thread that uses it first."""

    def __init__(self, source: Place | Database) -> None:
        super().__init__(source)
        self._campaigns: dict[CampaignId, CampaignSettings] = {}
        self._people = ListCounter()
        self._times: TimesReader | None = None
        self._pace = Pace()

    def snapshot(self, now: Instant, campaign_id: CampaignId | None = None) -> Snapshot:
        """Everything that the window shows; `campaign_id` None: the first one that runs."""
        with self._reading() as connection:
            if changes(connection) != {k: v.changed_at for k, v in self._campaigns.items()}:
                self._campaigns = load_campaigns(connection)
            chosen = self._chosen(campaign_id)
            lease = connection.execute(_LEASE).first()
            today = DayWatch(connection, chosen, now, self._pace)
            return Snapshot(
                at=now.utc,
                campaign=None if chosen is None else chosen.campaign,
                campaign_names=tuple((k, v.campaign.name) for k, v in self._campaigns.items()),
                profile=None if chosen is None else chosen.profile,
                zone="" if chosen is None else chosen.zone.key,
                is_dialler_alive=lease is not None
                and bool(lease.holder)
                and lease.expires_at + LATE > clock_of(connection, now),
                dialler="" if lease is None else lease.holder,
                epoch=0 if lease is None else lease.epoch,
                seats=today.seats(),
                calls=today.calls(),
                lines=connection.scalar(_LINES) or 0,
                totals=today.totals,
                counts=today.counts,
                rate=today.rate,
                drops_left=today.drops_left,
                decisions=today.decisions(),
                refusals=today.refusals(),
                people=self._list(connection, chosen, now),
                trunk_trouble=settings.read(connection, settings.TRUNK_TROUBLE),
                line_troubles=_troubles(connection),
            )

    def times(self, now: Instant, campaign_id: CampaignId | None = None) -> FloorTimes | None:
        """How the day's seconds were spent by seats of the campaign; None where there is none."""
        chosen = self._chosen(campaign_id)
        if chosen is None:
            return None
        start = start_of_day(chosen, now.utc)
        reader = self._times
        if reader is None or (reader.campaign_id, reader.start) != (chosen.campaign.id, start):
            self._times = reader = TimesReader(chosen.campaign.id, start)
        with self._reading() as connection:
            return reader.read(connection, now.utc)

    def trunk_trouble(self) -> str:
        """What is wrong with the trunk at this moment; empty: nothing."""
        with self._reading() as connection:
            return settings.read(connection, settings.TRUNK_TROUBLE)

    def is_quiet(self) -> bool:
        """No call is open, and no agent is in one or has an outcome outstanding."""
        with self._reading() as connection:
            return not connection.scalar(_OPEN_ATTEMPTS) and not connection.scalar(_BUSY_SEATS)

    def set_mode(self, campaign_id: CampaignId, mode: Mode, who: str, now: Instant) -> None:
        """Dial in this mode from now on."""
        self._change(campaign_id, "mode", mode, who, now)

    def set_running(
        self, campaign_id: CampaignId, is_running: bool, who: str, now: Instant
    ) -> None:
        """Start or stop the campaign; calls in progress come to their end."""
        self._change(campaign_id, "is_running", is_running, who, now)

    def set_target(self, campaign_id: CampaignId, target: float, who: str, now: Instant) -> None:
        """The share of abandoned calls that the pacer aims at; KnownError beyond the cap."""
        with self._reading() as connection:
            found = load_campaigns(connection).get(campaign_id)
        cap = 0.0 if found is None else found.campaign.abandon_cap
        if not 0 <= target <= cap:
            raise KnownError(f"The target must lie between 0 and the cap of {cap:.1%}.")
        self._change(campaign_id, "abandon_target", target, who, now)

    def set_lever(
        self, campaign_id: CampaignId, name: str, is_on: bool, who: str, now: Instant
    ) -> None:
        """Switch one of the pacer's levers (a name of model.Levers)."""
        with self._writing() as connection:
            switches.change_lever(connection, campaign_id, name, is_on, who, now)

    def set_parked_an_hour(
        self, campaign_id: CampaignId, an_hour: int, who: str, now: Instant
    ) -> None:
        """How many wrap-ups of one seat an answered call may interrupt in an hour."""
        with self._writing() as connection:
            switches.change_parked(connection, campaign_id, an_hour, who, now)

    def set_borrows_ahead(
        self, campaign_id: CampaignId, is_on: bool, who: str, now: Instant
    ) -> None:
        """Whether drops may be used ahead of the calls that earn them."""
        self._change(campaign_id, "borrows_ahead", is_on, who, now)

    def set_day_ends(
        self, campaign_id: CampaignId, ends: time | None, who: str, now: Instant
    ) -> None:
        """When the floor goes home, where the campaign is; None: as the law ends."""
        with self._writing() as connection:
            switches.change_day_end(connection, campaign_id, ends, who, now)

    def set_telephone(
        self, campaign_id: CampaignId, wanted: Mapping[str, object], who: str, now: Instant
    ) -> None:
        """Settings of the telephone by their names, all of them or none (`rules.telephone`)."""
        with self._writing() as connection:
            switches.change_telephone(connection, campaign_id, wanted, who, now)

    def machines_heard(self, campaign_id: CampaignId) -> Heard:
        """What listening to this campaign's detected machines has found."""
        with self._reading() as connection:
            return machines_heard.tally(connection, campaign_id)

    def _change(
        self, campaign_id: CampaignId, name: str, value: object, who: str, now: Instant
    ) -> None:
        with self._writing() as connection:
            switches.change(connection, campaign_id, name, value, who, now)

    def _chosen(self, campaign_id: CampaignId | None) -> CampaignSettings | None:
        if campaign_id is not None:
            return self._campaigns.get(campaign_id)
        by_rank = sorted(self._campaigns.values(), key=lambda one: not one.campaign.is_running)
        return by_rank[0] if by_rank else None

    def _list(
        self, connection: Connection, chosen: CampaignSettings | None, now: Instant
    ) -> ListFigures:
        if chosen is None:
            return ListFigures()
        return self._people.read(connection, chosen.campaign.id, now)
