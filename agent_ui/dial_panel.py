"""Dialling by hand: a number, what is said of it, and Enter."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from agent_ui.number_field import NumberField
from agent_ui.tool_panel import ToolPanel
from app.desk.views import NumberAnswer
from app.look.theme import Theme
from app.look.widgets import Clock, KeyButton, Label, row

_HINT = "The same rules hold as for every other call: the list of those who want none, the hours."
_NO_ANSWER = "No dialler answers: see whether the supervisor's window says why, then dial again."
_ANSWER_S = 4.0
_WIDEST = 440
_HEIGHT = 208
_HEIGHT_COMPACT = 264


class DialPanel(ToolPanel):
    """`dial_requested(text)` once Enter or the key was pressed; `number_asked(text)` while typing.

    A number from a link stands in the field like one that was typed: nothing dials by itself.
    """

    dial_requested = Signal(str)
    number_asked = Signal(str)

    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__(theme, "Dial a number")
        self._clock = clock
        self._sent_at_utc_s = 0.0
        self._trouble = ""
        self._old_trouble = ""  # as it stood when the number was asked for
        self._why_not = ""
        self._sent = ""
        self.field = NumberField(theme, "Number, with its area code")
        self.field.line.setMaximumWidth(_WIDEST)
        self.field.asked.connect(self.number_asked)
        self.field.changed.connect(self._show_possible)
        self.field.line.left.connect(self.close_pressed)
        self.hint = Label(theme, _HINT, tone="faint", is_wrapped=True)
        self.dial_button = KeyButton(theme, "Dial", "Enter", kind="primary", icon="phone")
        self.dial_button.clicked.connect(self._dial)
        self.field.line.entered.connect(lambda _: self.dial_button.click())
        self.body.addWidget(self.field)
        self.body.addStretch(1)
        self.body.addWidget(self.hint)
        self.body.addLayout(row(self.dial_button, spacing=theme.space.s, stretch_at=1))
        self.set_full_height(_HEIGHT)
        self._show_possible()

    def set_compact(self, *, is_compact: bool) -> None:
        """Higher in a narrow window, where sentences take more lines."""
        self.set_full_height(_HEIGHT_COMPACT if is_compact else _HEIGHT)

    def take_focus(self) -> QWidget:
        return self.field.line

    def show_number(self, number: str) -> None:
        """Put a number there, of a link for instance."""
        self._sent = ""
        self.field.set_text(number)

    def show_answer(self, answer: NumberAnswer) -> None:
        """What the gate or the rules of numbers say of what stands in the field."""
        if answer.text == self._sent:
            self._sent = ""
        self.field.show_answer(answer)
        self._show_possible()

    def show_why_not(self, why_not: str) -> None:
        """Why nothing can be dialled by hand now; "" where it can."""
        self._why_not = why_not
        self._show_possible()

    def show_trouble(self, trouble: str) -> None:
        """What the dialler said to the last wish; the answer to a number that was asked for."""
        self._trouble = trouble
        if not trouble:
            self._old_trouble = ""
        elif self._sent and trouble != self._old_trouble:
            self.show_answer(NumberAnswer(self._sent, trouble))

    def tick(self) -> None:
        """Do not wait for ever: the same refusal twice is told once, and a dialler may be away."""
        if self._sent and self._clock() - self._sent_at_utc_s >= _ANSWER_S:
            self.show_answer(NumberAnswer(self._sent, self._trouble or _NO_ANSWER))

    def close_panel(self) -> None:
        super().close_panel()
        self._sent = ""
        self.field.set_text("")

    def _dial(self) -> None:
        self._sent, self._sent_at_utc_s = self.field.text, self._clock()
        self._old_trouble = self._trouble
        self._show_possible()
        self.dial_requested.emit(self._sent)

    def _show_possible(self) -> None:
        why = self._why_not or ("" if self.field.can_dial else "Type a whole number first.")
        if self._sent and self._sent == self.field.text:
            why = "It is being asked for."
        self.dial_button.set_possible(not why, why)
        if self._why_not and self.field.text:
            self.words.setText(self._why_not)
        else:
            self.words.setText("asked for …" if self._sent else "")
