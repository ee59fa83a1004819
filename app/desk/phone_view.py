"""From what line, dialler and phone report to what the telephone's panels draw. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.desk.views import (
    Advice,
    AdviceView,
    Arrangement,
    ControlView,
    DevicesView,
    LevelsView,
    RecordingState,
    ThirdStage,
)
from dialer_core.model.call_control import CallControl
from sip import messages

MOST_REMEMBERED = 5
_RANK = {"trouble": 0, "error": 0, "serious": 0, "warning": 1, "notice": 2, "info": 3}


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """The names of the devices to use, best first; empty: the system's own."""

    microphones: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    ringers: tuple[str, ...] = ()


def preferring(names: Sequence[str], name: str) -> tuple[str, ...]:
    """`name` first, then what was chosen before it; "" forgets them all: the system's own."""
    if not name:
        return ()
    return (name, *(one for one in names if one != name))[:MOST_REMEMBERED]


@dataclass(frozen=True, slots=True)
class Since:
    """Since when a call is arranged and recorded as it is (UTC s), as far as this window saw."""

    attempt_id: str = ""
    arrangement: Arrangement = Arrangement.TALK
    arranged_utc_s: float | None = None
    recording: RecordingState = RecordingState.OFF
    recorded_utc_s: float | None = None


def followed(since: Since, attempt_id: str, control: CallControl | None, now_utc_s: float) -> Since:
    """`since` brought up to what the floor says now."""
    control = control or CallControl()
    if attempt_id != since.attempt_id:
        since = Since(attempt_id)
    if control.arrangement != since.arrangement or since.arranged_utc_s is None:
        since = replace(since, arrangement=control.arrangement, arranged_utc_s=now_utc_s)
    if control.recording != since.recording or since.recorded_utc_s is None:
        since = replace(since, recording=control.recording, recorded_utc_s=now_utc_s)
    return since


def control_view(
    control: CallControl | None, since: Since, trouble: str, payment_limit_s: float
) -> ControlView:
    """The call in hand; `trouble` is why a wish did not even reach the dialler."""
    control = control or CallControl()
    third = None if control.third is ThirdStage.GONE else control.third
    return ControlView(
        arrangement=control.arrangement,
        since_utc_s=since.arranged_utc_s,
        third=third,
        third_label=control.third_label,
        trouble=trouble or control.trouble,
        recording=control.recording,
        recording_policy=control.recording_policy,
        recording_since_utc_s=since.recorded_utc_s,
        payment_limit_s=payment_limit_s,
        supervised=control.supervised,
        is_third=control.is_third,
    )


def devices_view(
    devices: messages.Devices | None, choice: DeviceChoice, *, is_echo_on: bool, is_in_call: bool
) -> DevicesView:
    """What the device dialog draws."""
    if devices is None:
        return DevicesView(has_come=False, is_in_call=is_in_call)
    return DevicesView(
        microphones=tuple(one.name for one in devices.microphones),
        speakers=tuple(one.name for one in devices.speakers),
        chosen_microphone=_first(choice.microphones),
        chosen_speaker=_first(choice.speakers),
        chosen_ringer=_first(choice.ringers),
        microphone=devices.microphone,
        speaker=devices.speaker,
        ringer=devices.ringer,
        is_echo_on=is_echo_on,
        is_in_call=is_in_call,
        notice=device_notice(devices, choice),
    )


def device_notice(
    devices: messages.Devices, choice: DeviceChoice, before: messages.Devices | None = None
) -> str:
    """What is wrong with the sound, in a sentence; "" for nothing.

    `before` is what was plugged in when `devices` came, where that is to be told apart.
    """
    if not devices.microphone and not devices.speaker:
        return "No headset was found. Plug one in; until then you hear nobody and nobody hears you."
    if not devices.microphone:
        return "No microphone was found: nobody hears you. Plug the headset in again."
    if not devices.speaker:
        return "No loudspeaker was found: you hear nobody. Plug the headset in again."
    was_heard = before is not None and _is_in(before.speaker, before.speakers)
    if before is not None and was_heard and not _is_in(before.speaker, devices.speakers):
        return f"{before.speaker} was unplugged. Calls continue on {devices.speaker}."
    was_used = before is not None and _is_in(before.microphone, before.microphones)
    if before is not None and was_used and not _is_in(before.microphone, devices.microphones):
        return f"{before.microphone} was unplugged. You are heard through {devices.microphone}."
    wanted, got = _first(choice.speakers), devices.speaker
    if wanted and not _is_in(wanted, devices.speakers):
        return f"{wanted} is not plugged in. Calls come through {got}."
    wanted, got = _first(choice.microphones), devices.microphone
    if wanted and not _is_in(wanted, devices.microphones):
        return f"{wanted} is not plugged in. You are heard through {got}."
    return ""


def _is_in(name: str, devices: Sequence[messages.SoundDevice]) -> bool:
    return bool(name) and any(one.name == name for one in devices)


def _first(names: Sequence[str]) -> str:
    return names[0] if names else ""


def levels_view(levels: messages.Levels) -> LevelsView:
    """The levels for the meters."""
    return LevelsView(levels.microphone_dbfs, levels.speaker_dbfs, levels.is_muted_by_system)


def worst(advice: Sequence[Advice]) -> AdviceView | None:
    """The most urgent of what the line doctor says: a window shows one at a time."""
    if not advice:
        return None
    first = min(advice, key=lambda one: _RANK.get(str(one.severity), 1))
    return AdviceView(first.sentence, first.what_to_do, str(first.severity))
