"""What the gate costs: microseconds a number, over numbers of all kinds and hours."""

from __future__ import annotations

import platform
import random
import statistics
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from dialer_core.model.states import Mode
from dialer_core.rules import gate
from dialer_core.rules.countries import country_of, country_rules
from dialer_core.rules.facts import GateFacts, Lockout
from dialer_core.rules.profiles import profile

_LIMIT_US = 100.0
_NUMBERS = {
    "GB": ("+44161496", ("Europe/London",)),
    "FR": ("+33199000", ("Europe/Paris",)),
    "US": ("+12025550", ("America/New_York",)),
    "DE": ("+49302308", ()),
}


class GateFigures(msgspec.Struct, frozen=True):
    """The bench's report; `is_within` judges the median against its limit."""

    numbers: int
    median_us: float
    p95_us: float
    p99_us: float
    passed: int
    limit_us: float
    is_within: bool
    machine: str


def measure(numbers: int = 20_000, seed: int = 1) -> GateFigures:
    """Ask the gate about so many numbers under British rules; those of others' under both.

    What is measured is all that is asked of one number once its facts are read: whose rules it
    falls under, and every question.
    """
    draw = random.Random(seed)
    now = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
    facts = [_facts(draw, now) for _ in range(numbers)]
    moments = [now + timedelta(minutes=draw.randrange(7 * 24 * 60)) for _ in range(numbers)]
    for one, moment in zip(facts[:200], moments, strict=False):  # holidays are read once
        _ask(one, moment)
    took_us: list[float] = []
    passed = 0
    for one, moment in zip(facts, moments, strict=True):
        began = time.perf_counter_ns()
        passed += _ask(one, moment)
        took_us.append((time.perf_counter_ns() - began) / 1000)
    cuts = statistics.quantiles(took_us, n=100)
    return GateFigures(
        numbers, round(cuts[49], 1), round(cuts[94], 1), round(cuts[98], 1), passed,
        _LIMIT_US, cuts[49] <= _LIMIT_US, f"{platform.machine()} {platform.python_version()}",
    )  # fmt: skip


def run_gate(numbers: int, seed: int, json_file: Path | None) -> int:
    """The command: figures on standard output, and as JSON where it is asked for; 1 if too slow."""
    found = measure(numbers, seed)
    if json_file is not None:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2))
    print(  # noqa: T201
        f"The gate: {found.median_us} microseconds a number (median), {found.p95_us} (95 %), "
        f"{found.p99_us} (99 %); at most {found.limit_us:g} are allowed."
    )
    return 0 if found.is_within else 1


def _ask(one: GateFacts, moment: datetime) -> bool:
    own = profile("GB")
    country = country_of(one.number, one.region)
    asked = replace(one, region=country, country_rules=country_rules(own, country))
    return gate.check(asked, own, moment) is None


def _facts(draw: random.Random, now: datetime) -> GateFacts:
    country = draw.choices(tuple(_NUMBERS), (90, 4, 3, 3))[0]
    prefix, zones = _NUMBERS[country]
    past = [now - timedelta(hours=draw.randrange(1, 700)) for _ in range(draw.randrange(0, 6))]
    rests = [
        Lockout("BLOCK", now + timedelta(hours=draw.randrange(-20, 20)), "NO_ANSWER")
        for _ in range(draw.randrange(0, 3))
    ]
    return GateFacts(
        number=f"{prefix}{draw.randrange(10_000):04d}",
        is_diallable=True,
        zones=zones,
        region=country,
        is_suppressed=draw.random() < 0.02,
        registry_age_days={"GB-TPS": 3.0, "GB-CTPS": 3.0, "US-NDNCR": 3.0, "US-STATE": 3.0},
        has_consent=country in ("FR", "DE"),
        attempts_at=past,
        lockouts=rests,
        caller_id="+441614960999",
        mode=Mode.PROGRESSIVE,
        has_reserved_agent=True,
        max_ring_s=45.0,
    )
