"""A scripted callee for the tests: one PJSIP process that behaves as the dialled number says.

The last two digits choose: 00 answers after 0.2 s and talks, 01 is busy, 02 rings for ever,
03 never answers with 18x, 04 sends sound before it answers, 06 hangs up 1 s after the answer,
07 is overloaded, 08 is forbidden, 09 answers at once. Speaks signature 40 and writes a JSON line
with what it heard at the end of each call.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from sip.bridge import join
from sip.endpoint import EndpointOptions
from sip.engine import Engine, EngineOptions, log_to
from sip.leg import Invite, Leg, LegEnd, LegResponse
from sip.messages import CarrierStatus, Message, Stamp
from sip.phone.ports import Ear, Mouth
from sip.signatures import PERSON_SIGNATURES, Listener, SignatureSource

RATE = 8000
VOICE = PERSON_SIGNATURES[0]


class Heard(msgspec.Struct):
    """What the callee knows of one call."""

    number: str
    caller: str
    asserted: str
    attempt_id: str
    answered_mono_s: float | None
    ended_mono_s: float
    ended_by: str
    q850: int | None
    heard_ms: dict[int, float]
    first_mono_s: dict[int, float]
    packets: int | None
    longest_gap_ms: float


class Callee:
    """One call at a time."""

    def __init__(self, engine: Engine, log_file: Path) -> None:
        self._engine = engine
        self._log_file = log_file
        self._source = SignatureSource(VOICE, RATE)
        self._listener = Listener(RATE)
        self._mouth = Mouth("voice", RATE, self)
        self._ear = Ear("ear", RATE, self._hear)
        engine.endpoint.keep(self._mouth)
        engine.endpoint.keep(self._ear)
        engine.endpoint.on_incoming = self._incoming
        self._invite: Invite | None = None
        self._answered: Stamp | None = None
        self._packets: int | None = None

    def take(self, n_bytes: int) -> bytes:
        return self._source.frame(n_bytes // 2)

    def _hear(self, pcm16: bytes) -> None:
        if pcm16:
            self._listener.hear(pcm16, self._engine.clock.now().mono_s)

    def _incoming(self, leg: Leg, invite: Invite) -> None:
        leg.listener = self
        self._invite, self._answered, self._packets = invite, None, None
        self._listener = Listener(RATE)
        after, what = self._engine.timers.after, invite.number[-2:]
        refusals = {"01": 486, "07": 503, "08": 403}
        if what in refusals:
            leg.reply(refusals[what])
        elif what == "09":
            leg.reply(200)
        elif what == "04":
            leg.reply(183)
            after(1.0, lambda: leg.reply(200))
        elif what != "03":
            leg.reply(180)
            if what != "02":
                after(0.2, lambda: leg.reply(200))

    def leg_response(self, leg: Leg, response: LegResponse) -> None: ...

    def leg_answered(self, leg: Leg, at: Stamp) -> None:
        self._answered = at
        if self._invite is not None and self._invite.number.endswith("06"):
            self._engine.timers.after(1.0, leg.end)
        self._count(leg)

    def _count(self, leg: Leg) -> None:
        if not leg.is_over:
            self._packets = leg.packets_heard()
            self._engine.timers.after(0.1, lambda: self._count(leg))

    def leg_media(self, leg: Leg) -> None:
        self._source.start()
        join(self._mouth, leg.sound())
        join(leg.sound(), self._ear)

    def leg_ended(self, leg: Leg, end: LegEnd) -> None:
        self._source.stop()
        invite = self._invite
        assert invite is not None
        sounds = self._listener.sounds()
        heard = Heard(
            number=invite.number,
            caller=invite.header("From"),
            asserted=invite.header("P-Asserted-Identity"),
            attempt_id=invite.header("X-Callfloor-Attempt"),
            answered_mono_s=self._answered.mono_s if self._answered else None,
            ended_mono_s=end.at.mono_s,
            ended_by=end.by,
            q850=end.q850,
            heard_ms=sounds.heard_ms,
            first_mono_s=sounds.first_mono_s,
            packets=self._packets,
            longest_gap_ms=self._listener.longest_gap_ms,
        )
        with self._log_file.open("ab") as file:
            file.write(msgspec.json.encode(heard) + b"\n")

    def handle(self, command: Message) -> None: ...

    def snapshot(self) -> Message:
        return CarrierStatus(
            address=self._engine.endpoint.trunk_address, busy_channels=0, channels=4
        )

    def is_busy(self) -> bool:
        return bool(self._engine.endpoint.legs)

    def stop(self) -> None: ...

    def close(self) -> None: ...


def main() -> None:
    socket, log_file = sys.argv[1], Path(sys.argv[2])
    log_to(None)
    engine = Engine(
        EngineOptions(
            role="callee",
            engine_id="callee",
            endpoint=EndpointOptions(name="callee", trunk_port=0, clock_rate=RATE),
            socket=socket,
            idle_exit_s=60,
        )
    )
    engine.run(lambda running: Callee(running, log_file))


if __name__ == "__main__":
    main()
