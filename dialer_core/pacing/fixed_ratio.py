"""A fixed number of calls for each free seat: the power dialler's rule, here for comparison."""

from __future__ import annotations

import math

from dialer_core.pacing.one_to_one import count, free_lines, one_to_one, problem_of, unreserved
from dialer_core.pacing.view import Decision, FloorView

RATIO = 2.0  # calls in flight for each free seat
LEAST_RINGS = 20  # until then nothing is known of the list


class FixedRatio:
    """Keeps `ratio` calls in flight for each free seat, whatever becomes of them.

    It minds neither the budget nor the seats that are about to finish; the gate before each call
    still does. Source: any dialler's "ratio" or "power" mode. A `ratio` below 1 or that is not a
    number, and a `target` of 0, give one call per free seat.
    """

    def __init__(self, ratio: float = RATIO, target: float = 0.03) -> None:
        self._ratio = ratio if math.isfinite(ratio) and ratio > 1.0 else 1.0
        self._may_lose = math.isfinite(target) and 0.0 < target < 1.0

    def decide(self, view: FloorView) -> Decision:
        """The decision for this moment; never raises, whatever the view holds."""
        try:
            return self._decide(view)
        except (TypeError, ValueError, AttributeError, OverflowError):
            return one_to_one(view, "the view of the floor cannot be read", "unreadable")

    def _decide(self, view: FloorView) -> Decision:
        problem = problem_of(view)
        if problem is not None:
            return one_to_one(view, problem, "contradiction")
        not_ready = self._not_ready(view)
        if not_ready is not None:
            return one_to_one(view, not_ready)
        if view.now >= view.day_end:
            return one_to_one(view)
        idle = len(view.idle)
        in_flight = unreserved(view) + len(view.waiting)
        wanted = math.floor(self._ratio * idle + 0.5)
        lines = free_lines(view)
        launch = max(0, min(wanted - in_flight, lines))
        return Decision(
            launch,
            reason=(
                f"{launch} more: {count(idle, 'seat')} free at {self._ratio:g} calls each, "
                f"{count(in_flight, 'call')} in flight, {count(lines, 'line')} free."
            ),
            rule="fixed_ratio",
            figures={"idle": float(idle), "in_flight": float(in_flight), "ratio": self._ratio},
        )

    def _not_ready(self, view: FloorView) -> str | None:
        if not self._may_lose:
            return "no answer may be lost"
        rings = len(view.ring_log)
        if rings < LEAST_RINGS:
            return f"still learning, {count(rings, 'call')} so far"
        return None
