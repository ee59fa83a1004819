"""The far end of a call made of two plain sockets: answers, sends back what it hears, times it.

Speaks just enough SIP (RFC 3261) and RTP (RFC 3550) for one call at a time with a line of ours.
It stands for a provider in measurements, and knows nothing of the library that is measured.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import struct
import threading

from sip.clock import WallClock

PCMA = 8
QUIET = bytes([0xD5])  # A-law's silence
_COPIED = ("Via", "From", "To", "Call-ID", "CSeq")
_HEAD = struct.Struct("!BBHII")


class FarEnd:
    """Answers every INVITE at once. `is_echoing`: its voice is what it hears, packet by packet.

    `heard` keeps the moment (monotonic) and the payload of every packet that came.
    """

    def __init__(self, *, is_echoing: bool = True) -> None:
        self.heard: list[tuple[float, bytes]] = []
        self.is_echoing = is_echoing
        self.methods: list[str] = []
        self._clock = WallClock()
        self._sip, self._rtp = _bound(), _bound()
        self.port = int(self._sip.getsockname()[1])
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="far end")
        self._thread.start()

    @property
    def uri_template(self) -> str:
        """What a gateway needs to reach it."""
        return f"sip:{{number}}@127.0.0.1:{self.port};transport=udp"

    def _run(self) -> None:
        while self._is_open:
            for ready in select.select([self._sip, self._rtp], [], [], 0.1)[0]:
                with contextlib.suppress(OSError, struct.error):
                    data, sender = ready.recvfrom(65536)
                    if ready is self._rtp:
                        self._take_sound(data, sender)
                    else:
                        self._take_message(data.decode(errors="replace"), sender)

    def _take_sound(self, data: bytes, sender: tuple[str, int]) -> None:
        _flags, kind, sequence, timestamp, _source = _HEAD.unpack(data[:12])
        payload = data[12:]
        if kind & 0x7F != PCMA:
            return
        self.heard.append((self._clock.now().mono_s, payload))
        said = payload if self.is_echoing else QUIET * len(payload)
        self._rtp.sendto(_HEAD.pack(0x80, PCMA, sequence, timestamp, 77) + said, sender)

    def _take_message(self, text: str, sender: tuple[str, int]) -> None:
        method = text.split(" ", 1)[0]
        self.methods.append(method)
        if method not in ("ACK", "SIP/2.0"):
            body = self._offer() if method == "INVITE" else ""
            self._sip.sendto(self._ok(text, body), sender)

    def _offer(self) -> str:
        port = self._rtp.getsockname()[1]
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
        )

    def _ok(self, request: str, body: str) -> bytes:
        lines = ["SIP/2.0 200 OK"]
        for name in _COPIED:
            for found in re.findall(rf"^{name}:[^\r\n]*", request, re.MULTILINE | re.IGNORECASE):
                tag = ";tag=far" if name == "To" and "tag=" not in found else ""
                lines.append(found + tag)
        lines.append(f"Contact: <sip:far@127.0.0.1:{self.port}>")
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body)}")
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    def close(self) -> None:
        self._is_open = False
        self._thread.join()
        self._sip.close()
        self._rtp.close()


def _bound() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return sock
