"""Other programs: the switch, who may ask, and who is told what happens."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QDialog, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.desk.api_view import ApiView, ProgramView, Secret
from app.look.theme import STRONG, Theme, set_tone
from app.look.widgets import ChoiceBox, ElidedLabel, KeyButton, Label, hairline, row
from supervisor_ui.api_panels import NewPanel, ProgramPanel, ProgramsPanel, SecretPanel

SIZE = QSize(920, 600)
NEW, SECRET, ONE = range(3)
_WHAT = "Off. Other programs, such as a CRM, cannot ask this floor anything."
DEFAULT_PORT = 8710
_PLACES = ("Programs on this PC alone", "Programs on other PCs too (TLS)")


class ApiDialog(QDialog):
    """Shows how other programs get on with this floor; knows neither network nor database.

    `switch_requested(on, to other PCs, port)`, `remove_requested(name)` and what the form of a
    program asks are answered with `show_view`; `add_requested(name, rights)` and
    `hook_requested(HookWish)` with `show_secret`; all of them with `show_trouble` instead.
    """

    switch_requested = Signal(bool, bool, int)
    add_requested = Signal(str, object)
    remove_requested = Signal(str)
    hook_requested = Signal(object)
    hook_dropped = Signal(str)
    hook_restarted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: ApiView | None = None
        self.setWindowTitle("Other programs")
        self.setFixedSize(SIZE)
        self.title = ElidedLabel(theme, "", role="title", weight=STRONG)
        self.switch = KeyButton(theme, "Switch on", kind="primary")
        self.place = ChoiceBox(theme)
        self.place.addItems(list(_PLACES))
        self.place.setAccessibleName("Who can ask")
        self.port = QLineEdit()
        self.port.setValidator(QIntValidator(1024, 65535, self.port))
        self.port.setFixedWidth(72)
        self.port.setFont(theme.font())
        self.port.setAccessibleName("Port")
        self.programs = ProgramsPanel(theme)
        self.new = NewPanel(theme)
        self.secret = SecretPanel(theme)
        self.one = ProgramPanel(theme)
        self.pages = QStackedWidget()
        self.sentence = Label(theme, "", tone="muted", is_wrapped=True)
        self.leave = KeyButton(theme, "Close")
        self._lay_out()
        self._connect()
        self.switch.set_possible(False, "Looking how things stand.")

    def _lay_out(self) -> None:
        theme = self._theme
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(16)
        head = row(
            self.title, self.place, Label(theme, "Port", tone="muted"), self.port, self.switch,
            spacing=12,
        )  # fmt: skip
        head.setStretch(0, 1)
        box.addLayout(head)
        for page in (self.new, self.secret, self.one):
            self.pages.addWidget(page)
        self.programs.setFixedWidth(400)
        columns = row(self.programs, self.pages, spacing=12)
        columns.setStretch(1, 1)
        box.addLayout(columns, 1)
        box.addWidget(hairline(theme))
        foot = row(self.sentence, self.leave, spacing=8)
        foot.setStretch(0, 1)
        self.sentence.setMinimumHeight(36)
        box.addLayout(foot)

    def _connect(self) -> None:
        self.switch.clicked.connect(self._switch)
        self.place.activated.connect(self._moved)
        self.port.editingFinished.connect(self._moved)
        self.programs.chosen.connect(self._open)
        self.programs.new_requested.connect(lambda: self._go(NEW))
        self.new.add_requested.connect(self.add_requested)
        self.secret.done.connect(self._kept)
        self.one.hook_requested.connect(self.hook_requested)
        self.one.hook_dropped.connect(self.hook_dropped)
        self.one.hook_restarted.connect(self.hook_restarted)
        self.one.remove_requested.connect(self.remove_requested)
        self.leave.clicked.connect(self.reject)

    # --- what a person does -----------------------------------------------------------------

    def _switch(self) -> None:
        is_on = self._view is None or not self._view.is_on
        self.switch_requested.emit(is_on, self.place.currentIndex() == 1, self._port())

    def _moved(self) -> None:
        """Another address or port: at once where it is on."""
        view = self._view
        wanted = (self.place.currentIndex() == 1, self._port())
        if view is not None and view.is_on and wanted != (view.is_open, view.port):
            self.switch_requested.emit(True, *wanted)

    def _port(self) -> int:
        """What is typed, where it is a port; else the one that it was."""
        if self.port.hasAcceptableInput():
            return int(self.port.text())
        return DEFAULT_PORT if self._view is None else self._view.port

    def _open(self, name: str) -> None:
        found = self._program(name)
        if found is not None:
            self.one.show_program(found)
            self._go(ONE)

    def _kept(self) -> None:
        name = self.secret.title.text().partition(" of ")[2]
        self._open(name) if self._program(name) is not None else self._go(NEW)

    # --- what is answered -------------------------------------------------------------------

    def show_view(self, view: ApiView) -> None:
        """How things stand."""
        before, self._view = self._view, view
        self.title.setText(f"On · {view.address}" if view.is_on else "Off")
        self.title.setToolTip(view.address)
        self.switch.set_possible(True)
        self.switch.set_label("Switch off" if view.is_on else "Switch on")
        self.switch.set_kind("plain" if view.is_on else "primary", "")
        if before is None or (before.is_open, before.port) != (view.is_open, view.port):
            self.place.setCurrentIndex(int(view.is_open))
            self.port.setText(str(view.port))
        self.programs.show_programs(view.programs)
        if self.pages.currentIndex() == ONE:
            found = self._program(self.one.program)
            if found is None:
                self._go(NEW)
            else:
                self.one.show_program(found)
        if before is None or before != view:
            self._say_state(view)

    def show_secret(self, secret: Secret) -> None:
        """A token or a key, this once."""
        self.new.clear()
        self.secret.show_secret(secret)
        self._go(SECRET)

    def show_trouble(self, sentence: str) -> None:
        """Why something did not work."""
        self.switch.set_possible(True)
        self._say(sentence, is_trouble=True)

    # --- drawing ----------------------------------------------------------------------------

    def _program(self, name: str) -> ProgramView | None:
        programs = () if self._view is None else self._view.programs
        return next((one for one in programs if one.name == name), None)

    def _say_state(self, view: ApiView) -> None:
        if view.trouble:
            self._say(view.trouble, is_trouble=True)
        elif not view.is_on:
            self._say(_WHAT)
        elif not view.is_running:
            self._say("It is being started; it runs for as long as the supervisor's window does.")
        else:
            self._say("docs/api.md says what can be asked, with examples.")

    def _go(self, page: int) -> None:
        self.pages.setCurrentIndex(page)

    def _say(self, sentence: str, *, is_trouble: bool = False) -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else "muted")
