"""Backups: those that there are, one more now, where they go, and the floor put back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desk.backup_view import BackupsView, RestoreDone
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import ElidedLabel, KeyButton, Label, hairline, row
from supervisor_ui.backup_panels import FolderPanel, ListPanel, SecretPanel
from supervisor_ui.import_pages import ShareBar
from supervisor_ui.middle import middle_page, of_lines, picture

SIZE = QSize(880, 592)
WAIT, LIST, BUSY, SURE, DONE = range(5)
_MIDDLE_PX = 520
_WARNING = (
    "All that was written since then is not in it: calls, outcomes, call-backs, lists. Whoever "
    "was erased, or said never again, stays so. The present floor is kept in a folder beside it. "
    "Everybody has to be logged out, and Callfloor closes afterwards."
)
_FILES = "Backups (*.callfloor);;All files (*)"


class BackupDialog(QDialog):
    """Shows the floor's backups; knows neither disk nor database.

    `make_requested` is answered with `show_progress`, then `show_made`, `show_given_up` or
    `show_trouble`; `restore_requested(path, passphrase)` likewise with `show_restored`;
    `passphrase_requested` with `show_passphrase`; `folder_chosen(path)` and `written_down` with
    `show_view`; `leave_requested` asks for the end of the program.
    """

    make_requested = Signal()
    cancel_requested = Signal()
    folder_chosen = Signal(str)
    passphrase_requested = Signal()
    written_down = Signal()
    restore_requested = Signal(str, str)
    leave_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._path, self._is_restoring = "", False
        self.setWindowTitle("Backups")
        self.setFixedSize(SIZE)
        self.backups = ListPanel(theme)
        self.folder = FolderPanel(theme)
        self.secret = SecretPanel(theme)
        self.sentence = Label(theme, "", tone="muted", is_wrapped=True)
        self.file = KeyButton(theme, "Restore a file …", kind="quiet")
        self.make = KeyButton(theme, "Make one now", kind="primary", icon="floppy-disk")
        self.leave = KeyButton(theme, "Close", kind="quiet")
        self.step = ElidedLabel(theme, "", role="title", weight=STRONG)
        self.percent = Label(theme, "", role="title", tone="muted")
        self.bar = ShareBar(theme)
        self.cancel = KeyButton(theme, "Cancel", kind="plain")
        self.question = Label(theme, "", role="title", weight=STRONG, is_wrapped=True)
        self.passphrase = QLineEdit()
        self.sure = KeyButton(theme, "Restore this backup", kind="danger")
        self.back = KeyButton(theme, "Back", kind="plain")
        self.title = Label(theme, "", role="title", weight=STRONG, is_wrapped=True)
        self.told = Label(theme, "", is_wrapped=True)
        self.end = KeyButton(theme, "Close Callfloor", kind="primary")
        self._lay_out()
        self._connect()
        self._go(WAIT)

    # --- layout -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(16)
        self.pages = QStackedWidget()
        for page in (
            QWidget(), self._list_page(), self._busy_page(), self._sure_page(), self._done_page(),
        ):  # fmt: skip
            self.pages.addWidget(page)
        box.addWidget(self.pages, 1)
        box.addWidget(hairline(self._theme))
        self.sentence.setMinimumHeight(52)
        foot = row(self.sentence, self.file, self.make, self.leave, spacing=8)
        foot.setStretch(0, 1)
        box.addLayout(foot)

    def _list_page(self) -> QWidget:
        page = QWidget()
        side = QVBoxLayout()
        side.setSpacing(12)
        side.addWidget(self.folder)
        side.addWidget(self.secret)
        side.addStretch(1)
        box = row(self.backups, spacing=12)
        box.setContentsMargins(0, 0, 0, 0)
        box.setStretch(0, 1)
        box.addLayout(side)
        page.setLayout(box)
        return page

    def _busy_page(self) -> QWidget:
        head = row(self.step, self.percent, spacing=16)
        head.setStretch(0, 1)
        inner = QVBoxLayout()
        inner.setSpacing(12)
        inner.addLayout(head)
        inner.addWidget(self.bar)
        words = "The present floor stays as it is until all is done. Cancel leaves nothing behind."
        inner.addWidget(Label(self._theme, words, tone="muted", is_wrapped=True))
        inner.addSpacing(8)
        inner.addLayout(row(self.cancel, spacing=0, stretch_at=1))
        return middle_page(inner, _MIDDLE_PX)

    def _sure_page(self) -> QWidget:
        theme = self._theme
        inner = QVBoxLayout()
        inner.setSpacing(12)
        inner.addWidget(picture(theme, self, "warning"))
        inner.addWidget(of_lines(self.question, 2))
        inner.addWidget(of_lines(Label(theme, _WARNING, tone="muted", is_wrapped=True), 4))
        inner.addSpacing(4)
        words = "Passphrase, only for a backup of another PC"
        inner.addWidget(Label(theme, words, role="small", weight=MEDIUM, tone="muted"))
        self.passphrase.setFont(theme.font())
        self.passphrase.setMaxLength(200)
        self.passphrase.setAccessibleName(words)
        inner.addWidget(self.passphrase)
        inner.addSpacing(8)
        inner.addLayout(row(self.sure, self.back, spacing=8, stretch_at=2))
        return middle_page(inner, _MIDDLE_PX)

    def _done_page(self) -> QWidget:
        inner = QVBoxLayout()
        inner.setSpacing(12)
        inner.addWidget(picture(self._theme, self, "check-circle"))
        inner.addWidget(self.title)
        inner.addWidget(self.told)
        inner.addSpacing(8)
        inner.addLayout(row(self.end, spacing=0, stretch_at=1))
        return middle_page(inner, _MIDDLE_PX)

    def _connect(self) -> None:
        self.make.clicked.connect(self._make)
        self.cancel.clicked.connect(self._cancel)
        self.leave.clicked.connect(self.reject)
        self.file.clicked.connect(self._choose_file)
        self.folder.change.clicked.connect(self._choose_folder)
        self.secret.show_requested.connect(self.passphrase_requested)
        self.secret.written_down.connect(self.written_down)
        self.backups.restore_requested.connect(self.ask_restore)
        self.sure.clicked.connect(self._restore)
        self.back.clicked.connect(lambda: self._go(LIST))
        self.end.clicked.connect(self.leave_requested)

    # --- what a person does -----------------------------------------------------------------

    def _make(self) -> None:
        self._begin(is_restoring=False)
        self.make_requested.emit()

    def _restore(self) -> None:
        self._begin(is_restoring=True)
        self.restore_requested.emit(self._path, self.passphrase.text().strip())

    def _begin(self, *, is_restoring: bool) -> None:
        self._is_restoring = is_restoring
        self.cancel.set_possible(True)
        self.show_progress("Beginning", 0.0)
        self._say("")
        self._go(BUSY)

    def _cancel(self) -> None:
        self.cancel.set_possible(False, "It is being given up.")
        self.cancel_requested.emit()

    def _choose_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(
            self, "Where backups go", self.folder.path.full_text
        )
        if found:
            self.folder_chosen.emit(found)

    def _choose_file(self) -> None:
        where = self.folder.path.full_text
        found, _ = QFileDialog.getOpenFileName(self, "Restore a file", where, _FILES)
        if found:
            self.ask_restore(found, "")

    def ask_restore(self, path: str, when: str) -> None:
        """Ask once more, in plain words, before the floor is put back."""
        self._path = path
        as_it_was = f"as it was on {when}" if when else f"from {Path(path).name}"
        self.question.setText(f"Put the floor back {as_it_was}?")
        self.passphrase.clear()
        self._say("")
        self._go(SURE)

    def reject(self) -> None:
        """Close; what is on its way is cancelled instead, and a question taken back."""
        page = self.pages.currentIndex()
        if page == BUSY:
            if self.cancel.isEnabled():
                self._cancel()
        elif page == SURE:
            self._go(LIST)
        elif page == DONE:
            self.leave_requested.emit()
        else:
            super().reject()

    # --- what is answered -------------------------------------------------------------------

    def show_view(self, view: BackupsView) -> None:
        """How things stand."""
        self.backups.show_view(view)
        self.folder.show_view(view)
        self.secret.hide_text(is_shown=view.is_shown)
        why = view.elsewhere
        for button in (self.make, self.file, self.folder.change, self.secret.button):
            button.set_possible(not why, why)
        self._say(why or view.trouble, is_trouble=bool(view.trouble and not why))
        if self.pages.currentIndex() in (WAIT, LIST):
            self._go(LIST)

    def show_progress(self, step: str, share: float) -> None:
        """What is being done, and how far all of it is."""
        self.step.setText(step)
        self.percent.setText(f"{share * 100:.0f} %")
        self.bar.set_share(share)

    def show_made(self, view: BackupsView) -> None:
        """There is one more."""
        self._go(LIST)
        self.show_view(view)
        newest = view.rows[0] if view.rows else None
        self._say(f"A backup was made: {newest.size}." if newest is not None else "")

    def show_given_up(self) -> None:
        """It was given up."""
        self._go(LIST)
        self._say("Cancelled; the floor is as it was.")

    def show_passphrase(self, passphrase: str) -> None:
        """What opens the backups."""
        self.secret.show_text(passphrase)

    def show_restored(self, done: RestoreDone) -> None:
        """The floor was put back."""
        self.title.setText(done.title)
        self.told.setText("\n\n".join(done.sentences))
        self._say("")
        self._go(DONE)

    def show_trouble(self, sentence: str) -> None:
        """Why something did not work."""
        if self.pages.currentIndex() == BUSY:
            self._go(SURE if self._is_restoring else LIST)
        elif self.pages.currentIndex() == WAIT:
            self._go(LIST)
        self._say(sentence, is_trouble=True)

    # --- drawing ----------------------------------------------------------------------------

    def _go(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        for button in (self.file, self.make):
            button.setVisible(page == LIST)
        self.leave.setVisible(page in (WAIT, LIST))

    def _say(self, sentence: str, *, is_trouble: bool = False) -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else "muted")
