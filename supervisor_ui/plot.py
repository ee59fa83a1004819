"""One plot over time: pyqtgraph draws the data, a thin sheet above it the labels and readings.

pyqtgraph has no types; its `Any` stops in this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QStyleOptionGraphicsItem, QVBoxLayout, QWidget

from app.look.theme import Theme
from supervisor_ui.series import Floats, sections

_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_LABEL_EVERY_PX = 84


def local_time(at_utc_s: float, *, has_seconds: bool = False) -> str:
    """A moment as the wall clock of this computer shows it: 14:05, or 14:05:12."""
    moment = datetime.fromtimestamp(at_utc_s, UTC).astimezone()
    return moment.strftime("%H:%M:%S" if has_seconds else "%H:%M")


def time_ticks(from_s: float, to_s: float, width_px: float) -> tuple[float, list[float]]:
    """The step in seconds and the moments to label, on whole steps of local time."""
    wanted = (to_s - from_s) * _LABEL_EVERY_PX / max(width_px, 1.0)
    step = next((s for s in _STEPS_S if s >= wanted), _STEPS_S[-1])
    offset = datetime.fromtimestamp(from_s, UTC).astimezone().utcoffset()
    shift = offset.total_seconds() if offset is not None else 0.0
    first = np.ceil((from_s + shift) / step) * step - shift
    return float(step), [float(v) for v in np.arange(first, to_s + 1e-6, step)]


def value_ticks(top: float, height_px: float, *, is_whole: bool) -> list[float]:
    """Round values from 0 to `top`, at least 36 pixels apart, six steps at most."""
    most = min(6, max(1, int(height_px // 36)))
    halves = () if is_whole else (0.5,)
    for step in (*halves, 1, 2, 5, 10, 20, 25, 50, 100, 200, 500):
        if top / step <= most or step == 500:
            return [float(v) for v in np.arange(0, top + step * 1e-6, step)]
    return [0.0]


class _TimeAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """Local time under the plot. `origin_s` is the moment at which x is 0."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.origin_s = 0.0

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        step, moments = time_ticks(low + self.origin_s, high + self.origin_s, size)
        return [(step, [moment - self.origin_s for moment in moments])]

    def tickStrings(self, values: Sequence[float], _scale: float, spacing: float) -> list[str]:
        has_seconds = spacing < 60
        return [local_time(v + self.origin_s, has_seconds=has_seconds) for v in values]


class _ValueAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """Round figures left of the plot."""

    def __init__(self) -> None:
        super().__init__("left")
        self.ticks: list[float] = []

    def tickValues(
        self, _low: float, _high: float, _size: float
    ) -> list[tuple[float, list[float]]]:
        return [(1.0, self.ticks)]

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        return [f"{v:g}" for v in values]


class _Hairlines(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph is untyped
    """A line across the plot at each round value, below the data."""

    def __init__(self, colour: QColor) -> None:
        super().__init__()
        self._pen = QPen(colour, 0)
        self._across = QRectF()
        self._values: list[float] = []

    def set_lines(self, across: QRectF, values: list[float]) -> None:
        if (across, values) == (self._across, self._values):
            return
        self.prepareGeometryChange()
        self._across, self._values = across, values
        self.update()

    def boundingRect(self) -> QRectF:
        return self._across

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        painter.setPen(self._pen)
        for value in self._values:
            left, right = self._across.left(), self._across.right()
            painter.drawLine(QPointF(left, value), QPointF(right, value))


@dataclass(frozen=True, slots=True)
class Band:
    """A filled strip between two rows of values."""

    lower: Floats
    upper: Floats
    colour: QColor


class BandsItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph is untyped
    """Filled strips in one item: cheaper than a FillBetweenItem for each, and without seams."""

    def __init__(self) -> None:
        super().__init__()
        self._polygons: list[tuple[QPolygonF, QBrush]] = []
        self._is_smooth = True
        self._bounds = QRectF()

    @property
    def polygon_count(self) -> int:
        return len(self._polygons)

    def set_bands(self, x: Floats, bands: Sequence[Band], *, is_smooth: bool = True) -> None:
        """Draw these, the first ones on top of the later ones; NaN in any of them is a gap."""
        self._is_smooth = is_smooth
        self._polygons = []
        self.prepareGeometryChange()
        self._bounds = QRectF()
        if bands and len(x):
            whole = np.vstack([*(b.lower for b in bands), *(b.upper for b in bands)])
            for piece in sections(x, whole):
                self._add_piece(x[piece], [(b, piece) for b in reversed(bands)])
            top = float(np.nanmax(whole)) if np.isfinite(whole).any() else 0.0
            low = float(np.nanmin(whole)) if np.isfinite(whole).any() else 0.0
            self._bounds = QRectF(float(x[0]), low, float(x[-1] - x[0]), top - low)
        self.update()

    def _add_piece(self, x: Floats, bands: Sequence[tuple[Band, slice]]) -> None:
        around = np.concatenate((x, x[::-1]))
        for band, piece in bands:
            upper, lower = band.upper[piece], band.lower[piece]
            if not (upper > lower).any():
                continue
            polygon = pg.functions.arrayToQPolygonF(around, np.concatenate((upper, lower[::-1])))
            self._polygons.append((polygon, QBrush(band.colour)))

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._is_smooth)
        painter.setPen(Qt.PenStyle.NoPen)
        for polygon, brush in self._polygons:
            painter.setBrush(brush)
            painter.drawPolygon(polygon)


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch of time that is drawn, in UTC seconds."""

    from_s: float
    to_s: float

    @property
    def length_s(self) -> float:
        return self.to_s - self.from_s


class Canvas(QFrame):
    """A pyqtgraph view box with a time axis and a value axis, without menus and mouse handling.

    Leaner than a PlotWidget, which builds a menu of forms for every plot.
    """

    area_changed = Signal()

    def __init__(
        self,
        theme: Theme,
        *,
        end_margin_px: int = 8,
        value_axis_px: int = 24,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: Any = pg.GraphicsView(background=None, useOpenGL=False)
        self._view.setFrameShape(QFrame.Shape.NoFrame)
        self._view.setStyleSheet("background: transparent")
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.viewport().setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._view.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._layout: Any = pg.GraphicsLayout()
        self._layout.setContentsMargins(0, 6, end_margin_px, 0)
        self._layout.setSpacing(0)
        self._view.setCentralItem(self._layout)
        self._box: Any = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        self._time_axis, self._value_axis = _TimeAxis(), _ValueAxis()
        self._layout.addItem(self._value_axis, 0, 0)
        self._layout.addItem(self._box, 0, 1)
        self._layout.addItem(self._time_axis, 1, 1)
        self._box.sigResized.connect(self._tell_area)
        self._dress_axes(value_axis_px)
        self._span = Span(0.0, 1.0)
        self._top = 1.0
        self._lines: list[Any] = []
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._view)

    def _dress_axes(self, value_axis_px: int) -> None:
        font = self._theme.font("small")
        ink = self._theme.colour("ink3")
        for axis in (self._time_axis, self._value_axis):
            axis.linkToView(self._box)
            axis.setStyle(
                tickLength=0,
                tickAlpha=0,
                tickFont=font,
                autoExpandTextSpace=False,
                hideOverlappingLabels=False,
            )
            axis.setPen(pg.mkPen(None))
            axis.setTextPen(ink)
            axis.enableAutoSIPrefix(False)
        self._hairlines = _Hairlines(self._theme.colour("line"))
        self._hairlines.setZValue(-20)
        self._box.addItem(self._hairlines, ignoreBounds=True)
        self._value_axis.setWidth(value_axis_px)
        self._value_axis.setStyle(tickTextOffset=8)
        self._time_axis.setHeight(22)
        self._time_axis.setStyle(tickTextOffset=6)

    def _tell_area(self, _box: object) -> None:
        self.area_changed.emit()

    @property
    def span(self) -> Span:
        return self._span

    @property
    def origin_s(self) -> float:
        """The moment at which x is 0: near the data, so that pixels keep their precision."""
        return float(self._time_axis.origin_s)

    @property
    def area(self) -> QRectF:
        """Where data is drawn, in this widget's pixels."""
        rect: QRectF = self._box.sceneBoundingRect()
        return rect

    def add_bands(self, *, z: float = 0) -> BandsItem:
        item = BandsItem()
        item.setZValue(z)
        self._box.addItem(item, ignoreBounds=True)
        return item

    def add_line(self, colour: QColor, *, is_dashed: bool = False) -> Any:
        """A one-pixel curve that breaks at NaN; draw it with `draw_line`."""
        pen = QPen(colour, 1.0)
        pen.setCosmetic(True)
        if is_dashed:
            pen.setDashPattern([4, 3])
        curve = pg.PlotCurveItem(pen=pen, antialias=not is_dashed, connect="finite")
        self._box.addItem(curve, ignoreBounds=True)
        self._lines.append(curve)
        return curve

    def draw_line(self, curve: Any, times: Floats, values: Floats) -> None:
        if np.isfinite(values).any():
            curve.setData(times - self.origin_s, values)
        else:
            curve.clear()

    def show_range(self, span: Span, top: float, *, is_whole: bool, highest: float = 1e9) -> None:
        """Show this stretch of time and values from 0 to `top`, with round ones up to `highest`."""
        if abs(span.from_s - self.origin_s) > 7 * 86_400 or not self.origin_s:
            self._time_axis.origin_s = float(np.floor(span.from_s))
        self._span, self._top = span, max(top, 1e-9)
        ticks = value_ticks(min(top, highest), self.area.height(), is_whole=is_whole)
        if ticks != self._value_axis.ticks:
            self._value_axis.ticks = ticks
            self._value_axis.picture = None
            self._value_axis.update()
        origin_s = self.origin_s
        across = QRectF(span.from_s - origin_s, 0.0, span.length_s, self._top)
        self._hairlines.set_lines(across, ticks)
        self._box.setRange(
            xRange=(span.from_s - origin_s, span.to_s - origin_s),
            yRange=(0.0, self._top),
            padding=0,
            disableAutoRange=True,
        )

    def x_of(self, moment_s: float) -> float:
        area = self.area
        return area.left() + (moment_s - self._span.from_s) / self._span.length_s * area.width()

    def y_of(self, value: float) -> float:
        area = self.area
        return area.bottom() - value / self._top * area.height()

    def moment_at(self, x: float) -> float:
        area = self.area
        share = (x - area.left()) / max(area.width(), 1.0)
        return self._span.from_s + min(max(share, 0.0), 1.0) * self._span.length_s

    def point_of(self, moment_s: float, value: float) -> QPointF:
        return QPointF(self.x_of(moment_s), self.y_of(value))
