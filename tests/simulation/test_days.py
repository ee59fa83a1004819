"""The engine under virtual time: days that add up, repeat, and agree with a formula."""

from __future__ import annotations

import pytest

from dialer_core.model.states import Mode
from dialer_core.pacing.view import Decision, FloorView
from dialer_core.simulation.day import RING_LIMIT_S
from dialer_core.simulation.floor import simulate
from dialer_core.simulation.kernel import Kernel
from dialer_core.simulation.public import B2C_COLD, SCENARIOS, Kind, Public, Scenario


def renewal(scenario: Scenario) -> float:
    """Utilisation one to one: H / (H + R/p), whatever the number of seats.

    p: share of dials that need a seat; R: mean line time per dial; H: mean handling time. All
    three from a large draw of the same public.
    """
    public = Public(999, scenario)
    people = [public.person(f"n{number}", 0) for number in range(10_000)]
    met = [one for one in people if one.final_status == 200 and one.ring_s < RING_LIMIT_S]
    p = len(met) / len(people)
    ring_s = sum(min(one.ring_s, RING_LIMIT_S) for one in people) / len(people)
    handling_s = sum(
        0.3 if one.kind is Kind.HANGS_UP else one.talk_s + one.wrap_s for one in met
    ) / len(met)
    return handling_s / (handling_s + ring_s / p)


@pytest.mark.parametrize("name", ["b2c_cold", "b2b_warm", "low_answer", "short_talk"])
def test_progressive_agrees_with_the_renewal_formula(name: str) -> None:
    day = simulate(name, seats=10, mode=Mode.PROGRESSIVE, hours=3.0, seed=11)
    # A few hundred conversations of varying length: the figure itself varies by 1.7 points.
    assert day.utilisation == pytest.approx(renewal(SCENARIOS[name]), abs=0.05)
    assert day.people_abandoned == 0
    assert day.overdialled == 0


@pytest.mark.parametrize("mode", [Mode.PREVIEW, Mode.PROGRESSIVE, Mode.PREDICTIVE])
def test_the_same_seed_gives_the_same_day(mode: Mode) -> None:
    first = simulate("b2c_cold", seats=4, mode=mode, hours=0.5, seed=3)
    assert first == simulate("b2c_cold", seats=4, mode=mode, hours=0.5, seed=3)
    assert first != simulate("b2c_cold", seats=4, mode=mode, hours=0.5, seed=4)
    assert first.people_connected > 0


def test_the_seats_time_adds_up() -> None:
    day = simulate("b2c_cold", seats=6, mode=Mode.PROGRESSIVE, hours=2.0, seed=1, breaks_a_seat=2)
    there_s = day.talk_s + day.wrap_s + day.wait_s + day.paused_s
    assert 6 * 7200.0 - 6 * 120.0 <= there_s <= 6 * 7200.0
    # A break may begin late (after the call) and end at the planned time.
    assert 0 < day.paused_s <= 6 * 2 * 900.0
    assert day.seats == 6


def test_calls_add_up() -> None:
    day = simulate("b2c_cold", seats=6, mode=Mode.PREDICTIVE, hours=2.0, seed=1)
    met = day.people_connected + day.machines_connected
    lost = day.people_abandoned + day.machines_abandoned
    assert met + lost <= day.answered <= day.dials
    assert day.answered - met - lost <= 0.1 * day.answered  # who hung up at once
    assert day.dials_per_connect == pytest.approx(day.dials / day.people_connected)


def test_preview_waits_for_the_agent() -> None:
    preview = simulate("b2c_cold", seats=5, mode=Mode.PREVIEW, hours=1.0, seed=1)
    progressive = simulate("b2c_cold", seats=5, mode=Mode.PROGRESSIVE, hours=1.0, seed=1)
    assert preview.people_abandoned == 0
    assert preview.dials < progressive.dials


class Reckless:
    """Fills every line, always."""

    def decide(self, view: FloorView) -> Decision:
        busy = len(view.ringing) + len(view.waiting) + len(view.talking)
        return Decision(max(0, view.max_lines - busy), reason="All lines.")


def test_reckless_pacing_loses_people_and_says_so() -> None:
    day = simulate(
        "b2b_warm", seats=3, mode=Mode.PREDICTIVE, hours=1.0, seed=1, pacer=lambda _: Reckless()
    )
    assert day.abandoned_rate > 0.2
    assert day.overdialled > 0
    assert day.utilisation > 0.9


def test_nobody_who_could_be_connected_waits_beyond_the_limit() -> None:
    day = simulate(
        "b2b_warm", seats=3, mode=Mode.PREDICTIVE, hours=1.0, seed=2, pacer=lambda _: Reckless()
    )
    assert 0.1 < day.answer_to_agent_p95_s <= 2.0


@pytest.mark.parametrize(("seats", "hours"), [(0, 8.0), (3, 0.0), (3, float("nan"))])
def test_a_day_that_cannot_be(seats: int, hours: float) -> None:
    with pytest.raises(ValueError, match="a day needs seats and hours"):
        simulate(B2C_COLD, seats, Mode.PROGRESSIVE, hours)


def test_the_kernel_keeps_the_order_of_asking_within_a_moment() -> None:
    kernel, done = Kernel(), list[str]()
    kernel.after(2.0, lambda: done.append("late"))
    kernel.after(1.0, lambda: done.append("first"))

    def second() -> None:
        done.append("second")
        kernel.after(-5.0, lambda: done.append(f"at once, {kernel.now().mono_s}"))

    kernel.after(1.0, second)
    kernel.run_until(1.5)
    assert done == ["first", "second", "at once, 1.0"]
    assert kernel.now_s == 1.5
    kernel.run_until(2.0)
    assert done[-1] == "late"
