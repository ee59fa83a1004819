"""What another setting would have done: two plans, the same people, the differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dialer_core.model.campaign import Campaign
from dialer_core.pacing.view import Pacer
from dialer_core.simulation.day import DayPlan, People
from dialer_core.simulation.floor import simulate_day
from dialer_core.simulation.intervals import Interval, difference_of, mean_of, ratio_of
from dialer_core.simulation.result import DayResult

MakePacer = Callable[[Campaign], Pacer]
MakePeople = Callable[[DayPlan], People]

# The figures that are compared: name and how a day gives it.
FIGURES: Mapping[str, Callable[[DayResult], float]] = {
    "utilisation": lambda day: day.utilisation,
    "abandoned_rate": lambda day: day.abandoned_rate,
    "people_connected": lambda day: float(day.people_connected),
    "people_abandoned": lambda day: float(day.people_abandoned),
    "seat_wait_mean_s": lambda day: day.seat_wait_mean_s,
    "seat_wait_p95_s": lambda day: day.seat_wait_p95_s,
    "dials": lambda day: float(day.dials),
    "parked": lambda day: float(day.parked),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure: as it is, as it would be, and the paired difference, each with its interval."""

    figure: str
    now: Interval
    then: Interval
    change: Interval

    @property
    def is_clear(self) -> bool:
        """Whether the interval of the difference leaves zero out."""
        return self.change.low > 0.0 or self.change.high < 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """All figures of the two plans over the seeds that were simulated."""

    seeds: tuple[int, ...]
    differences: Mapping[str, Difference]
    now_abandoned: Interval  # over all days together
    then_abandoned: Interval
    now: tuple[DayResult, ...]
    then: tuple[DayResult, ...]


def compare(
    plan: DayPlan,
    changed: DayPlan,
    seeds: Sequence[int],
    *,
    people: MakePeople | None = None,
    pacer: MakePacer | None = None,
    changed_pacer: MakePacer | None = None,
    progress: Callable[[float], bool] | None = None,
) -> Comparison:
    """Simulate both plans once for each seed and compare them pairwise.

    `people` makes who is called from a plan with its seed (the plan's own crowd if None), once for
    each side, so that neither uses the other's people up. `progress` is told the share done after
    each day and returns False to stop: the pairs complete by then are compared. ValueError without
    a seed.
    """
    if not seeds:
        raise ValueError("a comparison needs a seed")
    pairs: list[tuple[int, DayResult, DayResult]] = []
    days = _days(plan, changed, seeds, people, pacer, changed_pacer)
    for done, (seed, now, then) in enumerate(days, start=1):
        if then is not None:
            pairs.append((seed, now, then))
        if progress is not None and not progress(done / (2 * len(seeds))):
            break
    return _comparison(pairs)


def _days(
    plan: DayPlan,
    changed: DayPlan,
    seeds: Sequence[int],
    people: MakePeople | None,
    pacer: MakePacer | None,
    changed_pacer: MakePacer | None,
) -> Iterator[tuple[int, DayResult, DayResult | None]]:
    """After each simulated day: the seed, its day as it is, and as it would be once that is known.

    Kept apart from the comparison so that it can be stopped between two days.
    """

    def day(one: DayPlan, make: MakePacer | None) -> DayResult:
        return simulate_day(one, people=people(one) if people is not None else None, pacer=make)

    for seed in seeds:
        now = day(replace(plan, seed=seed), pacer)
        yield seed, now, None
        yield seed, now, day(replace(changed, seed=seed), changed_pacer)


def _comparison(pairs: Sequence[tuple[int, DayResult, DayResult]]) -> Comparison:
    before = tuple(now for _, now, _ in pairs)
    after = tuple(then for _, _, then in pairs)
    differences = {
        name: _difference(name, [figure(one) for one in before], [figure(one) for one in after])
        for name, figure in FIGURES.items()
    }
    return Comparison(
        seeds=tuple(seed for seed, _, _ in pairs),
        differences=differences,
        now_abandoned=_abandoned(before),
        then_abandoned=_abandoned(after),
        now=before,
        then=after,
    )


def _difference(name: str, now: Sequence[float], then: Sequence[float]) -> Difference:
    return Difference(name, mean_of(now), mean_of(then), difference_of(then, now))


def _abandoned(days: Sequence[DayResult]) -> Interval:
    return ratio_of(
        [float(day.people_abandoned) for day in days], [float(day.people_live) for day in days]
    )
