"""A line in a process of its own, and an order for it: for tests with peers of any kind."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import TypeVar

import msgspec

import resources
from sip import launch
from sip.client import EngineClient
from sip.messages import CallEnded, Gateway, Message, Originate, Shutdown
from tests.sip.practice_kit import NUMBER, PCMA, Sipp, wait_for

M = TypeVar("M", bound=Message)
CALLER_ID = "+441614960100"
MESSAGE = Path(resources.__file__).parent / "messages" / "abandoned.wav"
MESSAGE_S = 1.6


class LineProcess:
    """A line in a process of its own, and all that it has said."""

    def __init__(self, folder: Path) -> None:
        self.said: list[Message] = []
        self.log_file = folder / "line.log"
        address = str(folder / "line.sock")
        self._launched = launch.start(
            "sip.line", ["--id", "l1", "--socket", address], self.log_file
        )
        launch.wait_until_ready(self._launched, address)
        self._client = EngineClient(address, self.said.append, epoch=1)

    @property
    def pid(self) -> int:
        return self._launched.pid

    def send(self, message: Message) -> None:
        assert self._client.send(message)

    def first(self, kind: type[M]) -> M | None:
        return next((message for message in self.said if isinstance(message, kind)), None)

    def ended(self) -> CallEnded:
        assert wait_for(lambda: self.first(CallEnded) is not None), self.said
        ended = self.first(CallEnded)
        assert ended is not None
        return ended

    def close(self) -> None:
        self._client.send(Shutdown())
        if not self._launched.wait(5.0):
            self._launched.kill()
            self._launched.wait(5.0)
        self._client.close()


def first_words(folder: Path) -> Path:
    """The beginning of the recorded message, so that a test need not hear all of it."""
    short = folder / "message.wav"
    with wave.open(str(MESSAGE)) as whole, wave.open(str(short), "wb") as part:
        part.setparams(whole.getparams())
        part.writeframes(whole.readframes(round(MESSAGE_S * whole.getframerate())))
    return short


def order(address: str, message_wav: Path, **changes: object) -> Originate:
    """An order to dial NUMBER at `address` (host:port), with nobody to talk to the person."""
    plain = Originate(
        epoch=1,
        attempt_id="a-1",
        number=NUMBER,
        gateway=Gateway(name="peer", uri_template=f"sip:{{number}}@{address};transport=udp"),
        caller_id=CALLER_ID,
        min_ring_s=0.2,
        max_ring_s=5.0,
        connect_limit_s=0.5,
        message_lead_s=0.1,
        message_wav=str(message_wav),
        max_call_s=20.0,
        agent_leg="on_answer",
    )
    return msgspec.structs.replace(plain, **changes)


def callee(folder: Path, scenario: str, **words: object) -> Sipp:
    sipp = Sipp(folder, scenario, words={"RING_MS": 200, "PAYLOADS": PCMA, **words})
    assert wait_for(sipp.is_listening)
    return sipp
