"""Whatever happens on the floor, in whatever order, the rules hold; over restarts as well."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dialer_core.engine import events as e
from dialer_core.model.ids import AttemptId, LineId, SessionId
from dialer_core.model.states import CallStage, Mode, SeatState
from tests.engine.fake_floor import FakeFloor, Line, Session
from tests.engine.rig import CAMPAIGN

S, T = SeatState, CallStage
PICK = st.integers(0, 1000)


class Floor(RuleBasedStateMachine):
    """Agents, people, lines and the store do as they like."""

    floor: FakeFloor
    next_session = 1

    @initialize(mode=st.sampled_from(Mode), seats=st.integers(1, 4), is_slow=st.booleans())
    def begin(self, mode: Mode, seats: int, is_slow: bool) -> None:
        self.floor = FakeFloor(mode, is_slow=is_slow)
        for _ in range(seats):
            self.log_in()
            self.ready(-1)

    # --- agents -------------------------------------------------------------------------------

    def seat(self, pick: int) -> tuple[SessionId, Session] | None:
        sessions = list(self.floor.sessions.items())
        return sessions[pick % len(sessions)] if sessions else None

    @precondition(lambda self: len(self.floor.sessions) < 6)
    @rule()
    def log_in(self) -> None:
        self.floor.deliver()
        session_id = SessionId(self.next_session)
        self.next_session += 1
        self.floor.sessions[session_id] = Session()
        self.floor.send(e.SeatOpened(session_id, CAMPAIGN, "A"))

    @rule(pick=PICK)
    def log_out(self, pick: int) -> None:
        self.floor.deliver()
        found = self.seat(pick)
        if found and pick % 3 == 0:
            self.floor.send(e.SeatClosed(found[0]))
            for line in self.floor.lines.values():
                if line.session_id == found[0] and line.stage is not T.TALKING:
                    line.session_id = None

    @rule(pick=PICK)
    def ready(self, pick: int) -> None:
        self.floor.deliver()
        if found := self.seat(pick):
            found[1].pause_wanted = None
            self.floor.send(e.AvailableWanted(found[0]))

    @rule(pick=PICK)
    def pause(self, pick: int) -> None:
        self.floor.deliver()
        if found := self.seat(pick):
            if found[1].state is not S.PAUSED:
                found[1].pause_wanted = "tea"
            self.floor.send(e.PauseWanted(found[0], "tea"))

    @rule(pick=PICK, word=st.sampled_from([e.PreviewDrawn, e.PreviewAccepted, e.PreviewSkipped]))
    def preview(
        self, pick: int, word: type[e.PreviewDrawn | e.PreviewAccepted | e.PreviewSkipped]
    ) -> None:
        self.floor.deliver()
        found = self.seat(pick)
        if found and found[1].contact_id is not None:
            self.floor.send(word(found[0], found[1].contact_id))

    @rule(pick=PICK, code=st.sampled_from(["sale", "machine", "nonsense"]))
    def outcome(self, pick: int, code: str) -> None:
        self.floor.deliver()
        found = self.seat(pick)
        if found and found[1].attempt_id is not None:
            self.floor.send(e.OutcomeChosen(found[0], found[1].attempt_id, code))

    # --- lines and people -----------------------------------------------------------------------

    def busy(self, pick: int, *stages: CallStage) -> tuple[LineId, Line, AttemptId] | None:
        self.floor.deliver()
        found = [
            (line_id, line, line.attempt_id)
            for line_id, line in self.floor.lines.items()
            if line.attempt_id is not None and line.stage in stages
        ]
        return found[pick % len(found)] if found else None

    @rule(pick=PICK, steps=st.integers(1, 4), seconds=st.sampled_from([0.1, 1.0, 5.0]))
    def goes_well(self, pick: int, steps: int, seconds: float) -> None:
        """A call takes its natural course for some steps, with time between them."""
        for _ in range(steps):
            line_ids = [key for key, line in self.floor.lines.items() if line.attempt_id]
            self.floor.deliver()
            if not line_ids:
                return
            line = self.floor.lines[line_ids[pick % len(line_ids)]]
            if line.attempt_id is None:
                return
            step = {
                T.DIALLING: self.rings,
                T.RINGING: self.answers,
                T.CONNECTING: self.is_bridged,
                T.TALKING: self.hangs_up,
            }.get(line.stage)
            if step is not None:
                same = self.floor.lines.values()
                step(
                    [one for one in same if one.attempt_id and one.stage is line.stage].index(line)
                )
            self.time_passes(seconds if line.stage is not T.CONNECTING else 0.1)

    @rule(pick=PICK)
    def rings(self, pick: int) -> None:
        if found := self.busy(pick, T.DIALLING):
            line_id, line, attempt_id = found
            line.stage = T.RINGING
            self.floor.send(e.CallRinging(line_id, attempt_id))

    @rule(pick=PICK)
    def answers(self, pick: int) -> None:
        if found := self.busy(pick, T.DIALLING, T.RINGING):
            line_id, line, attempt_id = found
            line.answered = self.floor.clock.now()
            line.stage = T.CONNECTING if line.is_held and line.session_id else T.WAITING
            self.floor.send(e.CallAnswered(line_id, attempt_id))

    @rule(pick=PICK)
    def is_bridged(self, pick: int) -> None:
        found = self.busy(pick, T.CONNECTING)
        if found and found[1].session_id is not None:
            line_id, line, attempt_id = found
            line.stage, line.bridged = T.TALKING, self.floor.clock.now()
            assert line.session_id is not None
            self.floor.send(e.CallBridged(line_id, attempt_id, line.session_id))

    @rule(pick=PICK)
    def seat_breaks(self, pick: int) -> None:
        found = self.busy(pick, T.DIALLING, T.RINGING, T.CONNECTING, T.TALKING)
        if found and found[1].session_id is not None:
            line_id, line, attempt_id = found
            session_id = line.session_id
            assert session_id is not None
            if line.stage is T.CONNECTING:
                line.stage = T.WAITING
            line.session_id, line.is_held = None, False
            self.floor.send(e.SeatUnreachable(line_id, attempt_id, session_id, "No answer."))

    @rule(pick=PICK, status=st.sampled_from([486, 404, 487, 503, 603, 0]))
    def fails(self, pick: int, status: int) -> None:
        if found := self.busy(pick, T.DIALLING, T.RINGING):
            self.floor.hang_up(found[0], status, "line" if status in (0, 487) else "network")

    @rule(pick=PICK)
    def hangs_up(self, pick: int) -> None:
        if found := self.busy(pick, T.WAITING, T.CONNECTING, T.TALKING, T.MESSAGE):
            self.floor.hang_up(found[0], 200, "person")

    @rule(pick=PICK)
    def line_dies(self, pick: int) -> None:
        self.floor.deliver()
        up = [line_id for line_id in self.floor.lines if line_id not in self.floor.down]
        if len(up) > 1:
            line_id = up[pick % len(up)]
            self.floor.down.add(line_id)
            self.floor.lines[line_id].clear()
            self.floor.send(e.LineLost(line_id))

    @rule(pick=PICK)
    def line_returns(self, pick: int) -> None:
        self.floor.deliver()
        ids = list(self.floor.lines)
        line_id = ids[pick % len(ids)]
        self.floor.down.discard(line_id)
        self.floor.line_up(line_id)

    # --- store, supervisor, time ---------------------------------------------------------------

    @precondition(lambda self: self.floor.committing)
    @rule(is_refused=st.sampled_from([False, False, False, True]))
    def commit_is_answered(self, is_refused: bool) -> None:
        self.floor.deliver()
        if self.floor.committing:
            self.floor.answer_commit(is_refused=is_refused)

    @precondition(lambda self: self.floor.leasing)
    @rule()
    def lease_is_answered(self) -> None:
        self.floor.deliver()
        if self.floor.leasing:
            self.floor.answer_lease()

    @rule(is_stopped=st.booleans())
    def stop_or_resume(self, is_stopped: bool) -> None:
        self.floor.deliver()
        self.floor.is_stopped = is_stopped
        self.floor.send(e.DiallingStopped() if is_stopped else e.DiallingResumed())

    @rule(seconds=st.sampled_from([0.05, 0.5, 1.0, 3.0, 15.0]))
    def time_passes(self, seconds: float) -> None:
        floor = self.floor
        floor.deliver()
        until_s = floor.clock.now().mono_s + seconds
        for _ in range(200):
            now_s = floor.clock.now().mono_s
            wake_s = floor.dialler.wake_at_s
            due_s = min(until_s, now_s + 1.0, wake_s if wake_s is not None else until_s)
            floor.clock.advance(max(0.0, due_s - now_s))
            floor.give_up_without_progress()
            floor.send(e.Tick())
            floor.deliver()
            if due_s >= until_s:
                break
        else:
            pytest.fail("the engine wants to be woken for ever")

    @rule(is_cut=st.booleans(), was_written=st.booleans())
    def dialler_dies(self, is_cut: bool, was_written: bool) -> None:
        """Killed before or after the lines were told, before or after the commit was written."""
        if not is_cut:
            self.floor.deliver()
        if was_written and self.floor.committing:
            self.floor.put_on_record(self.floor.committing.popleft())
        self.floor.begin()

    # --- what must hold ------------------------------------------------------------------------

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
        placed = {**state.idle, **state.talking, **state.wrapping, **state.reserved, **state.paused}
        assert set(placed) == set(dialler.seats)
        idle = {one for one, seat in dialler.seats.items() if seat.state is S.AVAILABLE}
        assert set(state.idle) == idle
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
        assert not (state.waiting and state.idle), "somebody waits while a seat is free"

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
        held = [call for call in dialler.calls.values() if call.session_id in dialler.seats]
        assert len(held) <= len(dialler.seats)

    @invariant()
    def nobody_waits_beyond_the_limit_without_the_message(self) -> None:
        now_s = self.floor.clock.now().mono_s
        for line in self.floor.lines.values():
            if line.attempt_id is None or line.answered is None or line.bridged is not None:
                continue
            if now_s - line.answered.mono_s >= self.floor.campaign.connect_limit_s:
                assert line.attempt_id in self.floor.messages

    def teardown(self) -> None:
        """Stop, let all calls end: nothing is left open and no record is kept back."""
        if not hasattr(self, "floor"):
            return
        floor = self.floor
        floor.deliver()
        floor.send(e.DiallingStopped())
        floor.is_stopped = True
        while floor.committing:
            floor.answer_commit(is_refused=False)
        while floor.leasing:
            floor.answer_lease()
        self.time_passes(3.0)
        for line_id, line in floor.lines.items():
            if line.attempt_id is not None:
                floor.hang_up(line_id, 200 if line.answered else 486, "person")
        floor.deliver()
        assert dict(floor.attempts) == {}
        assert dict(floor.dialler.calls) == {}
        assert floor.leased == {}
        in_call = (S.PREVIEW, S.RINGING, S.CONNECTING, S.TALKING)
        assert not any(seat.state in in_call for seat in floor.dialler.seats.values())


TestFloor = Floor.TestCase
TestFloor.settings = settings(
    max_examples=60,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
