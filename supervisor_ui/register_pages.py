"""The pages of the registers' window: the list, a newer copy, waiting for it."""

from __future__ import annotations

import functools
import re
from pathlib import PurePath

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from app.desk.register_view import CopyChoice, OwnNumber, RegisterRow, RegistersView
from app.look.theme import MEDIUM, STRONG, Theme
from app.look.widgets import (
    CheckLine,
    ChoiceBox,
    ElidedLabel,
    KeyButton,
    Label,
    Panel,
    SectionTitle,
    StateDot,
    hairline,
    row,
    text_area,
)
from supervisor_ui.import_pages import ShareBar

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DOTS = {"fresh": "available", "soon": "preview", "stale": "trouble", "idle": "paused"}
_WORDS = {"fresh": "Good", "soon": "Soon too old", "stale": "Too old", "idle": "Not needed"}
_WIDTH_PX = 560


class RegisterLine(QWidget):
    """One register: its state, its copy, who needs it, and the way to a newer one."""

    def __init__(self, theme: Theme, register: RegisterRow) -> None:
        super().__init__()
        self.register = register
        self.newer = KeyButton(theme, "Load a copy …")
        self.newer.setAccessibleDescription(register.id)
        name = ElidedLabel(theme, f"{register.id} · {register.name}", weight=STRONG)
        needed = ", ".join(register.needed_by)
        tail = f" Needed by {needed}." if needed and register.state != "idle" else ""
        meaning = ElidedLabel(
            theme,
            register.sentence + tail,
            tone="trouble" if register.state == "stale" else "muted",
        )
        state = Label(theme, _WORDS[register.state], weight=MEDIUM)
        state.setFixedWidth(92)
        entries = "" if register.entries is None else f"{register.entries:,} numbers · "
        copy = Label(theme, f"{entries}{register.age}", tone="muted")
        copy.setToolTip(register.copy)
        copy.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 10, 0, 10)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.addWidget(StateDot(theme, _DOTS[register.state]), 0, 0)
        grid.addWidget(state, 0, 1)
        grid.addWidget(name, 0, 2)
        grid.addWidget(copy, 0, 3)
        grid.addWidget(meaning, 1, 2, 1, 2)
        grid.addWidget(self.newer, 0, 4, 2, 1)
        grid.setColumnStretch(2, 1)


class ListPage(QWidget):
    """Every register, and the office's own list under them."""

    newer_requested = Signal(object)  # RegisterRow
    add_requested = Signal(object)  # OwnNumber
    check_requested = Signal(object)
    browse_requested = Signal(str, str)  # region, client

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.lines: list[RegisterLine] = []
        self.number = QLineEdit()
        self.region, self.client = ChoiceBox(theme), ChoiceBox(theme)
        self.add = KeyButton(theme, "Never call again", kind="danger")
        self.check = KeyButton(theme, "Look it up")
        self.file = KeyButton(theme, "Take a file in …", icon="folder-open")
        self.own = Label(theme, "", tone="muted")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        holder = QWidget()
        holder.setProperty("role", "plain")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 12, 0)
        inner.addLayout(self._rows)
        inner.addStretch(1)
        area = text_area()
        area.setWidget(holder)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(Label(theme, "National registers", role="title", weight=STRONG))
        lead = (
            "Whoever stands on one is not dialled. A copy that is older than the law allows stops "
            "every call to its country."
        )
        box.addWidget(Label(theme, lead, tone="muted", is_wrapped=True))
        box.addWidget(area, 1)
        box.addWidget(self._own_panel())
        self.number.textChanged.connect(self._judge)
        self.add.clicked.connect(lambda: self.add_requested.emit(self.own_number))
        self.check.clicked.connect(lambda: self.check_requested.emit(self.own_number))
        self.file.clicked.connect(self._browse)
        self._judge()

    @property
    def own_number(self) -> OwnNumber:
        """The number as it is filled in."""
        return OwnNumber(
            self.number.text().strip(),
            self.region.currentData() or "GB",
            self.client.currentData() or "",
        )

    def _own_panel(self) -> Panel:
        theme = self._theme
        panel = Panel(theme, "Your own list")
        body = panel.body
        body.setContentsMargins(16, 12, 16, 16)
        body.setSpacing(8)
        head = row(SectionTitle(theme, "Your own list: never again"), self.own, spacing=12)
        head.insertStretch(1, 1)
        body.addLayout(head)
        for field, name in (
            (self.number, "Number"), (self.region, "Country of numbers without one"),
            (self.client, "For which client"),
        ):  # fmt: skip
            field.setFont(theme.font())
            field.setAccessibleName(name)
        self.number.setPlaceholderText("0161 496 0000")
        for choice in (self.region, self.client):
            choice.setSizeAdjustPolicy(
                ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        self.region.setMinimumContentsLength(11)
        self.client.setMinimumContentsLength(11)
        self.number.setMinimumWidth(168)
        line = row(
            self.number, self.region, self.client, self.add, self.check, self.file, spacing=8
        )
        line.setStretch(0, 1)
        body.addLayout(line)
        return panel

    def show_view(self, view: RegistersView) -> None:
        """Draw everything anew."""
        for line in self.lines:
            line.hide()
            line.deleteLater()
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.lines = [RegisterLine(self._theme, register) for register in view.rows]
        for at, line in enumerate(self.lines):
            if at:
                self._rows.addWidget(hairline(self._theme))
            self._rows.addWidget(line)
            line.newer.clicked.connect(functools.partial(self._newer, line.register))
        self.own.setText(f"{view.own_numbers:,} numbers")
        chosen = self.client.currentData()
        self.client.clear()
        self.client.addItem("For every client", "")
        for name in view.clients:
            self.client.addItem(f"For {name} alone", name)
        self.client.setCurrentIndex(max(0, self.client.findData(chosen)))
        if not self.region.count():
            for code in view.regions:
                self.region.addItem(_country(code), code)
            self.region.setCurrentIndex(max(0, self.region.findData(view.region)))

    def clear_number(self) -> None:
        """The number was dealt with."""
        self.number.clear()

    def _newer(self, register: RegisterRow, _is_checked: bool = False) -> None:
        self.newer_requested.emit(register)

    def _browse(self) -> None:
        self.browse_requested.emit(self.own_number.region, self.own_number.client)

    def _judge(self) -> None:
        is_there = bool(self.number.text().strip())
        for button in (self.add, self.check):
            button.set_possible(is_there, "Write a number first.")


class CopyPage(QWidget):
    """A newer copy of one register: which file, of which day."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._register, self._file = "", ""
        self.title = ElidedLabel(theme, "", role="title", weight=STRONG)
        self.file = ElidedLabel(theme, "", weight=MEDIUM)
        self.day = QLineEdit()
        self.day.setFont(theme.font())
        self.day.setFixedWidth(132)
        self.day.setMaxLength(10)
        self.day.setAccessibleName("The day of the copy")
        self.day.setPlaceholderText("2026-03-01")
        self.small = CheckLine(
            theme,
            "Take it although it is much smaller",
            "It holds less than half of the numbers of the copy before, which is rather a broken "
            "download. What is missing in it may be called from then on.",
        )
        holder = QWidget()
        holder.setFixedWidth(_WIDTH_PX)
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        box.addWidget(self.title)
        words = (
            "The file holds one number a row, as the register hands it out. Dialling goes on while "
            "it is loaded: until the last row is in, the copy before stays in force as well."
        )
        box.addWidget(Label(theme, words, tone="muted", is_wrapped=True))
        box.addSpacing(8)
        named, of_day = Label(theme, "File", tone="muted"), Label(theme, "Of", tone="muted")
        for label in (named, of_day):
            label.setFixedWidth(36)
        chosen = row(named, self.file, spacing=12)
        chosen.setStretch(1, 1)
        box.addLayout(chosen)
        after = Label(theme, "the day on which the register was handed out", tone="muted")
        line = row(of_day, self.day, after, spacing=12)
        line.addStretch(1)
        box.addLayout(line)
        box.addWidget(self.small)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addWidget(holder, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(3)

    @property
    def choice(self) -> CopyChoice:
        """The copy as it is filled in."""
        return CopyChoice(
            self._register, self._file, self.day.text().strip(), self.small.isChecked()
        )

    @property
    def has_day(self) -> bool:
        """Whether a day is filled in."""
        return _DAY.fullmatch(self.day.text().strip()) is not None

    def begin(self, register: RegisterRow, file: str, today: str) -> None:
        """A new copy."""
        self._register, self._file = register.id, file
        self.title.setText(f"A newer copy of {register.id}")
        self.file.setText(PurePath(file).name)
        self.file.set_tooltip(file)
        self.day.setText(today)
        self.small.setChecked(False)
        self.small.hide()

    def offer_small(self) -> None:
        """It was refused: it may be meant."""
        self.small.show()


class BusyPage(QWidget):
    """The copy on its way; `cancel_requested` once."""

    cancel_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.title = ElidedLabel(theme, "", role="title", weight=STRONG)
        self.share = Label(theme, "0 %", role="timer", weight=STRONG)
        self.bar = ShareBar(theme)
        self.words = Label(theme, "", tone="muted", is_wrapped=True)
        self.cancel = KeyButton(theme, "Cancel", "Esc")
        self.cancel.clicked.connect(self._cancel)
        holder = QWidget()
        holder.setFixedWidth(_WIDTH_PX)
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        head = row(self.title, self.share, spacing=16)
        head.setStretch(0, 1)
        box.addLayout(head)
        box.addWidget(self.bar)
        box.addWidget(self.words)
        box.addSpacing(8)
        box.addLayout(row(self.cancel, spacing=0, stretch_at=1))
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addWidget(holder, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(3)

    def begin(self, title: str) -> None:
        """A new copy."""
        self.title.setText(title)
        self.words.setText("Numbers of both copies are not called until it is whole.")
        self.cancel.set_possible(True)
        self.show_share(0.0)

    def show_share(self, share: float) -> None:
        """0 to 1."""
        self.share.setText(f"{share * 100:.0f} %")
        self.bar.set_share(share)

    def _cancel(self) -> None:
        self.cancel.set_possible(False, "What came in is being taken out again.")
        self.words.setText("Taking out again what came in …")
        self.cancel_requested.emit()


def _country(code: str) -> str:
    return QLocale.territoryToString(QLocale.codeToTerritory(code)) or code
