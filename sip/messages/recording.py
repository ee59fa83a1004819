"""The order to record a call, whichever way it came."""

from __future__ import annotations

from typing import Literal

import msgspec


class RecordingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when a call is recorded: two channels, the person left, the agent right.

    `starts`: "bridged" from the first word with an agent, "asked" when told to. A pause longer
    than `longest_pause_s` is told as trouble (and goes on: nobody's card is recorded by a timer).
    `keeps_machines`: where detection takes who answers for a machine, what it heard is kept in
    `path`, so that somebody can listen whether it was one.
    """

    path: str
    starts: Literal["bridged", "asked"]
    longest_pause_s: float = 300.0
    keeps_machines: bool = False
