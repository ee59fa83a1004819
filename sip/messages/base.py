"""What every engine and its client say to each other, whatever the engine is."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """A line on the wire; the tag names its kind. Unknown fields are ignored."""


class Stamp(msgspec.Struct, frozen=True):
    """One moment on both clocks, in seconds."""

    mono_s: float
    utc_s: float


class Attach(Message, frozen=True, kw_only=True, tag="attach"):
    """First line of a client: who speaks, and under which epoch of the dialler's lease.

    An engine refuses an epoch below the highest that it has seen. A new client replaces the
    one before it. `token` is checked on TCP; on a Unix socket the file's rights do it.
    """

    epoch: int = 0
    token: str = ""


class Ack(Message, frozen=True, kw_only=True, tag="ack"):
    """All events up to and including `seq` are safe with the client."""

    seq: int


class Shutdown(Message, frozen=True, kw_only=True, tag="shutdown"):
    """Leave in order: hang up what is left (or first let calls end, if `drain`), then exit."""

    drain: bool = False


class Hello(Message, frozen=True, kw_only=True, tag="hello"):
    """First line of an engine."""

    role: str
    engine_id: str
    pid: int
    version: str
    has_tls: bool
    notices: list[str] = msgspec.field(default_factory=list)


class Refused(Message, frozen=True, kw_only=True, tag="refused"):
    """A command that was not carried out, and why in a sentence."""

    command: str
    sentence: str
    attempt_id: str = ""


class EngineTrouble(Message, frozen=True, kw_only=True, tag="trouble"):
    """Something outside is wrong with this engine, in a sentence that says what to do."""

    seq: int
    at: Stamp
    sentence: str
