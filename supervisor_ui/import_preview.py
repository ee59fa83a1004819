"""The first rows of a list under what each column holds, which a person can correct."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.desk.import_view import KINDS, PHONE, ImportLook
from app.look.theme import MEDIUM, REGULAR, Theme
from app.look.widgets import ChoiceBox

_KIND_PX = 44
_ROW_PX = 32
_NARROW_PX, _WIDE_PX = 164, 280
_CHOICE_PX = 240
_PAD_PX = 26
_WRONG = "This is no number that can be dialled; the row is not taken unless another column helps."


class ImportPreview(QWidget):
    """A table whose first row holds a drop-down list for each column; the others are the file's.

    `kind_chosen(column, kind)`: a person says what a column holds.
    """

    kind_chosen = Signal(str, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.choices: list[ChoiceBox] = []
        self.table = QTableWidget()
        self.table.setFont(theme.font())
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setIconSize(QSize(16, 16))
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setFont(theme.font("body", MEDIUM))
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.table)

    def show_look(self, look: ImportLook) -> None:
        """Draw what was found."""
        table = self.table
        table.clear()
        table.setColumnCount(len(look.header))
        table.setRowCount(len(look.rows) + 1)
        for place, name in enumerate(look.header):
            item = QTableWidgetItem(name)
            item.setToolTip(name)
            table.setHorizontalHeaderItem(place, item)
        self._show_kinds(look)
        for at, cells in enumerate(look.rows):
            for place, cell in enumerate(cells):
                is_wrong = (at, place) in look.wrong
                table.setItem(at + 1, place, self._item(cell, look.kinds[place], is_wrong=is_wrong))
        table.setRowHeight(0, _KIND_PX)
        for at in range(1, table.rowCount()):
            table.setRowHeight(at, _ROW_PX)
        self._fit(look)

    def _show_kinds(self, look: ImportLook) -> None:
        self.choices = []
        for place, (name, kind) in enumerate(zip(look.header, look.kinds, strict=True)):
            choice = ChoiceBox(self._theme)
            choice.setFont(self._theme.font("body", MEDIUM if kind == PHONE else REGULAR))
            choice.setMaximumWidth(_CHOICE_PX)
            choice.setAccessibleName(f"What the column {name} holds")
            for word, text in KINDS:
                choice.addItem(text, word)
            choice.setCurrentIndex(max(0, choice.findData(kind)))
            choice.activated.connect(partial(self._choose, name, choice))
            holder = QWidget()
            inside = QHBoxLayout(holder)
            inside.setContentsMargins(0, 4, 8, 4)
            inside.addWidget(choice, 1)
            inside.addStretch(0)
            self.table.setCellWidget(0, place, holder)
            self.choices.append(choice)

    def _choose(self, name: str, choice: ChoiceBox, _index: int) -> None:
        self.kind_chosen.emit(name, choice.currentData())

    def _item(self, cell: str, kind: str, *, is_wrong: bool) -> QTableWidgetItem:
        item = QTableWidgetItem(" ".join(cell.split()))
        item.setToolTip(cell)
        ink = "ink"
        if kind == "ignore":
            ink = "ink_off"
        elif is_wrong:
            ink = "trouble_ink"
            item.setIcon(self._theme.icon("warning-circle", "trouble_ink"))
            item.setToolTip(f"{cell or 'An empty cell'}: {_WRONG}" if cell else _WRONG)
            if not cell.strip():
                item.setText("empty")
        elif kind not in (PHONE, "name", "first_name", "last_name", "company"):
            ink = "ink2"
        item.setForeground(self._theme.colour(ink))
        return item

    def _fit(self, look: ImportLook) -> None:
        """As wide as the texts need, within bounds; what is left over goes to the last column."""
        metrics = self.table.fontMetrics()
        for place, name in enumerate(look.header):
            texts = [name, *(row[place] for row in look.rows if place < len(row))]
            widest = max(metrics.horizontalAdvance(" ".join(text.split())) for text in texts)
            width = min(_WIDE_PX, max(_NARROW_PX, widest + _PAD_PX))
            self.table.setColumnWidth(place, width)
        self.table.horizontalHeader().setStretchLastSection(True)
