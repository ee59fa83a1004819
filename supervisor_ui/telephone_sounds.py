"""A sound of a campaign with what can be done with it, and the page on which words are spoken."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from app.desk.telephone_form import OWN_MESSAGE, SoundView, TelephoneView
from app.look.fields import ChoiceBox
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import ElidedLabel, KeyButton, Label, row

LONGEST_TEXT = 1200
TRIAL = ""  # what is heard while words are tried, in place of a sound's path


@dataclass(frozen=True, slots=True)
class SoundWords:
    """How a sound is spoken of: its title, what it is for, and what is heard without it."""

    title: str
    hint: str
    without: str
    can_be_spoken: bool = True


SOUNDS = {
    "notice_wav": SoundWords("Notice", "Both hear it before anything is recorded.", "None yet"),
    "hold_wav": SoundWords(
        "Music on hold",
        "While an agent has put a person on hold.",
        "Soft notes of the program’s own",
        can_be_spoken=False,
    ),
    "queue_wav": SoundWords(
        "Queue", "To callers until an agent is free, over and over.", "Soft notes, no words"
    ),
    "message_wav": SoundWords(
        "No agent is free",
        "To people we have called and whom nobody can take: who called, and how to stop it.",
        "",
    ),
    "agentless_wav": SoundWords(
        "Message", "To whoever answers, instead of an agent. It should name its keys.", "None yet"
    ),
}


def clock_words(seconds: float) -> str:
    """Seconds as "0:07"."""
    whole = max(1, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


class SoundLine(QWidget):
    """One sound: what is heard now, and keys to hear, choose, speak and remove it."""

    listen_requested = Signal(str)  # its path
    silence_requested = Signal()
    file_requested = Signal(str)  # the setting
    speak_requested = Signal(str)  # the setting
    removed = Signal(str)  # the setting

    def __init__(self, theme: Theme, setting: str) -> None:
        super().__init__()
        self.setting = setting
        self.sound = SoundView()
        self._words = words = SOUNDS[setting]
        self._is_playing = False
        self.name = ElidedLabel(theme)
        self.hint = Label(theme, words.hint, tone="muted", is_wrapped=True)
        self.length = Label(theme, tone="faint")
        self.listen = KeyButton(theme, "Listen", icon="play")
        self.choose = KeyButton(theme, "Choose a file …")
        self.speak = KeyButton(theme, "Speak …")
        self.remove = KeyButton(theme, "", icon="x", kind="quiet")
        for button, what in (
            (self.listen, "Listen to"),
            (self.choose, "Choose a file for"),
            (self.speak, "Have words spoken for"),
            (self.remove, "Take out"),
        ):
            button.setAccessibleName(f"{what}: {words.title}")
        self.remove.set_hint("Take it out")
        self.speak.setVisible(words.can_be_spoken)
        self._lay_out(theme)
        self.listen.clicked.connect(self._press_listen)
        self.choose.clicked.connect(lambda: self.file_requested.emit(setting))
        self.speak.clicked.connect(lambda: self.speak_requested.emit(setting))
        self.remove.clicked.connect(lambda: self.removed.emit(setting))

    def _lay_out(self, theme: Theme) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        title = Label(theme, self._words.title, weight=MEDIUM)
        self.listen.setFixedWidth(94)  # as wide when it says Stop
        box.addWidget(title)
        box.addWidget(self.hint)
        box.addSpacing(2)
        buttons = (self.listen, self.choose, self.speak, self.remove)
        line = row(self.name, self.length, 4, *buttons, spacing=6)
        line.setStretch(0, 1)
        box.addLayout(line)

    def show_sound(self, sound: SoundView, speak_why_not: str) -> None:
        """Draw what is heard now."""
        self.sound = sound
        own = sound.path == OWN_MESSAGE
        words = f"“{sound.words}”" if sound.words else sound.name
        self.name.setText(words or self._words.without)
        set_tone(self.name, "ink" if sound.path else "muted")
        self.hint.setText(sound.trouble or self._words.hint)
        set_tone(self.hint, "trouble" if sound.trouble else "muted")
        self.length.setText(clock_words(sound.seconds) if sound.seconds else "")
        can_hear = bool(sound.path) and not sound.trouble
        self.listen.set_possible(can_hear, "There is nothing to hear yet.")
        self.remove.set_possible(bool(sound.path) and not own, "There is nothing to take out.")
        self.speak.set_possible(not speak_why_not, speak_why_not)

    def show_playing(self, wav: str | None) -> None:
        """Which sound is heard now; None: none."""
        self._is_playing = wav is not None and bool(wav) and wav == self.sound.path
        self.listen.set_kind("plain", "stop" if self._is_playing else "play")
        self.listen.set_label("Stop" if self._is_playing else "Listen")
        self.listen.setAccessibleName(f"{self.listen.text()}: {self._words.title}")

    def ask_for_it(self, is_missing: bool) -> None:
        """Whether this sound is what is missing: the nearest way to one stands out."""
        best = self.speak if self._words.can_be_spoken and self.speak.isEnabled() else self.choose
        for button in (self.speak, self.choose):
            button.set_kind("primary" if is_missing and button is best else "plain")

    def first_key(self) -> KeyButton:
        """Where the keyboard goes when this sound is missing."""
        return self.speak if self._words.can_be_spoken and self.speak.isEnabled() else self.choose

    def in_order(self) -> list[QWidget]:
        return [self.listen, self.choose, self.speak, self.remove]

    def _press_listen(self) -> None:
        if self._is_playing:
            self.silence_requested.emit()
        else:
            self.listen_requested.emit(self.sound.path)


class SpeakPage(QWidget):
    """Words and a language, to be heard and then kept as a sound."""

    trial_requested = Signal(str, str)  # words, language
    use_requested = Signal(str, str, str)  # setting, words, language
    silence_requested = Signal()
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setting = ""
        self._is_playing = False
        self.title = Label(theme, role="lead", weight=STRONG)
        self.text = QPlainTextEdit()
        self.language = ChoiceBox(theme)
        self.count = Label(theme, tone="faint")
        self.back = KeyButton(theme, "Back", kind="quiet")
        self.listen = KeyButton(theme, "Listen", icon="play")
        self.use = KeyButton(theme, "Use it", kind="primary")
        self._lay_out(theme)
        self.text.textChanged.connect(self._counted)
        self.back.clicked.connect(self.left)
        self.listen.clicked.connect(self._press_listen)
        self.use.clicked.connect(
            lambda: self.use_requested.emit(self.setting, self.words(), self._tag())
        )

    def _lay_out(self, theme: Theme) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.title)
        hint = "The computer says these words. Listen before you use them."
        box.addWidget(Label(theme, hint, tone="muted", is_wrapped=True))
        self.text.setFont(theme.font())
        self.text.setAccessibleName("What is said")
        self.text.setTabChangesFocus(True)
        box.addWidget(self.text, 1)
        self.language.setFont(theme.font())
        self.language.setAccessibleName("Language")
        self.language.setFixedWidth(260)
        words = Label(theme, "Language", weight=MEDIUM, tone="muted")
        words.setBuddy(self.language)
        box.addLayout(row(words, self.language, self.count, spacing=8, stretch_at=2))
        self.listen.setFixedWidth(94)
        box.addLayout(row(self.back, self.listen, self.use, spacing=8, stretch_at=0))

    def open_for(self, setting: str, sound: SoundView, view: TelephoneView) -> None:
        """Begin with the words that are spoken now, else with a suggestion."""
        self.setting = setting
        self.title.setText(f"{SOUNDS[setting].title}: what is said")
        self.text.setPlainText(sound.words or view.suggestions.get(setting, ""))
        if self.language.count() == 0:
            for tag, name in view.languages:
                self.language.addItem(name, tag)
        found = self.language.findData(sound.language or view.language)
        self.language.setCurrentIndex(max(0, found))
        self.text.setFocus()
        self.text.selectAll()

    def show_playing(self, wav: str | None) -> None:
        """Whether the words are heard now."""
        self._is_playing = wav == TRIAL
        self.listen.set_kind("plain", "stop" if self._is_playing else "play")
        self.listen.set_label("Stop" if self._is_playing else "Listen")

    def words(self) -> str:
        """What is to be said."""
        return self.text.toPlainText().strip()

    def _tag(self) -> str:
        return str(self.language.currentData() or "")

    def _press_listen(self) -> None:
        if self._is_playing:
            self.silence_requested.emit()
        else:
            self.trial_requested.emit(self.words(), self._tag())

    def _counted(self) -> None:
        number = len(" ".join(self.words().split()))
        self.count.setText(f"{number:,} of {LONGEST_TEXT:,} characters")
        set_tone(self.count, "trouble" if number > LONGEST_TEXT else "faint")
        why_not = "Write what is to be said." if not number else "These are too many characters."
        for button in (self.listen, self.use):
            button.set_possible(0 < number <= LONGEST_TEXT, why_not)
