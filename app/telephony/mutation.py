"""SIP messages with faults in them: valid ones, changed by a seeded hand."""

from __future__ import annotations

import random
from collections.abc import Callable

from app.telephony.torture import SDP

MAX_BYTES = 60_000
_SHARES = {
    **{"INVITE": 20, "200": 12, "BYE": 12, "REGISTER": 12, "OPTIONS": 12, "CANCEL": 6, "180": 4},
    **{"ACK": 4, "INFO": 4, "REFER": 3, "NOTIFY": 3, "UPDATE": 3, "SUBSCRIBE": 2, "PRACK": 2},
    "MESSAGE": 1,
}
"""How often each kind of message is drawn, in hundredths."""
_NUMBERS = (b"-1", b"0", b"4294967296", b"99999999999999999999999999", b"2147483648", b"1e9", b"")
_PIECES = (
    *(b"\0", b"\r\n", b"\r\n\r\n", b"\r\n ", b"%00", b"%s%n", b"\xff\xfe", b"\xc0\x80", b'"', b"<"),
    *(
        b">",
        b";",
        b",",
        b"@",
        b":",
        b"[::1]",
        b"\\",
        b"=",
        b"?",
        b"(((((",
        b"A" * 3000,
        b";lr" * 200,
    ),
)


class Mutator:
    """Draws faulty messages; the same seed draws the same ones.

    `source`: host:port that answers come back to; `transport`: UDP, TCP or TLS.
    """

    def __init__(self, seed: int, transport: str, source: str) -> None:
        self._random = random.Random(seed)
        self._transport = transport
        self._source = source
        self._count = 0

    def valid(self, method: str) -> bytes:
        """A message as it should be, of its own dialog; `method` "200" or "180" is a response."""
        self._count += 1
        key = f"{self._random.randrange(1 << 40):x}{self._count}"
        start = f"{method} sip:seat@127.0.0.1 SIP/2.0"
        kind = method
        if method.isdigit():
            start, kind = f"SIP/2.0 {method} OK", "INVITE"
        body = SDP if method in ("INVITE", "200", "UPDATE") else ""
        lines = [
            start,
            f"Via: SIP/2.0/{self._transport} {self._source};rport;branch=z9hG4bK{key}",
            "Max-Forwards: 70",
            f"From: <sip:caller@{self._source}>;tag=f{key}",
            "To: <sip:seat@127.0.0.1>" + (";tag=t" if method in ("BYE", "ACK", "200") else ""),
            f"Call-ID: {key}@127.0.0.1",
            f"CSeq: 1 {kind}",
            f"Contact: <sip:caller@{self._source}>",
            "Supported: 100rel, timer, replaces, norefersub",
            f"Content-Length: {len(body)}",
        ]
        extra = {
            "INVITE": [
                "X-Callfloor-Attempt: a-1",
                "X-Callfloor-Token: none",
                "Session-Expires: 90",
            ],
            "REFER": [f"Refer-To: <sip:third@{self._source}>"],
            "NOTIFY": ["Event: refer", "Subscription-State: active;expires=60"],
            "SUBSCRIBE": ["Event: presence", "Expires: 600"],
            "PRACK": ["RAck: 1 1 INVITE"],
            "REGISTER": ["Expires: 60", 'Authorization: Digest username="a", realm="b", nonce="c"'],
            "CANCEL": ["Reason: Q.850;cause=16"],
        }
        lines[2:2] = extra.get(method, [])
        if body:
            lines.insert(-1, "Content-Type: application/sdp")
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    def draw(self) -> bytes:
        """One faulty message: one to four faults in a valid one, mostly."""
        method = self._random.choices(list(_SHARES), list(_SHARES.values()))[0]
        return self.spoil(self.valid(method))

    def spoil(self, message: bytes) -> bytes:
        """The message with one to four faults."""
        faults: tuple[Callable[[bytes], bytes], ...] = (
            *(self._flip, self._cut, self._repeat, self._insert, self._number, self._swap_lines),
            *(self._drop_line, self._double_line, self._truncate, self._splice, self._case),
        )
        for _fault in range(self._random.choice((1, 1, 1, 2, 2, 3, 4))):
            message = self._random.choice(faults)(message)[:MAX_BYTES]
        return message

    def _span(self, message: bytes, longest: int) -> tuple[int, int]:
        start = self._random.randrange(len(message) + 1)
        return start, min(len(message), start + self._random.randrange(1, longest + 1))

    def _flip(self, message: bytes) -> bytes:
        changed = bytearray(message)
        for _octet in range(self._random.choice((1, 2, 8))):
            if changed:
                changed[self._random.randrange(len(changed))] = self._random.randrange(256)
        return bytes(changed)

    def _cut(self, message: bytes) -> bytes:
        start, end = self._span(message, 40)
        return message[:start] + message[end:]

    def _repeat(self, message: bytes) -> bytes:
        start, end = self._span(message, 60)
        times = self._random.choice((2, 5, 50))
        return message[:start] + message[start:end] * times + message[end:]

    def _insert(self, message: bytes) -> bytes:
        start, _end = self._span(message, 1)
        return message[:start] + self._random.choice(_PIECES) + message[start:]

    def _number(self, message: bytes) -> bytes:
        """One number becomes another, out of all proportion."""
        digits = [at for at, octet in enumerate(message) if 48 <= octet <= 57]
        if not digits:
            return message
        start = end = self._random.choice(digits)
        while end < len(message) and 48 <= message[end] <= 57:
            end += 1
        return message[:start] + self._random.choice(_NUMBERS) + message[end:]

    def _lines(self, message: bytes) -> tuple[list[bytes], int]:
        lines = message.split(b"\r\n")
        return lines, self._random.randrange(len(lines))

    def _swap_lines(self, message: bytes) -> bytes:
        lines, at = self._lines(message)
        other = self._random.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
        return b"\r\n".join(lines)

    def _drop_line(self, message: bytes) -> bytes:
        lines, at = self._lines(message)
        del lines[at]
        return b"\r\n".join(lines)

    def _double_line(self, message: bytes) -> bytes:
        lines, at = self._lines(message)
        lines[at:at] = [lines[at]] * self._random.choice((1, 3, 70))
        return b"\r\n".join(lines)

    def _truncate(self, message: bytes) -> bytes:
        return message[: self._random.randrange(len(message) + 1)]

    def _splice(self, message: bytes) -> bytes:
        """The head of this one, the tail of another."""
        other = self.valid(self._random.choice(("INVITE", "200", "REGISTER")))
        at = self._random.randrange(min(len(message), len(other)) + 1)
        return message[:at] + other[at:]

    def _case(self, message: bytes) -> bytes:
        """A field without its value, or with spaces where none belong."""
        lines, at = self._lines(message)
        name, colon, value = lines[at].partition(b":")
        lines[at] = self._random.choice((name + colon, name + b" \t " + colon + value, value))
        return b"\r\n".join(lines)
