"""All panels of the working day, in two columns or, in a narrow window, in one."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from agent_ui.action_card import ActionCard
from agent_ui.call_panel import CallPanel
from agent_ui.outcome_panel import OutcomePanel
from agent_ui.parked_strip import ParkedStrip
from agent_ui.record_panel import RecordPanel
from agent_ui.script_panel import ScriptPanel
from agent_ui.state_bar import StateBar
from app.desk.views import AgentView, SeatState
from app.look.theme import Theme
from app.look.widgets import Clock, NoticeBar, text_area

COMPACT_BELOW = 860  # pixels of width
_WIDEST = 1840


class DeskPage(QWidget):
    """Lays the panels out and hands each view on to all of them."""

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__()
        self._theme = theme
        self._is_compact: bool | None = None
        self._view: AgentView | None = None
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.bar = StateBar(theme, clock)
        self.notices = NoticeBar(theme)
        self.record = RecordPanel(theme)
        self.record.more.setParent(self)
        self.parked = ParkedStrip(theme)
        self.card = ActionCard(theme, clock)
        self.script = ScriptPanel(theme)
        self.outcomes = OutcomePanel(theme, clock)
        self.calls = CallPanel(theme)
        self.outcomes.note.left.connect(self.setFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.bar)
        outer.addWidget(self.notices)
        self._left = QVBoxLayout()
        self._right = QVBoxLayout()
        self._columns = QHBoxLayout()
        self._columns.addLayout(self._left)
        self._columns.addLayout(self._right, 1)
        outer.addLayout(self._columns, 1)
        self._reading = text_area(self)
        self._reading.setMinimumHeight(1)
        self._read = QWidget()
        self._read.setProperty("role", "plain")
        self._read_layout = QVBoxLayout(self._read)
        self._read_layout.setContentsMargins(0, 0, 0, 0)
        self._reading.setWidget(self._read)
        self._arrange(is_compact=False)
        self._order_tabs()

    @property
    def is_compact(self) -> bool:
        return bool(self._is_compact)

    def show_view(self, view: AgentView) -> None:
        """Draw that view in every panel."""
        self._view = view
        self.bar.show_view(view)
        self.notices.show_notices(view.notices)
        self.record.show_record(view.record)
        self.parked.show_view(view)
        self.card.show_view(view)
        self.script.show_script(view.script, view.record.contact_id if view.record else None)
        self.outcomes.show_view(view)
        self.calls.show_view(view)
        self._show_outcomes()

    def tick(self) -> None:
        """Let what runs follow the clock."""
        self.bar.tick()
        self.card.tick()
        self.outcomes.tick()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_compact = self.width() < COMPACT_BELOW
        if is_compact != self._is_compact:
            self._arrange(is_compact=is_compact)
        self._set_widths()

    def _set_widths(self) -> None:
        # On a large screen the work stays in the middle, where one look takes it in.
        inset = max(self.width() - _WIDEST, 0) // 2
        gap = self._theme.space.s if self._is_compact else self._theme.space.m
        self._columns.setContentsMargins(inset + gap, gap, inset + gap, gap)
        self.bar.set_inset(inset)
        self.notices.set_inset(inset)
        if self._is_compact:
            return
        # The record takes three tenths, within what reads well.
        left = min(max(self.width() * 3 // 10, 360), 560)
        for panel in (self.record, self.parked, self.card):
            panel.setFixedWidth(left)

    def _arrange(self, *, is_compact: bool) -> None:
        self._is_compact = is_compact
        gap = self._theme.space.s if is_compact else self._theme.space.m
        for panel in (self.record, self.parked, self.card):
            panel.setMinimumWidth(0)
            panel.setMaximumWidth(16_777_215)
        for layout in (self._left, self._right, self._read_layout):
            _empty(layout)
            layout.setSpacing(gap)
        self._columns.setSpacing(0 if is_compact else gap)
        for part in (self.bar, self.card, self.script, self.outcomes, self.calls):
            part.set_compact(is_compact=is_compact)
        if is_compact:
            self._read_layout.addWidget(self.script, 1)
            self._read_layout.addWidget(self.record.more)
            self._right.addWidget(self.record)
            self._right.addWidget(self._reading, 1)
            self._right.addWidget(self.parked)
            self._right.addWidget(self.card)
            self._right.addWidget(self.calls)
            self._right.addWidget(self.outcomes)
        else:
            self._left.addWidget(self.record, 1)
            self._left.addWidget(self.parked)
            self._left.addWidget(self.card)
            self._right.addWidget(self.script, 1)
            self._right.addWidget(self.outcomes)
            self._right.addWidget(self.calls)
        self._reading.setVisible(is_compact)
        self.record.set_compact(is_compact=is_compact)
        self._show_outcomes()

    def _show_outcomes(self) -> None:
        """A narrow window has no room for outcomes and call keys that cannot be used yet."""
        early = (SeatState.PREVIEW, SeatState.AVAILABLE, SeatState.PAUSED)
        state = self._view.state if self._view else SeatState.PAUSED
        self.outcomes.setVisible(not (self._is_compact and state in early))
        self.calls.setVisible(not self._is_compact or self.calls.can_do_anything)

    def _order_tabs(self) -> None:
        order = (
            self.card.dial_button,
            self.card.skip_button,
            self.script.back_button,
            self.script.next_button,
            self.outcomes.note,
            self.calls.mute_button,
            self.calls.hang_up_button,
            self.bar.log_out_button,
            self.bar.pause_button,
        )
        for one, following in pairwise(order):
            self.setTabOrder(one, following)


def _empty(layout: QBoxLayout) -> None:
    while layout.count():
        layout.takeAt(0)
