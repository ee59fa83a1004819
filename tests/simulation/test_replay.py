"""A recorded day as a plan of the simulator, and as one replay of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer_core.model.recorded import PauseWish, SettingChange
from dialer_core.model.states import Mode, Outcome, SeatState
from dialer_core.simulation.day import Rest
from dialer_core.simulation.replay import (
    PreparedDay,
    TooLittle,
    cautions,
    plan_of,
    prepare,
    recorded_figures,
)
from dialer_core.simulation.replay_run import replay_once
from dialer_core.simulation.replay_seats import plans_of, standstills
from tests.simulation.recorded_days import (
    NINE,
    A,
    P,
    R,
    T,
    W,
    busy_day,
    call,
    day_of,
    session,
    talk,
)

# --- seats --------------------------------------------------------------------------------------


def ready_with(*stretches: tuple[SeatState, float, float], wish: PauseWish) -> PreparedDay:
    calls = [talk(float(n * 10), session=1) for n in range(30)]
    return prepare(day_of(calls, session(*stretches, wishes=(wish,))))


def test_a_break_that_a_call_put_off_is_wished_when_it_was() -> None:
    ready = ready_with(
        (P, -60, -5), (A, -5, 5), (T, 5, 100), (W, 100, 110), (P, 110, 150), (P, 150, 170),
        (A, 170, 280), (P, 280, 400),
        wish=PauseWish(80.0, 80.0),
    )  # fmt: skip
    (seat,) = plan_of(ready, ready.settings, 1).seats
    assert seat.rests == (Rest(80.0, 60.0, announced_s=0.0),), "one break of two reasons"
    assert (seat.comes_s, seat.goes_s) == (0.0, 280.0)


def test_a_break_that_was_announced_is_announced_again() -> None:
    ready = ready_with(
        (A, -5, 5), (T, 5, 100), (P, 100, 150), (A, 150, 290), wish=PauseWish(30.0, 90.0)
    )
    (seat,) = plan_of(ready, ready.settings, 1).seats
    assert seat.rests == (Rest(90.0, 50.0, announced_s=60.0),)


def test_a_standstill_is_a_pause_on_both_sides() -> None:
    calls = [call(float(n), ended_s=n + 10.0) for n in range(25)]
    calls += [call(200.0 + n, ended_s=210.0 + n) for n in range(25)]
    stopped = day_of(calls, session((A, -30.0, 300.0)), session((A, 0.0, 8.0), number=2, agent=2))
    assert standstills(stopped) == ((34.0, 200.0),)
    with_talk = replace(stopped, calls=(talk(0.0, talk_s=5.0), *stopped.calls[1:]))
    ready = prepare(with_talk)
    first, second = plan_of(ready, ready.settings, 1).seats
    assert first.rests == (Rest(34.0, 166.0),)
    assert second.rests == ()
    assert recorded_figures(ready).utilisation == 0.0
    assert any("3 min" in sentence for sentence in cautions(ready))


def test_a_short_lull_is_not_a_standstill() -> None:
    calls = [call(25.0 * n, ended_s=25.0 * n + 8.0) for n in range(25)]
    assert standstills(day_of(calls, session((A, 0.0, 600.0)))) == ()


def test_several_sessions_of_an_agent_are_several_seats_and_leave_together() -> None:
    ready = prepare(
        day_of(
            [talk(10.0 * n) for n in range(40)],
            session((A, 0, 100), number=1, agent=1),
            session((A, 200, 390), number=2, agent=1),
            session((A, 0, 50), number=3, agent=2),
            session((A, 0, 390), number=4, agent=3),
        )
    )
    assert [plan.comes_s for plan in plans_of(ready.seats, 0.0)] == [0.0, 200.0, 0.0, 0.0]
    fewer = plans_of(ready.seats, 0.0, -1)
    assert [plan.goes_s for plan in fewer] == [50.0, 390.0], "who worked the median time leaves"
    more = plans_of(ready.seats, 0.0, +1)
    assert [plan.number for plan in more] == [1, 2, 3, 4, 5, 6]
    with pytest.raises(ValueError, match="needs a seat"):
        plans_of(ready.seats, 0.0, -3)


# --- the whole day ------------------------------------------------------------------------------


def test_the_recorded_figures_are_those_of_the_record() -> None:
    figures = recorded_figures(prepare(busy_day()))
    assert figures.utilisation == pytest.approx(70 / 80, abs=0.003)
    assert figures.seat_wait_mean_s == pytest.approx(10.0, abs=0.1)
    assert figures.people_connected == 43 * 3, "the last three are connected after the window"
    assert figures.dials == 3 * 44 * 3
    assert figures.abandoned_rate == 0.0


def test_abandoned_calls_count_with_the_share_of_people() -> None:
    calls = [talk(100.0 * n, talk_s=20.0) for n in range(30)]
    machines = [
        replace(talk(100.0 * n + 50, talk_s=5.0), said=Outcome.ANSWER_MACHINE_AGENT)
        for n in range(10)
    ]
    lost = [
        replace(talk(100.0 * n + 30, talk_s=2.0), bridged_s=None, said=None,
                outcome=Outcome.ABANDONED, ended_by="line", message_s=100.0 * n + 36.8)
        for n in range(4)
    ]  # fmt: skip
    late = [replace(talk(1000.0, talk_s=20.0), bridged_s=1009.0)]
    day = day_of(
        sorted([*calls, *machines, *lost, *late], key=lambda one: one.committed_s),
        session((A, 0, 3000.0)),
    )
    ready = prepare(day)
    figures = recorded_figures(ready)
    people = figures.people_connected
    assert people == 29, "the last call is answered after the window"
    assert figures.people_abandoned == pytest.approx(5 * 29 / 39)
    assert any(sentence.startswith("4 answered and met nobody") for sentence in cautions(ready))


@pytest.mark.parametrize("number", [1, 2, 19])
def test_a_day_of_few_calls_is_refused_in_a_sentence(number: int) -> None:
    with pytest.raises(TooLittle, match=rf"Only {number} call.* placed") as refused:
        prepare(day_of([talk(float(n)) for n in range(number)], session((A, 0, 100))))
    assert refused.value.exit_status == 2


def test_a_day_without_agents_or_conversations_is_refused() -> None:
    with pytest.raises(TooLittle, match="No agent was at work"):
        prepare(day_of([talk(float(n)) for n in range(30)]))
    with pytest.raises(TooLittle, match="Nobody was spoken to"):
        prepare(day_of([call(float(n)) for n in range(30)], session((A, 0, 100))))


def test_a_replay_is_repeatable_and_close_to_the_record() -> None:
    ready = prepare(busy_day())
    one, other = (replay_once(ready, ready.settings, seed) for seed in (1, 1))
    assert one == other
    assert one.calls_asked == one.dials
    # The hand-made floor calls three at once for each seat; one call at a time can only be slower.
    slower = replay_once(ready, replace(ready.settings, mode=Mode.PROGRESSIVE), 1)
    assert slower.utilisation < recorded_figures(ready).utilisation
    assert slower.people_abandoned == 0


def test_more_seats_call_people_who_were_not_called() -> None:
    ready = prepare(busy_day())
    more = replay_once(ready, replace(ready.settings, seats=3), 1)
    assert more.calls_drawn > 0
    assert more.calls_drawn == more.calls_asked - len(ready.calls)
    told = cautions(ready, ("seats",), drawn=more.calls_drawn, of=more.calls_asked)
    assert told[0].startswith(f"{more.calls_drawn} of {more.calls_asked} calls were drawn")


def test_a_shorter_ring_loses_those_who_answer_late() -> None:
    ready = prepare(busy_day())
    assert plan_of(ready, ready.settings, 1).scenario.no_answer_s == 25.0
    short = replay_once(ready, replace(ready.settings, max_ring_s=7.0), 1)
    assert short.people_connected == 0, "everybody answered after 8 s"


def test_changes_during_the_day_are_told() -> None:
    day = replace(busy_day(), changes=(SettingChange(NINE + 5, "abandon_target", 0.02, 0.01),))
    assert any("middle" in sentence for sentence in cautions(prepare(day)))
    mixed = tuple(
        replace(one, mode=Mode.PROGRESSIVE) if n < 50 else one for n, one in enumerate(day.calls)
    )
    ready = prepare(replace(day, calls=mixed))
    assert ready.settings.mode is Mode.PREDICTIVE
    assert any("346 predictive, 50 progressive" in sentence for sentence in cautions(ready))


def test_a_seat_that_is_taken_at_once_waits_while_its_call_rings() -> None:
    stretches = []
    for n in range(30):
        at_s = 100.0 * n
        stretches += [(A, at_s, at_s), (R, at_s, at_s + 5), (T, at_s + 5, at_s + 65)]
        stretches += [
            (W, at_s + 65, at_s + 75),
            (A, at_s + 75, at_s + 75),
            (R, at_s + 75, at_s + 100),
        ]
    ready = prepare(day_of([talk(100.0 * n) for n in range(30)], session(*stretches)))
    figures = recorded_figures(ready)
    assert figures.seat_wait_mean_s == pytest.approx((28 * 30 + 5) / 29)
    assert ready.standstills == ()
