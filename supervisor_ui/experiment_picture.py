"""The arms of an experiment: a dot for each rate, a bar for the interval of its difference."""

from __future__ import annotations

from math import ceil, floor

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desk.experiment_view import ArmView
from app.look.theme import MEDIUM, STRONG, Theme

_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
_LINE_PX, _NAME_PX, _WORDS_PX, _AXIS_PX = 60, 190, 210, 26


class ArmsPicture(QWidget):
    """Each variant a line: name and counts left, dot and bar on a common scale, figures right.

    The first has a dot alone; the bar of each other is the interval of its difference laid upon
    the first one's rate, so that a bar clear of the dashed line is a difference.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._arms: tuple[ArmView, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(620, _LINE_PX * max(1, len(self._arms)) + _AXIS_PX)

    def show_arms(self, arms: tuple[ArmView, ...]) -> None:
        """Draw these."""
        self._arms = arms
        self.setAccessibleName("Results by variant")
        self.setAccessibleDescription(" ".join(f"{one.name}: {words(one)}." for one in arms))
        self.updateGeometry()
        self.update()

    def scale(self) -> tuple[float, float]:
        """The rates at the left and the right end of the scale."""
        base = self._base
        ends = [one.rate for one in self._arms if one.rate is not None]
        for one in self._arms:
            if one.difference is not None and one.people >= 20:
                ends += [base + one.difference[1], base + one.difference[2]]
        if not ends:
            return 0.0, 1.0
        low, high = max(0.0, min(ends)), min(1.0, max(ends))
        air = max(0.01, (high - low) * 0.12)
        return max(0.0, low - air), min(1.0, high + air)

    @property
    def _base(self) -> float:
        return (self._arms[0].rate or 0.0) if self._arms else 0.0

    def _x(self, rate: float) -> float:
        low, high = self.scale()
        width = self.width() - _NAME_PX - _WORDS_PX - 24
        place = (min(max(rate, low), high) - low) / (high - low)
        return _NAME_PX + 12 + place * width

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        low, high = self.scale()
        bottom = _LINE_PX * len(self._arms)
        painter.setFont(self._theme.font("small"))
        step = _step(high - low)
        for at in range(ceil(low / step), floor(high / step) + 1):
            rate = at * step
            x = self._x(rate)
            painter.setPen(QPen(self._theme.colour("line"), 1))
            painter.drawLine(QPointF(x, 0), QPointF(x, bottom))
            painter.setPen(self._theme.colour("ink3"))
            box = QRectF(x - 30, bottom + 4, 60, 18)
            words = f"{100 * rate:.{0 if step >= 0.01 else 1}f}%"
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)
        if self._arms and self._arms[0].rate is not None:
            pen = QPen(self._theme.colour("ink3"), 1)
            pen.setDashPattern([4, 3])
            painter.setPen(pen)
            x = self._x(self._base)
            painter.drawLine(QPointF(x, 0), QPointF(x, bottom))
        for at, arm in enumerate(self._arms):
            self._paint_arm(painter, arm, at * _LINE_PX)

    def _paint_arm(self, painter: QPainter, arm: ArmView, top: float) -> None:
        theme, middle = self._theme, top + _LINE_PX / 2
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(theme.colour("ink"))
        painter.setFont(theme.font("body", STRONG if arm.is_winner else MEDIUM))
        painter.drawText(QRectF(0, middle - 20, _NAME_PX, 20), left, self._fit(painter, arm.name))
        painter.setPen(theme.colour("ink2"))
        painter.setFont(theme.font("small"))
        counts = f"{arm.successes:,} of {arm.people:,} people"
        painter.drawText(QRectF(0, middle, _NAME_PX, 18), left, counts)
        colour = theme.state_colour("available" if arm.is_winner else "talking")
        if arm.difference is not None and arm.people >= 20:
            _, low, high = arm.difference
            painter.setPen(Qt.PenStyle.NoPen)
            soft = theme.state_colour("available" if arm.is_winner else "talking")
            soft.setAlpha(90)
            painter.setBrush(soft)
            start, end = self._x(self._base + low), self._x(self._base + high)
            painter.drawRoundedRect(QRectF(start, middle - 5, max(2.0, end - start), 10), 5, 5)
        if arm.rate is not None:
            painter.setPen(QPen(theme.colour("panel"), 2))
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(self._x(arm.rate), middle), 7, 7)
        box = QRectF(self.width() - _WORDS_PX + 12, top, _WORDS_PX - 12, _LINE_PX)
        painter.setPen(theme.colour("ink"))
        painter.setFont(theme.font("body", STRONG if arm.is_winner else MEDIUM))
        figure = "–" if arm.rate is None else f"{arm.rate:.1%}"
        painter.drawText(QRectF(box.left(), middle - 20, box.width(), 20), left, figure)
        painter.setPen(theme.colour("ink2"))
        painter.setFont(theme.font("small"))
        told = difference_words(arm)
        painter.drawText(QRectF(box.left(), middle, box.width(), 18), left, told)

    def _fit(self, painter: QPainter, text: str) -> str:
        return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, _NAME_PX - 8)


def _step(span: float) -> float:
    """From one line of the scale to the next: a round number, three to seven of them."""
    return next((one for one in _STEPS if span / one <= 7), _STEPS[-1])


def difference_words(arm: ArmView) -> str:
    """The difference from the first variant in points, with its interval."""
    if arm.difference is None:
        return "the others are held against it" if arm.people else "nobody yet"
    _, low, high = (100 * value for value in arm.difference)
    better = "better, " if arm.is_winner else ""
    return f"{better}{low:+.1f} to {high:+.1f} points"


def words(arm: ArmView) -> str:
    """An arm for those who cannot see the picture."""
    rate = "nobody yet" if arm.rate is None else f"{arm.rate:.1%}"
    return f"{rate}, {arm.successes} of {arm.people} people, {difference_words(arm)}"
