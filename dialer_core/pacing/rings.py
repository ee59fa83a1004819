"""Who answers when: hazards of people and of machines by ring age, learnt from the day's calls.

Which answers were people is known only after the conversation, and machines answer late: so each
answer counts as a person with the share that people have among the handled calls of about the
same ring time. Older entries fade; a level that has plainly changed is forgotten faster.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dialer_core.pacing.reader import LogReader, is_sound, is_time
from dialer_core.pacing.view import HandleEnd, RingEnd

Floats = npt.NDArray[np.float64]

BIN_S = 0.5
BINS = 240  # two minutes of ringing; whatever rings longer counts as that
LEVELS = (0.2, 0.5, 0.8)  # shares of the people who answer that have answered by each horizon
FADE = 0.9985  # of one ring to the next: about 670 are remembered
FADE_SHARES = 0.997
PRIOR_RINGS = 12.0
PRIOR_PERSON = 0.8  # until told otherwise four of five answers are people
PRIOR_SHARES = 0.6
REBUILD_AFTER = 4  # new entries before tables are made again
RECENT = 100  # rings that are compared with the level so far
CHANGED = 3.8  # standard errors that make it another level
KEPT_ON_CHANGE = 0.2


class RingModel:
    """P(answered within a horizon | rung so far), for people and for machines.

    `horizons`: seconds from launch by which LEVELS of the people have answered (of all who answer
    where `counts_machines`). Tables have one row a horizon and one column a bin of ring age:
    `people`, `machines` (those that still hold a seat then) and `both`. `worth`, `worth_all`:
    people, and all, who will answer yet. `chance`: an answer of a new call.
    """

    def __init__(self) -> None:
        self._rings: LogReader[RingEnd] = LogReader(longest=1500)
        self._handles: LogReader[HandleEnd] = LogReader(longest=600)
        self.counts_machines = False  # whether a lost machine costs as much as a lost person
        self.machine_s = 8.0  # what a machine costs a seat
        self._limit_s = math.nan
        self._forget_shares()
        self._forget()

    def _forget(self) -> None:
        at = (np.arange(BINS) + 0.5) * BIN_S
        bump = np.exp(-((np.log(np.maximum(at - 2.0, 0.01) / 7.5)) ** 2) / 0.9)
        self._answered: Floats = bump / bump.sum() * 0.35 * PRIOR_RINGS
        self._ended: Floats = self._answered.copy()
        self._ended[2:6] += 0.2 * PRIOR_RINGS / 4  # busy, not existing
        self._ended[50] += 0.45 * PRIOR_RINGS  # nobody
        self._weight = 1.0
        self._stale = REBUILD_AFTER
        self._recent: list[bool] = []
        self.seen = 0
        self.answers = 0
        self.nonsense = 0

    def _forget_shares(self) -> None:
        self._people: Floats = np.zeros(BINS)
        self._machines: Floats = np.zeros(BINS)
        self._share_weight = 1.0
        self._stale = REBUILD_AFTER

    def read(
        self, rings: Sequence[RingEnd], handles: Sequence[HandleEnd], connect_limit_s: float
    ) -> None:
        """Take in what is new; entries that make no sense are counted and left out."""
        for end in self._rings.new(rings, self._forget):
            if not is_sound(end, "launched", "ring_s"):
                self.nonsense += 1
                continue
            self._take_ring(end)
        for handled in self._handles.new(handles, self._forget_shares):
            if is_sound(handled, "ended", "talk_s", "wrap_s", "ring_s"):  # SeatModel counts others
                self._take_handled(handled)
        if self._stale >= REBUILD_AFTER or connect_limit_s != self._limit_s:
            self._limit_s = connect_limit_s
            self._rebuild()

    def _take_ring(self, end: RingEnd) -> None:
        self._weight /= FADE
        index = min(BINS - 1, int(end.ring_s / BIN_S))
        self._ended[index] += self._weight
        self.seen += 1
        if end.answered:
            self._answered[index] += self._weight
            self.answers += 1
        self._stale += 1
        self._recent.append(bool(end.answered))
        if len(self._recent) == RECENT:
            self._compare()

    def _compare(self) -> None:
        """Forget most of the past if the last rings are plainly of another level."""
        now = (sum(self._recent) + 0.5) / (RECENT + 1)  # never that nobody or everybody answers
        self._recent = self._recent[RECENT // 4 :]
        level = float(self._answered.sum() / self._ended.sum())
        error = math.sqrt(max(level * (1.0 - level), 0.01) / RECENT)
        if abs(now - level) > CHANGED * error:  # the shape stays, the level goes
            silent = (self._ended - self._answered) * KEPT_ON_CHANGE
            self._answered *= KEPT_ON_CHANGE * now / level
            self._ended = self._answered + silent * (1.0 - now) / max(1.0 - level, 0.01)
            self._recent.clear()

    def _take_handled(self, handled: HandleEnd) -> None:
        self._share_weight /= FADE_SHARES
        index = min(BINS - 1, int(handled.ring_s / BIN_S))
        if handled.was_machine:
            self._machines[index] += self._share_weight
            self.machine_s += 0.1 * (handled.talk_s + handled.wrap_s - self.machine_s)
        else:
            self._people[index] += self._share_weight
        self._stale += 1

    def person_share(self, ring_s: float) -> float:
        """How likely an answer after so many seconds is a person's."""
        if not is_time(ring_s):
            return PRIOR_PERSON
        return float(self._share[min(BINS - 1, int(ring_s / BIN_S))])

    def _rebuild(self) -> None:
        self._stale = 0
        if self._weight > 1e6:
            self._answered /= self._weight
            self._ended /= self._weight
            self._weight = 1.0
        if self._share_weight > 1e6:
            self._people /= self._share_weight
            self._machines /= self._share_weight
            self._share_weight = 1.0
        self._reckon_shares()
        people = self._answered * self._share
        machines = self._answered - people
        total = float(self._ended.sum())
        self.chance = float(self._answered.sum()) / total
        self.person_chance = float(people.sum()) / total
        counted = self._answered if self.counts_machines else people
        come = np.cumsum(counted) / max(float(counted.sum()), 1e-9)
        steps = [int(np.searchsorted(come, level)) + 1 for level in LEVELS]
        self.horizons = tuple(step * BIN_S for step in steps)
        # of those that ring on at the start of each bin: all, and those that will be answered
        ringing = np.maximum(np.cumsum(self._ended[::-1])[::-1], 1e-9)
        to_come = _rest(people)
        to_come_machines = _rest(machines)
        self.people: Floats = np.array(
            [(to_come[:BINS] - to_come[step : BINS + step]) / ringing for step in steps]
        )
        # a machine that answered long enough before the moment has let its seat go by then
        gone = max(0, round((self.machine_s - self._limit_s) / BIN_S))
        self.machines: Floats = np.array(
            [
                (
                    to_come_machines[max(0, step - gone) : BINS + max(0, step - gone)]
                    - to_come_machines[step : BINS + step]
                )
                / ringing
                for step in steps
            ]
        )
        self.both: Floats = np.clip(self.people + self.machines, 0.0, 1.0)
        self.worth_all: Floats = np.clip(_rest(self._answered)[:BINS] / ringing, 0.0, 1.0)
        self.worth: Floats = np.clip(to_come[:BINS] / ringing, 0.0, 1.0)

    def _reckon_shares(self) -> None:
        weight = self._share_weight
        people = np.convolve(self._people, _KERNEL, mode="same") / weight
        both = people + np.convolve(self._machines, _KERNEL, mode="same") / weight
        total = max(float(both.sum()), 1e-9)
        # where hardly anybody was handled yet the day's own share stands in for the prior
        mean = (float(people.sum()) + 4.0 * PRIOR_PERSON) / (total + 4.0)
        self._share: Floats = (people + PRIOR_SHARES * mean) / (both + PRIOR_SHARES)


def _rest(counts: Floats) -> Floats:
    """What is still to come from each bin on, with zeros beyond the last."""
    return np.concatenate((np.cumsum(counts[::-1])[::-1], np.zeros(BINS + 1)))


_KERNEL = np.exp(-0.5 * (np.arange(-8, 9) * BIN_S / 1.0) ** 2)
_KERNEL /= _KERNEL.max()
