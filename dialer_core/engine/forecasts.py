"""How soon a seat comes free, from what it says of its call; learnt on line, a campaign each.

Each stage that a window tells ("script:3", "outcome") keeps of the last `WINDOW` calls how long
they stayed at it and how long it was from there to the end of the wrap-up, so that old habits
fade. The forecast is the median of the calls that stayed at least as long as this one has: that it
has not moved on is news as well. A mean would follow the few very long calls, and the pacer weighs
a seat by whether it is free in time, which the median answers. Where hardly any stayed longer, the
rest of the stay is taken as memoryless, with the mean excess of the longer half: small, and never
negative.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

LEAST_SAMPLES = 5  # before a stage is used
LEAST_LONGER = 3  # of them, to go by their median
WINDOW = 60
MOST_STAGES = 200  # of a campaign; more are not learnt
MOST_MARKS = 40  # of one call
SHORTEST_S = 0.5
_WRAP_UP, _AFTER = "wrap:", "after:"
_Seconds = npt.NDArray[np.float64]


class Stage:
    """The last stays at one stage and times from it to the end, in seconds."""

    def __init__(self) -> None:
        self._latest: deque[tuple[float, float]] = deque(maxlen=WINDOW)
        self._stays: list[float] = []  # ascending
        self._medians: list[float] = []  # of the times to the end, of this stay and longer ones
        self._overdue_s = 0.0
        self._by_stay: list[tuple[float, float]] = []
        self._ends: dict[int, _Seconds] = {}  # of this stay and longer ones, as they are asked for
        self._is_sorted = True

    @property
    def is_known(self) -> bool:
        """Enough calls have passed the stage."""
        return len(self._latest) >= LEAST_SAMPLES

    def add(self, stay_s: float, took_s: float) -> None:
        """Another call has come from this stage to its end."""
        if not (math.isfinite(took_s) and 0 <= stay_s <= took_s):
            return
        self._latest.append((stay_s, took_s))
        self._is_sorted = False

    def _sort(self) -> None:
        """Reckon anew what is read, when it is read: most is learnt far more often than that."""
        self._is_sorted = True
        by_stay = self._by_stay = sorted(self._latest)
        self._ends.clear()
        self._stays = [stay_s for stay_s, _ in by_stay]
        longer: list[float] = []
        medians: list[float] = []
        for _, took_s in reversed(by_stay):
            insort(longer, took_s)
            medians.append(_median(longer))
        self._medians = medians[::-1]
        half = self._stays[len(self._stays) // 2 :]
        excess_s = sum(half) / len(half) - half[0]
        afterwards_s = _median(sorted(took_s - stay_s for stay_s, took_s in by_stay))
        self._overdue_s = afterwards_s + excess_s * math.log(2.0)

    def left_s(self, elapsed_s: float) -> float:
        """The median of what is left for one who has stayed `elapsed_s` so far."""
        if not self._is_sorted:
            self._sort()
        first = bisect_right(self._stays, elapsed_s)
        if len(self._stays) - first < LEAST_LONGER:
            return self._overdue_s
        return self._medians[first] - elapsed_s

    def free_by(self, elapsed_s: float, times: _Seconds) -> _Seconds:
        """The chance that one who has stayed `elapsed_s` so far is done after each of `times`."""
        if not self._is_sorted:
            self._sort()
        first = bisect_right(self._stays, elapsed_s)
        if len(self._stays) - first < LEAST_LONGER:
            done: _Seconds = 1.0 - 0.5 ** (times / max(self._overdue_s, SHORTEST_S))
            return done
        ends = self._ends.get(first)
        if ends is None:
            ends = np.array(sorted(took_s for _, took_s in self._by_stay[first:]))
            self._ends[first] = ends
        # Half a call more on either side: a few samples make nothing certain.
        chances: _Seconds = (ends.searchsorted(times + elapsed_s, "right") + 0.5) / (len(ends) + 1)
        return chances


def _median(ascending: Sequence[float]) -> float:
    half = len(ascending) // 2
    if len(ascending) % 2:
        return ascending[half]
    return (ascending[half - 1] + ascending[half]) / 2


class Forecasts(Mapping[int, float]):
    """Seat -> seconds until it is free, at the moment of `look`; only seats of which it is known.

    Reckoned when it is read, since it is seldom read as often as it is shown. A seat may have told
    several stages of its call: the latest that is known counts. `free_within` says more: how likely
    it is to be free by when.
    """

    def __init__(self) -> None:
        self._now_s = 0.0
        self._known: dict[int, float] | None = None
        self._stages: dict[str, Stage] = {}
        self._marks: dict[int, dict[str, float]] = {}  # seat -> stage -> since, latest last
        self._owed: dict[int, float] = {}  # seat -> spent on its parked wrap-up

    def look(self, now_s: float) -> Forecasts:
        """The forecasts at this moment."""
        self._now_s, self._known = now_s, None
        return self

    # --- what the engine tells ----------------------------------------------------------------

    def reached(self, seat: int, stage: str, at_s: float, *, in_wrap_up: bool) -> None:
        """The agent has come to a stage of the call."""
        self._mark(seat, (_WRAP_UP if in_wrap_up else "talk:") + stage, at_s)

    def wrap_up_began(self, seat: int, at_s: float) -> None:
        """A stage of its own, and another by where the talk had got to."""
        last = next(reversed(self._marks.get(seat, {})), "")
        self._mark(seat, _WRAP_UP, at_s)
        if last.startswith("talk:"):
            self._mark(seat, _AFTER + last, at_s)

    def ended(self, seat: int, at_s: float) -> None:
        """The wrap-up is over: every stage of the call has learnt how long it was to the end."""
        self._known = None
        next_s = at_s
        for key, since_s in reversed(self._marks.pop(seat, {}).items()):
            stage = self._stages.get(key)
            if stage is None and len(self._stages) < MOST_STAGES:
                stage = self._stages[key] = Stage()
            if stage is not None:
                stage.add(next_s - since_s, at_s - since_s)
            if not key.startswith(_AFTER):  # it began together with the wrap-up's plain stage
                next_s = since_s

    def forget(self, seat: int) -> None:
        """The seat's call did not come to its end in the usual way: nothing to learn from it."""
        self._known = None
        self._marks.pop(seat, None)
        self._owed.pop(seat, None)

    def parked(self, seat: int, wrapped_s: float) -> None:
        """The seat's wrap-up is interrupted; the seat still owes what is left of it."""
        self._known = None
        self._marks.pop(seat, None)
        self._owed[seat] = wrapped_s

    def resumed(self, seat: int, since_s: float) -> None:
        """Back to the parked wrap-up, as if it had begun at `since_s` and never been left."""
        self._known = None
        self._owed.pop(seat, None)
        self._marks[seat] = {_WRAP_UP: since_s}

    def settled(self, seat: int) -> None:
        """The seat owes nothing any more of its parked wrap-up."""
        self._known = None
        self._owed.pop(seat, None)

    def _mark(self, seat: int, key: str, at_s: float) -> None:
        self._known = None
        marks = self._marks.setdefault(seat, {})
        marks.pop(key, None)
        if len(marks) < MOST_MARKS:
            marks[key] = at_s

    # --- what the pacer reads -----------------------------------------------------------------

    def __getitem__(self, seat: int) -> float:
        return self._read()[seat]

    def __iter__(self) -> Iterator[int]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def free_within(self, seat: int, times: _Seconds) -> _Seconds | None:
        """The chance that the seat is free after each of `times`; None where it is not known."""
        found = self._at(self._marks.get(seat, {}))
        if found is None:
            return None
        stage, stayed_s, gone_s = found
        times = np.maximum(0.0, times - self._owed_s(seat))
        if gone_s == 0.0:
            return stage.free_by(stayed_s, times)
        before = stage.free_by(stayed_s, np.array([gone_s]))
        chances: _Seconds = (stage.free_by(stayed_s, times + gone_s) - before) / (1.0 - before)
        return chances

    def _read(self) -> dict[int, float]:
        """All forecasts of this moment, reckoned when the first is asked for."""
        if self._known is None:
            self._known = {}
            for seat, marks in self._marks.items():
                found = self._at(marks)
                if found is not None:
                    stage, stayed_s, gone_s = found
                    left_s = max(0.0, stage.left_s(stayed_s) - gone_s)
                    self._known[seat] = left_s + self._owed_s(seat)
        return self._known

    def _at(self, marks: dict[str, float]) -> tuple[Stage, float, float] | None:
        """The stage that counts, how long the seat stayed at it, how long ago it left it.

        The latest stage is the one that it is at; an earlier one, where that is not known, is left.
        """
        left_s = self._now_s
        for key, since_s in reversed(marks.items()):
            stage = self._stages.get(key)
            if stage is not None and stage.is_known:
                return stage, max(0.0, left_s - since_s), max(0.0, self._now_s - left_s)
            if not key.startswith(_AFTER):
                left_s = since_s
        return None

    def _owed_s(self, seat: int) -> float:
        spent_s, stage = self._owed.get(seat), self._stages.get(_WRAP_UP)
        if spent_s is None or stage is None or not stage.is_known:
            return 0.0
        return stage.left_s(spent_s)
