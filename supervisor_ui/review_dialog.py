"""Detected machines, listened to one after the other: person, machine or not sure, by one key."""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.desk.review_view import Greeting, ReviewView
from app.look.theme import STRONG, Theme, set_tone
from app.look.widgets import ChoiceBox, KeyButton, Label, SectionTitle, hairline, row

SIZE: Final = QSize(720, 412)
Said = Literal["person", "machine", "not_sure"]
KEYS: Final[dict[Said, tuple[str, str]]] = {
    "person": ("A person", "P"),
    "machine": ("A machine", "M"),
    "not_sure": ("Not sure", "N"),
}
EMPTY: Final = (
    "No greeting waits to be heard. Where every call of a campaign is recorded without a notice, "
    "the greeting of each machine that detection finds is kept for this."
)
ALL_HEARD: Final = "These were all of this sample."
LISTEN_FIRST: Final = "Listen first."
IN_DOUBT: Final = "What is not sure counts as a person: in doubt against us."


class ReviewDialog(QDialog):
    """Nothing is said of a greeting before it was heard; what was said can be said anew with Back.

    `sample_requested(campaign)` is answered with `show_sample`, `note_requested(campaign, attempt,
    was_person)` with `show_noted`, `play_requested(attempt)` with `show_playing` and `show_silent`,
    each also with `show_trouble`.
    """

    sample_requested = Signal(int)
    play_requested = Signal(str)
    silence_requested = Signal()
    note_requested = Signal(int, str, bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = ReviewView()
        self._at = 0
        self._heard: set[str] = set()
        self._playing = ""
        self._is_noting = False
        self.setWindowTitle("Listen to detected machines")
        self.setFixedSize(SIZE)
        self.campaigns = ChoiceBox(theme)
        self.campaigns.setAccessibleName("Campaign")
        self.place = Label(theme, "Looking for greetings …", role="title", weight=STRONG)
        self.cause = Label(theme, "", tone="muted", is_wrapped=True)
        self.play = KeyButton(theme, "Listen", "Space", kind="primary", icon="play")
        self.back = KeyButton(theme, "Back", "B", kind="quiet")
        self.says = {
            said: KeyButton(theme, words, key, is_cap_first=True)
            for said, (words, key) in KEYS.items()
        }
        self.found = Label(theme, "", is_wrapped=True)
        self.law = Label(theme, "", is_wrapped=True)
        self.budget = Label(theme, "", is_wrapped=True)
        self.sentence = Label(theme, IN_DOUBT, tone="muted", is_wrapped=True)
        self.more = KeyButton(theme, "Another sample", icon="arrow-counter-clockwise")
        self.leave = KeyButton(theme, "Close", kind="quiet")
        self._lay_out()
        self._connect()
        self._draw()

    def _lay_out(self) -> None:
        theme = self._theme
        self.campaigns.setFont(theme.font())
        self.campaigns.setMinimumWidth(200)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(12)
        box.addLayout(row(self.place, self.campaigns, spacing=12, stretch_at=1))
        self.cause.setMinimumHeight(44)
        self.cause.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        box.addWidget(self.cause)
        box.addLayout(row(self.play, 8, *self.says.values(), self.back, spacing=8, stretch_at=5))
        box.addSpacing(8)
        box.addWidget(hairline(theme))
        box.addWidget(SectionTitle(theme, "What listening has found"))
        for words in (self.found, self.law, self.budget):
            box.addWidget(words)
        box.addStretch(1)
        box.addWidget(hairline(theme))
        foot = row(self.sentence, self.more, self.leave, spacing=8)
        foot.setStretch(0, 1)
        box.addLayout(foot)

    def _connect(self) -> None:
        self.campaigns.activated.connect(self._another)
        self.more.clicked.connect(self._another)
        self.leave.clicked.connect(self.reject)
        self.play.clicked.connect(self._listen)
        self.back.clicked.connect(self._go_back)
        self.says["person"].clicked.connect(lambda: self._say("person"))
        self.says["machine"].clicked.connect(lambda: self._say("machine"))
        self.says["not_sure"].clicked.connect(lambda: self._say("not_sure"))

    @property
    def greeting(self) -> Greeting | None:
        """The one in hand."""
        found = self._view.greetings
        return found[self._at] if self._at < len(found) else None

    # --- what a person does -----------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        buttons = {key: self.says[said] for said, (_words, key) in KEYS.items()}
        buttons |= {" ": self.play, "B": self.back}
        button = buttons.get(event.text().upper())
        if button is None or event.isAutoRepeat():
            super().keyPressEvent(event)
        elif button.isEnabled():
            button.click()

    def _another(self) -> None:
        self.sample_requested.emit(self.campaigns.currentData() or 0)

    def _listen(self) -> None:
        if self._playing:
            self.silence_requested.emit()
        elif self.greeting is not None:
            self.play_requested.emit(self.greeting.attempt_id)

    def _go_back(self) -> None:
        self.silence_requested.emit()
        self._at -= 1
        self._draw()

    def _say(self, said: Said) -> None:
        one = self.greeting
        if one is not None:
            self._is_noting = True
            self._draw()
            self.note_requested.emit(self._view.campaign_id, one.attempt_id, said != "machine")

    # --- what is answered -------------------------------------------------------------------

    def show_sample(self, view: ReviewView) -> None:
        """Greetings to be heard, none of which was."""
        self.campaigns.clear()
        for campaign_id, name in view.campaigns:
            self.campaigns.addItem(name, campaign_id)
        self.campaigns.setCurrentIndex(self.campaigns.findData(view.campaign_id))
        self._view, self._at = view, 0
        self._heard.clear()
        self._is_noting = False
        self._tell(IN_DOUBT)
        self._draw()
        self.play.setFocus()

    def show_noted(self, view: ReviewView) -> None:
        """What was said is on record: the figures as they are now, and the next greeting."""
        if view.campaign_id != self._view.campaign_id or not self._is_noting:
            return
        greetings = self._view.greetings
        self._view = ReviewView(
            view.campaigns, view.campaign_id, greetings, view.found, view.law, view.budget
        )
        self._is_noting = False
        self._at += 1
        self._tell(IN_DOUBT)
        self._draw()
        if self.greeting is not None and self.greeting.attempt_id not in self._heard:
            self._listen()

    def show_playing(self, attempt_id: str) -> None:
        """This greeting is heard just now."""
        self._playing = attempt_id
        self._heard.add(attempt_id)
        self._tell(IN_DOUBT)
        self._draw()

    def show_silent(self) -> None:
        """Nothing is heard any more."""
        self._playing = ""
        self._draw()

    def show_trouble(self, sentence: str) -> None:
        """Why it was not done."""
        self._is_noting = False
        self._tell(sentence, is_trouble=True)
        self._draw()

    def _tell(self, sentence: str, *, is_trouble: bool = False) -> None:
        self.sentence.setText(sentence)
        set_tone(self.sentence, "trouble" if is_trouble else "muted")

    def _draw(self) -> None:
        view, one = self._view, self.greeting
        total = len(view.greetings)
        is_read = bool(view.campaigns)
        if one is not None:
            self.place.setText(f"Greeting {self._at + 1} of {total}")
            self.cause.setText(one.cause)
        elif is_read:
            self.place.setText(ALL_HEARD if total else "Nothing to hear")
            self.cause.setText("" if total else EMPTY)
        is_playing = bool(self._playing)
        self.play.set_label("Stop" if is_playing else "Listen")
        self.play.set_kind("primary", "stop" if is_playing else "play")
        self.play.set_possible(one is not None and not self._is_noting)
        can_say = one is not None and one.attempt_id in self._heard and not self._is_noting
        for button in self.says.values():
            button.set_possible(can_say, LISTEN_FIRST)
        self.back.set_possible(self._at > 0 and not self._is_noting)
        self.more.setVisible(is_read and one is None and total > 0)
        self.found.setText(view.found)
        self.law.setText(view.law)
        self.budget.setText(view.budget)
