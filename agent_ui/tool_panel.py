"""What slides in between script and outcomes: one panel at a time, never a window of its own."""

from __future__ import annotations

from PySide6.QtCore import Property as QtProperty
from PySide6.QtCore import QPropertyAnimation, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.look.theme import Theme
from app.look.widgets import ElidedLabel, KeyButton, Panel, SectionTitle, row

HEIGHT = 224


class ToolPanel(Panel):
    """A panel with a heading, words beside it and a key that closes it.

    It takes the keyboard only where somebody opened it with a key or the mouse (`take_focus`).
    """

    close_pressed = Signal()

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.title = SectionTitle(theme, name)
        self.words = ElidedLabel(theme, tone="muted")
        self.close_button = KeyButton(theme, "", "Esc", kind="quiet", icon="")
        self.close_button.setAccessibleName("Close")
        self.close_button.clicked.connect(self.close_pressed)
        self.close_button.setFixedHeight(32)
        policy = self.close_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the heading stands as high without it
        self.close_button.setSizePolicy(policy)
        head = row(self.title, spacing=theme.space.s)
        head.addWidget(self.words, 1)
        head.addWidget(self.close_button)
        side = theme.space.l
        self.body.setContentsMargins(side, 8, side, theme.space.m)
        self.body.addLayout(head)
        self._slide = QPropertyAnimation(self, b"shown_height", self)
        self._full = HEIGHT
        self.hide()

    def take_focus(self) -> QWidget:
        """What has the keyboard once the panel was opened by hand."""
        return self

    def set_full_height(self, height: int) -> None:
        """How high it stands when it is open."""
        self._full = height
        if not self.isHidden() and self._slide.state() != QPropertyAnimation.State.Running:
            self.setFixedHeight(height)

    def open_panel(self) -> None:
        """Slide in within `pop_ms`."""
        if not self.isHidden():
            return
        self.show()
        self._slide.stop()
        if not self.theme.pop_ms or not self.isVisible():
            self.setFixedHeight(self._full)
            return
        self._slide.setDuration(self.theme.pop_ms)
        self._slide.setStartValue(0)
        self._slide.setEndValue(self._full)
        self._slide.start()

    def close_panel(self) -> None:
        """Go at once: what is done needs no farewell."""
        self._slide.stop()
        self.hide()

    def press(self, event: QKeyEvent) -> bool:
        """Take a key that belongs to this panel while it is open, wherever the focus is."""
        if event.key() == Qt.Key.Key_Escape and self.close_button.isEnabled():
            self.close_pressed.emit()
            return True
        return False

    def _get_height(self) -> int:
        return self.height()

    def _set_height(self, height: int) -> None:
        self.setFixedHeight(height)

    shown_height = QtProperty(int, _get_height, _set_height)
