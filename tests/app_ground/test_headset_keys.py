"""A headset's buttons as the kernel tells them; keyboards are never opened."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.headset_keys import HeadsetKeys, is_headset, key_codes

# As /sys/class/input/event*/device/capabilities/key has them.
KEYBOARD = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="only on Linux")


def bits(*codes: int) -> str:
    words = [0] * (max(codes) // 64 + 1)
    for code in codes:
        words[code // 64] |= 1 << code % 64
    return " ".join(f"{word:x}" for word in reversed(words))


def event(code: int, value: int, kind: int = 1) -> bytes:
    return struct.pack("llHHi", 0, 0, kind, code, value)


@pytest.fixture
def roots(tmp_path: Path) -> tuple[Path, Path]:
    sys_root, dev_root = tmp_path / "sys", tmp_path / "dev"
    dev_root.mkdir()
    for name, capabilities in (("event0", KEYBOARD), ("event1", bits(169, 248))):
        folder = sys_root / name / "device" / "capabilities"
        folder.mkdir(parents=True)
        (folder / "key").write_text(capabilities + "\n")
    return sys_root, dev_root


def test_codes_of_a_device() -> None:
    assert key_codes("3 0") == {64, 65}
    assert key_codes(bits(169, 248, 0x1BE)) == {169, 248, 0x1BE}


def test_a_keyboard_with_a_microphone_key_is_no_headset() -> None:
    assert is_headset(bits(169, 248))
    assert not is_headset(bits(30, 248))
    assert not is_headset(KEYBOARD)
    assert not is_headset(bits(115, 114))  # volume alone


def test_buttons_are_heard(roots: tuple[Path, Path], qtbot: QtBot) -> None:
    device = roots[1] / "event1"
    os.mkfifo(device)
    hand = os.open(device, os.O_RDWR)
    keys = HeadsetKeys(*roots)
    assert keys.devices == ("event1",)
    seen: list[str] = []
    keys.pressed.connect(seen.append)
    os.write(hand, event(248, 1) + event(248, 0) + event(0, 0, kind=0) + event(169, 1))
    os.write(hand, event(169, 2) + event(30, 1))  # held down; a letter
    qtbot.waitUntil(lambda: len(seen) == 2, timeout=5000)
    assert seen == ["mute", "hook"]
    keys.close()
    os.close(hand)


def test_a_headset_that_comes_later_is_found_and_forgotten(
    roots: tuple[Path, Path], qtbot: QtBot
) -> None:
    keys = HeadsetKeys(*roots)
    assert keys.devices == ()
    device = roots[1] / "event1"
    os.mkfifo(device)
    hand = os.open(device, os.O_RDWR)
    qtbot.waitUntil(lambda: keys.devices == ("event1",), timeout=5000)
    os.close(hand)  # unplugged: the end of what can be read
    qtbot.waitUntil(lambda: keys.devices == (), timeout=5000)
    keys.close()


def test_no_right_is_told_and_harms_nothing(
    roots: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (roots[1] / "event1").touch()

    def refuse(*_args: object) -> int:
        raise PermissionError

    monkeypatch.setattr("app.headset_keys.os.open", refuse)
    keys = HeadsetKeys(*roots)
    assert "may not be read" in keys.sentence
    assert keys.devices == ()
    keys.close()
