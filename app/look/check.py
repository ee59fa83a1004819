"""A choice that is on or off: a box, its words, and a line that says what it does."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from app.look.theme import MEDIUM, Theme

_BOX = 20
_GAP = 10
_AIR = 6
_WRAPPED = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignTop)


class CheckLine(QAbstractButton):
    """A check box with an explanation under its words; the whole of it can be pressed.

    Space and Enter press it while it has the focus. Its height follows its width. One of several
    that exclude each other (a QButtonGroup) is drawn round with `is_one_of`.
    """

    def __init__(
        self, theme: Theme, words: str, explanation: str = "", *, is_one_of: bool = False
    ) -> None:
        super().__init__()
        self._theme = theme
        self._icons = (
            ("check-circle-fill", "circle") if is_one_of else ("check-square-fill", "square")
        )
        self._explanation = explanation
        self._words_font = theme.font("body", MEDIUM)
        self.setFont(theme.font("body"))
        self.setText(words)
        self.setShortcut("")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(words)
        self.setAccessibleDescription(explanation)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def explanation(self) -> str:
        return self._explanation

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        words = QFontMetrics(self._words_font).lineSpacing()
        return max(words + self._explanation_box(width).height() + 2 * _AIR, 32)

    def sizeHint(self) -> QSize:
        longest = QFontMetrics(self._words_font).horizontalAdvance(self.text())
        width = max(longest + self._left() + 8, 240 if self._explanation else 0)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 32)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
            return
        super().keyPressEvent(event)

    @staticmethod
    def _left() -> int:
        return _BOX + _GAP

    def _explanation_box(self, width: int) -> QRect:
        if not self._explanation:
            return QRect()
        room = QRect(0, 0, max(width - self._left() - 4, 80), 10_000)
        return self.fontMetrics().boundingRect(room, _WRAPPED, self._explanation)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        words = QFontMetrics(self._words_font).lineSpacing()
        is_hot = self.isEnabled() and (self.underMouse() or self.isDown())
        self._paint_box(painter, words, is_hot=is_hot)
        left = self._left()
        painter.setFont(self._words_font)
        painter.setPen(theme.colour("ink" if self.isEnabled() else "ink_off"))
        top = _AIR if self._explanation else (self.height() - words) // 2
        painter.drawText(
            QRect(left, top, self.width() - left, words),
            int(Qt.AlignmentFlag.AlignVCenter),
            self.text(),
        )
        painter.setFont(self.font())
        painter.setPen(theme.colour("ink2" if self.isEnabled() else "ink_off"))
        box = self._explanation_box(self.width()).translated(left, top + words)
        painter.drawText(box, _WRAPPED, self._explanation)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            radius = theme.shape.control_radius
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), radius, radius)

    def _paint_box(self, painter: QPainter, words: int, *, is_hot: bool) -> None:
        theme = self._theme
        icon = self._icons[0] if self.isChecked() else self._icons[1]
        ink = "accent" if self.isChecked() else "ink" if is_hot else "ink3"
        if not self.isEnabled():
            ink = "ink_off"
        picture = theme.pixmap(icon, _BOX, ink, self.devicePixelRatioF())
        top = _AIR + (words - _BOX) // 2 if self._explanation else (self.height() - _BOX) // 2
        painter.drawPixmap(0, top, picture)
