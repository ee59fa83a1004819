"""Labels and panels: cards with a hairline, headings, text that is never silently cut."""

from __future__ import annotations

from PySide6.QtCore import Property as QtProperty
from PySide6.QtCore import QEvent, QPropertyAnimation, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.look.theme import REGULAR, FontRole, Theme, set_tone


def blend(one: QColor, other: QColor, share: float) -> QColor:
    """The colour that lies `share` (0 to 1) of the way from one to the other."""
    mixed = [
        round(a + (b - a) * share)
        for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]
    ]
    return QColor(*mixed)


class Panel(QFrame):
    """A card: panel colour, hairline, radius 10, sixteen pixels inside.

    `glow(state)` lets its edge shine in a state's colour and fade: the movement of a pop.
    """

    def __init__(self, theme: Theme, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAccessibleName(name)
        self._share = 0.0
        self._colour = theme.colour("line")
        self._edge_share: float | None = None
        self._edge_colour = theme.colour("line")
        self._motion = QPropertyAnimation(self, b"shine", self)
        self.body = QVBoxLayout(self)
        inside = theme.space.l
        self.body.setContentsMargins(inside, inside, inside, inside)
        self.body.setSpacing(theme.space.s)

    def glow(self, state: str) -> None:
        """Shine in the state's colour and fade within `pop_ms`; nothing if motion is reduced."""
        self._motion.stop()
        if not self.theme.pop_ms or not self.isVisible():
            return
        self._colour = self.theme.state_colour(state)
        self._motion.setDuration(self.theme.pop_ms)
        self._motion.setStartValue(1.0)
        self._motion.setEndValue(0.0)
        self._motion.start()

    def fill_edge(self, share: float | None, state: str = "wrap_up") -> None:
        """Fill the top edge from the left up to `share` (0 to 1); None takes the bar away."""
        colour = self.theme.state_colour(state)
        if share == self._edge_share and colour == self._edge_colour:
            return
        self._edge_share, self._edge_colour = share, colour
        self.update(0, 0, self.width(), 2 * self.theme.shape.card_radius)

    @property
    def edge_share(self) -> float | None:
        """How far the edge is filled; None without a bar."""
        return self._edge_share

    def _shine(self) -> float:
        return self._share

    def _set_shine(self, share: float) -> None:
        self._share = share
        self.update()

    shine = QtProperty(float, _shine, _set_shine)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = self.theme.shape.card_radius
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(blend(self.theme.colour("line"), self._colour, self._share), 1))
        painter.setBrush(self.theme.colour("panel"))
        painter.drawRoundedRect(box, radius, radius)
        if self._edge_share is not None:
            self._paint_edge(painter, radius)

    def _paint_edge(self, painter: QPainter, radius: int) -> None:
        # Along the straight part of the edge, four pixels thick, on a quiet track.
        track = QRectF(radius, 0, self.width() - 2 * radius, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour("soft"))
        painter.drawRoundedRect(track, 2, 2)
        track.setWidth(track.width() * min(max(self._edge_share or 0.0, 0.0), 1.0))
        painter.setBrush(self._edge_colour)
        painter.drawRoundedRect(track, 2, 2)


class Label(QLabel):
    """Plain text in one size and tone; wraps where `is_wrapped`."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        *,
        role: FontRole = "body",
        weight: QFont.Weight = REGULAR,
        tone: str = "ink",
        is_wrapped: bool = False,
    ) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(role, weight))
        self.setWordWrap(is_wrapped)
        set_tone(self, tone)


class SectionTitle(QLabel):
    """The small heading of a panel."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.section_font())
        set_tone(self, "faint")


class ElidedLabel(Label):
    """One line that ends in "…" where it does not fit, with the whole text as its tooltip.

    `tooltip` (set_tooltip) is shown where nothing is cut.
    """

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        *,
        role: FontRole = "body",
        weight: QFont.Weight = REGULAR,
        tone: str = "ink",
    ) -> None:
        super().__init__(theme, "", role=role, weight=weight, tone=tone)
        self._full = ""
        self._tooltip = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    @property
    def full_text(self) -> str:
        """The whole text, also where less is drawn."""
        return self._full

    @property
    def is_elided(self) -> bool:
        return self.text() != self._full

    def setText(self, text: str) -> None:
        self._full = text
        self.setAccessibleName(text)
        self._fit()
        self.updateGeometry()

    def set_tooltip(self, tooltip: str) -> None:
        """What the tooltip says where the text is whole."""
        self._tooltip = tooltip
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(self._natural_width(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        # Room for a few letters: a layout may take the rest.
        narrow = self.fontMetrics().horizontalAdvance("MM…")
        return QSize(min(narrow, self._natural_width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_full"):
            self._fit()

    def _natural_width(self) -> int:
        return self.fontMetrics().horizontalAdvance(self._full) + 2

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        if self.width() >= metrics.horizontalAdvance(self._full):
            shown = self._full
        else:
            shown = metrics.elidedText(self._full, Qt.TextElideMode.ElideRight, self.width())
        self._show_fitted(shown)

    def _show_fitted(self, shown: str) -> None:
        if shown != self.text():
            super().setText(shown)
        self.setToolTip(self._full if shown != self._full else self._tooltip)


def text_area(parent: QWidget | None = None) -> QScrollArea:
    """A scroll area without a frame, for text that may be longer than its panel."""
    area = QScrollArea(parent)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def hairline(theme: Theme) -> QFrame:
    """A line of one pixel across a panel."""
    line = QFrame()
    line.setFixedHeight(1)
    line.setStyleSheet(f"background: {theme.colours['line']}; border: none;")
    return line


def row(*items: QWidget | int, spacing: int, stretch_at: int | None = None) -> QHBoxLayout:
    """Widgets side by side without margins; a number is a gap, `stretch_at` takes what is left."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for index, item in enumerate(items):
        if index == stretch_at:
            layout.addStretch(1)
        if isinstance(item, int):
            layout.addSpacing(item)
        else:
            layout.addWidget(item)
    if stretch_at is not None and stretch_at >= len(items):
        layout.addStretch(1)
    return layout
