"""Whatever happens on the floor, in whatever order, the rules hold; over restarts as well."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from dialer_core.clock import Instant
from dialer_core.engine import events as e
from dialer_core.model.ids import AttemptId, LineId, SessionId
from dialer_core.model.states import CallStage, Mode, SeatState
from tests.engine.fake_floor import FakeFloor, Line, Session
from tests.engine.floor_truths import Truths
from tests.engine.rig import CAMPAIGN

S, T = SeatState, CallStage
PICK = st.integers(0, 1000)
MODES = [Mode.PREVIEW, Mode.PROGRESSIVE, Mode.PREDICTIVE, Mode.PREDICTIVE]  # twice: most goes wrong


class Floor(Truths):
    """Agents, people, lines and the store do as they like."""

    next_session = 1

    @initialize(
        mode=st.sampled_from(MODES),
        seats=st.integers(1, 4),
        is_slow=st.booleans(),
    )
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
        is_relief = self.next_session % 5 == 0
        self.floor.sessions[session_id] = Session(is_relief=is_relief)
        self.floor.send(e.SeatOpened(session_id, CAMPAIGN, "A", is_relief=is_relief))

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
            if found[1].state is not S.PAUSED:
                found[1].pause_wanted = found[1].pause_due = None
            self.floor.send(e.AvailableWanted(found[0]))

    @rule(pick=PICK)
    def pause(self, pick: int) -> None:
        self.floor.deliver()
        if found := self.seat(pick):
            if found[1].state is not S.PAUSED:
                found[1].pause_wanted = "tea"
            self.floor.send(e.PauseWanted(found[0], "tea"))

    @rule(pick=PICK, in_s=st.sampled_from([-1.0, 0.5, 3.0, 40.0, float("inf"), float("nan")]))
    def announce_pause(self, pick: int, in_s: float) -> None:
        self.floor.deliver()
        if found := self.seat(pick):
            now = self.floor.clock.now()
            at = Instant(now.mono_s + in_s, now.utc)
            is_ahead = math.isfinite(in_s) and in_s > 0
            if is_ahead or found[1].state is not S.PAUSED:
                found[1].pause_wanted = "lunch"
                found[1].pause_due = at if is_ahead else None
            self.floor.send(e.PauseWanted(found[0], "lunch", at))

    @rule(pick=PICK, stage=st.sampled_from(["script:1", "script:2", "outcome"]))
    def reach_stage(self, pick: int, stage: str) -> None:
        self.floor.deliver()
        found = self.seat(pick)
        if found and found[1].attempt_id is not None:
            self.floor.send(e.StageReached(found[0], found[1].attempt_id, stage))

    @rule(pick=PICK, code=st.sampled_from(["sale", "machine", "nonsense"]))
    def outcome_of_parked(self, pick: int, code: str) -> None:
        self.floor.deliver()
        with_parked = [one for one in self.floor.sessions.items() if one[1].parked]
        if with_parked:
            session_id, session = with_parked[pick % len(with_parked)]
            self.floor.coded.add(session.parked[0])
            self.floor.send(e.OutcomeChosen(session_id, session.parked[0], code))

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
            self.floor.coded.add(found[1].attempt_id)
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

    @rule(pick=st.integers(0, 4**4 - 1), seconds=st.sampled_from([0.2, 2.0, 20.0]))
    def a_busy_while(self, pick: int, seconds: float) -> None:
        """Every line's call goes on by none to three steps; the wrap-ups stay undone."""
        self.time_passes(0.1)
        for number, line in enumerate(list(self.floor.lines.values())):
            for _ in range(pick // 4**number % 4):
                self.floor.deliver()
                if line.attempt_id is not None:
                    self.goes_on(line)
        self.time_passes(seconds)

    def goes_on(self, line: Line) -> None:
        line_id = next(key for key, one in self.floor.lines.items() if one is line)
        assert line.attempt_id is not None
        if line.stage in (T.DIALLING, T.RINGING):
            line.answered = self.floor.clock.now()
            line.stage = T.CONNECTING if line.is_held and line.session_id else T.WAITING
            self.floor.send(e.CallAnswered(line_id, line.attempt_id))
        elif line.stage is T.CONNECTING and line.session_id is not None:
            line.stage, line.bridged = T.TALKING, self.floor.clock.now()
            self.floor.send(e.CallBridged(line_id, line.attempt_id, line.session_id))
        elif line.stage is T.TALKING:
            self.floor.clock.advance(1.0)
            self.floor.hang_up(line_id, 200, "person")

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
        if len(up) > 1 and pick % 3 == 0:
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

    @rule(is_stopped=st.sampled_from([False, False, False, True]))
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

    @rule(is_cut=st.booleans(), was_written=st.booleans(), pick=PICK)
    def dialler_dies(self, is_cut: bool, was_written: bool, pick: int) -> None:
        """Killed before or after the lines were told, before or after the commit was written."""
        if pick % 3:
            return
        if not is_cut:
            self.floor.deliver()
        if was_written and self.floor.committing:
            self.floor.put_on_record(self.floor.committing.popleft())
        self.floor.begin()

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
