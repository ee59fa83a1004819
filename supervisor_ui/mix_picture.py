"""The mix as a bar: each source's part of the calls, tier under tier."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desk.mix_view import ALL_LISTS_WORDS, TIERS, MixForm, shares
from app.look.labels import blend
from app.look.theme import MEDIUM, Theme

COLOURS = ("talking", "ringing", "available", "wrap_up", "trouble", "paused")
_BAR_PX, _GAP_PX, _LEFT_PX = 30, 8, 68


def colour_of(theme: Theme, place: int) -> QColor:
    """The colour of the source at that place of the form; neutral below 0."""
    return theme.colour("paused" if place < 0 else COLOURS[place % len(COLOURS)])


class MixBar(QWidget):
    """One bar for each tier that is switched on; its parts are as wide as their share of calls.

    A part carries its name where it fits, else its percentage; the tooltip has it all.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._form = MixForm()
        self.setFont(theme.font("body", MEDIUM))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_form(self, form: MixForm) -> None:
        """Draw this mix."""
        self._form = form
        words = "\n".join(f"{tier}: {part}" for tier, part in self.lines())
        self.setToolTip(words)
        self.setAccessibleName(words or ALL_LISTS_WORDS)
        self.updateGeometry()
        self.update()

    def tiers(self) -> list[tuple[int, list[tuple[int, float]]]]:
        """Each tier with the places of its sources and their shares."""
        found: dict[int, list[tuple[int, float]]] = {}
        for place, (source, share) in enumerate(
            zip(self._form.sources, shares(self._form), strict=True)
        ):
            if source.is_active:
                found.setdefault(source.tier, []).append((place, share))
        return sorted(found.items())

    def lines(self) -> list[tuple[str, str]]:
        """Each tier in words."""
        return [
            (
                TIERS[tier],
                ", ".join(f"{self._form.sources[at].name} {share:.0%}" for at, share in parts),
            )
            for tier, parts in self.tiers()
        ]

    def sizeHint(self) -> QSize:
        count = max(1, len(self.tiers()))
        return QSize(300, count * _BAR_PX + (count - 1) * _GAP_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tiers = self.tiers()
        if not tiers:
            box = QRectF(0, 0, self.width(), _BAR_PX)
            self._paint_part(painter, box, self._theme.colour("paused"), ALL_LISTS_WORDS)
            return
        left = _LEFT_PX if len(tiers) > 1 else 0
        for row, (tier, parts) in enumerate(tiers):
            top = row * (_BAR_PX + _GAP_PX)
            if left:
                painter.setFont(self._theme.font())
                painter.setPen(self._theme.colour("ink2"))
                box = QRectF(0, top, left, _BAR_PX)
                painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), TIERS[tier])
            self._paint_tier(painter, left, top, parts)

    def _paint_tier(
        self, painter: QPainter, left: int, top: int, parts: list[tuple[int, float]]
    ) -> None:
        room = self.width() - left
        at = float(left)
        for place, share in parts:
            width = room * share
            if width >= 1:
                box = QRectF(at, top, max(1.0, width - 2), _BAR_PX)
                name = f"{self._form.sources[place].name}  {share:.0%}"
                self._paint_part(painter, box, colour_of(self._theme, place), name, f"{share:.0%}")
            at += width

    def _paint_part(
        self, painter: QPainter, box: QRectF, colour: QColor, words: str, short: str = ""
    ) -> None:
        theme = self._theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(blend(theme.colour("panel"), colour, 0.28))
        painter.drawRoundedRect(box, 4, 4)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(box.left(), box.top(), min(4.0, box.width()), _BAR_PX), 2, 2)
        metrics = self.fontMetrics()
        inside = box.adjusted(12, 0, -6, 0)
        for text in (words, short):
            if text and metrics.horizontalAdvance(text) <= inside.width():
                painter.setFont(self.font())
                painter.setPen(theme.colour("ink"))
                painter.drawText(inside, int(Qt.AlignmentFlag.AlignVCenter), text)
                return


class SourceDot(QWidget):
    """The colour of a source, to stand beside its name."""

    def __init__(self, theme: Theme, place: int, size_px: int = 10) -> None:
        super().__init__()
        self._theme, self._place = theme, place
        self.setFixedSize(size_px, size_px)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour_of(self._theme, self._place))
        painter.drawRoundedRect(QRectF(self.rect()), 3, 3)
