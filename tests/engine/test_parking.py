"""An answered call interrupts a wrap-up, which comes back; and seats that only help out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest

from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.model.ids import AttemptId, SessionId
from dialer_core.model.levers import OFFICE_LEVERS
from dialer_core.model.records import DayCounts
from dialer_core.model.states import CallStage, Mode, Outcome, SeatState
from tests.engine.lever_rig import LeverRig
from tests.engine.rig import CAMPAIGN, Rig, of, record_of

S = SeatState


def test_an_answer_takes_a_wrap_up_that_may_wait() -> None:
    rig = LeverRig(seats=1)
    first = rig.wrap_up()
    (second,) = rig.launch(1)
    rig.told.park = [1]
    rig.wait(4.0)
    out = rig.answer(second)
    assert [type(one) for one in out][:3] == [c.SetSeat, c.MoveAttempt, c.ConnectAgent]
    seat = of(c.SetSeat, out)[0]
    assert (seat.state, seat.attempt_id) == (S.CONNECTING, second.attempt_id)
    assert seat.parked == (first.attempt_id,)
    assert dict(rig.view.talking) == {1: rig.clock.now().mono_s}
    assert dict(rig.view.wrapping) == {}


def test_the_seat_goes_back_to_its_wrap_up_with_a_fresh_countdown() -> None:
    rig = LeverRig(seats=1)
    first = rig.wrap_up()
    rig.told.park = [1]
    (second,) = rig.launch(1)
    rig.talk_on(second)
    rig.end(second)
    assert (rig.state(1), rig.seat(1).attempt_id) == (S.WRAP_UP, second.attempt_id)
    rig.clock.advance(6.0)
    (seat,) = of(c.SetSeat, rig.code(1, second))
    assert (seat.state, seat.attempt_id, seat.parked) == (S.WRAP_UP, first.attempt_id, ())
    assert seat.contact_id == first.record.contact_id
    assert seat.until == rig.clock.now().after(rig.campaign.wrap_up_limit_s)
    assert dict(rig.view.wrapping) == {1: rig.clock.now().mono_s}
    (seat,) = of(c.SetSeat, rig.code(1, first))
    assert (seat.state, seat.attempt_id) == (S.AVAILABLE, None)
    assert rig.dialler.calls_in_progress == 0


def test_each_attempt_counts_once_and_with_its_own_times() -> None:
    rig = LeverRig(seats=1)
    first = rig.wrap_up()
    rig.told.park = [1]
    rig.clock.advance(4.0)
    (second,) = rig.launch(1)
    rig.talk_on(second, 50.0)
    rig.end(second)
    rig.clock.advance(6.0)
    rig.code(1, second, "sale")
    rig.clock.advance(3.0)
    rig.code(1, first, "machine")
    log = rig.dialler.campaign(CAMPAIGN).handle_log
    assert [(one.talk_s, one.wrap_s, one.was_machine) for one in log] == [
        (50.0, 6.0, False),
        (20.0, 7.0, True),
    ]
    assert rig.dialler.campaign(CAMPAIGN).counts == DayCounts(live=1, machines=1)


def test_the_parked_outcome_may_be_chosen_beside_the_next_call() -> None:
    rig = LeverRig(seats=1)
    first = rig.wrap_up()
    rig.told.park = [1]
    rig.clock.advance(4.0)
    (second,) = rig.launch(1)
    rig.talk_on(second)
    assert rig.dialler.calls_in_progress == 2
    (seat,) = of(c.SetSeat, rig.code(1, first, "machine"))
    assert (seat.state, seat.attempt_id, seat.parked) == (S.TALKING, second.attempt_id, ())
    assert rig.dialler.calls_in_progress == 1
    assert rig.dialler.campaign(CAMPAIGN).handle_log[-1].wrap_s == 4.0
    assert rig.code(1, first, "sale") == []  # once
    rig.end(second)
    rig.code(1, second)
    assert rig.state(1) is S.AVAILABLE
    assert rig.dialler.campaign(CAMPAIGN).counts == DayCounts(live=1, machines=1)


def test_a_person_who_is_gone_before_the_bridge_gives_the_wrap_up_back() -> None:
    rig = LeverRig(seats=1)
    first = rig.wrap_up()
    rig.told.park = [1]
    (second,) = rig.launch(1)
    rig.answer(second)
    rig.clock.advance(0.3)
    out = rig.end(second)
    seat = of(c.SetSeat, out)[-1]
    assert (seat.state, seat.attempt_id, seat.parked) == (S.WRAP_UP, first.attempt_id, ())
    assert of(c.CloseAttempt, out)[0].outcome is Outcome.SHORT_HANGUP


def test_a_person_who_is_gone_before_a_word_gives_the_wrap_up_back() -> None:
    rig = LeverRig(seats=1)
    first = rig.wrap_up()
    rig.told.park = [1]
    (second,) = rig.launch(1)
    rig.talk_on(second, 0.5)
    rig.end(second)
    assert (rig.state(1), rig.seat(1).attempt_id) == (S.WRAP_UP, first.attempt_id)


def test_a_phone_that_does_not_answer_ends_the_wrap_up_first_and_then_pauses() -> None:
    rig = LeverRig(seats=1)
    first = rig.wrap_up()
    rig.told.park = [1]
    (second,) = rig.launch(1)
    rig.answer(second)
    rig.lose_seat(second, 1)
    assert (rig.state(1), rig.seat(1).attempt_id) == (S.WRAP_UP, first.attempt_id)
    assert second.stage is CallStage.WAITING  # not taken out of the wrap-up again
    (seat,) = of(c.SetSeat, rig.code(1, first))
    assert (seat.state, seat.reason) == (S.PAUSED, "phone not reachable")


def test_a_pause_comes_after_both() -> None:
    rig = LeverRig(seats=1)
    first = rig.wrap_up()
    rig.told.park = [1]
    (second,) = rig.launch(1)
    rig.talk_on(second)
    rig.pause(1)
    rig.end(second)
    rig.code(1, second)
    assert rig.state(1) is S.WRAP_UP
    rig.code(1, first)
    assert rig.state(1) is S.PAUSED


def test_an_outcome_chosen_in_the_call_leads_straight_back() -> None:
    rig = LeverRig(seats=1)
    first = rig.wrap_up()
    rig.told.park = [1]
    (second,) = rig.launch(1)
    rig.talk_on(second)
    rig.code(1, second)
    out = rig.end(second)
    told = [(one.state, one.attempt_id) for one in of(c.SetSeat, out)]
    assert told == [(S.WRAP_UP, second.attempt_id), (S.WRAP_UP, first.attempt_id)]


def test_nobody_carries_two_parked_wrap_ups() -> None:
    rig = LeverRig(seats=1)
    rig.wrap_up()
    rig.told.park = [1]
    (second,) = rig.launch(1)
    rig.talk_on(second)
    rig.end(second)
    (third,) = rig.launch(1)
    rig.answer(third)
    assert third.session_id is None
    rig.code(1, second)  # back to the first, which may be interrupted once more
    assert third.session_id == SessionId(1)


def test_no_more_often_an_hour_than_the_campaign_says() -> None:
    rig = LeverRig(seats=1, parked_an_hour=2)
    rig.told.park = [1]
    for _ in range(2):
        first = rig.wrap_up()
        (second,) = rig.launch(1)
        rig.talk_on(second)
        assert rig.seat(1).parked
        rig.end(second)
        rig.code(1, second)
        rig.code(1, first)
    rig.wrap_up()
    (third,) = rig.launch(1)
    rig.answer(third)
    assert third.stage is CallStage.WAITING
    rig.end(third)
    rig.wait(3600.0)
    (fourth,) = rig.launch(1)
    rig.answer(fourth)
    assert fourth.stage is CallStage.CONNECTING


@pytest.mark.parametrize("what", ["not named", "lever off", "limit 0", "pause wanted", "unknown"])
def test_a_wrap_up_is_left_in_peace(what: str) -> None:
    levers = OFFICE_LEVERS if what == "lever off" else None
    rig = LeverRig(seats=1, levers=levers, parked_an_hour=0 if what == "limit 0" else 3)
    rig.wrap_up()
    rig.told.park = () if what == "not named" else [77, 1]
    (second,) = rig.launch(1)
    if what == "pause wanted":
        rig.pause(1)
    if what == "unknown":
        rig.seat(1).record = None  # from before a restart
    rig.answer(second)
    assert (second.stage, rig.state(1)) == (CallStage.WAITING, S.WRAP_UP)


def test_a_free_seat_goes_before_a_wrap_up() -> None:
    rig = LeverRig(seats=2)
    rig.wrap_up()
    rig.told.park = [1]
    (second,) = rig.launch(1)
    rig.answer(second)
    assert (second.session_id, rig.state(1)) == (SessionId(2), S.WRAP_UP)


def test_the_pacers_order_is_kept_and_without_one_the_longest_wrap_up_goes() -> None:
    for park, taken in (([2, 1], 2), ({1, 2}, 1)):
        rig = LeverRig(seats=2)
        rig.wrap_up(1)
        rig.wrap_up(2)
        rig.told.park = park
        (third,) = rig.launch(1)
        rig.answer(third)
        assert third.session_id == SessionId(taken)


def test_who_waits_already_is_offered_a_wrap_up_as_soon_as_one_may_be_parked() -> None:
    rig = LeverRig(seats=1)
    rig.wrap_up()
    (second,) = rig.launch(1)
    rig.answer(second)
    assert second.stage is CallStage.WAITING
    rig.told.park = [1]
    assert len(of(c.ConnectAgent, rig.wait(0.5))) == 1


def test_logging_out_with_a_parked_wrap_up_leaves_nothing_behind() -> None:
    rig = LeverRig(seats=1)
    rig.wrap_up()
    rig.told.park = [1]
    (second,) = rig.launch(1)
    rig.talk_on(second)
    out = rig.send(e.SeatClosed(SessionId(1)))
    assert [(one.state, one.parked) for one in of(c.SetSeat, out)] == [(S.LOGGED_OUT, ())]
    rig.end(second, by="dialler")
    assert rig.dialler.calls_in_progress == 0


def test_a_parked_wrap_up_outlives_a_restart() -> None:
    rig = Rig(Mode.PREDICTIVE, is_recovered=False)
    now = rig.clock.now()
    old, new = AttemptId("old"), AttemptId("new")
    owed = (old, record_of(50))
    opened = e.SeatOpened(SessionId(1), CAMPAIGN, "A", S.TALKING, now, new, parked=(owed,))
    rig.send(opened)
    out = rig.send(e.Recovered())  # the call is gone
    assert [(one.state, one.attempt_id, one.parked) for one in of(c.SetSeat, out)] == [
        (S.WRAP_UP, new, (old,))
    ]
    (seat,) = of(c.SetSeat, rig.send(e.OutcomeChosen(SessionId(1), new, "no")))
    assert (seat.state, seat.attempt_id, seat.contact_id) == (S.WRAP_UP, old, 50)
    rig.send(e.OutcomeChosen(SessionId(1), old, "no"))
    assert rig.state(1) is S.AVAILABLE
    assert rig.dialler.campaign(CAMPAIGN).handle_log == []  # its talk is not known any more


def test_a_seat_at_rest_owes_nothing_whatever_the_record_says() -> None:
    rig = Rig(Mode.PREDICTIVE, lines=0)
    opened = e.SeatOpened(SessionId(1), CAMPAIGN, "A", S.PAUSED)
    rig.send(replace(opened, parked=((AttemptId("old"), record_of(50)),)))
    (seat,) = of(c.SetSeat, rig.send(e.AvailableWanted(SessionId(1))))
    assert (seat.state, seat.parked) == (S.AVAILABLE, ())


# --- relief -----------------------------------------------------------------------------------


def relief_in(rig: LeverRig, number: int = 9) -> None:
    rig.send(e.SeatOpened(SessionId(number), CAMPAIGN, "Supervisor", is_relief=True))
    rig.ready(number)


def test_a_relief_seat_is_no_reason_to_dial() -> None:
    rig = LeverRig(seats=0)
    relief_in(rig)
    state = rig.dialler.campaign(CAMPAIGN)
    assert not state.is_staffed
    assert state.unspoken == 0
    assert rig.launch(3) == []
    assert (dict(rig.view.idle), set(rig.view.relief)) == ({}, {9})


def test_one_to_one_modes_never_reserve_a_relief_seat() -> None:
    for mode in (Mode.PREVIEW, Mode.PROGRESSIVE):
        rig = Rig(mode, seats=1)
        rig.send(e.SeatOpened(SessionId(9), CAMPAIGN, "Supervisor", is_relief=True))
        rig.send(e.AvailableWanted(SessionId(9)))
        rig.wait(5.0)
        assert rig.state(9) is S.AVAILABLE
        assert rig.state(1) is not S.AVAILABLE


def test_free_seats_then_wrap_ups_then_relief() -> None:
    rig = LeverRig(seats=2)
    relief_in(rig)
    rig.wrap_up(1)
    rig.told.park = [1]
    calls = rig.launch(4)
    for call in calls:
        rig.answer(call)
    assert [call.session_id for call in calls[:3]] == [SessionId(2), SessionId(1), SessionId(9)]
    assert calls[3].stage is CallStage.WAITING


def test_a_relief_seat_at_work_is_not_counted_on() -> None:
    rig = LeverRig(seats=1)
    relief_in(rig)
    first, second = rig.launch(2)
    rig.talk_on(first)
    rig.talk_on(second)
    assert second.session_id == SessionId(9)
    assert (set(rig.view.talking), set(rig.view.relief), set(rig.view.paused)) == ({1}, set(), {9})
    rig.end(second)
    rig.told.park = [9]
    (third,) = rig.launch(1)
    rig.answer(third)
    assert third.stage is CallStage.WAITING  # its wrap-up is not interrupted
    rig.end(third)
    rig.code(9, second)
    assert set(rig.view.relief) == {9}


def test_a_relief_seat_takes_a_person_who_waits_already() -> None:
    rig = LeverRig(seats=1)
    first, second = rig.launch(2)
    rig.talk_on(first)
    rig.answer(second)
    relief_in(rig)
    assert second.session_id == SessionId(9)


def test_a_relief_seat_pauses_at_once() -> None:
    rig = LeverRig(seats=1)
    relief_in(rig)
    rig.launch(1)
    rig.told.hold = {9}
    rig.pause(9)
    assert (rig.state(9), set(rig.view.relief)) == (S.PAUSED, set())


def test_the_pacer_sees_the_wrap_ups_that_would_really_be_interrupted() -> None:
    rig = LeverRig(seats=1, parked_an_hour=1)

    def seen() -> Collection[int] | None:
        return rig.view.parkable

    assert seen() == ()
    first = rig.wrap_up()
    assert seen() == (1,)
    rig.pause(1)
    assert seen() == ()
    rig.ready(1)
    assert seen() == (1,)
    rig.told.park = [1]
    (second,) = rig.launch(1)
    rig.talk_on(second)
    rig.end(second)
    assert (set(rig.view.wrapping), seen()) == ({1}, ())  # one is parked already
    rig.code(1, second)
    rig.code(1, first)
    rig.wrap_up()
    assert seen() == ()  # and that was the hour's only one
    rig.clock.advance(3600.0)
    assert seen() == (1,)
    rig.settings(replace(rig.campaign.levers, parked_wrap_up=False))
    assert seen() is None
