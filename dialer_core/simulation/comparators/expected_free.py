"""Launch for the seats that are expected to be free when the calls are answered.

Source: D. A. Samuelson, "Predictive dialing for outbound telephone call centers", Interfaces 29(5)
(1999), and the EIS patents before it: n = (g x E[seats free within L] - E[answers due]) / p, with
g set by feedback on the share of abandoned calls.
"""

from __future__ import annotations

import math

from dialer_core.pacing.one_to_one import free_lines, one_to_one, unreserved
from dialer_core.pacing.view import Decision, FloorView
from dialer_core.simulation.comparators.feedback import Feedback
from dialer_core.simulation.comparators.past import Past

GAIN = 0.3  # of g, an answer; fitted with seeds 1000 on
START = 0.6  # of g
LOWEST, HIGHEST = 0.1, 2.0


class ExpectedFree:
    """Samuelson's rule; never below one call per free seat."""

    def __init__(self, target: float = 0.03) -> None:
        self._past = Past()
        self._g = Feedback(target, GAIN, LOWEST, HIGHEST, START)

    def decide(self, view: FloorView) -> Decision:
        """The decision for this moment; never raises for a view that contradicts itself."""
        past = self._past
        trouble = past.trouble(view)
        plain = one_to_one(view, trouble or "")
        if trouble is not None:
            return plain
        self._g.take(past.outcomes)
        past.outcomes = []
        now = view.now
        held = view.held or ()
        rung = [now - since for call, since in view.ringing.items() if call not in held]
        rung = rung[len(rung) - unreserved(view) :]
        due = len(view.waiting) + sum(past.still_to_come(rung_s) for rung_s in rung)
        horizon_s = past.ring_s
        free = float(len(view.idle))
        free += sum(
            past.free_within(now - since, horizon_s, wraps=False) for since in view.talking.values()
        )
        free += sum(
            past.free_within(now - since, horizon_s, wraps=True) for since in view.wrapping.values()
        )
        g = self._g.factor
        wanted = math.floor((g * free - due) / past.answer_share)
        launch = max(plain.launch, min(wanted, free_lines(view)), 0)
        return Decision(
            launch,
            reason=(
                f"{launch} more: {free:.1f} seats are expected within {horizon_s:.0f} s, "
                f"{due:.1f} answers are due, g {g:.2f}."
            ),
            rule="expected_free",
            figures={"free": free, "due": due, "g": g},
        )
