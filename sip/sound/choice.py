"""Which of the devices that are plugged in is used: a wish by name, else the system's default."""

from __future__ import annotations

from collections.abc import Sequence

from sip.messages import SoundDevice

FIRST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 240.0


class Failing:
    """Devices that are plugged in and give no sound: passed over for a while, then tried again.

    Each further failure doubles the pause, so that a broken headset does not cut the sound of a
    call every few seconds.
    """

    def __init__(self) -> None:
        self._until_s: dict[str, float] = {}
        self._pause_s: dict[str, float] = {}

    def note(self, device_id: str, now_s: float) -> None:
        """It has just failed."""
        pause_s = self._pause_s.get(device_id, FIRST_PAUSE_S)
        self._until_s[device_id] = now_s + pause_s
        self._pause_s[device_id] = min(2 * pause_s, LONGEST_PAUSE_S)

    def has(self, device_id: str) -> bool:
        """Whether it has failed since it was plugged in."""
        return device_id in self._pause_s

    def keep_only(self, present: Sequence[SoundDevice]) -> None:
        """What was unplugged comes back with a clean record."""
        ids = {device.id for device in present}
        for record in (self._until_s, self._pause_s):
            for device_id in record.keys() - ids:
                del record[device_id]

    def at(self, now_s: float) -> frozenset[str]:
        """The ids that are passed over at this moment."""
        return frozenset(key for key, until_s in self._until_s.items() if now_s < until_s)

    def next_retry_s(self, now_s: float) -> float | None:
        """When the next of them is tried again, None if none waits."""
        return min((until for until in self._until_s.values() if until > now_s), default=None)


def choose(
    wanted: Sequence[str], present: Sequence[SoundDevice], failing: frozenset[str] = frozenset()
) -> SoundDevice | None:
    """The best device for a wish, None if nothing is plugged in.

    First the wanted names in their order, then the system's default, then any; what fails comes
    last, in the same order: better a device that may recover than none.
    """
    ranked = [device for name in wanted for device in present if device.name == name]
    ranked += [device for device in present if device.is_default]
    ranked += list(present)
    sound = [device for device in ranked if device.id not in failing]
    return next(iter(sound or ranked), None)
