"""Keys that act while another program is in front of the window. X11 only, off by default.

Each key is grabbed by itself (XGrabKey), so that nothing else that is typed on this PC ever
reaches this program. Under Wayland no program may do so; Windows and macOS have ways of their own
that are not built here.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from typing import Any, Final, Literal

from PySide6.QtCore import QObject, QSocketNotifier, Signal

from app.errors import KnownError

Action = Literal["answer", "hang_up", "mute"]
_REPEAT_MS = 400  # a key that is held down repeats faster
# Caps Lock and Num Lock are modifiers to X: a grab holds for one exact set of them.
_MODIFIERS: Final = {"shift": 1, "ctrl": 4, "alt": 8, "meta": 64}
_LOCKS: Final = (0, 2, 16, 18)
_NO_DISPLAY: Final = "The X11 display lets no program take keys; the window's own keys go on."
_SPELLINGS: Final = {"enter": "Return", "esc": "Escape", "del": "Delete", "ins": "Insert"}


def parse_key(text: str) -> tuple[int, str]:
    """X's modifier mask and key name of "Ctrl+Alt+M"; KnownError where it is no such key."""
    *before, name = [part.strip() for part in text.split("+")]
    mask = 0
    for part in before:
        if part.lower() not in _MODIFIERS:
            raise KnownError(f"{part} in {text} is no modifier: use Ctrl, Alt, Shift or Meta.")
        mask |= _MODIFIERS[part.lower()]
    if not mask & ~1 and not (name[:1].upper() == "F" and name[1:].isdecimal()):
        raise KnownError(f"{text} would be taken from every program: add Ctrl or Alt to it.")
    if mask & 12 == 12 and name[:1].upper() == "F" and name[1:].isdecimal():
        raise KnownError(f"{text} switches the screen on Linux: choose another key.")
    name = _SPELLINGS.get(name.lower(), name)
    return mask, name.lower() if len(name) == 1 else name


def why_impossible(environ: Mapping[str, str], platform: str = sys.platform) -> str:
    """Why keys cannot act in every program here; "" where they can."""
    if platform in ("win32", "darwin"):
        return "Keys in every program work on Linux with X11 only; the window's own keys go on."
    if environ.get("WAYLAND_DISPLAY") or environ.get("XDG_SESSION_TYPE") == "wayland":
        return (
            "This desktop (Wayland) lets no program take keys from others: log in with an X11 "
            "session, or use the window's own keys."
        )
    if not environ.get("DISPLAY"):
        return "There is no X11 display to take keys from; the window's own keys go on."
    return ""


class HotKeys(QObject):
    """Grabs its keys while it lives; `pressed(action)` for each press, once however long.

    Raises KnownError where the system does not allow it, or another program has taken a key; then
    none is kept.
    """

    pressed = Signal(str)

    def __init__(
        self, keys: Mapping[Action, str], environ: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        environ = os.environ if environ is None else environ
        why = why_impossible(environ)
        if why:
            raise KnownError(why)
        if not _is_answered(environ["DISPLAY"]):
            raise KnownError(_NO_DISPLAY)
        from Xlib import error  # noqa: PLC0415  loaded by those who want such keys alone
        from Xlib.display import Display  # noqa: PLC0415  as above

        try:
            self._display: Any = Display(environ["DISPLAY"])
        except (error.DisplayError, OSError) as failure:
            raise KnownError(_NO_DISPLAY) from failure
        self._grabs: dict[tuple[int, int], Action] = {}
        self._pressed_ms: dict[Action, int] = {}
        try:
            for action, text in keys.items():
                self._grab(action, text)
        except KnownError:
            self._display.close()
            raise
        self._notifier = QSocketNotifier(self._display.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        self._display.flush()
        self._read()

    def close(self) -> None:
        """Give the keys back."""
        self._notifier.setEnabled(False)
        self._display.close()

    def _grab(self, action: Action, text: str) -> None:
        from Xlib import XK, X  # noqa: PLC0415  see above
        from Xlib.error import BadAccess, CatchError  # noqa: PLC0415  see above

        mask, name = parse_key(text)
        code = self._display.keysym_to_keycode(XK.string_to_keysym(name))
        if not code:
            raise KnownError(f"This keyboard has no key {name} for {text}: choose another one.")
        root = self._display.screen().root
        for lock in _LOCKS:
            caught = CatchError(BadAccess)
            mode = X.GrabModeAsync
            root.grab_key(code, mask | lock, True, mode, mode, onerror=caught)
            self._display.sync()
            if caught.get_error() is not None:
                raise KnownError(
                    f"Another program has taken {text}: choose another key in the settings file."
                )
        self._grabs[code, mask] = action

    def _read(self) -> None:
        from Xlib import X  # noqa: PLC0415  see above
        from Xlib.error import ConnectionClosedError  # noqa: PLC0415  see above

        try:
            events = [self._display.next_event() for _ in range(self._display.pending_events())]
        except ConnectionClosedError:
            self._notifier.setEnabled(False)  # the display has gone, and the window soon will
            return
        for event in events:
            if event.type != X.KeyPress:
                continue
            plain = event.state & sum(_MODIFIERS.values())
            action = self._grabs.get((event.detail, plain))
            if action is None:
                continue
            before_ms = self._pressed_ms.get(action)
            self._pressed_ms[action] = event.time
            if before_ms is None or event.time - before_ms >= _REPEAT_MS:
                self.pressed.emit(action)


def _is_answered(name: str) -> bool:
    """Whether a display of this PC is there: python-xlib leaves sockets open where it is not."""
    number = name.removeprefix(":").partition(".")[0]
    if not name.startswith(":") or not number.isdecimal():
        return True  # of another PC: asked when it is opened
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(f"/tmp/.X11-unix/X{number}")
        except OSError:
            return False
    return True


def hot_key_words(keys: Mapping[Action, str]) -> str:
    """Which key does what, in a sentence."""
    return f"{keys['answer']} dials a preview, {keys['hang_up']} hangs up, {keys['mute']} mutes."
