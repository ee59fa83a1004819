"""The note: a field that keeps letters to itself and lets Alt with a key through."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit

from app.look.theme import Theme
from app.look.widgets import Clock, KeyCap

_MOST_LETTERS = 2000
_REST_S = 0.8  # without a key: whoever wrote has seen that the person has changed


class NoteField(QPlainTextEdit):
    """Room for a note. Enter and Esc leave it, Shift+Enter starts a line, Tab moves on."""

    focus_moved = Signal()
    left = Signal()

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._held_since_s: float | None = None
        self.setFont(theme.font())
        self.setPlaceholderText("Note")
        self.setAccessibleName("Note")
        self.setAccessibleDescription("Key N. Enter leaves the note.")
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(4)
        self.set_lines(2)
        self._cap = KeyCap(theme, "N", self)
        self.textChanged.connect(self._bound)

    def set_lines(self, lines: int) -> None:
        """Take the height of so many lines; more text scrolls."""
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 22)

    def hold_keys(self) -> None:
        """Take no more keys until the writer has rested: what follows was meant for another."""
        self._held_since_s = self._clock()

    def _is_held(self) -> bool:
        since, now = self._held_since_s, self._clock()
        if since is None:
            return False
        self._held_since_s = now if now - since < _REST_S else None
        return self._held_since_s is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_held():
            event.accept()
            return
        modifiers = event.modifiers()
        is_alt = modifiers & Qt.KeyboardModifier.AltModifier
        is_alt_gr = is_alt and modifiers & Qt.KeyboardModifier.ControlModifier
        if is_alt and not is_alt_gr:
            event.ignore()  # the window's keys act with Alt while somebody writes
            return
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        is_plain_enter = is_enter and not modifiers & Qt.KeyboardModifier.ShiftModifier
        if is_plain_enter or event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.refresh()
        self.focus_moved.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.refresh()
        self.focus_moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange and hasattr(self, "_cap"):
            self._cap.setEnabled(self.isEnabled())

    def refresh(self) -> None:
        """Show the key's cap while the field is empty and nobody writes."""
        self._cap.setVisible(not self.hasFocus() and not self.toPlainText())
        self._cap.move(self.width() - self._cap.width() - 12, 10)

    def _bound(self) -> None:
        text = self.toPlainText()
        if len(text) > _MOST_LETTERS:
            self.setPlainText(text[:_MOST_LETTERS])
            self.moveCursor(self.textCursor().MoveOperation.End)
        self.refresh()
