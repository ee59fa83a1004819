"""Experiments: chance decides how each person is called, and when the answer may be believed.

Who gets which variant follows from a keyed hash of experiment and person: nobody can choose, and
the same person gets the same one for ever. The results may be looked at as often as one likes:
the interval is a confidence sequence, which holds at all times at once, so that stopping at the
first difference is no cheating.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Final

from dialer_core.model.errors import KnownError
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import minutes

ALPHA: Final = 0.05
LEAST_PEOPLE: Final = 100  # in each arm before a word is said
LEAST_EVENTS: Final = 10  # of success, and of none, over all arms
TIGHT_AT: Final = 2000  # people at which the interval is narrowest; any number is valid
MOST_PEOPLE: Final = 10_000_000  # more than any list holds
MISMATCH_P: Final = 1e-4  # arms of such sizes do not come about by chance


class Kind(StrEnum):
    """What differs between the variants; saved by value."""

    MODE = "mode"
    PREVIEW_S = "preview_s"
    SCRIPT = "script"
    CALLER_ID = "caller_id"
    HOUR = "hour"  # when people are called, by their own clock: "09:00-12:00"


class Metric(StrEnum):
    """What counts as a success of a person's first call; saved by value."""

    CONNECTED = "connected"  # spoke with an agent
    SUCCESS = "success"  # the agent's outcome is one


class Decision(StrEnum):
    """What the results say."""

    TOO_EARLY = "too_early"
    GO_ON = "go_on"
    WINNER = "winner"
    NO_DIFFERENCE = "no_difference"  # as many people as were planned, and none is better
    BROKEN = "broken"  # chance would not have made arms of these sizes


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the ways; `weight` is its share among those of all."""

    name: str
    value: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Arm:
    """The people who got a variant: how many first calls are over, how many were a success."""

    people: int
    successes: int
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.successes <= self.people:
            raise ValueError(f"{self.successes} of {self.people} cannot be")

    @property
    def rate(self) -> float:
        """The share of successes; 0 with nobody."""
        return self.successes / self.people if self.people else 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """A variant's rate less the first one's, with an interval that holds at all times."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision in words and figures; `differences` are those of the second variant on."""

    decision: Decision
    winner: int | None  # its place, from 0
    differences: tuple[Difference, ...]
    sentence: str


def variant_of(key: bytes, experiment_id: int, person_id: int, weights: Sequence[float]) -> int:
    """The place of the person's variant, by chance in proportion to the weights.

    `key`: the floor's secret. ValueError where no weight is above 0.
    """
    digest = hmac.digest(key, f"experiment {experiment_id} {person_id}".encode(), hashlib.sha256)
    return variant_by(digest, weights)


def variant_by(lot: bytes, weights: Sequence[float]) -> int:
    """The place of the variant by the person's lot, the keyed hash that `variant_of` makes."""
    whole = sum(weights)
    if not whole > 0 or min(weights) < 0:
        raise ValueError("the weights of the variants must be above 0")
    place = int.from_bytes(lot[:8], "big") / 2**64 * whole
    for at, weight in enumerate(weights):
        place -= weight
        if place < 0:
            return at
    return max(at for at, weight in enumerate(weights) if weight > 0)


def checked(kind: Kind, variants: Sequence[Variant]) -> None:
    """KnownError with one sentence where these variants cannot be tried against each other."""
    if len(variants) < 2:
        raise KnownError("An experiment needs two variants at least; add another.")
    if len({one.name for one in variants}) < len(variants):
        raise KnownError("Two variants have one name; change one of them.")
    if len({one.value for one in variants}) < len(variants):
        raise KnownError("Two variants are the same; change one of them.")
    if min(one.weight for one in variants) <= 0:
        raise KnownError("Each variant needs a share above 0.")
    for one in variants:
        _check_value(kind, one.value)


def hours_of(value: str) -> tuple[time, time]:
    """From and to of a variant of hours ("09:00-12:00"); KnownError where it is none."""
    start, dash, end = value.partition("-")
    try:
        first, last = minutes(start.strip()), minutes(end.strip())
    except ValueError:
        first = last = 0
    if not dash or not 0 <= first < last <= 24 * 60:
        raise KnownError(f"{value!r} is no span of hours; write it as 09:00-12:00.")
    return _time(first), _time(last)


def compare(
    arms: Sequence[Arm],
    *,
    alpha: float = ALPHA,
    planned: int = 0,
    tight_at: int = TIGHT_AT,
    is_sized_by_chance: bool = True,
) -> Verdict:
    """What the arms say by now; the first is the one that the others are held against.

    Wrong by chance at most in `alpha` of all experiments, however often it is asked. `planned`:
    people after whom an experiment without a winner ends; 0: never. `is_sized_by_chance` False:
    the arms are not called at the same times, so that their sizes say nothing.
    """
    if len(arms) < 2 or not 0 < alpha < 1:
        raise ValueError("at least two arms, and an alpha between 0 and 1")
    share = alpha / (len(arms) - 1)  # Bonferroni: each of the others has its own chance to err
    found = tuple(difference(arms[0], arm, share, tight_at) for arm in arms[1:])
    people = sum(arm.people for arm in arms)
    if is_sized_by_chance and _is_mismatched(arms):
        return Verdict(
            Decision.BROKEN, None, found,
            "The arms are not as large as chance would make them; something keeps people of one "
            "variant from being called, so their rates cannot be compared.",
        )  # fmt: skip
    if not _is_enough(arms):
        return Verdict(
            Decision.TOO_EARLY, None, found,
            f"Too early: {LEAST_PEOPLE} first calls of each variant, and {LEAST_EVENTS} successes "
            "over all, are needed before anything can be said.",
        )  # fmt: skip
    winner = _winner(found)
    if winner is not None:
        return Verdict(Decision.WINNER, winner, found, _won(arms, found, winner))
    if planned and people >= planned:
        return Verdict(
            Decision.NO_DIFFERENCE, None, found,
            f"After {people} people no variant is better by more than chance; keep the one you "
            "like.",
        )  # fmt: skip
    return Verdict(Decision.GO_ON, None, found, "No difference yet that is more than chance.")


def still_needed(
    arms: Sequence[Arm], *, alpha: float = ALPHA, planned: int = 0, tight_at: int = TIGHT_AT
) -> int | None:
    """How many more people it takes if the rates stay as they are; None: more than anybody has.

    Up to a winner or, where that comes first, up to the `planned` number of people.
    """
    people = sum(arm.people for arm in arms)
    by_plan = max(0, planned - people) if planned else None
    if not people or min(arm.people for arm in arms) == 0:
        return by_plan
    low, high = 1.0, 1.0
    while not _would_decide(arms, high, alpha, tight_at):
        low, high = high, high * 2.0
        if high * people > MOST_PEOPLE or (planned and high * people > 2.0 * planned):
            return by_plan
    while (high - low) * people > max(1.0, 0.01 * people):
        middle = (low + high) / 2.0
        if _would_decide(arms, middle, alpha, tight_at):
            high = middle
        else:
            low = middle
    more = math.ceil((high - 1.0) * people)
    return more if by_plan is None else min(more, by_plan)


def _would_decide(arms: Sequence[Arm], times: float, alpha: float, tight_at: int) -> bool:
    """Whether arms so many times as large, with the same rates, would name a winner."""
    grown = [
        Arm(round(arm.people * times), round(arm.successes * times), arm.weight) for arm in arms
    ]
    if not _is_enough(grown):
        return False
    share = alpha / (len(arms) - 1)
    return _winner([difference(grown[0], arm, share, tight_at) for arm in grown[1:]]) is not None


def difference(first: Arm, other: Arm, alpha: float, tight_at: int = TIGHT_AT) -> Difference:
    """The other's rate less the first's, with its confidence sequence at level 1 - alpha.

    The asymptotic confidence sequence of I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy and
    A. Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences", Annals of
    Statistics 52 (2024), theorem 2.2: after t people

        estimate +- s * sqrt(2 (t r^2 + 1) / (t^2 r^2) * log(sqrt(t r^2 + 1) / alpha)),

    with s^2 / t the variance of the difference of two means, and r chosen so that it is narrowest
    about `tight_at`: r^2 = (-2 log alpha + log(-2 log alpha) + 1) / tight_at. Variances are those
    of rates with one success and one failure added, so that no arm claims to be certain.
    """
    if not first.people or not other.people:
        return Difference(0.0, -1.0, 1.0)
    t = first.people + other.people
    variance = t * (_variance(first) / first.people + _variance(other) / other.people)
    twice = -2.0 * math.log(alpha)
    rho2 = (twice + math.log(twice) + 1.0) / tight_at
    grown = t * rho2 + 1.0
    half = math.sqrt(variance * 2.0 * grown / (t * t * rho2) * math.log(math.sqrt(grown) / alpha))
    estimate = other.rate - first.rate
    return Difference(estimate, max(-1.0, estimate - half), min(1.0, estimate + half))


def _variance(arm: Arm) -> float:
    share = (arm.successes + 1) / (arm.people + 2)
    return share * (1 - share)


def _is_enough(arms: Sequence[Arm]) -> bool:
    successes = sum(arm.successes for arm in arms)
    failures = sum(arm.people for arm in arms) - successes
    return (
        min(arm.people for arm in arms) >= LEAST_PEOPLE
        and successes >= LEAST_EVENTS
        and failures >= LEAST_EVENTS
    )


def _is_mismatched(arms: Sequence[Arm]) -> bool:
    """Pearson's chi-square of the arms' sizes, its tail by Wilson and Hilferty (1931)."""
    people, weights = sum(arm.people for arm in arms), sum(arm.weight for arm in arms)
    if people < LEAST_PEOPLE * len(arms) or not weights > 0:
        return False
    chi2 = 0.0
    for arm in arms:
        expected = people * arm.weight / weights
        chi2 += (arm.people - expected) ** 2 / expected
    freedom = len(arms) - 1
    spread = 2.0 / (9.0 * freedom)
    z = ((chi2 / freedom) ** (1 / 3) - (1.0 - spread)) / math.sqrt(spread)
    return 0.5 * math.erfc(z / math.sqrt(2.0)) < MISMATCH_P


def _winner(found: Sequence[Difference]) -> int | None:
    better = [at for at, one in enumerate(found, start=1) if one.low > 0]
    if better:
        return max(better, key=lambda at: found[at - 1].estimate)
    return 0 if all(one.high < 0 for one in found) else None


def _won(arms: Sequence[Arm], found: Sequence[Difference], winner: int) -> str:
    if winner == 0:
        return "The first variant is better than each of the others by more than chance."
    one = found[winner - 1]
    return (
        f"Variant {winner + 1} is better than the first: {arms[winner].rate:.1%} against "
        f"{arms[0].rate:.1%}, a difference of {one.low:.1%} to {one.high:.1%}."
    )


def _check_value(kind: Kind, value: str) -> None:
    if kind is Kind.HOUR:
        hours_of(value)
    elif kind is Kind.MODE and value not in {one.value for one in Mode}:
        raise KnownError(f"{value!r} is no mode; choose one of {', '.join(Mode)}.")
    elif kind is Kind.PREVIEW_S and not _is_seconds(value):
        raise KnownError(f"{value!r} is no time for a preview; give seconds from 0 to 300.")
    elif kind is Kind.CALLER_ID and not _is_number(value):
        raise KnownError("A caller's number is digits with its country code.")
    elif not value.strip():
        raise KnownError("A variant is empty; write what it is.")


def _is_seconds(value: str) -> bool:
    try:
        return 0.0 <= float(value) <= 300.0
    except ValueError:
        return False


def _is_number(value: str) -> bool:
    digits = value.removeprefix("+")
    return digits.isascii() and digits.isdigit() and 3 <= len(digits) <= 15


def _time(minute: int) -> time:
    return time.max if minute == 24 * 60 else time(*divmod(minute, 60))
