"""Giving a call to somebody else: asking first or at once, all three, and the way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from agent_ui.call_words import is_with_third, third_name, transfer_words
from agent_ui.colleague_list import ColleagueList
from agent_ui.number_field import NumberField
from agent_ui.parties import PartyCard, parties_of
from agent_ui.tool_panel import HEIGHT, ToolPanel
from agent_ui.words import person_name
from app.desk.views import (
    AgentView,
    Arrangement,
    CallAction,
    ColleagueView,
    ControlView,
    NumberAnswer,
    ThirdStage,
)
from app.look.theme import Theme, set_tone
from app.look.widgets import KeyButton, Label, SectionTitle, row

_NOBODY = "Choose a colleague or type a number."
_NOT_UP = "Possible as soon as they have answered."


class TransferPanel(ToolPanel):
    """First the choice of somebody, then, while they are in the call, what can be done with them.

    `asked(CallAction, number, ColleagueView or None)`; `number_asked(text)` while typing.
    """

    asked = Signal(object, str, object)
    number_asked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Transfer")
        self._control = ControlView()
        self._attempt_id = ""
        self._is_compact = False
        self._view: AgentView | None = None
        self.field = NumberField(theme, "Number, with its area code")
        self.colleagues = ColleagueList(theme)
        self.ask_button = KeyButton(theme, "Ask first", "Enter", kind="primary", icon="chat-circle")
        self.blind_button = KeyButton(
            theme, "Hand over at once", "Ctrl Enter", icon="arrow-bend-up-right"
        )
        self.cards = (PartyCard(theme), PartyCard(theme))
        self.hand_over_button = KeyButton(
            theme, "Hand over", "Enter", kind="primary", icon="arrow-bend-up-right"
        )
        self.all_button = KeyButton(theme, "All three", "A", icon="users-three")
        self.back_button = KeyButton(theme, "Back", "B", icon="arrow-u-up-left")
        self.trouble = Label(theme, tone="trouble", is_wrapped=True)
        self._choice, self._choice_box = QWidget(), QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._consult, self._card_box = QWidget(), QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._choice)
        self.pages.addWidget(self._consult)
        self._lay_out_choice()
        self._lay_out_consult()
        self.body.addWidget(self.pages, 1)
        self._connect()
        self._show_possible()

    def _lay_out_choice(self) -> None:
        space = self.theme.space
        left = QVBoxLayout()
        left.setSpacing(space.xs)
        left.addWidget(self.field)
        left.addStretch(1)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setSpacing(space.s)
        self._buttons.addWidget(self.ask_button)
        self._buttons.addWidget(self.blind_button)
        self._buttons.addStretch(1)
        left.addLayout(self._buttons)
        right = QVBoxLayout()
        right.setSpacing(space.xs)
        right.addWidget(SectionTitle(self.theme, "Colleagues"))
        right.addWidget(self.colleagues, 1)
        self._choice_box.setSpacing(space.xl)
        self._choice_box.addLayout(left, 1)
        self._choice_box.addLayout(right, 1)
        self._choice_box.setContentsMargins(0, 0, 0, 0)
        self._choice.setLayout(self._choice_box)

    def _lay_out_consult(self) -> None:
        layout = QVBoxLayout(self._consult)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.theme.space.s)
        self._card_box.setSpacing(self.theme.space.m)
        for card in self.cards:
            self._card_box.addWidget(card, 1)
        layout.addLayout(self._card_box)
        layout.addWidget(self.trouble)
        layout.addStretch(1)
        buttons = row(
            self.hand_over_button,
            self.all_button,
            self.back_button,
            spacing=self.theme.space.s,
            stretch_at=3,
        )
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.field.asked.connect(self.number_asked)
        self.field.changed.connect(self._number_changed)
        self.field.line.entered.connect(self._entered)
        self.field.line.left.connect(self.close_pressed)
        self.colleagues.chosen_changed.connect(self._colleague_changed)
        self.ask_button.clicked.connect(lambda: self._ask_target(CallAction.CONSULT))
        self.blind_button.clicked.connect(lambda: self._ask_target(CallAction.BLIND_TRANSFER))
        self.hand_over_button.clicked.connect(
            lambda: self.asked.emit(CallAction.HAND_OVER, "", None)
        )
        self.all_button.clicked.connect(lambda: self.asked.emit(CallAction.CONFERENCE, "", None))
        self.back_button.clicked.connect(lambda: self.asked.emit(CallAction.CANCEL_THIRD, "", None))

    # --- drawing ------------------------------------------------------------------------------

    @property
    def is_with_third(self) -> bool:
        """Whether somebody else is in the call, or is being called to it."""
        return is_with_third(self._control)

    def take_focus(self) -> QWidget:
        return self if self.is_with_third else self.field.line

    def set_compact(self, *, is_compact: bool) -> None:
        """One below the other in a narrow window."""
        self._is_compact = is_compact
        down = QBoxLayout.Direction.TopToBottom
        across = QBoxLayout.Direction.LeftToRight
        self._choice_box.setDirection(down if is_compact else across)
        self._choice_box.setSpacing(self.theme.space.s if is_compact else self.theme.space.xl)
        self._card_box.setDirection(down if is_compact else across)
        self._card_box.setSpacing(self.theme.space.s if is_compact else self.theme.space.m)
        self._dress()
        self._fit()
        if self._view is not None:
            self.show_view(self._view)

    def _fit(self) -> None:
        """Two cards need less height than a list of people."""
        if self._is_compact:
            self.set_full_height(284 if self.is_with_third else 360)
        else:
            has_trouble = self.is_with_third and bool(self._control.trouble)
            lower = 176 + (24 if has_trouble else 0)
            self.set_full_height(lower if self.is_with_third else HEIGHT)

    def _dress(self) -> None:
        """Words and keys alone where there is no room for icons."""
        icons = {
            self.ask_button: ("primary", "chat-circle"),
            self.blind_button: ("plain", "arrow-bend-up-right"),
            self.hand_over_button: ("primary", "arrow-bend-up-right"),
            self.all_button: ("plain", "users-three"),
            self.back_button: ("plain", "arrow-u-up-left"),
        }
        for button, (kind, icon) in icons.items():
            is_primary = kind == "primary"
            button.set_kind("primary" if is_primary else "plain", "" if self._is_compact else icon)

    def show_view(self, view: AgentView) -> None:
        """Draw who is in the call, or the choice of somebody."""
        self._view = view
        attempt_id = view.record.attempt_id if view.record else ""
        if attempt_id != self._attempt_id:
            self._attempt_id = attempt_id
            self.field.set_text("")
            self.colleagues.choose(None)
        control = self._control = view.control
        is_with = self.is_with_third
        self.pages.setCurrentWidget(self._consult if is_with else self._choice)
        words = transfer_words(control)
        is_refused = bool(control.trouble) and not is_with
        self.words.setText(control.trouble if is_refused else words)
        set_tone(self.words, "trouble" if is_refused else "muted")
        self.trouble.setText(control.trouble)
        self.trouble.setVisible(bool(control.trouble))
        # Esc would leave a third party in the call with nobody to see it.
        self.close_button.setVisible(not is_with)
        self.close_button.setEnabled(not is_with)
        if is_with:
            name, third = person_name(view.record), third_name(control)
            for card, party in zip(self.cards, parties_of(control, name, third), strict=True):
                card.show_party(party)
            self._show_consult(control, name, third)
        self._fit()
        self._show_possible()

    def _show_consult(self, control: ControlView, name: str, third: str) -> None:
        is_up = control.third is ThirdStage.UP
        is_all = control.arrangement is Arrangement.CONFERENCE
        is_long = is_all and not self._is_compact
        self.hand_over_button.set_label("Leave them together" if is_long else "Hand over")
        self.hand_over_button.set_possible(is_up, _NOT_UP)
        if is_up:
            self.hand_over_button.set_hint(f"{name} and {third} go on without you.")
        self.all_button.set_possible(is_up and not is_all, "All three talk." if is_up else _NOT_UP)
        self.back_button.set_label("Back" if self._is_compact else "Back to the caller")
        self.back_button.set_hint(f"{third} is hung up; you talk with {name} alone.")

    def show_colleagues(self, colleagues: tuple[ColleagueView, ...]) -> None:
        """Draw who is there."""
        self.colleagues.show_colleagues(colleagues)
        self._show_possible()

    def show_answer(self, answer: NumberAnswer) -> None:
        """What is said of the number that was typed."""
        self.field.show_answer(answer)

    # --- choosing -----------------------------------------------------------------------------

    def press(self, event: QKeyEvent) -> bool:
        if not self.is_with_third:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._entered(bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
                return True
            return super().press(event)
        button = {
            Qt.Key.Key_Return: self.hand_over_button,
            Qt.Key.Key_Enter: self.hand_over_button,
            Qt.Key.Key_A: self.all_button,
            Qt.Key.Key_B: self.back_button,
        }.get(Qt.Key(event.key()))
        if button is None:
            return False
        button.click()
        return True

    def _entered(self, is_at_once: bool) -> None:
        (self.blind_button if is_at_once else self.ask_button).click()

    def _number_changed(self) -> None:
        if self.field.text:
            self.colleagues.choose(None)
        self._show_possible()

    def _colleague_changed(self) -> None:
        if self.colleagues.chosen is not None:
            self.field.set_text("")
        self._show_possible()

    def _ask_target(self, action: CallAction) -> None:
        colleague = self.colleagues.chosen
        self.asked.emit(action, "" if colleague else self.field.text, colleague)

    def _show_possible(self) -> None:
        can = self.colleagues.chosen is not None or self.field.can_dial
        for button in (self.ask_button, self.blind_button):
            button.set_possible(can, _NOBODY)
        if can:
            self.ask_button.set_hint("You talk with them first; the caller hears music.")
            self.blind_button.set_hint("The call is theirs as soon as they answer.")

    def close_panel(self) -> None:
        super().close_panel()
        self.field.set_text("")
        self.colleagues.choose(None)
