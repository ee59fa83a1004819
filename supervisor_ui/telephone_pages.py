"""The pages of a campaign's telephone; each shows settings and builds the changed ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QVBoxLayout, QWidget

from app.desk.telephone_form import SoundView, TelephoneSettings, TelephoneView
from app.desk.views import Mode, RecordingPolicy
from app.look.fields import ChoiceBox
from app.look.theme import MEDIUM, STRONG, Theme, set_tone
from app.look.widgets import CheckLine, Label, row
from supervisor_ui.gateway_fields import figure_field, figure_in
from supervisor_ui.telephone_sounds import SoundLine

POLICIES = (
    (RecordingPolicy.OFF, "Nothing is recorded", ""),
    (RecordingPolicy.ON_DEMAND, "The agent starts it", "The agent tells the person."),
    (
        RecordingPolicy.ANNOUNCE,
        "Every call, and both hear so first",
        "The recording begins when the notice has been heard.",
    ),
    (
        RecordingPolicy.ALL,
        "Every call, without a notice",
        "In most countries people must be told of it in another way.",
    ),
)
MODES = (
    (Mode.PREVIEW, "Preview: each agent reads the record, then dials"),
    (Mode.PROGRESSIVE, "Progressive: one call for each free agent"),
    (Mode.PREDICTIVE, "Predictive: as many calls as the agents will need"),
    (Mode.AGENTLESS, "Agentless: the message, for everybody who answers"),
    (Mode.MANUAL, "By hand: only what an agent dials"),
)
MENU_KEYS = (
    ("key_agent", "speaks to an agent"),
    ("key_later", "is called later"),
    ("key_never", "is never called again"),
)
CONSENT = (
    "It may then go only to people whose consent to such messages is on record. Take the tick off "
    "for what informs your own customers only: an outage, an appointment."
)
_FIGURE_PX = 64
_KEY_PX = 44
_FIGURE = r"\d{0,4}([.,]\d?)?"


class Page(QWidget):
    """A titled column of fields; `changed` follows what a person does, never what is drawn."""

    changed = Signal()

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self.theme = theme
        self.is_drawing = False
        self.sounds: dict[str, SoundLine] = {}
        self.figures: dict[str, QLineEdit] = {}
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(4)
        self.box.addWidget(Label(theme, title, role="lead", weight=STRONG))
        self.box.addSpacing(8)

    def draw(self, view: TelephoneView, settings: TelephoneSettings) -> None:
        """Show these settings."""
        self.is_drawing = True
        for name, field in self.figures.items():
            value = float(getattr(settings, name))
            if figure_in(field) != value:
                field.setText(f"{value:g}")
        self.draw_rules(view)
        self.draw_rest(settings)
        self.is_drawing = False

    def draw_rules(self, view: TelephoneView) -> None:
        """What the rules say to this page."""

    def draw_rest(self, settings: TelephoneSettings) -> None:
        """What this page has beside figures and sounds."""

    def draw_sounds(self, sounds: Mapping[str, SoundView], speak_why_not: str) -> None:
        """Show the sounds of this page."""
        for name, line in self.sounds.items():
            line.show_sound(sounds.get(name, SoundView()), speak_why_not)

    def put(self, settings: TelephoneSettings) -> TelephoneSettings:
        """The settings with what is filled in on this page."""
        for name, field in self.figures.items():
            value = figure_in(field)
            known: dict[str, Any] = {name: int(value) if name == "menu_repeats" else value}
            settings = replace(settings, **known)
        return settings

    def field_of(self, setting: str) -> QWidget | None:
        """Where a setting of this page is mended."""
        if setting in self.sounds:
            return self.sounds[setting].first_key()
        return self.figures.get(setting)

    def tell(self) -> None:
        if not self.is_drawing:
            self.changed.emit()

    def add_sound(self, setting: str) -> SoundLine:
        line = self.sounds[setting] = SoundLine(self.theme, setting)
        self.box.addWidget(line)
        return line

    def figure(self, setting: str, name: str, pattern: str = _FIGURE) -> QLineEdit:
        """A field for a figure, not laid out yet."""
        field = figure_field(self.theme, name, pattern)
        field.setFixedWidth(_FIGURE_PX)
        field.textEdited.connect(self.tell)
        self.figures[setting] = field
        return field

    def add_figure(self, setting: str, before: str, after: str) -> None:
        """A sentence with a figure in it."""
        field = self.figure(setting, f"{before} … {after}")
        words = (Label(self.theme, before), Label(self.theme, after))
        self.box.addLayout(row(words[0], field, words[1], spacing=8, stretch_at=3))

    def add_check(self, words: str, explanation: str = "", *, is_one_of: bool = False) -> CheckLine:
        check = CheckLine(self.theme, words, explanation, is_one_of=is_one_of)
        check.toggled.connect(self.tell)
        self.box.addWidget(check)
        return check


class RecordingPage(Page):
    """When calls are recorded, what says so, and how long a pause may last."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Recording")
        self._group = QButtonGroup(self)
        self.policies: dict[RecordingPolicy, CheckLine] = {}
        for policy, words, explanation in POLICIES:
            check = self.add_check(words, explanation, is_one_of=True)
            self.policies[policy] = check
            self._group.addButton(check)
        self.box.addSpacing(12)
        self.notice = self.add_sound("notice_wav")
        self.box.addSpacing(12)
        self.add_figure(
            "recording_pause_limit_s",
            "A payment step may pause it for",
            "seconds; a longer pause is an alarm.",
        )
        self.box.addStretch(1)

    def draw_rest(self, settings: TelephoneSettings) -> None:
        self.policies[settings.recording].setChecked(True)
        for policy, check in self.policies.items():  # Tab comes to the chosen one, then arrows
            is_chosen = policy is settings.recording
            check.setFocusPolicy(Qt.FocusPolicy.TabFocus if is_chosen else Qt.FocusPolicy.NoFocus)
        is_announced = settings.recording is RecordingPolicy.ANNOUNCE
        self.notice.ask_for_it(is_announced and not settings.notice_wav)

    def put(self, settings: TelephoneSettings) -> TelephoneSettings:
        chosen = next(policy for policy, check in self.policies.items() if check.isChecked())
        return replace(super().put(settings), recording=chosen)


class WaitingPage(Page):
    """What people hear while they wait, or when nobody can take them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Waiting")
        self.box.addSpacing(8)
        self.add_sound("hold_wav")
        self.box.addSpacing(16)
        self.add_sound("queue_wav")
        self.box.addSpacing(4)
        self.add_figure("longest_wait_s", "After", "seconds a caller is promised a call back.")
        self.box.addSpacing(16)
        self.add_sound("message_wav")
        self.box.addStretch(1)


class KeysPage(Page):
    """How calls are placed, the message without an agent, and the keys that answer it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Messages and keys")
        self.mode = ChoiceBox(theme)
        self.mode.setFont(theme.font())
        self.mode.setAccessibleName("How calls are placed")
        for mode, words in MODES:
            self.mode.addItem(words, mode)
        self.mode.activated.connect(self.tell)
        self.box.addWidget(self.mode)
        self.box.addSpacing(8)
        self.message = self.add_sound("agentless_wav")
        self.sells = self.add_check("The message sells something", CONSENT)
        self.box.addSpacing(12)
        self.box.addWidget(Label(theme, "Keys of this message and of the queue", weight=MEDIUM))
        self.box.addWidget(Label(theme, "An empty key is not offered.", tone="muted"))
        self.box.addSpacing(2)
        self.keys: dict[str, QLineEdit] = {}
        for setting, words in MENU_KEYS:
            self._add_key(setting, words)
        self.box.addSpacing(8)
        times = self.figure("menu_repeats", "How often the message is said", r"\d")
        pause_s = self.figure("menu_pause_s", "Seconds after each to press a key")
        sentence = ("The message is said", "times, with", "seconds after each to press a key.")
        first, then, last = (Label(theme, part) for part in sentence)
        self.box.addLayout(row(first, times, then, pause_s, last, spacing=8, stretch_at=5))
        self.box.addStretch(1)

    def _add_key(self, setting: str, words: str) -> None:
        field = QLineEdit()
        field.setFont(self.theme.font("body", MEDIUM))
        field.setFixedWidth(_KEY_PX)
        field.setMaxLength(1)
        field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        field.setAccessibleName(f"Who presses this key {words}")
        pattern = QRegularExpression("[0-9*#]?")
        field.setValidator(QRegularExpressionValidator(pattern, field))
        field.textEdited.connect(self.tell)
        self.keys[setting] = field
        label = Label(self.theme, words)
        before = Label(self.theme, "Who presses")
        self.box.addLayout(row(before, field, label, spacing=8, stretch_at=3))

    def draw_rest(self, settings: TelephoneSettings) -> None:
        self.mode.setCurrentIndex(self.mode.findData(settings.mode))
        self.sells.setVisible(settings.mode is Mode.AGENTLESS)
        self.sells.setChecked(settings.is_marketing)
        for name, field in self.keys.items():
            if field.text() != getattr(settings, name):
                field.setText(getattr(settings, name))
        is_agentless = settings.mode is Mode.AGENTLESS
        self.message.ask_for_it(is_agentless and not settings.agentless_wav)

    def put(self, settings: TelephoneSettings) -> TelephoneSettings:
        keys: dict[str, Any] = {name: field.text() for name, field in self.keys.items()}
        return replace(
            super().put(settings),
            mode=Mode(self.mode.currentData()),
            is_marketing=self.sells.isChecked(),
            **keys,
        )

    def field_of(self, setting: str) -> QWidget | None:
        return self.keys.get(setting) or super().field_of(setting)


class MachinesPage(Page):
    """Whether answers are judged, what that costs by law, and what a machine hears."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Answering machines")
        self.detection = self.add_check(
            "Judge every answer of predictive calls",
            "Machines are kept from the agents. Who is not surely a machine goes to an agent.",
        )
        self.warning = Label(theme, tone="muted", is_wrapped=True)
        self.warning.setContentsMargins(30, 0, 0, 0)
        self.box.addWidget(self.warning)
        self.box.addSpacing(12)
        self.machine_message = self.add_check(
            "Leave the message on machines",
            "The one for whom no agent is free. Else the call is ended.",
        )
        self.box.addStretch(1)

    def draw_rules(self, view: TelephoneView) -> None:
        why_not = view.detection_why_not
        self.detection.setEnabled(not why_not)
        self.detection.setToolTip(why_not)
        self.warning.setText(why_not or view.detection_warning)

    def draw_rest(self, settings: TelephoneSettings) -> None:
        self.detection.setChecked(settings.detection)
        set_tone(self.warning, "ink" if settings.detection else "muted")
        self.machine_message.setEnabled(settings.detection)
        self.machine_message.setChecked(settings.machine_message)

    def put(self, settings: TelephoneSettings) -> TelephoneSettings:
        return replace(
            super().put(settings),
            detection=self.detection.isChecked(),
            machine_message=self.machine_message.isChecked(),
        )

    def field_of(self, setting: str) -> QWidget | None:
        return self.detection if setting == "detection" else super().field_of(setting)
