"""What is said of the sound: which devices are in use, and what has happened to them."""

from __future__ import annotations

import msgspec


class DeviceChange(msgspec.Struct, frozen=True, kw_only=True):
    """What has happened since it was last told. Names of devices; "" in use: there is none."""

    unplugged: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    speaker: str = ""
    microphone: str = ""


def in_use(speaker: str, microphone: str) -> str:
    """The devices in words, or what is missing."""
    missing = [
        name for name, used in (("loudspeaker", speaker), ("microphone", microphone)) if not used
    ]
    if missing:
        return f"No {' and no '.join(missing)} was found: plug in a headset."
    return speaker if speaker == microphone else f"{speaker}, {microphone}"


def sentence(change: DeviceChange, *, is_in_call: bool) -> str:
    """What the agent should know of it, "" for nothing."""
    told = (
        _told(change.unplugged, "was unplugged", "were unplugged"),
        _told(change.silent, "gives no sound", "give no sound"),
        _told(change.back, "is back", "are back"),
    )
    parts = [part for part in told if part]
    if not parts:
        return ""
    if change.silent and set(change.silent) <= {change.speaker, change.microphone}:
        parts.append("Look at its cable and its switch; there is no other device.")
    else:
        parts.append(_goes_on(change, is_in_call=is_in_call))
    return " ".join(parts)


def _goes_on(change: DeviceChange, *, is_in_call: bool) -> str:
    verb = "The call goes on with" if is_in_call else "In use now:"
    names = _short((change.speaker, change.microphone))
    if not names:
        return "There is no other device: plug in a headset."
    told = f"{verb} {' and '.join(names)}."
    if not change.microphone:
        return f"{told} There is no microphone: nobody can hear you until you plug one in."
    if not change.speaker:
        return f"{told} There is no loudspeaker: plug in a headset."
    return told


def _short(names: tuple[str, ...]) -> tuple[str, ...]:
    """Each headset once: "Jabra Evolve2" stands for "Jabra Evolve2 Mono" as well."""
    distinct = tuple(dict.fromkeys(name for name in names if name))
    return tuple(
        name
        for name in distinct
        if not any(name != other and name.startswith(other) for other in distinct)
    )


def _told(names: tuple[str, ...], of_one: str, of_more: str) -> str:
    short = _short(names)
    if not short:
        return ""
    return f"{' and '.join(short)} {of_one if len(short) == 1 else of_more}."
