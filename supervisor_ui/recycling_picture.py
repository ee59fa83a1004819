"""A person's possible day: the calling hours, the tries in them, and where the law says wait."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desk.recycling_view import DayView
from app.look.labels import blend
from app.look.theme import MEDIUM, Theme

_HEIGHT_PX = 96
_BAND_TOP, _BAND_PX = 30, 34
_DOT_PX = 18
_DAY_MIN = 24 * 60
_AIR_MIN = 60  # shown before the first hour and after the last


class DayPicture(QWidget):
    """Hours from left to right; a numbered dot for each try, a bar where the law moved one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._view: DayView | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_day(self, view: DayView | None) -> None:
        """Draw this day, or none."""
        self._view = view
        self.setAccessibleName("" if view is None else ". ".join(self.lines(view)))
        self.setToolTip("" if view is None else "\n".join(self.lines(view)))
        self.update()

    @staticmethod
    def lines(view: DayView) -> list[str]:
        """The picture in words."""
        found = [f"Call {at + 1} at {_clock(one.minute)}" for at, one in enumerate(view.tries)]
        found += [f"Not at {_clock(one.minute)}: {one.why}" for one in view.moved]
        return [*found, view.then]

    def sizeHint(self) -> QSize:
        return QSize(400, _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        view = self._view
        if view is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        first, last = self._range(view)
        self._paint_hours(painter, view, first, last)
        shown = [one for one in view.moved if first <= one.minute <= last]
        for one in shown:
            self._paint_moved(painter, self._x(one.minute, first, last))
        if shown and view.tries and shown[-1].minute > view.tries[-1].minute:
            self._paint_why(painter, self._x(shown[-1].minute, first, last), shown[-1].why)
        before = -100.0
        for number, one in enumerate(view.tries, 1):
            x = self._x(one.minute, first, last)
            self._paint_try(painter, x, number, one.minute, has_time=x - before > 44)
            if x - before > 44:
                before = x

    @staticmethod
    def _range(view: DayView) -> tuple[int, int]:
        starts = [start for start, _ in view.spans]
        ends = [end for _, end in view.spans]
        return (
            max(0, min(starts, default=8 * 60) - _AIR_MIN),
            min(_DAY_MIN, max(ends, default=20 * 60) + _AIR_MIN),
        )

    def _x(self, minute: int, first: int, last: int) -> float:
        return 12 + (self.width() - 24) * (minute - first) / max(1, last - first)

    def _paint_hours(self, painter: QPainter, view: DayView, first: int, last: int) -> None:
        theme = self._theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("soft"))
        painter.drawRoundedRect(QRectF(0, _BAND_TOP, self.width(), _BAND_PX), 6, 6)
        painter.setBrush(blend(theme.colour("panel"), theme.colour("available"), 0.22))
        for start, end in view.spans:
            left, right = self._x(start, first, last), self._x(end, first, last)
            painter.drawRect(QRectF(left, _BAND_TOP, right - left, _BAND_PX))
        painter.setFont(theme.font("small"))
        step = 120 if last - first > 10 * 60 else 60
        for minute in range(-(-first // step) * step, last + 1, step):
            x = self._x(minute, first, last)
            if not 20 <= x <= self.width() - 20:
                continue
            painter.setPen(QPen(theme.colour("mark"), 1))
            bottom = _BAND_TOP + _BAND_PX
            painter.drawLine(QPointF(x, bottom), QPointF(x, bottom + 5))
            painter.setPen(theme.colour("ink3"))
            box = QRectF(x - 30, bottom + 6, 60, 18)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignHCenter), _clock(minute))

    def _paint_moved(self, painter: QPainter, x: float) -> None:
        """A try that the law does not allow: a cross in trouble's colour."""
        painter.setPen(QPen(self._theme.colour("trouble"), 2))
        middle = _BAND_TOP + _BAND_PX / 2
        for sign in (-1, 1):
            painter.drawLine(QPointF(x - 5, middle - 5 * sign), QPointF(x + 5, middle + 5 * sign))

    def _paint_why(self, painter: QPainter, x: float, why: str) -> None:
        """Why nobody is called there, where there is room for it."""
        painter.setFont(self._theme.font("small"))
        if x + 14 + painter.fontMetrics().horizontalAdvance(why) > self.width() - 8:
            return
        painter.setPen(self._theme.colour("ink"))
        box = QRectF(x + 12, _BAND_TOP, self.width() - x, _BAND_PX)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), why)

    def _paint_try(
        self, painter: QPainter, x: float, number: int, minute: int, *, has_time: bool
    ) -> None:
        theme = self._theme
        middle = _BAND_TOP + _BAND_PX / 2
        dot = QRectF(x - _DOT_PX / 2, middle - _DOT_PX / 2, _DOT_PX, _DOT_PX)
        painter.setPen(QPen(theme.colour("panel"), 1.5))
        painter.setBrush(theme.colour("accent"))
        painter.drawEllipse(dot)
        painter.setFont(theme.font("small", MEDIUM))
        painter.setPen(theme.colour("accent_ink"))
        painter.drawText(dot, int(Qt.AlignmentFlag.AlignCenter), str(number))
        if has_time:
            painter.setPen(theme.colour("ink"))
            box = QRectF(x - 30, 6, 60, 20)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), _clock(minute))


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
