"""A campaign's telephone as its dialog shows it: settings, sounds, and what the rules make of them.

Pure but for the headers of sound files that are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.desk.review_view import found_words, law_words, share_of
from dialer_core.model.campaign import Campaign
from dialer_core.model.records import DayCounts
from dialer_core.rules.abandonment import abandoned_rate
from dialer_core.rules.profiles import RuleProfile
from dialer_core.rules.telephone import (
    SETTINGS,
    WAVS,
    Objection,
    TelephoneSettings,
    objection,
)
from dialer_core.store.machines_heard import Heard
from resources import path as resource
from sip.errors import KnownError as SipError
from sip.wav.header import read_header

__all__ = [
    "OWN_MESSAGE",
    "WAVS",
    "Objection",
    "SoundView",
    "TelephoneSettings",
    "TelephoneView",
    "agentless_words",
    "changed",
    "detection_words",
    "objection",
    "settings_of",
    "sound_path",
    "sound_view",
    "spoken_note",
    "suggestions",
]

OWN_MESSAGE: Final = "abandoned.wav"  # the program's own, for whom no agent is free
_LEAST_LIVE, _LEAST_MACHINES = 50, 10  # below this a day says little
_EXAMPLE = (200, 100)
NOTHING_HEARD: Final = Heard()
_KEPT = re.compile(r"-[0-9a-f]{10}$")  # how the names end of sounds that the desk has kept


@dataclass(frozen=True, slots=True)
class SoundView:
    """One sound of a campaign. `path` as it is saved, "" for none; `words` of a spoken one.

    `trouble` says in a sentence why it cannot be played.
    """

    path: str = ""
    name: str = ""
    seconds: float = 0.0
    words: str = ""
    language: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class TelephoneView:
    """All that the dialog draws; `sounds` and `suggestions` by the names of `WAVS`.

    `languages`: tag and name of each that can be spoken; where none can, `speak_why_not` says why.
    `detection_why_not`: the rules do not allow it.
    """

    campaign_name: str = ""
    client: str = ""
    settings: TelephoneSettings = field(default_factory=TelephoneSettings)
    sounds: Mapping[str, SoundView] = field(default_factory=dict)
    suggestions: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[tuple[str, str], ...] = ()
    language: str = "en-gb"  # that is chosen first
    speak_why_not: str = ""
    detection_why_not: str = ""
    detection_warning: str = ""


def settings_of(campaign: Campaign) -> TelephoneSettings:
    """The telephone's part of a campaign."""
    return TelephoneSettings(**{name: getattr(campaign, name) for name in SETTINGS})


def changed(before: TelephoneSettings, after: TelephoneSettings) -> dict[str, object]:
    """What is different, by the settings' names."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in SETTINGS)
    return {name: new for name, old, new in pairs if old != new}


def sound_path(wav: str) -> Path:
    """The file that a setting means; a plain name is one of the program's own."""
    own = Path(wav)
    return own if own.is_absolute() else resource(f"messages/{wav}")


def spoken_note(path: Path) -> Path:
    """Where the words of a spoken notice are kept, beside its sound."""
    return path.with_suffix(".txt")


def sound_view(wav: str) -> SoundView:
    """The sound of a setting with its length, or why it cannot be played."""
    if not wav:
        return SoundView()
    path = sound_path(wav)
    name = _KEPT.sub("", path.stem) if Path(wav).is_absolute() else "The program’s own message"
    if not path.exists():
        return SoundView(wav, name, trouble=f"The file {path.name} is gone: choose another sound.")
    try:
        seconds = read_header(path).seconds
    except SipError as error:
        return SoundView(wav, name, trouble=error.sentence)
    language, _, words = _note_of(path).partition("\n")
    return SoundView(wav, name, seconds, words, language)


def _note_of(path: Path) -> str:
    try:
        return spoken_note(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def suggestions(campaign: Campaign) -> dict[str, str]:
    """Words to begin with, for each sound that can be spoken."""
    number = " ".join(campaign.caller_id.lstrip("+"))
    return {
        "notice_wav": "This call is recorded.",
        "queue_wav": "Please hold the line. The next agent who is free will take your call.",
        "message_wav": f"This was a call from {campaign.client}. We are sorry: none of our agents "
        f"is free to speak to you. If you do not want to be called again, please call {number}.",
    }


def agentless_words(client: str, settings: TelephoneSettings) -> str:
    """Words to begin an agentless message with, which name the keys as they are now."""
    said = [f"This is a message from {client}."]
    for key, words in (
        (settings.key_agent, "to speak to an agent"),
        (settings.key_later, "to be called later"),
        (settings.key_never, "if you never want to be called again"),
    ):
        if key:
            said.append(f"Press {key} {words}.")
    return " ".join(said)


def detection_words(
    profile: RuleProfile, campaign: Campaign, today: DayCounts, heard: Heard = NOTHING_HEARD
) -> str:
    """What the law's formula makes of verdicts by a machine, with today's figures if they say much.

    Each detected machine counts as p people lost, p being the profile's own until enough verdicts
    were listened to (facts sheet, 1.2: F = p x AMdet); `heard`: what listening has found.
    """
    share = share_of(profile, heard)
    is_today = today.live >= _LEAST_LIVE and today.machines >= _LEAST_MACHINES
    live, machines = (today.live, today.machines) if is_today else _EXAMPLE
    counts = DayCounts(live=live, detected_machines=machines, detection_false_share=share)
    rate = abandoned_rate(counts, profile.abandon_formula, detection_ran=True).rate
    cap = min(campaign.abandon_cap, profile.abandon_cap)
    day = "With today’s" if is_today else "On a day with"
    known = found_words(heard) if heard.reviewed else "Some people are taken for machines."
    words = (
        f"{known} {law_words(profile, heard)} "
        f"{day} {live} people and {machines} machines that alone is {rate * 100:.1f} % abandoned; "
        f"the cap is {cap * 100:g} %."
    )
    if rate > cap:
        words += " The dialler would then call for free seats only."
    return words
