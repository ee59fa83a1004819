"""Notices that the computer speaks: a campaign's sentence becomes a sound file, where it can.

espeak-ng speaks some hundred languages, needs no network and no licence; where it is not
installed, a sentence says what to do instead (record the notice as WAV).
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.errors import KnownError
from sip.wav.prepare import Prepared, prepare

PROGRAM = "espeak-ng"
LONGEST_TEXT = 1200
WORDS_A_MINUTE = 145  # slower than its default: over a telephone, and heard once
LIMIT_S = 20.0
MISSING = (
    "This PC cannot speak notices: espeak-ng is not installed. "
    "Install it (on Debian: sudo apt-get install espeak-ng), or give a recorded WAV file."
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class Language:
    """A language that can be spoken: its tag ("en-gb") and its name as the speaker gives it."""

    tag: str
    name: str


def is_available() -> bool:
    """Whether this PC can speak."""
    return shutil.which(PROGRAM) is not None


def languages() -> tuple[Language, ...]:
    """What can be spoken here, by name; empty where nothing can."""
    if not is_available():
        return ()
    lines = _run(["--voices"]).decode(errors="replace").splitlines()[1:]
    found: dict[str, str] = {}
    for line in lines:
        words = line.split()
        if len(words) >= 4 and _LANGUAGE.fullmatch(words[1].lower()):
            found.setdefault(words[1].lower(), words[3].replace("_", " "))
    spoken = [Language(tag, name) for tag, name in found.items()]
    return tuple(sorted(spoken, key=lambda one: (one.name, one.tag)))


def speak(text: str, language: str, cache_dir: Path, rate_hz: int = 8000) -> Prepared:
    """`text` in `language` ("en-gb", "de") as a file for a bridge of `rate_hz`.

    The same words are spoken once and then found in `cache_dir`. Raises KnownError: nothing to
    say, too much, a language that is not there, or no speaker at all.
    """
    words = " ".join(text.split())
    if not words:
        raise KnownError("The notice is empty: write what is to be said.")
    if len(words) > LONGEST_TEXT:
        raise KnownError(f"The notice is too long: write at most {LONGEST_TEXT} signs.")
    if not _LANGUAGE.fullmatch(language):
        raise KnownError(f"{language} is no language: write it like en-gb or de.")
    if not is_available():
        raise KnownError(MISSING)
    digest = hashlib.sha256(f"{language}\n{WORDS_A_MINUTE}\n{words}".encode()).hexdigest()[:32]
    spoken = cache_dir / f"spoken-{digest}.wav"
    if not spoken.exists():
        cache_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = spoken.with_suffix(".new")
        _speak_to(fresh, words, language)
        fresh.replace(spoken)
    return prepare(spoken, cache_dir, rate_hz)


def _speak_to(path: Path, words: str, language: str) -> None:
    options = ["-v", language, "-s", str(WORDS_A_MINUTE), "-w", str(path), "--stdin"]
    _run(options, words.encode())
    if not path.exists() or path.stat().st_size < 1000:
        path.unlink(missing_ok=True)
        raise KnownError(
            f"This PC does not speak {language}: choose another language, or record the notice."
        )


def _run(options: list[str], given: bytes = b"") -> bytes:
    try:
        done = subprocess.run(
            [PROGRAM, *options], input=given, capture_output=True, timeout=LIMIT_S, check=False
        )
    except FileNotFoundError as error:
        raise KnownError(MISSING) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KnownError(
            "The notice could not be spoken; try again, or record it as WAV."
        ) from error
    return done.stdout
