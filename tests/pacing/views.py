"""A plain view of a floor in the middle of its day, for tests of decisions."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from dialer_core.model.levers import Levers
from dialer_core.pacing import (
    AnswerEnd,
    Budget,
    Decision,
    FloorView,
    HandleEnd,
    RingEnd,
    make_pacer,
)

NAN, INF = math.nan, math.inf
MODES = ("preview", "progressive", "predictive")
NOW = 16_000.0

# A day on which half of all calls are answered, four of five answers by people.
RINGS = [RingEnd(39.0 * i, 3.0 + i % 12, i % 2 == 0) for i in range(400)]
HANDLED = [
    HandleEnd(50.0 * i + 100, 60.0 + 7 * (i % 20), 15.0, i % 5 == 0, 3.0 + i % 12)
    for i in range(300)
]
MET = [AnswerEnd(39.0 * i + 15, False, 3.0 + i % 12) for i in range(400)]
PLENTY = Budget(0.03, 0.03, 400.0, 2.0, 10.0, 200.0)
SIX = {n: NOW - 10.0 for n in (1, 2, 6, 7, 8, 9)}
BASE = FloorView(
    now=NOW,
    day_end=28_800.0,
    connect_limit=2.0,
    max_lines=30,
    idle={1: NOW - 10.0, 2: NOW - 5.0},
    talking={3: NOW - 100.0, 4: NOW - 1.0},
    wrapping={5: NOW - 10.0},
    ring_log=RINGS,
    handle_log=HANDLED,
    answer_log=MET,
    budget=PLENTY,
)


def floor(**changes: Any) -> FloorView:
    """The plain view with these changes, which may be of any type."""
    return dataclasses.replace(BASE, **changes)


def decide(
    view: FloorView,
    mode: str = "predictive",
    target: float = 0.03,
    levers: Levers | None = None,
) -> Decision:
    """The first decision of a new pacer."""
    return make_pacer(mode, target=target, levers=levers).decide(view)


def one_to_one(view: FloorView) -> int:
    """Idle seats less calls in flight for them: what no bad input may exceed."""
    in_flight = max(0, len(view.ringing) - len(view.reserved)) + len(view.waiting)
    return max(0, len(view.idle) - in_flight)
