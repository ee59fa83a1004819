"""What may still be lost today: the budget as the pacer spends it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dialer_core.pacing.learning import LogReader, is_time
from dialer_core.pacing.view import AnswerEnd, FloorView

MARGIN = 0.92  # of the target is aimed at; the rest is for what comes unawares
GAIN = 0.03  # of the slow correction, a live answer
FURTHEST = 0.7  # the correction stays between a half and twice


@dataclass(frozen=True, slots=True)
class Purse:
    """The budget at one moment: met, lost, still allowed, share of the rest that may go."""

    live: float
    lost: float
    left: int
    share: float


class Ledger:
    """Counts met and lost answers from the log, for views that bring no budget."""

    def __init__(self, target: float) -> None:
        self._target = target
        self._reader: LogReader[AnswerEnd] = LogReader()
        self._forget()

    def _forget(self) -> None:
        self._live = 0
        self._lost = 0
        self.nonsense = 0
        self._first: float | None = None
        self._log_correction = 0.0

    @property
    def correction(self) -> float:
        """What the affordable share is multiplied with, since the models are not the floor."""
        return math.exp(self._log_correction)

    def _correct(self, was_lost: bool) -> None:
        step = GAIN * (self._target * MARGIN - (1.0 if was_lost else 0.0))
        self._log_correction = min(max(self._log_correction + step, -FURTHEST), FURTHEST)

    def read(self, log: Sequence[AnswerEnd]) -> None:
        """Take in what is new in the log."""
        for end in self._reader.new(log, self._forget):
            if not is_time(end.at):
                self.nonsense += 1
                continue
            if self._first is None:
                self._first = end.at
            if end.was_abandoned:
                self._lost += 1
            else:
                self._live += 1
            self._correct(end.was_abandoned)

    def purse(self, view: FloorView) -> Purse:
        """What may be lost now; with numbers that make no sense nothing may."""
        given = view.budget
        if given is None:
            aim = self._target
            live, lost = float(self._live), float(self._lost)
            left = math.floor(aim * live / (1.0 - aim) + 1e-9) - lost
            rest = self._expected(view)
        else:
            aim = min(given.target, self._target, given.cap)
            live, lost, left = given.live, given.abandoned, given.drops_left
            rest = given.live_expected or self._expected(view)
        if not math.isfinite(aim + live + lost + left + rest) or min(aim, live, lost) < 0:
            return Purse(0.0, 0.0, 0, 0.0)
        aim *= MARGIN
        rest = max(rest, 20.0)
        # what the rest of the day may lose, and never much more than its plain share
        share = (aim * (live + lost + rest) - lost) / rest
        return Purse(live, lost, max(0, int(left)), min(max(share, 0.0), 2.0 * aim))

    def _expected(self, view: FloorView) -> float:
        """Live answers still to come, at the rate of the day so far."""
        if self._first is None or not math.isfinite(view.day_end):
            return 200.0
        so_far_s = max(600.0, view.now - self._first)
        return (self._live + self._lost) / so_far_s * max(0.0, view.day_end - view.now)
