"""Who hears whom in a call that a supervisor listens to, as a drawing and in one sentence."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desk.views import Listening
from app.look.theme import MEDIUM, Theme

PERSON, AGENT, YOU = "person", "agent", "you"
Pair = tuple[str, str]  # who is heard, who hears
_TALK: Final = frozenset({(PERSON, AGENT), (AGENT, PERSON)})
_NODE_W, _NODE_H = 148, 40
_HEAD = 7.0
_ROOM = 8.0
_APART = 7.0  # half of the room between two arrows of a pair

SENTENCES: Final[dict[Listening | None, str]] = {
    None: "You are not in this call.",
    Listening.LISTEN: "You hear both. Nobody hears you.",
    Listening.WHISPER: "You hear both. Only {agent} hears you.",
    Listening.BARGE: "All three hear each other.",
    Listening.TAKE_OVER: "You and {person} hear each other. {agent} has left.",
}


def who_hears(how: Listening | None) -> frozenset[Pair]:
    """All pairs (who is heard, who hears) while a supervisor takes part like this."""
    if how is None or how is Listening.LEAVE:
        return _TALK
    if how is Listening.TAKE_OVER:
        return frozenset({(PERSON, YOU), (YOU, PERSON)})
    pairs = _TALK | {(PERSON, YOU), (AGENT, YOU)}
    if how is Listening.WHISPER:
        return pairs | {(YOU, AGENT)}
    if how is Listening.BARGE:
        return pairs | {(YOU, AGENT), (YOU, PERSON)}
    return pairs


def sentence(how: Listening | None, agent: str, person: str) -> str:
    """The same in words."""
    words = SENTENCES[None if how is Listening.LEAVE else how]
    return words.format(agent=agent or "the agent", person=person or "the person")


class HearingPicture(QWidget):
    """Three names; an arrow goes from who speaks to who hears it. What is not so is faint."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._names = {PERSON: "", AGENT: "", YOU: "You"}
        self._how: Listening | None = None
        self._is_on_the_way = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(188)

    @property
    def pairs(self) -> frozenset[Pair]:
        """What is drawn: who is heard, who hears."""
        return who_hears(self._how)

    def sizeHint(self) -> QSize:
        return QSize(440, 188)

    def show_call(
        self, agent: str, person: str, how: Listening | None, *, is_on_the_way: bool
    ) -> None:
        """Draw this; `is_on_the_way`: a change was asked for and is not there yet."""
        names = {PERSON: person or "Person", AGENT: agent or "Agent", YOU: "You"}
        if (names, how, is_on_the_way) == (self._names, self._how, self._is_on_the_way):
            return
        self._names, self._how, self._is_on_the_way = names, how, is_on_the_way
        self.setAccessibleName("Who hears whom")
        self.setAccessibleDescription(sentence(how, names[AGENT], names[PERSON]))
        self.update()

    def _centres(self) -> dict[str, QPointF]:
        half, low = _NODE_W / 2 + 1, self.height() - _NODE_H / 2 - 1
        return {
            PERSON: QPointF(half, low),
            AGENT: QPointF(self.width() - half, low),
            YOU: QPointF(self.width() / 2, _NODE_H / 2 + 1),
        }

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centres = self._centres()
        for one, other in ((PERSON, AGENT), (YOU, AGENT), (YOU, PERSON)):
            for pair in ((one, other), (other, one)):
                self._arrow(painter, centres[pair[0]], centres[pair[1]], pair in self.pairs)
        is_in = self._how is not None and self._how is not Listening.LEAVE
        for name, centre in centres.items():
            is_there = is_in if name == YOU else True
            if name == AGENT and self._how is Listening.TAKE_OVER:
                is_there = False
            self._node(painter, name, centre, is_there=is_there)

    def _arrow(self, painter: QPainter, start: QPointF, end: QPointF, is_heard: bool) -> None:
        """From `start` to `end`, a little to the left as one goes, clear of both names."""
        length = math.hypot(end.x() - start.x(), end.y() - start.y())
        along = (end - start) / length
        aside = QPointF(along.y(), -along.x()) * _APART
        begin = start + aside + along * _clear(aside, along)
        tip = end + aside - along * _clear(aside, along * -1.0)
        ink = self._theme.colour("accent" if is_heard else "mark")
        pen = QPen(ink, 2.0 if is_heard else 1.0)
        if not is_heard:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(begin, tip - along * (_HEAD if is_heard else 0))
        if is_heard:
            side = QPointF(-along.y(), along.x()) * (_HEAD * 0.6)
            back = tip - along * _HEAD * 1.4
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawPolygon(QPolygonF([tip, back + side, back - side]))

    def _node(self, painter: QPainter, name: str, centre: QPointF, *, is_there: bool) -> None:
        theme = self._theme
        box = QRectF(0, 0, _NODE_W, _NODE_H)
        box.moveCenter(centre)
        edge = theme.colour("accent" if name == YOU and is_there else "mark")
        pen = QPen(edge, 1.0)
        if not is_there:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(theme.colour("panel"))
        painter.drawRoundedRect(box, 10, 10)
        painter.setFont(theme.font(weight=MEDIUM))
        painter.setPen(theme.colour("ink" if is_there else "ink3"))
        room = round(_NODE_W - 20)
        words = painter.fontMetrics().elidedText(
            self._names[name], Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)


def _clear(aside: QPointF, along: QPointF) -> float:
    """How far an arrow that passes `aside` of a name's middle goes until it is clear of it."""
    ways = []
    for off, step, half in (
        (aside.x(), along.x(), _NODE_W / 2),
        (aside.y(), along.y(), _NODE_H / 2),
    ):
        if abs(step) > 1e-6:
            ways.append((half + _ROOM - math.copysign(off, off * step)) / abs(step))
    return min(ways)
