"""Promised calls, as windows show them; plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Urgency = Literal["later", "soon", "due", "late"]
ANYONE = 0  # whom a call-back without an owner belongs to


@dataclass(frozen=True, slots=True)
class CallBackRow:
    """A promised call. `theirs`, `here`: its time by the person's clock and by this computer's.

    `day`, `time`: by the person's clock as 2026-03-03 and 14:30, to be changed.
    """

    contact_id: int
    campaign: str
    name: str
    theirs: str
    here: str
    zone: str
    at_utc_s: float
    day: str
    time: str
    owner_id: int
    owner: str
    whose: str  # who may make it now, in words
    urgency: Urgency
    is_campaign_running: bool = True
    is_held: bool = False

    def __repr__(self) -> str:
        return f"CallBackRow(contact_id={self.contact_id})"


@dataclass(frozen=True, slots=True)
class CallBacksView:
    """All promised calls, the earliest first; `agents`: to whom one can be given."""

    rows: tuple[CallBackRow, ...]
    agents: tuple[tuple[int, str], ...]
