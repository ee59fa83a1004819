"""The keys of the call, and the agent's own day."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from agent_ui.words import IN_CALL, today_words
from app.desk.views import AgentView
from app.look.theme import Theme
from app.look.widgets import ElidedLabel, KeyButton, Panel


class CallPanel(Panel):
    """Draws mute as the bridge reports it, hang-up, and today's figures."""

    mute_pressed = Signal(bool)  # what is asked for, not what is
    hang_up_pressed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Call")
        self._is_muted = False
        self.can_do_anything = False
        self.mute_button = KeyButton(theme, "Mute", "M", kind="quiet", icon="microphone")
        self.hang_up_button = KeyButton(
            theme, "Hang up", "F8", kind="quiet", icon="phone-disconnect"
        )
        self.mute_button.clicked.connect(lambda: self.mute_pressed.emit(not self._is_muted))
        self.hang_up_button.clicked.connect(self.hang_up_pressed)
        self.today = ElidedLabel(theme, tone="muted")
        layout = QHBoxLayout()
        layout.setSpacing(theme.space.s)
        layout.addWidget(self.mute_button)
        layout.addWidget(self.hang_up_button)
        layout.addStretch(1)
        layout.addWidget(self.today)
        self.body.addLayout(layout)
        self.body.setContentsMargins(theme.space.s, 10, theme.space.l, 10)
        self.setFixedHeight(58)

    def set_compact(self, *, is_compact: bool) -> None:
        """No room for today's figures in a narrow window."""
        self.today.setVisible(not is_compact)
        self.setFixedHeight(52 if is_compact else 58)
        edge = 8 if is_compact else 10
        self.body.setContentsMargins(self.theme.space.s, edge, self.theme.space.l, edge)

    def show_view(self, view: AgentView) -> None:
        """Draw what can be done with the call now."""
        call = view.call
        self._is_muted = call.is_muted
        self.mute_button.set_label("Unmute" if call.is_muted else "Mute")
        self.mute_button.set_kind(
            "danger" if call.is_muted else "plain" if call.is_up else "quiet",
            "microphone-slash" if call.is_muted else "microphone",
        )
        no_call = "No call is up."
        self.mute_button.set_possible(call.is_up, no_call)
        can_hang_up = call.is_up or view.state in IN_CALL
        self.hang_up_button.set_possible(can_hang_up, no_call)
        self.hang_up_button.set_kind("plain" if can_hang_up else "quiet")
        self.can_do_anything = can_hang_up
        self.today.setText(today_words(view))
