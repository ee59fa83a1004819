"""What a campaign's telephone can be set to, and why a set of settings cannot be."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Final

from dialer_core.model.call_control import RecordingPolicy
from dialer_core.model.states import Mode

KEYS_OF_PHONES: Final = "0123456789*#"
LONGEST_PATH: Final = 200
WAVS: Final = ("message_wav", "hold_wav", "notice_wav", "queue_wav", "agentless_wav")
KEYS: Final = ("key_agent", "key_later", "key_never")
LIMITS: Final = {
    "recording_pause_limit_s": (10, 3600, "A pause of the recording", " s"),
    "longest_wait_s": (5, 3600, "A caller's longest wait", " s"),
    "menu_repeats": (1, 9, "How often a message is said", ""),
    "menu_pause_s": (1, 30, "The time to press a key", " s"),
}


@dataclass(frozen=True, slots=True)
class TelephoneSettings:
    """The telephone's part of a campaign, field for field as `model.campaign.Campaign` has it."""

    mode: Mode = Mode.PROGRESSIVE
    recording: RecordingPolicy = RecordingPolicy.OFF
    recording_pause_limit_s: float = 300.0
    detection: bool = False
    machine_message: bool = False
    message_wav: str = "abandoned.wav"
    hold_wav: str = ""
    notice_wav: str = ""
    queue_wav: str = ""
    agentless_wav: str = ""
    is_marketing: bool = True
    longest_wait_s: float = 120.0
    key_agent: str = ""
    key_later: str = ""
    key_never: str = ""
    menu_repeats: int = 2
    menu_pause_s: float = 4.0


SETTINGS: Final = tuple(field.name for field in fields(TelephoneSettings))


@dataclass(frozen=True, slots=True)
class Objection:
    """Why it cannot be so, in a sentence, and which setting is to be mended."""

    sentence: str
    setting: str


def objection(settings: TelephoneSettings) -> Objection | None:
    """The first reason why these settings cannot be; None where they can."""
    if settings.recording is RecordingPolicy.ANNOUNCE and not settings.notice_wav:
        return Objection(
            "Without a notice nothing would be recorded: choose a file, or have one spoken.",
            "notice_wav",
        )
    if settings.mode is Mode.AGENTLESS and not settings.agentless_wav:
        return Objection(
            "Agentless calls need the message that is played: choose a file, or have one spoken.",
            "agentless_wav",
        )
    return _of_figures(settings) or _of_keys(settings) or _of_files(settings)


def _of_figures(settings: TelephoneSettings) -> Objection | None:
    for name, (least, most, words, unit) in LIMITS.items():
        value = float(getattr(settings, name))
        if not (math.isfinite(value) and least <= value <= most):
            return Objection(f"{words} must lie between {least} and {most}{unit}.", name)
    return None


def _of_keys(settings: TelephoneSettings) -> Objection | None:
    seen: set[str] = set()
    for name in KEYS:
        key = getattr(settings, name)
        if len(key) > 1 or key not in KEYS_OF_PHONES:
            return Objection("A key is one of 0 to 9, * or #.", name)
        if key and key in seen:
            return Objection(f"Key {key} can mean one thing only: choose another.", name)
        seen.add(key)
    return None


def _of_files(settings: TelephoneSettings) -> Objection | None:
    for name in WAVS:
        if len(getattr(settings, name)) > LONGEST_PATH:
            sentence = f"The sound file's path has more than {LONGEST_PATH} signs: move the file."
            return Objection(sentence, name)
    return None
