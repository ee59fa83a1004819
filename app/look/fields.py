"""Fields: a choice box with the family's own caret."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox

from app.look.theme import Theme


class ChoiceBox(QComboBox):
    """A drop-down list; the caret is painted, as a stylesheet would need a picture file for it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        colour = "ink2" if self.isEnabled() else "ink_off"
        caret = self._theme.pixmap("caret-down", 16, colour, self.devicePixelRatioF())
        painter.drawPixmap(self.width() - 26, (self.height() - 16) // 2, caret)
