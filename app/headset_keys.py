"""Buttons of a headset, read as Linux delivers them (evdev), where this user may read them.

The kernel turns a headset's telephony buttons into key events of an input device of their own.
Only devices that have such keys and no letters are opened: a keyboard's typing is never read.
Lamps and the headset's own mute state need each maker's own protocol and are left alone.
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QFileSystemWatcher, QObject, QSocketNotifier, QTimer, Signal

Action = Literal["answer", "hang_up", "mute", "hook"]
# linux/input-event-codes.h; "hook" is one button for both: it answers, or hangs up.
KEYS: Final[dict[int, Action]] = {169: "hook", 248: "mute", 0x1BD: "answer", 0x1BE: "hang_up"}
_EV_KEY: Final = 1
_PRESSED: Final = 1
_KEY_A: Final = 30
_EVENT: Final = struct.Struct("llHHi")  # struct input_event: a time of two longs, type, code, value
_SETTLE_MS = 500  # a new device gets its rights a moment after its name
NOT_ALLOWED = (
    "The headset's buttons may not be read by you: ask for the right to read its device "
    "(on most systems, the group “input”). Calls are not affected."
)


def key_codes(capabilities: str) -> frozenset[int]:
    """Key codes of a device from its line in sysfs: hexadecimal words, the highest first."""
    found: set[int] = set()
    for place, word in enumerate(reversed(capabilities.split())):
        bits = int(word, 16)
        found |= {place * 64 + bit for bit in range(64) if bits >> bit & 1}
    return frozenset(found)


def is_headset(capabilities: str) -> bool:
    """Whether a device has buttons of a telephone and is no keyboard."""
    codes = key_codes(capabilities)
    return bool(codes & KEYS.keys()) and _KEY_A not in codes


class HeadsetKeys(QObject):
    """`pressed(action)` for each press; `sentence` says why buttons that exist cannot be read."""

    pressed = Signal(str)

    def __init__(
        self, sys_root: Path = Path("/sys/class/input"), dev_root: Path = Path("/dev/input")
    ) -> None:
        super().__init__()
        self._sys_root, self._dev_root = sys_root, dev_root
        self._open: dict[str, tuple[int, QSocketNotifier]] = {}
        self.sentence = ""
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.look)
        if not sys.platform.startswith("linux") or not dev_root.is_dir():
            return
        self._watcher = QFileSystemWatcher([str(dev_root)], self)
        self._watcher.directoryChanged.connect(lambda _: self._settle.start())
        self.look()

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices that are being read."""
        return tuple(sorted(self._open))

    def look(self) -> None:
        """Open the headsets that have come, forget those that have gone."""
        self.sentence = ""
        for name in self._headsets():
            if name in self._open:
                continue
            try:
                handle = os.open(self._dev_root / name, os.O_RDONLY | os.O_NONBLOCK)
            except PermissionError:
                self.sentence = NOT_ALLOWED
            except OSError:
                continue  # gone again
            else:
                notifier = QSocketNotifier(handle, QSocketNotifier.Type.Read, self)
                notifier.activated.connect(lambda *_told, n=name: self._read(n))
                self._open[name] = (handle, notifier)

    def close(self) -> None:
        """Read no more."""
        self._settle.stop()
        for name in list(self._open):
            self._forget(name)

    def _headsets(self) -> list[str]:
        found = []
        for device in sorted(self._sys_root.glob("event*")):
            try:
                capabilities = (device / "device" / "capabilities" / "key").read_text()
                if is_headset(capabilities):
                    found.append(device.name)
            except (OSError, ValueError):
                continue
        return found

    def _read(self, name: str) -> None:
        handle = self._open[name][0]
        try:
            data = os.read(handle, _EVENT.size * 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._forget(name)  # unplugged
            return
        whole = len(data) - len(data) % _EVENT.size
        for _, _, kind, code, value in _EVENT.iter_unpack(data[:whole]):
            if kind == _EV_KEY and value == _PRESSED and code in KEYS:
                self.pressed.emit(KEYS[code])

    def _forget(self, name: str) -> None:
        handle, notifier = self._open.pop(name)
        notifier.setEnabled(False)
        notifier.deleteLater()
        os.close(handle)
