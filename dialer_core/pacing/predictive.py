"""More calls than free seats, as far as the chance that an answer finds nobody stays affordable.

The probabilistic rule: a call that is answered x seconds after its launch is lost if the other
calls answered by then fill the seats that are free by x plus the connect limit. Other calls and
busy seats are independent coin flips with their own chances, from the models of rings and seats;
the distribution of calls less seats comes from the product of their characteristic functions.
Calls are launched while that chance, averaged over x, is under a limit that follows from what may
still be lost in the coming hour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from dialer_core.model.levers import Levers
from dialer_core.pacing.buffers import PARK_PRICE, RELIEF_PRICE, ParkWatch
from dialer_core.pacing.busy import BusySeats
from dialer_core.pacing.handles import SeatModel
from dialer_core.pacing.hints import ForecastTrust, RecordChances
from dialer_core.pacing.one_to_one import count, free_lines, one_to_one, problem_of, unreserved
from dialer_core.pacing.purse import NO_PURSE, Ledger, Price, Purse
from dialer_core.pacing.rings import BIN_S, BINS, RingModel
from dialer_core.pacing.sums import NO_BUFFERS, Buffers, Sums
from dialer_core.pacing.view import Decision, FloorView

MIN_SEATS = 2  # with fewer there is no average to dial on
MIN_RINGS = 20
MIN_ANSWERS = 5
MIN_HANDLED = 3
MAX_BURST = 12  # launches of one decision; the next one comes within a second
HELD_BACK = 0.5  # losses expected in flight may use this share of what may still be lost
OVERDRAFT = 0.02  # chance that what is in flight loses more than may still be lost
LONGEST_S = 90.0
WINDOW = 64  # of the next records, when they bring chances of their own

Floats = npt.NDArray[np.float64]
Transform = npt.NDArray[np.complex128]


@dataclass(slots=True)
class Plan:
    """One decision as it grows: what stands, what may be spent, and how many are launched."""

    free: int
    plain: int  # calls that have a free seat of their own
    limit: float
    purse: Purse
    buffers: Buffers
    launch: int = 0
    price: float = 1.0  # of one more
    prefer: tuple[int, ...] = ()
    chances: list[float] = field(default_factory=list)


class Predictive:
    """The probabilistic pacer; one a campaign, it keeps what it learns of the day."""

    def __init__(self, target: float, levers: Levers | None = None) -> None:
        self._target = target if math.isfinite(target) and 0.0 < target < 1.0 else 0.0
        self._levers = levers if levers is not None else Levers()
        self._rings = RingModel()
        self._seats = SeatModel()
        self._ledger = Ledger(self._target)
        self._busy = BusySeats(self._rings, self._seats)
        self._trust = ForecastTrust()
        self._records = RecordChances()
        self._parks = ParkWatch()
        self._price = Price()
        self._sums: dict[int, Sums] = {}

    def decide(self, view: FloorView) -> Decision:
        """The decision for this moment; never raises, whatever the view holds."""
        try:
            return self._decide(view)
        except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError):
            return one_to_one(view, "the view of the floor cannot be read", "unreadable")

    def _decide(self, view: FloorView) -> Decision:
        problem = problem_of(view)
        if problem is not None:
            return one_to_one(view, problem, "contradiction")
        # a law's formula does not ask who was lost; where none is given people alone count
        self._rings.counts_machines = view.budget is not None
        self._rings.read(view.ring_log, view.handle_log, view.connect_limit)
        self._seats.read(view.handle_log)
        self._ledger.read(view.answer_log, view.handle_log, self._rings)
        self._busy.watch(view)
        self._records.watch(view.ringing)
        if self._levers.seat_forecast:
            self._trust.watch(view)
        if self._levers.parked_wrap_up:
            self._parks.watch(view)
        rule, why = self._not_ready(view)
        if not rule:
            purse = self._ledger.purse(view)
            if purse.left >= 1 and purse.share > 0.0:
                return self._launch(view, purse)
            of_all = purse.live + purse.lost
            rule, why = (
                ("nonsense", "the budget makes no sense")
                if purse is NO_PURSE
                else (
                    "spent",
                    f"{purse.lost:.0f} of {of_all:.0f} answers lost, no more may be now",
                )
            )
        return self._plain(view, rule, why)

    def _plain(self, view: FloorView, rule: str, why: str) -> Decision:
        """One call per free seat, with the levers that need no dialling ahead."""
        leaving = self._leaving(view)
        decision = one_to_one(view, why, rule, len(leaving))
        hold = self._held(view, leaving, unreserved(view))
        prefer, _ = self._choice(view, decision.launch)
        return replace(decision, hold_breaks=hold, may_park=self._offer(view), prefer=prefer)

    def _not_ready(self, view: FloorView) -> tuple[str, str]:
        """Why the floor is not one to dial ahead on, as rule and in words; empty where it is."""
        nonsense = self._rings.nonsense + self._seats.nonsense + self._ledger.nonsense
        if nonsense:
            entries = (
                "1 entry of the logs makes"
                if nonsense == 1
                else f"{nonsense} entries of the logs make"
            )
            return "nonsense", f"{entries} no sense"
        if self._target <= 0.0:
            return "no_budget", "no answer may be lost"
        if view.now >= view.day_end:
            return "closed", "the hours of calling are over"
        seats = len(view.idle) + len(view.talking) + len(view.wrapping)
        if seats < MIN_SEATS:
            return (
                "few_seats",
                f"{count(seats, 'seat')} at work, {MIN_SEATS} are needed to dial ahead",
            )
        rings = self._rings
        if rings.seen < MIN_RINGS or rings.answers < MIN_ANSWERS or self._seats.seen < MIN_HANDLED:
            return "learning", f"still learning, {count(rings.seen, 'call')} so far"
        return "", ""

    def _launch(self, view: FloorView, purse: Purse) -> Decision:
        leaving = self._leaving(view)
        free = len(view.idle) - len(leaving) - len(view.waiting)
        ages, calls = self._in_flight(view)
        plain = max(0, min(free - len(ages), free_lines(view)))
        limit = self._price.limit(purse.share) * self._ledger.correction
        offered = self._offer(view)
        plan = Plan(free, plain, limit, purse, self._buffers(view, offered))
        worth = float(self._rings.worth[ages].sum()) if ages else 0.0
        soonest = self._ahead(view, plan, worth, calls)
        launch, prefer, chances = plan.launch, plan.prefer, plan.chances
        if plain > launch:  # a free seat of its own never needs a budget
            launch = plain
            prefer, chances = self._choice(view, MAX_BURST)
        if chances:
            self._records.launched(chances[:launch])
        return Decision(
            launch,
            hold_breaks=self._held(view, leaving, len(ages)),
            may_park=offered,
            prefer=prefer,
            reason=self._reason(launch, view, len(ages), worth, soonest, purse),
            rule="ahead",
            figures={
                "idle": float(len(view.idle)),
                "ringing": float(len(ages)),
                "worth": worth,
                "next_free_chance": 0.0 if soonest is None else soonest,
                "answer_chance": self._rings.chance,
                "person_chance": self._rings.person_chance,
                "next_loss_chance": plan.price,
                "loss_limit": limit,
                "lost": purse.lost,
                "drops_left": float(purse.left),
                "plain": float(plain),
            },
        )

    def _ahead(self, view: FloorView, plan: Plan, worth: float, calls: Floats) -> float | None:
        """Put into `plan` what the budget affords; the chance that a busy seat is free soon."""
        lines, relief = free_lines(view), plan.buffers.relief
        idle, busy = len(view.idle), len(view.talking) + len(view.wrapping)
        if not lines or -plan.free >= busy + relief or worth >= idle + busy + relief:
            return None
        sums = self._sums_for(1 << (calls.shape[1] + idle + busy + MAX_BURST + 2).bit_length())
        seats = self._free_by(view, plan.buffers)
        transform = sums.transform(calls, seats)
        price = float((transform @ sums.cost(plan.free, plan.buffers)).real.mean())
        if plan.plain or price <= plan.limit:  # the records are asked where one may be needed
            plan.prefer, plan.chances = self._choice(view, MAX_BURST)
        costs = self._most(sums, transform, min(lines, MAX_BURST), plan)
        every = self._rings.counts_machines
        self._price.launched(
            costs,
            plan.purse.share,
            self._rings.chance if every else self._rings.person_chance,
            self._ledger.dropped if every else self._ledger.lost,
        )
        return 1.0 - float(np.multiply.reduce(1.0 - seats[1])) if seats.size else None

    def _reason(
        self,
        launch: int,
        view: FloorView,
        ringing: int,
        worth: float,
        soonest: float | None,
        purse: Purse,
    ) -> str:
        soon = ""
        if soonest is not None:
            soon = f", the next within {self._rings.horizons[1]:.0f} s ({100.0 * soonest:.0f} %)"
        return (
            f"{launch} more: {count(len(view.idle), 'seat')} free{soon}, "
            f"{count(ringing, 'line')} ringing "
            f"{'is' if ringing == 1 else 'are'} worth {worth:.1f} people; "
            f"{purse.lost:.0f} of {purse.lost + purse.left:.0f} allowed drops used."
        )

    def _most(self, sums: Sums, transform: Transform, lines: int, plan: Plan) -> list[float]:
        """Launches into `plan` while the cost of one more is under its limit; their costs.

        A small share of what may be lost may be expected in flight, and that more than all of it
        is lost there must be all but out of the question, at each horizon.
        """
        rings, buffers, left = self._rings, plan.buffers, plan.purse.left
        behind = plan.free + buffers.parkable + buffers.relief
        cost, excess = sums.cost(plan.free, buffers), sums.excess(behind)
        beyond = sums.cost(behind + left + 1)
        new, chances = rings.both[:, 0], plan.chances
        costs: list[float] = []
        while True:
            plan.launch = launched = len(costs)
            plan.price = price = float((transform @ cost).real.mean())
            expected = float((transform[-1] @ excess).real)
            if launched >= lines or price > plan.limit or expected > HELD_BACK * left:
                return costs
            scale = chances[launched] / rings.chance if launched < len(chances) else 1.0
            one_more = np.minimum(new * scale, 1.0)
            more = transform * (1.0 + one_more[:, None] * sums.forward)
            if float((more @ beyond).real.max()) > OVERDRAFT:
                return costs
            costs.append(price)
            transform = more

    def _in_flight(self, view: FloorView) -> tuple[list[int], Floats]:
        """Bins of ring age of the calls that no reserved seat waits for, and their chances."""
        now, held, rings = view.now, view.held, self._rings
        calls = [call for call in view.ringing if call not in held] if held else [*view.ringing]
        if held is None and view.reserved:
            calls = calls[len(calls) - unreserved(view) :]
        ages = [min(BINS - 1, int((now - view.ringing[call]) / BIN_S)) for call in calls]
        if not ages:
            return ages, _NONE
        chances = rings.both[:, ages]
        if self._levers.answer_chance and not self._records.is_empty:
            told = np.array([self._records.of(call) for call in calls])
            has = ~np.isnan(told)
            if has.any():
                # the odds of this call against those of the average one, at the same ring age
                odds = told / np.maximum(1.0 - told, 0.02)
                mean = rings.chance / max(1.0 - rings.chance, 0.02)
                answers = rings.worth_all[ages]
                scaled = odds / mean * answers
                factor = scaled / np.maximum(1.0 - answers + scaled, 1e-6)
                factor = factor / np.maximum(answers, 1e-6)
                chances = np.where(has, np.minimum(chances * factor, 1.0), chances)
        return ages, chances

    def _choice(self, view: FloorView, most: int) -> tuple[tuple[int, ...], list[float]]:
        """The next records, best first, and the chances of the first of them."""
        levers = self._levers
        if view.answer_chance is None or not (levers.choice or levers.answer_chance) or not most:
            return (), []
        told = self._told(view.answer_chance, WINDOW if levers.choice else most)
        order = list(range(len(told)))
        if levers.choice:
            order.sort(key=lambda index: (-told[index], index))
        if not levers.answer_chance:
            return tuple(order), []
        scale = self._records.scale(self._rings.chance)
        return (
            tuple(order) if levers.choice else (),
            [min(0.98, told[index] * scale) for index in order[:MAX_BURST]],
        )

    def _told(self, answer_chance: Callable[[int], Sequence[float]], most: int) -> list[float]:
        """What the next records tell, the mean where one makes no sense; empty where it fails."""
        mean = self._rings.chance
        try:
            chances = [
                0.0 + chance if chance is not None else mean for chance in answer_chance(most)
            ]
            return [chance if 0.0 <= chance <= 1.0 else mean for chance in chances[:most]]
        except Exception:  # it comes from outside: without it the floor goes on
            return []

    def _offer(self, view: FloorView) -> tuple[int, ...]:
        """The wrap-ups that an answered person may interrupt: all, the oldest first."""
        if not self._levers.parked_wrap_up:
            return ()
        seats = view.wrapping if view.parkable is None else view.parkable
        going = view.breaks_due
        may = [seat for seat in seats if seat in view.wrapping and seat not in going]
        return self._parks.offer(may, view)

    def _buffers(self, view: FloorView, offered: tuple[int, ...]) -> Buffers:
        parkable = self._parks.counted_on(view) if offered else 0
        if not parkable and not view.relief:
            return NO_BUFFERS
        at_work = view.talking.keys() | view.wrapping.keys() if view.relief else ()
        relief = sum(seat not in at_work for seat in view.relief)
        return Buffers(parkable, relief, PARK_PRICE, RELIEF_PRICE)

    def _free_by(self, view: FloorView, buffers: Buffers) -> Floats:
        """Chance of each busy seat to be free by each horizon and the connect limit."""
        times = tuple(min(x, LONGEST_S) + view.connect_limit for x in self._rings.horizons)
        trust = self._trust if self._levers.seat_forecast and view.seat_ends else None
        return self._busy.free_by(view, times, trust, self._parks.chance, buffers.parkable)

    def _leaving(self, view: FloorView) -> tuple[int, ...]:
        """Idle seats whose break comes before an answer to a new call would."""
        if not view.breaks_due or not self._levers.held_breaks:
            return ()
        until = view.now + self._rings.horizons[-1]
        due = view.breaks_due.items()
        return tuple(seat for seat, at in due if seat in view.idle and not at > until)

    def _held(self, view: FloorView, leaving: tuple[int, ...], ringing: int) -> tuple[int, ...]:
        """Of the seats that leave those for which lines ring: launched before the break was due.

        Later ones were launched without counting on the seat, so a break waits for one ring time
        at most.
        """
        if not leaving or ringing <= len(view.idle) - len(leaving):
            return ()
        oldest = min(view.ringing.values())
        return tuple(seat for seat in leaving if not oldest > view.breaks_due[seat])

    def _sums_for(self, size: int) -> Sums:
        if size not in self._sums:
            self._sums[size] = Sums(size)
        return self._sums[size]


_NONE = np.zeros((3, 0))
