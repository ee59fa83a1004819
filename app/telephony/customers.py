"""Called people made of plain sockets, for measurements: they answer, speak, and time each packet.

Each has a signalling and a sound socket of its own, all are served by one thread, and packets are
stamped by the system as they arrive (Linux), not when they are looked at. They speak just enough
SIP (RFC 3261) and RTP (RFC 3550), and know nothing of the library that is measured.
"""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from app.clock import WallClock
from sip.signatures import PERSON_SIGNATURES, SignatureSource

PCMA = 8
FRAME_S = 0.02
_HEAD = struct.Struct("!BBHII")
_STAMP = struct.Struct("@qq")
_SO_TIMESTAMPNS = 35  # Linux; Python does not name it
_LOUD = bytes(bool((octet ^ 0x55) & 0x40) for octet in range(256))
"""A-law's octets of a swing above a sixteenth of the whole: 1."""
_LEAST_LOUD = 8
_COPIED = ("Via", "Record-Route", "From", "To", "Call-ID", "CSeq")


class Answered(msgspec.Struct):
    """One answered call in monotonic seconds: our 200 OK, the first packet after it, and the
    first one that holds a voice.
    """

    attempt_id: str
    signature: int
    answered_mono_s: float
    packet_mono_s: float | None = None
    voice_mono_s: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A gateway that leads to one of them."""

    name: str
    uri: str


@dataclass(slots=True)
class _Customer:
    sip: socket.socket
    rtp: socket.socket
    signature: int
    frames: list[bytes]
    invite: str = ""
    caller: tuple[str, int] = ("", 0)
    answers_at_s: float | None = None
    ends_at_s: float | None = None
    target: tuple[str, int] | None = None
    next_frame: int = 0
    answered: Answered | None = None
    talk_s: float = 0.0


@dataclass(slots=True)
class Customers:
    """`count` people; `talk_of(n)`: how long the n-th call rings and lasts, in seconds."""

    count: int
    talk_of: Callable[[int], tuple[float, float]]
    answered: list[Answered] = field(default_factory=list)
    places: tuple[Place, ...] = ()
    _all: list[_Customer] = field(default_factory=list)
    _calls: int = 0
    _thread: threading.Thread | None = None
    _is_open: bool = True
    _clock: WallClock = field(default_factory=WallClock)

    def start(self) -> None:
        for n in range(self.count):
            signature = PERSON_SIGNATURES[n % len(PERSON_SIGNATURES)]
            self._all.append(_Customer(_bound(), _bound(), signature, _voice(signature)))
        self.places = tuple(
            Place(f"customer {n}", f"sip:{{number}}@127.0.0.1:{_port(one.sip)};transport=udp")
            for n, one in enumerate(self._all)
        )
        self._thread = threading.Thread(target=self._run, name="customers")
        self._thread.start()

    @property
    def dead(self) -> list[str]:
        """They live in this process."""
        return []

    def stop(self) -> None:
        self._is_open = False
        if self._thread is not None:
            self._thread.join()
        for one in self._all:
            one.sip.close()
            one.rtp.close()
        self._all.clear()

    # --- the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for one in self._all:
                selector.register(one.sip, selectors.EVENT_READ, (one, self._read_message))
                selector.register(one.rtp, selectors.EVENT_READ, (one, self._read_sound))
            next_s = self._clock.now().mono_s
            while self._is_open:
                for key, _events in selector.select(max(0.0, next_s - self._clock.now().mono_s)):
                    one, read = key.data
                    with contextlib.suppress(OSError, struct.error):
                        read(one)
                now_s = self._clock.now().mono_s
                if now_s >= next_s:
                    next_s = max(next_s + FRAME_S, now_s)
                    for one in self._all:
                        self._step(one, now_s)

    def _step(self, one: _Customer, now_s: float) -> None:
        """20 ms have gone by: answer, speak, hang up."""
        if one.answers_at_s is not None and now_s >= one.answers_at_s:
            self._answer(one)
        if one.target is not None and one.answered is not None:
            n = one.next_frame
            head = _HEAD.pack(0x80, PCMA, n & 0xFFFF, n * 160 & 0xFFFFFFFF, 77)
            with contextlib.suppress(OSError):
                one.rtp.sendto(head + one.frames[n % len(one.frames)], one.target)
            one.next_frame += 1
        if one.ends_at_s is not None and now_s >= one.ends_at_s:
            one.ends_at_s = one.target = one.answered = None
            one.sip.sendto(_bye(one.invite), one.caller)

    def _answer(self, one: _Customer) -> None:
        now_s = self._clock.now().mono_s
        attempt_id = _field(one.invite, "X-Callfloor-Attempt")
        one.answered = Answered(attempt_id, one.signature, now_s)
        self.answered.append(one.answered)
        one.answers_at_s, one.ends_at_s, one.next_frame = None, now_s + one.talk_s, 0
        one.sip.sendto(_response(one.invite, "200 OK", _port(one.sip), _port(one.rtp)), one.caller)

    def _read_message(self, one: _Customer) -> None:
        data, sender = one.sip.recvfrom(65536)
        text = data.decode(errors="replace")
        method = text.split(" ", 1)[0]
        if method == "INVITE" and _field(text, "Call-ID") != _field(one.invite, "Call-ID"):
            one.invite, one.caller = text, sender
            ring_s, one.talk_s = self.talk_of(self._calls)
            self._calls += 1
            one.answers_at_s = self._clock.now().mono_s + ring_s
            one.target, one.ends_at_s, one.answered = _their_sound(text), None, None
            one.sip.sendto(_response(text, "180 Ringing", _port(one.sip)), sender)
        elif method not in ("INVITE", "ACK", "SIP/2.0"):
            one.sip.sendto(_response(text, "200 OK", _port(one.sip)), sender)
            if method in ("BYE", "CANCEL"):
                one.answers_at_s = one.ends_at_s = one.target = one.answered = None

    def _read_sound(self, one: _Customer) -> None:
        data, more, _flags, _sender = one.rtp.recvmsg(2048, 64)
        answered = one.answered
        if answered is None or len(data) <= 12 or data[1] & 0x7F != PCMA:
            return
        at_s = self._arrived_s(more)
        if answered.packet_mono_s is None:
            answered.packet_mono_s = at_s
        if answered.voice_mono_s is None and data[12:].translate(_LOUD).count(1) >= _LEAST_LOUD:
            answered.voice_mono_s = at_s

    def _arrived_s(self, more: list[tuple[int, int, bytes]]) -> float:
        """When the system took the packet in, on the monotonic clock."""
        now = self._clock.now()
        for level, kind, data in more:
            if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
                seconds, nanoseconds = _STAMP.unpack(data[: _STAMP.size])
                since_s = now.utc.timestamp() - float(seconds) - float(nanoseconds) / 1e9
                return now.mono_s - since_s
        return now.mono_s


def _voice(signature: int) -> list[bytes]:
    """One period of this signature as A-law, in frames of 20 ms."""
    source = SignatureSource(signature, 8000)
    source.start()
    return [_a_law(source.frame(160)) for _ in range(75)]


def _a_law(pcm16: bytes) -> bytes:
    """G.711, A-law (ITU-T G.711, table 1)."""
    return bytes(_a_law_octet(value) for (value,) in struct.iter_unpack("<h", pcm16))


def _a_law_octet(value: int) -> int:
    sign = 0x80 if value >= 0 else 0x00
    size = min(abs(value), 32767) >> 3
    segment = max(0, size.bit_length() - 5)
    step = size >> max(1, segment) & 0x0F
    return (sign | segment << 4 | step) ^ 0x55


def _field(text: str, name: str) -> str:
    found = re.search(rf"^{name} *: *([^\r\n]*)", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def _their_sound(invite: str) -> tuple[str, int] | None:
    found = re.search(r"^m=audio (\d+)", invite, re.MULTILINE)
    return ("127.0.0.1", int(found[1])) if found else None


def _response(request: str, status: str, sip_port: int, rtp_port: int = 0) -> bytes:
    lines = [f"SIP/2.0 {status}"]
    for name in _COPIED:
        for found in re.findall(rf"^{name}:[^\r\n]*", request, re.MULTILINE | re.IGNORECASE):
            is_new = name == "To" and "tag=" not in found
            lines.append(f"{found};tag=customer" if is_new else found)
    lines.append(f"Contact: <sip:customer@127.0.0.1:{sip_port}>")
    body = ""
    if rtp_port:
        lines.append("Content-Type: application/sdp")
        body = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {rtp_port} RTP/AVP {PCMA}\r\na=rtpmap:{PCMA} PCMA/8000\r\n"
        )
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def _bye(invite: str) -> bytes:
    """What the called side sends to end the call that this INVITE began."""
    contact = re.search(r"<([^>]+)>", _field(invite, "Contact"))
    call_id = _field(invite, "Call-ID")
    lines = [
        f"BYE {contact[1] if contact else 'sip:line@127.0.0.1'} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKbye{abs(hash(call_id))}",
        "Max-Forwards: 70",
        f"From: {_field(invite, 'To')};tag=customer",
        f"To: {_field(invite, 'From')}",
        f"Call-ID: {call_id}",
        "CSeq: 1 BYE",
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _port(sock: socket.socket) -> int:
    return int(sock.getsockname()[1])


def _bound() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    return sock
