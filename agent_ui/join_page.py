"""Joining a floor from an agent's PC: the code that the supervisor shows, and the floors here."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.desk.first_run_view import FoundFloorView
from app.look.theme import MEDIUM, STRONG, Theme
from app.look.widgets import ElidedLabel, Label, SectionTitle, row

_LOOKING = "Looking for floors on this network …"
_NONE = "No floor answers on this network. Join with the code all the same: it carries the address."


class JoinPage(QWidget):
    """Asks for the code and this seat's name; `asked(code, name)` when both are there."""

    asked = Signal(str, str)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.code, self.name = QLineEdit(), QLineEdit(name)
        self.code.setPlaceholderText("340A-04M0-7NCV-…")
        self.floors = Label(theme, _LOOKING, tone="muted", is_wrapped=True)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(Label(theme, "Join the floor", role="title", weight=STRONG))
        words = "On the supervisor's PC: Manage, Share this floor, Make a join code. Type it here."
        box.addWidget(Label(theme, words, tone="muted", is_wrapped=True))
        box.addSpacing(12)
        for label, field in (("Join code", self.code), ("This seat's name", self.name)):
            field.setFont(theme.font())
            field.setFixedWidth(400)
            field.setAccessibleName(label)
            box.addWidget(Label(theme, label, role="small", weight=MEDIUM, tone="muted"))
            box.addWidget(field)
            box.addSpacing(8)
        box.addWidget(SectionTitle(theme, "On this network"))
        box.addWidget(self.floors)
        box.addLayout(self._rows)
        box.addStretch(1)
        self.code.returnPressed.connect(self.ask)
        self.name.returnPressed.connect(self.ask)

    def take_focus(self) -> None:
        """The keyboard begins at the code."""
        self.code.setFocus()

    def ask(self) -> None:
        """Join with what stands here; nothing without a code."""
        self.asked.emit(self.code.text().strip(), self.name.text().strip())

    def show_floors(self, floors: Sequence[FoundFloorView]) -> None:
        """The floors that answered."""
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.floors.setText("" if floors else _NONE)
        self.floors.setVisible(not floors)
        for floor in floors:
            line = QWidget()
            name = ElidedLabel(self._theme, floor.name, weight=MEDIUM)
            box = row(name, Label(self._theme, floor.place, tone="muted"), spacing=12, stretch_at=2)
            line.setLayout(box)
            self._rows.addWidget(line)
