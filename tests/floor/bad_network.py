"""A bad network between line and phone: SIP over TLS goes through, RTP is lost, late and uneven.

The kernel here has no netem. So the line calls the phone at a relay of the test's own: it ends TLS
on both sides with certificates of the floor, puts its own ports into each SDP that passes, and
sends what comes there on, as late and as whole as the network is meant to be. SRTP passes as it
is: the keys are the ends' own.
"""

from __future__ import annotations

import contextlib
import heapq
import random
import re
import select
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.certificates import SeatFiles, ensure_seat

_HOST = "127.0.0.1"
_HEAD_END = b"\r\n\r\n"


@dataclass
class Weather:
    """What happens to packets of sound on their way; each way has its own share of losses."""

    lost_to_phone: float = 0.0
    lost_to_line: float = 0.0
    delay_s: float = 0.0
    jitter_s: float = 0.0


@dataclass(order=True)
class _Packet:
    due_s: float
    serial: int
    data: bytes = field(compare=False)
    out: socket.socket = field(compare=False)
    target: tuple[str, int] = field(compare=False)


class _Sound:
    """Two sockets for each stream: what comes at one leaves by the other."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather
        self._chance = random.Random(7)
        self._ways: dict[socket.socket, tuple[socket.socket, tuple[str, int], str]] = {}
        self._queue: list[_Packet] = []
        self._serial = 0
        self.passed = 0

    def pair(self, line_port: int) -> tuple[int, socket.socket, socket.socket]:
        """A port for the phone to send to, in place of the line's; its sockets."""
        to_phone, to_line = _udp(), _udp()
        self._ways[to_line] = (to_phone, (_HOST, line_port), "lost_to_line")
        return to_line.getsockname()[1], to_line, to_phone

    def answer(self, to_line: socket.socket, to_phone: socket.socket, phone_port: int) -> int:
        """The port for the line to send to, in place of the phone's."""
        self._ways[to_phone] = (to_line, (_HOST, phone_port), "lost_to_phone")
        return int(to_phone.getsockname()[1])

    def work(self) -> None:
        """Take what has come, and send what is due."""
        ways = dict(self._ways)
        now_s = time.monotonic()
        wait_s = max(0.0, min(0.01, self._queue[0].due_s - now_s)) if self._queue else 0.01
        for came in select.select(list(ways), (), (), wait_s)[0]:
            data = came.recv(4096)
            out, target, lost = ways[came]
            if self._chance.random() < getattr(self._weather, lost):
                continue
            late_s = self._weather.delay_s + self._chance.random() * self._weather.jitter_s
            self._serial += 1
            packet = _Packet(time.monotonic() + late_s, self._serial, data, out, target)
            heapq.heappush(self._queue, packet)
        while self._queue and self._queue[0].due_s <= time.monotonic():
            packet = heapq.heappop(self._queue)
            packet.out.sendto(packet.data, packet.target)
            self.passed += 1

    def close(self) -> None:
        for one in self._ways:
            one.close()


def _udp() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((_HOST, 0))
    return made


class BadNetwork:
    """Stands in front of one phone; `uri` is where the line is to call it.

    `certificates`: the folder of the floor's authority. `weather` may be changed at any time.
    """

    def __init__(self, certificates: Path, phone_uri: str, weather: Weather) -> None:
        self.weather = weather
        files = ensure_seat(certificates, "relay", [_HOST], datetime.now(UTC))
        found = re.search(r"@([\d.]+):(\d+)", phone_uri)
        assert found is not None, phone_uri
        self._phone = (found[1], int(found[2]))
        self._sound = _Sound(weather)
        self._context = _tls(files, is_server=True)
        self._towards = _tls(files, is_server=False)
        self._listener = socket.create_server((_HOST, 0))
        self._listener.settimeout(0.1)
        self.uri = f"sip:seat@{_HOST}:{self._listener.getsockname()[1]};transport=tls"
        self._offers: list[tuple[socket.socket, socket.socket]] = []
        self._is_over = threading.Event()
        self._threads = [
            threading.Thread(target=self._accept, name="bad network, SIP"),
            threading.Thread(target=self._carry, name="bad network, sound"),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def passed(self) -> int:
        """Packets that got through."""
        return self._sound.passed

    def _accept(self) -> None:
        while not self._is_over.is_set():
            with contextlib.suppress(TimeoutError):
                plain, _address = self._listener.accept()
                thread = threading.Thread(target=self._relay, args=(plain,), name="a connection")
                self._threads.append(thread)
                thread.start()

    def _carry(self) -> None:
        while not self._is_over.is_set():
            self._sound.work()

    def _relay(self, plain: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),  # one end has gone: so does the connection
            self._context.wrap_socket(plain, server_side=True) as line,
            socket.create_connection(self._phone) as towards,
            self._towards.wrap_socket(towards, server_hostname=_HOST) as phone,
        ):
            pending = {line: b"", phone: b""}
            while not self._is_over.is_set():
                ready = [one for one in pending if one.pending()]
                ready = ready or select.select([line, phone], (), (), 0.05)[0]
                for one in ready:
                    data = one.recv(16384)
                    if not data:
                        return
                    whole, pending[one] = self._messages(pending[one] + data)
                    (phone if one is line else line).sendall(whole)

    def _messages(self, data: bytes) -> tuple[bytes, bytes]:
        """The whole SIP messages of this stream with other ports, and what is left of it."""
        out = b""
        while _HEAD_END in data:
            head, _, rest = data.partition(_HEAD_END)
            length = re.search(rb"(?im)^(?:content-length|l):\s*(\d+)", head)
            n_bytes = int(length[1]) if length else 0
            if len(rest) < n_bytes:
                break
            body, data = rest[:n_bytes], rest[n_bytes:]
            if b"m=audio" in body:
                body = self._with_ports(body, is_offer=not head.startswith(b"SIP/2.0"))
                head = re.sub(
                    rb"(?im)^(content-length|l):.*$", b"Content-Length: %d" % len(body), head
                )
            out += head + _HEAD_END + body
        return out, data

    def _with_ports(self, body: bytes, *, is_offer: bool) -> bytes:
        media = re.search(rb"m=audio (\d+)", body)
        assert media is not None
        port = int(media[1])
        control = re.search(rb"a=rtcp:(\d+)", body)
        control_port = int(control[1]) if control else port + 1
        if is_offer:
            self._offers = []
            ours, to_line, to_phone = self._sound.pair(port)
            theirs, to_line_too, to_phone_too = self._sound.pair(control_port)
            self._offers = [(to_line, to_phone), (to_line_too, to_phone_too)]
        else:
            ours = self._sound.answer(*self._offers[0], port)
            theirs = self._sound.answer(*self._offers[1], control_port)
        body = re.sub(rb"m=audio \d+", b"m=audio %d" % ours, body)
        if control:
            return re.sub(rb"a=rtcp:\d+", b"a=rtcp:%d" % theirs, body)
        return body.rstrip() + b"\r\na=rtcp:%d\r\n" % theirs

    def close(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(5.0)
        self._listener.close()
        self._sound.close()


def _tls(files: SeatFiles, *, is_server: bool) -> ssl.SSLContext:
    """What shows and checks certificates of the floor."""
    purpose = ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT
    made = ssl.SSLContext(purpose)
    made.load_cert_chain(files.certificate, files.key)
    made.load_verify_locations(files.ca)
    made.verify_mode = ssl.CERT_REQUIRED
    return made
