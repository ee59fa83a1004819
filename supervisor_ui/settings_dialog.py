"""What a supervisor sets seldom: the pacer of this campaign, the telephone, this PC's colours."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from app.desk.views import Levers, SupervisorView
from app.look.theme import STRONG, Theme
from app.look.widgets import CheckLine, KeyButton, Label, SectionTitle, hairline, row

CHOICES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))
LEVERS = (
    (
        "seat_forecast",
        "Foresee when a seat comes free",
        "Script pages, notes and outcomes tell how far a call has come; the next line rings in "
        "time for its end.",
    ),
    (
        "answer_chance",
        "Reckon with each person's chance to answer",
        "From earlier attempts and the hour: so many lines ring as will be answered.",
    ),
    (
        "choice",
        "Choose who is called next",
        "A likely answer is called while seats are free. Promised call-backs are never passed "
        "over.",
    ),
    (
        "held_breaks",
        "Hold a break while a line rings for the seat",
        "It begins as soon as that line is answered or given up; the agent is told.",
    ),
    (
        "parked_wrap_up",
        "Interrupt a wrap-up for somebody who has answered",
        "The notes are kept, and the wrap-up is finished afterwards.",
    ),
)
BORROWS = (
    "Use drops ahead",
    "Drops may be used ahead of the calls that earn them, at most what the coming hour brings.",
)
MOST_PARKED = 30
_WIDTH_PX = 560
_TIME_WIDTH_PX = 84
_PARKED = "parked_wrap_up"
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]?([0-5]\d)", re.ASCII)


class SettingsDialog(QDialog):
    """Shows what is set and tells what is chosen instead; nothing waits for an OK.

    `lever_requested(name, is_on)` names a field of `Levers`; `on_theme(choice)` is told of the
    colours, which closes the dialog.
    """

    lever_requested = Signal(str, bool)
    parked_requested = Signal(int)  # interrupted wrap-ups an hour and seat
    borrows_requested = Signal(bool)
    day_end_requested = Signal(str)  # "17:30"; empty: as the law says
    telephone_requested = Signal()  # this campaign's
    trunk_requested = Signal()

    def __init__(
        self, theme: Theme, chosen: str, on_theme: Callable[[str], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._theme = theme
        self._on_theme = on_theme
        self._levers: Levers | None = None
        self._is_drawing = False
        self._borrows: bool | None = None
        self._an_hour = 0
        self._day_ends = ""
        self.campaign = Label(theme, "This campaign", role="lead", weight=STRONG)
        self.checks: dict[str, CheckLine] = {}
        self.buttons: dict[str, KeyButton] = {}
        self.fewer = KeyButton(theme, "", "–", kind="quiet", is_cap_first=True)
        self.more = KeyButton(theme, "", "+", kind="quiet", is_cap_first=True)
        self.an_hour = Label(theme, "", weight=STRONG)
        self.borrows = CheckLine(theme, *BORROWS)
        self.day_ends = QLineEdit()
        self.telephone = KeyButton(theme, "Telephone of this campaign …", icon="phone")
        self.trunk = KeyButton(theme, "Trunk of the floor …", icon="share-network")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(4)
        self._pace = QWidget()
        self._lay_out_pace(QVBoxLayout(self._pace))
        layout.addWidget(self._pace)
        self._lay_out_telephone(layout)
        self._lay_out_colours(layout, chosen)
        self._pace.hide()
        self._fit()

    def show_view(self, view: SupervisorView) -> None:
        """Draw the campaign's settings where they have changed."""
        if view.levers != self._levers:
            self._levers = view.levers
            self._is_drawing = True
            for name, check in self.checks.items():
                check.setChecked(bool(getattr(view.levers, name)))
            self._is_drawing = False
        if view.borrows_ahead != self._borrows:
            self._borrows = view.borrows_ahead
            self._is_drawing = True
            self.borrows.setChecked(view.borrows_ahead)
            self._is_drawing = False
        if view.day_ends != self._day_ends and not self.day_ends.hasFocus():
            self._day_ends = view.day_ends
            self.day_ends.setText(view.day_ends)
        if view.parked_an_hour != self._an_hour:
            self._an_hour = view.parked_an_hour
        self.campaign.setText(view.campaign_name)
        self._show_an_hour()
        if self._pace.isHidden():
            self._pace.show()
            self.telephone.set_possible(True)
            self._fit()

    def _lay_out_pace(self, box: QVBoxLayout) -> None:
        theme = self._theme
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self.campaign)
        box.addWidget(Label(theme, "What its pacer may use, from now on.", tone="muted"))
        box.addSpacing(8)
        for name, words, explanation in LEVERS:
            check = CheckLine(theme, words, explanation)
            check.toggled.connect(lambda is_on, n=name: self._press(n, is_on))
            self.checks[name] = check
            box.addWidget(check)
        self.fewer.setAccessibleName("Fewer interrupted wrap-ups")
        self.more.setAccessibleName("More interrupted wrap-ups")
        self.fewer.clicked.connect(lambda: self._step(-1))
        self.more.clicked.connect(lambda: self._step(1))
        self.an_hour.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.an_hour.setMinimumWidth(24)
        self._words = (
            Label(theme, "At most", tone="muted"),
            Label(theme, "times an hour and seat", tone="muted"),
        )
        line = row(30, self._words[0], self.fewer, self.an_hour, self.more, spacing=2)
        line.addSpacing(4)
        line.addWidget(self._words[1], 1)
        box.addLayout(line)
        self._lay_out_day(box)
        box.addSpacing(12)
        box.addWidget(hairline(theme))
        box.addSpacing(12)

    def _lay_out_day(self, box: QVBoxLayout) -> None:
        """What may be borrowed of the day, and when it ends."""
        theme = self._theme
        self.borrows.toggled.connect(self._press_borrows)
        box.addWidget(self.borrows)
        self.day_ends.setFont(theme.font())
        self.day_ends.setFixedWidth(_TIME_WIDTH_PX)
        self.day_ends.setMaxLength(5)
        self.day_ends.setPlaceholderText("HH:MM")
        self.day_ends.setAccessibleName("The floor goes home at")
        self.day_ends.editingFinished.connect(self._enter_day_end)
        words = Label(theme, "The floor goes home at", tone="muted")
        after = Label(theme, "empty: when the law ends calling", tone="muted")
        line = row(30, words, self.day_ends, spacing=8)
        line.addSpacing(4)
        line.addWidget(after, 1)
        box.addLayout(line)

    def _lay_out_telephone(self, layout: QVBoxLayout) -> None:
        """The ways to what has a dialog of its own."""
        self.telephone.clicked.connect(self.telephone_requested)
        self.trunk.clicked.connect(self.trunk_requested)
        self.telephone.set_possible(False, "There is no campaign yet.")
        line = row(spacing=8)
        for button in (self.telephone, self.trunk):
            line.addWidget(button, 1)
        layout.addLayout(line)
        layout.addSpacing(12)

    def _lay_out_colours(self, layout: QVBoxLayout, chosen: str) -> None:
        theme = self._theme
        layout.addWidget(SectionTitle(theme, "Colours of the windows"))
        layout.addSpacing(4)
        colours = row(spacing=8)
        for choice, words in CHOICES:
            button = KeyButton(theme, words)
            button.set_marked(choice == chosen)
            button.clicked.connect(functools.partial(self._choose, choice))
            self.buttons[choice] = button
            colours.addWidget(button, 1)
        layout.addLayout(colours)
        hint = "A window takes its colours when it is opened the next time."
        layout.addWidget(Label(theme, hint, tone="muted"))

    def _press(self, name: str, is_on: bool) -> None:
        self._show_an_hour()
        if not self._is_drawing:
            self.lever_requested.emit(name, is_on)

    def _press_borrows(self, is_on: bool) -> None:
        if not self._is_drawing:
            self.borrows_requested.emit(is_on)

    def _enter_day_end(self) -> None:
        """Ask for the time that was typed; what is no time of day is taken back."""
        text = self.day_ends.text().strip()
        found = _TIME.fullmatch(text)
        if text and found is None:
            self.day_ends.setText(self._day_ends)
            return
        ends = f"{int(found[1]):02d}:{found[2]}" if found else ""
        self.day_ends.setText(ends)
        if ends != self._day_ends:
            self._day_ends = ends
            self.day_end_requested.emit(ends)

    def _step(self, by: int) -> None:
        self._an_hour = min(max(self._an_hour + by, 1), MOST_PARKED)
        self._show_an_hour()
        self.parked_requested.emit(self._an_hour)

    def _show_an_hour(self) -> None:
        is_on = self.checks[_PARKED].isChecked()
        self.an_hour.setText(str(self._an_hour))
        self.fewer.set_possible(is_on and self._an_hour > 1)
        self.more.set_possible(is_on and self._an_hour < MOST_PARKED)
        for label in (*self._words, self.an_hour):
            label.setEnabled(is_on)

    def _choose(self, choice: str, _is_checked: bool = False) -> None:
        self._on_theme(choice)
        self.accept()

    def _fit(self) -> None:
        """As high as the explanations need at this width."""
        layout = self.layout()
        if layout is not None:
            layout.invalidate()
            layout.activate()
            least = layout.totalHeightForWidth(_WIDTH_PX)
            self.setFixedSize(_WIDTH_PX, max(least, layout.totalSizeHint().height()))
