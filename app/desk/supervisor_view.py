"""From a snapshot of the floor to what the supervisor's window draws. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.desk.views import (
    DecisionView,
    FloorPoint,
    SeatRowView,
    SeatState,
    SupervisorView,
    TileView,
)
from dialer_core.rules.abandonment import wilson
from dialer_core.rules.facts import RefusalCode
from dialer_core.rules.hours import check_hours
from dialer_core.rules.profiles import RuleProfile
from dialer_core.store.times import FloorTimes
from dialer_core.store.watch import Snapshot, WatchedSeat

REFUSAL_WORDS: Mapping[RefusalCode, str] = {
    RefusalCode.NOT_DIALLABLE: "closed or not a number",
    RefusalCode.SUPPRESSED: "asked never to be called",
    RefusalCode.REGISTRY_HIT: "on a national register",
    RefusalCode.REGISTRY_STALE: "register too old",
    RefusalCode.NO_CONSENT: "no consent",
    RefusalCode.SECTOR_BANNED: "sector not allowed",
    RefusalCode.OUT_OF_HOURS: "outside calling hours",
    RefusalCode.ATTEMPT_LIMIT: "called often enough",
    RefusalCode.LOCKED_OUT: "locked out for now",
    RefusalCode.CALLER_ID: "caller's number not allowed",
    RefusalCode.NUMBERS_COUNTRY: "rules of the number's country",
    RefusalCode.NO_RESERVED_AGENT: "needs a reserved agent",
    RefusalCode.OVER_BUDGET: "no budget for over-dialling",
}
NO_CAMPAIGN = "No campaign yet: add one with a list of people to call."
FAULTS = ("phone", "window", "headset")


def build(
    snapshot: Snapshot, times: FloorTimes, history: Mapping[str, Sequence[float]]
) -> SupervisorView | None:
    """The whole window; None while there is no campaign.

    `history`: earlier values of each tile by its name.
    """
    campaign, profile = snapshot.campaign, snapshot.profile
    if campaign is None or profile is None:
        return None
    used = snapshot.counts.abandoned
    notices = []
    if snapshot.trunk_trouble:
        notices.append(f"{snapshot.trunk_trouble}.")
    notices += snapshot.line_troubles
    if snapshot.rate.denominator and snapshot.rate.rate > campaign.abandon_cap:
        notices.append(
            f"{snapshot.rate.rate * 100:.1f} % of today's answered calls were abandoned; "
            f"the law allows {campaign.abandon_cap * 100:g} %."
        )
    return SupervisorView(
        campaign_name=campaign.name,
        mode=campaign.mode,
        is_running=campaign.is_running,
        is_dialler_alive=snapshot.is_dialler_alive,
        target=campaign.abandon_target,
        cap=campaign.abandon_cap,
        drops_left=snapshot.drops_left,
        drops_allowed=snapshot.drops_left + used,
        callable_until=callable_until(profile, snapshot.at, snapshot.zone),
        lines_in_use=snapshot.lines_in_use,
        lines=snapshot.lines,
        tiles=tiles(snapshot, times, history),
        decisions=tuple(
            DecisionView(one.at.timestamp(), one.launch, one.reason) for one in snapshot.decisions
        ),
        seats=tuple(seat_row(one, snapshot.at) for one in snapshot.seats),
        levers=campaign.levers,
        parked_an_hour=campaign.parked_an_hour,
        borrows_ahead=campaign.borrows_ahead,
        day_ends="" if campaign.day_ends is None else f"{campaign.day_ends:%H:%M}",
        refusals=tuple(
            (REFUSAL_WORDS[code], number)
            for code, number in sorted(snapshot.refusals.items(), key=lambda item: -item[1])
        ),
        notices=tuple(notices),
    )


def free_seats(snapshot: Snapshot) -> int:
    """Agents who wait for a call, and may be given one."""
    return sum(
        seat.state is SeatState.AVAILABLE and not seat.pause_wanted for seat in snapshot.seats
    )


def _with_whom(seat: WatchedSeat, now: datetime) -> str:
    """Who is on the seat's screen, or what it waits for."""
    if seat.state is SeatState.AVAILABLE and seat.pause_wanted and seat.pause_due is not None:
        if seat.pause_due <= now:
            return f"{seat.pause_wanted.lower()} follows"
        return f"{seat.pause_wanted.lower()} {seat.pause_due.astimezone():%H:%M}"
    if seat.parked:
        return f"{seat.with_whom} · {seat.parked} parked"
    return seat.with_whom


def seat_row(seat: WatchedSeat, now: datetime) -> SeatRowView:
    """One row of the floor's table."""
    is_trouble = seat.state is SeatState.PAUSED and any(word in seat.reason for word in FAULTS)
    return SeatRowView(
        session_id=seat.session_id,
        agent=seat.agent_name,
        state=seat.state,
        reason=seat.reason,
        since_utc_s=seat.since.timestamp(),
        with_whom=_with_whom(seat, now),
        contacts_today=seat.contacts_today,
        is_trouble=is_trouble,
        is_relief=seat.is_relief,
        attempt_id="" if seat.call is None else seat.call.attempt_id,
        listening=None if seat.call is None else seat.call.listening,
    )


def callable_until(profile: RuleProfile, now: datetime, zone: str) -> str:
    """Until when people of the campaign's own zone may be called, in words."""
    where = ZoneInfo(zone or "UTC")
    verdict = check_hours(profile, [zone] if zone else [], profile.country or "GB", now)
    if verdict.is_open:
        if verdict.closes_at is None:
            return "any hour"
        return f"{verdict.closes_at.astimezone(where):%H:%M}"
    if verdict.opens_at is None:
        return "closed"
    opens = verdict.opens_at.astimezone(where)
    return f"closed until {opens:%A %H:%M}"


def tiles(
    snapshot: Snapshot, times: FloorTimes, history: Mapping[str, Sequence[float]]
) -> tuple[TileView, ...]:
    """The four figures at the top."""
    values = figures(snapshot, times)
    return (
        _abandoned(snapshot, history.get("Abandoned", ())),
        _contacts(times, values, history.get("Contacts an hour", ())),
        _occupancy(times, values, history.get("Occupancy", ())),
        _wait(times, values, history.get("Wait between calls", ())),
    )


def figures(snapshot: Snapshot, times: FloorTimes) -> dict[str, float | None]:
    """The tiles' values by name; None where there is nothing to divide by."""
    talks = snapshot.counts.live + snapshot.counts.machines
    busy_s = _busy_s(times)
    open_s = busy_s + times.seconds[SeatState.AVAILABLE]
    worked_s = times.logged_in_s - times.seconds[SeatState.PAUSED]
    waits = times.waits_s
    return {
        "Abandoned": snapshot.rate.rate if snapshot.rate.denominator else None,
        "Contacts an hour": talks * 3600 / worked_s if worked_s >= 60 else None,
        "Occupancy": busy_s / open_s if open_s > 0 else None,
        "Wait between calls": sum(waits) / len(waits) if waits else None,
    }


def _busy_s(times: FloorTimes) -> float:
    states = (SeatState.TALKING, SeatState.WRAP_UP)
    return sum(times.seconds[state] for state in states)


def _abandoned(snapshot: Snapshot, history: Sequence[float]) -> TileView:
    campaign = snapshot.campaign
    cap = 0.03 if campaign is None else campaign.abandon_cap
    rate = snapshot.rate
    low, high = _interval(snapshot)
    is_known = bool(rate.denominator)
    state = "neutral"
    if is_known:
        state = "trouble" if rate.rate > cap else "warning" if rate.rate > cap * 0.8 else "good"
    detail = f"cap {cap * 100:.1f} · 95 % {low * 100:.1f} to {high * 100:.1f}"
    return TileView(
        "Abandoned",
        f"{rate.rate * 100:.1f} %" if is_known else "–",
        detail if is_known else "nobody has answered yet",
        "Answered people who met no agent in time, as a share of all live answers today "
        f"({rate.numerator:.1f} of {rate.denominator:.1f}), by the formula of the rule profile.",
        state,
        tuple(history),
    )


def _contacts(
    times: FloorTimes, values: Mapping[str, float | None], history: Sequence[float]
) -> TileView:
    value = values["Contacts an hour"]
    return TileView(
        "Contacts an hour",
        "–" if value is None else f"{value:.1f}",
        "per seat, without pauses",
        "Calls that met an agent today, per hour that seats were logged in and not paused "
        f"({times.logged_in_s / 3600:.2f} h logged in).",
        "neutral",
        tuple(history),
    )


def _occupancy(
    times: FloorTimes, values: Mapping[str, float | None], history: Sequence[float]
) -> TileView:
    value = values["Occupancy"]
    return TileView(
        "Occupancy",
        "–" if value is None else f"{value * 100:.0f} %",
        "talk and wrap-up",
        "(talk + wrap-up) / (talk + wrap-up + available) "
        f"= {_busy_s(times) / 60:.1f} of "
        f"{(_busy_s(times) + times.seconds[SeatState.AVAILABLE]) / 60:.1f} minutes.",
        "neutral",
        tuple(history),
    )


def _wait(
    times: FloorTimes, values: Mapping[str, float | None], history: Sequence[float]
) -> TileView:
    value = values["Wait between calls"]
    waits = sorted(times.waits_s)
    p95 = waits[min(len(waits) - 1, int(0.95 * len(waits)))] if waits else None
    return TileView(
        "Wait between calls",
        "–" if value is None else f"{value:.0f} s",
        "no call yet" if p95 is None else f"p95 {p95:.0f} s",
        f"Mean time available until the next call; {len(waits)} waits today.",
        "neutral",
        tuple(history),
    )


def _interval(snapshot: Snapshot) -> tuple[float, float]:
    hits = round(snapshot.rate.numerator)
    trials = max(hits, round(snapshot.rate.denominator))
    return wilson(hits, trials) if trials else (0.0, 1.0)


def point(snapshot: Snapshot) -> FloorPoint:
    """One sample of the plots."""
    seats: dict[SeatState, int] = dict.fromkeys(SeatState, 0)
    for seat in snapshot.seats:
        seats[seat.state] += 1
    is_known = bool(snapshot.rate.denominator)
    low, high = _interval(snapshot)
    return FloorPoint(
        at_utc_s=snapshot.at.timestamp(),
        seats=seats,
        calls=dict(snapshot.calls),
        abandoned_share=snapshot.rate.rate if is_known else None,
        abandoned_low=low if is_known else None,
        abandoned_high=high if is_known else None,
    )
