"""Somebody on a call, as a process: sounds like nobody else, and keeps every frame that it hears.

Reached through its trunk side or as a phone of the floor. The last two digits of the number that
was dialled choose: 01 is busy, 02 rings for ever, 03 declines, 04 sends its sound before it
answers; else it rings for 0.3 s and answers. A phone answers at once. `HangUp` ends its call,
`SendDigits` presses keys (as INFO where `to` is the third).
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import msgspec
import numpy as np

from sip.bridge import join
from sip.endpoint import EndpointOptions
from sip.engine import Engine, EngineOptions, log_to
from sip.leg import Invite, Leg, LegEnd, LegResponse
from sip.messages import CarrierStatus, HangUp, KeyPressed, Message, SendDigits, Stamp
from sip.phone.ports import Ear, Mouth

RATE = 8000
LEVEL = 3000.0
FRAME_BYTES = 320
RECORD = struct.Struct(f"<d{FRAME_BYTES}s")
RING_S = 0.3


class Addresses(msgspec.Struct):
    """Where a party is to be reached."""

    trunk: str
    seat_uri: str


def pair(low_hz: int, high_hz: int, seconds: float) -> bytes:
    """Two steady tones as PCM16; whole cycles in each 20 ms where both are multiples of 50 Hz."""
    at_s = np.arange(round(RATE * seconds)) / RATE
    sound = np.sin(2 * np.pi * low_hz * at_s) + np.sin(2 * np.pi * high_hz * at_s)
    return bytes(np.round(LEVEL * sound).astype("<i2").tobytes())


class Party:
    """One call at a time."""

    def __init__(self, engine: Engine, folder: Path, low_hz: int, high_hz: int) -> None:
        self._engine = engine
        endpoint = engine.endpoint
        self._sound = pair(low_hz, high_hz, 1.0)
        self._at = 0
        self._log = (folder / f"{engine.options.engine_id}.heard").open("ab", buffering=0)
        self._mouth = Mouth("mouth", RATE, self)
        self._ear = Ear("ear", RATE, self._hear)
        endpoint.keep(self._mouth)
        endpoint.keep(self._ear)
        endpoint.on_incoming = self._incoming
        self._leg: Leg | None = None
        addresses = Addresses(endpoint.trunk_address, endpoint.seat_uri)
        (folder / f"{engine.options.engine_id}.json").write_bytes(msgspec.json.encode(addresses))

    def take(self, n_bytes: int) -> bytes:
        piece = self._sound[self._at : self._at + n_bytes]
        self._at = (self._at + n_bytes) % len(self._sound)
        return piece.ljust(n_bytes, b"\x00")

    def _hear(self, pcm16: bytes) -> None:
        if pcm16:
            self._log.write(RECORD.pack(self._engine.clock.now().mono_s, pcm16))

    def _incoming(self, leg: Leg, invite: Invite) -> None:
        leg.listener = self
        leg.on_key = self._key
        self._leg = leg
        what = invite.number[-2:]
        if invite.header("X-Callfloor-Token"):
            leg.reply(200)
        elif what == "01":
            leg.reply(486)
        elif what == "03":
            leg.reply(603)
        elif what == "04":
            leg.reply(183)
            self._engine.timers.after(1.0, lambda: leg.reply(200))
        else:
            leg.reply(180)
            if what != "02":
                self._engine.timers.after(RING_S, lambda: leg.reply(200))

    def _key(self, key: str) -> None:
        now = self._engine.clock.now()
        self._engine.wire.emit(KeyPressed(seq=0, at=now, attempt_id="", key=key, by="person"))

    def leg_response(self, leg: Leg, response: LegResponse) -> None: ...

    def leg_answered(self, leg: Leg, at: Stamp) -> None: ...

    def leg_media(self, leg: Leg) -> None:
        join(self._mouth, leg.sound())
        join(leg.sound(), self._ear)

    def leg_ended(self, leg: Leg, _end: LegEnd) -> None:
        if self._leg is leg:
            self._leg = None

    def handle(self, command: Message) -> None:
        leg = self._leg
        if leg is None:
            self._engine.wire.refuse(command, "There is no call.")
        elif isinstance(command, HangUp):
            leg.end()
        elif isinstance(command, SendDigits):
            assert leg.press(command.digits, is_info=command.to == "third")

    def snapshot(self) -> Message:
        return CarrierStatus(
            address=self._engine.endpoint.trunk_address, busy_channels=0, channels=4
        )

    def is_busy(self) -> bool:
        return bool(self._engine.endpoint.legs)

    def stop(self) -> None: ...

    def close(self) -> None:
        self._log.close()


def main() -> None:
    socket, name, folder, low_hz, high_hz = sys.argv[1:6]
    log_to(None)
    engine = Engine(
        EngineOptions(
            role="party",
            engine_id=name,
            endpoint=EndpointOptions(name=name, trunk_port=0, seat_port=0, clock_rate=RATE),
            socket=socket,
            idle_exit_s=60,
        )
    )
    engine.run(lambda running: Party(running, Path(folder), int(low_hz), int(high_hz)))


if __name__ == "__main__":
    main()
