"""What the line doctor looks at, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["trouble", "warning", "note"]
"""trouble: the call is of no use. warning: it suffers. note: it may."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence on what is wrong and one on what to do. `code` is its name for programs."""

    code: str
    sentence: str
    what_to_do: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class LegFacts:
    """How one leg sounds at the line. Losses as shares, None where nothing is known."""

    address: str = ""
    loss_in: float | None = None
    loss_out: float | None = None
    jitter_ms: float | None = None
    round_trip_ms: float | None = None
    level_in_dbfs: float | None = None
    packets_in: int | None = None
    heard_age_s: float | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at one moment; every field may be left out.

    `name`: of the agent, where somebody else reads the advice. `person`: the leg to the trunk.
    `seat`: the leg between line and phone, seen from the phone where the agent's window asks
    (`loss_in` is then what the agent misses) and turned round for the supervisor.
    """

    name: str = ""
    is_in_call: bool = False
    call_age_s: float = 0.0
    has_sound: bool = True
    sound: str = ""  # the device in words, or what is missing
    is_muted: bool = False  # by the agent, on purpose
    is_muted_by_system: bool = False
    microphone_dbfs: float | None = None
    heard_dbfs: float | None = None
    seat: LegFacts | None = None
    person: LegFacts | None = None
