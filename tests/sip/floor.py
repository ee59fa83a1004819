"""Engine processes for the tests, and a client that remembers all that it was told."""

from __future__ import annotations

import threading
import time
import wave
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from app.certificates import ensure_seat
from sip.client import EngineClient
from sip.launch import Launched, start, wait_until_ready
from sip.messages import (
    AgentAddress,
    AgentLeg,
    CarrierStatus,
    Gateway,
    Message,
    OpenSession,
    Originate,
    PhoneStatus,
    Shutdown,
)
from sip.signatures import PHONE_SIGNATURES, SignatureSource
from tests.sip.callee import Heard

M = TypeVar("M", bound=Message)
MESSAGE_SIGNATURE = PHONE_SIGNATURES[-1]


class Client:
    """A client of one engine that keeps what it hears, for a test to wait on."""

    def __init__(self, address: str, epoch: int = 1, token: str = "") -> None:
        self._condition = threading.Condition()
        self.messages: list[Message] = []
        self.is_closed = False
        self.wire = EngineClient(
            address, self._take, epoch=epoch, token=token, on_closed=self._closed
        )

    def _take(self, message: Message) -> None:
        with self._condition:
            self.messages.append(message)
            self._condition.notify_all()

    def _closed(self) -> None:
        with self._condition:
            self.is_closed = True
            self._condition.notify_all()

    def send(self, message: Message) -> None:
        assert self.wire.send(message)

    def all(self, kind: type[M]) -> list[M]:
        with self._condition:
            return [m for m in self.messages if isinstance(m, kind)]

    def wait(
        self, kind: type[M], timeout_s: float = 8.0, where: Callable[[M], bool] = lambda _m: True
    ) -> M:
        """The first message of this kind for which `where` holds, already here or yet to come."""
        until_s = time.monotonic() + timeout_s
        with self._condition:
            while True:
                for message in self.messages:
                    if isinstance(message, kind) and where(message):
                        return message
                left_s = until_s - time.monotonic()
                assert left_s > 0, f"no {kind.__name__}; came: {self.messages}"
                self._condition.wait(left_s)

    def wait_closed(self, timeout_s: float = 5.0) -> None:
        until_s = time.monotonic() + timeout_s
        with self._condition:
            while not self.is_closed:
                left_s = until_s - time.monotonic()
                assert left_s > 0, "the engine did not close the connection"
                self._condition.wait(left_s)


class Floor:
    """A folder, certificates, and the engine processes started in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._launched: list[Launched] = []
        self._clients: list[Client] = []
        self._files: tuple[str, ...] = ()

    def certificate_options(self) -> tuple[str, ...]:
        """Options of one seat's certificate, made at the first call."""
        if not self._files:
            files = ensure_seat(self.folder / "tls", "seat-1", [], datetime.now(UTC))
            self._files = (
                *("--ca", str(files.ca)),
                *("--cert", str(files.certificate)),
                *("--key", str(files.key)),
            )
        return self._files

    def start(
        self, module: str, name: str, *options: str, socket: str = ""
    ) -> tuple[Launched, str]:
        """Start an engine and wait until it listens; returns it and its address."""
        address = socket or str(self.folder / f"{name}.sock")
        launched = start(
            module,
            ["--id", name, "--socket", address, *options],
            self.folder / f"{name}.log",
        )
        self.adopt(launched, address)
        return launched, address

    def client(self, address: str, epoch: int = 1) -> Client:
        client = Client(address, epoch)
        self._clients.append(client)
        return client

    def callee(self, name: str = "callee") -> tuple[Gateway, Client]:
        """A scripted callee and the gateway that leads to it."""
        address = str(self.folder / f"{name}.sock")
        launched = start(
            "tests.sip.callee",
            [address, str(self.folder / f"{name}.jsonl")],
            self.folder / f"{name}.log",
        )
        self.adopt(launched, address)
        client = self.client(address)
        status = client.wait(CarrierStatus)
        template = f"sip:{{number}}@{status.address};transport=udp"
        return Gateway(name=name, uri_template=template, send_attempt_id=True), client

    def adopt(self, launched: Launched, address: str) -> None:
        """Wait until an engine that was started elsewhere listens, and end it with the floor."""
        self._launched.append(launched)
        wait_until_ready(launched, address)

    def heard(self, count: int = 1, timeout_s: float = 5.0, name: str = "callee") -> list[Heard]:
        """The callee's log once it has so many lines."""
        path = self.folder / f"{name}.jsonl"
        until_s = time.monotonic() + timeout_s
        while time.monotonic() < until_s:
            if path.exists():
                lines = path.read_bytes().splitlines()
                if len(lines) >= count:
                    return [msgspec.json.decode(line, type=Heard) for line in lines]
            time.sleep(0.02)
        raise AssertionError("the callee has not heard of that many calls")

    def line(self, name: str = "line", *options: str) -> tuple[Client, Launched, str]:
        """A line with TLS towards the phones, and its client under epoch 1."""
        launched, address = self.start("sip.line", name, *self.certificate_options(), *options)
        return self.client(address), launched, address

    def phone(
        self, name: str = "phone", session_id: int = 7, *options: str
    ) -> tuple[Client, AgentAddress, Launched, str]:
        """A phone with an open session, and what a line must know of it."""
        launched, address = self.start(
            "sip.phone", name, "--sound", "none", *self.certificate_options(), *options
        )
        client = self.client(address)
        token = f"token-of-{name}"
        client.send(OpenSession(session_id=session_id, token=token))
        status = client.wait(PhoneStatus, where=lambda s: s.session_id == session_id)
        return (
            client,
            AgentAddress(session_id=session_id, uri=status.uri, token=token),
            launched,
            address,
        )

    def message_wav(self, seconds: float = 1.5) -> str:
        """A recorded message that the callee's ear recognises."""
        path = self.folder / "message.wav"
        source = SignatureSource(MESSAGE_SIGNATURE, 8000)
        source.start()
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(source.frame(int(8000 * seconds)))
        return str(path)

    def close(self) -> None:
        """Ask every engine to leave, and see that each has gone by itself."""
        for client in self._clients:
            client.wire.send(Shutdown())
        for launched in self._launched:
            launched.terminate()
        stubborn = [launched.name for launched in self._launched if not launched.wait(6.0)]
        for launched in self._launched:
            if launched.is_alive():
                launched.kill()
                launched.wait(2.0)
        for client in self._clients:
            client.wire.close()
        assert not stubborn, f"these engines did not leave: {stubborn}"


def order(
    gateway: Gateway,
    number: str,
    *,
    attempt_id: str = "a-1",
    epoch: int = 1,
    agent_leg: AgentLeg = "on_answer",
    agent: AgentAddress | None = None,
    message_wav: str = "",
    min_ring_s: float = 0.5,
    max_ring_s: float = 1.5,
    connect_limit_s: float = 2.0,
    max_call_s: float = 60.0,
) -> Originate:
    """An order with short rings and the legal connect limit."""
    return Originate(
        epoch=epoch,
        attempt_id=attempt_id,
        number=number,
        gateway=gateway,
        caller_id="+441614960999",
        min_ring_s=min_ring_s,
        max_ring_s=max_ring_s,
        connect_limit_s=connect_limit_s,
        message_lead_s=0.2,
        message_wav=message_wav,
        max_call_s=max_call_s,
        agent_leg=agent_leg,
        agent=agent,
    )
