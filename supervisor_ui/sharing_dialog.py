"""Sharing this floor: one button, the code for the next seat, and the seats that have joined."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.desk.sharing_view import ShareCode, ShareView
from app.look.clocks import Clock
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import ElidedLabel, KeyButton, Label, hairline, row
from supervisor_ui.import_pages import ShareBar
from supervisor_ui.middle import middle_page, of_lines, picture
from supervisor_ui.sharing_panels import CodePanel, SeatsPanel

SIZE = QSize(880, 592)
WAIT, OFF, BUSY, ON, ELSEWHERE = range(5)
_TICK_MS = 250
_MIDDLE_PX = 480
_WHAT = (
    "The floor's data move into a database on this PC that other PCs join with a code. Nothing "
    "else is to be installed. This PC has to be on while the others work."
)
_SHARE = "Share this floor"
_AGAIN = "Start the floor again"
_SURE = "Stop: all seats are cut off"


class SharingDialog(QDialog):
    """Shows how the floor is shared; knows neither network nor database.

    `start_requested(name)` is answered with `show_progress`, then `show_started`,
    `show_given_up` or `show_trouble`; `code_requested(lends)` with `show_code`;
    `remove_requested(seat)` and `stop_requested` with `show_view`.
    """

    start_requested = Signal(str)
    cancel_requested = Signal()
    stop_requested = Signal()
    code_requested = Signal(bool)  # for a PC of lines
    remove_requested = Signal(str)

    def __init__(self, theme: Theme, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view: ShareView | None = None
        self.setWindowTitle("Share this floor")
        self.setFixedSize(SIZE)
        self.name = QLineEdit()
        self.share = KeyButton(theme, "Share this floor", kind="primary", icon="share-network")
        self.code = CodePanel(theme, clock)
        self.seats = SeatsPanel(theme)
        self.title = ElidedLabel(theme, "", role="title", weight=STRONG)
        self.place = Label(theme, "", tone="muted")
        self.step = ElidedLabel(theme, "", role="title", weight=STRONG)
        self.percent = Label(theme, "0 %", role="timer", weight=STRONG)
        self.bar = ShareBar(theme)
        self.cancel = KeyButton(theme, "Cancel", "Esc")
        self.where = Label(theme, "", role="title", weight=STRONG, is_wrapped=True)
        self.how = Label(theme, "", tone="muted", is_wrapped=True)
        self.lent = Label(theme, "", is_wrapped=True)
        self.sentence = Label(theme, "", tone="muted", is_wrapped=True)
        self.end = KeyButton(theme, "Stop sharing", kind="quiet")
        self.leave = KeyButton(theme, "Close")
        self._lay_out()
        self._connect()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.code.tick)
        self._timer.start()
        self._go(WAIT)

    # --- layout -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(16)
        self.pages = QStackedWidget()
        for page in (
            *(QWidget(), self._off_page(), self._busy_page(), self._on_page()),
            self._elsewhere_page(),
        ):
            self.pages.addWidget(page)
        box.addWidget(self.pages, 1)
        box.addWidget(hairline(self._theme))
        foot = row(self.sentence, self.end, self.leave, spacing=8)
        foot.setStretch(0, 1)
        self.sentence.setMinimumHeight(52)
        box.addLayout(foot)

    def _off_page(self) -> QWidget:
        theme = self._theme
        inner = QVBoxLayout()
        inner.setSpacing(8)
        inner.addWidget(picture(self._theme, self, "share-network"))
        inner.addSpacing(4)
        inner.addWidget(Label(theme, "Let other PCs join", role="title", weight=STRONG))
        inner.addWidget(of_lines(Label(theme, _WHAT, tone="muted", is_wrapped=True), 3))
        inner.addSpacing(16)
        inner.addWidget(
            Label(theme, "Name that seats see", role="small", weight=MEDIUM, tone="muted")
        )
        self.name.setFont(theme.font())
        self.name.setMaxLength(40)
        self.name.setAccessibleName("Name that seats see")
        inner.addWidget(self.name)
        inner.addSpacing(16)
        inner.addLayout(row(self.share, spacing=0, stretch_at=1))
        return middle_page(inner, _MIDDLE_PX)

    def _elsewhere_page(self) -> QWidget:
        inner = QVBoxLayout()
        inner.setSpacing(8)
        inner.addWidget(picture(self._theme, self, "share-network"))
        inner.addSpacing(4)
        for label, n_lines in ((self.where, 2), (self.how, 3), (self.lent, 5)):
            inner.addWidget(of_lines(label, n_lines))
        self.where.setAlignment(Qt.AlignmentFlag.AlignBottom)
        return middle_page(inner, _MIDDLE_PX)

    def _busy_page(self) -> QWidget:
        inner = QVBoxLayout()
        inner.setSpacing(12)
        head = row(self.step, self.percent, spacing=16)
        head.setStretch(0, 1)
        inner.addLayout(head)
        inner.addWidget(self.bar)
        words = "The old data stay in their file as a backup. Cancel leaves all as it was."
        inner.addWidget(Label(self._theme, words, tone="muted", is_wrapped=True))
        inner.addSpacing(8)
        inner.addLayout(row(self.cancel, spacing=0, stretch_at=1))
        return middle_page(inner, _MIDDLE_PX)

    def _on_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(16)
        head = row(self.title, self.place, spacing=12)
        head.setStretch(0, 1)
        box.addLayout(head)
        columns = row(self.code, self.seats, spacing=12)
        columns.setStretch(1, 1)
        box.addLayout(columns, 1)
        return page

    def _connect(self) -> None:
        self.share.clicked.connect(self._start)
        self.name.returnPressed.connect(self._start)
        self.cancel.clicked.connect(self._cancel)
        self.code.requested.connect(self.code_requested)
        self.seats.remove_requested.connect(self.remove_requested)
        self.end.clicked.connect(self._end)
        self.leave.clicked.connect(self.reject)

    # --- what a person does -----------------------------------------------------------------

    def _start(self) -> None:
        self.cancel.set_possible(True)
        self.show_progress("Beginning", 0.0)
        self._say("")
        self._go(BUSY)
        self.start_requested.emit(self.name.text().strip())

    def _cancel(self) -> None:
        self.cancel.set_possible(False, "It is being given up.")
        self.cancel_requested.emit()

    def _end(self) -> None:
        """Asked twice: all seats lose the floor."""
        if self.end.text() != _SURE:
            self.end.set_label(_SURE)
            self.end.set_kind("danger")
            return
        self.stop_requested.emit()
        self._forget_sure()

    def reject(self) -> None:
        """Close; a start on its way is cancelled instead."""
        if self.pages.currentIndex() == BUSY:
            if self.cancel.isEnabled():
                self._cancel()
            return
        super().reject()

    # --- what is answered -------------------------------------------------------------------

    def show_view(self, view: ShareView) -> None:
        """How things stand."""
        before, self._view = self._view, view
        if before is None or not self.name.text():
            self.name.setText(view.name)
        if self.pages.currentIndex() == BUSY:
            return
        self._show(view)
        if before is None or before.is_running != view.is_running:
            self._say_state(view)

    def show_started(self, view: ShareView) -> None:
        """The floor is shared."""
        self._view = view
        self._show(view)
        self._say_state(view)

    def show_progress(self, step: str, share: float) -> None:
        """What is being done, and how far all of it is."""
        self.step.setText(step)
        self.percent.setText(f"{share * 100:.0f} %")
        self.bar.set_share(share)

    def show_given_up(self) -> None:
        """The start was given up."""
        self._go(OFF)
        self._say("Cancelled; nothing was moved.")

    def show_code(self, code: ShareCode) -> None:
        """A code for the next seat."""
        self.code.show_code(code)
        self._say(self._view.hint if self._view is not None else "")

    def show_trouble(self, sentence: str) -> None:
        """Why something did not work."""
        if self.pages.currentIndex() == BUSY:
            self._go(ON if self._view is not None and self._view.is_running else OFF)
        elif self.pages.currentIndex() == WAIT:
            self._go(OFF)
        self._say(sentence, is_trouble=True)

    # --- drawing ----------------------------------------------------------------------------

    def _show(self, view: ShareView) -> None:
        self.title.setText(view.name)
        self.place.setText(view.place)
        self.place.setToolTip(f"Fingerprint {view.fingerprint}" if view.fingerprint else "")
        self.seats.show_seats(view.seats)
        self.share.set_label(_AGAIN if view.is_shared else _SHARE)
        self.where.setText(view.elsewhere)
        self.how.setText(view.how)
        self.lent.setText(view.lent)
        if not view.is_running:
            self.code.forget()
        if view.elsewhere:
            self._go(ELSEWHERE)
        else:
            self._go(ON if view.is_running else OFF)

    def _say_state(self, view: ShareView) -> None:
        if view.elsewhere:
            self._say("")
        elif view.is_running and not view.is_kept:
            self._say(
                "The floor runs, but nobody answers seats that join: stop sharing and start it "
                "again.",
                is_trouble=True,
            )
        elif view.is_running:
            self._say("The floor is shared. It goes on when this window is closed.")
        elif view.is_shared:
            self._say("The floor's database is stopped; its data are safe on this PC.")
        else:
            self._say("")

    def _go(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self.end.setVisible(page == ON)
        self.leave.setVisible(page != BUSY)
        self._forget_sure()

    def _forget_sure(self) -> None:
        if self.pages.currentIndex() != ON or self.end.text() != _SURE:
            self.end.set_label("Stop sharing")
            self.end.set_kind("quiet")

    def _say(self, sentence: str, *, is_trouble: bool = False) -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else "muted")
