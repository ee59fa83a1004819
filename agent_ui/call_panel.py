"""The keys of the call: mute, hold, transfer, keypad, hang up; recording or manual dialling."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from agent_ui.call_words import (
    has_record_key,
    is_recorded,
    why_no_control,
    why_no_hand_dial,
    why_no_hold,
)
from agent_ui.recording_mark import RecordingMark
from agent_ui.words import IN_CALL, today_words
from app.desk.views import AgentView, Arrangement, CallAction, RecordingState, SeatState
from app.look.theme import Theme
from app.look.widgets import Clock, ElidedLabel, KeyButton, Kind, Panel

NO_CALL = "No call is up."
_ROW_COMPACT = 32
_RECORD_WORDS = {  # label, icon, hint
    CallAction.RECORD_START: ("Record", "record", "The person must have agreed."),
    CallAction.RECORD_PAUSE: (
        "Payment step",
        "pause",
        "Pauses the recording while a card is read out.",
    ),
    CallAction.RECORD_RESUME: ("Resume recording", "record", "The payment is done."),
}
_ICONS_FROM = 1000  # pixels of width: below, words and keys alone, so that none is cut in a call


class CallPanel(Panel):
    """Draws each key by what the line and the phone report, never by what was pressed.

    `action_pressed(CallAction)`: hold, resume and the recording. `transfer_pressed`,
    `keypad_pressed`, `dial_pressed` open what stands above this panel.
    """

    mute_pressed = Signal(bool)  # what is asked for, not what is
    hang_up_pressed = Signal()
    action_pressed = Signal(object)
    transfer_pressed = Signal()
    keypad_pressed = Signal()
    dial_pressed = Signal()

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__(theme, "Call")
        self._view: AgentView | None = None
        self._is_muted = False
        self._is_compact = False
        self._has_icons = False
        self._reserved: tuple[bool, bool] | None = None
        self.can_do_anything = False
        self.mute_button = KeyButton(theme, "Mute", "M", kind="quiet")
        self.hold_button = KeyButton(theme, "Hold", "H", kind="quiet")
        self.transfer_button = KeyButton(theme, "Transfer", "T", kind="quiet")
        self.keypad_button = KeyButton(theme, "Keypad", "K", kind="quiet")
        self.record_button = KeyButton(theme, "Record", "R", kind="quiet")
        self.dial_button = KeyButton(theme, "Dial…", "D", kind="quiet")
        self.hang_up_button = KeyButton(theme, "Hang up", "F8", kind="quiet")
        self.recording = RecordingMark(theme, clock)
        self.today = ElidedLabel(theme, tone="muted")
        self._today_box = QWidget()
        today = QHBoxLayout(self._today_box)
        today.setContentsMargins(0, 0, theme.space.s, 0)
        today.addWidget(self.today)
        self._line = QHBoxLayout()
        self._line.setSpacing(theme.space.xs)
        self._grid_box = QWidget()
        self._grid_box.hide()
        self._grid = QGridLayout(self._grid_box)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(6)
        self.body.addLayout(self._line)
        self.body.addWidget(self._grid_box)
        self._connect()
        self._arrange()

    def _connect(self) -> None:
        self.mute_button.clicked.connect(lambda: self.mute_pressed.emit(not self._is_muted))
        self.hang_up_button.clicked.connect(self.hang_up_pressed)
        self.transfer_button.clicked.connect(self.transfer_pressed)
        self.keypad_button.clicked.connect(self.keypad_pressed)
        self.dial_button.clicked.connect(self.dial_pressed)
        self.hold_button.clicked.connect(lambda: self.action_pressed.emit(self._hold_action()))
        self.record_button.clicked.connect(lambda: self.action_pressed.emit(self._record_action()))

    def set_compact(self, *, is_compact: bool) -> None:
        """In a narrow window three keys a row, without icons and today's figures."""
        if is_compact == self._is_compact:
            return
        self._is_compact = is_compact
        self._arrange()
        if self._view is not None:
            self.show_view(self._view)

    def _arrange(self) -> None:
        for layout in (self._line, self._grid):
            while layout.count():
                layout.takeAt(0)
        self._grid_box.setVisible(self._is_compact)
        space = self.theme.space
        edge = space.s if self._is_compact else 10
        right = space.s if self._is_compact else space.l
        self.body.setContentsMargins(space.s, edge, right, edge)
        if self._is_compact:
            places = (
                (self.mute_button, 0, 0), (self.hold_button, 0, 1), (self.hang_up_button, 0, 2),
                (self.transfer_button, 1, 0), (self.keypad_button, 1, 1),
                (self.dial_button, 1, 2), (self.record_button, 1, 2),
            )  # fmt: skip
            for button, line, column in places:
                self._grid.addWidget(button, line, column)
                self._grid.setColumnStretch(column, 1)
            self._grid.addWidget(self.recording, 2, 0, 1, 3, Qt.AlignmentFlag.AlignHCenter)
        else:
            for button in self._keys():
                self._line.addWidget(button)
            self._line.addStretch(1)
            self._line.addWidget(self.recording)
            self._line.addSpacing(space.s)
            self._line.addWidget(self.record_button)
            self._line.addWidget(self._today_box)
            self._line.addWidget(self.dial_button)
        for button in (*self._keys(), self.record_button, self.dial_button):
            button.setFixedHeight(
                _ROW_COMPACT if self._is_compact else self.theme.shape.control_height
            )

    def _reserve(self) -> None:
        """Keep keys in their place where a word changes: the widest of each key's words counts."""
        for button, words in (
            (self.mute_button, ("Mute", "Unmute")),
            (self.hold_button, ("Hold", "Resume")),
        ):
            label = button.text()
            widths = []
            for word in words:
                button.set_label(word)
                widths.append(button.sizeHint().width())
            button.set_label(label)
            button.setMinimumWidth(0 if self._is_compact else max(widths))

    def _keys(self) -> Sequence[KeyButton]:
        return (
            self.mute_button,
            self.hold_button,
            self.transfer_button,
            self.keypad_button,
            self.hang_up_button,
        )

    # --- drawing ------------------------------------------------------------------------------

    def show_view(self, view: AgentView) -> None:
        """Draw what can be done with the call now."""
        self._view = view
        call = view.call
        self._is_muted = call.is_muted
        self.mute_button.set_label("Unmute" if call.is_muted else "Mute")
        self._dress(
            self.mute_button,
            "danger" if call.is_muted else "plain" if call.is_up else "quiet",
            "microphone-slash" if call.is_muted else "microphone",
        )
        self.mute_button.set_possible(call.is_up, NO_CALL)
        can_hang_up = call.is_up or view.state in IN_CALL
        self.hang_up_button.set_possible(can_hang_up, NO_CALL)
        self._dress(self.hang_up_button, "plain" if can_hang_up else "quiet", "phone-disconnect")
        self._show_hold(view)
        if self._reserved != (self._has_icons, self._is_compact):
            self._reserved = (self._has_icons, self._is_compact)
            self._reserve()
        for button, icon in (
            (self.transfer_button, "arrow-bend-up-right"),
            (self.keypad_button, "dots-nine"),
        ):
            why = why_no_control(view)
            button.set_possible(not why, why)
            self._dress(button, "quiet" if why else "plain", icon)
        self._show_record(view)
        self._show_dial(view, can_hang_up=can_hang_up)
        self.today.setText(today_words(view))
        self._fit()

    def tick(self) -> None:
        """Let the recording's time run."""
        self.recording.tick()

    def mark_open(self, tool: str) -> None:
        """Mark the key whose panel stands open: "transfer", "keypad", "dial" or ""."""
        self.transfer_button.set_marked(tool == "transfer")
        self.keypad_button.set_marked(tool == "keypad")
        self.dial_button.set_marked(tool == "dial")

    def _dress(self, button: KeyButton, kind: Kind, icon: str) -> None:
        button.set_kind(kind, icon if self._has_icons else "")

    def _hold_action(self) -> CallAction:
        is_held = self._view is not None and self._view.control.arrangement is Arrangement.HOLD
        return CallAction.RESUME if is_held else CallAction.HOLD

    def _show_hold(self, view: AgentView) -> None:
        why = why_no_hold(view)
        is_held = self._hold_action() is CallAction.RESUME and not why
        self.hold_button.set_label("Resume" if is_held else "Hold")
        self.hold_button.set_possible(not why, why)
        self.hold_button.set_marked(is_held)
        self._dress(self.hold_button, "quiet" if why else "plain", "play" if is_held else "pause")

    def _record_action(self) -> CallAction:
        recording = self._view.control.recording if self._view is not None else RecordingState.OFF
        if recording is RecordingState.RECORDING:
            return CallAction.RECORD_PAUSE
        if recording is RecordingState.PAUSED:
            return CallAction.RECORD_RESUME
        return CallAction.RECORD_START

    def _show_record(self, view: AgentView) -> None:
        control = view.control
        is_talking = view.state is SeatState.TALKING and view.call.is_up
        self.recording.show_control(control)
        self.recording.setVisible(is_talking and is_recorded(control))
        has_key = is_talking and has_record_key(control)
        self.record_button.setVisible(has_key)
        label, icon, hint = _RECORD_WORDS[self._record_action()]
        self.record_button.set_label("Resume" if self._is_compact and "Resume" in label else label)
        why = why_no_control(view)
        is_over = control.recording in (RecordingState.STOPPED, RecordingState.FAILED)
        is_paused = control.recording is RecordingState.PAUSED
        self._dress(self.record_button, "primary" if is_paused else "plain", icon)
        self.record_button.set_possible(not why and not is_over, why or "It cannot be begun again.")
        if not why and not is_over:
            self.record_button.set_hint(hint)

    def _show_dial(self, view: AgentView, *, can_hang_up: bool) -> None:
        why = why_no_hand_dial(view)
        self.dial_button.setVisible(view.can_dial_by_hand and not can_hang_up)
        self.dial_button.set_possible(not why, why)
        self._dress(self.dial_button, "quiet" if why else "plain", "phone-outgoing")
        self.can_do_anything = can_hang_up or not why
        if self._is_compact:
            for button in self._keys():
                button.setVisible(can_hang_up)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        has_icons = self.width() >= _ICONS_FROM
        if has_icons != self._has_icons:
            self._has_icons = has_icons
            if self._view is not None:
                self.show_view(self._view)
        self._fit()

    def _fit(self) -> None:
        """Show today's figures where there is room for them whole; they are not for a call."""
        others = [*self._keys(), self.record_button, self.dial_button, self.recording]
        taken = sum(
            one.sizeHint().width() + self.theme.space.xs for one in others if not one.isHidden()
        )
        room = self.width() - taken - 3 * self.theme.space.l
        has_room = room >= self._today_box.sizeHint().width()
        self._today_box.setVisible(has_room and not self._is_compact)
        if not self._is_compact:
            for button in self._keys():
                button.setVisible(True)
            self.setFixedHeight(58)
            return
        lines = 1 if self.dial_button.isVisibleTo(self) and self.mute_button.isHidden() else 2
        height = lines * _ROW_COMPACT + (lines - 1) * 6 + 2 * self.theme.space.s
        if not self.recording.isHidden():
            height += 6 + self.recording.sizeHint().height()
        self.setFixedHeight(height)
