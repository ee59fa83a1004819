"""A callee made of one UDP socket, for what no SIP library does: a 200 that crosses CANCEL."""

from __future__ import annotations

import re
import socket
import threading
import time

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
)


class RawCallee:
    """Rings, and answers the INVITE with 200 when it is told to CANCEL. Speaks just enough SIP.

    `is_mute`: does not answer anything at all. `is_trying`: says 100 and nothing more.
    """

    def __init__(self, *, is_mute: bool = False, is_trying: bool = False) -> None:
        self._is_mute = is_mute
        self._is_trying = is_trying
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 0))
        self._sock.settimeout(0.1)
        self.port = int(self._sock.getsockname()[1])
        self.methods: list[str] = []
        self.invited: set[str] = set()  # Call-ID lines: a call that is told again counts once
        self._invite = ""
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="raw callee")
        self._thread.start()

    def _run(self) -> None:
        while self._is_open:
            try:
                data, sender = self._sock.recvfrom(65536)
            except TimeoutError:
                continue
            text = data.decode(errors="replace")
            method = text.split(" ", 1)[0]
            self.methods.append(method)
            if method == "INVITE":
                self.invited.update(re.findall(r"^Call-ID:.*$", text, re.MULTILINE))
            if self._is_mute:
                continue
            if method == "INVITE":
                self._invite = text
                status = "100 Trying" if self._is_trying else "180 Ringing"
                self._sock.sendto(self._response(text, status), sender)
            elif method == "CANCEL":
                final = "487 Request Terminated" if self._is_trying else "200 OK"
                body = "" if self._is_trying else SDP
                self._sock.sendto(self._response(self._invite, final, body), sender)
                self._sock.sendto(self._response(text, "200 OK"), sender)
            elif method == "BYE":
                self._sock.sendto(self._response(text, "200 OK"), sender)

    def wait_for(self, method: str, timeout_s: float = 3.0) -> bool:
        """Whether a request of this kind came, or comes in time."""
        until_s = time.monotonic() + timeout_s
        while method not in self.methods and time.monotonic() < until_s:
            time.sleep(0.02)
        return method in self.methods

    def close(self) -> None:
        self._is_open = False
        self._thread.join()
        self._sock.close()

    def _response(self, request: str, status: str, body: str = "") -> bytes:
        lines = [f"SIP/2.0 {status}"]
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            found = re.search(rf"^{name}:.*$", request, re.MULTILINE)
            assert found is not None
            line = found.group(0).rstrip("\r")
            lines.append(line + ";tag=raw" if name == "To" and ";tag=" not in line else line)
        lines.append(f"Contact: <sip:raw@127.0.0.1:{self.port}>")
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body)}")
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
