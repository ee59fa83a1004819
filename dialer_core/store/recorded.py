"""Reads a recorded day of one campaign; writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, or_, select

from dialer_core.clock import Instant
from dialer_core.model.campaign import Campaign
from dialer_core.model.errors import KnownError
from dialer_core.model.recorded import (
    PauseWish,
    RecordedCall,
    RecordedDay,
    RecordedSession,
    SettingChange,
    Stretch,
)
from dialer_core.model.states import Direction, Mode
from dialer_core.rules.abandonment import abandoned_rate
from dialer_core.store import counts, machines_heard
from dialer_core.store.address import Place
from dialer_core.store.campaigns import CampaignSettings, load_campaigns
from dialer_core.store.opening import open_database
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AgentEventRow,
    AttemptRow,
    AuditRow,
    SessionRow,
    SessionStateRow,
)
from dialer_core.store.schema.base import EventKind

LINES: Final = 30  # of a floor on a day that does not tell
DAYS_NAMED: Final = 5  # of those that have calls, in the sentence about one that has none

_CALLS = (
    select(AttemptRow.__table__)
    .where(
        AttemptRow.campaign_id == bindparam("campaign"),
        AttemptRow.committed_at >= bindparam("start"),
        AttemptRow.committed_at < bindparam("end"),
        # The day is played again by a dialler: what it did not begin is not in it.
        AttemptRow.direction == Direction.OUT,
        AttemptRow.is_manual.is_(False),
    )
    .order_by(AttemptRow.committed_at, AttemptRow.id)
)
_STRETCHES = (
    select(
        SessionStateRow.__table__,
        SessionRow.agent_id,
        SessionRow.is_relief,
        SessionRow.closed_at,
        SessionRow.seen_at,
    )
    .join(SessionRow, SessionRow.id == SessionStateRow.session_id)
    .where(
        SessionRow.campaign_id == bindparam("campaign"),
        SessionRow.is_supervisor.is_(False),
        SessionStateRow.since < bindparam("end"),
        or_(SessionStateRow.until.is_(None), SessionStateRow.until > bindparam("start")),
    )
    .order_by(SessionStateRow.session_id, SessionStateRow.since, SessionStateRow.id)
)
_WISHES = (
    select(AgentEventRow.session_id, AgentEventRow.at, AgentEventRow.payload)
    .join(SessionRow, SessionRow.id == AgentEventRow.session_id)
    .where(
        SessionRow.campaign_id == bindparam("campaign"),
        AgentEventRow.kind == EventKind.PAUSE,
        AgentEventRow.at >= bindparam("start"),
        AgentEventRow.at < bindparam("end"),
    )
    .order_by(AgentEventRow.id)
)
_AUDIT = (
    select(AuditRow.at, AuditRow.detail)
    .where(AuditRow.what == "campaign changed", AuditRow.at >= bindparam("start"))
    .order_by(AuditRow.id.desc())
)
_NEWEST = select(func.max(AttemptRow.committed_at)).where(
    AttemptRow.campaign_id == bindparam("campaign"),
    AttemptRow.committed_at < bindparam("before"),
)


class NothingRecorded(KnownError):
    """What was asked for is not on the record; the sentence names what is."""

    exit_status = 2  # of a command that asks for it


def read_day(place: Place, campaign: str, day: str, now: Instant) -> RecordedDay:
    """The day `day` (ISO, "today" or "yesterday" where the campaign is) of a campaign.

    `campaign` is its id or its name. NothingRecorded for a campaign, a day or calls that are not
    there; KnownError for a database that cannot be read.
    """
    database = open_database(place)
    try:
        with database.reading() as connection:
            settings = _campaign(connection, campaign)
            return _Reader(connection, settings, day_named(day, settings, now), now).read()
    finally:
        database.close()


def day_named(text: str, settings: CampaignSettings, now: Instant) -> date:
    """The date that `text` means in the campaign's zone; NothingRecorded where it means none."""
    today = settings.day(now.utc)
    word = text.strip().lower()
    if word in ("today", "yesterday"):
        return today - timedelta(days=word == "yesterday")
    try:
        found = date.fromisoformat(word)
    except ValueError:
        raise NothingRecorded(
            f"{text!r} is no day; write it like {today.isoformat()}, or today or yesterday."
        ) from None
    if found > today:
        raise NothingRecorded(f"{found.isoformat()} has not come yet; today is {today}.")
    return found


def _campaign(connection: Connection, wanted: str) -> CampaignSettings:
    found = load_campaigns(connection)
    for settings in found.values():
        names = (str(settings.campaign.id), settings.campaign.name.casefold())
        if wanted.strip().casefold() in names:
            return settings
    there = ", ".join(f"{one.campaign.id} ({one.campaign.name})" for one in found.values())
    raise NothingRecorded(
        f"There is no campaign {wanted!r}; there are {there}."
        if there
        else f"There is no campaign {wanted!r}; this floor has none yet."
    )


class _Reader:
    """One campaign's day in one transaction."""

    def __init__(
        self, connection: Connection, settings: CampaignSettings, day: date, now: Instant
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._day = day
        self._start = datetime.combine(day, time.min, tzinfo=settings.zone).astimezone(UTC)
        end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=settings.zone)
        self._end = end.astimezone(UTC)
        self._until = min(self._end, now.utc)
        self._of: dict[str, object] = {
            "campaign": settings.campaign.id,
            "start": self._start,
            "end": self._end,
        }

    def read(self) -> RecordedDay:
        rows = self._connection.execute(_CALLS, self._of).mappings().all()
        if not rows:
            raise NothingRecorded(self._none())
        calls = tuple(self._call(row) for row in rows)
        sessions = self._sessions()
        changes, campaign = self._campaign_then(calls[len(calls) // 2].committed_s)
        lost, of_all = self._by_law()
        return RecordedDay(
            day=self._day,
            start=self._start,
            campaign=campaign,
            lines=_lines(rows, campaign.max_lines),
            calls=calls,
            sessions=sessions,
            changes=changes,
            seen_until_s=max(_moments(calls, sessions)),
            lost_by_law=lost,
            of_by_law=of_all,
        )

    def _s(self, moment: datetime | None) -> float | None:
        return None if moment is None else (moment - self._start).total_seconds()

    def _call(self, row: Mapping[Any, Any]) -> RecordedCall:
        said = self._settings.campaign.disposition(row["disposition_code"] or "")
        return RecordedCall(
            contact=row["contact_id"],
            session=row["session_id"],
            mode=row["mode"],
            committed_s=(row["committed_at"] - self._start).total_seconds(),
            invite_s=self._s(row["invite_at"]),
            answered_s=self._s(row["answered_at"]),
            bridged_s=self._s(row["bridged_at"]),
            message_s=self._s(row["message_at"]),
            ended_s=self._s(row["ended_at"]),
            ended_by=row["ended_by"],
            sip_status=row["sip_status"],
            outcome=row["outcome"],
            formula_class=row["formula_class"],
            said=None if said is None else said.outcome,
            is_overdial=row["is_overdial"],
        )

    def _sessions(self) -> tuple[RecordedSession, ...]:
        wishes: dict[int, list[PauseWish]] = defaultdict(list)
        for row in self._connection.execute(_WISHES, self._of):
            at_s = (row.at - self._start).total_seconds()
            wishes[row.session_id].append(PauseWish(at_s, max(at_s, self._due_s(row, at_s))))
        stretches: dict[int, list[Stretch]] = defaultdict(list)
        whose: dict[int, tuple[int, bool]] = {}
        for row in self._connection.execute(_STRETCHES, self._of):
            whose[row.session_id] = (row.agent_id, row.is_relief)
            found = self._stretch(row)
            if found is not None:
                stretches[row.session_id].append(found)
        return tuple(
            RecordedSession(
                session,
                whose[session][0],
                tuple(found),
                tuple(wishes[session]),
                is_relief=whose[session][1],
            )
            for session, found in sorted(stretches.items())
        )

    def _due_s(self, row: AnyRow, at_s: float) -> float:
        """When an announced pause was to begin; pauses that begin at once have no such word."""
        due_utc_s = row.payload.get("at_utc_s")
        if not isinstance(due_utc_s, int | float):
            return at_s
        return float(due_utc_s) - self._start.timestamp()

    def _stretch(self, row: AnyRow) -> Stretch | None:
        """The part of a stretch that lies on the day; an open one lasts while anybody was there."""
        until = row.until or row.closed_at or min(self._until, max(row.seen_at, row.since))
        since = max(row.since, self._start)
        until = min(until, self._end)
        if until < since:
            return None
        start = self._start
        return Stretch(row.state, (since - start).total_seconds(), (until - start).total_seconds())

    def _campaign_then(self, at_s: float) -> tuple[tuple[SettingChange, ...], Campaign]:
        """The settings as they stood at `at_s`, and what was changed while the day ran."""
        campaign = self._settings.campaign
        changes: list[SettingChange] = []
        for row in self._connection.execute(_AUDIT, self._of):
            detail = row.detail
            if detail.get("campaign_id") != campaign.id:
                continue
            name, before = str(detail.get("setting", "")), detail.get("before")
            change_s = (row.at - self._start).total_seconds()
            if row.at < self._end:
                changes.append(SettingChange(change_s, name, before, detail.get("after")))
            if change_s > at_s and (before is not None or name == "day_ends"):
                campaign = _undone(campaign, name, before)
        settings = replace(self._settings, campaign=campaign)
        return tuple(reversed(changes)), settings.campaign_on(self._start)

    def _by_law(self) -> tuple[float, float]:
        profile = self._settings.profile
        totals = counts.read(self._connection, self._settings.campaign.id, self._day)
        heard = machines_heard.tally(self._connection, self._settings.campaign.id)
        five = counts.day_counts(totals, profile, heard)
        rate = abandoned_rate(five, profile.abandon_formula)
        return rate.numerator, rate.denominator

    def _none(self) -> str:
        name = self._settings.campaign.name
        days: list[date] = []
        before = datetime.max.replace(tzinfo=UTC)
        while len(days) < DAYS_NAMED:
            of = {"campaign": self._settings.campaign.id, "before": before}
            newest = self._connection.scalar(_NEWEST, of)
            if newest is None:
                break
            days.append(self._settings.day(newest))
            zone = self._settings.zone
            before = datetime.combine(days[-1], time.min, tzinfo=zone).astimezone(UTC)
        start = f"The campaign {name!r} placed no call on {self._day.isoformat()}"
        if not days:
            return f"{start}, nor on any other day."
        return f"{start}; it did on {', '.join(one.isoformat() for one in reversed(days))}."


_AS_AUDITED: Final[dict[str, Callable[[Any], Any]]] = {
    "mode": Mode,
    "abandon_target": float,
    "abandon_cap": float,
    "connect_limit_s": float,
    "min_ring_s": float,
    "max_ring_s": float,
    "max_lines": int,
    "parked_an_hour": int,
    "borrows_ahead": bool,
    "day_ends": lambda text: None if text is None else time.fromisoformat(text),
}


def _undone(campaign: Campaign, name: str, before: Any) -> Campaign:
    """The campaign with one setting as it was before; what no replay needs stays as it is."""
    kind, _, lever = name.partition(".")
    if kind == "levers" and hasattr(campaign.levers, lever):
        return replace(campaign, levers=replace(campaign.levers, **{lever: bool(before)}))
    if name in _AS_AUDITED:
        return replace(campaign, **{name: _AS_AUDITED[name](before)})
    return campaign


def _lines(rows: Sequence[Mapping[Any, Any]], most: int) -> int:
    """How many lines the floor had: free ones are taken in turn, so one is used again after all.

    Counted within one dialler's time, since the next one's lines have other names.
    """
    used: dict[int, set[str]] = defaultdict(set)
    dialled: dict[int, int] = defaultdict(int)
    for row in rows:
        used[row["lease_epoch"]].add(row["line_id"])
        dialled[row["lease_epoch"]] += 1
    enough = [len(used[epoch]) for epoch, number in dialled.items() if number > len(used[epoch])]
    return min(most, max(enough, default=LINES))


def _moments(calls: Iterable[RecordedCall], sessions: Iterable[RecordedSession]) -> list[float]:
    found = [stretch.until_s for one in sessions for stretch in one.stretches]
    for call in calls:
        moments = (call.invite_s, call.answered_s, call.bridged_s, call.ended_s)
        found += [call.committed_s, *(moment for moment in moments if moment is not None)]
    return found
