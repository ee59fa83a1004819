"""Small marks: the dot of a state, the line of a figure's last hours, the bar with a notice."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.look.labels import ElidedLabel
from app.look.theme import STATE_WORDS, Theme

_HOLLOW = frozenset({"paused", "logged_out"})


class StateDot(QWidget):
    """A dot in a state's colour; hollow where nobody works, so that colour is not alone."""

    def __init__(self, theme: Theme, state: str = "paused", *, size: int = 10) -> None:
        super().__init__()
        self._theme = theme
        self._state = state
        self.setFixedSize(size + 2, size + 2)
        self.set_state(state)

    @property
    def state(self) -> str:
        return self._state

    def set_state(self, state: str) -> None:
        """Take that state's colour."""
        self._state = state
        self.setAccessibleName(STATE_WORDS.get(state, state))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        paint_dot(painter, self._theme, self._state, QRectF(self.rect()).adjusted(1, 1, -1, -1))


def paint_dot(painter: QPainter, theme: Theme, state: str, box: QRectF) -> None:
    """Draw a state's dot into `box`; for item delegates, which have no widget."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = theme.state_colour(state)
    if state in _HOLLOW:
        painter.setPen(QPen(colour, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(box.adjusted(1, 1, -1, -1))
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(box)
    painter.restore()


class Sparkline(QWidget):
    """The last values of one figure as a line without axes; needs two values to draw."""

    def __init__(self, theme: Theme, state: str = "talking") -> None:
        super().__init__()
        self._theme = theme
        self._state = state
        self._values: tuple[float, ...] = ()
        self.setMinimumSize(48, 24)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(64, 24)

    def set_values(self, values: tuple[float, ...], state: str | None = None) -> None:
        """Show these, oldest first; `state` names the colour."""
        state = self._state if state is None else state
        if (values, state) == (self._values, self._state):
            return
        self._values, self._state = values, state
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if len(self._values) < 2:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        low, high = min(self._values), max(self._values)
        span = (high - low) or 1.0
        step = (self.width() - 4) / (len(self._values) - 1)
        room = self.height() - 6
        middle = 0.5 if high == low else 0.0
        points = QPolygonF(
            [
                QPointF(2 + i * step, 3 + room * (1 - (value - low) / span - middle))
                for i, value in enumerate(self._values)
            ]
        )
        pen = QPen(self._theme.state_colour(self._state), 1.5)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(points)


class NoticeBar(QWidget):
    """The newest sentence on trouble, with how many more there are; hidden without one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._notices: tuple[str, ...] = ()
        self._icon = QLabel()
        self._icon.setFixedSize(16, 16)
        self._words = ElidedLabel(theme, tone="trouble")
        self._more = ElidedLabel(theme, tone="trouble")
        self._row = layout = QHBoxLayout(self)
        self.set_inset(0)
        layout.setSpacing(theme.space.s)
        layout.addWidget(self._icon)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._more)
        self.setFixedHeight(32)
        self.hide()

    @property
    def notices(self) -> tuple[str, ...]:
        return self._notices

    def set_inset(self, inset: int) -> None:
        """Keep so many pixels free on both sides, as the columns below do."""
        side = inset + self._theme.space.l
        self._row.setContentsMargins(side, 0, side, 0)

    def show_notices(self, notices: tuple[str, ...]) -> None:
        """Show the first of them (the newest); the tooltip has them all."""
        if notices == self._notices:
            return
        self._notices = notices
        self.setVisible(bool(notices))
        if not notices:
            return
        self._icon.setPixmap(
            self._theme.pixmap("warning", 16, "trouble_ink", self.devicePixelRatioF())
        )
        self._words.setText(notices[0])
        more = len(notices) - 1
        self._more.setText(f"{more} more" if more else "")
        self._more.setVisible(bool(more))
        everything = "\n".join(notices)
        self._words.set_tooltip(everything if more else "")
        self._more.set_tooltip(everything)
        self.setAccessibleName("Notice")
        self.setAccessibleDescription(everything)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("trouble_soft"))
        edge = QRectF(0, self.height() - 1, self.width(), 1)
        painter.fillRect(edge, self._theme.colour("line"))
