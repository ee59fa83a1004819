"""A recorded day as the simulator's inputs: the seats that were there, the people who were called.

Pure. `prepare` makes of a recorded day what every replay of it shares, `plan_of` and `people_of`
what one run of it needs, `recorded_figures` what the database says happened.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Final

from dialer_core.model.errors import KnownError
from dialer_core.model.levers import Levers
from dialer_core.model.recorded import RecordedCall, RecordedDay
from dialer_core.model.states import Mode, Outcome, SeatState
from dialer_core.simulation.day import DayPlan
from dialer_core.simulation.public import Kind, Scenario
from dialer_core.simulation.replay_people import (
    Fate,
    KnownCall,
    RecordedPeople,
    known_calls,
    limit_of,
    wraps_of,
)
from dialer_core.simulation.replay_seats import (
    Seat,
    Span,
    plans_of,
    seats_of,
    standstills,
    window_of,
)
from dialer_core.simulation.result import DayResult

_NOT_KEPT: Final = frozenset({"is_running"})  # a stop shows in the calls: nothing rings
_HINTED: Final = ("seat_forecast", "answer_chance", "choice")  # levers
LEAST_CALLS: Final = 20  # fewer say nothing about another setting
_READY: Final = (SeatState.AVAILABLE, SeatState.PREVIEW, SeatState.RINGING)
_IDLE: Final = (*_READY, SeatState.CONNECTING)


class TooLittle(KnownError):
    """The day has too little in it to be replayed."""

    exit_status = 2  # of a command that asks for it


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """The settings of one replay; `seats` more (or fewer) than there were."""

    mode: Mode
    target: float
    cap: float
    connect_limit_s: float
    max_ring_s: float
    lines: int
    seats: int
    levers: Levers
    parked_an_hour: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One day in the figures of the comparison; rates as shares, times in seconds.

    `abandoned_rate`: people who answered and met nobody in time, over those and the people who
    met an agent.
    """

    utilisation: float
    abandoned_rate: float
    seat_wait_mean_s: float
    seat_wait_p95_s: float
    answer_to_agent_p95_s: float
    dials: int
    people_connected: int
    people_abandoned: float
    is_over_cap: bool
    calls_asked: int = 0
    calls_drawn: int = 0
    calls_guessed: int = 0


@dataclass(frozen=True, slots=True)
class PreparedDay:
    """What all replays of a day share; seconds since midnight of the day."""

    day: RecordedDay
    settings: ReplaySettings  # as they were
    seats: tuple[Seat, ...]
    calls: tuple[KnownCall, ...]
    window: Span
    standstills: tuple[Span, ...]
    limit_s: float  # how long calls could ring, from their INVITE

    @property
    def length_s(self) -> float:
        """Seconds from the first call to the last."""
        return self.window[1] - self.window[0]


def prepare(day: RecordedDay) -> PreparedDay:
    """The day made ready; TooLittle where there are not enough calls, seats or conversations."""
    number = len(day.calls)
    whose = f"{day.campaign.name!r} on {day.day.isoformat()}"
    if number < LEAST_CALLS:
        calls = "1 call was" if number == 1 else f"{number} calls were"
        raise TooLittle(
            f"Only {calls} placed for {whose}; a replay needs {LEAST_CALLS} or more to say "
            "anything about another setting."
        )
    still = standstills(day)
    seats = seats_of(day, still)
    if not seats:
        raise TooLittle(f"No agent was at work for {whose}, so there is no floor to replay.")
    wraps = wraps_of(day.calls, {one.id: one.stretches for one in day.sessions})
    limit_s = limit_of(day.calls, day.campaign.max_ring_s)
    known = known_calls(day.calls, wraps, limit_s)
    if not any(call.talk_s is not None and call.kind is Kind.HUMAN for call in known):
        raise TooLittle(
            f"Nobody was spoken to for {whose}: how long conversations last is not on the record."
        )
    return PreparedDay(day, settings_of(day), seats, known, window_of(day), still, limit_s)


def settings_of(day: RecordedDay) -> ReplaySettings:
    """The settings with which the day ran; the mode is that of most of its calls."""
    campaign = day.campaign
    mode = Counter(call.mode for call in day.calls).most_common(1)[0][0]
    return ReplaySettings(
        mode=mode,
        target=campaign.abandon_target,
        cap=campaign.abandon_cap,
        connect_limit_s=campaign.connect_limit_s,
        max_ring_s=campaign.max_ring_s,
        lines=day.lines,
        seats=0,
        levers=campaign.levers,
        parked_an_hour=campaign.parked_an_hour,
    )


def plan_of(ready: PreparedDay, settings: ReplaySettings, seed: int) -> DayPlan:
    """The day as a plan of the simulator, whose clock begins with the first call.

    ValueError where no seat would be left.
    """
    limit_s = ready.limit_s + settings.max_ring_s - ready.settings.max_ring_s
    return DayPlan(
        scenario=_scenario(ready, max(1.0, limit_s)),
        mode=settings.mode,
        length_s=ready.length_s,
        lines=settings.lines,
        seats=plans_of(ready.seats, ready.window[0], settings.seats),
        levers=settings.levers,
        parked_an_hour=settings.parked_an_hour,
        abandon_target=min(settings.target, settings.cap),
        seed=seed,
    )


def people_of(ready: PreparedDay, seed: int) -> RecordedPeople:
    """The people for one run; the same seed draws the same for every setting."""
    return RecordedPeople(ready.calls, seed, ready.window[0])


def figures_of(result: DayResult, people: RecordedPeople, cap: float) -> Figures:
    """A replay's figures."""
    return Figures(
        utilisation=result.utilisation,
        abandoned_rate=result.abandoned_rate,
        seat_wait_mean_s=result.seat_wait_mean_s,
        seat_wait_p95_s=result.seat_wait_p95_s,
        answer_to_agent_p95_s=result.answer_to_agent_p95_s,
        dials=result.dials,
        people_connected=result.people_connected,
        people_abandoned=float(result.people_abandoned),
        is_over_cap=result.abandoned_rate > cap,
        calls_asked=people.asked,
        calls_drawn=people.drawn,
        calls_guessed=people.guessed,
    )


def recorded_figures(ready: PreparedDay) -> Figures:
    """What the record says of the time from the first call to the last.

    Who answered and met nobody is not known to be a person or a machine: of these calls the share
    of people among those that met an agent is counted.
    """
    spent, waits = _seat_times(ready)
    busy_s = spent[SeatState.TALKING] + spent[SeatState.WRAP_UP]
    worked_s = busy_s + sum(spent[state] for state in _IDLE)
    end_s, limit_s = ready.window[1], ready.settings.connect_limit_s
    met = [call for call in ready.day.calls if _is_met(call, limit_s, end_s)]
    people = sum(call.said is not Outcome.ANSWER_MACHINE_AGENT for call in met)
    lost = sum(_is_lost(call, limit_s, end_s) for call in ready.day.calls)
    people_lost = lost * people / len(met) if met else float(lost)
    rate = people_lost / (people + people_lost) if people + people_lost else 0.0
    return Figures(
        utilisation=busy_s / worked_s if worked_s else 0.0,
        abandoned_rate=rate,
        seat_wait_mean_s=math.fsum(waits) / len(waits) if waits else 0.0,
        seat_wait_p95_s=_quantile(waits, 0.95),
        answer_to_agent_p95_s=_quantile([_wait_s(call) for call in met], 0.95),
        dials=len(ready.day.calls),
        people_connected=people,
        people_abandoned=people_lost,
        is_over_cap=rate > ready.settings.cap,
    )


def cautions(
    ready: PreparedDay, changed: Iterable[str] = (), *, drawn: float = 0.0, of: float = 0.0
) -> tuple[str, ...]:
    """What this replay cannot know, in sentences; `changed` are the names of changed settings.

    `drawn` of `of` calls were drawn rather than recorded, on average over the seeds.
    """
    calls = ready.day.calls
    fates = Counter(call.fate for call in ready.calls)
    names = frozenset(changed)
    modes = Counter(call.mode for call in calls)
    open_calls = sum(call.outcome is None for call in calls)
    uncoded = sum(call.said is None and call.outcome is Outcome.CONNECTED for call in calls)
    still_s = sum(end - begin for begin, end in ready.standstills)
    by_mode = ", ".join(f"{number} {mode}" for mode, number in modes.most_common())
    found = {
        f"{drawn:,.0f} of {of:,.0f} calls were drawn, not recorded: nobody was called then, so "
        "people like those of the same hour are taken.": drawn >= 0.5,
        "A person is taken to answer at another minute as at theirs, and the pacer is this "
        "version's, whichever dialled the day.": True,
        f"{fates[Fate.SOMEBODY]} answered and met nobody: whether it was a person and how long "
        "they would have talked is drawn from those who rang about as long.": fates[Fate.SOMEBODY]
        > 0,
        f"{fates[Fate.CUT_SHORT]} were cancelled, met a full trunk or a lost line, or have times "
        "that cannot be: drawn from those that rang at least as long.": fates[Fate.CUT_SHORT] > 0,
        f"{open_calls} are still open on the record.": open_calls > 0,
        f"{uncoded} conversations have no outcome and count as people.": uncoded > 0,
        f"Nothing was dialled for {_duration(still_s)} although a seat was free (dialler or "
        "campaign stopped, list or trunk out): a pause on all sides.": still_s > 0,
        f"The mode was changed during the day ({by_mode}); the replay keeps one.": len(modes) > 1,
        "Settings were changed during the day; the replay keeps those of its middle.": any(
            change.name not in _NOT_KEPT and ready.window[0] < change.at_s < ready.window[1]
            for change in ready.day.changes
        ),
        "How long people would ring beyond the recorded limit is not known: none answers then.": (
            "max_ring" in names
        ),
        "How long people wait for an agent beyond the recorded limit is not known: 4 to 8 s.": (
            "connect_limit" in names
        ),
        "How long agents read a preview is not replayed: 5 s.": Mode.PREVIEW
        in (*modes, ready.settings.mode)
        or "mode" in names,
        "What the floor thought of a record or of a seat's end is not kept: the levers "
        "seat_forecast, answer_chance and choice have nothing to go by.": (
            not names.isdisjoint(("levers", *_HINTED))
            or any(getattr(ready.settings.levers, name) for name in _HINTED)
        ),
    }
    return tuple(sentence for sentence, is_so in found.items() if is_so)


def levers_with(levers: Levers, name: str, *, is_on: bool) -> Levers:
    """The levers with one of them switched; KeyError for one that there is not."""
    values = {one.name: getattr(levers, one.name) for one in fields(levers)}
    if name not in values:
        raise KeyError(name)
    return Levers(**(values | {name: is_on}))


def _scenario(ready: PreparedDay, limit_s: float) -> Scenario:
    """The shares of the day, for those who ask the plan rather than the people."""
    kinds = Counter(call.kind for call in ready.calls)
    number = len(ready.calls)
    return Scenario(
        f"{ready.day.campaign.name}, {ready.day.day.isoformat()}",
        human=kinds[Kind.HUMAN] / number,
        machine=kinds[Kind.MACHINE] / number,
        busy=kinds[Kind.BUSY] / number,
        invalid=kinds[Kind.INVALID] / number,
        no_answer_s=limit_s,
    )


def _seat_times(ready: PreparedDay) -> tuple[Mapping[SeatState, float], list[float]]:
    """Seconds by state of all seats but relief ones, and their waits for the next conversation."""
    spent: defaultdict[SeatState, float] = defaultdict(float)
    waits: list[float] = []
    for seat in ready.seats:
        if seat.is_relief:
            continue
        ready_s: float | None = None
        for stretch in seat.stretches:
            spent[stretch.state] += stretch.until_s - stretch.since_s
            if stretch.state in _READY and ready_s is None:
                ready_s = stretch.since_s
            elif stretch.state is SeatState.TALKING and ready_s is not None:
                waits.append(stretch.since_s - ready_s)
                ready_s = None
            elif stretch.state is SeatState.PAUSED:
                ready_s = None
    return spent, waits


def _wait_s(call: RecordedCall) -> float:
    assert call.bridged_s is not None  # of a call that met an agent
    answered_s = call.answered_s if call.answered_s is not None else call.bridged_s
    return call.bridged_s - answered_s


def _is_met(call: RecordedCall, limit_s: float, end_s: float) -> bool:
    if call.bridged_s is None or call.bridged_s > end_s or _is_short(call):
        return False
    return _wait_s(call) <= limit_s


def _is_lost(call: RecordedCall, limit_s: float, end_s: float) -> bool:
    if call.bridged_s is not None:
        return not _is_short(call) and call.bridged_s <= end_s and _wait_s(call) > limit_s
    if call.answered_s is None or _is_short(call):
        return False
    return call.ended_s is not None and call.ended_s <= end_s


def _is_short(call: RecordedCall) -> bool:
    return call.outcome is Outcome.SHORT_HANGUP


def _quantile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60.0)
    return f"{minutes} min" if minutes else f"{seconds:.0f} s"
