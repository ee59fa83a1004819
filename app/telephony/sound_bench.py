"""How long a word takes from mouth to ear, and how soon sound is back when a headset is pulled.

Both headsets are null sinks of a private PulseAudio server. The word goes from the microphone
through phone and line to a far end that sends every packet straight back, and through line and
phone to the ear: each is crossed twice, so that the figure is the worst that a talk can have
without a network. What is said is recorded at the mouth and at the ear by recorders of one kind,
whose own delay cancels out.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from app.clock import WallClock
from app.telephony.call_kit import OneCall, with_environment
from app.telephony.pulse import RATE, Headset, PulseServer, Recorder, pulse_server
from sip.messages import ChooseDevices, SoundChanged

CLICK_S, CLICK_EVERY_S = 0.03, 0.5
LOUD = 2000
SETTLE_S = 1.5
IDLE_S = 5.0
SOUND_BACK_LIMIT_S = 5.0
Progress = Callable[[str], None]


class SoundFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured. CPU as share of one core; delays in ms; None where nothing was heard."""

    mouth_to_ear_median_ms: float | None
    mouth_to_ear_p95_ms: float | None
    words_said: int
    words_heard: int
    unplugged_times: int
    sound_back_median_ms: float | None
    sound_back_worst_ms: float | None
    headset_back_worst_ms: float | None
    phone_idle_cpu: float
    phone_in_call_cpu: float
    line_in_call_cpu: float


def click(clock_rate: int = RATE) -> bytes:
    """A short tone that begins at once."""
    at_s = np.arange(round(CLICK_S * clock_rate)) / clock_rate
    return bytes((20000 * np.sin(2 * np.pi * 1000 * at_s)).astype("<i2").tobytes())


class HasLumps(Protocol):
    """Sound with the moment at which each lump of it came."""

    @property
    def lumps(self) -> Sequence[tuple[float, bytes]]: ...


def onsets_s(recorder: HasLumps) -> list[float]:
    """When each click began, on the monotonic clock.

    The lump that was least late of all fixes where the recording stands on that clock.
    """
    lumps = list(recorder.lumps)
    ends = np.cumsum([len(lump) for _at, lump in lumps]) / (2 * RATE)
    if not len(ends):
        return []
    start_s = min(at_s - float(end) for (at_s, _lump), end in zip(lumps, ends, strict=True))
    data = b"".join(lump for _at, lump in lumps)
    samples: npt.NDArray[np.int16] = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2")
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > LOUD)
    found: list[float] = []
    for at in loud:
        if not found or start_s + at / RATE - found[-1] > CLICK_EVERY_S / 2:
            found.append(start_s + float(at) / RATE)
    return found


def delays_ms(said_s: Sequence[float], heard_s: Sequence[float]) -> list[float]:
    """From each word at the mouth to its arrival at the ear; words that never came are left out."""
    found = []
    for said in said_s:
        later = [heard - said for heard in heard_s if 0 < heard - said < CLICK_EVERY_S * 0.9]
        if later:
            found.append(round(1000 * later[0], 1))
    return found


def measure_sound(
    seconds: float = 20.0, unplug_times: int = 5, progress: Progress = lambda _text: None
) -> dict[str, object]:
    """The figures as a JSON-able dictionary. Raises KnownError where PulseAudio is missing."""
    with pulse_server() as pulse, tempfile.TemporaryDirectory(prefix="cfs") as folder:
        restore = with_environment(pulse.own_variables)
        speakers, headset = pulse.headset("two", "Speakers"), pulse.headset("one", "Headset")
        call = None
        try:
            call = OneCall(Path(folder), "--sound", "auto", "--no-notes")
            figures = _measure(call, pulse, headset, speakers, seconds, unplug_times, progress)
        finally:
            if call is not None:
                call.close()
            restore()
    return dict(msgspec.to_builtins(figures))


def _measure(
    call: OneCall,
    pulse: PulseServer,
    headset: Headset,
    speakers: Headset,
    seconds: float,
    unplug_times: int,
    progress: Progress,
) -> SoundFigures:
    call.phone.send(
        ChooseDevices(
            microphones=(headset.microphone_name, speakers.microphone_name),
            speakers=(headset.name, speakers.name),
        )
    )
    time.sleep(SETTLE_S)
    progress("The phone is idle.")
    idle = call.cpu_share(IDLE_S)
    attempt_id = call.begin()
    progress("Words go from mouth to ear.")
    said, heard, busy = _talk(call, pulse, headset, seconds)
    progress("The headset is unplugged.")
    pulse.loop(headset.mouth, click() * 50)
    pulse.loop(speakers.mouth, click() * 50)
    time.sleep(SETTLE_S)
    back, returned = [], []
    for _time in range(unplug_times):
        back.append(_unplug(call, pulse, headset, speakers))
        returned.append(_plug(call, pulse, headset))
    call.end(attempt_id)
    delays = delays_ms(said, heard)
    return SoundFigures(
        mouth_to_ear_median_ms=statistics.median(delays) if delays else None,
        mouth_to_ear_p95_ms=round(float(np.percentile(delays, 95)), 1) if delays else None,
        words_said=len(said),
        words_heard=len(delays),
        unplugged_times=unplug_times,
        sound_back_median_ms=statistics.median(back) if back else None,
        sound_back_worst_ms=max(back, default=None),
        headset_back_worst_ms=max(returned, default=None),
        phone_idle_cpu=idle["phone"],
        phone_in_call_cpu=busy["phone"],
        line_in_call_cpu=busy["line"],
    )


def _talk(
    call: OneCall, pulse: PulseServer, headset: Headset, seconds: float
) -> tuple[list[float], list[float], dict[str, float]]:
    """Clicks for so long: when they were said, when they were heard, and what it cost."""
    gap = bytes(2 * RATE // 2 - len(click()))
    mouth = pulse.loop(headset.mouth, click() + gap)
    time.sleep(SETTLE_S)
    at_mouth = pulse.record(f"{headset.mouth}.monitor")
    at_ear = pulse.record(f"{headset.ear}.monitor")
    time.sleep(SETTLE_S)
    busy = call.cpu_share(seconds)
    time.sleep(CLICK_EVERY_S)
    mouth.close()
    said, heard = onsets_s(at_mouth), onsets_s(at_ear)
    at_mouth.close()
    at_ear.close()
    return said[1:-1], heard, busy


def _first_sound_ms(recorder: Recorder, since_s: float) -> float:
    """Milliseconds until the first lump that is not digital silence; the limit if none comes."""
    clock = WallClock()
    while clock.now().mono_s - since_s < SOUND_BACK_LIMIT_S:
        for at_s, lump in list(recorder.lumps):
            if at_s >= since_s and any(lump):
                return round(1000 * (at_s - since_s), 1)
        time.sleep(0.005)
    return 1000 * SOUND_BACK_LIMIT_S


def _unplug(call: OneCall, pulse: PulseServer, headset: Headset, speakers: Headset) -> float:
    """Pull it; the later of: the agent hears again, the far end hears the agent again (ms)."""
    ear = pulse.record(f"{speakers.ear}.monitor")
    time.sleep(0.5)
    told = len(call.phone.said)
    before_s = WallClock().now().mono_s
    headset.unplug()
    at_ear_ms = _first_sound_ms(ear, before_s)
    call.phone.wait(SoundChanged, lambda m: m in call.phone.said[told:])
    time.sleep(SETTLE_S)
    ear.close()
    return max(at_ear_ms, _mouth_back_ms(call, before_s))


def _mouth_back_ms(call: OneCall, since_s: float) -> float:
    """How long after `since_s` the far end heard the agent's words again, after it heard none."""
    quiet_s: float | None = None
    for at_s, payload in call.far_end.heard:
        if at_s < since_s:
            continue
        is_loud = len(set(payload)) > 20
        if not is_loud and quiet_s is None:
            quiet_s = at_s
        elif is_loud and quiet_s is not None:
            return round(1000 * (at_s - since_s), 1)
    return 0.0 if quiet_s is None else 1000 * SOUND_BACK_LIMIT_S


def _plug(call: OneCall, pulse: PulseServer, headset: Headset) -> float:
    """Put it back; how long until the agent hears in it again (ms)."""
    told = len(call.phone.said)
    before_s = WallClock().now().mono_s
    headset.plug()
    ear = pulse.record(f"{headset.ear}.monitor")
    back_ms = _first_sound_ms(ear, before_s)
    call.phone.wait(SoundChanged, lambda m: m in call.phone.said[told:])
    time.sleep(SETTLE_S)
    ear.close()
    return back_ms
