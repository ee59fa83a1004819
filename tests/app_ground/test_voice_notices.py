"""Spoken notices: a sentence becomes sound once, and where it cannot, a sentence says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import voice_notices
from app.errors import KnownError
from app.voice_notices import LONGEST_TEXT, languages, speak
from tests import needs

NOTICE = "This is Northern Light. We called you. Press one to speak to an agent."


@pytest.fixture(autouse=True)
def _needs_a_speaker() -> None:
    needs.program("espeak-ng", "espeak-ng")


def test_a_notice_is_spoken_and_loud_enough(tmp_path: Path) -> None:
    ready = speak(NOTICE, "en-gb", tmp_path)
    assert 3.0 < ready.seconds < 9.0
    assert -12.0 < ready.loudest_dbfs <= 0.0
    assert ready.path.parent == tmp_path


def test_the_same_words_are_spoken_once(tmp_path: Path) -> None:
    first = speak(NOTICE, "en-gb", tmp_path)
    files = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert speak(f"  {NOTICE}\n", "en-gb", tmp_path) == first
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == files


def test_another_language_sounds_otherwise(tmp_path: Path) -> None:
    english, german = (speak("Guten Tag", tag, tmp_path) for tag in ("en-gb", "de"))
    assert english.path != german.path


def test_languages_are_told_by_tag_and_name() -> None:
    found = {one.tag: one.name for one in languages()}
    assert {"de", "en-gb", "fr-fr", "pl"} <= found.keys()
    assert found["de"] == "German"


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("", "de", "is empty"),
        (" \n ", "de", "is empty"),
        ("a" * (LONGEST_TEXT + 1), "de", "too long"),
        ("Hello", "--help", "is no language"),
        ("Hello", "xx-zz", "does not speak xx-zz"),
    ],
)
def test_what_cannot_be_spoken_is_refused(
    tmp_path: Path, text: str, language: str, reason: str
) -> None:
    with pytest.raises(KnownError, match=reason):
        speak(text, language, tmp_path)


def test_words_are_data_and_never_options(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    assert speak(f"-w {victim} hello", "en-gb", tmp_path / "c").seconds > 0.5
    assert not victim.exists()


def test_without_a_speaker_a_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice_notices, "PROGRAM", "espeak-ng-that-is-not-there")
    assert languages() == ()
    with pytest.raises(KnownError, match=r"Install it .* or give a recorded WAV"):
        speak(NOTICE, "en-gb", tmp_path)
