"""The practice agent works the window's own widgets; time is moved by hand."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from PySide6.QtWidgets import QApplication

from agent_ui.robot import Robot
from agent_ui.window import AgentWindow
from app.desk.views import AgentView, CallView, LoginView, ParkedView, RecordView, SeatState
from tests.agent_ui.conftest import Hand

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")

Views = Callable[[str], AgentView]


class Floor:
    """Stands for the desk: records what the window asks for and shows what comes of it."""

    def __init__(self, window: AgentWindow, clock: Hand, base: AgentView) -> None:
        self.window = window
        self.clock = clock
        self.view = replace(base, record=None, script=None)
        self.asked: list[tuple[object, ...]] = []
        self.login = LoginView(agents=("Anna K.", "Ben O.", "Chloë R."), seat_name="Seat 3")
        self.is_mute_deaf = False
        self.wrap_began = 0.0
        self.wraps: list[float] = []
        window.log_in_requested.connect(self.log_in)
        window.available_requested.connect(lambda: self.move(SeatState.AVAILABLE, "available"))
        window.pause_requested.connect(self.pause)
        window.dial_requested.connect(lambda contact: self.asked.append(("dial", contact)))
        window.skip_requested.connect(lambda contact: self.asked.append(("skip", contact)))
        window.outcome_chosen.connect(self.outcome)
        window.note_changed.connect(lambda *note: self.asked.append(("note", *note)))
        window.mute_requested.connect(self.mute)
        window.hang_up_requested.connect(self.hang_up)

    def names(self) -> list[object]:
        return [what[0] for what in self.asked]

    def show(self, **changes: object) -> None:
        self.view = replace(self.view, **changes)  # type: ignore[arg-type]
        self.window.show_view(self.view)

    def log_in(self, agent: str, password: str, is_relief: bool) -> None:
        assert not is_relief
        self.asked.append(("log in", agent, password))
        self.show(agent_name=agent, state=SeatState.PAUSED, since_utc_s=self.clock.now)

    def move(self, state: SeatState, word: str) -> None:
        self.asked.append((word,))
        self.show(state=state, since_utc_s=self.clock.now)

    def pause(self, reason: str, at_utc_s: object) -> None:
        assert at_utc_s is None
        self.asked.append(("pause", reason))
        if self.view.state is SeatState.AVAILABLE:
            self.show(state=SeatState.PAUSED, reason=reason, since_utc_s=self.clock.now)
        else:
            self.show(is_pause_due=True)

    def talk(self, attempt_id: str) -> None:
        record = RecordView(7, attempt_id, "Ann Person", "0161 496 0100", "mobile", "Leeds")
        self.show(
            state=SeatState.TALKING,
            since_utc_s=self.clock.now,
            record=record,
            can_choose_outcome=True,
            call=CallView(True, True, self.clock.now, has_sound=True, sound="Headset"),
        )

    def mute(self, is_muted: bool) -> None:
        self.asked.append(("mute", is_muted))
        if not self.is_mute_deaf:
            self.show(call=replace(self.view.call, is_muted=is_muted))

    def hang_up(self) -> None:
        self.asked.append(("hang up",))
        self.end()

    def end(self) -> None:
        self.wrap_began = self.clock.now
        self.show(
            state=SeatState.WRAP_UP,
            since_utc_s=self.clock.now,
            until_utc_s=self.clock.now + 60,
            can_choose_outcome=True,
            call=CallView(has_sound=True, sound="Headset"),
        )

    def outcome(self, attempt_id: str, code: str, note: str) -> None:
        self.asked.append(("outcome", attempt_id, code, note))
        self.wraps.append(self.clock.now - self.wrap_began)
        state = SeatState.PAUSED if self.view.is_pause_due else SeatState.AVAILABLE
        self.show(
            state=state,
            since_utc_s=self.clock.now,
            record=None,
            can_choose_outcome=False,
            is_pause_due=False,
            until_utc_s=None,
        )


@pytest.fixture
def floor(window: AgentWindow, clock: Hand, view_of: Views) -> Floor:
    made = Floor(window, clock, view_of("available"))
    window.show_login(made.login)
    window.show()
    return made


def run(robot: Robot, floor: Floor, seconds: float, step_s: float = 0.1) -> None:
    """Move the clock on and fire the robot's timer by hand."""
    for _ in range(round(seconds / step_s)):
        floor.clock.now += step_s
        robot.step()


def test_logs_in_and_goes_available(floor: Floor) -> None:
    robot = Robot(floor.window, Random(1), agent="Chloë R.", password="s3cret")
    run(robot, floor, 6)
    assert floor.asked == [("log in", "Chloë R.", "s3cret"), ("available",)]


def test_tries_a_refused_login_again_without_haste(floor: Floor) -> None:
    floor.window.log_in_requested.disconnect(floor.log_in)
    floor.window.log_in_requested.connect(lambda *who: floor.asked.append(("log in", *who)))
    robot = Robot(floor.window, Random(1))
    run(robot, floor, 11)
    assert 2 <= len(floor.asked) <= 4
    assert floor.asked[0] == ("log in", "Anna K.", "", False)


def test_person_hangs_up_then_note_and_fitting_outcome(floor: Floor) -> None:
    robot = Robot(floor.window, Random(3), pause_every_s=None, mute_share=0)
    run(robot, floor, 5)
    floor.talk("a-1")
    run(robot, floor, 1)
    robot.hears(True)
    run(robot, floor, 30)
    assert "hang up" not in floor.names()
    floor.end()
    run(robot, floor, 120)
    chosen = [what for what in floor.asked if what[0] == "outcome"]
    assert len(chosen) == 1
    assert chosen[0][1] == "a-1"
    assert chosen[0][2] != "ANSWER_MACHINE_AGENT"


def test_machine_is_left_after_its_time(floor: Floor) -> None:
    robot = Robot(floor.window, Random(3), speed=2, machine_seat_s=8, pause_every_s=None)
    run(robot, floor, 5)
    floor.talk("a-1")
    run(robot, floor, 1)
    robot.hears(False)
    run(robot, floor, 3.5)
    assert "hang up" not in floor.names()
    run(robot, floor, 1)
    assert "hang up" in floor.names()
    run(robot, floor, 60)
    assert [what[2] for what in floor.asked if what[0] == "outcome"] == ["ANSWER_MACHINE_AGENT"]


def test_what_was_heard_belongs_to_one_call(floor: Floor) -> None:
    robot = Robot(floor.window, Random(3), pause_every_s=None, mute_share=0)
    run(robot, floor, 5)
    for attempt_id, is_person in (("a-1", False), ("a-2", True), ("a-3", None)):
        floor.talk(attempt_id)
        run(robot, floor, 1)
        if is_person is not None:
            robot.hears(is_person)
        run(robot, floor, 1)
        floor.end()
        run(robot, floor, 150)
    codes = [what[2] for what in floor.asked if what[0] == "outcome"]
    assert len(codes) == 3
    assert codes[0] == "ANSWER_MACHINE_AGENT"
    assert codes[1] != "ANSWER_MACHINE_AGENT"
    assert codes[2] == "NOT_AT_HOME"


def test_the_ear_may_be_quicker_than_the_eye(floor: Floor) -> None:
    robot = Robot(floor.window, Random(3), pause_every_s=None, mute_share=0, machine_seat_s=8)
    run(robot, floor, 5)
    robot.hears(False)  # before the window shows the call at all
    floor.talk("a-1")
    run(robot, floor, 20)
    assert "hang up" in floor.names()
    run(robot, floor, 100)
    floor.talk("a-2")
    robot.hears(False)  # it is shown, but the robot has not looked yet
    run(robot, floor, 20)
    assert floor.names().count("hang up") == 2
    run(robot, floor, 100)
    codes = [what[2] for what in floor.asked if what[0] == "outcome"]
    assert codes == ["ANSWER_MACHINE_AGENT"] * 2


def test_wrap_up_times_have_the_mean_that_was_asked_for(floor: Floor) -> None:
    robot = Robot(
        floor.window, Random(11), wrap_mean_s=20, wrap_cv=0.6, pause_every_s=None, mute_share=0
    )
    run(robot, floor, 5)
    for number in range(60):
        floor.talk(f"a-{number}")
        run(robot, floor, 0.5, 0.25)
        robot.hears(True)
        floor.end()
        while len(floor.wraps) <= number:
            run(robot, floor, 0.25, 0.25)
    assert statistics.mean(floor.wraps) == pytest.approx(20, rel=0.2)
    assert 0.35 < statistics.stdev(floor.wraps) / statistics.mean(floor.wraps) < 0.85
    notes = [what[3] for what in floor.asked if what[0] == "outcome"]
    assert 0.4 < sum(bool(note) for note in notes) / 60 < 0.95


def test_a_parked_wrap_up_is_finished_as_it_was_begun(floor: Floor) -> None:
    robot = Robot(
        floor.window, Random(6), wrap_mean_s=60, wrap_cv=0.1, pause_every_s=None, mute_share=0
    )
    run(robot, floor, 5)
    floor.talk("a-1")
    run(robot, floor, 1)
    robot.hears(False)
    floor.end()
    run(robot, floor, 30)
    note = floor.window.desk.outcomes.note.toPlainText()
    assert note, "this seed writes one"
    floor.show(parked=(ParkedView("Ann Person", has_note=True),), note="")
    floor.talk("a-2")
    run(robot, floor, 20)
    robot.hears(True)
    floor.end()
    run(robot, floor, 90)
    first = [what for what in floor.asked if what[0] == "outcome"]
    assert [what[1] for what in first] == ["a-2"]
    record = RecordView(7, "a-1", "Ann Person", "0161 496 0100", "mobile", "Leeds")
    floor.show(
        state=SeatState.WRAP_UP, record=record, note=note, parked=(), can_choose_outcome=True
    )
    began = floor.clock.now
    run(robot, floor, 60)
    last = [what for what in floor.asked if what[0] == "outcome"][-1]
    assert last[1:] == ("a-1", "ANSWER_MACHINE_AGENT", note)
    assert floor.clock.now - began == pytest.approx(60)
    assert robot.faults == []


def test_a_note_that_was_lost_while_parked_is_a_fault(floor: Floor) -> None:
    robot = Robot(floor.window, Random(6), wrap_mean_s=60, wrap_cv=0.1, pause_every_s=None)
    run(robot, floor, 5)
    floor.talk("a-1")
    run(robot, floor, 1)
    floor.end()
    run(robot, floor, 30)
    floor.show(parked=(ParkedView("Ann Person"),))
    floor.talk("a-2")
    run(robot, floor, 5)
    record = RecordView(7, "a-1", "Ann Person", "0161 496 0100", "mobile", "Leeds")
    floor.show(state=SeatState.WRAP_UP, record=record, note="", parked=())
    run(robot, floor, 1)
    assert robot.faults == ["the note of a parked person came back changed"]


def test_pages_are_turned_while_a_person_talks(floor: Floor, view_of: Views) -> None:
    robot = Robot(floor.window, Random(8), speed=2, pause_every_s=None, mute_share=0)
    run(robot, floor, 5)
    floor.show(script=view_of("talking").script)
    floor.talk("a-1")
    run(robot, floor, 2)
    robot.hears(True)
    assert floor.window.desk.script.page == 1
    run(robot, floor, 80)
    assert floor.window.desk.script.page == 4


def test_preview_is_dialled_skipped_or_left_to_run(floor: Floor, view_of: Views) -> None:
    robot = Robot(floor.window, Random(5), pause_every_s=None)
    run(robot, floor, 5)
    left = 0
    for number in range(60):
        before = len(floor.asked)
        preview = view_of("preview")
        assert preview.record is not None
        floor.show(
            state=SeatState.PREVIEW,
            until_utc_s=floor.clock.now + 12,
            record=replace(preview.record, contact_id=number),
            skips_used=0,
        )
        run(robot, floor, 8, 0.25)
        left += len(floor.asked) == before
        floor.show(state=SeatState.AVAILABLE, record=None, until_utc_s=None)
        run(robot, floor, 0.5, 0.25)
    names = floor.names()
    assert names.count("dial") > left > names.count("skip") >= 1
    assert names.count("dial") + names.count("skip") + left == 60


def test_mute_is_pressed_and_read_back(floor: Floor) -> None:
    robot = Robot(floor.window, Random(2), pause_every_s=None, mute_share=1)
    run(robot, floor, 5)
    floor.talk("a-1")
    run(robot, floor, 12)
    assert [what for what in floor.asked if what[0] == "mute"] == [("mute", True), ("mute", False)]
    assert robot.faults == []


def test_mute_that_does_nothing_is_a_fault(floor: Floor) -> None:
    floor.is_mute_deaf = True
    robot = Robot(floor.window, Random(2), pause_every_s=None, mute_share=1)
    run(robot, floor, 5)
    floor.talk("a-1")
    run(robot, floor, 12)
    assert robot.faults == ["mute was pressed and not read back"]


def test_takes_pauses_with_a_reason_and_comes_back(floor: Floor) -> None:
    robot = Robot(floor.window, Random(4), pause_every_s=60, pause_mean_s=10)
    run(robot, floor, 600, 0.25)
    names = floor.names()
    assert names.count("pause") >= 3
    assert names.count("available") >= names.count("pause")
    assert all(what[1] for what in floor.asked if what[0] == "pause")


def test_finishes_what_runs_and_stays_paused(floor: Floor) -> None:
    robot = Robot(floor.window, Random(3), pause_every_s=None, mute_share=0)
    run(robot, floor, 5)
    floor.talk("a-1")
    robot.finish()
    run(robot, floor, 5)
    assert floor.names().count("pause") == 1
    floor.end()
    run(robot, floor, 200)
    assert floor.names().count("outcome") == 1
    assert floor.view.state is SeatState.PAUSED
    assert floor.names().count("available") == 1
    assert floor.names().count("pause") == 1


def test_pauses_for_good_when_told(floor: Floor) -> None:
    robot = Robot(floor.window, Random(3), pause_every_s=None, pause_after_s=20)
    run(robot, floor, 19)
    assert floor.names() == ["log in", "available"]
    run(robot, floor, 60)
    assert floor.view.state is SeatState.PAUSED
    assert floor.names() == ["log in", "available", "pause"]


def test_an_outcome_that_is_lost_is_pressed_again(floor: Floor) -> None:
    floor.window.outcome_chosen.disconnect(floor.outcome)
    floor.window.outcome_chosen.connect(lambda *what: floor.asked.append(("outcome", *what)))
    robot = Robot(floor.window, Random(3), pause_every_s=None, mute_share=0)
    run(robot, floor, 5)
    floor.talk("a-1")
    floor.end()
    for _ in range(1000):
        run(robot, floor, 0.1)
        floor.window.tick()
    assert floor.names().count("outcome") >= 2


def test_timer_drives_it(floor: Floor, qapp: QApplication) -> None:
    robot = Robot(floor.window, Random(1))
    robot.start()
    floor.clock.now += 0.05
    robot._timer.timeout.emit()
    floor.clock.now += 3
    robot._timer.timeout.emit()
    robot.stop()
    assert floor.names() == ["log in"]


@pytest.mark.parametrize("wrong", [{"speed": 0}, {"wrap_mean_s": -1}, {"wrap_cv": -0.1}])
def test_impossible_wishes_are_refused(floor: Floor, wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Robot(floor.window, Random(1), **wrong)  # type: ignore[arg-type]
