"""A gateway in the list of a trunk."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton

from app.desk.trunk_form import GatewayForm
from app.look.labels import blend
from app.look.theme import STRONG, Theme

_ROW_PX = 52


class GatewayRow(QAbstractButton):
    """A gateway in the list: its place, its name, and where it is."""

    def __init__(self, theme: Theme, index: int) -> None:
        super().__init__()
        self._theme = theme
        self.index = index
        self._where = ""
        self.setCheckable(True)
        self.setFixedHeight(_ROW_PX)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_gateway(self, gateway: GatewayForm, *, is_chosen: bool) -> None:
        """Draw this gateway; the chosen one has an edge."""
        self.setText(gateway.name or "New gateway")
        channels = f"{gateway.channels} call{'' if gateway.channels == 1 else 's'}"
        self._where = f"{gateway.host or 'no server yet'} · {channels}"
        self.setAccessibleName(f"{self.index + 1}. {self.text()}, {self._where}")
        self.setToolTip(f"{self.text()}\n{self._where}")
        self.setChecked(is_chosen)
        self.update()

    def nextCheckState(self) -> None:
        """The dialog says which one is chosen."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        panel, accent = theme.colour("panel"), theme.colour("accent")
        edge = accent if self.isChecked() else theme.colour("line")
        fill = blend(panel, accent, 0.1) if self.isChecked() else panel
        if self.underMouse() and not self.isChecked():
            fill, edge = theme.colour("soft"), theme.colour("mark")
        painter.setPen(QPen(theme.colour("focus") if self.hasFocus() else edge, 1))
        painter.setBrush(fill)
        box = self.rect().adjusted(0, 0, -1, -1)
        painter.drawRoundedRect(box, theme.shape.control_radius, theme.shape.control_radius)
        painter.setFont(theme.font("body", STRONG))
        painter.setPen(theme.colour("ink3"))
        painter.drawText(QRect(12, 8, 20, 18), int(Qt.AlignmentFlag.AlignLeft), str(self.index + 1))
        painter.setPen(theme.colour("ink"))
        self._line(painter, 8, self.text())
        painter.setFont(theme.font("small"))
        painter.setPen(theme.colour("ink2"))
        self._line(painter, 28, self._where)

    def _line(self, painter: QPainter, top: int, text: str) -> None:
        room = self.width() - 36 - 12
        shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(36, top, room, 18), int(Qt.AlignmentFlag.AlignLeft), shown)
