"""The four tiles: a figure, its target, its trend, and the formula as its tooltip."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.desk.views import TileView
from app.look.theme import STRONG, Theme, set_tone
from app.look.widgets import ElidedLabel, Label, Panel, Sparkline

_TREND_STATES = {"neutral": "talking"}
_ICONS = {"warning": ("warning-circle", "ringing"), "trouble": ("warning", "trouble")}
BLANK = "–"
NAMES = ("Abandoned", "Contacts an hour", "Occupancy", "Wait between calls")


class Tile(Panel):
    """One figure. Trouble has a coloured edge and an icon; colour does not speak alone."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name)
        self._name = ElidedLabel(theme, name, tone="muted")
        self._icon = QLabel()
        self._icon.setFixedSize(16, 16)
        self._value = Label(theme, BLANK, role="timer", weight=STRONG)  # a figure is never cut
        self._detail = ElidedLabel(theme, role="small", tone="faint")
        self._trend = Sparkline(theme)
        self._trend.setMinimumWidth(0)
        self._trend.setMaximumWidth(160)
        self._trend.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.body.setContentsMargins(theme.space.l, theme.space.m, theme.space.l, theme.space.m)
        self.body.setSpacing(2)
        top = QHBoxLayout()
        top.addWidget(self._name, 1)
        top.addWidget(self._icon)
        self.body.addLayout(top)
        middle = QHBoxLayout()
        middle.setSpacing(theme.space.m)
        middle.addWidget(self._value)
        middle.addStretch(1)
        middle.addWidget(self._trend, 3)
        self.body.addLayout(middle)
        self.body.addWidget(self._detail)

    @property
    def value(self) -> str:
        return self._value.text()

    def show_tile(self, tile: TileView) -> None:
        """Draw this figure."""
        self._name.setText(tile.name)
        self._value.setText(tile.value)
        set_tone(self._value, "off" if tile.value == BLANK else "ink")
        self._detail.setText(tile.detail)
        self._trend.set_values(tile.history, _TREND_STATES.get(tile.state, tile.state))
        icon, colour = _ICONS.get(tile.state, ("", ""))
        self._icon.setVisible(bool(icon))
        if icon:
            tint = self.theme.colour(colour)
            self._icon.setPixmap(self.theme.pixmap(icon, 16, tint, self.devicePixelRatioF()))
        self.fill_edge(1.0 if tile.state == "trouble" else None, "trouble")
        self.setToolTip(tile.tooltip)
        self._value.setToolTip(tile.tooltip)
        for label in (self._name, self._detail):
            label.set_tooltip(tile.tooltip)
        self.setAccessibleName(tile.name)
        self.setAccessibleDescription(f"{tile.value}, {tile.detail}. {tile.tooltip}")


class TileRow(QWidget):
    """The tiles side by side, each as wide as the others."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.tiles = [Tile(theme, name) for name in NAMES]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space.m)
        for tile in self.tiles:
            layout.addWidget(tile, 1)

    def show_tiles(self, tiles: tuple[TileView, ...]) -> None:
        """Draw the first four; where there are fewer, the rest stay blank."""
        blanks = [TileView(name, BLANK, "", "") for name in NAMES[len(tiles) :]]
        for widget, tile in zip(self.tiles, [*tiles[: len(NAMES)], *blanks], strict=True):
            widget.show_tile(tile)
