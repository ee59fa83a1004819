"""Hand-made recorded days for the tests of the replay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import CampaignId
from dialer_core.model.levers import NO_LEVERS
from dialer_core.model.recorded import (
    PauseWish,
    RecordedCall,
    RecordedDay,
    RecordedSession,
    Stretch,
)
from dialer_core.model.states import Mode, Outcome, SeatState

NINE = 9 * 3600.0
A, P, R, T, W = (
    SeatState.AVAILABLE,
    SeatState.PAUSED,
    SeatState.RINGING,
    SeatState.TALKING,
    SeatState.WRAP_UP,
)
CAMPAIGN = Campaign(
    CampaignId(1),
    "Spring renewals",
    Mode.PREDICTIVE,
    "GB",
    "1",
    caller_id="+441614960000",
    client="Northern Light",
    max_ring_s=25.0,
    levers=NO_LEVERS,
)


def call(at_s: float, **other: object) -> RecordedCall:
    """An attempt that nobody has answered in 25 s, unless `other` says otherwise."""
    base = RecordedCall(
        contact=int(at_s),
        session=None,
        mode=Mode.PREDICTIVE,
        committed_s=at_s,
        invite_s=at_s,
        ended_s=at_s + 25.0,
        ended_by="line",
        sip_status=487,
        outcome=Outcome.NO_ANSWER,
    )
    return replace(base, **other)  # type: ignore[arg-type]


def talk(
    at_s: float, *, ring_s: float = 5.0, talk_s: float = 60.0, session: int = 1
) -> RecordedCall:
    """An attempt that a person answered and an agent took at once."""
    return call(
        at_s,
        session=session,
        answered_s=at_s + ring_s,
        bridged_s=at_s + ring_s,
        ended_s=at_s + ring_s + talk_s,
        ended_by="person",
        sip_status=200,
        outcome=Outcome.CONNECTED,
        said=Outcome.SUCCESS,
    )


def session(
    *stretches: tuple[SeatState, float, float],
    number: int = 1,
    agent: int = 1,
    wishes: tuple[PauseWish, ...] = (),
) -> RecordedSession:
    return RecordedSession(
        number, agent, tuple(Stretch(state, since, until) for state, since, until in stretches),
        wishes,
    )  # fmt: skip


def day_of(calls: list[RecordedCall], *sessions: RecordedSession) -> RecordedDay:
    return RecordedDay(
        date(2026, 3, 3),
        datetime(2026, 3, 3, tzinfo=UTC),
        CAMPAIGN,
        lines=9,
        calls=tuple(calls),
        sessions=sessions,
    )


def busy_day(hours: float = 1.0, seats: int = 3) -> RecordedDay:
    """Every seat talks for a minute, wraps up for ten seconds, waits for ten; three calls each."""
    calls: list[RecordedCall] = []
    sessions: list[RecordedSession] = []
    end_s = NINE + hours * 3600.0
    for number in range(1, seats + 1):
        now_s, stretches = NINE + number, []
        while now_s + 80.0 < end_s:
            calls += [
                talk(now_s + 2, ring_s=8.0, session=number),
                call(now_s + 0.5),
                call(
                    now_s + 1,
                    ended_s=now_s + 4,
                    ended_by="network",
                    sip_status=486,
                    outcome=Outcome.BUSY,
                ),
            ]
            stretches += [
                (A, now_s, now_s + 10), (T, now_s + 10, now_s + 70), (W, now_s + 70, now_s + 80)
            ]  # fmt: skip
            now_s += 80.0
        sessions.append(session(*stretches, number=number, agent=number))
    return day_of(sorted(calls, key=lambda one: one.committed_s), *sessions)
