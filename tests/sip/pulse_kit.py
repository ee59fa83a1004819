"""Headsets for a phone under test: null sinks of a private PulseAudio server, and ears for them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.telephony.pulse import RATE, Headset, PulseServer, Recorder, pulse_server
from sip.messages import (
    AgentAddress,
    CallAnswered,
    ChooseDevices,
    ConnectAgent,
    EndCall,
    PhoneConnected,
    PhoneEnded,
)
from sip.signatures import Listener, SignatureSource
from tests import needs
from tests.sip.callee import Heard
from tests.sip.floor import Client, Floor, order

NUMBER = "+441614960100"
FRAME_BYTES = RATE // 50 * 2


def signature_sound(signature: int, seconds: float = 1.5) -> bytes:
    """A signature as it sounds for so long; one period is 1.5 s and may be played over and over."""
    source = SignatureSource(signature, RATE)
    source.start()
    return source.frame(round(RATE * seconds))


def steady_sound(signature: int) -> bytes:
    """A signature without its pauses: one second that may be played over and over."""
    return signature_sound(signature, 1.0)


def heard_in(recorder: Recorder, since_s: float = 0.0) -> Listener:
    """What an ear that knows signatures makes of a recording."""
    listener = Listener(RATE)
    data = b"".join(lump for at_s, lump in recorder.lumps if at_s >= since_s)
    start_s = next((at_s for at_s, _lump in recorder.lumps if at_s >= since_s), 0.0)
    for index in range(len(data) // FRAME_BYTES):
        frame = data[index * FRAME_BYTES : (index + 1) * FRAME_BYTES]
        listener.hear(frame, start_s + index * 0.02)
    return listener


def first_sound_s(recorder: Recorder, since_s: float) -> float | None:
    """When the first lump came that is not digital silence, on the monotonic clock.

    A far end that pauses is not digitally silent: A-law knows no zero.
    """
    return next((at_s for at_s, lump in recorder.lumps if at_s >= since_s and any(lump)), None)


def is_heard_soon(recorder: Recorder, since_s: float, timeout_s: float = 5.0) -> float | None:
    """Waits for sound after `since_s`; when it came, or None."""
    until_s = time.monotonic() + timeout_s
    while time.monotonic() < until_s:
        found = first_sound_s(recorder, since_s)
        if found is not None:
            return found
        time.sleep(0.02)
    return None


class SoundFloor:
    """A line, a callee that speaks, a phone with two headsets: "Headset" in use, "Speakers" not."""

    def __init__(self, folder: Path, pulse: PulseServer) -> None:
        self.floor = Floor(folder)
        self.pulse = pulse
        self.speakers: Headset = pulse.headset("two", "Speakers")
        self.headset: Headset = pulse.headset("one", "Headset")
        self.line: Client
        self.phone: Client
        self.agent: AgentAddress

    def start_phone(self, *options: str) -> None:
        self.phone, self.agent, self.launched, _address = self.floor.phone(
            "phone", 7, "--sound", "auto", "--no-notes", *options
        )
        self.phone.send(
            ChooseDevices(
                microphones=("Headset microphone", "Speakers microphone"),
                speakers=("Headset", "Speakers"),
            )
        )

    def call(self, attempt_id: str = "a-1") -> None:
        """Bring up a call between the phone and a callee who speaks."""
        self.line, _launched, _address = self.floor.line()
        gateway, _client = self.floor.callee()
        self.line.send(order(gateway, NUMBER, attempt_id=attempt_id))
        self.line.wait(CallAnswered)
        self.line.send(ConnectAgent(epoch=1, attempt_id=attempt_id, agent=self.agent))
        self.phone.wait(PhoneConnected)

    def end_call(self, attempt_id: str = "a-1") -> Heard:
        """End it; returns what the callee has heard."""
        self.line.send(EndCall(epoch=1, attempt_id=attempt_id))
        self.phone.wait(PhoneEnded)
        return self.floor.heard()[0]

    def close(self) -> None:
        self.floor.close()


@pytest.fixture
def pulse(monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseServer]:
    """A sound server that engines started from here use, and no other."""
    needs.program("pulseaudio", "pulseaudio")
    needs.program("pactl", "pulseaudio-utils")
    with pulse_server() as server:
        for name in ("PULSE_SERVER", "PULSE_COOKIE", "PULSE_RUNTIME_PATH", "XDG_RUNTIME_DIR"):
            monkeypatch.setenv(name, server.environment[name])
        yield server


@pytest.fixture
def sound_floor(
    tmp_path_factory: pytest.TempPathFactory, pulse: PulseServer
) -> Iterator[SoundFloor]:
    made = SoundFloor(tmp_path_factory.mktemp("s"), pulse)
    try:
        yield made
    finally:
        made.close()
