"""Small widgets of the supervisor's window: links, text that ends in an ellipsis, a fact."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextLayout,
)
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from app.look.theme import MEDIUM, FontRole, Theme, set_tone
from app.look.widgets import Label

LINK_HEIGHT_PX = 32


class LinkButton(QAbstractButton):
    """Words that can be pressed: quiet, underlined under the pointer, 32 pixels high.

    A checked one (`setCheckable`) stands in ink with a tick before it.
    """

    def __init__(self, theme: Theme, text: str, *, role: FontRole = "body") -> None:
        super().__init__()
        self._theme = theme
        self.setFont(theme.font(role, MEDIUM))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Change the words."""
        if text == self.text():
            return
        self.setText(text)
        self.setShortcut("")
        self.setAccessibleName(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        tick = 20 if self.isCheckable() else 0
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 10 + tick, LINK_HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_hot = self.isEnabled() and (self.underMouse() or self.isDown())
        ink = "ink" if is_hot or self.isChecked() else "ink3"
        left = 5
        if self.isCheckable():
            icon = "check-square" if self.isChecked() else "square"
            picture = self._theme.pixmap(icon, 16, ink, self.devicePixelRatioF())
            painter.drawPixmap(left, (self.height() - 16) // 2, picture)
            left += 20
        font = self.font()
        font.setUnderline(is_hot)
        painter.setFont(font)
        painter.setPen(self._theme.colour(ink if self.isEnabled() else "ink_off"))
        box = QRectF(left, 0, self.width() - left, self.height())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), self.text())
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 3, -1, -3), 4, 4)


class ClampedText(QWidget):
    """Text over as many lines as there is room for; the last one ends in "…" if more would follow.

    The whole text is then its tooltip.
    """

    def __init__(self, theme: Theme, *, role: FontRole = "lead", lines: int = 2) -> None:
        super().__init__()
        self._theme = theme
        self._text = ""
        self._tone = "ink"
        self._shown: list[str] = []
        self._is_clamped = False
        self._least_lines = lines
        self.setFont(theme.font(role))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)

    @property
    def text(self) -> str:
        return self._text

    @property
    def is_clamped(self) -> bool:
        return self._is_clamped

    def set_text(self, text: str, tone: str = "ink") -> None:
        """Show this text; `tone` names the ink."""
        if (text, tone) == (self._text, self._tone):
            return
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        self._lay_out()

    def _line_height(self) -> int:
        return round(QFontMetrics(self.font()).height() * 1.2)

    def sizeHint(self) -> QSize:
        return QSize(200, self._line_height() * self._least_lines)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self._line_height() * self._least_lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        most = max(1, self.height() // self._line_height())
        layout = QTextLayout(self._text, self.font())
        layout.beginLayout()
        starts = []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(self.width(), 1))
            starts.append(line.textStart())
        layout.endLayout()
        ends = [*starts[1:], len(self._text)]
        pieces = [self._text[a:b].rstrip() for a, b in zip(starts, ends, strict=True)]
        self._is_clamped = len(pieces) > most
        if self._is_clamped:
            rest = self._text[starts[most - 1] :]
            cut = self.fontMetrics().elidedText(rest, Qt.TextElideMode.ElideRight, self.width())
            pieces = [*pieces[: most - 1], cut]
        self._shown = pieces
        self.setToolTip(self._text if self._is_clamped else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self._theme.colour(self._tone))
        height = self._line_height()
        for index, piece in enumerate(self._shown):
            box = QRectF(0, index * height, self.width() + 1, height)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), piece)


class Fact(QWidget):
    """Words with the one that counts in weight: "abandon budget **3 of 11 left** today"."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._before = Label(theme, tone="muted")
        self._strong = Label(theme, weight=MEDIUM)
        self._after = Label(theme, tone="muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for label in (self._before, self._strong, self._after):
            layout.addWidget(label)

    @property
    def text(self) -> str:
        words = (self._before.text(), self._strong.text(), self._after.text())
        return " ".join(word for word in words if word)

    def set_trouble(self, is_trouble: bool) -> None:
        """Whether the word that counts stands in trouble's ink."""
        set_tone(self._strong, "trouble" if is_trouble else "ink")

    def set_words(self, before: str, strong: str, after: str = "") -> None:
        """Change the words; an empty part takes no room."""
        for label, text in ((self._before, before), (self._strong, strong), (self._after, after)):
            label.setText(text)
            label.setVisible(bool(text))
        self.setAccessibleName(self.text)
