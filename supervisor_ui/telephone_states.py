"""States of the trunk's and the telephone's dialogs for pictures and tests: fictitious."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QDialog

from app.desk import trunk_form
from app.desk.telephone_form import SoundView, TelephoneSettings, TelephoneView
from app.desk.trunk_form import GatewayForm, TrunkForm
from app.desk.views import Mode, RecordingPolicy
from app.look.theme import Theme
from supervisor_ui.telephone_dialog import TelephoneDialog
from supervisor_ui.trunk_dialog import TrunkDialog

_FOLDER = "/home/ines/callfloor/sounds"
NOTICE = SoundView(
    f"{_FOLDER}/spoken-0a1b2c3d4e.wav", "spoken", 1.9, "This call is recorded.", "en-gb"
)
MUSIC = SoundView(f"{_FOLDER}/quiet_piano-5f6a7b8c9d.wav", "quiet_piano", 94.0)
GONE = SoundView(
    f"{_FOLDER}/queue_may-1122334455.wav",
    "queue_may",
    trouble="The file queue_may-1122334455.wav is gone: choose another sound.",
)
OWN = SoundView("abandoned.wav", "The program’s own message", 7.2)
MESSAGE = SoundView(f"{_FOLDER}/renewal_message-99aa88bb77.wav", "renewal_message", 21.0)
SETTINGS = TelephoneSettings(
    mode=Mode.PREDICTIVE,
    recording=RecordingPolicy.ANNOUNCE,
    notice_wav=NOTICE.path,
    hold_wav=MUSIC.path,
    key_agent="1",
    key_later="2",
    key_never="9",
)
FULL = TelephoneView(
    campaign_name="Spring renewals",
    client="Northwind Energy",
    settings=SETTINGS,
    sounds={"notice_wav": NOTICE, "hold_wav": MUSIC, "message_wav": OWN},
    suggestions={"notice_wav": "This call is recorded.", "message_wav": "This was a call."},
    languages=(("cy", "Welsh"), ("en-gb", "English (Great Britain)"), ("de", "German")),
    detection_warning="Some people are taken for machines. The law counts every machine found as "
    "0.15 of an abandoned call until 200 verdicts have been listened to. With today’s 212 people "
    "and 96 machines that alone is 6.4 % abandoned; the cap is 3 %. The dialler would then call "
    "for free seats only.",
)
_BARE = replace(SETTINGS, notice_wav="", hold_wav="", recording=RecordingPolicy.OFF)
BARE = replace(FULL, settings=_BARE, sounds={"message_wav": OWN})
_HEARD = replace(SETTINGS, mode=Mode.AGENTLESS, agentless_wav=MESSAGE.path)
AGENTLESS = replace(FULL, settings=_HEARD, sounds={**FULL.sounds, "agentless_wav": MESSAGE})


def _telephone(theme: Theme, view: TelephoneView, page: int) -> TelephoneDialog:
    dialog = TelephoneDialog(theme)
    dialog.show_view(view)
    dialog.tabs[page].click()
    return dialog


def _recording(theme: Theme) -> QDialog:
    return _telephone(theme, FULL, 0)


def _no_notice(theme: Theme) -> QDialog:
    """Announced recording is chosen, and nothing is there to announce it."""
    dialog = _telephone(theme, BARE, 0)
    dialog.recording.policies[RecordingPolicy.ANNOUNCE].click()
    dialog.save.click()
    return dialog


def _words(theme: Theme) -> QDialog:
    dialog = _telephone(theme, BARE, 0)
    dialog.recording.notice.speak.click()
    return dialog


def _waiting(theme: Theme) -> QDialog:
    view = replace(FULL, sounds={**FULL.sounds, "queue_wav": GONE})
    dialog = _telephone(theme, view, 1)
    dialog.show_playing(MUSIC.path)
    return dialog


def _keys(theme: Theme) -> QDialog:
    return _telephone(theme, AGENTLESS, 2)


def _key_twice(theme: Theme) -> QDialog:
    dialog = _telephone(theme, FULL, 2)
    field = dialog.keys.keys["key_later"]
    field.setText("1")
    field.textEdited.emit("1")
    dialog.save.click()
    return dialog


def _machines(theme: Theme) -> QDialog:
    dialog = _telephone(theme, FULL, 3)
    dialog.machines.detection.click()
    return dialog


def _not_allowed(theme: Theme) -> QDialog:
    why_not = "The rules for Germany do not allow answers to be judged by a machine."
    return _telephone(theme, replace(FULL, detection_why_not=why_not), 3)


def _trunk() -> TrunkForm:
    presets = {preset.id: preset for preset in trunk_form.presets()}
    main = replace(
        trunk_form.with_preset(GatewayForm(), presets["account"]),
        name="Main trunk",
        host="sip.northwind.example",
        username="441614960100",
        has_password=True,
        channels=10,
        number_format="national",
        home_region="GB",
    )
    second = replace(
        main, name="Reserve", host="sip.southwind.example", channels=20, number_format="e164"
    )
    return TrunkForm((main, second), 12)


def _gateways(theme: Theme) -> QDialog:
    return TrunkDialog(theme, _trunk())


def _more(theme: Theme) -> QDialog:
    dialog = TrunkDialog(theme, _trunk())
    dialog.fields.open_more(True)
    return dialog


def _no_gateway(theme: Theme) -> QDialog:
    return TrunkDialog(theme, TrunkForm())


_EMAIL = (
    "SIP Server: sip.northwind.example:5060\nUsername: 441614960100\nPassword: tR4in\n"
    "Concurrent calls: 10"
)


def _paste(theme: Theme) -> QDialog:
    dialog = TrunkDialog(theme, TrunkForm())
    dialog.paste.click()
    dialog.paste_box.setPlainText(_EMAIL)
    return dialog


def _filled(theme: Theme) -> QDialog:
    dialog = TrunkDialog(theme, TrunkForm())
    dialog.paste.click()
    dialog.paste_box.setPlainText(_EMAIL)
    dialog.fill.click()
    return dialog


def _refused(theme: Theme) -> QDialog:
    dialog = TrunkDialog(theme, _trunk())
    dialog.show_test(
        "The gateway Main trunk does not accept the password: type it again, as the provider "
        "sent it.",
        False,
    )
    return dialog


STATES: tuple[tuple[str, Callable[[Theme], QDialog]], ...] = (
    ("telephone-recording", _recording),
    ("telephone-no-notice", _no_notice),
    ("telephone-words", _words),
    ("telephone-waiting", _waiting),
    ("telephone-keys", _keys),
    ("telephone-key-twice", _key_twice),
    ("telephone-machines", _machines),
    ("telephone-not-allowed", _not_allowed),
    ("trunk", _gateways),
    ("trunk-more", _more),
    ("trunk-empty", _no_gateway),
    ("trunk-paste", _paste),
    ("trunk-filled", _filled),
    ("trunk-refused", _refused),
)
"""Names and makers of the dialogs."""
