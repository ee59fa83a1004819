"""Promised calls: by both clocks, with owner; moved, given to somebody else, taken back."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from app.desk.callback_view import ANYONE, CallBackRow, CallBacksView
from app.look.theme import STRONG, Theme, set_tone
from app.look.widgets import ChoiceBox, KeyButton, Label, hairline, row
from supervisor_ui.why_table import WordTable

SIZE = QSize(1120, 640)
EMPTY = "No call is promised to anybody. Agents promise one with the outcome “Call back”."
_TONES = {"later": "ink", "soon": "ink", "due": "ink", "late": "trouble_ink"}
_ICONS = {
    "later": ("clock", "ink3"),
    "soon": ("bell", "ringing"),
    "due": ("bell-ringing", "talking"),
    "late": ("warning", "trouble_ink"),
}
_WORDS = {"later": "", "soon": "Soon", "due": "Due", "late": "Late"}


class CallBackDialog(QDialog):
    """Each wish is answered with `show_view` and `show_said`, or with `show_trouble`."""

    move_requested = Signal(int, str, str)  # record, day, time by the person's clock
    give_requested = Signal(int, int)  # record, agent or ANYONE
    cancel_requested = Signal(int)
    why_requested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = CallBacksView((), ())
        self._shown_id: int | None = None
        self.setWindowTitle("Call-backs")
        self.setFixedSize(SIZE)
        self.title = Label(theme, "Promised calls", role="title", weight=STRONG)
        self.count = Label(theme, "", tone="muted")
        self.whose = ChoiceBox(theme)
        self.whose.setAccessibleName("Whose call-backs are shown")
        self.table = WordTable(
            theme,
            ("", "Their time", "Where", "Here", "Person", "Campaign", "Owner", "Who may call now"),
            (84, 142, 80, 104, 140, 126, 84, 0),
        )
        self.table.setAccessibleName("Promised calls")
        self.empty = Label(theme, EMPTY, tone="muted", is_wrapped=True)
        self.day, self.time = QLineEdit(), QLineEdit()
        self.owner = ChoiceBox(theme)
        self.move_it = KeyButton(theme, "Move", icon="calendar")
        self.give_it = KeyButton(theme, "Give", icon="user")
        self.cancel_it = KeyButton(theme, "Take back", kind="danger")
        self.why = KeyButton(theme, "Why not yet?", kind="quiet")
        self.leave = KeyButton(theme, "Close", kind="quiet")
        self.sentence = Label(theme, "", tone="muted", is_wrapped=True)
        self._lay_out()
        self.table.itemSelectionChanged.connect(self._choose)
        self.whose.activated.connect(self._draw)
        self.move_it.clicked.connect(self._move)
        self.give_it.clicked.connect(self._give)
        self.cancel_it.clicked.connect(self._cancel)
        self.why.clicked.connect(self._ask_why)
        self.leave.clicked.connect(self.reject)
        self._judge()

    def _lay_out(self) -> None:
        theme = self._theme
        for field, name, width in (
            (self.day, "Day, as 2026-03-03", 116), (self.time, "Time of their clock", 76),
            (self.owner, "Owner", 170), (self.whose, "Whose", 190),
        ):  # fmt: skip
            field.setFont(theme.font())
            field.setAccessibleName(name)
            field.setFixedWidth(width)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(12)
        box.addLayout(row(self.title, self.count, self.whose, spacing=12, stretch_at=2))
        box.addWidget(self.empty, 0, Qt.AlignmentFlag.AlignTop)
        box.addWidget(self.table, 1)
        box.addWidget(hairline(theme))
        foot = row(
            Label(theme, "Their day and time", tone="muted"), self.day, self.time, self.move_it,
            16, Label(theme, "Owner", tone="muted"), self.owner, self.give_it, self.cancel_it,
            spacing=8, stretch_at=8,
        )  # fmt: skip
        box.addLayout(foot)
        end = row(self.sentence, self.why, self.leave, spacing=8)
        end.setStretch(0, 1)
        self.sentence.setMinimumHeight(20)
        box.addLayout(end)

    @property
    def chosen(self) -> CallBackRow | None:
        """The promise that is chosen."""
        wanted = self.table.chosen_id
        return next((one for one in self._view.rows if one.contact_id == wanted), None)

    # --- what a person does -----------------------------------------------------------------

    def _choose(self) -> None:
        one = self.chosen
        # A newer view of the same promise leaves alone what is being typed.
        if one is not None and one.contact_id != self._shown_id:
            self._fill(one)
        self._shown_id = None if one is None else one.contact_id
        self.cancel_it.set_label("Take back")
        self._judge()

    def _fill(self, one: CallBackRow) -> None:
        self.day.setText(one.day)
        self.time.setText(one.time)
        self.owner.setCurrentIndex(max(0, self.owner.findData(one.owner_id)))

    def _move(self) -> None:
        if self.chosen is not None:
            self.move_requested.emit(self.chosen.contact_id, self.day.text(), self.time.text())

    def _give(self) -> None:
        if self.chosen is not None:
            self.give_requested.emit(self.chosen.contact_id, self.owner.currentData() or ANYONE)

    def _cancel(self) -> None:
        """Asked for twice: the first press only says what would be done."""
        if self.chosen is None:
            return
        if self.cancel_it.text() == "Take back":
            self.cancel_it.set_label("Really take back")
            self._say("The person goes back among the others of the list. Press again.")
            return
        self.cancel_requested.emit(self.chosen.contact_id)
        self.cancel_it.set_label("Take back")

    def _ask_why(self) -> None:
        if self.chosen is not None:
            self.why_requested.emit(self.chosen.contact_id)

    # --- what is answered -------------------------------------------------------------------

    def show_view(self, view: CallBacksView) -> None:
        """All promised calls as they stand now."""
        agents_changed = view.agents != self._view.agents or not self.owner.count()
        self._view = view
        if agents_changed:
            kept, shown = self.owner.currentData(), self.whose.currentData()
            self.owner.clear()
            self.whose.clear()
            self.owner.addItem("Anyone", ANYONE)
            self.whose.addItem("Everybody's", -1)
            self.whose.addItem("Anyone's", ANYONE)
            for agent_id, name in view.agents:
                self.owner.addItem(name, agent_id)
                self.whose.addItem(f"Of {name}", agent_id)
            self.owner.setCurrentIndex(max(0, self.owner.findData(kept)))
            self.whose.setCurrentIndex(max(0, self.whose.findData(shown)))
        self._draw()

    def show_said(self, sentence: str) -> None:
        """What was done."""
        one = self.chosen
        if one is not None:
            self._fill(one)
        self._say(sentence)

    def show_trouble(self, sentence: str) -> None:
        """Why it was not done."""
        self._say(sentence, is_trouble=True)

    def _draw(self) -> None:
        wanted = self.whose.currentData()
        rows = [one for one in self._view.rows if wanted in (None, -1, one.owner_id)]
        self.table.show_rows(
            [
                (
                    _WORDS[one.urgency], one.theirs, one.zone, one.here, one.name, one.campaign,
                    one.owner, one.whose,
                )
                for one in rows
            ],
            [one.contact_id for one in rows],
            [_TONES[one.urgency] for one in rows],
            [_ICONS[one.urgency] for one in rows],
        )  # fmt: skip
        late = sum(one.urgency == "late" for one in rows)
        due = sum(one.urgency == "due" for one in rows)
        parts = [f"{len(rows)} promised", f"{due} due" if due else "", f"{late} late" * bool(late)]
        self.count.setText(" · ".join(part for part in parts if part) if rows else "")
        self.table.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        if self.table.chosen_id is None and rows:
            self.table.selectRow(0)
        self._choose()

    def _judge(self) -> None:
        one = self.chosen
        why = "" if one is not None else "Choose a promised call first."
        if one is not None and one.is_held:
            why = "This call is being made just now."
        for button in (self.move_it, self.give_it, self.cancel_it):
            button.set_possible(not why, why)
        self.why.set_possible(one is not None, "Choose a promised call first.")
        for field in (self.day, self.time, self.owner):
            field.setEnabled(not why)

    def _say(self, sentence: str, *, is_trouble: bool = False) -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else "muted")
