"""The abandoned rate from the five counts, how many drops are left, and how sure a rate is.

Formulas and edge rules are those of the facts sheet on regulation, 1.2. All reckoning is exact
(fractions), since the law's boundaries (33 live calls for one drop at 3 %) are exact numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from dialer_core.model.budget import FIRST_DROPS, OVERDRAWN, SURE
from dialer_core.model.records import DayCounts
from dialer_core.rules.profiles import AbandonFormula

Z_TWO_SIDED_95 = 1.959963984540054
Z_ONE_SIDED_95 = 1.6448536269514722
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class AbandonedRate:
    """A rate with the two numbers that it was made of (fractional where machines are taken off).

    `low`, `high`: Wilson's 95 % interval of the whole calls next to the two numbers; `formula` in
    words that fit beside a figure.
    """

    numerator: float
    denominator: float
    rate: float
    low: float = 0.0
    high: float = 1.0
    formula: str = ""


_OF_LIVE = "(lost + p x detected machines) / live"
_OF_ALL = "(lost + p x detected machines) / (the same + live)"
_TEXT = {
    AbandonFormula.OFCOM_AMD: _OF_ALL,
    AbandonFormula.OFCOM_NO_AMD: "A / (A + live), A = lost x live / (live + machines)",
    AbandonFormula.US_LIVE_ANSWERED: _OF_ALL,
    AbandonFormula.IT_PER_SUCCESSFUL: _OF_LIVE,
    AbandonFormula.STRICT_WORST: _OF_LIVE,
}


def false_positives(counts: DayCounts) -> float:
    """F: how many of the detected machines were people, by the measured share."""
    return float(_false_positives(counts))


def abandoned_rate(
    counts: DayCounts, formula: AbandonFormula, *, detection_ran: bool | None = None
) -> AbandonedRate:
    """The rate of one window and scope; with nothing answered it is 0, or 1 if something was lost.

    `detection_ran` decides OFCOM_AUTO; None: it ran if it has found a machine. ValueError for
    counts below zero or a share outside 0 to 1.
    """
    _check(counts)
    resolved = _resolved(formula, counts, detection_ran)
    lost, of_all = _parts(counts, resolved)
    rate = lost / of_all if of_all else Fraction(1 if lost else 0)
    low, high = wilson(round(lost), max(round(lost), round(of_all)))
    return AbandonedRate(float(lost), float(of_all), float(rate), low, high, _TEXT[resolved])


def worst(rates: Iterable[AbandonedRate]) -> AbandonedRate:
    """The highest of the rates over windows and scopes; all must pass. Zero where none is given."""
    return max(rates, key=lambda one: one.rate, default=AbandonedRate(0.0, 0.0, 0.0))


def drops_left(
    counts: DayCounts,
    formula: AbandonFormula,
    cap: float,
    *,
    detection_ran: bool | None = None,
    ahead: float = 0.0,
) -> int:
    """The most further abandoned calls after which the rate is still within `cap`; never below 0.

    It is floor(cap * L / (1 - cap)) less what is lost already: 1 at 33 live calls and 3 %. Nothing
    may be lost before a live call, with counts that make no sense, or with a cap outside 0 to 1.
    `ahead`: live answers likely to come, whose drops may be used before they are earned, as
    `model.budget.may_be_lost` has it: not before the first is earned, and of those that come only
    the share that is sure.
    """
    if not 0 < cap < 1 or counts.live <= 0:
        return 0
    try:
        _check(counts)
    except ValueError:
        return 0
    share = _exact(cap)
    live, lost = Fraction(counts.live), Fraction(counts.abandoned)
    extra = _false_positives(counts)
    match _resolved(formula, counts, detection_ran):
        case AbandonFormula.OFCOM_NO_AMD:
            affordable = share * (live + counts.machines) / (1 - share)
        case AbandonFormula.IT_PER_SUCCESSFUL | AbandonFormula.STRICT_WORST:
            affordable = share * live - extra
        case _:
            affordable = share * live / (1 - share) - extra
    if affordable >= 1 and 0.0 < ahead < math.inf:
        most = _exact(OVERDRAWN) * affordable + _exact(FIRST_DROPS)
        affordable += min(_borrowed(counts, formula, share, ahead, detection_ran), most)
    return max(0, math.floor(affordable - lost))


def _borrowed(
    counts: DayCounts,
    formula: AbandonFormula,
    share: Fraction,
    ahead: float,
    detection_ran: bool | None,
) -> Fraction:
    """The drops that `ahead` live answers bring; machines among the lost as there were so far."""
    drops = share * _exact(SURE) * Fraction(ahead)
    if _resolved(formula, counts, detection_ran) is AbandonFormula.OFCOM_NO_AMD:
        drops *= 1 + Fraction(counts.machines, counts.live)
    return drops


def wilson(hits: int, trials: int, z: float = Z_TWO_SIDED_95) -> tuple[float, float]:
    """Wilson's interval of a share (E. B. Wilson 1927); (0, 1) with no trial.

    ValueError where `hits` do not lie between 0 and `trials`.
    """
    if not 0 <= hits <= trials:
        raise ValueError(f"{hits} of {trials} is no share")
    if trials == 0:
        return (0.0, 1.0)
    share = hits / trials
    square = z * z
    middle = share + square / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    scale = 1 + square / trials
    low = 0.0 if hits == 0 else (middle - spread) / scale
    high = 1.0 if hits == trials else (middle + spread) / scale
    return (max(0.0, low), min(1.0, high))


def false_positive_share(people: int, reviewed: int, fallback: float, min_sample: int) -> float:
    """p: the upper bound (one-sided 95 %) of detected machines that were people.

    `people` of `reviewed` recordings, heard by someone; the profile's `fallback` until
    `min_sample` were reviewed, unless what was heard is worse.
    """
    if reviewed <= 0:
        return fallback
    upper = wilson(people, reviewed, Z_ONE_SIDED_95)[1]
    return upper if reviewed >= min_sample else max(fallback, people / reviewed)


def _exact(number: float) -> Fraction:
    return Fraction(repr(float(number)))


def _false_positives(counts: DayCounts) -> Fraction:
    return _exact(counts.detection_false_share) * counts.detected_machines


def _resolved(
    formula: AbandonFormula, counts: DayCounts, detection_ran: bool | None
) -> AbandonFormula:
    if formula is not AbandonFormula.OFCOM_AUTO:
        return formula
    ran = counts.detected_machines > 0 if detection_ran is None else detection_ran
    return AbandonFormula.OFCOM_AMD if ran else AbandonFormula.OFCOM_NO_AMD


def _parts(counts: DayCounts, formula: AbandonFormula) -> tuple[Fraction, Fraction]:
    """Numerator and denominator under a formula that is not AUTO."""
    live, lost = Fraction(counts.live), Fraction(counts.abandoned)
    if formula is AbandonFormula.OFCOM_NO_AMD:
        met = counts.live + counts.machines
        machines = lost * Fraction(counts.machines, met) if met else _ZERO
        return lost - machines, lost - machines + live
    lost += _false_positives(counts)
    if formula in (AbandonFormula.IT_PER_SUCCESSFUL, AbandonFormula.STRICT_WORST):
        return lost, live
    return lost, lost + live


def _check(counts: DayCounts) -> None:
    numbers = (counts.live, counts.machines, counts.abandoned, counts.detected_machines)
    if min(numbers) < 0 or not 0 <= counts.detection_false_share <= 1:
        raise ValueError(f"counts that cannot be: {counts}")
