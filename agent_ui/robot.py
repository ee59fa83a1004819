"""A practice agent: works the window by its own buttons, keys and fields, as a person would.

It sees what the window shows and hears what the phone tells it; it calls nothing else. Times are
drawn from the Random that is handed in and divided by `speed`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log, sqrt
from random import Random

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from agent_ui.window import AgentWindow
from agent_ui.words import PAUSE_REASONS
from app.desk.views import FOR_COLLEAGUES, AgentView, SeatState

STEP_MS = 100
MUTE_S = 0.6  # real seconds: a person who listens must still hear enough
ANSWER_S = 3.0  # real seconds that the floor may take to carry out what was pressed
MACHINE = "ANSWER_MACHINE_AGENT"
NOBODY = "NOT_AT_HOME"
_REASONS = tuple(one for one in PAUSE_REASONS if one != FOR_COLLEAGUES)  # it cannot be asked
# How often a talk with a person ends so; an outcome that is not named weighs 3.
WEIGHTS: Mapping[str, float] = {
    "SUCCESS": 12,
    "CALL_BACK": 18,
    "REFUSED_NOT_INTERESTED": 40,
    NOBODY: 15,
    "WRONG_NUMBER": 5,
    "DNC_REQUEST": 4,
    MACHINE: 0,
}
NOTES = (
    "Prefers evenings.",
    "Asked for the offer by letter.",
    "Will think about it.",
    "Son decides; ring again.",
    "Price for two lines.",
)


Deed = Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Left:
    """A wrap-up that was left in the middle: what was heard, when it was due, what was written."""

    heard: bool | None
    due_in_s: float
    note: str


def log_normal(mean: float, cv: float) -> tuple[float, float]:
    """Mu and sigma of the log-normal with that mean and coefficient of variation."""
    sigma = sqrt(log(1 + cv**2))
    return log(mean) - sigma**2 / 2, sigma


class Robot(QObject):
    """Works one AgentWindow from `start()` to `stop()`.

    `wrap_mean_s`, `wrap_cv`: the log-normal time after a call. `pause_every_s`: mean time between
    pauses of `pause_mean_s`; None takes none. `pause_after_s` (real seconds after start): then it
    pauses and stays away. `faults` collects what did not do what it says, such as a mute that was
    not read back.
    """

    def __init__(
        self,
        window: AgentWindow,
        chance: Random,
        speed: float = 1.0,
        *,
        agent: str = "",
        password: str = "",
        wrap_mean_s: float = 20.0,
        wrap_cv: float = 0.6,
        pause_every_s: float | None = 1200.0,
        pause_mean_s: float = 90.0,
        machine_seat_s: float = 8.0,
        mute_share: float = 0.08,
        pause_after_s: float | None = None,
    ) -> None:
        super().__init__(window)
        if speed <= 0 or wrap_mean_s <= 0 or wrap_cv < 0:
            raise ValueError("speed and wrap_mean_s must be above 0, wrap_cv at least 0")
        self.faults: list[str] = []
        self._window = window
        self._chance = chance
        self._speed = speed
        self._agent, self._password = agent, password
        self._wrap_mu, self._wrap_sigma = log_normal(wrap_mean_s, wrap_cv)
        self._pause_every_s = pause_every_s
        self._pause_mean_s = pause_mean_s
        self._machine_seat_s = machine_seat_s
        self._mute_share = mute_share
        self._pause_after_s = pause_after_s
        self._started_s: float | None = None
        self._next_pause_s: float | None = None
        self._back_at_s: float | None = None  # the end of a pause of its own
        self._is_finishing = False
        self._heard: bool | None = None  # the last talk: a person, a machine, nobody yet
        self._early: bool | None = None  # heard of a call that is not on the screen yet
        self._left: dict[str, _Left] = {}  # wrap-ups that a call has interrupted, by attempt
        self._attempt_id, self._asked_pause_s = "", -ANSWER_S
        self._note = ""  # as it stands in the wrap-up that runs
        self._scene: tuple[object, ...] = ()
        self._wrap_due_s: float | None = None  # when the outcome will be chosen
        self._deeds: list[tuple[float, Deed]] = []
        self._timer = QTimer(self, interval=STEP_MS)
        self._timer.timeout.connect(self.step)

    def start(self) -> None:
        """Begin to work; logs in first."""
        self._timer.start()

    def stop(self) -> None:
        """Take the hands off at once."""
        self._timer.stop()

    def finish(self) -> None:
        """Finish what runs, then stay paused."""
        self._is_finishing = True

    def hears(self, is_person: bool) -> None:
        """What the phone recognised on the line: a person's voice, or a machine."""
        if not self._is_in_talk():
            self._early = is_person
        elif self._heard is None:
            self._heard = is_person
            if not is_person:
                self._scene = ()  # think again: nobody talks to a machine

    def _is_in_talk(self) -> bool:
        """Whether the call that it thinks of is on the screen, in conversation."""
        view = self._window.view
        if view is None or view.record is None or view.state is not SeatState.TALKING:
            return False
        return view.record.attempt_id == self._attempt_id

    def step(self) -> None:
        """Look at the window and do what is due; called by the timer."""
        now = self._window.clock()
        if self._started_s is None:
            self._started_s = now
            self._next_pause_s = self._draw_next_pause(now)
        view = self._window.view
        scene = self._scene_of(view)
        if scene != self._scene:
            self._enter(scene, view, now)
        if self._early is not None and self._is_in_talk():
            is_person, self._early = self._early, None
            self.hears(is_person)
        due = [deed for at, deed in self._deeds if at <= now]
        self._deeds = [(at, deed) for at, deed in self._deeds if at > now]
        for deed in due:
            deed()
        if view is not None and not due:
            self._mind_pause(view, now)

    # --- what the window shows, and what that asks for -------------------------------------------

    def _scene_of(self, view: AgentView | None) -> tuple[object, ...]:
        if view is None:
            return ("login", self._window.login_page.log_in_button.isEnabled())
        record = view.record
        whom = (record.contact_id, record.attempt_id) if record else ()
        return (view.state, view.can_choose_outcome, whom, view.call.is_connected)

    def _enter(self, scene: tuple[object, ...], view: AgentView | None, now: float) -> None:
        """The scene has changed: forget the old plan and make a new one."""
        self._scene = scene
        self._deeds = []
        if view is None:
            if self._window.login_page.log_in_button.isEnabled():
                self._plan(now, self._between(0.4, 1.5), self._log_in)
            return
        attempt_id = view.record.attempt_id if view.record else ""
        if attempt_id and attempt_id != self._attempt_id:
            self._change_person(attempt_id, view, now)
        match view.state:
            case SeatState.PAUSED:
                self._plan_return(now)
            case SeatState.PREVIEW:
                self._plan_preview(now)
            case SeatState.TALKING:
                self._plan_talk(view, now)
            case SeatState.WRAP_UP if view.can_choose_outcome:
                self._plan_wrap_up(now)

    def _change_person(self, attempt_id: str, view: AgentView, now: float) -> None:
        """Another person is on the screen: remember the one who is parked, or come back to them."""
        if view.parked and self._wrap_due_s is not None:
            due_in_s = max(self._wrap_due_s - now, 0.0)
            self._left[self._attempt_id] = _Left(self._heard, due_in_s, self._note)
        self._wrap_due_s = None
        self._attempt_id = attempt_id
        back = self._left.get(attempt_id)
        self._heard = None if back is None else back.heard
        note = self._window.desk.outcomes.note.toPlainText()
        if back is not None and note != back.note:
            self.faults.append("the note of a parked person came back changed")

    def _plan(self, now: float, delay_s: float, deed: Deed) -> None:
        self._deeds.append((now + delay_s, deed))

    def _between(self, low_s: float, high_s: float) -> float:
        return self._chance.uniform(low_s, high_s) / self._speed

    def _plan_return(self, now: float) -> None:
        if self._is_finishing or self._is_away(now):
            return
        if self._back_at_s is None:
            self._back_at_s = now
        back_at_s = max(self._back_at_s, now + self._between(0.5, 2.0))
        self._plan(back_at_s, 0.0, self._go_available)

    def _plan_preview(self, now: float) -> None:
        draw = self._chance.random()
        if draw < 0.06:
            self._plan(now, self._between(1.0, 3.0), lambda: self._press(Qt.Key.Key_S))
        elif draw < 0.6:
            self._plan(now, self._between(1.0, 6.0), lambda: self._press(Qt.Key.Key_Return))

    def _plan_talk(self, view: AgentView, now: float) -> None:
        if self._heard is False:
            seat_s = self._machine_seat_s / self._speed
            self._plan(now, seat_s, lambda: self._press(Qt.Key.Key_F8))
            return
        if view.call.is_connected and self._chance.random() < self._mute_share:
            self._plan(now, 2.5 + self._between(0.0, 5.0), self._mute)
        self._plan(now, self._between(8.0, 20.0), self._turn_page)

    def _plan_wrap_up(self, now: float) -> None:
        back = self._left.pop(self._attempt_id, None)
        self._note = self._window.desk.outcomes.note.toPlainText()
        if back is not None:
            wrap_s = max(back.due_in_s, 2.0 / self._speed)
        else:
            wrap_s = self._chance.lognormvariate(self._wrap_mu, self._wrap_sigma) / self._speed
            if self._chance.random() < 0.7:
                self._plan(now, wrap_s * 0.3, self._write_note)
        self._wrap_due_s = now + wrap_s
        self._plan(now, wrap_s, self._choose_outcome)

    # --- deeds -------------------------------------------------------------------------------

    def _log_in(self) -> None:
        page = self._window.login_page
        for _ in range(page.agent.count()):
            if not self._agent or page.agent.currentText() == self._agent:
                break
            QTest.keyClick(page.agent, Qt.Key.Key_Down)
        if self._password:
            QTest.keyClicks(page.password, self._password)
        self._click(page.log_in_button)
        # If it was refused, the page looks as before: then try again, without haste.
        self._plan(self._window.clock(), ANSWER_S, self._log_in_again)

    def _log_in_again(self) -> None:
        if self._window.view is None and self._window.login_page.log_in_button.isEnabled():
            self._log_in()

    def _go_available(self) -> None:
        self._back_at_s = None
        self._click(self._window.desk.bar.pause_button)
        self._plan(self._window.clock(), ANSWER_S, self._forget_scene)

    def _turn_page(self) -> None:
        """Go on in the script, as long as it has a page more."""
        if self._window.desk.script.next_button.isEnabled():
            self._press(Qt.Key.Key_Right)
            self._plan(self._window.clock(), self._between(10.0, 40.0), self._turn_page)

    def _mute(self) -> None:
        self._press(Qt.Key.Key_M)
        self._plan(self._window.clock(), MUTE_S, self._unmute)

    def _unmute(self) -> None:
        view = self._window.view
        if view is None or not view.call.is_connected:
            return
        if not view.call.is_muted:
            self.faults.append("mute was pressed and not read back")
            return
        self._press(Qt.Key.Key_M)
        self._plan(self._window.clock(), MUTE_S, self._check_unmuted)

    def _check_unmuted(self) -> None:
        view = self._window.view
        if view is not None and view.call.is_connected and view.call.is_muted:
            self.faults.append("unmute was pressed and not read back")

    def _write_note(self) -> None:
        self._press(Qt.Key.Key_N)
        note = self._window.desk.outcomes.note
        if note.hasFocus() or self._window.focusWidget() is note:
            QTest.keyClicks(note, self._chance.choice(NOTES))
            QTest.keyClick(note, Qt.Key.Key_Return)
            self._note = note.toPlainText()

    def _choose_outcome(self) -> None:
        view = self._window.view
        if view is None or not view.can_choose_outcome:
            return
        key = self._fitting_key(view)
        if key:
            self._press(Qt.Key(int(Qt.Key.Key_0) + int(key)))
        self._plan(self._window.clock(), ANSWER_S + 1, self._choose_outcome)

    def _fitting_key(self, view: AgentView) -> str:
        """The key of an outcome that fits what was heard; empty if there is none at all."""
        usable = [one for one in view.outcomes if len(one.key) == 1 and one.key in "0123456789"]
        if not usable:
            return ""
        wanted = {False: MACHINE, None: NOBODY}.get(self._heard)
        for one in usable:
            if one.code == wanted:
                return one.key
        weights = [WEIGHTS.get(one.code, 3.0) for one in usable]
        if not any(weights):
            return usable[0].key
        return self._chance.choices(usable, weights)[0].key

    # --- pauses ------------------------------------------------------------------------------

    def _mind_pause(self, view: AgentView, now: float) -> None:
        """Ask for a pause where one is due and can be asked for."""
        if view.state in (SeatState.PAUSED, SeatState.LOGGED_OUT) or view.is_pause_due:
            return
        if now - self._asked_pause_s < ANSWER_S:
            return  # the floor has not had time to carry it out
        is_leaving = self._is_finishing or self._is_away(now)
        is_break = self._next_pause_s is not None and now >= self._next_pause_s
        if not (is_leaving or is_break):
            return
        if not is_leaving and view.state not in (SeatState.AVAILABLE, SeatState.WRAP_UP):
            return
        self._next_pause_s = self._draw_next_pause(now)
        if not is_leaving:
            length_s = self._chance.expovariate(1 / self._pause_mean_s) / self._speed
            self._back_at_s = now + max(length_s, 1.0)
        self._asked_pause_s = now
        self._ask_for_pause("Break" if is_leaving else self._chance.choice(_REASONS))

    def _ask_for_pause(self, reason: str) -> None:
        window = self._window
        if not window.pause_choice.isVisible():
            self._press(Qt.Key.Key_F9)
        if window.pause_choice.isVisible():
            self._click(window.pause_choice.buttons[reason])

    def _is_away(self, now: float) -> bool:
        after = self._pause_after_s
        return after is not None and self._started_s is not None and now - self._started_s >= after

    def _draw_next_pause(self, now: float) -> float | None:
        if self._pause_every_s is None:
            return None
        return now + self._chance.expovariate(1 / self._pause_every_s) / self._speed

    # --- hands -------------------------------------------------------------------------------

    def _forget_scene(self) -> None:
        """Plan the scene anew: what was pressed may not have been carried out."""
        self._scene = ()

    def _press(self, key: Qt.Key) -> None:
        """Press a key as the system would: it goes to what has the focus in this window."""
        QTest.keyClick(self._window.focusWidget() or self._window, key)

    def _click(self, button: QWidget) -> None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
