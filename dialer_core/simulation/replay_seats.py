"""The seats of a recorded day: when they worked, and the plans that let them work so again."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from dialer_core.model.recorded import (
    PauseWish,
    RecordedCall,
    RecordedDay,
    RecordedSession,
    Stretch,
)
from dialer_core.model.states import SeatState
from dialer_core.simulation.day import Rest, SeatPlan

STANDSTILL_S: Final = 20.0
"""A seat that is free for so long while nothing rings: somebody or something had stopped dialling,
since every pacer places one call for each free seat at once."""
UNKNOWN_RING_S: Final = 45.0  # of a call whose end is not on the record
_TOUCHING_S: Final = 0.05  # two stretches that are one

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Seat:
    """One session as the replay takes it: standstills are pauses, the edges are the window's."""

    session: int
    agent: int
    is_relief: bool
    stretches: tuple[Stretch, ...]
    wishes: tuple[PauseWish, ...]

    @property
    def worked_s(self) -> float:
        """Seconds that were not a pause."""
        return sum(
            one.until_s - one.since_s for one in self.stretches if one.state is not SeatState.PAUSED
        )


def window_of(day: RecordedDay) -> Span:
    """From the first call to the last: outside of it nobody dialled, and nothing is compared."""
    return day.calls[0].committed_s, max(call.committed_s for call in day.calls)


def standstills(day: RecordedDay) -> tuple[Span, ...]:
    """When seats were free and nothing was dialled for them, for longer than a dialler needs."""
    free = _union(
        (stretch.since_s, stretch.until_s)
        for session in day.sessions
        for stretch in session.stretches
        if stretch.state is SeatState.AVAILABLE
    )
    ringing = _union(_ringing(call) for call in day.calls)
    start, end = window_of(day)
    return tuple(
        span
        for span in _clipped(_without(free, ringing), start, end)
        if span[1] - span[0] >= STANDSTILL_S
    )


def seats_of(day: RecordedDay, still: Sequence[Span]) -> tuple[Seat, ...]:
    """The sessions that worked in the window; pauses are merged, and standstills are pauses."""
    start, end = window_of(day)
    found = []
    for session in day.sessions:
        stretches = _merged(_stilled(_inside(session.stretches, start, end), still))
        while stretches and stretches[0].state is SeatState.PAUSED:
            del stretches[0]
        while stretches and stretches[-1].state is SeatState.PAUSED:
            del stretches[-1]
        if stretches:
            found.append(_seat(session, stretches))
    return tuple(found)


def _seat(session: RecordedSession, stretches: Sequence[Stretch]) -> Seat:
    return Seat(
        session.id, session.agent, session.is_relief, tuple(stretches), session.pause_wishes
    )


def plans_of(seats: Sequence[Seat], start_s: float, more: int = 0) -> tuple[SeatPlan, ...]:
    """The seats as plans in seconds since `start_s`; `more` of them (fewer below zero).

    The day of the agent who worked the median time is what is added or taken out, again and again.
    ValueError where nobody would be left.
    """
    chosen = list(seats)
    for _ in range(-more):
        gone = _typical(chosen)
        chosen = [seat for seat in chosen if seat.agent != gone]
        if not chosen:
            raise ValueError("a floor needs a seat")
    typical = _typical(seats)
    chosen += [seat for _ in range(more) for seat in seats if seat.agent == typical]
    return tuple(_plan(number, seat, start_s) for number, seat in enumerate(chosen, 1))


def _typical(seats: Sequence[Seat]) -> int:
    """The agent whose working time is the (lower) median."""
    worked: dict[int, float] = defaultdict(float)
    for seat in seats:
        worked[seat.agent] += seat.worked_s
    by_time = sorted((spent_s, agent) for agent, spent_s in worked.items())
    return by_time[(len(by_time) - 1) // 2][1]


def _plan(number: int, seat: Seat, start_s: float) -> SeatPlan:
    rests: list[Rest] = []
    last_end_s = -math.inf
    for stretch in seat.stretches:
        if stretch.state is not SeatState.PAUSED:
            continue
        rests.append(_rest(stretch, seat.wishes, last_end_s, start_s))
        last_end_s = stretch.until_s
    return SeatPlan(
        number,
        seat.stretches[0].since_s - start_s,
        seat.stretches[-1].until_s - start_s,
        tuple(rests),
        is_relief=seat.is_relief,
    )


def _rest(pause: Stretch, wishes: Sequence[PauseWish], after_s: float, start_s: float) -> Rest:
    """The pause from the moment for which it was wished, which a call may have put off."""
    length_s = pause.until_s - pause.since_s
    wished = [one for one in wishes if after_s < one.at_s <= pause.since_s + _TOUCHING_S]
    if not wished:
        return Rest(pause.since_s - start_s, length_s)
    wish = wished[-1]
    due_s = max(after_s, min(wish.due_s, pause.since_s))
    return Rest(max(0.0, due_s - start_s), length_s, announced_s=max(0.0, due_s - wish.at_s))


def _inside(stretches: Iterable[Stretch], start: float, end: float) -> list[Stretch]:
    return [
        replace(one, since_s=max(one.since_s, start), until_s=min(one.until_s, end))
        for one in stretches
        if min(one.until_s, end) > max(one.since_s, start)
    ]


def _stilled(stretches: Sequence[Stretch], still: Sequence[Span]) -> list[Stretch]:
    """The same with the free seat's part of each standstill turned into a pause."""
    found: list[Stretch] = []
    for stretch in stretches:
        if stretch.state is not SeatState.AVAILABLE:
            found.append(stretch)
            continue
        now_s = stretch.since_s
        for begin, end in _clipped(still, stretch.since_s, stretch.until_s):
            if begin > now_s:
                found.append(Stretch(SeatState.AVAILABLE, now_s, begin))
            found.append(Stretch(SeatState.PAUSED, begin, end))
            now_s = end
        if stretch.until_s > now_s:
            found.append(Stretch(SeatState.AVAILABLE, now_s, stretch.until_s))
    return found


def _merged(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Neighbours of one state as one: a changed reason begins a new stretch on the record."""
    found: list[Stretch] = []
    for stretch in stretches:
        last = found[-1] if found else None
        if (
            last is not None
            and last.state is stretch.state
            and stretch.since_s - last.until_s <= _TOUCHING_S
        ):
            found[-1] = replace(last, until_s=max(last.until_s, stretch.until_s))
        else:
            found.append(stretch)
    return found


def _ringing(call: RecordedCall) -> Span:
    ends = [moment for moment in (call.answered_s, call.ended_s) if moment is not None]
    end = min(ends) if ends else call.committed_s + UNKNOWN_RING_S
    return call.committed_s, max(call.committed_s, end)


def _union(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def _without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """The parts of disjoint ordered spans that lie in none of the disjoint ordered holes."""
    found: list[Span] = []
    first = 0
    for begin, end in spans:
        now = begin
        while first < len(holes) and holes[first][1] <= begin:
            first += 1
        for hole_begin, hole_end in holes[first:]:
            if hole_begin >= end:
                break
            if hole_begin > now:
                found.append((now, hole_begin))
            now = max(now, hole_end)
        if now < end:
            found.append((now, end))
    return found


def _clipped(spans: Sequence[Span], start: float, end: float) -> list[Span]:
    return [
        (max(begin, start), min(until, end))
        for begin, until in spans
        if min(until, end) > max(begin, start)
    ]


def median_or(values: Sequence[float], otherwise: float) -> float:
    """The median; `otherwise` of nothing."""
    return median(values) if values else otherwise
