"""The sheet above a plot: labels at the lines' ends, limits, marks, what the pointer reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from app.look.theme import MEDIUM, STRONG, Theme
from supervisor_ui.plot import Canvas, local_time

DRAG_PX = 6  # a shorter pull is a click
LABEL_PX = 16
_DOT_PX = 8


@dataclass(frozen=True, slots=True)
class EndLabel:
    """What a line or strip is, said at its right end: a dot, a figure, a word."""

    value: float
    colour: QColor
    figure: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """A limit drawn across: dashed if it is law, dotted if it is a wish."""

    value: float
    word: str
    figure: str
    is_law: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A change of a setting: a dotted line at its moment, with a label where there is room."""

    at_utc_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One row of what the pointer reads."""

    colour: QColor
    word: str
    figure: str


def spread(wanted: Sequence[float], step: float, low: float, high: float) -> list[float]:
    """Positions near the wanted ones (ascending), at least `step` apart, within low to high.

    Where they cannot all fit, they stand evenly over the whole height.
    """
    count = len(wanted)
    if count * step > high - low + step:
        step = (high - low) / max(count - 1, 1)
    placed = []
    floor = low
    for value in wanted:
        floor = max(value, floor)
        placed.append(floor)
        floor += step
    ceiling = high
    for index in range(count - 1, -1, -1):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - step
    return placed


class PlotSheet(QWidget):
    """Transparent, above a canvas. Reads by pointer or arrow keys; a drag asks for a zoom."""

    zoom_requested = Signal(float, float)
    reset_requested = Signal()
    hovered = Signal(object)  # float seconds, or None when the pointer has left

    def __init__(self, canvas: Canvas, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas, self._theme = canvas, theme
        self._labels: Sequence[EndLabel] = ()
        self._levels: Sequence[Level] = ()
        self._marks: Sequence[Mark] = ()
        self._has_mark_texts = False
        self._sentence = ""
        self._readings: Sequence[Reading] = ()
        self._reading_at: float | None = None
        self._has_box = False
        self._drag_from: float | None = None
        self._drag_to: float | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def sizeHint(self) -> QSize:
        return QSize(240, 120)

    @property
    def sentence(self) -> str:
        """What stands in the middle where there is nothing to draw."""
        return self._sentence

    @property
    def readings(self) -> Sequence[Reading]:
        return self._readings

    def show_ends(self, labels: Sequence[EndLabel], levels: Sequence[Level], sentence: str) -> None:
        """Draw these; `sentence` stands in the middle where there is nothing to draw."""
        self._labels, self._levels, self._sentence = labels, levels, sentence
        self.update()

    def show_marks(self, marks: Sequence[Mark], *, has_texts: bool) -> None:
        self._marks, self._has_mark_texts = marks, has_texts
        self.update()

    def show_reading(
        self, at_utc_s: float | None, readings: Sequence[Reading], *, has_box: bool
    ) -> None:
        """A line at the moment that is read; the box with figures where the pointer is."""
        self._reading_at, self._readings, self._has_box = at_utc_s, readings, has_box
        self.update()

    # --- painting ---------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self._canvas.area
        self._paint_levels(painter, area)
        self._paint_sentence(painter, area)
        self._paint_marks(painter, area)
        self._paint_labels(painter, area)
        self._paint_drag(painter, area)
        self._paint_reading(painter, area)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._theme.colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

    def _paint_sentence(self, painter: QPainter, area: QRectF) -> None:
        if not self._sentence:
            return
        painter.setFont(self._theme.font())
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        box = painter.boundingRect(area.adjusted(8, 8, -8, -8), flags, self._sentence)
        painter.fillRect(box.adjusted(-8, -2, 8, 2), self._theme.colour("panel"))
        painter.setPen(self._theme.colour("ink3"))
        painter.drawText(box, flags, self._sentence)

    def _paint_levels(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(self._theme.font("small"))
        for level in self._levels:
            y = round(self._canvas.y_of(level.value)) + 0.5
            if not area.top() <= y <= area.bottom():
                continue
            pen = QPen(self._theme.colour("trouble" if level.is_law else "ink3"), 1)
            pen.setDashPattern([4, 3] if level.is_law else [1, 3])
            painter.setPen(pen)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right() + 6, y))

    def _paint_marks(self, painter: QPainter, area: QRectF) -> None:
        span = self._canvas.span
        font = self._theme.font("small", MEDIUM)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        free_from = area.left()
        for mark in self._marks:
            if not span.from_s <= mark.at_utc_s <= span.to_s:
                continue
            x = round(self._canvas.x_of(mark.at_utc_s)) + 0.5
            pen = QPen(self._theme.colour("ink2"), 1)
            pen.setDashPattern([2, 3])
            painter.setPen(pen)
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            if not self._has_mark_texts:
                continue
            width = metrics.horizontalAdvance(mark.text)
            left = x + 5 if x + 5 + width <= area.right() else x - 5 - width
            if left < free_from:
                continue
            free_from = left + width + 12
            painter.setPen(self._theme.colour("ink"))
            box = QRectF(left, area.top(), width + 1, LABEL_PX)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, mark.text)

    def _paint_labels(self, painter: QPainter, area: QRectF) -> None:
        levels = [
            EndLabel(lv.value, self._level_ink(lv), lv.figure, lv.word) for lv in self._levels
        ]
        by_height = sorted((*self._labels, *levels), key=lambda label: -label.value)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wanted = [self._canvas.y_of(label.value) for label in by_height]
        middle = LABEL_PX / 2
        placed = spread(wanted, LABEL_PX, area.top() + middle, area.bottom() - middle)
        strong, plain = self._theme.font("small", STRONG), self._theme.font("small")
        for label, y in zip(by_height, placed, strict=True):
            left = area.right() + 10
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(label.colour)
            is_level = label in levels
            if not is_level:
                painter.drawEllipse(QRectF(left, y - _DOT_PX / 2, _DOT_PX, _DOT_PX))
            left += _DOT_PX + 6
            words = [(label.figure, strong, "ink"), (label.word, plain, "ink2")]
            for text, font, ink in reversed(words) if is_level else words:
                painter.setFont(font)
                painter.setPen(label.colour if is_level else self._theme.colour(ink))
                width = QFontMetricsF(font).horizontalAdvance(text)
                box = QRectF(left, y - middle, width + 1, LABEL_PX)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
                left += width + 4

    def _level_ink(self, level: Level) -> QColor:
        return self._theme.colour("trouble_ink" if level.is_law else "ink3")

    def _paint_drag(self, painter: QPainter, area: QRectF) -> None:
        if self._drag_from is None or self._drag_to is None:
            return
        tint = self._theme.colour("accent")
        tint.setAlpha(48)
        box = QRectF(self._drag_from, area.top(), self._drag_to - self._drag_from, area.height())
        painter.fillRect(box.normalized().intersected(area), tint)

    def _paint_reading(self, painter: QPainter, area: QRectF) -> None:
        at = self._reading_at
        if at is None or not self._canvas.span.from_s <= at <= self._canvas.span.to_s:
            return
        x = round(self._canvas.x_of(at)) + 0.5
        painter.setPen(QPen(self._theme.colour("ink2"), 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        if not self._has_box:
            return
        rows = [(r.word, r.figure, r.colour) for r in self._readings]
        strong, plain = self._theme.font("small", STRONG), self._theme.font("small")
        words = QFontMetricsF(plain)
        title = local_time(at, has_seconds=True)
        widest = max([words.horizontalAdvance(f"{w}   {f}") for w, f, _ in rows] or [0.0])
        width = max(widest + 14, QFontMetricsF(strong).horizontalAdvance(title)) + 24
        height = 12.0 + LABEL_PX * (len(rows) + 1)
        left = x + 10 if x + 10 + width <= self.width() else x - 10 - width
        top = min(max(area.top() + 4, 0.0), max(self.height() - height, 0.0))
        box = QRectF(max(left, 0.0), top, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("mark"), 1))
        painter.setBrush(self._theme.colour("panel"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        line = QRectF(box.left() + 12, box.top() + 6, width - 24, LABEL_PX)
        painter.setFont(strong)
        painter.setPen(self._theme.colour("ink"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, title)
        for word, figure, colour in rows:
            line.translate(0, LABEL_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QRectF(line.left(), line.center().y() - 4, _DOT_PX, _DOT_PX))
            painter.setFont(plain)
            painter.setPen(self._theme.colour("ink2"))
            painter.drawText(line.adjusted(14, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, word)
            painter.setPen(self._theme.colour("ink"))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(line, flags, figure)

    # --- pointer and keys -------------------------------------------------------------------

    def _is_in_area(self, position: QPointF) -> bool:
        area = self._canvas.area
        return area.left() - 2 <= position.x() <= area.right() + 2

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._is_in_area(event.position()):
            self._drag_from, self._drag_to = event.position().x(), None
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._drag_from is not None and abs(x - self._drag_from) >= DRAG_PX:
            self._drag_to = x
            self.update()
        is_inside = self._is_in_area(event.position())
        self.hovered.emit(self._canvas.moment_at(x) if is_inside else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        start, end = self._drag_from, self._drag_to
        self._drag_from = self._drag_to = None
        self.update()
        if start is not None and end is not None:
            moments = sorted((self._canvas.moment_at(start), self._canvas.moment_at(end)))
            self.zoom_requested.emit(*moments)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._drag_from = self._drag_to = None
        self.reset_requested.emit()
        event.accept()

    def enterEvent(self, _event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        self.hovered.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        span = self._canvas.span
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if key in steps:
            at = self._reading_at if self._reading_at is not None else span.to_s
            moved = at + steps[key] * max(1.0, span.length_s / 100)
            self.hovered.emit(min(max(moved, span.from_s), span.to_s))
        elif key is Qt.Key.Key_Escape:
            self.hovered.emit(None)
            self.reset_requested.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.hovered.emit(None)
        super().focusOutEvent(event)
