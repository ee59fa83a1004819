"""The days that pacers are judged on: what a working day is made of, and what goes wrong."""

from __future__ import annotations

import itertools
import json
import statistics
from dataclasses import replace

import numpy as np
import pytest

from dialer_core.model.errors import KnownError
from dialer_core.model.levers import Levers
from dialer_core.model.states import Mode
from dialer_core.pacing.view import Decision, FloorView
from dialer_core.simulation.benchmark import OTHER_SCENARIOS, benchmark_day, hard_days
from dialer_core.simulation.day import DayPlan, Hints, Rest, SeatPlan, Turn
from dialer_core.simulation.floor import SimulatedFloor, simulate_day
from dialer_core.simulation.public import B2B_WARM, B2C_COLD, SCENARIOS

HOUR_S = 3600.0


class Eager:
    """One call more than one to one, and any wrap-up may be interrupted."""

    def decide(self, view: FloorView) -> Decision:
        wanted = len(view.idle) + len(view.wrapping) - len(view.ringing) - len(view.waiting)
        return Decision(max(0, wanted), may_park=tuple(view.wrapping), reason="Eager.")


class Watched:
    """Keeps what the pacer was shown."""

    def __init__(self) -> None:
        self.chances: list[float] = []
        self.most_lines = self.told_ends = 0
        self.lines: list[tuple[float, int]] = []

    def decide(self, view: FloorView) -> Decision:
        if view.answer_chance is not None:
            self.chances += view.answer_chance(1)
        self.told_ends += bool(view.seat_ends)
        self.lines.append((view.now, view.max_lines))
        return Decision(max(0, len(view.idle) - len(view.ringing) - len(view.waiting)))


# --- ordinary days ---------------------------------------------------------------------------


def test_the_same_arguments_give_the_same_plan_and_another_seed_another() -> None:
    plan = benchmark_day("b2c_cold", 5, Mode.PREDICTIVE, 3)
    assert plan == benchmark_day(B2C_COLD, 5, Mode.PREDICTIVE, 3)
    assert plan != benchmark_day("b2c_cold", 5, Mode.PREDICTIVE, 4)
    assert replace(plan, mode=Mode.PROGRESSIVE) == benchmark_day("b2c_cold", 5, Mode.PROGRESSIVE, 3)


def test_seats_come_rest_and_go_as_on_a_floor() -> None:
    seats = [
        seat
        for seed in range(60)
        for seat in benchmark_day("b2c_cold", 10, Mode.PREDICTIVE, seed).seats
    ]
    late = [seat for seat in seats if seat.comes_s > 120.0]
    early = [seat for seat in seats if seat.goes_s < 8 * HOUR_S]
    assert 0.04 < len(late) / len(seats) < 0.09
    assert 0.04 < len(early) / len(seats) < 0.09
    assert max(seat.comes_s for seat in seats) <= 120.0 + 45 * 60
    assert min(seat.goes_s for seat in seats) >= 8 * HOUR_S - 45 * 60
    breaks = [rest for seat in seats for rest in seat.rests if rest.length_s >= 600.0]
    pauses = [rest for seat in seats for rest in seat.rests if rest.length_s < 600.0]
    assert len(breaks) == 3 * len(seats)
    assert {rest.length_s for rest in breaks if rest.length_s > 900.0} == {1800.0}
    assert 1.8 < len(pauses) / len(seats) < 2.2
    assert all(60.0 <= rest.length_s <= 180.0 for rest in pauses)
    said = [rest.announced_s for rest in (*breaks, *pauses)]
    assert 0.45 < sum(one is None for one in said) / len(said) < 0.55
    ahead = [one for one in said if one]
    assert 0.2 < len(ahead) / len(said) < 0.3
    assert 30.0 <= min(ahead) < max(ahead) <= 120.0


def test_breaks_of_a_seat_do_not_fall_together() -> None:
    for seed in range(40):
        for seat in benchmark_day("b2c_cold", 5, Mode.PREDICTIVE, seed).seats:
            long = [rest for rest in seat.rests if rest.length_s >= 600.0]
            for one, other in itertools.pairwise(long):
                assert one.at_s + one.length_s < other.at_s


def test_a_day_of_progressive_stands_near_the_published_figure() -> None:
    """PROGRESSIVE, b2c_cold: 69.9 % whatever the number of seats; one short day varies by 2."""
    day = simulate_day(benchmark_day("b2c_cold", 10, Mode.PROGRESSIVE, 2, hours=4.0))
    assert day.utilisation == pytest.approx(0.699, abs=0.05)
    assert day.people_abandoned == day.machines_abandoned == day.overdialled == 0
    assert day.paused_s > 10 * 20 * 60.0
    assert day.hung_up == 0


def test_relief_seats_are_reckoned_apart() -> None:
    plan = benchmark_day("b2b_warm", 3, Mode.PREDICTIVE, 1, hours=1.0, relief=1)
    assert [seat.is_relief for seat in plan.seats] == [False, False, False, True]
    day = simulate_day(plan, pacer=lambda _: Eager())
    assert day.seats == 3
    assert day.worked_s <= 3 * HOUR_S
    assert day.relief_calls > 0
    assert day.relief_talk_s > 0
    without = simulate_day(replace(plan, seats=plan.seats[:3]), pacer=lambda _: Eager())
    assert without.relief_calls == 0
    assert without.people_abandoned > day.people_abandoned


def test_interrupted_wrap_ups_are_finished_afterwards() -> None:
    plan = replace(
        benchmark_day("b2b_warm", 4, Mode.PREDICTIVE, 1, hours=2.0, levers=Levers(), breaks=0),
        parked_an_hour=60,
    )
    day = simulate_day(plan, pacer=lambda _: Eager())
    assert day.parked > 10
    assert day.parked_per_seat_hour == pytest.approx(day.parked / (day.worked_s / HOUR_S))
    # No wrap-up is lost or done twice: as much of it a conversation as without the lever.
    calm = simulate_day(replace(plan, levers=Levers(parked_wrap_up=False)), pacer=lambda _: Eager())
    assert calm.parked == 0
    assert day.wrap_s / day.people_connected == pytest.approx(
        calm.wrap_s / calm.people_connected, rel=0.12
    )
    assert day.abandoned_rate < calm.abandoned_rate


def test_breaks_are_held_and_their_delay_is_reckoned() -> None:
    rests = tuple(Rest(600.0 * index, 60.0) for index in range(1, 12))
    seats = tuple(SeatPlan(number, 0.0, 2 * HOUR_S, rests) for number in (1, 2, 3))
    plan = DayPlan(B2C_COLD, Mode.PREDICTIVE, 2 * HOUR_S, 9, seats, levers=Levers(), seed=1)

    class Holds(Eager):
        def decide(self, view: FloorView) -> Decision:
            decision = super().decide(view)
            return replace(decision, hold_breaks=frozenset((1, 2, 3)))

    held = simulate_day(plan, pacer=lambda _: Holds())
    assert held.held_breaks > 3
    assert 1.0 < held.held_break_mean_s < B2C_COLD.no_answer_s + 2.0
    free = simulate_day(plan, pacer=lambda _: Eager())
    assert free.held_breaks == 0


def test_an_announced_break_begins_at_its_moment() -> None:
    seat = SeatPlan(1, 0.0, HOUR_S, (Rest(600.0, 300.0, 60.0),))
    nobody = replace(B2C_COLD, human=0.0, machine=0.0)
    day = simulate_day(DayPlan(nobody, Mode.PREDICTIVE, HOUR_S, 3, (seat,), seed=1))
    assert day.paused_s == pytest.approx(300.0, abs=1.0)
    assert day.series["paused"][9] == 0.0
    assert day.series["paused"][10:15] == pytest.approx(np.ones(5), abs=0.02)


def test_hints_reach_the_pacer_only_where_the_day_has_them() -> None:
    seen, blind = Watched(), Watched()
    plan = benchmark_day("b2c_cold", 4, Mode.PREDICTIVE, 1, hours=1.0, levers=Levers())
    hinted = replace(plan, hints=Hints(forecast_error=0.3, chance_spread=1.0, chance_noise=0.5))
    simulate_day(hinted, pacer=lambda _: seen)
    simulate_day(plan, pacer=lambda _: blind)
    assert seen.told_ends > 0
    assert statistics.pstdev(seen.chances) > 0.08
    # Without them the engine says what it has learnt by itself, of one record as of another.
    assert all(0.2 < chance < 0.8 for chance in blind.chances)
    assert statistics.pstdev(blind.chances) < statistics.pstdev(seen.chances)


# --- the result ------------------------------------------------------------------------------


def test_the_series_add_up_to_the_day() -> None:
    day = simulate_day(benchmark_day("b2b_warm", 4, Mode.PREDICTIVE, 1, hours=1.0))
    series = day.series
    assert all(len(values) == 60 for values in series.values())
    assert series["talking"].sum() * 60 == pytest.approx(day.talk_s)
    assert series["wrapping"].sum() * 60 == pytest.approx(day.wrap_s)
    assert series["paused"].sum() * 60 == pytest.approx(day.paused_s)
    assert series["idle"].sum() * 60 == pytest.approx(day.wait_s)
    assert series["dials"].sum() == day.dials
    assert series["answered"].sum() == day.answered
    assert series["connected"].sum() == day.people_connected
    assert series["abandoned"][-1] == day.people_abandoned
    assert np.all(np.diff(series["abandoned"]) >= 0)
    assert np.all(
        series["talking"] + series["wrapping"] + series["idle"] + series["paused"] < 4.001
    )


def test_a_day_in_words_of_json() -> None:
    day = simulate_day(benchmark_day("b2b_warm", 3, Mode.PREDICTIVE, 1, hours=0.2))
    words = json.loads(json.dumps(day.to_dict()))
    assert words["mode"] == "predictive"
    assert words["utilisation"] == day.utilisation
    assert words["people_connected"] == day.people_connected
    assert len(words["series"]["talking"]) == 12
    assert "series" not in day.to_dict(with_series=False)
    empty = replace(B2C_COLD, human=0.0, machine=0.0)
    nobody = simulate_day(benchmark_day(empty, 1, Mode.PROGRESSIVE, 1, hours=0.1))
    assert json.loads(json.dumps(nobody.to_dict()))["dials_per_connect"] is None


# --- hard days -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(hard_days()))
def test_a_hard_day_can_be_lived_through(name: str) -> None:
    plan = benchmark_day("b2b_warm", 4, Mode.PROGRESSIVE, 1, hours=1.0, hard=name)
    plain = benchmark_day("b2b_warm", 4, Mode.PROGRESSIVE, 1, hours=1.0)
    assert plan != plain
    assert hard_days()[name].sentence.endswith(".")
    day = simulate_day(plan)
    assert day.people_connected > 10
    assert day.people_abandoned == 0


def test_a_hard_day_that_nobody_knows() -> None:
    with pytest.raises(KnownError, match="no hard day 'monday'; choose one of answers_double"):
        benchmark_day("b2c_cold", 3, Mode.PREDICTIVE, 1, hard="monday")


def test_a_short_trunk_gives_lines_up_after_their_calls_and_has_them_back() -> None:
    watched = Watched()
    seats = tuple(SeatPlan(number, 0.0, 3000.0) for number in (1, 2, 3, 4))
    turns = (Turn(1000.0, lines=2), Turn(2000.0))
    plan = DayPlan(B2B_WARM, Mode.PREDICTIVE, 3000.0, 8, seats, turns, seed=1)
    day = simulate_day(plan, pacer=lambda _: watched)
    assert {lines for at_s, lines in watched.lines if at_s < 1000.0} == {8}
    assert {lines for at_s, lines in watched.lines if 1500.0 < at_s < 2000.0} == {2}
    assert {lines for at_s, lines in watched.lines if at_s > 2001.0} == {8}
    assert day.series["talking"][26:33].max() <= 2.01


def test_a_carrier_that_refuses_costs_people_but_few_dials() -> None:
    seats = tuple(SeatPlan(number, 0.0, 1800.0) for number in (1, 2, 3, 4))
    plan = DayPlan(B2B_WARM, Mode.PROGRESSIVE, 1800.0, 8, seats, seed=1)
    free = simulate_day(plan)
    few = simulate_day(replace(plan, turns=(Turn(0.0, channels=2),)))
    assert few.dials < 1.5 * free.dials  # the engine notices, and pauses
    assert few.people_connected < 0.8 * free.people_connected


def test_a_seat_that_vanishes_ends_its_call_and_nobody_is_counted_twice() -> None:
    seats = (
        SeatPlan(1, 0.0, 300.0, is_abrupt=True),
        SeatPlan(2, 0.0, 310.0),
        SeatPlan(3, 0.0, 1800.0),
    )
    plan = DayPlan(SCENARIOS["long_tail"], Mode.PROGRESSIVE, 1800.0, 9, seats, seed=2)
    floor = SimulatedFloor(plan)
    day = floor.run()
    assert set(floor.dialler.seats) <= {2, 3}  # the second may still be in a call
    assert day.people_connected > 0
    assert day.worked_s < 300.0 + 2 * 1800.0


def test_fitting_scenarios_are_none_of_the_reported_ones() -> None:
    assert not set(OTHER_SCENARIOS) & set(SCENARIOS)
    reported = {replace(one, name="") for one in SCENARIOS.values()}
    assert not reported & {replace(one, name="") for one in OTHER_SCENARIOS.values()}


@pytest.mark.parametrize(("seats", "hours"), [(0, 8.0), (3, 0.0), (3, float("nan"))])
def test_a_benchmark_day_that_cannot_be(seats: int, hours: float) -> None:
    with pytest.raises(ValueError, match="a day needs seats and hours"):
        benchmark_day("b2c_cold", seats, Mode.PREDICTIVE, 1, hours=hours)
