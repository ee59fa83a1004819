"""The few settings of this PC that a supervisor changes."""

from __future__ import annotations

import functools
from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.look.theme import STRONG, Theme
from app.look.widgets import KeyButton, Label

CHOICES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))


class SettingsDialog(QDialog):
    """Shows which colours are set; `on_theme(choice)` is told what was chosen instead."""

    def __init__(
        self, theme: Theme, chosen: str, on_theme: Callable[[str], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._on_theme = on_theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(12)
        layout.addWidget(Label(theme, "Colours of the windows", role="lead", weight=STRONG))
        row = QHBoxLayout()
        row.setSpacing(8)
        self.buttons: dict[str, KeyButton] = {}
        for choice, words in CHOICES:
            button = KeyButton(theme, words, kind="primary" if choice == chosen else "plain")
            button.clicked.connect(functools.partial(self._choose, choice))
            self.buttons[choice] = button
            row.addWidget(button)
        layout.addLayout(row)
        hint = "A window takes its colours when it is opened the next time."
        layout.addWidget(Label(theme, hint, tone="ink2"))

    def _choose(self, choice: str, _is_checked: bool = False) -> None:
        self._on_theme(choice)
        self.accept()
