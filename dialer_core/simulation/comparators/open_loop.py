"""Dial at a steady rate, blind to who is free: the limit of rules that know only averages.

Source: the Erlang view of predictive dialling: calls are launched at rate rho x seats / (p x H),
where p is the share that answers and H the mean handling time; rho follows the share of lost
answers by feedback.
"""

from __future__ import annotations

import math

from dialer_core.pacing.one_to_one import free_lines, one_to_one
from dialer_core.pacing.view import Decision, FloorView
from dialer_core.simulation.comparators.feedback import Feedback
from dialer_core.simulation.comparators.past import Past

GAIN = 0.2
START = 0.4  # of the rate that would fill every seat


class OpenLoop:
    """A steady rate of launches, moved slowly by the share of lost answers."""

    def __init__(self, target: float = 0.03) -> None:
        self._past = Past()
        self._rho = Feedback(target, GAIN, 0.1, 2.4)
        self._due = 0.0
        self._seen_s: float | None = None

    def decide(self, view: FloorView) -> Decision:
        """The decision for this moment; never raises for a view that contradicts itself."""
        past = self._past
        trouble = past.trouble(view)
        if trouble is not None:
            self._seen_s, self._due = None, 0.0
            return one_to_one(view, trouble)
        self._rho.take(past.outcomes)
        past.outcomes = []
        seats = len(view.idle) + len(view.talking) + len(view.wrapping)
        rho = START * self._rho.factor
        a_second = rho * seats / (past.answer_share * past.handle_s) if past.handle_s else 0.0
        passed_s = max(0.0, view.now - self._seen_s) if self._seen_s is not None else 0.0
        self._seen_s = view.now
        self._due = min(self._due + a_second * passed_s, 5.0) if seats else 0.0
        launch = max(0, min(math.floor(self._due), free_lines(view)))
        self._due -= launch
        return Decision(
            launch,
            reason=f"{launch} more: {3600 * a_second:.0f} launches an hour, load {rho:.2f}.",
            rule="open_loop",
            figures={"rho": rho, "an_hour": 3600 * a_second},
        )
