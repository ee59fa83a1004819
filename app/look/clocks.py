"""Running figures: the ring that empties and the timer. Both are told the time by a clock.

Neither owns a timer: the window calls `tick()` of what it shows, some ten times a second.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.look.labels import Label
from app.look.theme import REGULAR, STRONG, FontRole, Theme

Clock = Callable[[], float]


def span_in_words(seconds: float) -> str:
    """A span as "mm:ss", from an hour on "h:mm:ss"; what is below zero counts as zero."""
    whole = max(int(seconds), 0)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


class TimerLabel(Label):
    """Time since a moment, or until one, as mm:ss with figures of one width."""

    def __init__(
        self,
        theme: Theme,
        clock: Clock,
        *,
        role: FontRole = "body",
        weight: QFont.Weight = REGULAR,
        tone: str = "muted",
    ) -> None:
        super().__init__(theme, "00:00", role=role, weight=weight, tone=tone)
        self._clock = clock
        self._since_utc_s: float | None = None
        self._until_utc_s: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_since(self, since_utc_s: float) -> None:
        """Count up from that moment."""
        self._since_utc_s, self._until_utc_s = since_utc_s, None
        self.tick()

    def set_until(self, until_utc_s: float) -> None:
        """Count down to that moment, then stay at 00:00."""
        self._since_utc_s, self._until_utc_s = None, until_utc_s
        self.tick()

    def tick(self) -> None:
        """Draw anew if the figure has changed."""
        if self._until_utc_s is not None:
            text = span_in_words(ceil(self._until_utc_s - self._clock()))
        elif self._since_utc_s is not None:
            text = span_in_words(self._clock() - self._since_utc_s)
        else:
            return
        if text != self.text():
            self.setText(text)

    def sizeHint(self) -> QSize:
        # As wide as any figure of that length: neighbours do not move while it runs.
        hint = super().sizeHint()
        shape = "".join("0" if mark.isdigit() else mark for mark in self.text())
        return QSize(self.fontMetrics().horizontalAdvance(shape) + 2, hint.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class CountdownRing(QWidget):
    """A ring that empties with the seconds left, and the figure in it.

    Past the end it stays empty; the figure then counts what it is over, with a plus sign.
    """

    def __init__(self, theme: Theme, clock: Clock, *, size: int = 88) -> None:
        super().__init__()
        self._theme = theme
        self._clock = clock
        self._until_utc_s = 0.0
        self._whole_s = 1.0
        self._state = "preview"
        self._drawn: tuple[str, int] = ("", -1)
        self.set_diameter(size)

    def set_diameter(self, size: int) -> None:
        """Take that many pixels in each direction; the figure follows."""
        font = self._theme.font("timer", STRONG)
        font.setPixelSize(font.pixelSize() * size // 88)
        self.setFont(font)
        self.setFixedSize(size, size)

    @property
    def left_s(self) -> float:
        """Seconds left; below zero past the end."""
        return self._until_utc_s - self._clock()

    @property
    def figure(self) -> str:
        """The figure in the ring: whole seconds left, rounded up."""
        left = self.left_s
        if left > 0:
            return str(ceil(left)) if left <= 99 else span_in_words(ceil(left))
        return "0" if left > -1 else f"+{int(-left)}"

    @property
    def share(self) -> float:
        """How full the ring is, 0 to 1."""
        return min(max(self.left_s / self._whole_s, 0.0), 1.0)

    def run_until(self, until_utc_s: float, whole_s: float, state: str = "preview") -> None:
        """Empty until that moment; `whole_s` is a full ring, `state` names its colour."""
        self._until_utc_s, self._whole_s, self._state = until_utc_s, max(whole_s, 0.001), state
        self._drawn = ("", -1)
        self.tick()

    def tick(self) -> None:
        """Draw anew if figure or ring have moved by what an eye can see."""
        now = (self.figure, round(self.share * 720))
        if now == self._drawn:
            return
        if now[0] != self._drawn[0]:
            self.setAccessibleName(f"{now[0]} seconds left")
        self._drawn = now
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen_width = self.width() * 7 / 88
        inset = pen_width / 2 + 2
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        pen = QPen(self._theme.colour("soft"), pen_width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawEllipse(box)
        if self.share > 0:
            pen.setColor(self._theme.state_colour(self._state))
            painter.setPen(pen)
            painter.drawArc(box, 90 * 16, -round(self.share * 360 * 16))
        figure = self.figure
        font = self.font()
        if len(figure) > 3:
            font.setPixelSize(font.pixelSize() * 2 // 3)
        painter.setFont(font)
        painter.setPen(self._theme.colour("ink"))
        painter.drawText(QRectF(self.rect()), int(Qt.AlignmentFlag.AlignCenter), figure)
