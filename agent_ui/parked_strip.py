"""Who is parked: the person whose wrap-up a call has interrupted, for as long as that lasts."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from agent_ui.words import parked_words
from app.desk.views import AgentView
from app.look.theme import MEDIUM, Theme
from app.look.widgets import ElidedLabel, Panel, StateDot, row


class ParkedStrip(Panel):
    """One line between record and card; hidden while nobody is parked."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Parked")
        self.words = ElidedLabel(theme, weight=MEDIUM)
        icon = QLabel()
        icon.setFixedSize(16, 16)
        icon.setPixmap(theme.pixmap("note-pencil", 16, "ink2", self.devicePixelRatioF()))
        line = row(StateDot(theme, "wrap_up"), icon, spacing=theme.space.s)
        line.addWidget(self.words, 1)
        self.body.setContentsMargins(theme.space.l, 0, theme.space.l, 0)
        self.body.addLayout(line)
        self.setFixedHeight(40)
        self.hide()

    def show_view(self, view: AgentView) -> None:
        """Draw whom this agent still owes an outcome."""
        words = parked_words(view)
        if words == self.words.full_text:
            return
        self.words.setText(words)
        self.words.set_tooltip("The wrap-up goes on when this call is done.")
        self.setVisible(bool(words))
        if words:
            self.glow("wrap_up")
