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
from agent_ui.advice_strip import AdviceStrip
from agent_ui.call_panel import CallPanel
from agent_ui.call_words import payment_notice
from agent_ui.callback_strip import CallBackStrip
from agent_ui.outcome_panel import OutcomePanel
from agent_ui.parked_strip import ParkedStrip
from agent_ui.record_panel import RecordPanel
from agent_ui.script_panel import ScriptPanel
from agent_ui.state_bar import StateBar
from agent_ui.tools import Tools
from app.desk.views import AgentView, SeatState
from app.look.theme import Theme
from app.look.widgets import Clock, NoticeBar, text_area

COMPACT_BELOW = 860  # pixels of width
_WIDEST = 1840
_ROOM_FOR_ALL = 960  # pixels of height: objections stay beside an open tool
_TROUBLE_S = 20.0  # so long a wish that failed stays in the bar of notices


class DeskPage(QWidget):
    """Lays the panels out and hands each view on to all of them."""

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__()
        self._theme = theme
        self._clock = clock
        self._is_compact: bool | None = None
        self._trouble = ""
        self._trouble_utc_s = 0.0
        self._view: AgentView | None = None
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.bar = StateBar(theme, clock)
        self.notices = NoticeBar(theme)
        self.advice = AdviceStrip(theme)
        self.record = RecordPanel(theme)
        self.record.more.setParent(self)
        self.parked = ParkedStrip(theme)
        self.call_backs = CallBackStrip(theme)
        self.card = ActionCard(theme, clock)
        self.script = ScriptPanel(theme)
        self.outcomes = OutcomePanel(theme, clock)
        self.calls = CallPanel(theme, clock)
        self.tools = Tools(theme, clock, self)
        self.tools.opened.connect(self._tool_opened)
        self.outcomes.note.left.connect(self.setFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.bar)
        outer.addWidget(self.notices)
        outer.addWidget(self.advice)
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
        self.record.show_record(view.record)
        self.parked.show_view(view)
        self.card.show_view(view)
        self.script.show_script(view.script, view.record.contact_id if view.record else None)
        self.outcomes.show_view(view)
        self.calls.show_view(view)
        self.tools.show_view(view)
        self._show_notices()
        self._show_outcomes()

    def _show_notices(self) -> None:
        """Trouble first, then the line doctor's word; trouble of a transfer stands in its panel."""
        view = self._view
        if view is None:
            return
        late = payment_notice(view.control, self._clock())
        trouble = view.control.trouble
        if trouble != self._trouble:
            self._trouble, self._trouble_utc_s = trouble, self._clock()
        is_told = self._clock() - self._trouble_utc_s >= _TROUBLE_S
        if is_told or self.tools.open_tool in ("transfer", "dial"):
            trouble = ""
        self.notices.show_notices(tuple(one for one in (late, trouble, *view.notices) if one))
        self.advice.show_advice(None if self.notices.notices else view.advice)

    def tick(self) -> None:
        """Let what runs follow the clock."""
        self.bar.tick()
        self.card.tick()
        self.outcomes.tick()
        self.calls.tick()
        self.tools.tick()
        self._show_notices()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_compact = self.width() < COMPACT_BELOW
        if is_compact != self._is_compact:
            self._arrange(is_compact=is_compact)
        self._make_room()
        self._set_widths()

    def _set_widths(self) -> None:
        # On a large screen the work stays in the middle, where one look takes it in.
        inset = max(self.width() - _WIDEST, 0) // 2
        gap = self._theme.space.s if self._is_compact else self._theme.space.m
        self._columns.setContentsMargins(inset + gap, gap, inset + gap, gap)
        self.bar.set_inset(inset)
        self.notices.set_inset(inset)
        self.advice.set_inset(inset)
        if self._is_compact:
            return
        # The record takes three tenths, within what reads well.
        left = min(max(self.width() * 3 // 10, 360), 560)
        for panel in (self.record, self.parked, self.call_backs, self.card):
            panel.setFixedWidth(left)

    def _arrange(self, *, is_compact: bool) -> None:
        self._is_compact = is_compact
        gap = self._theme.space.s if is_compact else self._theme.space.m
        for panel in (self.record, self.parked, self.call_backs, self.card):
            panel.setMinimumWidth(0)
            panel.setMaximumWidth(16_777_215)
        for layout in (self._left, self._right, self._read_layout):
            _empty(layout)
            layout.setSpacing(gap)
        self._columns.setSpacing(0 if is_compact else gap)
        for part in (self.bar, self.card, self.script, self.outcomes, self.calls):
            part.set_compact(is_compact=is_compact)
        self.tools.transfer.set_compact(is_compact=is_compact)
        self.tools.dialling.set_compact(is_compact=is_compact)
        tools = self.tools.panels.values()
        if is_compact:
            self._read_layout.addWidget(self.script, 1)
            self._read_layout.addWidget(self.record.more)
            self._read_layout.addWidget(self.call_backs)
            self._right.addWidget(self.record)
            self._right.addWidget(self._reading, 1000)
            for tool in tools:
                self._right.addWidget(tool)
            self._right.addStretch(1)  # for the rest where a tool has taken the reading's place
            self._right.addWidget(self.parked)
            self._right.addWidget(self.card)
            self._right.addWidget(self.calls)
            self._right.addWidget(self.outcomes)
        else:
            self._left.addWidget(self.record, 1)
            self._left.addWidget(self.parked)
            self._left.addWidget(self.call_backs)
            self._left.addWidget(self.card)
            self._right.addWidget(self.script, 1)
            for tool in tools:
                self._right.addWidget(tool)
            self._right.addWidget(self.outcomes)
            self._right.addWidget(self.calls)
        self.record.set_compact(is_compact=is_compact)
        self._make_room()
        self._show_outcomes()

    def _tool_opened(self, tool: str) -> None:
        """An open tool takes the room of objections, or of all reading in a narrow window."""
        self.calls.mark_open(tool)
        self.outcomes.set_shut_by_keypad(is_shut=tool == "keypad")
        self._make_room()
        self._show_outcomes()
        self._show_notices()

    def _make_room(self) -> None:
        has_tool = bool(self.tools.open_tool)
        self._reading.setVisible(bool(self._is_compact) and not has_tool)
        is_low = self.height() < _ROOM_FOR_ALL and not self._is_compact
        self.script.set_short(is_short=has_tool and is_low)

    def _show_outcomes(self) -> None:
        """A narrow window has no room for outcomes and call keys that cannot be used yet."""
        early = (SeatState.PREVIEW, SeatState.AVAILABLE, SeatState.PAUSED)
        state = self._view.state if self._view else SeatState.PAUSED
        is_crowded = bool(self._is_compact) and bool(self.tools.open_tool)
        self.outcomes.setVisible(not (self._is_compact and state in early) and not is_crowded)
        self.card.setVisible(not is_crowded)
        self.calls.setVisible(not self._is_compact or self.calls.can_do_anything)

    def _order_tabs(self) -> None:
        order = (
            self.card.dial_button,
            self.card.skip_button,
            self.script.back_button,
            self.script.next_button,
            self.outcomes.note,
            self.calls.mute_button,
            self.calls.hold_button,
            self.calls.transfer_button,
            self.calls.keypad_button,
            self.calls.hang_up_button,
            self.calls.record_button,
            self.calls.dial_button,
            self.bar.sound_line,
            self.bar.log_out_button,
            self.bar.pause_button,
        )
        for one, following in pairwise(order):
            self.setTabOrder(one, following)


def _empty(layout: QBoxLayout) -> None:
    while layout.count():
        layout.takeAt(0)
