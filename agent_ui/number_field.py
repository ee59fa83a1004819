"""A field for a number, with what is known of it in a sentence below."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.desk.views import NumberAnswer
from app.look.theme import Theme, set_tone
from app.look.widgets import Label

_ASK_AFTER_MS = 250
_LONGEST = 40


class NumberLine(QLineEdit):
    """Takes letters to itself, but lets Alt with a key, Enter and Esc through."""

    entered = Signal(bool)  # with Ctrl
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers()
        is_control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if modifiers & Qt.KeyboardModifier.AltModifier and not is_control:
            event.ignore()  # the window's keys act with Alt while somebody types
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.entered.emit(is_control)
            return
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)


class NumberField(QWidget):
    """Asks about what was typed once the fingers rest, and shows the answer.

    `asked(text)` wants a `NumberAnswer`; `changed()`: another text, or an answer to it.
    """

    asked = Signal(str)
    changed = Signal()

    def __init__(self, theme: Theme, placeholder: str) -> None:
        super().__init__()
        self.answer = NumberAnswer("")
        self.line = NumberLine()
        self.line.setFont(theme.font("lead"))
        self.line.setPlaceholderText(placeholder)
        self.line.setAccessibleName("Number")
        self.line.setMaxLength(_LONGEST)
        self.line.setClearButtonEnabled(False)
        self.words = Label(theme, tone="muted", is_wrapped=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._ask = QTimer(self)
        self._ask.setSingleShot(True)
        self._ask.setInterval(_ASK_AFTER_MS)
        self._ask.timeout.connect(lambda: self.asked.emit(self.text))
        self.line.textChanged.connect(self._text_changed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space.xs)
        layout.addWidget(self.line)
        layout.addWidget(self.words)

    @property
    def text(self) -> str:
        """What stands in the field, without blanks around it."""
        return self.line.text().strip()

    @property
    def can_dial(self) -> bool:
        """Whether the number, as it stands now, is one that can be asked for."""
        return bool(self.text) and self.answer.can_dial and self.answer.text == self.text

    def set_text(self, text: str) -> None:
        """Put a number there and ask about it at once."""
        self.line.setText(text)
        self._ask.stop()
        if text:
            self.asked.emit(self.text)

    def show_answer(self, answer: NumberAnswer) -> None:
        """Show what is known of the number; an answer about another text is late and dropped."""
        if answer.text != self.text:
            return
        self.answer = answer
        self._show_words()
        self.changed.emit()

    def _text_changed(self) -> None:
        self.answer = NumberAnswer(self.text)
        self._show_words()
        if self.text:
            self._ask.start()
        else:
            self._ask.stop()
        self.changed.emit()

    def _show_words(self) -> None:
        self.words.setText(self.answer.sentence)
        is_fault = bool(self.answer.sentence) and not self.answer.can_dial
        set_tone(self.words, "trouble" if is_fault else "muted")
