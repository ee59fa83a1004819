"""What is wrong?: one row for each thing that was looked at, with what to do about it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.desk.checkup.findings import Checked, CheckupView, Verdict
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import KeyButton, Label, hairline, row

SIZE = QSize(720, 592)
TITLE_PX = 140
_ICONS = {
    Verdict.GOOD: ("check-circle", "ink3"),
    Verdict.NOTE: ("info", "ink2"),
    Verdict.TROUBLE: ("warning", "trouble_ink"),
    Verdict.SKIPPED: ("minus", "ink3"),
}


class CheckRow(QWidget):
    """One thing: its name, what was found, what to do."""

    def __init__(self, theme: Theme, checked: Checked) -> None:
        super().__init__()
        self.checked = checked
        found = checked.finding
        icon, ink = _ICONS[found.verdict]
        picture = QLabel()
        picture.setFixedSize(16, 16)
        picture.setPixmap(theme.pixmap(icon, 16, ink, self.devicePixelRatioF()))
        is_trouble = found.verdict is Verdict.TROUBLE
        title = Label(theme, checked.title, weight=MEDIUM)
        title.setFixedWidth(TITLE_PX)
        tone = "muted" if found.verdict is Verdict.SKIPPED else "trouble" if is_trouble else "ink"
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label(theme, found.sentence, tone=tone, is_wrapped=True))
        if found.what_to_do:
            words.addWidget(Label(theme, found.what_to_do, tone="muted", is_wrapped=True))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.setSpacing(theme.space.s)
        for part in (picture, title):
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        told = f"{checked.title}: {found.sentence} {found.what_to_do}".strip()
        self.setAccessibleName(told)


class CheckupDialog(QDialog):
    """Draws a CheckupView. `begin_requested` looks again, `cancel_requested` gives up."""

    begin_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_running = False
        self.rows: list[CheckRow] = []
        self.setWindowTitle("What is wrong?")
        self.setFixedSize(SIZE)
        self.words = Label(theme, "", role="title", weight=STRONG, is_wrapped=True)
        self.count = Label(theme, "", tone="faint")
        self.again = KeyButton(theme, "Look again", kind="primary")
        self.cancel = KeyButton(theme, "Cancel", kind="plain")
        self.leave = KeyButton(theme, "Close", kind="quiet")
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._list.setContentsMargins(0, 0, theme.space.s, 0)
        self._list.addStretch(1)
        self._lay_out()
        self.again.clicked.connect(self.begin_requested)
        self.cancel.clicked.connect(self._give_up)
        self.leave.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        theme, space = self._theme, self._theme.space
        holder = QWidget()
        holder.setProperty("role", "plain")
        holder.setLayout(self._list)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(holder)
        box = QVBoxLayout(self)
        box.setContentsMargins(*[space.xl] * 4)
        box.setSpacing(space.m)
        head = row(self.words, self.count, spacing=space.m)
        head.setStretch(0, 1)
        box.addLayout(head)
        box.addWidget(hairline(theme))
        box.addWidget(self._area, 1)
        box.addWidget(hairline(theme))
        box.addLayout(row(self.leave, self.cancel, self.again, spacing=space.s, stretch_at=0))

    def show_view(self, view: CheckupView) -> None:
        """Draw what is known so far; rows that stand already stay as they are."""
        known = [one.checked for one in self.rows]
        if tuple(known) != view.rows[: len(known)]:
            self._clear()
        for checked in view.rows[len(self.rows) :]:
            added = CheckRow(self._theme, checked)
            self.rows.append(added)
            self._list.insertWidget(self._list.count() - 1, added)
        self._is_running = bool(view.running)
        self.words.setText(view.words)
        set_tone(self.words, "trouble" if view.troubles and not view.running else "ink")
        self.count.setText(f"{len(view.rows)} of {view.count}" if view.running else "")
        self.again.setVisible(not self._is_running)
        self.cancel.setVisible(self._is_running)
        if not self._is_running:
            self.cancel.set_possible(True)
            self._show_first_trouble()

    def _show_first_trouble(self) -> None:
        first = next(
            (one for one in self.rows if one.checked.finding.verdict is Verdict.TROUBLE), None
        )
        if first is not None:
            self._area.ensureWidgetVisible(first)

    def _give_up(self) -> None:
        self.cancel.set_possible(False, "It is being given up.")
        self.cancel_requested.emit()

    def _clear(self) -> None:
        for one in self.rows:
            self._list.removeWidget(one)
            one.hide()
            one.deleteLater()
        self.rows = []

    def reject(self) -> None:
        """Close; what is under way is given up."""
        if self._is_running:
            self.cancel_requested.emit()
        super().reject()
