"""Pauses that are held while lines ring, and pauses that were announced."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from dialer_core.clock import Instant
from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.model.ids import SessionId
from dialer_core.model.levers import NO_LEVERS
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import CallStage, Mode, SeatState
from tests.engine.lever_rig import LeverRig
from tests.engine.rig import CAMPAIGN, Rig, of, record_of

S = SeatState


def test_a_free_seats_break_is_held_while_a_line_rings_for_it() -> None:
    rig = LeverRig(seats=1)
    (call,) = rig.launch(1)
    rig.told.hold = {1}
    wanted_s = rig.clock.now().mono_s
    out = rig.pause(1)
    (seat,) = of(c.SetSeat, out)
    assert (seat.state, seat.pause_due) == (S.AVAILABLE, rig.clock.now())  # the window can say it
    assert dict(rig.view.idle) == {1: 0.0}
    assert dict(rig.view.breaks_due) == {1: wanted_s}
    assert of(c.SetSeat, rig.wait(5.0)) == []  # said once
    out = rig.end(call, 486, "network")
    assert [(one.state, one.reason) for one in of(c.SetSeat, out)] == [(S.PAUSED, "tea")]
    assert dict(rig.view.breaks_due) == {}


def test_the_pacer_lets_it_go_with_its_next_decision() -> None:
    rig = LeverRig(seats=1)
    rig.launch(1)
    out = rig.pause(1)
    assert [one.state for one in of(c.SetSeat, out)] == [S.PAUSED]


def test_a_hold_ends_as_soon_as_the_pacer_ends_it() -> None:
    rig = LeverRig(seats=2)
    rig.launch(2)
    rig.told.hold = {1}
    rig.pause(1)
    assert rig.state(1) is S.AVAILABLE
    rig.told.hold = ()
    rig.wait(1.0)
    assert rig.state(1) is S.PAUSED


def test_a_held_seat_takes_the_call_and_pauses_after_it() -> None:
    rig = LeverRig(seats=1)
    (call,) = rig.launch(1)
    rig.told.hold = {1}
    rig.pause(1)
    rig.talk_on(call)
    assert (rig.state(1), set(rig.view.paused)) == (S.TALKING, {1})  # it will not come free
    assert dict(rig.view.breaks_due) == {}
    rig.end(call)
    out = rig.code(1, call)
    assert [(one.state, one.reason) for one in of(c.SetSeat, out)] == [(S.PAUSED, "tea")]


def test_others_take_the_answer_before_a_seat_that_is_about_to_leave() -> None:
    rig = LeverRig(seats=2)
    first, second = rig.launch(2)
    rig.told.hold = {1}
    rig.pause(1)
    rig.answer(first)
    assert first.session_id == SessionId(2)
    rig.answer(second)
    assert second.session_id == SessionId(1)


def test_only_calls_that_were_in_flight_hold_a_break() -> None:
    rig = LeverRig(seats=1)
    (first,) = rig.launch(1)
    rig.told.hold = {1}
    rig.pause(1)
    rig.launch(1)  # a pacer that goes on launching holds nobody for ever
    assert rig.state(1) is S.AVAILABLE
    rig.end(first, 486, "network")
    assert rig.state(1) is S.PAUSED


def test_no_break_is_held_longer_than_a_call_can_ring_and_wait() -> None:
    rig = LeverRig(seats=1)
    rig.launch(1)
    rig.told.hold = {1}
    rig.pause(1)
    limit_s = rig.campaign.max_ring_s + rig.campaign.connect_limit_s
    rig.dialler.campaign(CAMPAIGN).stock.ask_at_s = None
    assert rig.dialler.wake_at_s == pytest.approx(limit_s)
    rig.wait(limit_s - 0.01)
    assert rig.state(1) is S.AVAILABLE
    rig.wait(0.01)
    assert rig.state(1) is S.PAUSED


def test_wanting_work_again_ends_the_hold() -> None:
    rig = LeverRig(seats=1)
    (call,) = rig.launch(1)
    rig.told.hold = {1}
    rig.pause(1)
    (seat,) = of(c.SetSeat, rig.ready(1))
    assert (seat.state, seat.pause_due) == (S.AVAILABLE, None)
    rig.end(call, 486, "network")
    assert rig.state(1) is S.AVAILABLE


def test_with_the_lever_off_a_free_seat_pauses_at_once() -> None:
    rig = LeverRig(seats=1, levers=NO_LEVERS)
    rig.launch(1)
    rig.told.hold = {1}
    rig.pause(1)
    assert rig.state(1) is S.PAUSED


def test_switching_the_lever_off_lets_held_seats_go() -> None:
    rig = LeverRig(seats=1)
    rig.launch(1)
    rig.told.hold = {1}
    rig.pause(1)
    rig.settings(NO_LEVERS)
    assert rig.state(1) is S.PAUSED


def test_with_no_line_ringing_a_free_seat_pauses_at_once() -> None:
    rig = LeverRig(seats=1)
    rig.told.hold = {1}
    rig.pause(1)
    assert rig.state(1) is S.PAUSED


def test_while_dialling_is_stopped_seats_wait_for_the_lines_that_still_ring() -> None:
    rig = LeverRig(seats=1)
    (call,) = rig.launch(1)
    rig.send(e.DiallingStopped())
    (seat,) = of(c.SetSeat, rig.pause(1))
    assert (seat.state, seat.pause_due) == (S.AVAILABLE, rig.clock.now())
    rig.end(call, 486, "network")
    assert rig.state(1) is S.PAUSED


def test_nothing_is_dialled_for_a_seat_that_is_about_to_leave() -> None:
    rig = LeverRig(seats=1)
    rig.launch(1)
    rig.told.hold = {1}
    rig.pause(1)
    assert rig.dialler.campaign(CAMPAIGN).unspoken < 0
    rig.drain_ordinary()
    rig.send(e.RecordsLeased(CAMPAIGN, [record_of(900, reserved_only=True)]))
    assert rig.launch(1) == []  # it would need a held seat


def test_a_second_word_changes_the_reason_and_not_the_limit() -> None:
    rig = LeverRig(seats=1)
    (call,) = rig.launch(1)
    rig.told.hold = {1}
    rig.pause(1, "tea")
    began_s = rig.clock.now().mono_s
    rig.clock.advance(3.0)
    rig.pause(1, "lunch")
    assert dict(rig.view.breaks_due) == {1: began_s}
    out = rig.end(call, 486, "network")
    assert of(c.SetSeat, out)[0].reason == "lunch"


def test_one_to_one_modes_never_hold_anybody() -> None:
    rig = Rig(Mode.PROGRESSIVE, seats=2, lines=1)
    assert rig.state(1) is S.RINGING
    rig.send(e.PauseWanted(SessionId(2), "tea"))
    assert rig.state(2) is S.PAUSED


# --- announced --------------------------------------------------------------------------------


def test_an_announced_break_is_shown_ahead_and_begins_at_its_moment() -> None:
    rig = LeverRig(seats=1)
    (seat,) = of(c.SetSeat, rig.pause(1, "lunch", in_s=60.0))
    assert (seat.state, seat.pause_due) == (S.AVAILABLE, rig.clock.now().after(60.0))
    assert dict(rig.view.breaks_due) == {1: 60.0}
    assert rig.dialler.wake_at_s == 60.0
    rig.wait(59.9)
    assert rig.state(1) is S.AVAILABLE
    rig.wait(0.1)
    assert rig.state(1) is S.PAUSED
    assert rig.seat(1).announced is None


def test_an_announced_break_finds_lines_ringing_and_is_held() -> None:
    rig = LeverRig(seats=1)
    rig.pause(1, "lunch", in_s=60.0)
    rig.clock.advance(55.0)
    (call,) = rig.launch(1)
    rig.told.hold = {1}
    out = rig.wait(5.0)
    assert [(one.state, one.pause_due) for one in of(c.SetSeat, out)] == [
        (S.AVAILABLE, rig.clock.now())
    ]
    rig.end(call, 486, "network")
    assert rig.state(1) is S.PAUSED


def test_an_announced_break_that_comes_in_a_call_begins_after_it() -> None:
    rig = LeverRig(seats=1)
    rig.pause(1, "lunch", in_s=30.0)
    (call,) = rig.launch(1)
    rig.answer(call)
    out = rig.bridge(call, 1)
    assert of(c.SetSeat, out)[0].pause_due == Instant(30.0, rig.seat(1).since.after(30.0).utc)
    assert dict(rig.view.breaks_due) == {1: 30.0}
    assert dict(rig.view.talking) == {1: 0.0}
    rig.wait(30.0)
    assert (set(rig.view.paused), dict(rig.view.breaks_due)) == ({1}, {})
    rig.end(call)
    assert rig.state(1) is S.WRAP_UP
    rig.code(1, call)
    assert rig.state(1) is S.PAUSED


def test_an_announced_break_that_comes_in_a_pause_gives_it_a_new_reason() -> None:
    rig = LeverRig(seats=1)
    rig.pause(1, "lunch", in_s=30.0)
    rig.pause(1, "tea")
    assert dict(rig.view.breaks_due) == {1: 30.0}  # lunch stands
    out = rig.wait(30.0)
    assert [(one.state, one.reason) for one in of(c.SetSeat, out)] == [(S.PAUSED, "lunch")]


def test_coming_back_from_a_pause_leaves_what_was_announced() -> None:
    rig = LeverRig(seats=1)
    rig.pause(1, "lunch", in_s=30.0)
    rig.pause(1, "tea")
    (seat,) = of(c.SetSeat, rig.ready(1))
    assert seat.pause_due == rig.clock.now().after(30.0)
    (seat,) = of(c.SetSeat, rig.ready(1))  # said again while at work: changed their mind
    assert seat.pause_due is None
    rig.wait(40.0)
    assert rig.state(1) is S.AVAILABLE


@pytest.mark.parametrize("in_s", [-5.0, 0.0, math.nan, math.inf, -math.inf])
def test_a_moment_that_is_none_or_has_gone_by_means_now(in_s: float) -> None:
    rig = LeverRig(seats=1)
    now = rig.clock.now()
    rig.send(e.PauseWanted(SessionId(1), "tea", Instant(now.mono_s + in_s, now.utc)))
    assert rig.state(1) is S.PAUSED
    assert dict(rig.view.breaks_due) == {}


def test_logging_out_takes_the_announcement_along() -> None:
    rig = LeverRig(seats=1)
    rig.pause(1, "lunch", in_s=30.0)
    (seat,) = of(c.SetSeat, rig.send(e.SeatClosed(SessionId(1))))
    assert (seat.state, seat.pause_due) == (S.LOGGED_OUT, None)
    assert dict(rig.view.breaks_due) == {}
    rig.wait(40.0)


def test_a_preview_on_the_screen_goes_back_when_the_break_comes() -> None:
    rig = Rig(Mode.PREVIEW, seats=1)
    at = rig.clock.now().after(5.0)
    rig.send(e.PauseWanted(SessionId(1), "lunch", at))
    assert rig.state(1) is S.PREVIEW
    out = rig.wait(5.0)
    assert rig.state(1) is S.PAUSED
    assert len(of(c.ReturnRecord, out)) >= 1


def test_what_was_announced_outlives_a_restart() -> None:
    rig = LeverRig(seats=0)
    now = rig.clock.now()
    opened = e.SeatOpened(SessionId(1), CAMPAIGN, "A", S.AVAILABLE, now, pause_wanted="lunch")
    rig.send(replace(opened, pause_due=now.after(20.0)))
    assert dict(rig.view.breaks_due) == {1: 20.0}
    rig.wait(20.0)
    assert rig.state(1) is S.PAUSED


def test_a_break_that_fell_due_while_the_dialler_was_away_begins_at_once() -> None:
    rig = Rig(Mode.PREDICTIVE, is_recovered=False)
    now = rig.clock.now()
    opened = e.SeatOpened(SessionId(1), CAMPAIGN, "A", S.AVAILABLE, now, pause_wanted="lunch")
    rig.send(replace(opened, pause_due=Instant(-20.0, now.utc)))
    rig.send(e.Recovered())
    assert rig.state(1) is S.PAUSED


def test_a_reserved_seat_ends_its_call_first() -> None:
    rig = Rig(seats=1)
    rig.send(e.PauseWanted(SessionId(1), "lunch", rig.clock.now().after(5.0)))
    rig.wait(5.0)
    assert (rig.state(1), rig.call().stage) == (S.RINGING, CallStage.DIALLING)
    rig.end(rig.call(), 486, "network")
    assert rig.state(1) is S.PAUSED


def test_records_stay_in_hand_while_a_break_is_held() -> None:
    rig = LeverRig(seats=1)
    rig.launch(1)
    rig.told.hold = {1}
    rig.pause(1)
    stock: tuple[LeasedRecord, ...] = rig.dialler.campaign(CAMPAIGN).stock.records
    assert len(stock) > 0
