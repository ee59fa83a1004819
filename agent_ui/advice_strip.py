"""The line doctor's word: one quiet line under the state bar, at most one at a time."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from app.desk.views import AdviceView
from app.look.theme import MEDIUM, Theme
from app.look.widgets import ElidedLabel, row

_ICONS = {"trouble": "warning", "warning": "first-aid-kit", "note": "info"}


class AdviceStrip(QWidget):
    """What is wrong in ink, what to do in a quieter tone; hidden where all is well."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._advice: AdviceView | None = None
        self._icon = QLabel()
        self._icon.setFixedSize(16, 16)
        self.sentence = ElidedLabel(theme, weight=MEDIUM)
        self.what_to_do = ElidedLabel(theme, tone="muted")
        self._row = row(self._icon, self.sentence, spacing=theme.space.s)
        self._row.addWidget(self.what_to_do, 1)
        self.setLayout(self._row)
        self.set_inset(0)
        self.setFixedHeight(32)
        self.hide()

    def set_inset(self, inset: int) -> None:
        """Keep so many pixels free on both sides, as the columns below do."""
        side = inset + self._theme.space.l
        self._row.setContentsMargins(side, 0, side, 0)

    def show_advice(self, advice: AdviceView | None) -> None:
        """Show it, or nothing."""
        if advice == self._advice:
            return
        self._advice = advice
        self.setVisible(advice is not None)
        if advice is None:
            return
        name = _ICONS.get(advice.severity, "first-aid-kit")
        self._icon.setPixmap(self._theme.pixmap(name, 16, "ink2", self.devicePixelRatioF()))
        self.sentence.setText(advice.sentence)
        self.what_to_do.setText(advice.what_to_do)
        whole = f"{advice.sentence}\n{advice.what_to_do}".strip()
        self.sentence.set_tooltip(whole)
        self.what_to_do.set_tooltip(whole)
        self.setAccessibleName("Line doctor")
        self.setAccessibleDescription(whole)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("soft"))
        edge = QRectF(0, self.height() - 1, self.width(), 1)
        painter.fillRect(edge, self._theme.colour("line"))
