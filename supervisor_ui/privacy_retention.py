"""How long each kind of data is kept, what a purge would take now, and the purge itself."""

from __future__ import annotations

import functools

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QDialog, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from app.desk.privacy_view import KINDS, RetentionRow, RetentionView
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import ElidedLabel, KeyButton, Label, hairline, row

SIZE = QSize(880, 640)
_LEAD = (
    "Sound is kept for as long as the rules allow at most, records of calls for as long as they "
    "ask for at least. The dialler takes what is over once a day, a little at a time."
)


class RetentionDialog(QDialog):
    """Shows a `RetentionView`; `wish_requested(kind, days)` and `purge_requested` tell the rest."""

    wish_requested = Signal(str, int)
    purge_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("What is kept, and how long")
        self.setFixedSize(SIZE)
        self._theme = theme
        self._rows: dict[str, RetentionRow] = {}
        self.days: dict[str, QLineEdit] = {}
        self.last = Label(theme, "Reading what is kept …", tone="muted", is_wrapped=True)
        self.purge = KeyButton(theme, "Purge now", kind="danger")
        self.leave = KeyButton(theme, "Close", kind="quiet")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(0, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(12)
        box.addWidget(Label(theme, "What is kept, and how long", role="title", weight=STRONG))
        box.addWidget(Label(theme, _LEAD, tone="muted", is_wrapped=True))
        box.addSpacing(4)
        box.addLayout(self._grid)
        box.addStretch(1)
        box.addWidget(hairline(theme))
        self.last.setMinimumHeight(36)
        foot = row(self.last, self.leave, self.purge, spacing=8)
        foot.setStretch(0, 1)
        box.addLayout(foot)
        self.purge.set_possible(False)
        self.purge.clicked.connect(self._ask)
        self.leave.clicked.connect(self.reject)

    def show_view(self, view: RetentionView) -> None:
        """Draw every kind anew."""
        theme = self._theme
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._rows = {one.kind: one for one in view.rows}
        self.days = {}
        for column, words in enumerate(("", "Kept for days", "Due now", "The oldest of")):
            label = Label(theme, words, role="small", weight=MEDIUM, tone="muted")
            if column:
                label.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(label, 0, column)
        for at, one in enumerate(view.rows, start=1):
            self._add(at, one)
        told = " ".join(part for part in (view.last, view.waiting) if part)
        if view.stuck:
            told += f" In use, and tried again: {', '.join(view.stuck)}."
        self._say(told, is_trouble=bool(view.waiting or view.stuck))
        due = sum(one.due for one in view.rows)
        self.purge.set_label(f"Purge {due:,} now" if due else "Purge now")
        self.purge.set_possible(bool(due or view.waiting), "Nothing is due.")

    def _add(self, at: int, one: RetentionRow) -> None:
        theme = self._theme
        name, what = KINDS.get(one.kind, (one.kind, ""))
        cell = QWidget()
        box = QVBoxLayout(cell)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(Label(theme, name, weight=MEDIUM))
        told = ElidedLabel(theme, f"{what}; {one.why}" if one.why else what, role="small")
        set_tone(told, "faint")
        box.addWidget(told)
        self._grid.addWidget(cell, at, 0)
        days = QLineEdit(" or ".join(str(day) for day in one.days))
        days.setFont(theme.font())
        days.setFixedWidth(120)
        days.setAlignment(Qt.AlignmentFlag.AlignRight)
        days.setAccessibleName(f"Days to keep {name.lower()}")
        days.setToolTip(limit_words(one))
        if len(one.days) <= 1:
            days.setValidator(QIntValidator(1, 36_500, days))
        days.editingFinished.connect(functools.partial(self._wish, one.kind, days))
        self.days[one.kind] = days
        self._grid.addWidget(days, at, 1)
        due = Label(theme, f"{one.due:,}", weight=MEDIUM)
        set_tone(due, "ink" if one.due else "off")
        since = Label(theme, one.since or "–", tone="muted")
        for column, label, width in ((2, due, 88), (3, since, 112)):
            label.setMinimumWidth(width)
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(label, at, column)

    def show_said(self, sentence: str) -> None:
        """What a purge took; the view follows."""
        self._say(sentence)

    def show_trouble(self, sentence: str) -> None:
        """Why it cannot be."""
        self._say(sentence, is_trouble=True)
        self.purge.set_possible(True)

    def _wish(self, kind: str, field: QLineEdit) -> None:
        text, before = field.text().strip(), self._rows[kind].days
        if text.isdecimal() and (int(text),) != before:
            self.wish_requested.emit(kind, int(text))

    def _ask(self) -> None:
        self.purge.set_possible(False, "A purge is on its way.")
        self._say("Taking what is due …")
        self.purge_requested.emit()

    def _say(self, sentence: str, *, is_trouble: bool = False) -> None:
        self.last.setText(sentence)
        set_tone(self.last, "trouble" if is_trouble else "muted")


def limit_words(one: RetentionRow) -> str:
    """What the office may choose."""
    if one.is_free:
        return "As the office wishes."
    if one.is_at_most:
        return "Shorter as the office wishes; longer than the rules allow has no effect."
    return "Longer as the office wishes; shorter than the rules ask for has no effect."
