"""Peers for tests of real SIP and RTP: sipp for the signalling, a plain socket for the sound.

Neither knows PJSIP. The scenarios stand in tests/sip/peers, with @WORDS@ to be filled in.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np

from sip import launch
from sip.client import EngineClient
from sip.messages import (
    Behave,
    CarrierCall,
    CarrierRecord,
    CarrierStatus,
    Message,
    Shutdown,
)
from sip.signatures import Listener
from tests import needs
from tests.ports import free_port

SCENARIOS = Path(__file__).parent / "peers"
NUMBER = "+441614960001"
PCMU, PCMA = 0, 8


def wait_for(what: Callable[[], bool], timeout_s: float = 8.0) -> bool:
    """Whether it became true in time."""
    until_s = time.monotonic() + timeout_s
    while time.monotonic() < until_s:
        if what():
            return True
        time.sleep(0.01)
    return what()


def _mu_law(octet: int) -> int:
    octet = ~octet & 0xFF
    size = (((octet & 0x0F) << 3) + 0x84 << (octet >> 4 & 7)) - 0x84
    return -size if octet & 0x80 else size


def _a_law(octet: int) -> int:
    octet ^= 0x55
    size, segment = (octet & 0x0F) << 4, octet >> 4 & 7
    size = size + 8 if not segment else size + 0x108 << segment - 1
    return size if octet & 0x80 else -size


class G711:
    """One of the two laws of G.711 by its table."""

    def __init__(self, payload_type: int) -> None:
        law = _mu_law if payload_type == PCMU else _a_law
        self._values = np.array([law(octet) for octet in range(256)], dtype=np.int16)
        self._order = np.argsort(self._values, kind="stable")
        self._sorted = self._values[self._order].astype(np.int32)

    def decode(self, payload: bytes) -> bytes:
        return self._values[np.frombuffer(payload, dtype=np.uint8)].astype("<i2").tobytes()

    def encode(self, pcm16: bytes) -> bytes:
        wanted = np.frombuffer(pcm16, dtype="<i2").astype(np.int32)
        middles = (self._sorted[1:] + self._sorted[:-1]) // 2
        return self._order[np.searchsorted(middles, wanted)].astype(np.uint8).tobytes()


class Source(Protocol):
    """What a peer says."""

    def frame(self, n_samples: int) -> bytes: ...


class Packet(msgspec.Struct):
    """An RTP packet as it came."""

    at_mono_s: float
    payload_type: int
    sequence: int
    timestamp: int
    size: int


class RtpPeer:
    """The sound of one end of a call: says `source`, hears with `listener`, keeps every packet.

    Sends to wherever packets come from, or to `target` from the start.
    """

    def __init__(self, payload_type: int, source: Source | None = None) -> None:
        self.payload_type = payload_type
        self.listener = Listener(8000)
        self.packets: list[Packet] = []
        self.target: tuple[str, int] | None = None
        self._source = source
        self._law = G711(payload_type)
        self._sock = _even_socket()
        self.port = int(self._sock.getsockname()[1])
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="rtp peer")
        self._thread.start()

    def _run(self) -> None:
        next_s, sequence = time.monotonic(), 100
        while self._is_open:
            wait_s = max(0.0, next_s - time.monotonic())
            if select.select([self._sock], [], [], wait_s)[0]:
                self._receive()
            elif self.target is not None and self._source is not None:
                payload = self._law.encode(self._source.frame(160))
                head = struct.pack("!BBHII", 0x80, self.payload_type, sequence, sequence * 160, 77)
                self._sock.sendto(head + payload, self.target)
                sequence += 1
                next_s += 0.02
            else:
                next_s += 0.02

    def _receive(self) -> None:
        data, self.target = self._sock.recvfrom(2048)
        now_s = time.monotonic()
        _flags, kind, sequence, timestamp, _source = struct.unpack("!BBHII", data[:12])
        payload = data[12:]
        self.packets.append(Packet(now_s, kind & 0x7F, sequence, timestamp, len(payload)))
        if kind & 0x7F == self.payload_type:
            self.listener.hear(self._law.decode(payload), now_s)

    def close(self) -> None:
        self._is_open = False
        self._thread.join()
        self._sock.close()

    def __enter__(self) -> RtpPeer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _even_socket() -> socket.socket:
    """RTP wants an even port, and keeps the next one for RTCP."""
    while True:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        if sock.getsockname()[1] % 2 == 0:
            return sock
        sock.close()


NO_PORT = 254
"""sipp's exit status where another program has taken its port in the meantime."""


class Sipp:
    """One run of sipp with a scenario; ends with the `with` block, whatever happened."""

    def __init__(
        self, folder: Path, scenario: str, *arguments: str, words: dict[str, object]
    ) -> None:
        text = (SCENARIOS / f"{scenario}.xml").read_text()
        defaults = {"TIMEOUT_MS": 6000, "ATTEMPT": "", "RTP_PORT": 9, "PAYLOADS": "8 0"}
        defaults["CALLER"] = "caller"
        for word, value in {**defaults, **words}.items():
            text = text.replace(f"@{word}@", str(value))
        left = re.findall(r"@[A-Z_]{3,}@", text)
        assert not left, f"nothing was given for {left}"
        self.port = free_port()
        self._folder = folder / f"sipp-{self.port}"
        self._folder.mkdir()
        script = self._folder / "scenario.xml"
        script.write_text(text)
        command = [
            *(needs.sipp(), "-sf", str(script), "-i", "127.0.0.1", "-p", str(self.port)),
            *("-m", "1", "-l", "1", "-nostdin", "-timeout", "12", "-timeout_error"),
            *("-trace_msg", "-message_file", str(self._folder / "messages")),
            *("-trace_err", "-error_file", str(self._folder / "errors")),
            *arguments,
        ]
        with (self._folder / "said").open("wb") as said:
            self._process = subprocess.Popen(command, cwd=self._folder, stdout=said, stderr=said)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def is_listening(self) -> bool:
        """Whether its UDP port is open: then it takes calls."""
        wanted = f":{self.port:04X} "
        return wanted in Path("/proc/net/udp").read_text() or self._process.poll() is not None

    def status(self, timeout_s: float = 13.0) -> int:
        """Its exit status: 0 if the scenario went as written."""
        return self._process.wait(timeout_s)

    @property
    def messages(self) -> str:
        """Every message that it sent or received."""
        with contextlib.suppress(FileNotFoundError):
            return (self._folder / "messages").read_text(errors="replace")
        return ""

    @property
    def errors(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return (self._folder / "errors").read_text(errors="replace")
        return ""

    def __enter__(self) -> Sipp:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _at: object) -> None:
        status = self._process.poll()
        if error is not None:
            said = (self._folder / "said").read_text(errors="replace")
            error.add_note(f"sipp's status: {status}\n{self.errors}\n{said[-2000:]}")
        if status is None:
            self._process.kill()
        self._process.wait()


class GatewayProcess:
    """A practice gateway in a process of its own; `behaviour` says who its callers reach."""

    def __init__(self, folder: Path, *arguments: str, environment: dict[str, str] | None = None):
        self.log = folder / "records.jsonl"
        self.log_file = folder / "gateway.log"
        self.socket = folder / "gw.sock"
        self.calls: list[CarrierCall] = []
        self.messages: list[Message] = []
        self.behaviour: Behave | None = None
        self.client: EngineClient | None = None
        self.launched = launch.start(
            "sip.rehearsal",
            ["--id", "g1", "--socket", str(self.socket), "--log", str(self.log), *arguments],
            self.log_file,
            environment=environment,
        )
        try:
            launch.wait_until_ready(self.launched, str(self.socket))
            self.attach()
        except BaseException:
            self.close()
            raise

    def attach(self) -> None:
        self.client = EngineClient(str(self.socket), self._on_message)
        assert wait_for(lambda: any(isinstance(m, CarrierStatus) for m in self.messages))

    def leave(self) -> None:
        """The client goes away; the gateway stays."""
        if self.client is not None:
            self.client.close()
            self.client = None

    def _on_message(self, message: Message) -> None:
        self.messages.append(message)
        if isinstance(message, CarrierCall):
            self.calls.append(message)
            if self.behaviour is not None and self.client is not None:
                answer = msgspec.structs.replace(self.behaviour, call_ref=message.call_ref)
                self.client.send(answer)

    @property
    def status(self) -> CarrierStatus:
        return [m for m in self.messages if isinstance(m, CarrierStatus)][-1]

    @property
    def address(self) -> str:
        """Host and port of its SIP side."""
        return self.status.address

    def records(self, n: int = 1) -> list[CarrierRecord]:
        """The records on file, once there are `n` of them."""
        wait_for(lambda: self.log.exists() and self.log.read_bytes().count(b"\n") >= n)
        lines = self.log.read_bytes().splitlines()
        return [msgspec.json.decode(line, type=CarrierRecord) for line in lines]

    def close(self) -> None:
        """Ask it to leave; the second chance is less polite."""
        if self.client is not None:
            self.client.send(Shutdown())
        self.launched.terminate()
        if not self.launched.wait(5.0):
            self.launched.kill()
            self.launched.wait(5.0)
        self.leave()


@contextlib.contextmanager
def gateway(
    folder: Path, *arguments: str, environment: dict[str, str] | None = None
) -> Iterator[GatewayProcess]:
    """A gateway that is gone after the `with` block."""
    process = GatewayProcess(folder, *arguments, environment=environment)
    try:
        yield process
    finally:
        process.close()
