"""Who works here today: agent, password, and what went wrong last time."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.desk.views import LoginView
from app.look.theme import STRONG, Theme, set_tone
from app.look.widgets import CheckLine, ChoiceBox, ElidedLabel, KeyButton, Label, Panel, row

_NOBODY = "No agent has been set up yet. The supervisor adds agents; their names then appear here."
_WAITING = "It is tried again every second; this window goes on by itself."


class LoginPage(QWidget):
    """Asks for one agent and a password; everything else comes after."""

    log_in_pressed = Signal(str, str, bool)  # agent, password, as relief
    checkup_pressed = Signal()  # what is wrong here?
    leave_pressed = Signal()  # wait no longer

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._view = LoginView()
        self.agent = ChoiceBox(theme)
        self.agent.setAccessibleName("Agent")
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAccessibleName("Password")
        self.password.setPlaceholderText("empty, if you have none")
        self.relief = CheckLine(theme, "Relief", "Take calls only when nobody else is free.")
        self.log_in_button = KeyButton(theme, "Log in", "Enter", kind="primary")
        self.log_in_button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.message = Label(theme, tone="trouble", is_wrapped=True)
        self._message_icon = QLabel()
        self._message_icon.setFixedSize(16, 16)
        self._message_row = QWidget()
        self.seat = ElidedLabel(theme, tone="muted")
        self.waiting = Label(theme, _WAITING, tone="muted", is_wrapped=True)
        self.checkup_button = KeyButton(theme, "What is wrong?", kind="quiet")
        self.leave_button = KeyButton(theme, "Wait no longer", kind="quiet")
        for later in (self.waiting, self.checkup_button, self.leave_button):
            later.hide()
        self.checkup_button.clicked.connect(self.checkup_pressed)
        self.leave_button.clicked.connect(self.leave_pressed)
        for widget in (self.agent, self.password):
            widget.setFont(theme.font())
        self.log_in_button.clicked.connect(self._log_in)
        self.password.returnPressed.connect(self.log_in_button.click)
        self.agent.currentIndexChanged.connect(self._start_anew)
        grid = QGridLayout(self)
        grid.setContentsMargins(*[theme.space.l] * 4)
        grid.addWidget(self._card(), 1, 1)
        for edge in (0, 2):
            grid.setRowStretch(edge, 1)
            grid.setColumnStretch(edge, 1)
        self.setTabOrder(self.agent, self.password)
        self.setTabOrder(self.password, self.relief)
        self.setTabOrder(self.relief, self.log_in_button)
        self.setTabOrder(self.log_in_button, self.checkup_button)
        self.setTabOrder(self.checkup_button, self.leave_button)

    def show_view(self, view: LoginView) -> None:
        """Draw who may log in; keeps the agent chosen if still there."""
        if view.agents != tuple(self.agent.itemText(i) for i in range(self.agent.count())):
            chosen = self.agent.currentText()
            self.agent.clear()
            self.agent.addItems(list(view.agents))
            if chosen in view.agents:
                self.agent.setCurrentText(chosen)
        is_new_error = bool(view.error) and view != self._view and not view.is_busy
        self._view = view
        self.seat.setText(view.seat_name)
        self.seat.setVisible(bool(view.seat_name))
        can_try = bool(view.agents) and not view.is_busy
        self.agent.setEnabled(can_try)
        self.password.setEnabled(can_try)
        self.relief.setEnabled(can_try)
        self.log_in_button.set_label("Logging in …" if view.is_busy else "Log in")
        why = "Wait for the phone." if view.is_busy else "Nobody can log in yet."
        self.log_in_button.set_possible(can_try, why)
        self._show_message(view)
        if is_new_error:
            self.password.clear()
            self.password.setFocus()

    def take_focus(self) -> None:
        """Start at the agent, or at the password where there is no choice."""
        self._start_anew()
        field = self.password if self.agent.count() == 1 else self.agent
        field.setFocus()

    def _start_anew(self) -> None:
        """What one agent has typed or ticked is not for the next."""
        self.password.clear()
        self.relief.setChecked(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.log_in_button.click()
            return
        super().keyPressEvent(event)

    def _show_message(self, view: LoginView) -> None:
        words = view.progress if view.is_busy else view.error
        is_trouble = bool(words) and not view.is_busy
        if not words and not view.agents and not view.is_busy:
            words = _NOBODY
        self.message.setText(words)
        set_tone(self.message, "trouble" if is_trouble else "muted")
        name, colour = ("warning", "trouble_ink") if is_trouble else ("info", "ink2")
        if view.is_busy:
            name = "hourglass"
        ratio = self.devicePixelRatioF()
        self._message_icon.setPixmap(self._theme.pixmap(name, 16, colour, ratio))
        self._message_row.setVisible(bool(words))
        is_waiting = bool(view.error) and not view.agents and not view.is_busy
        self.waiting.setVisible(is_waiting)
        self.leave_button.setVisible(is_waiting)
        self.checkup_button.setVisible(not view.is_busy or is_waiting)

    def _log_in(self) -> None:
        if self.agent.currentText():
            self.log_in_pressed.emit(
                self.agent.currentText(), self.password.text(), self.relief.isChecked()
            )

    def _card(self) -> Panel:
        theme = self._theme
        card = Panel(theme, "Log in")
        card.setFixedWidth(372)
        card.body.setContentsMargins(*[theme.space.xl] * 4)
        card.body.addWidget(Label(theme, "Callfloor", role="timer", weight=STRONG))
        card.body.addWidget(self.seat)
        card.body.addSpacing(theme.space.m)
        for name, field in (("Agent", self.agent), ("Password", self.password)):
            label = Label(theme, name, tone="muted")
            label.setBuddy(field)
            group = QVBoxLayout()
            group.setSpacing(theme.space.xs)
            group.addWidget(label)
            group.addWidget(field)
            card.body.addLayout(group)
        card.body.addWidget(self.relief)
        card.body.addSpacing(theme.space.s)
        card.body.addWidget(self.log_in_button)
        message = row(self._message_icon, spacing=theme.space.s)
        message.setAlignment(self._message_icon, Qt.AlignmentFlag.AlignTop)
        message.addWidget(self.message, 1)
        self._message_row.setLayout(message)
        card.body.addWidget(self._message_row)
        card.body.addWidget(self.waiting)
        card.body.addLayout(row(self.checkup_button, self.leave_button, spacing=theme.space.s))
        return card
