"""The keypad: digits into the call, by the mouse or simply typed while it stands open."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from agent_ui.tool_panel import ToolPanel
from app.look.theme import STRONG, Theme
from app.look.widgets import ElidedLabel, KeyButton, Label, row

KEYS = "123456789*0#"
_MOST_SHOWN = 24


class KeypadPanel(ToolPanel):
    """`digit_pressed("5")` for each key. While it is open, figures go to the call alone.

    Otherwise a figure typed a moment too late would choose an outcome and end the call.
    """

    digit_pressed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Keypad")
        self._attempt_id = ""
        self.sent = ElidedLabel(theme, role="timer", weight=STRONG)
        self.sentence = Label(theme, tone="muted", is_wrapped=True)
        self.buttons: dict[str, KeyButton] = {}
        pad = QWidget()
        grid = QGridLayout(pad)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        for index, key in enumerate(KEYS):
            button = KeyButton(theme, key)
            button.setFixedSize(72, 36)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys themselves are typed
            button.clicked.connect(lambda _=False, k=key: self._send(k))
            self.buttons[key] = button
            grid.addWidget(button, index // 3, index % 3)
        side = QVBoxLayout()
        side.setSpacing(theme.space.s)
        side.addStretch(1)
        side.addWidget(self.sent)
        side.addWidget(self.sentence)
        side.addStretch(1)
        line = row(pad, theme.space.l, spacing=theme.space.s)
        line.addLayout(side, 1)
        self.body.addLayout(line)
        self.body.addStretch(1)

    def show_person(self, attempt_id: str, name: str) -> None:
        """Whom the keys reach; another call begins with nothing sent."""
        if attempt_id != self._attempt_id:
            self._attempt_id = attempt_id
            self.sent.setText("")
        self.sentence.setText(
            f"Figures, * and # that you type go to {name}. Outcomes wait until the keypad is "
            "closed."
        )

    def press(self, event: QKeyEvent) -> bool:
        button = self.buttons.get(event.text()) or self.buttons.get(_figure(event.key()))
        if button is not None:
            button.click()
            return True
        return super().press(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.press(event):
            super().keyPressEvent(event)

    def _send(self, key: str) -> None:
        self.sent.setText((self.sent.full_text + key)[-_MOST_SHOWN:])
        self.digit_pressed.emit(key)


def _figure(key: int) -> str:
    is_figure = Qt.Key.Key_0 <= key <= Qt.Key.Key_9
    return chr(ord("0") + key - Qt.Key.Key_0) if is_figure else ""
