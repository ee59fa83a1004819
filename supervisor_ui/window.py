"""The supervisor's window: what holds now, how it goes, what is decided, and the floor."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desk.views import FloorPoint, Mode, SupervisorView
from app.look.sizes import first_size
from app.look.theme import Theme
from app.look.widgets import Clock, Label, NoticeBar, Panel, SectionTitle
from supervisor_ui.charts import AbandonedPlot, CallsPlot, SeatsPlot
from supervisor_ui.doctor_panel import DoctorPanel
from supervisor_ui.floor_panel import FloorPanel
from supervisor_ui.live import LivePlots
from supervisor_ui.parts import LINK_HEIGHT_PX, LinkButton
from supervisor_ui.plot import local_time
from supervisor_ui.reason import ReasonPanel
from supervisor_ui.tiles import TileRow
from supervisor_ui.topbar import MODE_WORDS, TopBar, percent

TICK_MS = 1000
TOP_ROW_PX = 120
LEVER_WORDS = {
    "seat_forecast": "seat forecast",
    "answer_chance": "answer chance",
    "choice": "choice of records",
    "held_breaks": "held breaks",
    "parked_wrap_up": "interrupted wrap-ups",
}
DIALLER_GONE = (
    "The dialler is not running. No new calls are placed; calls in progress go on. "
    "It is started again by itself; if this stays, restart Callfloor."
)


class SupervisorWindow(QWidget):
    """Draws views and samples, and tells what a person asks for. Knows nothing else.

    `clock` gives UTC seconds for running times and the plots' right edge.
    """

    mode_requested = Signal(str)
    target_requested = Signal(float)
    running_requested = Signal(bool)
    settings_requested = Signal()
    tool_requested = Signal(str)  # a key of supervisor_ui.tools
    seat_opened = Signal(int)  # the call of this session is to be listened to

    def __init__(self, clock: Clock, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._view: SupervisorView | None = None
        self.setWindowTitle("Callfloor – Supervisor")
        self.setMinimumSize(1180, 660)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocus()  # so that no control has the keyboard before somebody asks for it
        self.resize(first_size(QSize(1366, 768)))
        self._top = TopBar(theme)
        self._notices = NoticeBar(theme)
        self._tiles = TileRow(theme)
        self._reason = ReasonPanel(theme)
        self._floor = FloorPanel(theme, clock)
        self._doctor = DoctorPanel(theme)
        self._seats, self._abandoned, self._calls = (
            SeatsPlot(theme),
            AbandonedPlot(theme),
            CallsPlot(theme),
        )
        self._live = LivePlots(clock, self._seats, self._abandoned, self._calls, self)
        self._span = Label(theme, tone="faint")
        for widget in (self._seats, self._abandoned, self._calls, self._span):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)
        self._follow = LinkButton(theme, "show all")
        self._follow.hide()
        self._lay_out()
        self.show_waiting("")
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._floor.tick)
        self._connect()

    def _connect(self) -> None:
        self._top.mode_requested.connect(self.mode_requested)
        self._top.target_requested.connect(self.target_requested)
        self._top.running_requested.connect(self.running_requested)
        self._top.settings_requested.connect(self.settings_requested)
        self._top.tool_requested.connect(self.tool_requested)
        self._floor.seat_opened.connect(self.seat_opened)
        self._doctor.seat_opened.connect(self.seat_opened)
        self._follow.clicked.connect(self._live.show_all)
        self._live.span_changed.connect(self._show_span)
        pause = QShortcut(QKeySequence(Qt.Key.Key_F12), self)
        pause.setAutoRepeat(False)
        pause.activated.connect(self._top.switch)

    def _lay_out(self) -> None:
        space = self._theme.space
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._top)
        whole.addWidget(self._notices)
        columns = QHBoxLayout()
        columns.setContentsMargins(space.m, space.m, space.m, space.m)
        columns.setSpacing(space.m)
        left = QVBoxLayout()
        left.setSpacing(space.m)
        for widget in (self._tiles, self._reason):
            widget.setFixedHeight(TOP_ROW_PX)
        left.addWidget(self._tiles)
        left.addWidget(self._seats_panel(), 10)
        pair = QHBoxLayout()
        pair.setSpacing(space.m)
        pair.addWidget(self._plot_panel("Abandoned, %", self._abandoned), 1)
        pair.addWidget(self._plot_panel("Calls by stage", self._calls), 1)
        left.addLayout(pair, 9)
        columns.addLayout(left, 1)
        self._right = QWidget()
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(space.m)
        right.addWidget(self._reason)
        right.addWidget(self._doctor)
        right.addWidget(self._floor, 1)
        columns.addWidget(self._right)
        whole.addLayout(columns, 1)

    def _plot_panel(self, title: str, plot: QWidget) -> Panel:
        panel = Panel(self._theme, title)
        space = self._theme.space
        panel.body.setContentsMargins(space.l, space.l, space.s, space.s)
        panel.body.addWidget(SectionTitle(self._theme, title))
        panel.body.addWidget(plot, 1)
        return panel

    def _seats_panel(self) -> Panel:
        panel = Panel(self._theme, "Seats by state")
        space = self._theme.space
        panel.body.setContentsMargins(space.l, space.s, space.s, space.s)
        panel.body.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, space.s, 0)
        head.addWidget(SectionTitle(self._theme, "Seats by state"))
        head.addStretch(1)
        head.addWidget(self._follow)
        head.addWidget(self._span)
        self._span.setFixedHeight(LINK_HEIGHT_PX)
        self._span.setMinimumWidth(
            self._span.fontMetrics().horizontalAdvance("00:00:00 to 00:00:00")
        )
        self._span.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        panel.body.addLayout(head)
        panel.body.addWidget(self._seats, 1)
        return panel

    @property
    def view(self) -> SupervisorView | None:
        """What is drawn now; None while the floor is not known."""
        return self._view

    @property
    def is_ticking(self) -> bool:
        """Whether the floor's times run: only while somebody can see them."""
        return self._tick.isActive()

    @property
    def top_bar(self) -> TopBar:
        return self._top

    @property
    def floor(self) -> FloorPanel:
        return self._floor

    @property
    def doctor(self) -> DoctorPanel:
        return self._doctor

    @property
    def live(self) -> LivePlots:
        return self._live

    @property
    def tiles(self) -> TileRow:
        return self._tiles

    @property
    def reason(self) -> ReasonPanel:
        return self._reason

    @property
    def notices(self) -> tuple[str, ...]:
        return self._notices.notices

    def show_waiting(self, sentence: str) -> None:
        """Before the database is there: everything in its place, empty, and one sentence."""
        self._view = None
        self._top.show_waiting(sentence)
        self._notices.show_notices(())
        self._tiles.show_tiles(())
        self._reason.show_waiting()
        self._floor.show_waiting()
        self._doctor.show_advice(())
        self._show_plots(False)

    def _show_plots(self, is_shown: bool) -> None:
        for widget in (self._seats, self._abandoned, self._calls, self._span):
            widget.setVisible(is_shown)

    def show_view(self, view: SupervisorView) -> None:
        """Draw this moment. A changed mode, target or switch leaves a mark in the plots."""
        if view == self._view:
            return
        self._mark_changes(self._view, view)
        self._view = view
        self._top.show_view(view)
        gone = () if view.is_dialler_alive else (DIALLER_GONE,)
        self._notices.show_notices((*view.notices, *gone))
        self._tiles.show_tiles(view.tiles)
        self._reason.show_view(view)
        self._floor.show_view(view)
        self._doctor.show_advice(view.advice)
        can_abandon = view.mode is Mode.PREDICTIVE
        self._abandoned.show_limits(view.target, view.cap, can_abandon=can_abandon)
        self._show_plots(True)

    def add_points(self, points: Sequence[FloorPoint]) -> None:
        """Take samples in for the plots, oldest first."""
        self._live.add_points(points)

    def _mark_changes(self, old: SupervisorView | None, new: SupervisorView) -> None:
        if old is None:
            return
        if old.mode is not new.mode:
            self._live.add_mark(MODE_WORDS[new.mode].lower())
        if old.target != new.target:
            self._live.add_mark(f"target {percent(old.target)} → {percent(new.target)}")
        for name, words in LEVER_WORDS.items():
            is_on = bool(getattr(new.levers, name))
            if bool(getattr(old.levers, name)) is not is_on:
                self._live.add_mark(f"{words} {'on' if is_on else 'off'}")
        if old.is_running != new.is_running:
            self._live.add_mark("resumed" if new.is_running else "paused")

    def _show_span(self, from_s: float, to_s: float, is_zoomed: bool) -> None:
        has_seconds = to_s - from_s < 120
        ends = [local_time(moment, has_seconds=has_seconds) for moment in (from_s, to_s)]
        self._span.setText(" to ".join(ends))
        self._follow.setVisible(is_zoomed)

    def _follow_visibility(self) -> None:
        is_seen = self.isVisible() and not self.isMinimized()
        self._live.set_visible(is_seen)
        if is_seen == self._tick.isActive():
            return
        if is_seen:
            self._floor.tick()
            self._tick.start()
        else:
            self._tick.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow_visibility()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._follow_visibility()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and hasattr(self, "_tick"):
            self._follow_visibility()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._right.setFixedWidth(min(max(round(self.width() * 0.39), 420), 680))
        layout = self.layout()
        if layout is not None:
            layout.activate()  # now, so that the first picture is right already
