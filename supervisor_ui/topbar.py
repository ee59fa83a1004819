"""The top bar: what holds now, and the three things that can be done about it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Signal
from PySide6.QtGui import QAction, QActionGroup, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from app.desk.views import Mode, SupervisorView
from app.look.theme import STRONG, Theme
from app.look.widgets import ElidedLabel, KeyButton, Label
from supervisor_ui.parts import Fact
from supervisor_ui.tools import TOOLS

HEIGHT_PX = 56
TARGETS = (0.005, 0.01, 0.015, 0.02, 0.025, 0.03)
MODE_WORDS = {
    Mode.PREVIEW: "Preview",
    Mode.PROGRESSIVE: "Progressive",
    Mode.PREDICTIVE: "Predictive",
    Mode.AGENTLESS: "Agentless",
    Mode.MANUAL: "By hand",
}
_MODE_ICONS = {
    Mode.PREVIEW: "eye",
    Mode.PROGRESSIVE: "user",
    Mode.PREDICTIVE: "users-three",
    Mode.AGENTLESS: "speaker-high",
    Mode.MANUAL: "phone",
}
_MODE_HINTS = {
    Mode.PREVIEW: "each agent reads the record, then dials",
    Mode.PROGRESSIVE: "one call for each free agent",
    Mode.PREDICTIVE: "as many calls as the agents will need",
    Mode.AGENTLESS: "a message with keys for everybody who answers",
    Mode.MANUAL: "only what an agent dials",
}


def percent(share: float) -> str:
    """0.015 as "1.5 %"."""
    return f"{share * 100:g} %"


class TopBar(QWidget):
    """Campaign, mode, budget, hours and lines; settings and the switch that stops all dialling."""

    mode_requested = Signal(str)
    target_requested = Signal(float)
    running_requested = Signal(bool)
    settings_requested = Signal()
    tool_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._view: SupervisorView | None = None
        self._campaign = ElidedLabel(theme, "Callfloor", role="lead", weight=STRONG)
        self._sentence = ElidedLabel(theme, tone="muted")
        self._mode = KeyButton(theme, "Preview", icon="eye")
        self._mode.clicked.connect(self._open_menu)
        self._paused, self._budget, self._hours, self._lines = (Fact(theme) for _ in range(4))
        self._has_fact = dict.fromkeys(
            (self._paused, self._budget, self._hours, self._lines), False
        )
        self._dots = [Label(theme, "·", tone="faint") for _ in range(4)]
        self._tools = KeyButton(theme, "Manage  ▾")
        self._tools.clicked.connect(self._open_tools)
        self._settings = KeyButton(theme, "Settings")
        self._settings.clicked.connect(self.settings_requested)
        self._switch = KeyButton(theme, "Pause all", "F12", kind="danger")
        self._switch.clicked.connect(self.switch)
        self._menu: QMenu | None = None
        self._tools_menu: QMenu | None = None
        self.setFixedHeight(HEIGHT_PX)
        self._lay_out()
        self.show_waiting("")

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        space = self._theme.space
        layout.setContentsMargins(space.l, 0, space.l, 1)
        layout.setSpacing(space.m)
        self._campaign.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout.addWidget(self._campaign)
        layout.addWidget(self._mode)
        layout.addWidget(self._sentence, 1)
        for fact, dot in zip(self._has_fact, self._dots, strict=True):
            layout.addWidget(dot)
            layout.addWidget(fact)
        layout.addStretch(2)
        layout.addWidget(self._tools)
        layout.addWidget(self._settings)
        layout.addWidget(self._switch)

    @property
    def mode_button(self) -> KeyButton:
        return self._mode

    @property
    def switch_button(self) -> KeyButton:
        return self._switch

    @property
    def settings_button(self) -> KeyButton:
        return self._settings

    @property
    def tools_button(self) -> KeyButton:
        return self._tools

    @property
    def facts(self) -> tuple[str, str, str]:
        return self._budget.text, self._hours.text, self._lines.text

    def show_waiting(self, sentence: str) -> None:
        """Nothing is known yet: the sentence stands where the facts will be."""
        self._view = None
        self._campaign.setText("Callfloor")
        self._sentence.setText(sentence)
        self._sentence.show()
        for widget in (self._mode, *self._has_fact, *self._dots):
            widget.hide()
        self._switch.set_label("Pause all")
        self._switch.set_kind("danger")
        self._switch.set_possible(False, "The floor is not open yet.")
        self._settings.set_possible(False, "The floor is not open yet.")
        self._tools.set_possible(False, "The floor is not open yet.")

    def show_view(self, view: SupervisorView) -> None:
        """Draw what holds now."""
        self._view = view
        self._sentence.hide()
        self._campaign.setText(view.campaign_name)
        is_predictive = view.mode is Mode.PREDICTIVE
        target = f" · aim {percent(view.target)}" if is_predictive else ""
        self._mode.set_label(f"{MODE_WORDS[view.mode]}{target}  ▾")
        self._mode.set_kind("plain", _MODE_ICONS[view.mode])
        self._mode.set_hint(f"{MODE_WORDS[view.mode]}: {_MODE_HINTS[view.mode]}.")
        self._show_facts(view)
        self._mode.show()
        self._settings.set_possible(True)
        self._tools.set_possible(True)
        self._switch.set_possible(True)
        if view.is_running:
            self._switch.set_label("Pause all")
            self._switch.set_kind("danger", "")
            self._switch.set_hint("No new calls are placed; calls in progress go on.")
        else:
            self._switch.set_label("Resume")
            self._switch.set_kind("primary", "")
            self._switch.set_hint("Calls are placed again.")

    def _show_facts(self, view: SupervisorView) -> None:
        left = f"{view.drops_left} of {view.drops_allowed} left"
        self._budget.set_words("abandon budget", left, "today")
        self._budget.setToolTip(
            f"Of the {view.drops_allowed} abandoned calls that a cap of {percent(view.cap)} "
            f"allows today, {view.drops_left} are left."
        )
        if view.callable_until[:1].isdigit():
            self._hours.set_words("may call until", view.callable_until)
        else:
            self._hours.set_words("", view.callable_until)
        self._lines.set_words("lines", f"{view.lines_in_use} of {view.lines}")
        self._budget.set_trouble(view.drops_left < (1 if view.drops_allowed else 0))
        self._paused.set_words("dialling is", "paused")
        self._has_fact = {
            self._paused: not view.is_running,
            self._budget: True,
            self._hours: bool(view.callable_until),
            self._lines: True,
        }
        self._fit_facts()

    def _fit_facts(self) -> None:
        """Show as many facts as there is room for, those that weigh most first."""
        if self._view is None:
            return
        fixed = (self._mode, self._tools, self._settings, self._switch)
        least = sum(widget.sizeHint().width() for widget in fixed)
        least += self._campaign.minimumSizeHint().width() + 6 * self._theme.space.m
        room = self.width() - 2 * self._theme.space.l - least
        is_first = True
        for fact, dot in zip(self._has_fact, self._dots, strict=True):
            gap = 2 * self._theme.space.m + dot.sizeHint().width()
            room -= fact.sizeHint().width() + gap if self._has_fact[fact] else 0
            is_shown = self._has_fact[fact] and room >= 0
            dot.setVisible(is_shown and not is_first)
            fact.setVisible(is_shown)
            is_first = is_first and not is_shown
        facts = [fact.text for fact, has in self._has_fact.items() if has]
        self._campaign.set_tooltip("\n".join(facts))
        layout = self.layout()
        if layout is not None:
            layout.activate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_facts()

    def switch(self) -> None:
        """Ask to pause all if the floor runs, else to resume; nothing while it is not known."""
        if self._view is not None:
            self.running_requested.emit(not self._view.is_running)

    def menu(self) -> QMenu:
        """The menu of modes and targets as they stand now; its owner is this bar."""
        if self._menu is not None:
            self._menu.deleteLater()
        menu = self._menu = QMenu(self)
        view = self._view
        if view is None:
            return menu
        modes = QActionGroup(menu)
        for mode in Mode:
            action = QAction(f"{MODE_WORDS[mode]}: {_MODE_HINTS[mode]}", menu)
            action.setData(mode.value)
            action.setCheckable(True)
            action.setChecked(mode is view.mode)
            modes.addAction(action)
            menu.addAction(action)
        modes.triggered.connect(self._choose_mode)
        menu.addSeparator()
        targets = QActionGroup(menu)
        below = {t for t in TARGETS if t <= view.cap + 1e-9}
        for target in sorted(below | {view.target}):
            action = QAction(f"Aim for {percent(target)} abandoned", menu)
            action.setData(target)
            action.setCheckable(True)
            action.setChecked(abs(target - view.target) < 1e-9)
            action.setEnabled(view.mode is Mode.PREDICTIVE)
            targets.addAction(action)
            menu.addAction(action)
        targets.triggered.connect(self._choose_target)
        return menu

    def tools_menu(self) -> QMenu:
        """The menu of what can be opened beside the floor; its owner is this bar."""
        if self._tools_menu is None:
            menu = self._tools_menu = QMenu(self)
            for number, (section, tools) in enumerate(TOOLS):
                if number:
                    menu.addSeparator()
                title = menu.addAction(section)
                title.setEnabled(False)
                for tool in tools:
                    action = menu.addAction(tool.title)
                    action.setData(tool.key)
            menu.triggered.connect(self._choose_tool)
        return self._tools_menu

    def _open_tools(self) -> None:
        self.tools_menu().popup(self._tools.mapToGlobal(QPoint(0, self._tools.height() + 4)))

    def _choose_tool(self, action: QAction) -> None:
        self.tool_requested.emit(action.data())

    def _open_menu(self) -> None:
        self.menu().popup(self._mode.mapToGlobal(QPoint(0, self._mode.height() + 4)))

    def _choose_mode(self, action: QAction) -> None:
        if self._view is not None and action.data() != self._view.mode.value:
            self.mode_requested.emit(action.data())

    def _choose_target(self, action: QAction) -> None:
        if self._view is not None and abs(float(action.data()) - self._view.target) > 1e-9:
            self.target_requested.emit(float(action.data()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        edge = QRectF(0, self.height() - 1, self.width(), 1)
        painter.fillRect(edge, self._theme.colour("line"))
