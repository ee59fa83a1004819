"""What may still be lost today: the budget as the pacer spends it.

Not the day's share so far is steered, but what is left of the day's budget over what the coming
hour will bring (see `dialer_core.model.budget`).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dialer_core.model.budget import PACE_S, coming, may_be_lost, pace
from dialer_core.pacing.reader import LogReader, is_sound
from dialer_core.pacing.rings import RingModel
from dialer_core.pacing.view import AnswerEnd, Budget, FloorView, HandleEnd

AIM = 0.96  # of the target is aimed at; the rest is for what comes unawares
CAUTION = 1.3  # standard deviations by which more people may have been lost than is likely
GAIN = 0.015  # of the slow correction, a live answer
FURTHEST = 0.5  # the correction stays between e^-0.5 and e^0.5
STAFF_S = 1800.0  # memory of how many seats were at work
LEAST_AHEAD = 10.0
SAME_DAY = 1.5  # a window with more live answers than so many times those seen holds other days
LEAST_SEEN = 33.0


@dataclass(frozen=True, slots=True)
class Purse:
    """The budget at one moment: met, lost, still allowed, share of what comes that may go."""

    live: float
    lost: float
    left: int
    share: float


class Price:
    """How far the last launch may lie above the affordable mean, so that the mean is affordable.

    Which limit on the next launch spends a given share depends on floor and list by a factor of
    three; the costs of the launches themselves tell it long before the losses do.
    """

    STEEPNESS = 1.2  # to begin with
    HIDDEN = 1.6  # losses come so much above the sum of what each launch seemed to add
    SURE = 12.0  # losses that this first guess is worth; floors and lists lie between 1.3 and 2.7
    PACE = 0.012  # of the learning, a launch
    FURTHEST = 1.4

    def __init__(self) -> None:
        self._log_steepness = 0.0
        self._seemed = 0.0

    def hidden(self, lost: float) -> float:
        """How many are lost where the launches seemed to lose one; `lost`: on this floor so far."""
        return (self.SURE + lost) / (self.SURE / self.HIDDEN + self._seemed)

    def limit(self, share: float) -> float:
        """The cost up to which a launch is worth it, so that `share` of the answers is spent."""
        return share * self.STEEPNESS * math.exp(self._log_steepness)

    def launched(
        self, costs: Sequence[float], share: float, chance: float = 0.0, lost: float = 0.0
    ) -> None:
        """Launches of these costs left in one decision.

        `chance`: that one of them is answered by someone who counts; `lost`: who counted, so far.
        """
        hidden = self.hidden(lost)
        self._seemed += chance * sum(costs)
        for cost in costs:
            error = min(max((share - hidden * cost) / share, -3.0), 1.0)
            step = self._log_steepness + self.PACE * error
            self._log_steepness = min(max(step, -self.FURTHEST), self.FURTHEST)


NO_PURSE = Purse(0.0, 0.0, 0, 0.0)  # of a budget whose numbers cannot be


class Ledger:
    """Counts people met and lost from the logs, for views that bring no budget."""

    def __init__(self, target: float) -> None:
        self._target = target
        self._answers: LogReader[AnswerEnd] = LogReader()
        self._handles: LogReader[HandleEnd] = LogReader()
        self._forget()
        self._forget_handles()

    def _forget(self) -> None:
        self.dropped = 0
        self.lost = 0.0
        self._doubt = 0.0
        self._met = 0
        self._times: deque[tuple[float, float]] = deque()
        self._in_window = 0.0
        self._first_s: float | None = None
        self.nonsense = 0
        self._log_correction = 0.0
        self._seats_mean = 0.0
        self._seats_at_s = math.inf

    def _forget_handles(self) -> None:
        self._people = 0
        self._handled = 0

    @property
    def correction(self) -> float:
        """What the affordable share is multiplied with, since the models are not the floor."""
        return math.exp(self._log_correction)

    def read(
        self, answers: Sequence[AnswerEnd], handles: Sequence[HandleEnd], rings: RingModel
    ) -> None:
        """Take in what is new in the logs; an answer weighs what it is likely to be a person."""
        for end in self._answers.new(answers, self._forget):
            if not is_sound(end, "at", "ring_s"):
                self.nonsense += 1
                continue
            if self._first_s is None:
                self._first_s = end.at
            person = rings.person_share(end.ring_s)
            self._times.append((end.at, person))
            self._in_window += person
            if end.was_abandoned:
                self.dropped += 1
                self.lost += person
                self._doubt += person * (1.0 - person)
            else:
                self._met += 1
            lost = person if end.was_abandoned else 0.0
            step = GAIN * (self._target * AIM * person - lost)
            self._log_correction = min(max(self._log_correction + step, -FURTHEST), FURTHEST)
        for handled in self._handles.new(handles, self._forget_handles):
            if is_sound(handled, "ended", "talk_s", "wrap_s", "ring_s"):  # SeatModel counts others
                self._handled += 1
                self._people += not handled.was_machine

    def purse(self, view: FloorView) -> Purse:
        """What may be lost now; with numbers that make no sense nothing may.

        A law's formula guesses the machines among the lost by their share among the met. Where its
        window is the day that was seen here, the people really lost must be within the cap, too.
        """
        ahead = self._ahead(view)
        # nobody ever learns who of the lost were people: the day must hold all the same
        target, given = self._target, view.budget
        live, lost = self._live(), self.lost + CAUTION * math.sqrt(self._doubt)
        if given is not None:
            if not _is_sound(given):
                return NO_PURSE
            target = min(given.target, target, given.cap)
        earned = target * live / (1.0 - target) if 0.0 < target < 1.0 else 0.0
        seen = _purse(target, live, lost, may_be_lost(earned, lost, target, ahead), ahead)
        if given is None:
            return seen
        if given.live_expected > 0.0:
            ahead = min(ahead, given.live_expected) if ahead > 0.0 else given.live_expected
        told = _purse(target, given.live, given.abandoned, given.drops_left, ahead)
        if given.live > SAME_DAY * live + LEAST_SEEN or seen is NO_PURSE:
            return told
        return replace(told, left=min(told.left, seen.left), share=min(told.share, seen.share))

    def _live(self) -> float:
        """People met: those known from their outcome, the others by the share of people so far."""
        pending = max(0, self._met - self._handled)
        share = self._people / self._handled if self._handled else 0.5
        return self._people + pending * share

    def _ahead(self, view: FloorView) -> float:
        """People that are likely to answer within the coming hour of the day."""
        if self._first_s is None:
            return 0.0
        times = self._times
        while times and times[0][0] < view.now - PACE_S:
            self._in_window -= times.popleft()[1]
        rate = pace(max(0.0, self._in_window), view.now - self._first_s) * self._staffed(view)
        return coming(rate, view.day_end - view.now)

    def _staffed(self, view: FloorView) -> float:
        """Share of the seats of the last half hour that are at work now, at most 1."""
        seats = len(view.idle) + len(view.talking) + len(view.wrapping) + len(view.reserved)
        passed_s = view.now - self._seats_at_s
        if not 0.0 <= passed_s < math.inf:
            self._seats_mean, passed_s = float(seats), 0.0
        self._seats_at_s = view.now
        self._seats_mean += (seats - self._seats_mean) * (1.0 - math.exp(-passed_s / STAFF_S))
        return min(1.0, seats / max(self._seats_mean, 0.1))


def _purse(target: float, live: float, lost: float, left: float, ahead: float) -> Purse:
    if not math.isfinite(target + live + lost + left + ahead) or min(target, live, lost) < 0:
        return NO_PURSE
    aim = target * AIM
    rest = max(ahead, LEAST_AHEAD)
    # what the time ahead may lose, and never much more than its plain share
    share = (aim * (live + lost + rest) - lost) / rest
    return Purse(live, lost, max(0, int(left)), min(max(share, 0.0), 2.0 * aim))


def _is_sound(budget: Budget) -> bool:
    """Whether all numbers of a budget can be; others afford nothing."""
    numbers = (budget.cap, budget.target, budget.live, budget.abandoned, budget.live_expected)
    return math.isfinite(budget.drops_left) and all(  # below 0: overspent
        math.isfinite(number) and number >= 0.0 for number in numbers
    )
