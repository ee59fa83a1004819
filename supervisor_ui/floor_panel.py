"""The panel with the floor's table, its order and its empty states."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.desk.views import SeatState, SupervisorView
from app.look.theme import MEDIUM, Theme
from app.look.widgets import Clock, Label, Panel, SectionTitle, paint_dot
from supervisor_ui.floor import STATE_ROLE, Column, FloorModel, FloorOrder
from supervisor_ui.parts import LINK_HEIGHT_PX, LinkButton

_AT_WORK = frozenset(SeatState) - {SeatState.PAUSED, SeatState.LOGGED_OUT}
_WIDTHS = {Column.DOT: 26, Column.STATE: 114, Column.TIME: 76, Column.TODAY: 66}
_SCROLL_BAR_PX = 12
_LEAST_AGENT_PX, _LEAST_WITH_PX = 124, 64
_AGENT_SHARE = 0.53  # of the room that agent and person share


class DotDelegate(QStyledItemDelegate):
    """Paints a state's dot in the first column."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        rect = option.rect
        state = index.data(STATE_ROLE)
        if state:
            box = QRectF(rect.left() + 8, rect.center().y() - 5, 10, 10)
            paint_dot(painter, self._theme, str(state), box)


class FloorPanel(Panel):
    """The seats. `tick()` once a second lets their times run.

    `seat_opened(session_id)`: a row was double-clicked, or Enter was pressed on it.
    """

    seat_opened = Signal(int)

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__(theme, "Floor")
        self._model = FloorModel(theme, clock, self)
        self._order = FloorOrder(self)
        self._order.setSourceModel(self._model)
        self._counts = Label(theme, tone="faint")
        self._counts.setFixedHeight(LINK_HEIGHT_PX)
        self._worst = LinkButton(theme, "worst first")
        self._worst.setCheckable(True)
        self._worst.setToolTip(
            "Trouble first, then who is longest over the usual time of their state"
        )
        self._worst.clicked.connect(self.sort_worst_first)
        self._title = Label(theme, role="lead", weight=MEDIUM)
        self._hint = Label(theme, tone="muted", is_wrapped=True)
        self._table = self._make_table()
        self._stack = QStackedLayout()
        self._lay_out()
        self.sort_worst_first()
        self.show_waiting()

    def _make_table(self) -> QTableView:
        table = QTableView(self)
        table.setAccessibleName("Floor")
        table.setModel(self._order)
        table.setItemDelegateForColumn(Column.DOT, DotDelegate(self.theme, table))
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTextElideMode(Qt.TextElideMode.ElideRight)
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        table.setTabKeyNavigation(False)
        rows = table.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.theme.shape.row_height)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.WITH, QHeaderView.ResizeMode.Stretch)
        header.setStyleSheet("QHeaderView::section { padding: 0 11px; }")
        for column, width in _WIDTHS.items():
            table.setColumnWidth(column, width)
        table.setSortingEnabled(True)
        header.sortIndicatorChanged.connect(self._sorted)
        table.activated.connect(self._open)
        return table

    def _open(self, index: QModelIndex) -> None:
        row = self._order.mapToSource(index).row()
        if 0 <= row < len(self._model.rows):
            self.seat_opened.emit(self._model.rows[row].session_id)

    def _lay_out(self) -> None:
        space = self.theme.space
        self.body.setContentsMargins(space.s, space.s, space.s, space.s)
        self.body.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(space.s, 0, space.s, 0)
        head.addWidget(SectionTitle(self.theme, "Floor"))
        head.addSpacing(space.s)
        head.addWidget(self._worst)
        head.addStretch(1)
        head.addWidget(self._counts)
        self.body.addLayout(head)
        blank = QWidget()
        box = QVBoxLayout(blank)
        box.setContentsMargins(space.xl, 0, space.xl, 0)
        box.addStretch(2)
        for label in (self._title, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            box.addWidget(label)
        box.addStretch(3)
        self._stack.addWidget(self._table)
        self._stack.addWidget(blank)
        self.body.addLayout(self._stack, 1)

    @property
    def table(self) -> QTableView:
        return self._table

    @property
    def model(self) -> FloorModel:
        return self._model

    @property
    def empty_words(self) -> str:
        """Title and sentence of the empty state; empty while rows are shown."""
        if self._stack.currentWidget() is self._table:
            return ""
        return f"{self._title.text()} {self._hint.text()}".strip()

    def agents(self) -> list[str]:
        """Names in the order that is shown."""
        return [
            str(self._order.index(row, Column.AGENT).data())
            for row in range(self._order.rowCount())
        ]

    def show_waiting(self) -> None:
        """Nothing is known yet: a quiet, empty panel."""
        self._model.show_rows(())
        self._say("", "")
        self._counts.setText("")
        self._worst.hide()

    def show_view(self, view: SupervisorView) -> None:
        """Draw the seats, or say what belongs here."""
        self._model.show_rows(view.seats)
        count = len(view.seats)
        at_work = sum(row.state in _AT_WORK for row in view.seats)
        seats = "1 seat" if count == 1 else f"{count} seats"
        self._counts.setText(f"{seats} · {at_work} at work" if count else "")
        self._worst.setVisible(count > 1)
        if count:
            self._stack.setCurrentWidget(self._table)
        else:
            self._say("No seats yet", "Each agent who logs in appears here with state and time.")

    def _say(self, title: str, hint: str) -> None:
        self._title.setText(title)
        self._hint.setText(hint)
        self._stack.setCurrentIndex(1)

    def tick(self) -> None:
        self._model.tick()

    def sort_worst_first(self) -> None:
        """Order by how much a seat asks for attention."""
        self._table.sortByColumn(Column.DOT, Qt.SortOrder.AscendingOrder)
        self._sorted(Column.DOT, Qt.SortOrder.AscendingOrder)

    def _sorted(self, column: int, order: Qt.SortOrder) -> None:
        self._worst.setChecked(column == Column.DOT)
        self._model.show_order(column, order)
        # The style's own arrow would lie over right-aligned headings.
        self._table.horizontalHeader().setSortIndicatorShown(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        shared = self.width() - 2 * self.theme.space.s - sum(_WIDTHS.values())
        agent = max(_LEAST_AGENT_PX, round(shared * _AGENT_SHARE))
        is_narrow = shared - agent < _LEAST_WITH_PX
        self._table.setColumnHidden(Column.WITH, is_narrow)
        self._table.setColumnWidth(Column.AGENT, shared - _SCROLL_BAR_PX if is_narrow else agent)
