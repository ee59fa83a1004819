from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import settings as settings_module
from app.errors import KnownError
from app.settings import (
    CUE_VOLUME_PERCENT,
    LOG_DEBUG,
    OUTPUT_DEVICE,
    SETTINGS,
    THEME,
    Setting,
    load_settings,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_every_setting_is_declared_once_with_a_sentence_and_a_default_that_holds() -> None:
    declared = [value for value in vars(settings_module).values() if isinstance(value, Setting)]
    assert sorted(setting.name for setting in declared) == sorted(SETTINGS)
    for setting in declared:
        assert setting.checked(setting.default) == setting.default
        assert setting.sentence.endswith(".")
        assert setting.name.count(".") == 1


def test_no_file_means_defaults_and_makes_none(path: Path) -> None:
    settings = load_settings(path)
    assert settings.get(THEME) == "system"
    assert settings.get(LOG_DEBUG) == ()
    settings.save()
    assert not path.exists()


def test_what_is_saved_is_read_again(path: Path) -> None:
    settings = load_settings(path)
    settings.set(THEME, "dark")
    settings.set(CUE_VOLUME_PERCENT, 0)
    settings.set(LOG_DEBUG, ("sip", "pacing"))
    settings.save()
    again = load_settings(path)
    assert again.get(THEME) == "dark"
    assert again.get(CUE_VOLUME_PERCENT) == 0
    assert again.get(LOG_DEBUG) == ("sip", "pacing")
    assert THEME.sentence in path.read_text(encoding="utf-8")
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@given(name=st.text(max_size=40))
def test_any_name_of_a_device_survives(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / "settings.toml"
    settings = load_settings(path)
    try:
        settings.set(OUTPUT_DEVICE, name)
        settings.save()
    except UnicodeEncodeError:
        pytest.fail("a text that TOML cannot hold was not refused")
    assert load_settings(path).get(OUTPUT_DEVICE) == name


def test_unknown_keys_and_comments_are_kept_and_reported(path: Path) -> None:
    path.write_text(
        '# mine\nnext_year = 2027-01-01\n[look]\ntheme = "dark" # at night\nfont = "Inter"\n'
        "[tea]\nsugar = 2\n[[row]]\nx = 1\n"
    )
    settings = load_settings(path)
    assert settings.unknown == ("next_year", "look.font", "tea.sugar", "row")
    settings.set(THEME, "light")
    settings.set(CUE_VOLUME_PERCENT, 10)
    settings.save()
    text = path.read_text()
    for kept in ("# mine", "next_year = 2027-01-01", "# at night", 'font = "Inter"', "sugar = 2"):
        assert kept in text
    assert load_settings(path).get(THEME) == "light"


def test_two_windows_do_not_undo_each_other(path: Path) -> None:
    one, two = load_settings(path), load_settings(path)
    one.set(THEME, "dark")
    two.set(CUE_VOLUME_PERCENT, 5)
    one.save()
    two.save()
    both = load_settings(path)
    assert (both.get(THEME), both.get(CUE_VOLUME_PERCENT)) == ("dark", 5)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("# mine\nlook = \n", "line 2"),
        ("[look]\ntheme = 'dark'\ntheme = 'dark'\n", "line 3"),
        ("look.theme = 'pink'", "look.theme must be one of system, light, dark"),
        ("look.theme = 3", "look.theme must be a text"),
        ("sound.cue_volume_percent = true", "must be a whole number"),
        ("sound.cue_volume_percent = 2.5", "must be a whole number"),
        ("sound.cue_volume_percent = 101", "must be at most 100"),
        ("sound.cue_volume_percent = -1", "must be at least 0"),
        ("log.debug = 'sip'", "must be a list"),
        ("log.debug = [1]", "must be a list"),
        ("log.debug = ['tea']", "must be one of sip"),
        ("[look.theme]\nx = 1", "look.theme must be a text"),
    ],
)
def test_a_damaged_file_is_named_and_kept(path: Path, text: str, named: str) -> None:
    path.write_text(text)
    with pytest.raises(KnownError, match=named) as caught:
        load_settings(path)
    assert str(path) in caught.value.sentence
    assert path.read_text() == text


def test_a_file_that_is_no_text_is_refused_and_kept(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KnownError, match="UTF-8"):
        load_settings(path)
    assert path.read_bytes() == b"\xff\xfe\x00"


def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(KnownError, match="cannot be read"):
        load_settings(path)


def test_a_file_damaged_meanwhile_is_not_overwritten(path: Path) -> None:
    settings = load_settings(path)
    settings.set(THEME, "dark")
    for damage in ("look = [", "look = 3"):
        path.write_text(damage)
        with pytest.raises(KnownError, match="mend the file"):
            settings.save()
        assert path.read_text() == damage


def test_a_value_that_is_not_allowed_is_refused_and_nothing_changes(path: Path) -> None:
    settings = load_settings(path)
    with pytest.raises(KnownError, match=r"look\.theme must be one of"):
        settings.set(THEME, "pink")
    assert settings.get(THEME) == "system"


def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("# before\n")
    settings = load_settings(path)
    settings.set(THEME, "dark")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KnownError, match="no space left"):
        settings.save()
    assert path.read_text() == "# before\n"
    assert [file.name for file in path.parent.iterdir()] == ["settings.toml"]
    monkeypatch.undo()
    settings.save()
    assert load_settings(path).get(THEME) == "dark"
