"""Run on an agent's PC: the seat's phone, as its window starts it; JSON lines out, words in."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from app.phone_link import PhoneLink, Practice
from app.profile import open_profile
from sip import messages


def tell(words: dict[str, object]) -> None:
    """A line for the test on the other side."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main(home: str, seat: str, signature: str, log: str) -> None:
    link: PhoneLink

    def hear(message: messages.Message | None) -> None:
        if isinstance(message, messages.PhoneStatus):
            tell({"uri": message.uri})
        elif message is None:
            tell({"gone": True})
        else:
            tell({"said": type(message).__name__})
        seq = getattr(message, "seq", None)
        if isinstance(seq, int):
            link.send(messages.Ack(seq=seq))

    practice = Practice(int(signature), Path(log))
    link = PhoneLink(open_profile(Path(home)), seat, hear, sound="none", practice=practice)
    link.open()
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "session":
            link.send(messages.OpenSession(session_id=int(rest[0]), token=rest[1]))
        elif word == "hangup":
            link.send(messages.HangUp())
        elif word == "network":
            tell({"moved": link.follow_network()})
        elif word == "open":
            link.open()
    link.close(end_phone=True)


main(*sys.argv[1:])
