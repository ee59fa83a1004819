"""Malformed SIP at a line and at a phone: the torture messages, and faulty ones by the thousand.

Between two handfuls each engine must answer a plain OPTIONS; in the end a real call goes through
both. An engine that dies is started anew, and the message that killed it is looked for.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from app.clock import WallClock
from app.telephony.call_kit import EngineProcess, OneCall
from app.telephony.mutation import Mutator
from app.telephony.torture import messages as torture_messages

HANDFUL = 25
ANSWER_S = 45.0
"""A library whose table of transactions is full answers when the oldest have gone, after 32 s."""
ASK_AGAIN_S = 1.0
Kind = Literal["line", "phone"]
Progress = Callable[[str], None]


class EngineFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one engine under fire. `killers`: the messages that ended it, printable."""

    sent: int
    answers: int
    deaths: int
    slowest_answer_s: float
    killers: tuple[str, ...]


class MalformedFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent to each engine, and whether a call went through both afterwards."""

    seed: int
    line: EngineFigures
    phone: EngineFigures
    call_afterwards: bool


class Way(Protocol):
    """How messages get to an engine."""

    def send(self, message: bytes) -> None: ...

    def ask(self, message: bytes, call_id: str, wait_s: float) -> bool:
        """Whether a 200 to this request comes back in time."""

    def close(self) -> None: ...


def acknowledgement(response: str) -> bytes | None:
    """The ACK to a refusal of an INVITE, so that it need not be repeated; None if it is none."""
    found = re.match(r"SIP/2.0 ([3-6]\d\d)", response)
    cseq = re.search(r"^CSeq:\s*(\d+)\s+INVITE", response, re.MULTILINE | re.IGNORECASE)
    if found is None or cseq is None:
        return None
    lines = ["ACK sip:seat@127.0.0.1 SIP/2.0"]
    for name in ("Via", "From", "To", "Call-ID"):
        line = re.search(rf"^{name}:[^\r\n]*", response, re.MULTILINE | re.IGNORECASE)
        if line is None:
            return None
        lines.append(line.group(0))
    lines += [f"CSeq: {cseq.group(1)} ACK", "Max-Forwards: 70", "Content-Length: 0"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(errors="replace")


def is_yes(text: str, call_id: str) -> bool:
    return text.startswith("SIP/2.0 200") and call_id in text


class Datagrams:
    """UDP from one port; answers what must be answered."""

    transport = "UDP"

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 0))
        self.source = f"127.0.0.1:{self._sock.getsockname()[1]}"

    def send(self, message: bytes) -> None:
        with contextlib.suppress(OSError):
            self._sock.sendto(message, self._to)
        self._read(0.0, "")

    def _read(self, wait_s: float, call_id: str) -> bool:
        while select.select([self._sock], [], [], wait_s)[0]:
            with contextlib.suppress(OSError):
                text = self._sock.recv(65536).decode(errors="replace")
                back = acknowledgement(text)
                if back is not None:
                    self._sock.sendto(back, self._to)
                if call_id and is_yes(text, call_id):
                    return True
        return False

    def ask(self, message: bytes, call_id: str, wait_s: float) -> bool:
        self.send(message)
        return self._read(wait_s, call_id)

    def close(self) -> None:
        self._sock.close()


class Stream:
    """TCP or TLS; a new connection for every handful, and for every question."""

    def __init__(self, port: int, context: ssl.SSLContext | None) -> None:
        self.transport = "TCP" if context is None else "TLS"
        self._port, self._context = port, context
        self._sock: socket.socket | None = None
        self._n_sent = 0
        self.source = "127.0.0.1:5061"

    def _connected(self) -> socket.socket:
        if self._sock is None:
            plain = socket.create_connection(("127.0.0.1", self._port), 5.0)
            wrap = self._context.wrap_socket if self._context is not None else None
            self._sock = wrap(plain) if wrap is not None else plain
            self._sock.settimeout(2.0)
        return self._sock

    def send(self, message: bytes) -> None:
        self._n_sent += 1
        if self._n_sent % HANDFUL == 0:
            self._drop()
        try:
            sock = self._connected()
            sock.sendall(message)
            while select.select([sock], [], [], 0.0)[0]:
                back = acknowledgement(self._receive(sock))
                if back is not None:
                    sock.sendall(back)
        except OSError:
            self._drop()

    @staticmethod
    def _receive(sock: socket.socket) -> str:
        data = sock.recv(65536)
        if not data:
            raise ConnectionError
        return data.decode(errors="replace")

    def ask(self, message: bytes, call_id: str, wait_s: float) -> bool:
        self._drop()
        try:
            sock = self._connected()
            sock.settimeout(wait_s)
            sock.sendall(message)
            while not is_yes(self._receive(sock), call_id):
                pass
        except OSError:
            return False
        finally:
            self._drop()
        return True

    def _drop(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def close(self) -> None:
        self._drop()


def listening(pid: int, table: Literal["tcp", "udp"]) -> list[int]:
    """The ports on which a process listens (Linux), lowest first."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            found = re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink()))
            if found is not None:
                inodes.add(found.group(1))
    ports = set()
    for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
        fields = row.split()
        is_open = fields[3] == "0A" if table == "tcp" else fields[2].endswith(":0000")
        if fields[9] in inodes and is_open:
            ports.add(int(fields[1].rpartition(":")[2], 16))
    return sorted(ports)


class Fire:
    """Malformed messages at one kind of engine. Counts what it survived, and how."""

    def __init__(self, call: OneCall, kind: Kind, seed: int) -> None:
        self._call, self._kind, self._seed = call, kind, seed
        self._clock = WallClock()
        self._sent = self._answers = self._deaths = 0
        self._slowest_s = 0.0
        self._killers: list[str] = []
        self._way = self._new_way()
        self._mutator = Mutator(seed, self._way.transport, self._way.source)

    @property
    def _engine(self) -> EngineProcess:
        return self._call.line if self._kind == "line" else self._call.phone

    def _new_way(self) -> Datagrams | Stream:
        udp = listening(self._engine.pid, "udp") if self._kind == "line" else []
        if udp:
            return Datagrams(udp[0])
        return Stream(listening(self._engine.pid, "tcp")[0], self._call.seat_context())

    def torture(self) -> None:
        """The messages of RFC 4475, each with a question after it."""
        for message in torture_messages().values():
            self._handful([message])

    def mutated(self, count: int, progress: Progress) -> None:
        """So many faulty messages."""
        for start in range(0, count, HANDFUL):
            drawn = [self._mutator.draw() for _message in range(min(HANDFUL, count - start))]
            self._handful(drawn)
            if start % 5000 == 0:
                progress(f"{self._kind}: {start} of {count}, {self._deaths} deaths")

    def _handful(self, drawn: Sequence[bytes]) -> None:
        for message in drawn:
            self._way.send(message)
        self._sent += len(drawn)
        if self._is_well():
            self._answers += 1
            return
        self._deaths += 1
        self._revive()
        for message in drawn:
            self._way.send(message)
            if not self._is_well():
                self._killers.append(repr(message[:600]))
                self._revive()

    def _is_well(self) -> bool:
        """Whether it lives and answers a plain OPTIONS."""
        asked_s = self._clock.now().mono_s
        while self._engine.is_alive() and self._clock.now().mono_s - asked_s < ANSWER_S:
            request = self._mutator.valid("OPTIONS")
            call_id = re.search(rb"Call-ID: (\S+)", request)
            assert call_id is not None
            if self._way.ask(request, call_id.group(1).decode(), ASK_AGAIN_S):
                self._slowest_s = max(self._slowest_s, self._clock.now().mono_s - asked_s)
                return True
        return False

    def _revive(self) -> None:
        self._way.close()
        self._call.restart(self._kind)
        self._way = self._new_way()

    def figures(self) -> EngineFigures:
        return EngineFigures(
            sent=self._sent,
            answers=self._answers,
            deaths=self._deaths,
            slowest_answer_s=round(self._slowest_s, 3),
            killers=tuple(self._killers),
        )

    def close(self) -> None:
        self._way.close()


def fire_at_engines(
    count: int = 100_000, seed: int = 1, progress: Progress = lambda _text: None
) -> MalformedFigures:
    """Half of `count` faulty messages, and all torture messages, at a line and at a phone each.

    Raises KnownError where the engines do not start at all.
    """
    with tempfile.TemporaryDirectory(prefix="cfm") as folder:
        call = OneCall(Path(folder), "--sound", "none")
        fires: list[Fire] = []
        try:
            for number, kind in enumerate(("line", "phone")):
                fire = Fire(call, kind, seed + number)  # type: ignore[arg-type]
                fires.append(fire)
                fire.torture()
                fire.mutated(count // 2, progress)
            time.sleep(1.0)
            call.end(call.begin())
            return MalformedFigures(
                seed=seed,
                line=fires[0].figures(),
                phone=fires[1].figures(),
                call_afterwards=True,
            )
        finally:
            for fire in fires:
                fire.close()
            call.close()


def measure_malformed(
    count: int = 100_000, seed: int = 1, progress: Progress = lambda _text: None
) -> dict[str, object]:
    """`fire_at_engines` as a JSON-able dictionary."""
    return dict(msgspec.to_builtins(fire_at_engines(count, seed, progress)))
