"""Keys in every program: real grabs on a real X server, and sentences where it cannot be."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from Xlib import XK, X
from Xlib.display import Display
from Xlib.ext import xtest

from app.errors import KnownError
from app.hot_keys import Action, HotKeys, parse_key, why_impossible
from tests import needs

KEYS: dict[Action, str] = {
    "answer": "Ctrl+Alt+A",
    "hang_up": "Ctrl+Alt+H",
    "mute": "Ctrl+Alt+M",
}


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """An X server of our own, which chooses its number itself."""
    program = needs.program("Xvfb", "xvfb")
    read, write = os.pipe()
    server = subprocess.Popen(
        [
            program,
            "-displayfd",
            str(write),
            "-screen",
            "0",
            "320x200x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ],
        pass_fds=(write,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


def press(display: str, *names: str) -> None:
    """As a hand would, from another program."""
    other = Display(display)
    codes = [other.keysym_to_keycode(XK.string_to_keysym(name)) for name in names]
    for code in codes:
        xtest.fake_input(other, X.KeyPress, code)
    for code in reversed(codes):
        xtest.fake_input(other, X.KeyRelease, code)
    other.sync()
    other.close()


def test_a_key_acts_from_another_program(display: str, qtbot: QtBot) -> None:
    keys = HotKeys(KEYS, {"DISPLAY": display})
    with qtbot.waitSignal(keys.pressed, timeout=5000) as pressed:
        press(display, "Control_L", "Alt_L", "m")
    assert pressed.args == ["mute"]
    with qtbot.waitSignal(keys.pressed, timeout=5000) as pressed:
        press(display, "Control_L", "Alt_L", "h")
    assert pressed.args == ["hang_up"]
    keys.close()


def test_num_lock_changes_nothing(display: str, qtbot: QtBot) -> None:
    press(display, "Num_Lock")
    keys = HotKeys(KEYS, {"DISPLAY": display})
    with qtbot.waitSignal(keys.pressed, timeout=5000) as pressed:
        press(display, "Control_L", "Alt_L", "a")
    assert pressed.args == ["answer"]
    keys.close()
    press(display, "Num_Lock")


def test_what_else_is_typed_never_comes_here(display: str, qtbot: QtBot) -> None:
    keys = HotKeys(KEYS, {"DISPLAY": display})
    with qtbot.assertNotEmitted(keys.pressed, wait=100):
        press(display, "m")
        press(display, "Control_L", "m")
    keys.close()


def test_a_key_that_is_held_down_acts_once(display: str, qtbot: QtBot) -> None:
    keys = HotKeys(KEYS, {"DISPLAY": display})
    seen: list[str] = []
    keys.pressed.connect(seen.append)
    for _ in range(4):
        press(display, "Control_L", "Alt_L", "m")
    qtbot.waitUntil(lambda: bool(seen), timeout=5000)
    deadline = time.monotonic() + 0.1
    qtbot.waitUntil(lambda: time.monotonic() > deadline)
    assert seen == ["mute"]
    keys.close()


def test_a_key_that_another_program_has_is_a_sentence(display: str, qtbot: QtBot) -> None:
    first = HotKeys(KEYS, {"DISPLAY": display})
    with pytest.raises(KnownError, match=r"taken Ctrl\+Alt\+A"):
        HotKeys(KEYS, {"DISPLAY": display})
    first.close()
    HotKeys(KEYS, {"DISPLAY": display}).close()  # given back


def test_no_display_is_a_sentence() -> None:
    with pytest.raises(KnownError, match="X11"):
        HotKeys(KEYS, {"DISPLAY": ":4711"})


@pytest.mark.parametrize(
    ("environ", "platform", "word"),
    [
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "linux", "Wayland"),
        ({"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}, "linux", "Wayland"),
        ({}, "linux", "no X11 display"),
        ({}, "win32", "Linux with X11 only"),
        ({"DISPLAY": ":0", "XDG_SESSION_TYPE": "x11"}, "linux", ""),
    ],
)
def test_why_it_cannot_be(environ: dict[str, str], platform: str, word: str) -> None:
    why = why_impossible(environ, platform)
    assert word in why
    assert bool(why) is bool(word)


@pytest.mark.parametrize("text", ["M", "Shift+M", "Hyper+M", "Return", "Ctrl+Alt+F8"])
def test_a_key_that_everybody_needs_is_refused(text: str) -> None:
    with pytest.raises(KnownError):
        parse_key(text)


def test_keys_as_people_write_them() -> None:
    assert parse_key("ctrl + ALT + m") == (12, "m")
    assert parse_key("F12") == (0, "F12")
    assert parse_key("Ctrl+Enter") == (4, "Return")
