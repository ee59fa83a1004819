"""Whom a mix would call next, and why each of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.desk.mix_view import NextView, PreviewView
from app.look.theme import MEDIUM, Theme, set_tone
from app.look.widgets import ElidedLabel, Label, SectionTitle, row
from supervisor_ui.mix_picture import SourceDot

_ROW_PX = 42
_NUMBER_PX = 34


class PersonCell(QWidget):
    """A name with the source it comes from, and why now below it."""

    def __init__(self, theme: Theme, one: NextView) -> None:
        super().__init__()
        self.name = ElidedLabel(theme, one.name or "No name", weight=MEDIUM)
        self.source = ElidedLabel(theme, one.source, role="small", tone="muted")
        self.why = ElidedLabel(theme, one.why, role="small", tone="muted")
        self.name.set_tooltip(one.town)
        grid = QGridLayout(self)
        grid.setContentsMargins(10, 3, 4, 4)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(0)
        grid.addWidget(self.name, 0, 0)
        grid.addWidget(SourceDot(theme, one.place, 8), 0, 1)
        grid.addWidget(self.source, 0, 2)
        grid.addWidget(self.why, 1, 0, 1, 3)
        grid.setColumnStretch(0, 1)


class NextPeople(QWidget):
    """The next people in their order; the colour is that of the source they come from."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.state = Label(theme, "", role="small", tone="muted")
        self.note = Label(theme, "", tone="muted", is_wrapped=True)
        self.table = QTableWidget(0, 2)
        table = self.table
        table.setFont(theme.font())
        table.setShowGrid(False)
        table.setWordWrap(True)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setTabKeyNavigation(False)
        table.setAccessibleName("The next people")
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW_PX)
        header = table.horizontalHeader()
        header.hide()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        table.setColumnWidth(0, _NUMBER_PX)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(
            row(SectionTitle(theme, "Next to be called"), self.state, spacing=8, stretch_at=1)
        )
        box.addWidget(self.table, 100)
        box.addWidget(self.note)
        box.addStretch(1)  # a note alone stands on top

    def show_looking(self) -> None:
        """What was found is of an earlier mix."""
        self.state.setText("looking …")

    def show_preview(self, view: PreviewView) -> None:
        """The next people by the mix as it is filled in."""
        self.state.setText("at this moment")
        self.note.setText(view.note)
        self.note.setVisible(bool(view.note))
        self.table.setVisible(bool(view.people))
        self.table.setRowCount(len(view.people))
        for line, one in enumerate(view.people):
            number = QTableWidgetItem(str(line + 1))
            number.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            number.setForeground(self._theme.colour("ink3"))
            self.table.setItem(line, 0, number)
            self.table.setCellWidget(line, 1, PersonCell(self._theme, one))

    def show_stopped(self, sentence: str) -> None:
        """Why there is nothing to look for yet."""
        self.state.setText("")
        self.table.setRowCount(0)
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))
        set_tone(self.note, "muted")
