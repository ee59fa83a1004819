"""What a pacer sees and what it answers. Times in seconds on one monotonic scale."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class RingEnd(NamedTuple):
    """A ringing that is over."""

    launched: float
    ring_s: float
    answered: bool


class HandleEnd(NamedTuple):
    """A call that a seat has finished with."""

    ended: float
    talk_s: float
    wrap_s: float
    was_machine: bool
    ring_s: float


class AnswerEnd(NamedTuple):
    """An answered call that met a seat or was abandoned."""

    at: float
    was_abandoned: bool
    ring_s: float


@dataclass(frozen=True, slots=True)
class Budget:
    """How many answered calls may still be lost in the law's window."""

    cap: float = 0.03
    target: float = 0.03
    live: float = 0.0  # live answers of the window so far, abandoned ones not included
    abandoned: float = 0.0
    drops_left: float = 0.0  # floor of what the formula still affords now
    live_expected: float = 0.0  # live answers still to come in the window


@dataclass(frozen=True, slots=True)
class FloorView:
    """The floor at this moment. Ids are opaque; mappings are live views, not copies."""

    now: float
    day_end: float
    connect_limit: float
    max_lines: int
    idle: Mapping[int, float] = field(default_factory=dict)
    talking: Mapping[int, float] = field(default_factory=dict)
    wrapping: Mapping[int, float] = field(default_factory=dict)
    paused: Collection[int] = ()
    ringing: Mapping[str, float] = field(default_factory=dict)
    waiting: Sequence[float] = ()
    ring_log: Sequence[RingEnd] = ()
    handle_log: Sequence[HandleEnd] = ()
    answer_log: Sequence[AnswerEnd] = ()
    reserved: Mapping[int, float] = field(default_factory=dict)
    breaks_due: Mapping[int, float] = field(default_factory=dict)
    budget: Budget | None = None
    seat_ends: Mapping[int, float] = field(default_factory=dict)
    answer_chance: Callable[[int], Sequence[float]] | None = None
    # those of `ringing` that reserved seats wait for; None where only their number is known
    held: Collection[str] | None = None
    # seats that take an answered call only when no other is free (a supervisor at work elsewhere)
    relief: Collection[int] = ()
    # wrap-ups that may really be interrupted at this moment; None where that is not known
    parkable: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """How many to launch now, and why in one sentence with figures."""

    launch: int
    hold_breaks: Collection[int] = ()
    may_park: Collection[int] = ()
    prefer: Sequence[int] = ()
    reason: str = ""
    rule: str = ""  # which rule spoke, a short code that stays the same while only figures change
    figures: Mapping[str, float] = field(default_factory=dict)


class Pacer(Protocol):
    """One pacer a campaign; keeps what it learns."""

    def decide(self, view: FloorView) -> Decision: ...
