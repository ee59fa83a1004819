"""Fields: a choice box with the family's own caret."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox

from app.look.theme import Theme

_BEARING_PX = 4  # the style leaves so much beside the words


class ChoiceBox(QComboBox):
    """A drop-down list; what is too long for it ends in "…".

    The caret is painted, as a stylesheet would need a picture file for it.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        box = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self)
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, max(box.width() - _BEARING_PX, 0)
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        colour = "ink2" if self.isEnabled() else "ink_off"
        caret = self._theme.pixmap("caret-down", 16, colour, self.devicePixelRatioF())
        painter.drawPixmap(self.width() - 26, (self.height() - 16) // 2, caret)
