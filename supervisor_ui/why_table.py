"""A plain table of words in the house's dress, for windows that only list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from app.look.theme import MEDIUM, Theme


class WordTable(QTableWidget):
    """Rows of words. `widths`: pixels of each column, 0 takes what is left; `right`: figures."""

    def __init__(
        self, theme: Theme, heads: Sequence[str], widths: Sequence[int], right: Sequence[int] = ()
    ) -> None:
        super().__init__(0, len(heads))
        self._theme = theme
        self._right = frozenset(right)
        self.setHorizontalHeaderLabels(list(heads))
        self.setFont(theme.font())
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        colour = theme.colours
        self.setStyleSheet(
            f"QTableView {{ border: 2px solid transparent; }}"
            f"QTableView:focus {{ border: 2px solid {colour['focus']}; border-radius: 6px; }}"
        )
        rows = self.verticalHeader()
        rows.hide()
        rows.setDefaultSectionSize(theme.shape.row_height)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setFont(theme.font("small", MEDIUM))
        for column, width in enumerate(widths):
            item = self.horizontalHeaderItem(column)
            if item is not None:
                item.setTextAlignment(self._side(column))
            if width:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
                header.resizeSection(column, width)
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def show_rows(
        self,
        rows: Sequence[Sequence[str]],
        ids: Sequence[int],
        tones: Sequence[str] = (),
        icons: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Show these; the row that was chosen stays chosen by its id.

        `tones`: the ink of each row; `icons`: name and colour before its first word.
        """
        chosen = self.chosen_id
        self.blockSignals(True)
        self.setRowCount(len(rows))
        at = -1
        for line, (cells, row_id) in enumerate(zip(rows, ids, strict=True)):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                item.setTextAlignment(self._side(column))
                ink = tones[line] if tones else "ink"
                item.setForeground(self._theme.colour(ink))
                if column == 0:
                    item.setData(Qt.ItemDataRole.UserRole, row_id)
                    if icons:
                        item.setIcon(self._theme.icon(*icons[line]))
                self.setItem(line, column, item)
            if row_id == chosen:
                at = line
        self.blockSignals(False)
        self.clearSelection()
        self.setCurrentCell(-1, -1)
        if at >= 0:
            self.selectRow(at)

    @property
    def chosen_id(self) -> int | None:
        """The id of the chosen row."""
        item = self.item(self.currentRow(), 0) if self.currentRow() >= 0 else None
        return None if item is None else int(item.data(Qt.ItemDataRole.UserRole))

    def choose(self, row_id: int) -> None:
        """Choose the row of this id, if it is there."""
        for line in range(self.rowCount()):
            item = self.item(line, 0)
            if item is not None and item.data(Qt.ItemDataRole.UserRole) == row_id:
                self.selectRow(line)
                return

    def _side(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column in self._right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter
