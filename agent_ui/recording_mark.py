"""The mark of a recording: a dot and a word, so that nobody forgets that it runs, or that not."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from agent_ui.call_words import is_payment_late, recording_words
from app.desk.views import ControlView, RecordingState
from app.look.theme import MEDIUM, Theme, set_tone
from app.look.widgets import Clock, Label, row


class _Dot(QWidget):
    """Filled while it is recorded, two bars in a pause, a ring where it has ended."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.state = RecordingState.OFF
        self.setFixedSize(12, 12)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.colour("trouble")
        if self.state is RecordingState.PAUSED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("ringing"))
            painter.drawRoundedRect(QRectF(2, 1, 3, 10), 1, 1)
            painter.drawRoundedRect(QRectF(7, 1, 3, 10), 1, 1)
            return
        if self.state is RecordingState.RECORDING:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QRectF(1, 1, 10, 10))
            return
        painter.setPen(QPen(self._theme.colour("paused"), 2))
        painter.drawEllipse(QRectF(2, 2, 8, 8))


class RecordingMark(QWidget):
    """Dot, word and how long; hidden where nothing was ever recorded."""

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._control = ControlView()
        self._dot = _Dot(theme)
        self.words = Label(theme, weight=MEDIUM)
        layout = row(self._dot, self.words, spacing=theme.space.s)
        self.setLayout(layout)
        self.hide()

    def show_control(self, control: ControlView) -> None:
        """Draw the recording as the line says it is."""
        self._control = control
        self._dot.state = control.recording
        self._dot.update()
        self.tick()

    def tick(self) -> None:
        """Let its time run."""
        now = self._clock()
        words = recording_words(self._control, now)
        if words != self.words.text():
            self.words.setText(words)
            self.setAccessibleName(words)
        is_bad = self._control.recording is RecordingState.FAILED
        is_bad = is_bad or is_payment_late(self._control, now)
        set_tone(self.words, "trouble" if is_bad else "ink")
