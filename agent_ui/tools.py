"""The three panels above the outcomes: which stands open, and which keys are theirs."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from agent_ui.call_words import is_with_third, why_no_control, why_no_hand_dial
from agent_ui.dial_panel import DialPanel
from agent_ui.keypad_panel import KeypadPanel
from agent_ui.tool_panel import ToolPanel
from agent_ui.transfer_panel import TransferPanel
from agent_ui.words import IN_CALL, person_name
from app.desk.views import (
    AgentView,
    AttemptId,
    CallAction,
    CallWish,
    ColleagueView,
    NumberAnswer,
    SessionId,
)
from app.look.theme import Theme
from app.look.widgets import Clock

Tool = Literal["transfer", "keypad", "dial", ""]


class Tools(QObject):
    """Opens by a key or by what the line reports; never takes the keyboard by itself.

    `wished(CallWish)`, `opened(tool)` ("" once all are closed).
    """

    wished = Signal(object)
    opened = Signal(str)

    def __init__(self, theme: Theme, clock: Clock, desk: QWidget) -> None:
        super().__init__(desk)
        self._desk = desk
        self.transfer = TransferPanel(theme)
        self.keypad = KeypadPanel(theme)
        self.dialling = DialPanel(theme, clock)
        self._view: AgentView | None = None
        self._open: Tool = ""
        self._was_with_third = False
        self.transfer.asked.connect(self._transfer_asked)
        self.keypad.digit_pressed.connect(lambda key: self.wish(CallAction.DIGITS, digits=key))
        for panel in self.panels.values():
            panel.close_pressed.connect(self.close)

    @property
    def panels(self) -> dict[str, ToolPanel]:
        """The panels by name."""
        return {"transfer": self.transfer, "keypad": self.keypad, "dial": self.dialling}

    @property
    def open_tool(self) -> Tool:
        """Which stands open; "" for none."""
        return self._open

    def open(self, tool: Tool, *, by_hand: bool) -> None:
        """Open one and close the others; `by_hand`: it takes the keyboard."""
        if not tool:
            return
        if self._open != tool:
            self._give_focus_back()
        before, self._open = self._open, tool
        for name, panel in self.panels.items():
            if name != tool:
                panel.close_panel()
        self.panels[tool].open_panel()
        if by_hand:
            self.panels[tool].take_focus().setFocus(Qt.FocusReason.ShortcutFocusReason)
        if before != tool:
            self.opened.emit(tool)

    def close(self) -> None:
        """Close what is open."""
        if not self._open:
            return
        self._give_focus_back()
        self._open = ""
        for panel in self.panels.values():
            panel.close_panel()
        self.opened.emit("")

    def _give_focus_back(self) -> None:
        """Before a panel goes: Qt would hand its focus to the note, and keys would become text."""
        focused = self._desk.window().focusWidget()
        for panel in self.panels.values():
            if focused is not None and (focused is panel or panel.isAncestorOf(focused)):
                self._desk.setFocus()

    def toggle(self, tool: Tool) -> None:
        """As its key does: open it, or close it again."""
        if self._open != tool:
            self.open(tool, by_hand=True)
        elif not (tool == "transfer" and self.transfer.is_with_third):
            self.close()

    def press(self, event: QKeyEvent) -> bool:
        """Give a key to the panel that stands open; True if it was one of its keys."""
        is_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not self._open or (is_control and not is_enter):
            return False
        return self.panels[self._open].press(event)

    def show_view(self, view: AgentView) -> None:
        """Follow the call: a third party opens the transfer, the end of the call closes it."""
        self._view = view
        is_possible = not why_no_control(view)
        is_with = is_possible and is_with_third(view.control)
        has_lost_third = self._was_with_third and not is_with
        self._was_with_third = is_with
        if self._open in ("transfer", "keypad") and not is_possible:
            self.close()
        if self._open == "transfer" and has_lost_third:
            self.close()
        if self._open == "dial" and (view.state in IN_CALL or view.call.is_up):
            self.close()
        if is_with and self._open != "transfer":
            self.open("transfer", by_hand=False)
        self.transfer.show_view(view)
        attempt_id = view.record.attempt_id if view.record else ""
        self.keypad.show_person(attempt_id, person_name(view.record))
        self.dialling.show_why_not(why_no_hand_dial(view))
        self.dialling.show_trouble(view.control.trouble)

    def tick(self) -> None:
        """Let what waits for an answer follow the clock."""
        if self._open == "dial":
            self.dialling.tick()

    def show_answer(self, answer: NumberAnswer) -> None:
        """What is said of a number that was typed, in whichever field it stands."""
        self.transfer.show_answer(answer)
        self.dialling.show_answer(answer)

    def wish(
        self,
        action: CallAction,
        *,
        number: str = "",
        colleague: ColleagueView | None = None,
        digits: str = "",
    ) -> None:
        """Ask for something with the call in hand; nothing where there is none."""
        view = self._view
        if view is None or view.record is None or not view.record.attempt_id:
            return
        if why_no_control(view):
            return
        self.wished.emit(
            CallWish(
                action,
                AttemptId(view.record.attempt_id),
                number,
                SessionId(colleague.session_id) if colleague is not None else None,
                digits,
            )
        )

    def _transfer_asked(self, action: CallAction, number: str, colleague: object) -> None:
        chosen = colleague if isinstance(colleague, ColleagueView) else None
        self.wish(action, number=number, colleague=chosen)
