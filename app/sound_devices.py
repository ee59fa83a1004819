"""What this PC can be heard and spoken through: asked in a process of its own.

A sound system that hangs or crashes takes nobody else with it. `python -m app.sound_devices`
prints both lists as JSON.
"""

from __future__ import annotations

import subprocess
import sys

import msgspec

from app.errors import KnownError

ASK_S = 15.0


class SoundDevices(msgspec.Struct, frozen=True):
    """Names of what is plugged in; the system's own choice first where it has one."""

    microphones: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()


def sound_devices(timeout_s: float = ASK_S) -> SoundDevices:
    """Ask the system; blocks for about a second. KnownError where it does not answer."""
    words = [sys.executable, "-m", "app.sound_devices"]
    try:
        done = subprocess.run(
            words, capture_output=True, timeout=timeout_s, check=True, stdin=subprocess.DEVNULL
        )
        return msgspec.json.decode(done.stdout, type=SoundDevices)
    except (OSError, subprocess.SubprocessError, msgspec.MsgspecError) as error:
        raise KnownError(
            "This PC's sound system does not answer: look at its sound settings, or start the PC "
            "again."
        ) from error


def _look() -> SoundDevices:
    # Only the process that was started for it loads the sound system.
    from PySide6.QtCore import QCoreApplication  # noqa: PLC0415  see above
    from PySide6.QtMultimedia import QAudioDevice, QMediaDevices  # noqa: PLC0415  see above

    def names(first: QAudioDevice, every: list[QAudioDevice]) -> tuple[str, ...]:
        ordered = [first, *every] if not first.isNull() else every
        return tuple(dict.fromkeys(one.description() for one in ordered))

    app = QCoreApplication([])
    found = SoundDevices(
        names(QMediaDevices.defaultAudioInput(), QMediaDevices.audioInputs()),
        names(QMediaDevices.defaultAudioOutput(), QMediaDevices.audioOutputs()),
    )
    app.shutdown()
    return found


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(_look()))
