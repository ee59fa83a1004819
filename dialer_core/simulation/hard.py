"""Days on which something goes wrong, as bends of a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from dialer_core.simulation.day import DayPlan, Rest, SeatPlan, Turn

HOUR_S = 3600.0
_AGAIN = 100  # added to the number of an agent who logs in once more


@dataclass(frozen=True, slots=True)
class HardDay:
    """What goes wrong, in a sentence, and how it changes a plan; hours are of an eight-hour day."""

    name: str
    sentence: str
    bend: Callable[[DayPlan], DayPlan]


def hard_days() -> Mapping[str, HardDay]:
    """All of them by name."""
    return {day.name: day for day in _DAYS}


def _hour_s(plan: DayPlan, hour: float) -> float:
    """That hour of an eight-hour day, moved to its place in a day of this length."""
    return plan.length_s * hour / 8.0


def _turning(*turns: Turn) -> Callable[[DayPlan], DayPlan]:
    """The turns' moments are hours of an eight-hour day."""

    def bend(plan: DayPlan) -> DayPlan:
        moved = tuple(replace(turn, at_s=_hour_s(plan, turn.at_s)) for turn in turns)
        return replace(plan, turns=moved)

    return bend


def _staff(plan: DayPlan) -> list[SeatPlan]:
    return [seat for seat in plan.seats if not seat.is_relief]


def _with_staff(plan: DayPlan, staff: list[SeatPlan]) -> DayPlan:
    relief = [seat for seat in plan.seats if seat.is_relief]
    return replace(plan, seats=(*staff, *relief))


def _half_on_break(plan: DayPlan) -> DayPlan:
    def resting(seat: SeatPlan) -> SeatPlan:
        if seat.number % 2 == 0:
            return seat
        at_s, length_s = _hour_s(plan, 3.0), _hour_s(plan, 0.25)
        return replace(seat, rests=(*_clear(seat, at_s, length_s), Rest(at_s, length_s)))

    return _with_staff(plan, [resting(seat) for seat in _staff(plan)])


def _ramp_up(plan: DayPlan) -> DayPlan:
    staff = _staff(plan)
    step_s = _hour_s(plan, 3.0) / len(staff)
    return _with_staff(
        plan,
        [replace(seat, comes_s=index * step_s + 1.0) for index, seat in enumerate(staff)],
    )


def _shrinks(plan: DayPlan) -> DayPlan:
    """All but two are away from the third hour on for an hour and a half."""
    staff = _staff(plan)
    at_s, length_s = _hour_s(plan, 3.0), _hour_s(plan, 1.5)
    away = [
        replace(seat, rests=(*_clear(seat, at_s, length_s), Rest(at_s, length_s, 0.0)))
        for seat in staff[2:]
    ]
    return _with_staff(plan, staff[:2] + away)


def _vanish(plan: DayPlan) -> DayPlan:
    """Every other seat is suddenly gone, one after another, and is back ten minutes later."""
    seats: list[SeatPlan] = []
    staff = _staff(plan)
    for index, seat in enumerate(staff):
        if index % 2:
            seats.append(seat)
            continue
        gone_s = _hour_s(plan, 1.0 + 6.0 * index / len(staff))
        back_s = gone_s + _hour_s(plan, 1 / 6)
        seats.append(replace(seat, goes_s=gone_s, is_abrupt=True))
        later = tuple(rest for rest in seat.rests if rest.at_s > back_s)
        seats.append(SeatPlan(seat.number + _AGAIN, back_s, plan.length_s, later))
    return _with_staff(plan, seats)


def _trunk(plan: DayPlan) -> DayPlan:
    halved = Turn(_hour_s(plan, 4.0), lines=max(1, plan.lines // 2))
    return replace(plan, turns=(halved, Turn(_hour_s(plan, 5.0))))


def _refusing(plan: DayPlan) -> DayPlan:
    few = Turn(_hour_s(plan, 4.0), channels=max(1, plan.lines // 3))
    return replace(plan, turns=(few, Turn(_hour_s(plan, 5.0))))


def _everything(plan: DayPlan) -> DayPlan:
    plan = _half_on_break(plan)
    return _turning(
        Turn(2.0, answers=0.5, talk=1.5),
        Turn(3.1, answers=1.8, ring=0.7),
        Turn(5.0, answers=0.7, invalid=2.0, delay_s=4.0),
        Turn(6.5, answers=1.5, talk=0.5),
    )(plan)


def _waves() -> tuple[Turn, ...]:
    return tuple(Turn(index * 0.25, answers=0.5 if index % 2 else 1.6) for index in range(32))


def _clear(seat: SeatPlan, at_s: float, length_s: float) -> tuple[Rest, ...]:
    """The seat's own rests that do not fall into that time."""
    return tuple(
        rest
        for rest in seat.rests
        if rest.at_s + rest.length_s < at_s - 300.0 or rest.at_s > at_s + length_s
    )


_DAYS = (
    HardDay(
        "answers_double",
        "At noon twice as many answer, until the evening.",
        _turning(Turn(4.0, answers=2.0)),
    ),
    HardDay("half_on_break", "Half the floor takes a break at once, unannounced.", _half_on_break),
    HardDay("ramp_up", "Seats log in one by one over three hours.", _ramp_up),
    HardDay("trunk_halved", "The trunk has half its lines for an hour.", _trunk),
    HardDay(
        "bad_list",
        "From the third hour the list is bad: three times the invalid numbers, half the answers.",
        _turning(Turn(2.5, answers=0.5, invalid=3.0)),
    ),
    HardDay(
        "bursts",
        "Answers halve for an hour and then triple for 20 minutes, twice.",
        _turning(
            *(Turn(2.0, answers=0.5), Turn(3.0, answers=3.0), Turn(3.33)),
            *(Turn(5.0, answers=0.5), Turn(6.0, answers=3.0), Turn(6.33)),
        ),
    ),
    HardDay(
        "waves",
        "Answers come in waves: a quarter of an hour many, a quarter of an hour few.",
        _turning(*_waves()),
    ),
    HardDay(
        "long_talks",
        "Talks take twice as long for two hours, then half as long.",
        _turning(Turn(3.0, talk=2.0), Turn(5.0, talk=0.5), Turn(6.5)),
    ),
    HardDay(
        "slow_wrap_up",
        "The customer system is slow for two hours and a half: wrap-up takes four times as long.",
        _turning(Turn(2.5, wrap=4.0), Turn(5.0)),
    ),
    HardDay("floor_shrinks", "All but two seats are away for an hour and a half.", _shrinks),
    HardDay(
        "late_ringing",
        "The carrier takes 6 s before it rings and people are slower, then quicker than ever.",
        _turning(Turn(3.0, ring=1.3, delay_s=6.0), Turn(5.0, ring=0.5)),
    ),
    HardDay(
        "machines_at_lunch",
        "Around noon three times as many machines answer.",
        _turning(Turn(3.5, machines=3.0), Turn(4.75)),
    ),
    HardDay("seats_vanish", "Every other seat is gone without a word, in a call or not.", _vanish),
    HardDay(
        "carrier_refuses", "The carrier takes only one call a seat for an hour (503).", _refusing
    ),
    HardDay("everything", "Half the floor on a break, and all else that changes.", _everything),
)
