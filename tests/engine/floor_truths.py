"""What must hold on the floor after every step, whatever has happened."""

from __future__ import annotations

from hypothesis.stateful import RuleBasedStateMachine, invariant

from dialer_core.model.ids import SessionId
from dialer_core.model.states import CallStage, Mode, SeatState
from tests.engine.fake_floor import FakeFloor
from tests.engine.rig import CAMPAIGN

S, T = SeatState, CallStage


class Truths(RuleBasedStateMachine):
    """The rules of the trade, as invariants of a machine that moves the floor."""

    floor: FakeFloor

    @invariant()
    def no_seat_in_two_calls_and_no_call_at_two_seats(self) -> None:
        dialler = self.floor.dialler
        held = [seat.attempt_id for seat in dialler.seats.values() if seat.attempt_id is not None]
        assert len(held) == len(set(held))
        with_agent = [one for one in dialler.calls.values() if one.stage is not T.MESSAGE]
        chosen = [one.session_id for one in with_agent if one.session_id in dialler.seats]
        assert len(chosen) == len(set(chosen))
        in_call = (S.RINGING, S.CONNECTING, S.TALKING)
        for seat in dialler.seats.values():
            if seat.state in in_call:
                assert seat.attempt_id is not None
                assert dialler.calls[seat.attempt_id].session_id == seat.session_id

    @invariant()
    def no_contact_twice(self) -> None:
        calls = self.floor.dialler.calls.values()
        in_calls = [call.record.contact_id for call in calls]
        stock = [one.contact_id for one in self.floor.dialler.campaign(CAMPAIGN).stock.records]
        shown = [
            seat.record.contact_id
            for seat in self.floor.dialler.seats.values()
            if seat.state is S.PREVIEW and seat.record is not None
        ]
        hand = [*in_calls, *stock, *shown]
        assert len(hand) == len(set(hand))
        assert set(hand) <= set(self.floor.leased)

    @invariant()
    def record_and_engine_agree(self) -> None:
        dialler = self.floor.dialler
        assert set(dialler.seats) == set(self.floor.sessions)
        for session_id, session in self.floor.sessions.items():
            assert dialler.seats[session_id].told is session.state
        on_record = {one.attempt_id for one in dialler.calls.values() if one.is_on_record}
        assert on_record == set(self.floor.attempts)
        for attempt_id, attempt in self.floor.attempts.items():
            assert dialler.calls[attempt_id].stage is attempt.stage
        assert self.floor.commits == self.floor.closed + len(self.floor.attempts)

    @invariant()
    def the_pacers_view_is_the_floor(self) -> None:
        dialler = self.floor.dialler
        state = dialler.campaign(CAMPAIGN)
        working = {**state.idle, **state.talking, **state.wrapping, **state.reserved}
        placed = {**working, **state.paused, **state.relief}
        assert set(placed) == set(dialler.seats)
        assert not any(dialler.seats[SessionId(one)].is_relief for one in working)
        free = {one for one, seat in dialler.seats.items() if seat.state is S.AVAILABLE}
        assert {*state.idle, *state.relief} == free
        due = {
            one: seat.pause_due.mono_s
            for one, seat in dialler.seats.items()
            if seat.pause_due is not None
        }
        assert state.breaks_due == due
        assert state.leaving == {one for one in state.idle if dialler.seats[SessionId(one)].hold}
        assert list(state.idle.values()) == sorted(state.idle.values())
        assert state.open_calls == len(dialler.calls)
        waiting = {one for one, call in dialler.calls.items() if call.stage is T.WAITING}
        assert set(state.waiting) == waiting
        unanswered = (T.COMMITTED, T.DIALLING, T.RINGING)
        ringing = {
            one
            for one, call in dialler.calls.items()
            if call.stage in unanswered and call.launched is not None
        }
        assert set(state.ringing) == ringing
        assert state.held <= ringing
        assert not (state.waiting and (state.idle or state.relief)), (
            "somebody waits while a seat is free"
        )

    @invariant()
    def a_wrap_up_that_was_parked_comes_back(self) -> None:
        dialler = self.floor.dialler
        with_call = (S.CONNECTING, S.TALKING, S.WRAP_UP)
        for session_id, seat in dialler.seats.items():
            owed = tuple(parked.attempt_id for parked in seat.parked)
            assert owed == self.floor.sessions[session_id].parked
            assert not owed or seat.state in with_call
            assert len(seat.parked_at) <= self.floor.campaign.parked_an_hour

    @invariant()
    def nobody_is_held_beyond_the_longest_ring(self) -> None:
        floor = self.floor
        longest_s = floor.campaign.max_ring_s + floor.campaign.connect_limit_s
        for seat in floor.dialler.seats.values():
            if seat.hold is not None:
                assert seat.state is S.AVAILABLE
                assert floor.clock.now().mono_s <= seat.hold.since.mono_s + longest_s + 1.0

    @invariant()
    def forecasts_are_of_seats_and_never_negative(self) -> None:
        ends = self.floor.dialler.campaign(CAMPAIGN).forecasts
        assert set(ends) <= set(self.floor.dialler.seats)
        assert all(left_s >= 0 for left_s in ends.values())

    @invariant()
    def lines_and_calls_agree(self) -> None:
        dialler = self.floor.dialler
        on_lines = [call for call in dialler.calls.values() if call.is_on_record]
        assert len({call.line_id for call in on_lines}) == len(on_lines)
        assert not {call.line_id for call in on_lines} & self.floor.down
        taken = {one for one in dialler.lines.values() if one is not None}
        assert {call.attempt_id for call in on_lines} <= taken
        assert set(dialler.lines) == set(self.floor.lines) - self.floor.down

    @invariant()
    def one_to_one_never_has_more_calls_than_seats(self) -> None:
        if self.floor.campaign.mode is Mode.PREDICTIVE:
            return
        dialler = self.floor.dialler
        assert dialler.overdialled == 0
        held = [
            call
            for call in dialler.calls.values()
            # a person whose agent's phone broke hears the message; the seat is free for others
            if call.session_id in dialler.seats and call.stage is not CallStage.MESSAGE
        ]
        assert len(held) <= len(dialler.seats)

    @invariant()
    def nobody_waits_beyond_the_limit_without_the_message(self) -> None:
        now_s = self.floor.clock.now().mono_s
        for line in self.floor.lines.values():
            if line.attempt_id is None or line.answered is None or line.bridged is not None:
                continue
            if now_s - line.answered.mono_s >= self.floor.campaign.connect_limit_s:
                assert line.attempt_id in self.floor.messages
