"""One dial level that follows the last minute: the loop of a widely used open dialler.

Source: VICIdial's predictive mode as its documents (`PREDICTIVE.txt`) and its adaptive process
describe it: each second the free agents less the waiting calls are noted; every 15 s the level is
multiplied by 1 + mean of the last minute's notes / agents, kept within 1 and 3; once more than 50
calls were answered and the day's share of dropped ones is over the target, the level is halved
(the "average" method) or set to 1 (the "hard limit"). Lines wanted: level x agents who are free
or in a call.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Literal

from dialer_core.pacing.one_to_one import free_lines, one_to_one, unreserved
from dialer_core.pacing.view import Decision, FloorView
from dialer_core.simulation.comparators.past import Past

MOVE_S = 15.0
DROPS_S = 60.0  # how often the day's share is reckoned anew
HIGHEST = 3.0
LEAST_CALLS = 50
SAMPLES = 15  # notes that make the mean, one a second

Method = Literal["hard_limit", "average"]


class Adapt:
    """The adaptive dial level; `method` says what happens over the target."""

    def __init__(self, target: float = 0.03, method: Method = "hard_limit") -> None:
        self._target = target
        self._method = method
        self._past = Past()
        self._level = 1.0
        self._notes: deque[tuple[int, int]] = deque(maxlen=SAMPLES)
        self._noted_s = self._moved_s = self._reckoned_s = -math.inf
        self._dropped = 0.0

    def decide(self, view: FloorView) -> Decision:
        """The decision for this moment; never raises for a view that contradicts itself."""
        trouble = self._past.trouble(view)
        self._note(view)
        if trouble is not None:
            return one_to_one(view, trouble)
        in_calls = len(view.talking)
        agents = len(view.idle) + in_calls
        wanted = math.floor(self._level * agents)
        live = unreserved(view) + len(view.waiting) + in_calls
        launch = max(0, min(wanted - live, free_lines(view)))
        return Decision(
            launch,
            reason=(
                f"{launch} more: dial level {self._level:.2f} for {agents} agents, {live} calls."
            ),
            rule="adapt",
            figures={"level": self._level, "dropped": self._dropped},
        )

    def _note(self, view: FloorView) -> None:
        now = view.now
        if now - self._noted_s < 1.0:
            return
        self._noted_s = now
        agents = len(view.idle) + len(view.talking)
        self._notes.append((len(view.idle) - len(view.waiting), agents))
        if now - self._reckoned_s >= DROPS_S:
            self._reckoned_s = now
            answered = self._past.met + self._past.lost
            self._dropped = self._past.lost / answered if answered > LEAST_CALLS else 0.0
        if now - self._moved_s >= MOVE_S:
            self._moved_s = now
            self._move()

    def _move(self) -> None:
        agents = sum(agents for _, agents in self._notes)
        if not agents:
            return
        surplus = sum(surplus for surplus, _ in self._notes) / agents
        self._level = min(max(self._level * (1.0 + surplus), 1.0), HIGHEST)
        if self._dropped > self._target:
            self._level = 1.0 if self._method == "hard_limit" else max(1.0, self._level / 2.0)
