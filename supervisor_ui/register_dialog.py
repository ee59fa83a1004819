"""Do-not-call registers: how old each is, a newer copy with progress, and the office's own list."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from app.desk.register_view import CopyChoice, RegisterRow, RegistersView
from app.look.theme import Theme, set_tone
from app.look.widgets import KeyButton, Label, hairline, row
from supervisor_ui.register_pages import BusyPage, CopyPage, ListPage

SIZE = QSize(960, 656)
LIST, COPY, BUSY = range(3)
_FILES = "Registers (*.csv *.tsv *.txt *.xlsx);;All files (*)"


class RegisterDialog(QDialog):
    """Shows a `RegistersView` and tells what is wanted; knows neither files nor the database.

    `load_requested(CopyChoice)` is answered with `show_share`, then `show_loaded`,
    `show_cancelled` or `show_trouble`; `add_requested`, `check_requested` (OwnNumber) and
    `file_requested(path, region, client)` with `show_said` or `show_trouble`.
    """

    load_requested = Signal(object)
    cancel_requested = Signal()
    add_requested = Signal(object)
    check_requested = Signal(object)
    file_requested = Signal(str, str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Do-not-call registers")
        self.setFixedSize(SIZE)
        self._theme = theme
        self._view = RegistersView(())
        self.list = ListPage(theme)
        self.copy = CopyPage(theme)
        self.busy = BusyPage(theme)
        self.sentence = Label(theme, "Reading the registers …", tone="muted", is_wrapped=True)
        self.back = KeyButton(theme, "Back", kind="quiet")
        self.leave = KeyButton(theme, "Close", kind="quiet")
        self.load = KeyButton(theme, "Load this copy", kind="primary")
        self.pages = QStackedWidget()
        for page in (self.list, self.copy, self.busy):
            self.pages.addWidget(page)
        self.sentence.setMinimumHeight(36)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 20)
        whole.setSpacing(16)
        whole.addWidget(self.pages, 1)
        whole.addWidget(hairline(theme))
        foot = row(self.sentence, self.back, self.leave, self.load, spacing=8)
        foot.setStretch(0, 1)
        whole.addLayout(foot)
        self._connect()
        self._go(LIST)

    def _connect(self) -> None:
        self.list.newer_requested.connect(self._browse)
        self.list.add_requested.connect(self.add_requested)
        self.list.check_requested.connect(self.check_requested)
        self.list.browse_requested.connect(self._browse_own)
        self.busy.cancel_requested.connect(self.cancel_requested)
        self.back.clicked.connect(self._go_back)
        self.leave.clicked.connect(self.reject)
        self.load.clicked.connect(self._ask_load)

    # --- what a person does -----------------------------------------------------------------

    def _browse(self, register: RegisterRow) -> None:
        words = f"Choose the copy of {register.id}"
        file, _ = QFileDialog.getOpenFileName(self, words, "", _FILES)
        if file:
            self.choose_copy(register, file)

    def choose_copy(self, register: RegisterRow, file: str) -> None:
        """This file is to be loaded, once its day is said."""
        self.copy.begin(register, file, self._view.today)
        self._say("")
        self._go(COPY)

    def _browse_own(self, region: str, client: str) -> None:
        file, _ = QFileDialog.getOpenFileName(self, "Numbers that are never called", "", _FILES)
        if file:
            self.take_own(file, region, client)

    def take_own(self, file: str, region: str, client: str) -> None:
        """The numbers of this file are never to be called again."""
        self._say("Reading the numbers …")
        self.file_requested.emit(file, region, client)

    def _ask_load(self) -> None:
        choice: CopyChoice = self.copy.choice
        self.busy.begin(f"Loading {choice.register}")
        self._say("")
        self._go(BUSY)
        self.load_requested.emit(choice)

    def _go_back(self) -> None:
        self._say("")
        self._go(LIST)

    def reject(self) -> None:
        """Close; a copy on its way is given up instead."""
        if self.pages.currentIndex() == BUSY:
            self.busy.cancel.click()
            return
        super().reject()

    # --- what is answered -------------------------------------------------------------------

    def show_view(self, view: RegistersView) -> None:
        """The registers as they stand."""
        if not self._view.rows and self.sentence.text().startswith("Reading"):
            self._say("")
        self._view = view
        self.list.show_view(view)

    def show_share(self, share: float) -> None:
        """How far the copy is."""
        self.busy.show_share(share)

    def show_loaded(self, sentence: str) -> None:
        """The copy is in force."""
        self._go(LIST)
        self._say(sentence)

    def show_cancelled(self) -> None:
        """The copy before stays in force."""
        self._go(COPY)
        self._say("Cancelled; the copy before stays in force.")

    def show_said(self, sentence: str) -> None:
        """What became of an own number."""
        self.list.clear_number()
        self._say(sentence)

    def show_trouble(self, sentence: str) -> None:
        """Why it cannot be."""
        if self.pages.currentIndex() == BUSY:
            self._go(COPY)
            self.copy.offer_small()
        self._say(sentence, is_trouble=True)

    def _go(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self.back.setVisible(page == COPY)
        self.load.setVisible(page == COPY)
        self.leave.setVisible(page == LIST)

    def _say(self, sentence: str, *, is_trouble: bool = False) -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else "muted")
