"""What the comparing pacers know of the past: plain shares and means of the last few hundred."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque

from dialer_core.pacing.one_to_one import count, problem_of
from dialer_core.pacing.view import FloorView

KEPT = 400
LEAST_RINGS = 20
LEAST_ANSWERS = 5
LEAST_HANDLED = 3
RENEW_AFTER = 8  # new entries before the tables are made again
LONGEST_RING_S = 90


class Past:
    """Answer share by ring age, handling times, and the outcomes since it was last asked."""

    def __init__(self) -> None:
        self._rings: deque[tuple[float, bool]] = deque(maxlen=KEPT)
        self._handled: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._read = [0, 0, 0]
        self._stale = 0
        self.answer_share = 0.0
        self.ring_s = 0.0  # mean, of those that answered
        self.handle_s = 0.0
        self._rest: list[float] = []
        self._whole: list[float] = []
        self._wrap: list[float] = []
        self.outcomes: list[bool] = []  # new answers: was it abandoned?
        self.met = 0
        self.lost = 0

    def read(self, view: FloorView) -> None:
        """Take in what is new in the logs; a log that has shrunk is another one, read anew."""
        rings, handles, answers = view.ring_log, view.handle_log, view.answer_log
        for place, log in enumerate((rings, handles, answers)):
            if len(log) < self._read[place]:
                self._read[place] = 0
        fresh = rings[self._read[0] :]
        self._rings.extend((one.ring_s, one.answered) for one in fresh)
        ended = handles[self._read[1] :]
        self._handled.extend((one.talk_s, one.wrap_s) for one in ended)
        self.outcomes = [one.was_abandoned for one in answers[self._read[2] :]]
        self.lost += sum(self.outcomes)
        self.met += len(self.outcomes) - sum(self.outcomes)
        self._read = [len(rings), len(handles), len(answers)]
        self._stale += len(fresh) + len(ended)
        if self._stale >= RENEW_AFTER:
            self._stale = 0
            self._renew()

    def trouble(self, view: FloorView) -> str | None:
        """Why this is no moment to dial ahead, in words; None where it is one."""
        problem = problem_of(view)
        if problem is not None:
            return problem
        self.read(view)
        if view.now >= view.day_end:
            return "the hours of calling are over"
        answers = sum(answered for _, answered in self._rings)
        is_known = len(self._rings) >= LEAST_RINGS and len(self._handled) >= LEAST_HANDLED
        if not is_known or answers < LEAST_ANSWERS or not self._rest:
            return f"still learning, {count(len(self._rings), 'call')} so far"
        return None

    def still_to_come(self, rung_s: float) -> float:
        """P(answers | has rung for so long)."""
        return self._rest[min(len(self._rest) - 1, max(0, int(rung_s)))]

    def free_within(self, elapsed_s: float, horizon_s: float, *, wraps: bool) -> float:
        """P(the seat is free within the horizon | at it for so long)."""
        times = self._wrap if wraps else self._whole
        begun = bisect_right(times, elapsed_s)
        if begun == len(times):
            return 0.5  # longer than any before
        return (bisect_right(times, elapsed_s + horizon_s) - begun) / (len(times) - begun)

    def _renew(self) -> None:
        ended = [0] * (LONGEST_RING_S + 1)
        answered = [0] * (LONGEST_RING_S + 1)
        for ring_s, was_answered in self._rings:
            place = min(LONGEST_RING_S, max(0, int(ring_s)))
            ended[place] += 1
            answered[place] += was_answered
        rest, all_left, answers_left = [0.0] * (LONGEST_RING_S + 1), 0, 0
        for place in range(LONGEST_RING_S, -1, -1):
            all_left += ended[place]
            answers_left += answered[place]
            rest[place] = answers_left / all_left if all_left else 0.0
        self._rest = rest
        self.answer_share = rest[0]
        heard = [ring_s for ring_s, was_answered in self._rings if was_answered]
        self.ring_s = sum(heard) / len(heard) if heard else 0.0
        self._whole = sorted(talk_s + wrap_s for talk_s, wrap_s in self._handled)
        self._wrap = sorted(wrap_s for _, wrap_s in self._handled)
        self.handle_s = sum(self._whole) / len(self._whole) if self._whole else 0.0
