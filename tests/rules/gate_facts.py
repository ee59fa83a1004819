"""A number that the gate lets through, and short ways to change and to ask it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from dialer_core.model.states import Mode
from dialer_core.rules.facts import GateFacts, Refusal
from dialer_core.rules.gate import check
from dialer_core.rules.profiles import RuleProfile, profile

GB, US, IT, FR, DE = (profile(p) for p in ("GB", "US", "IT", "FR", "DE"))
REHEARSAL = profile("REHEARSAL")
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)  # a Tuesday
SUNDAY_0300 = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

GOOD = GateFacts(
    number="+441614960123",
    is_diallable=True,
    zones=("Europe/London",),
    region="GB",
    is_suppressed=False,
    registry_age_days={"GB-TPS": 3.0, "GB-CTPS": 27.9},
    caller_id="+441614960999",
    mode=Mode.PREVIEW,
    has_reserved_agent=True,
)


def facts(**changes: Any) -> GateFacts:
    return dataclasses.replace(GOOD, **changes)


def refused(given_facts: GateFacts, rules: RuleProfile = GB, now: datetime = NOON) -> Refusal:
    refusal = check(given_facts, rules, now)
    assert refusal is not None
    return refusal


def code(given_facts: GateFacts, rules: RuleProfile = GB, now: datetime = NOON) -> str:
    refusal = check(given_facts, rules, now)
    return "" if refusal is None else refusal.code.value
