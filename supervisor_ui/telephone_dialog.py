"""A campaign's telephone: recording, what people hear while they wait, keys, answering machines."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desk import telephone_form
from app.desk.telephone_form import OWN_MESSAGE, SoundView, TelephoneSettings, TelephoneView
from app.look.theme import Theme, set_tone
from app.look.widgets import ElidedLabel, KeyButton, Label, hairline, row
from supervisor_ui.telephone_pages import KeysPage, MachinesPage, Page, RecordingPage, WaitingPage
from supervisor_ui.telephone_sounds import SOUNDS, SoundLine, SpeakPage

SIZE = QSize(880, 568)
PAGES = (
    ("Recording", "record"),
    ("Waiting", "hourglass"),
    ("Messages and keys", "dots-nine"),
    ("Answering machines", "voicemail"),
)
UNSAVED = "Not saved yet. Save, or close again to drop what you changed."
_NAV_PX = 196
SentenceKind = Literal["plain", "good", "trouble"]


class TelephoneDialog(QDialog):
    """Shows a `TelephoneView` and tells what is wanted; nothing is changed before Save.

    `save_requested(TelephoneSettings)` is answered with `show_saved(view)` or `show_trouble`;
    `file_chosen(setting, path)` and `speak_requested(setting, words, language)` with
    `show_sound(setting, sound)` or `show_trouble`; `listen_requested(path)` and
    `trial_requested(words, language)` with `show_playing(path)`, then `show_silent()`.
    """

    save_requested = Signal(object)
    file_chosen = Signal(str, str)
    speak_requested = Signal(str, str, str)
    trial_requested = Signal(str, str)
    listen_requested = Signal(str)
    silence_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Telephone")
        self.setFixedSize(SIZE)
        self._theme = theme
        self._view = TelephoneView()
        self._settings = self._saved = self._view.settings
        self._sounds: dict[str, SoundView] = {}
        self._is_warned = False
        self._page = 0
        self.campaign = ElidedLabel(theme, tone="muted")
        self.recording = RecordingPage(theme)
        self.waiting = WaitingPage(theme)
        self.keys = KeysPage(theme)
        self.machines = MachinesPage(theme)
        self.pages: tuple[Page, ...] = (self.recording, self.waiting, self.keys, self.machines)
        self.speaking = SpeakPage(theme)
        self.tabs = [KeyButton(theme, w, icon=i, is_cap_first=True) for w, i in PAGES]
        self.sentence = Label(theme, "Reading the campaign …", tone="muted", is_wrapped=True)
        self.leave = KeyButton(theme, "Close", kind="quiet")
        self.save = KeyButton(theme, "Save", kind="primary")
        self._lay_out()
        self._connect()
        self._order_tabs()
        self._choose(0)
        self._shown.setEnabled(False)
        self.save.set_possible(False)

    @property
    def settings(self) -> TelephoneSettings:
        """The settings as they are filled in now."""
        return self._settings

    @property
    def sound_lines(self) -> dict[str, SoundLine]:
        """The lines of all pages by their setting."""
        return {name: line for page in self.pages for name, line in page.sounds.items()}

    # --- layout -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 20)
        whole.setSpacing(16)
        columns = QHBoxLayout()
        columns.setSpacing(28)
        side = QVBoxLayout()
        side.setSpacing(4)
        self.campaign.setFixedWidth(_NAV_PX)
        side.addWidget(self.campaign)
        side.addSpacing(8)
        for button in self.tabs:
            button.setFixedWidth(_NAV_PX)
            side.addWidget(button)
        side.addStretch(1)
        columns.addLayout(side)
        self._shown = QStackedWidget()
        for page in (*self.pages, self.speaking):
            self._shown.addWidget(page)
        columns.addWidget(self._shown, 1)
        whole.addLayout(columns, 1)
        whole.addWidget(hairline(self._theme))
        self.sentence.setMinimumHeight(36)
        bottom = row(self.sentence, self.leave, self.save, spacing=8)
        bottom.setStretch(0, 1)
        whole.addLayout(bottom)

    def _connect(self) -> None:
        for index, button in enumerate(self.tabs):
            button.clicked.connect(lambda _checked=False, i=index: self._choose(i))
        for page in self.pages:
            page.changed.connect(self._edited)
        for line in self.sound_lines.values():
            line.listen_requested.connect(self.listen_requested)
            line.silence_requested.connect(self.silence_requested)
            line.file_requested.connect(self._open_files)
            line.speak_requested.connect(self._open_words)
            line.removed.connect(self._remove)
        self.speaking.trial_requested.connect(self._try)
        self.speaking.silence_requested.connect(self.silence_requested)
        self.speaking.use_requested.connect(self._use)
        self.speaking.left.connect(self._leave_words)
        self.save.clicked.connect(self._ask_save)
        self.leave.clicked.connect(self._close)

    def _order_tabs(self) -> None:
        """From the pages' names through the page to the buttons below."""
        chain: list[QWidget] = [*self.tabs, *self.recording.policies.values()]
        chain += [*self.recording.notice.in_order(), *self.recording.figures.values()]
        for name in ("hold_wav", "queue_wav"):
            chain += self.waiting.sounds[name].in_order()
        chain += [*self.waiting.figures.values(), *self.waiting.sounds["message_wav"].in_order()]
        chain += [self.keys.mode, *self.keys.message.in_order(), *self.keys.keys.values()]
        chain += [*self.keys.figures.values()]
        chain += [self.machines.detection, self.machines.machine_message]
        speaking = self.speaking
        chain += [speaking.text, speaking.language, speaking.back, speaking.listen, speaking.use]
        for before, after in pairwise([*chain, self.leave, self.save]):
            QWidget.setTabOrder(before, after)

    # --- what a person does -----------------------------------------------------------------

    def _choose(self, index: int) -> None:
        self._page = index
        self._shown.setCurrentIndex(index)
        for at, button in enumerate(self.tabs):
            button.set_marked(at == index)

    def _edited(self) -> None:
        settings = self._settings
        for page in self.pages:
            settings = page.put(settings)
        self._settings = settings
        self._say("", "plain")
        self._draw()

    def _open_files(self, setting: str) -> None:
        """A choice of files that leaves the window alive."""
        dialog = QFileDialog(self, f"{SOUNDS[setting].title}: choose a sound file")
        dialog.setNameFilter("Sound files (*.wav *.WAV)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self._take_file(setting, path))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take_file(self, setting: str, path: str) -> None:
        self._say("Looking at the file …", "plain")
        self.file_chosen.emit(setting, path)

    def _open_words(self, setting: str) -> None:
        self._say("", "plain")
        self._shown.setCurrentWidget(self.speaking)
        view = replace(self._view, suggestions=self._suggestions())
        self.speaking.open_for(setting, self._sounds.get(setting, SoundView()), view)

    def _suggestions(self) -> dict[str, str]:
        """With the keys as they are filled in now."""
        made = dict(self._view.suggestions)
        made["agentless_wav"] = telephone_form.agentless_words(self._view.client, self._settings)
        return made

    def _leave_words(self) -> None:
        self.silence_requested.emit()
        self._choose(self._page)

    def _try(self, words: str, language: str) -> None:
        self._say("Speaking …", "plain")
        self.trial_requested.emit(words, language)

    def _use(self, setting: str, words: str, language: str) -> None:
        self.silence_requested.emit()
        self._say("Speaking …", "plain")
        self.speak_requested.emit(setting, words, language)

    def _remove(self, setting: str) -> None:
        own = setting == "message_wav"
        self.silence_requested.emit()
        self.show_sound(setting, telephone_form.sound_view(OWN_MESSAGE) if own else SoundView())

    def _ask_save(self) -> None:
        found = telephone_form.objection(self._settings)
        if found is None:
            self.save_requested.emit(self._settings)
            return
        self._say(found.sentence, "trouble")
        for index, page in enumerate(self.pages):
            field = page.field_of(found.setting)
            if field is not None:
                self._choose(index)
                field.setFocus()

    def reject(self) -> None:
        """Back from the words to the page; from the page, close."""
        if self._shown.currentWidget() is self.speaking:
            self._leave_words()
        else:
            self._close()

    def _close(self) -> None:
        """Where something is not saved yet, only when asked a second time."""
        if self._settings != self._saved and not self._is_warned:
            self._is_warned = True
            self._say(UNSAVED, "trouble")
            return
        super().reject()

    # --- what is answered -------------------------------------------------------------------

    def show_view(self, view: TelephoneView) -> None:
        """The campaign as it is saved."""
        self._view = view
        self._settings = self._saved = view.settings
        self._sounds = dict(view.sounds)
        self._shown.setEnabled(True)
        self.campaign.setText(view.campaign_name)
        self._say("", "plain")
        self._draw()

    def show_saved(self, view: TelephoneView) -> None:
        """It is saved, and the next calls go by it."""
        self.show_view(view)
        self._say("Saved. The next calls go by it.", "good")

    def show_sound(self, setting: str, sound: SoundView) -> None:
        """A sound that is ready; it is the campaign's when it is saved."""
        self._sounds[setting] = sound
        known: dict[str, Any] = {setting: sound.path}
        self._settings = replace(self._settings, **known)
        if self._shown.currentWidget() is self.speaking and self.speaking.setting == setting:
            self._choose(self._page)
        self._say("", "plain")
        self._draw()

    def show_playing(self, wav: str) -> None:
        """What is heard now: a sound's path, or "" for words that are tried."""
        self._say("", "plain")
        self._show_heard(wav)

    def show_silent(self) -> None:
        """Nothing is heard any more."""
        self._show_heard(None)

    def show_trouble(self, sentence: str) -> None:
        """Why something could not be done."""
        self._say(sentence, "trouble")

    def _show_heard(self, wav: str | None) -> None:
        for line in self.sound_lines.values():
            line.show_playing(wav)
        self.speaking.show_playing(wav)

    def _say(self, sentence: str, kind: SentenceKind) -> None:
        self._is_warned = self._is_warned and kind == "trouble"
        self.sentence.setText(sentence)
        set_tone(self.sentence, {"plain": "muted", "good": "ink", "trouble": "trouble"}[kind])

    def _draw(self) -> None:
        for page in self.pages:
            page.draw_sounds(self._sounds, self._view.speak_why_not)
            page.draw(self._view, self._settings)
        self.save.set_possible(self._settings != self._saved, "Nothing has changed.")
