"""The words about what a line hears before anybody talks: tones, machines."""

from __future__ import annotations

from typing import Literal

import msgspec

from sip.messages.base import Message, Stamp

Tone = Literal[
    "sit_no_circuit", "sit_intercept", "sit_vacant", "sit_reorder", "sit",
    "fax", "modem", "ringback", "busy", "congestion",
]  # fmt: skip
Verdict = Literal["human", "machine", "not_sure"]


class DetectionOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Answering-machine detection for one call; without it a line never judges.

    `deadline_s`: counted from the answer; then the verdict is `not_sure` and the call goes on as
    with a person.
    """

    deadline_s: float
    initial_silence_s: float = 1.5
    greeting_s: float = 3.0
    after_greeting_silence_s: float = 0.45
    most_words: int = 6


class ToneHeard(Message, frozen=True, kw_only=True, tag="tone"):
    """A tone of the network or of a machine was recognised, in early media or after the answer."""

    seq: int
    at: Stamp
    attempt_id: str
    tone: Tone
    is_early: bool


class VerdictReached(Message, frozen=True, kw_only=True, tag="verdict"):
    """What detection takes the answer for, and by which rule, `after_s` from the answer."""

    seq: int
    at: Stamp
    attempt_id: str
    verdict: Verdict
    cause: str
    after_s: float
    speech_start_at: Stamp | None = None
    greeting_end_at: Stamp | None = None
