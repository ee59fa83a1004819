"""More calls than free seats, as far as the chance that an answer finds nobody stays affordable.

The probabilistic rule: a call that is answered x seconds after its launch is lost if the other
calls answered by then fill the seats that are free by x plus the connect limit. Other calls and
busy seats are independent coin flips with their own chances, from the ring model and the seat
model; the distribution of calls less seats comes from the product of their characteristic
functions. Calls are launched while that chance, averaged over x, is under a threshold that
follows from what may still be lost today.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from dialer_core.pacing.learning import BIN_S, BINS, LEVELS, RingModel, SeatModel
from dialer_core.pacing.one_to_one import count, free_lines, one_to_one, problem_of, unreserved
from dialer_core.pacing.purse import Ledger, Purse
from dialer_core.pacing.view import Decision, FloorView

MIN_SEATS = 3  # with fewer there is no average to dial on
MIN_RINGS = 20
MIN_ANSWERS = 5
MIN_HANDLED = 3
MAX_BURST = 12  # launches of one decision; the next one comes within a second
HELD_BACK = 0.5  # losses expected in flight may use this share of what may still be lost
OVERDRAFT = 0.01  # chance that what is in flight loses more than may still be lost
STEEPNESS = 1.5  # how far the last launch may lie above the affordable mean
LONGEST_S = 90.0

Complex = npt.NDArray[np.complex128]


class Predictive:
    """The probabilistic pacer; one a campaign, it keeps what it learns of the day."""

    def __init__(self, target: float) -> None:
        self._target = target if math.isfinite(target) and 0.0 < target < 1.0 else 0.0
        self._rings = RingModel()
        self._seats = SeatModel()
        self._ledger = Ledger(self._target)
        self._sums: dict[int, _Sums] = {}

    def decide(self, view: FloorView) -> Decision:
        """The decision for this moment; never raises, whatever the view holds."""
        try:
            return self._decide(view)
        except (TypeError, ValueError, AttributeError, OverflowError):
            return one_to_one(view, "the view of the floor cannot be read")

    def _decide(self, view: FloorView) -> Decision:
        problem = problem_of(view)
        if problem is None:
            self._rings.read(view.ring_log)
            self._seats.read(view.handle_log)
            self._ledger.read(view.answer_log)
            problem = self._not_ready(view)
        if problem is not None:
            return one_to_one(view, problem)
        purse = self._ledger.purse(view)
        if purse.left < 1 or purse.share <= 0.0:
            of_all = purse.live + purse.lost
            why = f"{purse.lost:.0f} of {of_all:.0f} answers lost, no more may be lost now"
            return one_to_one(view, why)
        return self._launch(view, purse)

    def _not_ready(self, view: FloorView) -> str | None:
        """Why the floor is not one to dial ahead on, in words; None where it is."""
        nonsense = self._rings.nonsense + self._seats.nonsense + self._ledger.nonsense
        if nonsense:
            return f"{count(nonsense, 'entry')} of the logs make no sense".replace(
                "entrys", "entries"
            )
        if self._target <= 0.0:
            return "no answer may be lost"
        if view.now >= view.day_end:
            return "the hours of calling are over"
        seats = len(view.idle) + len(view.talking) + len(view.wrapping)
        if seats < MIN_SEATS:
            return f"{count(seats, 'seat')} at work, {MIN_SEATS} are needed to dial ahead"
        rings = self._rings
        if rings.seen < MIN_RINGS or rings.answers < MIN_ANSWERS or self._seats.seen < MIN_HANDLED:
            return f"still learning, {count(rings.seen, 'call')} so far"
        return None

    def _launch(self, view: FloorView, purse: Purse) -> Decision:
        rings = self._rings
        idle = len(view.idle)
        leaving = self._leaving(view)
        free = idle - len(leaving) - len(view.waiting)
        lines = free_lines(view)
        ages = _ages(view)
        limit = STEEPNESS * purse.share * self._ledger.correction
        # a seat must not leave while lines ring for it
        hold = leaving if len(ages) > idle - len(leaving) else ()
        worth = float(rings.worth[ages].sum()) if ages else 0.0
        busy = len(view.talking) + len(view.wrapping)
        launch, chance = 0, 1.0
        if lines and -free < busy and worth < idle + busy:
            sums = self._sums_for(1 << (len(ages) + idle + busy + MAX_BURST + 2).bit_length())
            others = rings.rest[:, ages] if ages else _NONE
            seats = self._coming(view)
            launch, chance = sums.most(
                others,
                seats,
                free,
                min(lines, MAX_BURST),
                rings.chance,
                limit,
                purse.left,
            )
        plain = max(0, min(free - len(ages), lines))
        launch = max(launch, plain)  # a free seat of its own never needs a budget
        return Decision(
            launch,
            hold_breaks=hold,
            reason=(
                f"{launch} more: {count(idle, 'seat')} free, {count(len(ages), 'line')} ringing "
                f"{'is' if len(ages) == 1 else 'are'} worth {worth:.1f} answers; "
                f"{purse.lost:.0f} of {purse.lost + purse.left:.0f} allowed drops used."
            ),
            figures={
                "idle": float(idle),
                "ringing": float(len(ages)),
                "worth": worth,
                "answer_chance": rings.chance,
                "next_loss_chance": chance,
                "loss_limit": limit,
                "lost": purse.lost,
                "drops_left": float(purse.left),
                "plain": float(plain),
            },
        )

    def _coming(self, view: FloorView) -> npt.NDArray[np.float64]:
        """Chance of each busy seat to be free by each horizon and the connect limit."""
        times = tuple(min(x, LONGEST_S) + view.connect_limit for x in self._rings.horizons)
        talking, wrapping = self._seats.tables(times)
        stay = _staying(view, view.now + times[-1])
        now, column = view.now, self._seats.column
        one = [column(now - since) for seat, since in view.talking.items() if seat not in stay]
        two = [column(now - since) for seat, since in view.wrapping.items() if seat not in stay]
        seats = np.concatenate((talking[:, one], wrapping[:, two]), axis=1)
        if view.seat_ends:
            names = [s for s in (*view.talking, *view.wrapping) if s not in stay]
            for place, seat in enumerate(names):
                told_s = view.seat_ends.get(seat, math.nan)
                if told_s >= 0.0:
                    seats[:, place] = [0.9 if told_s <= time_s else 0.02 for time_s in times]
        return seats

    def _leaving(self, view: FloorView) -> tuple[int, ...]:
        """Idle seats whose break comes before an answer to a new call would."""
        until = view.now + self._rings.horizons[-1]
        due = view.breaks_due.items()
        return tuple(seat for seat, at in due if seat in view.idle and not at > until)

    def _sums_for(self, size: int) -> _Sums:
        if size not in self._sums:
            self._sums[size] = _Sums(size)
        return self._sums[size]


def _ages(view: FloorView) -> list[int]:
    """Bins of ring age of the calls that no reserved seat waits for, the oldest first."""
    now, held = view.now, view.held
    if held:
        since = [at for call, at in view.ringing.items() if call not in held]
    else:
        since = list(view.ringing.values())
        since = since[len(since) - unreserved(view) :]
    return [min(BINS - 1, int((now - at) / BIN_S)) for at in since]


def _staying(view: FloorView, until: float) -> Mapping[int, float]:
    """Busy seats that go on a break when they are done, and so do not come free."""
    if not view.breaks_due:
        return {}
    return {seat: at for seat, at in view.breaks_due.items() if at <= until}


class _Sums:
    """Distribution of (answered calls - freed seats) by characteristic functions of one size."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._points: Complex = np.exp(2j * np.pi * np.arange(size) / size)
        self._minus_one: Complex = self._points - 1.0
        self._back: Complex = self._points.conj() - 1.0
        # rows of weights: P(sum >= k) is the product with the transform of that step
        values = (np.arange(size) + size // 2) % size - size // 2
        self._values = values
        self._kernels: dict[int, tuple[Complex, Complex]] = {}

    def most(
        self,
        others: npt.NDArray[np.float64],
        seats: npt.NDArray[np.float64],
        free: int,
        lines: int,
        chance: float,
        limit: float,
        left: int,
    ) -> tuple[int, float]:
        """How many launches keep the chance to be lost under `limit`, and the last chance seen.

        `others`, `seats`: rows by horizon, columns by call and by busy seat; `left`: losses that
        are still allowed. A small share of them may be expected in flight, and that more than all
        of them are lost there must be all but out of the question, at each horizon.
        """
        full, over = self._kernel(free)
        beyond, _ = self._kernel(free + left + 1)
        sums = self._product(others, self._minus_one) * self._product(seats, self._back)
        levels = _LEVELS[:, None] * chance
        grow = 1.0 + levels * self._minus_one
        launched, lost_chance = 0, 1.0
        while True:
            chances = (sums @ full).real
            lost_chance = float(chances.mean())
            expected = float((sums[-1] @ over).real)
            if launched >= lines or lost_chance > limit or expected > HELD_BACK * left:
                return launched, lost_chance
            with_one_more = sums * grow
            if float((with_one_more @ beyond).real.max()) > OVERDRAFT:
                return launched, lost_chance
            launched += 1
            sums = with_one_more

    def _product(self, chances: npt.NDArray[np.float64], points: Complex) -> Complex:
        product: Complex = np.multiply.reduce(1.0 + chances[:, :, None] * points, axis=1)
        return product

    def _kernel(self, free: int) -> tuple[Complex, Complex]:
        """Weights that turn a transform into P(sum >= free) and E[max(0, sum - free)]."""
        if free not in self._kernels:
            full = (self._values >= free).astype(float)
            over = np.maximum(self._values - free, 0).astype(float)
            self._kernels[free] = (
                np.fft.fft(full) / self._size,
                np.fft.fft(over) / self._size,
            )
        return self._kernels[free]


_LEVELS = np.array(LEVELS)
_NONE = np.zeros((len(LEVELS), 0))
