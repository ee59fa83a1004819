"""The words of calls that come in, and of messages with keys."""

from __future__ import annotations

from typing import Literal

import msgspec

from sip.messages.base import Message, Stamp
from sip.messages.recording import RecordingOrder


class KeyMenu(msgspec.Struct, frozen=True, kw_only=True):
    """What the keys of a message do; "" where a key is not offered.

    `agent`: to an agent. `later`: call me later. `never`: never again. The message is repeated
    `repeats` times with `pause_s` to answer, then the call ends. `later_wav` and `never_wav` are
    what the person then hears ("we shall not call you again"), "" for nothing.
    """

    agent: str = ""
    later: str = ""
    never: str = ""
    repeats: int = 2
    pause_s: float = 4.0
    later_wav: str = ""
    never_wav: str = ""


KeyMeaning = Literal["agent", "later", "never", ""]
"""What a key means in a menu; "" for nothing."""


class AcceptCalls(Message, frozen=True, kw_only=True, tag="accept_calls"):
    """Take calls that come from these addresses; replaces what was said before.

    `sources`: by a gateway's name, its IP addresses or networks ("192.0.2.0/28"). A gateway at
    which this line registers by an IP address is accepted without being named here.
    """

    epoch: int
    sources: dict[str, tuple[str, ...]]


class CallOffered(Message, frozen=True, kw_only=True, tag="offered"):
    """Someone calls this line: the line rings back and waits for an order.

    `call_ref` becomes the attempt's id on this line once `TakeCall` names it.
    """

    seq: int
    at: Stamp
    call_ref: str
    caller: str
    called: str
    gateway: str

    def __repr__(self) -> str:
        return f"CallOffered(call_ref={self.call_ref!r})"


class OfferEnded(Message, frozen=True, kw_only=True, tag="offer_ended"):
    """An offered call is over before anybody took it. `status` is what the caller was told.

    `by`: the caller gave up, the dialler refused, or the line did because nobody answered it.
    """

    seq: int
    at: Stamp
    call_ref: str
    status: int
    by: Literal["caller", "dialler", "line"]


class TakeCall(Message, frozen=True, kw_only=True, tag="take_call"):
    """Answer the offered call as this attempt and play `queue_wav` until an agent is brought.

    If the dialler falls silent, the caller hears `message_wav` after `longest_wait_s`.
    `hold_wav`: music once an agent has put the caller on hold; "": soft notes of our own.
    `notice_wav`: both hear it once caller and agent are joined ("this call is recorded").
    """

    epoch: int
    call_ref: str
    attempt_id: str
    queue_wav: str
    message_wav: str
    longest_wait_s: float
    max_call_s: float
    menu: KeyMenu | None = None
    recording: RecordingOrder | None = None
    notice_wav: str = ""
    hold_wav: str = ""


class RefuseCall(Message, frozen=True, kw_only=True, tag="refuse_call"):
    """Do not take the offered call: 486 busy, 603 declined, 404 unknown."""

    epoch: int
    call_ref: str
    status: int
