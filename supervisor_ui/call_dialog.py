"""One call of the floor, to listen to: who hears whom, and four keys to change it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.desk.views import Listening, SupervisedView
from app.look.theme import MEDIUM, STRONG, Theme
from app.look.widgets import Clock, ElidedLabel, KeyButton, Label, hairline, row, span_in_words
from supervisor_ui.hearing_picture import HearingPicture, sentence

WAYS: tuple[tuple[Listening, str, str, str], ...] = (
    (Listening.LISTEN, "Listen", "L", "Hear both; nobody hears you"),
    (Listening.WHISPER, "Whisper", "W", "Only the agent hears you"),
    (Listening.BARGE, "Barge in", "B", "Both hear you"),
    (Listening.TAKE_OVER, "Take over", "T", "The agent leaves; the call is yours"),
)
KEYS = {ord(key): how for how, _words, key, _hint in WAYS}
NO_PHONE = "This PC has no phone of its own, so there is nothing to listen with."
NO_CALL = "No person is on this line just now."
_WIDTH_PX = 560
_ADVICE = 3


class CallDialog(QDialog):
    """Shows one call and tells how the supervisor wants to take part in it.

    `listening_requested(attempt_id, how)`: a value of `Listening`; leaving is one of them. Closing
    the dialog leaves the call, except after taking it over: that call is then one's own, and the
    key that left it hangs up.
    """

    listening_requested = Signal(str, str)
    closed = Signal()

    def __init__(self, theme: Theme, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._clock = theme, clock
        self._view: SupervisedView | None = None
        self.setWindowTitle("Call")
        self.setFixedWidth(_WIDTH_PX)
        self.title = ElidedLabel(theme, role="lead", weight=STRONG)
        self.time = Label(theme, role="lead", weight=MEDIUM)
        self.picture = HearingPicture(theme)
        self.words = Label(theme, weight=MEDIUM)
        self.trouble = Label(theme, tone="trouble", is_wrapped=True)
        self.advice = tuple(Label(theme, tone="muted", is_wrapped=True) for _ in range(_ADVICE))
        self.buttons = {how: self._button(how, *rest) for how, *rest in WAYS}
        self.leave = KeyButton(theme, "Leave the call", "Esc", kind="quiet")
        self.leave.clicked.connect(self._leave)
        self._lay_out()
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._show_time)

    @property
    def view(self) -> SupervisedView | None:
        return self._view

    def _button(self, how: Listening, words: str, key: str, hint: str) -> KeyButton:
        button = KeyButton(self._theme, words, key)
        button.set_hint(hint)
        button.clicked.connect(lambda: self.ask(how))
        return button

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(8)
        head = row(spacing=12)
        head.addWidget(self.title, 1)
        head.addWidget(self.time)
        box.addLayout(head)
        box.addSpacing(4)
        box.addWidget(self.picture)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(self.words)
        box.addSpacing(4)
        keys = row(spacing=8)
        for button in self.buttons.values():
            keys.addWidget(button, 1)
        box.addLayout(keys)
        for label in (self.trouble, *self.advice):
            label.hide()
            box.addWidget(label)
        box.addSpacing(4)
        box.addWidget(hairline(self._theme))
        foot = row(spacing=8)
        hint = "Nobody hears you until you whisper or barge in."
        foot.addWidget(Label(self._theme, hint, role="small", tone="muted"), 1)
        foot.addWidget(self.leave)
        box.addLayout(foot)

    # --- what is shown ------------------------------------------------------------------------

    def show_call(self, view: SupervisedView) -> None:
        """Draw this moment of the call."""
        if view == self._view:
            return
        self._view = view
        self.title.setText(f"{view.agent} with {view.person}" if view.person else view.agent)
        how = view.listening
        self.picture.show_call(view.agent, view.person, how, is_on_the_way=view.is_joining)
        said = sentence(how, view.agent, view.person)
        if view.is_joining:
            said = "Joining …" if how is None else "Changing …"
        self.words.setText(said if view.is_up or how is not None else NO_CALL)
        why_not = "" if view.has_phone else NO_PHONE
        if not view.is_up:
            why_not = why_not or NO_CALL
        for one, button in self.buttons.items():
            button.set_marked(one is how)
            button.set_possible(not why_not and how is not Listening.TAKE_OVER, why_not)
        is_own = how is Listening.TAKE_OVER
        self.leave.set_label(
            "Hang up" if is_own else "Leave the call" if how is not None else "Close"
        )
        self._say(view, why_not)
        self._show_time()
        self.adjustSize()

    def _say(self, view: SupervisedView, why_not: str) -> None:
        trouble = view.trouble or (why_not if not view.has_phone else "")
        self.trouble.setText(trouble)
        self.trouble.setVisible(bool(trouble))
        lines = [f"{one.sentence} {one.what_to_do}".strip() for one in view.advice]
        if view.agent_is_told and view.listening is not None:
            lines.insert(0, f"{view.agent} sees that you take part.")
        for label, text in zip(self.advice, [*lines, *[""] * _ADVICE][:_ADVICE], strict=True):
            label.setText(text)
            label.setVisible(bool(text))

    def _show_time(self) -> None:
        if self._view is not None:
            is_up = self._view.is_up
            seconds = max(0.0, self._clock() - self._view.since_utc_s)
            self.time.setText(span_in_words(seconds) if is_up else "")

    # --- what is wanted -----------------------------------------------------------------------

    def ask(self, how: Listening) -> None:
        """Want to take part like this, if that is possible now."""
        view = self._view
        if view is None or not self.buttons[how].isEnabled() or view.listening is how:
            return
        self.listening_requested.emit(view.attempt_id, how.value)

    def _leave(self) -> None:
        view = self._view
        if view is not None and view.listening is Listening.TAKE_OVER:
            self.listening_requested.emit(view.attempt_id, Listening.LEAVE.value)
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        how = KEYS.get(event.key())
        if how is not None and not event.isAutoRepeat():
            self.ask(how)
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tick.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._tick.stop()
        view = self._view
        is_in = view is not None and (view.listening is not None or view.is_joining)
        if view is not None and is_in and view.listening is not Listening.TAKE_OVER:
            self.listening_requested.emit(view.attempt_id, Listening.LEAVE.value)
        self.closed.emit()
        super().closeEvent(event)
