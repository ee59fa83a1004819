"""The floor as a table: one row a seat, the worst first unless another order is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import (
    QAbstractTableModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QFont, QIcon

from app.desk.views import SeatRowView, SeatState
from app.look.theme import MEDIUM, STATE_ICONS, STATE_WORDS, Theme
from app.look.widgets import Clock, span_in_words

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
SORT_ROLE = int(Qt.ItemDataRole.UserRole)
STATE_ROLE = SORT_ROLE + 1

USUAL_S = {
    SeatState.PAUSED: 900.0,
    SeatState.AVAILABLE: 60.0,
    SeatState.PREVIEW: 30.0,
    SeatState.RINGING: 30.0,
    SeatState.CONNECTING: 5.0,
    SeatState.TALKING: 600.0,
    SeatState.WRAP_UP: 60.0,
}
"""How long a seat may be in a state before a supervisor would look at it."""


class Column(IntEnum):
    """Columns of the table. `DOT` sorts by how much a seat asks for attention."""

    DOT = 0
    AGENT = 1
    STATE = 2
    TIME = 3
    WITH = 4
    TODAY = 5


HEADINGS = ("", "Agent", "State", "Time", "With", "Today")
_TIPS = (
    "The worst first: trouble, then who is longest over the usual time of their state",
    "",
    "",
    "Time in this state",
    "With whom, or what came of the last call",
    "Contacts today",
)
_RELIEF_ICON = "lifebuoy"
_RIGHT = frozenset({Column.TIME, Column.TODAY})


def severity(row: SeatRowView, now_utc_s: float) -> float:
    """How much a seat asks for attention: 0 nothing, above 1 over its usual time, 1e6 trouble."""
    if row.is_trouble:
        return 1e6
    if is_waiting_relief(row):
        return 0.0  # it is there to wait
    usual_s = USUAL_S.get(row.state)
    if usual_s is None:
        return 0.0
    ratio = (now_utc_s - row.since_utc_s) / usual_s
    return ratio if ratio > 1.0 else 0.0


def is_waiting_relief(row: SeatRowView) -> bool:
    """Free, and to be called only when nobody else is."""
    return row.is_relief and row.state is SeatState.AVAILABLE and not row.is_trouble


def state_of(row: SeatRowView) -> str:
    """The name under which the theme knows the row's colour, word and icon."""
    return "trouble" if row.is_trouble else row.state.value


def state_words(row: SeatRowView) -> str:
    """The state in the row's words: a pause is named by its reason."""
    if is_waiting_relief(row):
        return "relief"
    is_named = row.reason and (row.is_trouble or row.state is SeatState.PAUSED)
    return row.reason if is_named else STATE_WORDS[state_of(row)].lower()


class FloorModel(QAbstractTableModel):
    """The rows as they came; times run with the clock, redrawn by `tick` once a second."""

    def __init__(self, theme: Theme, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self._theme, self._clock = theme, clock
        self._rows: list[SeatRowView] = []
        self._icons: dict[str, QIcon] = {}
        self._arrows: dict[int, str] = {}
        self._plain, self._strong = theme.font(), theme.font(weight=MEDIUM)

    @property
    def rows(self) -> Sequence[SeatRowView]:
        return tuple(self._rows)

    def show_rows(self, rows: Sequence[SeatRowView]) -> None:
        """Take the new rows in by their session: stay, change, come or go."""
        wanted = {row.session_id: row for row in rows}
        for position in range(len(self._rows) - 1, -1, -1):
            if self._rows[position].session_id not in wanted:
                self.beginRemoveRows(_ROOT, position, position)
                del self._rows[position]
                self.endRemoveRows()
        for position, old in enumerate(self._rows):
            new = wanted.pop(old.session_id)
            if new != old:
                self._rows[position] = new
                last = self.index(position, self.columnCount() - 1)
                self.dataChanged.emit(self.index(position, 0), last)
        if wanted:
            first = len(self._rows)
            self.beginInsertRows(_ROOT, first, first + len(wanted) - 1)
            self._rows.extend(wanted.values())
            self.endInsertRows()

    def show_order(self, column: int, order: Qt.SortOrder) -> None:
        """Set an arrow beside the heading that orders the rows; the first column has none."""
        arrow = "↑" if order is Qt.SortOrder.AscendingOrder else "↓"
        self._arrows = {} if column == Column.DOT else {column: arrow}
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)

    def tick(self) -> None:
        """A second has passed: times and the order of the worst may have changed."""
        if self._rows:
            last = len(self._rows) - 1
            for column in (Column.DOT, Column.TIME):
                self.dataChanged.emit(self.index(0, column), self.index(last, column))

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == SORT_ROLE:
            return self._sort_key(row, column)
        if role == STATE_ROLE:
            return state_of(row)
        return self._dress(row, column, role)

    def _text(self, row: SeatRowView, column: Column) -> str:
        if column is Column.TIME:
            return span_in_words(self._clock() - row.since_utc_s)
        return {
            Column.DOT: "",
            Column.AGENT: row.agent,
            Column.STATE: state_words(row),
            Column.WITH: row.with_whom,
            Column.TODAY: str(row.contacts_today),
        }[column]

    def _sort_key(self, row: SeatRowView, column: Column) -> float | str:
        if column is Column.DOT:
            return -severity(row, self._clock())
        if column is Column.TIME:
            return -row.since_utc_s
        if column is Column.TODAY:
            return float(row.contacts_today)
        return self._text(row, column).casefold()

    def _dress(self, row: SeatRowView, column: Column, role: int) -> object:
        is_over = column is Column.TIME and severity(row, self._clock()) > 0
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column in _RIGHT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole:
            is_quiet = column in (Column.STATE, Column.WITH, Column.TODAY) and not row.is_trouble
            return self._theme.colour("ink2" if is_quiet else "ink")
        if role == Qt.ItemDataRole.FontRole:
            return self._strong if is_over or column is Column.AGENT else self._plain
        if role == Qt.ItemDataRole.DecorationRole and column is Column.STATE:
            return self._icon("relief" if is_waiting_relief(row) else state_of(row))
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(row, column, is_over=is_over)
        if role == Qt.ItemDataRole.AccessibleTextRole and column is Column.DOT:
            return STATE_WORDS[state_of(row)]
        return None

    def _tooltip(self, row: SeatRowView, column: Column, *, is_over: bool) -> str | None:
        if is_over and not row.is_trouble:
            usual = span_in_words(USUAL_S[row.state])
            return f"Longer in this state than usual ({usual})"
        if row.is_relief and column in (Column.AGENT, Column.STATE):
            return f"{self._text(row, column)}\nRelief: takes calls only when nobody else is free"
        return self._text(row, column) or None

    def _icon(self, state: str) -> QIcon:
        if state not in self._icons:
            colour = "trouble_ink" if state == "trouble" else "ink2"
            icon = _RELIEF_ICON if state == "relief" else STATE_ICONS[state]
            self._icons[state] = self._theme.icon(icon, colour)
        return self._icons[state]

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(HEADINGS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{HEADINGS[section]} {self._arrows.get(section, '')}".rstrip()
        if role == Qt.ItemDataRole.ToolTipRole:
            return _TIPS[section] or None
        if role == Qt.ItemDataRole.FontRole:
            font: QFont = self._theme.font("small", MEDIUM)
            return font
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in _RIGHT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class FloorOrder(QSortFilterProxyModel):
    """The rows in the order that was asked for; equal ones by name, so that none jump."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setSortRole(SORT_ROLE)
        self.setDynamicSortFilter(True)

    def lessThan(self, left: Index, right: Index) -> bool:
        model = self.sourceModel()
        one, other = model.data(left, SORT_ROLE), model.data(right, SORT_ROLE)
        if one != other:
            if isinstance(one, str):
                return QLocale().toLower(one) < QLocale().toLower(str(other))
            return bool(one < other)
        names = [
            model.data(model.index(index.row(), Column.AGENT), SORT_ROLE) for index in (left, right)
        ]
        return bool(names[0] < names[1])
