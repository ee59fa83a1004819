"""Who takes part in a call: a card for each, on which it cannot be mistaken who talks."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.desk.views import Arrangement, ControlView, ThirdStage
from app.look.theme import STRONG, Theme
from app.look.widgets import ElidedLabel, blend, row

_BAR = 4


@dataclass(frozen=True, slots=True)
class Party:
    """A card's words; `state` gives its colour and icon: talking, hold, ringing."""

    name: str
    words: str
    state: str


_ICONS = {"talking": "phone-call", "hold": "pause", "ringing": "bell-ringing"}
_COLOURS = {"talking": "talking", "hold": "paused", "ringing": "ringing"}


def parties_of(control: ControlView, name: str, third: str) -> tuple[Party, Party]:
    """The person who was called and the third party, as the line says who hears whom."""
    talks, holds = "talks with you", "on hold, hears music"
    if control.arrangement is Arrangement.CONFERENCE:
        return (
            Party(name, "talks with all", "talking"),
            Party(third, "talks with all", "talking"),
        )
    is_with_person = control.arrangement is Arrangement.TALK
    person = Party(
        name, talks if is_with_person else holds, "talking" if is_with_person else "hold"
    )
    if control.third is ThirdStage.DIALLING:
        return person, Party(third, "is being called", "ringing")
    if control.third is ThirdStage.RINGING:
        return person, Party(third, "it rings there", "ringing")
    if control.arrangement is Arrangement.CONSULT:
        return person, Party(third, talks, "talking")
    return person, Party(third, "on hold", "hold")


class PartyCard(QWidget):
    """A name, an icon and what that party hears; who talks has colour, who waits has none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.party = Party("", "", "hold")
        self._icon = QLabel()
        self._icon.setFixedSize(20, 20)
        self.name = ElidedLabel(theme, role="lead", weight=STRONG)
        self.words = ElidedLabel(theme)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addWidget(self.name)
        lines.addWidget(self.words)
        layout = row(self._icon, spacing=theme.space.m)
        layout.setContentsMargins(theme.space.l + _BAR, 10, theme.space.m, 10)
        layout.addLayout(lines, 1)
        self.setLayout(layout)
        self.setFixedHeight(68)

    def show_party(self, party: Party) -> None:
        """Draw that party as it is now."""
        if party == self.party:
            return
        self.party = party
        self.name.setText(party.name)
        self.words.setText(party.words)
        self.setAccessibleName(f"{party.name}: {party.words}")
        ink = "ink" if party.state == "talking" else "ink2"
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(self._theme.pixmap(_ICONS[party.state], 20, ink, ratio))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        colour = theme.state_colour(_COLOURS[self.party.state])
        is_talking = self.party.state == "talking"
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = theme.shape.control_radius
        painter.setBrush(
            blend(theme.colour("panel"), colour, 0.12) if is_talking else Qt.BrushStyle.NoBrush
        )
        painter.setPen(QPen(colour if is_talking else theme.colour("line"), 1))
        painter.drawRoundedRect(box, radius, radius)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(0, 0, _BAR + 2, self.height()), 2, 2)
