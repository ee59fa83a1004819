"""The sound check as a page: the same devices, levels and echo as in the agent's own window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from agent_ui.device_dialog import DeviceDialog
from app.look.theme import STRONG, Theme
from app.look.widgets import Label


class SoundPage(QWidget):
    """Speak, listen, and hear yourself; `devices` carries the signals."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.devices = DeviceDialog(theme, self, is_page=True)
        self.devices.setWindowFlags(Qt.WindowType.Widget)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(Label(theme, "Do you hear, and are you heard?", role="title", weight=STRONG))
        words = "Plug the headset in and speak: the upper bar moves. Play the notes: you hear them."
        box.addWidget(Label(theme, words, tone="muted", is_wrapped=True))
        box.addSpacing(8)
        box.addWidget(self.devices)
        box.addStretch(1)

    def take_focus(self) -> None:
        """The keyboard begins at the microphone."""
        self.devices.boxes["microphone"].setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.devices.levels_watched.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.devices.levels_watched.emit(False)
