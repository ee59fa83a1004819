"""The agent's window: takes views, emits intentions, knows when a record was really drawn."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from agent_ui.call_words import why_no_hand_dial
from agent_ui.desk_page import DeskPage
from agent_ui.login_page import LoginPage
from agent_ui.pause_choice import PauseChoice
from agent_ui.stages import NOTES, Stages, is_told
from agent_ui.words import IN_CALL, UP
from app.desk.views import (
    AgentView,
    CallAction,
    ColleagueView,
    LevelsView,
    LoginView,
    NumberAnswer,
    SeatState,
)
from app.look.sizes import first_size
from app.look.theme import Theme
from app.look.widgets import Clock, KeyButton

_TICK_MS = 100
_NEW = (SeatState.PREVIEW, SeatState.RINGING, SeatState.CONNECTING, SeatState.TALKING)


class AgentWindow(QWidget):
    """Thin and dumb: `show_view` and `show_login` draw, signals ask. `clock` tells UTC seconds.

    `record_painted(contact_id, attempt_id)` comes once for each newly shown record, at the end of
    the paint that drew it, and only from a window that is exposed. A previewed record that
    is then dialled (its attempt id fills in) is not new.
    """

    log_in_requested = Signal(str, str, bool)  # agent, password, as relief
    log_out_requested = Signal()
    available_requested = Signal()
    pause_requested = Signal(str, object)  # reason, moment in UTC seconds or None
    dial_requested = Signal(int)  # contact id
    skip_requested = Signal(int)  # contact id
    outcome_chosen = Signal(str, str, str)  # attempt id, code, note
    note_changed = Signal(str, str)  # attempt id, note
    mute_requested = Signal(bool)
    hang_up_requested = Signal()
    call_wished = Signal(object)  # CallWish: hold, transfer, digits, recording
    dial_number_requested = Signal(str)  # as it was typed
    number_asked = Signal(str)  # as it is being typed; `show_answer` answers
    colleagues_watched = Signal(bool)  # `show_colleagues` is wanted, or no longer
    levels_watched = Signal(bool)  # `show_levels` is wanted, or no longer
    sound_pressed = Signal()
    checkup_requested = Signal()  # what is wrong here?
    record_painted = Signal(int, str)  # contact id, attempt id
    stage_reached = Signal(str, str)  # attempt id, stage; once for each stage of a call

    def __init__(self, clock: Clock, theme: Theme, *, pops_up: bool = True) -> None:
        """`pops_up`: a call brings the window to the front and keeps it there; a practice agent's
        window beside a person's does not."""
        super().__init__()
        self.theme = theme
        self._pops_up = pops_up
        self.clock = clock
        self._view: AgentView | None = None
        self._shown: tuple[int, str] | None = None
        self._is_owed = False  # the record on the screen has not been reported yet
        self._is_drawn = False  # its name was painted in the paint that is going on
        self._wants_levels = False
        self.setWindowTitle("Callfloor")
        self.setMinimumSize(QSize(400, 620))
        self.resize(first_size(QSize(1366, 768)))
        self.login_page = LoginPage(theme)
        self.desk = DeskPage(theme, clock)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.login_page)
        self.pages.addWidget(self.desk)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self._stages = Stages()
        self.pause_choice = PauseChoice(theme, clock, self)
        self._ticker = QTimer(self)
        self._ticker.setInterval(_TICK_MS)
        self._ticker.timeout.connect(self.tick)
        self._report = QTimer(self)
        self._report.setSingleShot(True)
        self._report.setInterval(0)
        self._report.timeout.connect(self._report_painted)
        self._connect()

    @property
    def view(self) -> AgentView | None:
        """What is drawn now; None on the login page."""
        return self._view

    def show_login(self, view: LoginView) -> None:
        """Draw the login page."""
        was_at_desk = self._view is not None
        if was_at_desk:
            self._forget()
        self.login_page.show_view(view)
        self.pages.setCurrentWidget(self.login_page)
        if was_at_desk or self.focusWidget() is None:
            self.login_page.take_focus()
        self.setWindowTitle("Callfloor")

    def show_view(self, view: AgentView) -> None:
        """Draw the seat as it is; a new record raises the window without taking the keyboard."""
        before, self._view = self._view, view
        focused = self.focusWidget() if before is not None else None
        self.pages.setCurrentWidget(self.desk)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.desk.show_view(view)
        # Qt hands the focus of what was disabled to the next button, and Space would press it.
        if focused is None or self.focusWidget() is not focused:
            self.desk.setFocus()
        self._watch_levels(view.call.is_connected)
        self.setWindowTitle(f"{view.agent_name} · Callfloor")
        is_new = self._note_record(view)
        if before is None or before.state is not view.state:
            self._keep_on_top(is_on_top=view.state in UP)
        if is_new and view.state in _NEW:
            self._pop(view)

    def show_levels(self, levels: LevelsView) -> None:
        """Show the microphone's level beside the device's name, in a call that is not muted."""
        view = self._view
        call = view.call if view is not None else None
        is_live = call is not None and call.is_up and call.has_sound and not call.is_muted
        self.desk.bar.level.setVisible(is_live)
        self.desk.bar.level.show_level(10 ** (levels.microphone_dbfs / 20))

    def show_colleagues(self, colleagues: tuple[ColleagueView, ...]) -> None:
        """Draw who may be given the call."""
        self.desk.tools.transfer.show_colleagues(colleagues)

    def show_answer(self, answer: NumberAnswer) -> None:
        """Draw what is said of the number that was typed."""
        self.desk.tools.show_answer(answer)

    def show_linked_number(self, number: str) -> str:
        """Put a link's number where Enter dials it; a sentence where that cannot be done now."""
        view = self._view
        if view is None:
            return "Nobody is logged in at this seat: log in, then press the link again."
        why = why_no_hand_dial(view)
        if why:
            return why
        self.desk.tools.open("dial", by_hand=True)
        self.desk.tools.dialling.show_number(number)
        if self.isMinimized():
            self.showNormal()
        if QGuiApplication.platformName() not in ("offscreen", "minimal"):
            self.raise_()
            self.activateWindow()  # whoever presses a link wants to go on here
        return ""

    def tick(self) -> None:
        """Let timers and rings follow the clock."""
        if self._view is not None:
            self.desk.tick()

    # --- the record's paint -------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        is_paint = event.type() == QEvent.Type.UpdateRequest
        if is_paint:
            self._is_drawn = False
        handled = super().event(event)
        if is_paint and self._is_drawn:
            self._report_painted()
        return handled

    def _note_record(self, view: AgentView) -> bool:
        """Remember whose record is shown; True if it is a new one."""
        record = view.record
        if record is None:
            self._shown = None
            self._is_owed = False
            return False
        shown = (record.contact_id, record.attempt_id)
        previous, self._shown = self._shown, shown
        was_same = previous is not None and previous[0] == shown[0]
        if previous == shown or (was_same and previous is not None and not previous[1]):
            return False
        self._is_owed = True
        self._is_drawn = False
        self.desk.record.name.update()
        return True

    def _name_drawn(self) -> None:
        if not self._is_owed:
            return
        self._is_drawn = True
        # The first paint of a window comes by its exposure, without an update request: then this
        # reports as soon as that paint has ended.
        self._report.start()

    def _report_painted(self) -> None:
        self._report.stop()
        handle = self.windowHandle()
        is_seen = handle is not None and handle.isExposed() and self.isVisible()
        if not (self._is_owed and self._is_drawn and is_seen) or self._shown is None:
            return
        self._is_owed = False
        self.record_painted.emit(*self._shown)

    # --- the pop ------------------------------------------------------------------------------

    def _pop(self, view: AgentView) -> None:
        self.desk.record.glow(view.state.value)
        if not self._pops_up:
            return
        if self.isMinimized():
            # Window managers give the keyboard to a window that is restored, but not to one
            # that is shown anew without activating.
            self.hide()
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
            self.show()
        # Some platforms (offscreen) have no order of windows and warn when asked.
        if self.isVisible() and QGuiApplication.platformName() not in ("offscreen", "minimal"):
            self.raise_()

    def _keep_on_top(self, *, is_on_top: bool) -> None:
        """Set the flag on the native window: QWidget's own way would re-create it and blink."""
        handle = self.windowHandle()
        if handle is not None and self._pops_up:
            handle.setFlag(Qt.WindowType.WindowStaysOnTopHint, is_on_top)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ticker.start()
        self.tick()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ticker.stop()

    # --- keys ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._view is None or event.isAutoRepeat() or not self._press(event):
            super().keyPressEvent(event)

    def _press(self, event: QKeyEvent) -> bool:
        """Press the button whose key this is; letters come here only from outside text fields."""
        if self.desk.tools.press(event):
            return True
        control = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier
        if event.modifiers() & control:
            return False
        key = event.key()
        button = self._buttons_by_key().get(Qt.Key(key))
        if button is not None:
            if button.isVisibleTo(self):  # nobody presses what is not seen
                button.click()
            return True
        if key == Qt.Key.Key_N and self.desk.outcomes.note.isEnabled():
            self.desk.outcomes.note.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
        # By the key rather than the text: with Alt some keyboards give none, or another.
        if Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
            return self.desk.outcomes.press_key(str(key - Qt.Key.Key_0))
        return False

    def _buttons_by_key(self) -> dict[Qt.Key, KeyButton]:
        desk = self.desk
        return {
            Qt.Key.Key_F9: desk.bar.pause_button,
            Qt.Key.Key_F8: desk.calls.hang_up_button,
            Qt.Key.Key_M: desk.calls.mute_button,
            Qt.Key.Key_H: desk.calls.hold_button,
            Qt.Key.Key_T: desk.calls.transfer_button,
            Qt.Key.Key_K: desk.calls.keypad_button,
            Qt.Key.Key_R: desk.calls.record_button,
            Qt.Key.Key_D: desk.calls.dial_button,
            Qt.Key.Key_Return: desk.card.dial_button,
            Qt.Key.Key_Enter: desk.card.dial_button,
            Qt.Key.Key_S: desk.card.skip_button,
            Qt.Key.Key_Left: desk.script.back_button,
            Qt.Key.Key_Right: desk.script.next_button,
        }

    def press_action(self, action: str) -> None:
        """What a headset's button or a key in another program asks: answer, hang_up, mute, hook."""
        desk = self.desk
        if self._view is None:
            return
        if action == "hook":  # one button for both
            action = "hang_up" if desk.calls.hang_up_button.isEnabled() else "answer"
        button = {
            "answer": desk.card.dial_button,
            "hang_up": desk.calls.hang_up_button,
            "mute": desk.calls.mute_button,
        }.get(action)
        if button is not None:
            button.click()

    # --- intentions ---------------------------------------------------------------------------

    def _connect(self) -> None:
        desk = self.desk
        self.login_page.log_in_pressed.connect(self.log_in_requested)
        self.login_page.checkup_pressed.connect(self.checkup_requested)
        self.login_page.leave_pressed.connect(self.close)
        desk.bar.log_out_pressed.connect(self.log_out_requested)
        desk.bar.pause_pressed.connect(self._pause_pressed)
        desk.card.dial_pressed.connect(lambda: self._ask_about_person(self.dial_requested))
        desk.card.skip_pressed.connect(lambda: self._ask_about_person(self.skip_requested))
        desk.calls.mute_pressed.connect(self.mute_requested)
        desk.calls.hang_up_pressed.connect(self.hang_up_requested)
        self._connect_calls()
        desk.outcomes.outcome_chosen.connect(self.outcome_chosen)
        desk.outcomes.note_changed.connect(self.note_changed)
        desk.record.name_drawn.connect(self._name_drawn)
        self.pause_choice.chosen.connect(self.pause_requested)
        desk.outcomes.note_begun.connect(lambda attempt: self._reach(attempt, NOTES))
        desk.script.page_turned.connect(self._page_turned)

    def _connect_calls(self) -> None:
        desk, tools = self.desk, self.desk.tools
        desk.calls.action_pressed.connect(self._act_on_call)
        desk.calls.transfer_pressed.connect(lambda: tools.toggle("transfer"))
        desk.calls.keypad_pressed.connect(lambda: tools.toggle("keypad"))
        desk.calls.dial_pressed.connect(lambda: tools.toggle("dial"))
        desk.bar.sound_pressed.connect(self.sound_pressed)
        tools.wished.connect(self.call_wished)
        tools.opened.connect(lambda tool: self.colleagues_watched.emit(tool == "transfer"))
        tools.transfer.number_asked.connect(self.number_asked)
        tools.dialling.number_asked.connect(self.number_asked)
        tools.dialling.dial_requested.connect(self.dial_number_requested)

    def _act_on_call(self, action: CallAction) -> None:
        self.desk.tools.wish(action)

    def _watch_levels(self, is_wanted: bool) -> None:
        if is_wanted != self._wants_levels:
            self._wants_levels = is_wanted
            self.levels_watched.emit(is_wanted)

    def _pause_pressed(self) -> None:
        view = self._view
        if view is None:
            return
        if view.state is SeatState.PAUSED or view.is_pause_due:
            self.available_requested.emit()
        elif self.pause_choice.isVisible():
            self.pause_choice.close_choice()
        else:
            is_in_call = view.state in IN_CALL or view.state is SeatState.WRAP_UP
            self.pause_choice.open_below(self.desk.bar.pause_button, is_in_call=is_in_call)

    def _page_turned(self, page: int) -> None:
        view = self._view
        if view is None or view.record is None or view.script is None:
            return
        if view.state is SeatState.TALKING and is_told(page, len(view.script.pages)):
            self._reach(view.record.attempt_id, f"script:{page}")

    def _reach(self, attempt_id: str, stage: str) -> None:
        if attempt_id and self._stages.is_first(attempt_id, stage):
            self.stage_reached.emit(attempt_id, stage)

    def _ask_about_person(self, signal: object) -> None:
        if self._view is not None and self._view.record is not None:
            signal.emit(self._view.record.contact_id)  # type: ignore[attr-defined]

    def _forget(self) -> None:
        self._view = None
        self._shown = None
        self._is_owed = False
        self.desk.tools.close()
        self._watch_levels(False)
        self._keep_on_top(is_on_top=False)
        if self.pause_choice.isVisible():
            self.pause_choice.close_choice()
