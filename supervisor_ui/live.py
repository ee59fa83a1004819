"""What keeps the plots alive: the series, the timer, the stretch of time that all three share."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.desk.views import FloorPoint
from app.look.widgets import Clock
from supervisor_ui.charts import AbandonedPlot, CallsPlot, SeatsPlot, TimePlot
from supervisor_ui.plot import Span
from supervisor_ui.series import FloorSeries
from supervisor_ui.sheet import Mark

DRAW_EVERY_MS = 250
SHORTEST_SPAN_S = 300.0
LONGEST_SPAN_S = 7500.0
SHORTEST_ZOOM_S = 20.0
SLOWEST_DRAW_S = 2.0
MOST_MARKS = 40


class LivePlots(QObject):
    """Draws three plots from one series, no more often than an eye or a pixel can tell.

    The timer runs only while `set_visible(True)` holds; samples are kept meanwhile.
    """

    span_changed = Signal(float, float, bool)  # from, to, whether a person has zoomed

    def __init__(
        self,
        clock: Clock,
        seats: SeatsPlot,
        abandoned: AbandonedPlot,
        calls: CallsPlot,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._series = FloorSeries()
        self._plots: tuple[TimePlot, ...] = (seats, abandoned, calls)
        self._marks: list[Mark] = []
        self._zoom: Span | None = None
        self._is_dirty = True
        self._drawn_at_s = 0.0
        self._hovered: TimePlot | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.setInterval(DRAW_EVERY_MS)
        self._timer.timeout.connect(self.draw_if_due)
        for plot in self._plots:
            plot.sheet.zoom_requested.connect(self.zoom)
            plot.sheet.reset_requested.connect(self.show_all)
            plot.sheet.hovered.connect(self._read)
            plot.canvas.area_changed.connect(self._set_dirty)

    @property
    def is_running(self) -> bool:
        return self._timer.isActive()

    @property
    def plots(self) -> tuple[TimePlot, ...]:
        """Seats, abandoned, calls."""
        return self._plots

    @property
    def series(self) -> FloorSeries:
        return self._series

    @property
    def marks(self) -> Sequence[Mark]:
        return tuple(self._marks)

    @property
    def is_zoomed(self) -> bool:
        return self._zoom is not None

    def add_points(self, points: Sequence[FloorPoint]) -> None:
        """Keep the samples; they are drawn when the next drawing is due."""
        if self._series.add(points):
            self._is_dirty = True

    def add_mark(self, text: str) -> None:
        """Mark a change of a setting at this moment."""
        self._marks = [*self._marks, Mark(self._clock(), text)][-MOST_MARKS:]
        for plot in self._plots:
            plot.show_marks(self._marks)

    def set_visible(self, is_visible: bool) -> None:
        """Draw while somebody can see it, and not otherwise."""
        if is_visible == self._timer.isActive():
            return
        if is_visible:
            self._is_dirty = True
            self._timer.start()
            self.draw_if_due()
        else:
            self._timer.stop()

    def zoom(self, from_s: float, to_s: float) -> None:
        """Show this stretch in all three plots until `show_all`."""
        middle, half = (from_s + to_s) / 2, max(to_s - from_s, SHORTEST_ZOOM_S) / 2
        self._zoom = Span(middle - half, middle + half)
        self.draw()

    def show_all(self) -> None:
        """Follow the present again."""
        self._zoom = None
        self.draw()

    def span(self) -> Span:
        """What is shown: the zoom, or from the first sample (at most two hours ago) to now."""
        if self._zoom is not None:
            return self._zoom
        last = self._series.last_utc_s
        to_s = self._clock() if last is None else max(self._clock(), last)
        first = self._series.first_utc_s
        length = SHORTEST_SPAN_S if first is None else to_s - first
        return Span(to_s - min(max(length, SHORTEST_SPAN_S), LONGEST_SPAN_S), to_s)

    def draw(self) -> None:
        """Draw all three now."""
        span = self.span()
        latest = self._series.latest(span.from_s, span.to_s)
        for plot in self._plots:
            frame = self._series.frame(plot.PART, span.from_s, span.to_s, plot.columns)
            plot.draw(frame, span, latest)
        self._is_dirty = False
        self._drawn_at_s = self._clock()
        self.span_changed.emit(span.from_s, span.to_s, self.is_zoomed)

    def _set_dirty(self) -> None:
        self._is_dirty = True
        self._drawn_at_s = 0.0

    def draw_if_due(self) -> None:
        """Draw if it would show: a change of less than a pixel waits, two seconds at most."""
        waited_s = abs(self._clock() - self._drawn_at_s)
        widest = max(plot.canvas.area.width() for plot in self._plots)
        pixel_s = self.span().length_s / max(widest, 1.0)
        is_over_due = waited_s >= max(pixel_s, SLOWEST_DRAW_S) and self._zoom is None
        is_worth_it = self._is_dirty and waited_s >= min(pixel_s, SLOWEST_DRAW_S)
        if is_over_due or is_worth_it:
            self.draw()

    def _read(self, at_utc_s: float | None) -> None:
        source = self.sender()
        for plot in self._plots:
            sample = None if at_utc_s is None else self._series.nearest(at_utc_s)
            if sample is None:
                plot.sheet.show_reading(None, (), has_box=False)
                continue
            readings = plot.readings(sample)
            plot.sheet.show_reading(sample.at_utc_s, readings, has_box=plot.sheet is source)
