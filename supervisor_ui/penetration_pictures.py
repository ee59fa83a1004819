"""Pictures of penetration: bars in the table, four lines over days, answers by hour of the week.

pyqtgraph has no types; its `Any` stops in this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from app.desk.penetration_view import NAMES, DayPoint, HourCell
from app.look.theme import MEDIUM, Theme
from app.look.widgets import blend

SHARE_ROLE = Qt.ItemDataRole.UserRole + 1
LINE_COLOURS = ("talking", "available", "ringing", "wrap_up")  # of the four ways, in their order
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = range(8, 22)
_EMPTY = "No calls yet. From the first day of calls on the four figures are drawn here."


class ShareBar(QStyledItemDelegate):
    """A share as a bar with its figure at the right; above 1 (saturation) the bar is full."""

    def __init__(self, theme: Theme, colour: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._colour = theme, colour

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The row as ever, the bar in it."""
        super().paint(painter, option, index)
        share = index.data(SHARE_ROLE)
        if not isinstance(share, float):
            return
        rect: Any = option.rect
        track = QRectF(rect.left() + 8, rect.center().y() - 3, max(0, rect.width() - 82), 6)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("soft" if not self._theme.is_dark else "line"))
        painter.drawRoundedRect(track, 3, 3)
        track.setWidth(max(track.width() * min(share, 1.0), 3.0 if share > 0 else 0.0))
        painter.setBrush(self._theme.state_colour(self._colour))
        painter.drawRoundedRect(track, 3, 3)
        painter.restore()


class DaysPlot(QWidget):
    """The four figures over days as thin lines with their names at the right end.

    Saturation beyond 100 % lifts the scale.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.points: tuple[DayPoint, ...] = ()
        # Leaner than a PlotWidget, which builds a menu of forms for every plot.
        self._view: Any = pg.GraphicsView(background=None, useOpenGL=False)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setStyleSheet("background: transparent; border: none")
        layout: Any = pg.GraphicsLayout()
        layout.setContentsMargins(0, 6, 0, 0)
        layout.setSpacing(0)
        self._view.setCentralItem(layout)
        self._box: Any = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        axes: tuple[Any, Any] = (_DayAxis(orientation="bottom"), pg.AxisItem("left"))
        layout.addItem(axes[1], 0, 0)
        layout.addItem(self._box, 0, 1)
        layout.addItem(axes[0], 1, 1)
        for made in axes:
            made.linkToView(self._box)
            made.setPen(theme.colour("line"))
            made.setTextPen(theme.colour("ink3"))
            made.setStyle(tickFont=theme.font("small"), tickLength=0)
        axes[1].setWidth(36)
        self._lines = [
            pg.PlotDataItem(
                [], [], pen=QPen(theme.state_colour(colour), 0), symbol="o", symbolSize=4,
                symbolPen=None, symbolBrush=theme.state_colour(colour),
            )
            for colour in LINE_COLOURS
        ]  # fmt: skip
        for line in self._lines:
            self._box.addItem(line)
        self._words = [
            pg.TextItem(name, color=theme.colour("ink2"), anchor=(0, 0.5)) for name, _ in NAMES
        ]
        for words in self._words:
            words.setFont(theme.font("small", MEDIUM))
            self._box.addItem(words, ignoreBounds=True)
        self._empty = pg.TextItem(_EMPTY, color=theme.colour("ink3"), anchor=(0.5, 0.5))
        self._empty.setFont(theme.font())
        self._box.addItem(self._empty, ignoreBounds=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._view)
        self.setAccessibleName("Penetration over days")
        self.show_points(())

    def show_points(self, points: tuple[DayPoint, ...]) -> None:
        """Draw these days; none: a word in their place."""
        self.points = points
        days = [point.day for point in points]
        top = max([1.0, *(max(point.shares) for point in points)]) * 100
        for at, line in enumerate(self._lines):
            line.setData(days, [100 * point.shares[at] for point in points])
        self._empty.setVisible(not points)
        if not points:
            self._box.setXRange(0, 1, padding=0)
            self._box.setYRange(0, 100, padding=0.02)
            self._empty.setPos(0.5, 50)
            for words in self._words:
                words.setVisible(False)
            return
        span = max(1, days[-1] - days[0])
        self._box.setXRange(days[0], days[-1] + span * 0.21, padding=0.01)
        self._box.setYRange(0, top, padding=0.05)
        last = points[-1]
        ends = _apart([100 * share for share in last.shares], top * 0.1, top)
        for words, share, y, (name, _) in zip(self._words, last.shares, ends, NAMES, strict=True):
            words.setVisible(True)
            words.setText(f"{name} {share:.0%}")
            words.setPos(days[-1] + span * 0.012, y)


class _DayAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """Days since 1970 as "3 Mar"."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        step = max(1, int((high - low) * 64 / max(size, 1.0)) + 1)
        step = 7 if 3 < step < 7 else step  # whole weeks
        first = int(low) + (1 if low > int(low) else 0)
        return [(step, [float(day) for day in range(first, int(high) + 1, step)])]

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        found = [datetime.fromtimestamp(value * 86_400, UTC) for value in values]
        return [f"{one.day} {one:%b}" for one in found]


def _apart(values: Sequence[float], step: float, top: float) -> list[float]:
    """Heights near the values, at least `step` apart, none above `top`."""
    order = sorted(range(len(values)), key=lambda at: values[at])
    placed = list(values)
    for below, at in pairwise(order):
        placed[at] = max(placed[at], placed[below] + step)
    over = max(0.0, max(placed) - top)
    return [value - over for value in placed]


class HourMap(QWidget):
    """Answers by hour of the week: the fuller a square, the more often somebody answers.

    Arrow keys move the reading; the pointer reads as well. Hours with too few calls are hollow.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._cells: dict[tuple[int, int], HourCell] = {}
        self._read = (0, _HOURS[0])
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumHeight(176)
        self.setAccessibleName("Answers by hour of the week")

    def sizeHint(self) -> QSize:
        return QSize(380, 190)

    def show_cells(self, cells: Sequence[HourCell]) -> None:
        """Draw these."""
        self._cells = {(one.weekday, one.hour): one for one in cells}
        self.update()

    @property
    def best(self) -> HourCell | None:
        """The hour in which most people answer; None where no hour has calls enough."""
        told = [one for one in self._cells.values() if one.share is not None]
        return max(told, key=lambda one: one.share or 0.0, default=None)

    def words(self, day: int, hour: int) -> str:
        """What is known of an hour."""
        one = self._cells.get((day, hour))
        if one is None:
            return f"{DAYS[day]} {hour}:00: no calls"
        told = "too few to tell" if one.share is None else f"{one.share:.0%} answered"
        return f"{DAYS[day]} {hour}:00: {told}, {one.calls:,} calls"

    def _box(self, day: int, hour: int) -> QRectF:
        left, top = 36.0, 4.0
        width = (self.width() - left - 2) / len(_HOURS)
        height = (self.height() - top - 20) / 7
        return QRectF(left + (hour - _HOURS[0]) * width, top + day * height, width - 2, height - 2)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font("small"))
        shares = [one.share for one in self._cells.values() if one.share is not None]
        most = max(shares, default=0.0) or 1.0
        for day, name in enumerate(DAYS):
            painter.setPen(self._theme.colour("ink3"))
            line = self._box(day, _HOURS[0])
            head = QRectF(0, line.top(), 32, line.height())
            painter.drawText(head, int(Qt.AlignmentFlag.AlignVCenter), name)
            for hour in _HOURS:
                self._paint_cell(painter, day, hour, most)
        painter.setPen(self._theme.colour("ink3"))
        for hour in range(_HOURS[0], _HOURS[-1] + 1, 2):
            cell = self._box(6, hour)
            under = QRectF(cell.left() - 8, cell.bottom() + 3, cell.width() + 16, 16)
            painter.drawText(under, int(Qt.AlignmentFlag.AlignCenter), str(hour))

    def _paint_cell(self, painter: QPainter, day: int, hour: int, most: float) -> None:
        one = self._cells.get((day, hour))
        cell = self._box(day, hour)
        painter.setPen(Qt.PenStyle.NoPen)
        if one is None:
            painter.setBrush(self._theme.colour("soft"))
        elif one.share is None:
            painter.setPen(QPen(self._theme.colour("mark"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            cell = cell.adjusted(0.5, 0.5, -0.5, -0.5)
        else:
            painter.setBrush(self._shade(one.share / most))
        painter.drawRoundedRect(cell, 3, 3)
        if self.hasFocus() and (day, hour) == self._read:
            painter.setPen(QPen(self._theme.colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell, 3, 3)

    def _shade(self, share: float) -> QColor:
        return blend(
            self._theme.colour("soft"), self._theme.state_colour("talking"), 0.12 + 0.88 * share
        )

    def event(self, event: QEvent) -> bool:
        """The tooltip is that of the hour under the pointer."""
        if isinstance(event, QHelpEvent):
            for day in range(7):
                for hour in _HOURS:
                    if self._box(day, hour).contains(event.pos()):
                        QToolTip.showText(event.globalPos(), self.words(day, hour), self)
                        return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows read the hours one by one."""
        steps = {
            Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        day = min(6, max(0, self._read[0] + step[0]))
        hour = min(_HOURS[-1], max(_HOURS[0], self._read[1] + step[1]))
        self._read = (day, hour)
        words = self.words(day, hour)
        self.setAccessibleDescription(words)
        QToolTip.showText(self.mapToGlobal(self._box(day, hour).bottomRight().toPoint()), words)
        self.update()
