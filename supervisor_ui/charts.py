"""The three live plots of the floor: seats by state, the abandoned share, calls by stage."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.desk.views import CallStage, SeatState
from app.look.theme import STRONG, Theme
from app.look.widgets import blend
from supervisor_ui.plot import Band, Canvas, Span
from supervisor_ui.series import CALL_LINES, SEAT_BANDS, Frame, Part, Sample
from supervisor_ui.sheet import LABEL_PX, EndLabel, Level, Mark, PlotSheet, Reading

SEAT_WORDS = {
    SeatState.TALKING: "talking",
    SeatState.WRAP_UP: "wrap-up",
    SeatState.RINGING: "ringing",
    SeatState.PREVIEW: "preview",
    SeatState.AVAILABLE: "available",
    SeatState.PAUSED: "paused",
}
CALL_WORDS = {
    CallStage.TALKING: "talking",
    CallStage.RINGING: "ringing",
    CallStage.WAITING: "waiting",
    CallStage.MESSAGE: "message",
}


COLUMN_PX = 6
_FILL_SHARE = 0.88  # how much of a state's colour a strip shows over the panel


class TimePlot(QWidget):
    """A canvas with its sheet; a subclass says what is drawn and how it reads."""

    PART: ClassVar[Part]

    def __init__(self, theme: Theme, name: str, end_text: str) -> None:
        super().__init__()
        self._theme = theme
        self._margin_px = round(
            QFontMetricsF(theme.font("small", STRONG)).horizontalAdvance(end_text) + 28
        )
        self._canvas = Canvas(theme, end_margin_px=self._margin_px, parent=self)
        self.sheet = PlotSheet(self._canvas, theme, self)
        self.sheet.setAccessibleName(name)
        self._canvas.area_changed.connect(self.sheet.update)
        self.setMinimumSize(200, 110)

    @property
    def canvas(self) -> Canvas:
        return self._canvas

    def sizeHint(self) -> QSize:
        return QSize(400, 180)

    def resizeEvent(self, event: QResizeEvent) -> None:
        whole = QRect(0, 0, self.width(), self.height())
        self._canvas.setGeometry(whole)
        self.sheet.setGeometry(whole)
        super().resizeEvent(event)

    @property
    def columns(self) -> int:
        """How many samples are worth drawing: finer ones would only be restless."""
        return max(40, int(self._canvas.area.width()) // COLUMN_PX)

    @abstractmethod
    def draw(self, frame: Frame, span: Span, latest: Sample | None) -> None:
        """Draw a frame of the part `PART`; `latest` is the newest sample within the span."""

    @abstractmethod
    def readings(self, sample: Sample) -> list[Reading]:
        """What the pointer reads at one moment, the topmost first."""

    def show_marks(self, marks: Sequence[Mark]) -> None:
        self.sheet.show_marks(marks, has_texts=False)


class SeatsPlot(TimePlot):
    """How many seats are in which state, stacked; the labels stand at the strips' ends."""

    PART = Part.SEATS

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Seats by state over time", "20 available")
        panel = theme.colour("panel")
        self._bands = self._canvas.add_bands()
        self._colours = []
        for state, _ in SEAT_BANDS:
            colour = theme.state_colour(state.value)
            if state is SeatState.PREVIEW:  # shares ringing's colour: half as strong
                colour = blend(panel, colour, 0.45)
            if state is SeatState.PAUSED:
                colour = theme.colour("mark")
            self._colours.append(blend(panel, colour, _FILL_SHARE))

    def draw(self, frame: Frame, span: Span, latest: Sample | None) -> None:
        """Draw the strips. The scale is whole seats, with room above for marks."""
        most = Frame(frame.times, frame.values.sum(axis=0, keepdims=True)).peak
        seats = max(1.0, float(np.ceil(most - 1e-6)))
        height = max(self._canvas.area.height(), 3 * LABEL_PX)
        top = seats * height / (height - LABEL_PX - 4)
        self._canvas.show_range(span, top, is_whole=True, highest=seats)
        zero = np.zeros_like(frame.times)
        # An empty strip hides a pixel below its neighbour, or its colour would show as a seam.
        hidden = np.where(frame.values > 0, 0.0, top / height)
        uppers = np.cumsum(frame.values, axis=0) - hidden
        bands = [
            Band(zero, upper, colour) for upper, colour in zip(uppers, self._colours, strict=True)
        ]
        x = frame.times - self._canvas.origin_s
        self._bands.set_bands(x, bands, is_smooth=not frame.is_stairs)
        empty = "" if most else "No seats yet. The floor is drawn here from the first log-in."
        self.sheet.show_ends(self._end_labels(latest), (), empty)

    def _end_labels(self, latest: Sample | None) -> list[EndLabel]:
        labels: list[EndLabel] = []
        below = 0.0
        counts = () if latest is None else latest.of(self.PART)
        for (state, _), count, colour in zip(SEAT_BANDS, counts, self._colours, strict=False):
            if count:
                middle = below + float(count) / 2
                labels.append(EndLabel(middle, colour, f"{count:.0f}", SEAT_WORDS[state]))
            below += float(count)
        return labels

    def readings(self, sample: Sample) -> list[Reading]:
        rows = list(zip(SEAT_BANDS, sample.of(self.PART), self._colours, strict=True))
        return [
            Reading(colour, SEAT_WORDS[state], f"{count:.0f}")
            for (state, _), count, colour in reversed(rows)
            if count
        ]

    def show_marks(self, marks: Sequence[Mark]) -> None:
        self.sheet.show_marks(marks, has_texts=True)


class AbandonedPlot(TimePlot):
    """The abandoned share in per cent with its interval, under the dashed line of the law."""

    PART = Part.SHARES

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Abandoned share over time", "target 2.5 %")
        panel, blue = theme.colour("panel"), theme.state_colour("talking")
        self._colour = blue
        self._band_colour = blend(panel, blue, 0.2 if theme.is_dark else 0.15)
        self._band = self._canvas.add_bands(z=-5)
        self._line = self._canvas.add_line(blue)
        self._target, self._cap = 0.0, 3.0
        self._can_abandon = True

    def show_limits(self, target: float, cap: float, *, can_abandon: bool) -> None:
        """The share to aim for and the one that the law allows, 0 to 1.

        `can_abandon` says whether the campaign's mode can abandon anybody at all.
        """
        self._target, self._cap = target * 100, cap * 100
        self._can_abandon = can_abandon

    def draw(self, frame: Frame, span: Span, latest: Sample | None) -> None:
        """Draw share and interval; the scale shows the cap, and a share above it."""
        share, low, high = frame.values * 100
        peak = Frame(frame.times, share[np.newaxis]).peak
        has_data = bool(np.isfinite(share).any())
        wide = float(np.nanpercentile(high, 90)) if np.isfinite(high).any() else 0.0
        top = max(self._cap * 1.3, peak * 1.2, min(wide * 1.05, self._cap * 2.2))
        self._canvas.show_range(span, top, is_whole=False)
        x = frame.times - self._canvas.origin_s
        self._band.set_bands(x, [Band(low, np.minimum(high, top), self._band_colour)])
        self._canvas.draw_line(self._line, frame.times, share)
        now = float("nan") if latest is None else float(latest.of(self.PART)[0]) * 100
        ends = [EndLabel(now, self._colour, f"{now:.1f} %")] if np.isfinite(now) else []
        levels = [Level(self._cap, "cap", f"{self._cap:g} %", True)]
        if 0 < self._target < self._cap and self._can_abandon:
            levels.append(Level(self._target, "target", f"{self._target:g} %", False))
        none = "Nobody has answered yet." if self._can_abandon else "Nobody can be abandoned."
        self.sheet.show_ends(ends, levels, "" if has_data else none)

    def readings(self, sample: Sample) -> list[Reading]:
        share, low, high = (float(value) * 100 for value in sample.of(self.PART))
        if not np.isfinite(share):
            return []
        rows = [Reading(self._colour, "abandoned", f"{share:.2f} %")]
        if np.isfinite(low) and np.isfinite(high):
            rows.append(Reading(self._band_colour, "95 % interval", f"{low:.1f} to {high:.1f}"))
        return rows


class CallsPlot(TimePlot):
    """How many calls are in which stage, as lines."""

    PART = Part.CALLS

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Calls by stage over time", "20 message")
        self._colours = [theme.state_colour(stage.value) for stage, _ in CALL_LINES]
        self._colours[-1] = theme.colour("paused")  # waiting and message must not look alike
        self._lines = [self._canvas.add_line(colour) for colour in self._colours]

    def draw(self, frame: Frame, span: Span, latest: Sample | None) -> None:
        """Draw the lines, as far as anything was ever called."""
        most = frame.peak
        self._canvas.show_range(span, max(2.0, most * 1.12), is_whole=True)
        for line, row in zip(self._lines, frame.values, strict=True):
            self._canvas.draw_line(line, frame.times, row if most else row * np.nan)
        counts = () if latest is None or not most else latest.of(self.PART)
        labels = [
            EndLabel(float(count), colour, f"{count:.0f}", CALL_WORDS[stage])
            for (stage, _), count, colour in zip(CALL_LINES, counts, self._colours, strict=False)
        ]
        self.sheet.show_ends(labels, (), "" if most else "No calls yet.")

    def readings(self, sample: Sample) -> list[Reading]:
        return [
            Reading(colour, CALL_WORDS[stage], f"{count:.0f}")
            for (stage, _), count, colour in zip(
                CALL_LINES, sample.of(self.PART), self._colours, strict=True
            )
        ]
