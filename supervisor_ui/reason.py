"""Why this pace: the decision that holds, since when, and a list of the earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from app.desk.views import DecisionView, SupervisorView
from app.look.theme import MEDIUM, Theme
from app.look.widgets import Label, Panel, SectionTitle
from supervisor_ui.parts import ClampedText, LinkButton
from supervisor_ui.plot import local_time

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_WORDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_MOST_HEIGHT_PX = 420


class RowsModel(QAbstractTableModel):
    """Rows of ready text under headings; `right` names the columns of figures."""

    def __init__(self, headings: Sequence[str], right: frozenset[int], parent: QObject) -> None:
        super().__init__(parent)
        self._headings, self._right = tuple(headings), right
        self._rows: list[tuple[str, ...]] = []

    def show_rows(self, rows: Sequence[tuple[str, ...]]) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._headings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _NUMBERS if index.column() in self._right else _WORDS
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if orientation is not Qt.Orientation.Horizontal or section >= len(self._headings):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _NUMBERS if section in self._right else _WORDS
        return None


class ListPopup(QFrame):
    """A floating list under the words that open it; Escape or a click elsewhere closes it."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        headings: Sequence[str],
        *,
        right: frozenset[int],
        stretched: int,
        empty: str,
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._theme = theme
        self.setAccessibleName(title)
        self.setObjectName("floating")
        self.setStyleSheet(
            f"#floating {{ background: {theme.colours['panel']};"
            f" border: 1px solid {theme.colours['mark']}; }}"
        )
        self._model = RowsModel(headings, right, self)
        self._empty = Label(theme, empty, tone="faint")
        self._table = QTableView()
        self._table.setModel(self._model)
        self._table.setWordWrap(True)
        self._table.setShowGrid(False)
        self._table.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self._table.verticalHeader().hide()
        header = self._table.horizontalHeader()
        header.setFont(theme.font("small", MEDIUM))
        header.setStyleSheet("QHeaderView::section { padding: 0 11px; }")
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        box = self._layout = QVBoxLayout(self)
        box.setContentsMargins(theme.space.l, theme.space.l, theme.space.s, theme.space.s)
        box.addWidget(SectionTitle(theme, title))
        box.addWidget(self._empty)
        box.addWidget(self._table)

    @property
    def row_count(self) -> int:
        return self._model.rowCount()

    def open_under(self, anchor: QWidget, rows: Sequence[tuple[str, ...]], width: int) -> None:
        """Show these rows below `anchor`, within the screen."""
        self._model.show_rows(rows)
        self._empty.setVisible(not rows)
        self._table.setVisible(bool(rows))
        self.resize(width, _MOST_HEIGHT_PX)
        self.show()  # lays out the columns, which say how many lines each row has
        self.resize(width, min(_MOST_HEIGHT_PX, self._height_for_rows()))
        corner = anchor.mapToGlobal(QPoint(0, anchor.height() + 2))
        available = anchor.screen().availableGeometry()
        corner.setX(min(corner.x(), available.right() - width - 8))
        corner.setY(min(corner.y(), available.bottom() - self.height() - 8))
        self.move(corner)

    def _height_for_rows(self) -> int:
        """Give each row its lines and some air; return how high the list would like to be."""
        heights = 0
        for row in range(self._model.rowCount()):
            self._table.resizeRowToContents(row)
            height = max(self._table.rowHeight(row) + 12, self._theme.shape.row_height)
            self._table.setRowHeight(row, height)
            heights += height
        around = self.height() - self._table.viewport().height()
        return heights + around + 4 if heights else 96


class ReasonPanel(Panel):
    """The pacer's decision that holds, since when, and how many records were held back today."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Why this pace")
        self._view: SupervisorView | None = None
        self._words = ClampedText(theme)
        self._moment = Label(theme, tone="faint")
        self._moment.setContentsMargins(0, 0, 5, 0)
        self._earlier = LinkButton(theme, "earlier decisions")
        self._held = LinkButton(theme, "")
        self._dots = [Label(theme, "·", tone="faint") for _ in range(2)]
        self._popups: dict[str, ListPopup] = {}
        self._earlier.clicked.connect(self.open_decisions)
        self._held.clicked.connect(self.open_refusals)
        space = theme.space
        self.body.setContentsMargins(space.l, space.l, space.l, space.xs)
        self.body.setSpacing(0)
        self.body.addWidget(SectionTitle(theme, "Why this pace"))
        self.body.addSpacing(6)
        self.body.addWidget(self._words, 1)
        foot = QHBoxLayout()
        foot.setSpacing(2)
        for widget in (self._moment, self._dots[0], self._earlier, self._dots[1], self._held):
            foot.addWidget(widget)
        foot.addStretch(1)
        self.body.addLayout(foot)
        self.show_waiting()

    @property
    def words(self) -> str:
        return self._words.text

    def show_waiting(self) -> None:
        self._view = None
        self._words.set_text("")
        for widget in (self._moment, *self._dots, self._earlier, self._held):
            widget.hide()

    def show_view(self, view: SupervisorView) -> None:
        """Draw the newest decision, or say why there is none."""
        self._view = view
        newest = view.decisions[0] if view.decisions else None
        if not view.is_dialler_alive:
            self._words.set_text("The dialler is not running, so nothing is decided.", "ink2")
        elif newest is not None:
            self._words.set_text(newest.reason)
        elif not view.seats:
            self._words.set_text("Nothing to decide until an agent logs in.", "ink2")
        else:
            self._words.set_text("No decision yet.", "ink2")
        is_told = newest is not None and view.is_dialler_alive
        self._moment.setText("" if newest is None else f"since {self._stamp(newest)}")
        self._moment.setVisible(is_told)
        has_earlier = len(view.decisions) > 1
        held = sum(count for _, count in view.refusals)
        self._held.set_text(f"{held} not called today")
        self._earlier.setVisible(has_earlier)
        self._dots[0].setVisible(has_earlier and is_told)
        self._held.setVisible(held > 0)
        self._dots[1].setVisible(held > 0 and (is_told or has_earlier))

    @staticmethod
    def _stamp(decision: DecisionView) -> str:
        return local_time(decision.at_utc_s, has_seconds=True)

    def open_decisions(self) -> ListPopup | None:
        """Open the list of decisions as they are now."""
        if self._view is None:
            return None
        rows = [
            (local_time(d.at_utc_s, has_seconds=True), str(d.launch), d.reason)
            for d in self._view.decisions
        ]
        return self._open("decisions", self._earlier, rows, self._make_decisions)

    def open_refusals(self) -> ListPopup | None:
        """Open the list of what was not called today, and why."""
        if self._view is None:
            return None
        rows = [
            (words, str(count)) for words, count in sorted(self._view.refusals, key=lambda r: -r[1])
        ]
        return self._open("refusals", self._held, rows, self._make_refusals)

    def _open(
        self,
        name: str,
        anchor: QWidget,
        rows: Sequence[tuple[str, ...]],
        make: Callable[[], ListPopup],
    ) -> ListPopup:
        if name not in self._popups:
            self._popups[name] = make()
        popup = self._popups[name]
        popup.open_under(anchor, rows, max(self.width() - self.theme.space.l, 420))
        return popup

    def _make_decisions(self) -> ListPopup:
        return ListPopup(
            self.theme,
            "Earlier decisions",
            ("Since", "Calls", "Why"),
            right=frozenset({1}),
            stretched=2,
            empty="No decision yet.",
            parent=self,
        )

    def _make_refusals(self) -> ListPopup:
        return ListPopup(
            self.theme,
            "Not called today",
            ("Why", "People"),
            right=frozenset({1}),
            stretched=0,
            empty="Nobody was held back today.",
            parent=self,
        )
