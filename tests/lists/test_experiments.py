"""Experiments: chance shares people out, and looking as often as one likes is safe."""

from __future__ import annotations

import math
import random
from datetime import time

import pytest

from dialer_core.lists.experiments import (
    LEAST_PEOPLE,
    Arm,
    Decision,
    Kind,
    Variant,
    checked,
    compare,
    difference,
    hours_of,
    variant_of,
)
from dialer_core.model.errors import KnownError

KEY = bytes(range(32))


def test_the_same_person_has_the_same_variant_and_another_key_another() -> None:
    one = [variant_of(KEY, 1, person, (1, 1)) for person in range(200)]
    assert one == [variant_of(KEY, 1, person, (1, 1)) for person in range(200)]
    assert one != [variant_of(KEY, 2, person, (1, 1)) for person in range(200)]
    assert one != [variant_of(bytes(32), 1, person, (1, 1)) for person in range(200)]


@pytest.mark.parametrize("weights", [(1.0, 1.0), (3.0, 1.0), (1.0, 1.0, 2.0), (0.0, 1.0)])
def test_arms_are_as_large_as_their_weights(weights: tuple[float, ...]) -> None:
    people = 20_000
    counts = [0] * len(weights)
    for person in range(people):
        counts[variant_of(KEY, 5, person, weights)] += 1
    for count, weight in zip(counts, weights, strict=True):
        share = weight / sum(weights)
        assert abs(count / people - share) < 4 * math.sqrt(share * (1 - share) / people) + 1e-9


def test_two_experiments_do_not_know_of_each_other() -> None:
    both = [
        (variant_of(KEY, 1, person, (1, 1)), variant_of(KEY, 2, person, (1, 1)))
        for person in range(8000)
    ]
    assert abs(both.count((0, 0)) / 8000 - 0.25) < 0.02


def peeks(rates: tuple[float, ...], people: int, seed: int, every: int = 1) -> Decision:
    """Call people one by one and look after each; the first decision that is one."""
    draw = random.Random(seed)
    counts = [[0, 0] for _ in rates]
    for person in range(people):
        at = draw.randrange(len(rates))
        counts[at][0] += 1
        counts[at][1] += draw.random() < rates[at]
        if person % every == 0 and person >= LEAST_PEOPLE:
            found = compare([Arm(*arm) for arm in counts])
            if found.decision is Decision.WINNER:
                return found.decision
    return Decision.GO_ON


@pytest.mark.parametrize("rate", [0.03, 0.3])
def test_peeking_finds_no_difference_where_there_is_none(rate: float) -> None:
    runs = 300
    wrong = sum(peeks((rate, rate), 2500, seed, every=5) is Decision.WINNER for seed in range(runs))
    # 5 % at most; the bound of a count of 300 with that share.
    assert wrong <= 0.05 * runs


def test_three_variants_are_no_better_a_chance_to_be_wrong() -> None:
    runs = 150
    wrong = sum(
        peeks((0.1, 0.1, 0.1), 2000, seed, every=10) is Decision.WINNER for seed in range(runs)
    )
    assert wrong <= 0.05 * runs


def test_naive_looking_would_have_been_wrong_far_more_often() -> None:
    """The simulation can fail: a plain 95 % interval, looked at all the time, errs often."""
    runs, wrong = 200, 0
    for seed in range(runs):
        draw = random.Random(seed)
        counts = [[0, 0], [0, 0]]
        for person in range(2500):
            arm = counts[draw.randrange(2)]
            arm[0] += 1
            arm[1] += draw.random() < 0.3
            if person > 200 and person % 5 == 0:
                rates = [hit / n for n, hit in counts]
                spread = sum(p * (1 - p) / n for p, (n, _) in zip(rates, counts, strict=True))
                if abs(rates[1] - rates[0]) > 1.96 * math.sqrt(spread):
                    wrong += 1
                    break
    assert wrong / runs > 0.15


def test_a_difference_that_is_there_is_found() -> None:
    found = sum(peeks((0.1, 0.2), 3000, seed, every=10) is Decision.WINNER for seed in range(40))
    assert found >= 36


def test_the_winner_is_named_and_so_is_the_first() -> None:
    better = compare([Arm(1000, 100), Arm(1000, 200)])
    assert (better.decision, better.winner) == (Decision.WINNER, 1)
    assert "20.0%" in better.sentence
    worse = compare([Arm(1000, 200), Arm(1000, 100)])
    assert (worse.decision, worse.winner) == (Decision.WINNER, 0)
    three = compare([Arm(2000, 200), Arm(2000, 500), Arm(2000, 420)])
    assert three.winner == 1


def test_nothing_is_said_too_early_nor_for_ever() -> None:
    assert compare([Arm(40, 0), Arm(40, 40)]).decision is Decision.TOO_EARLY
    assert compare([Arm(0, 0), Arm(0, 0)]).decision is Decision.TOO_EARLY
    assert compare([Arm(500, 50), Arm(500, 52)]).decision is Decision.GO_ON
    over = compare([Arm(500, 50), Arm(500, 52)], planned=1000)
    assert over.decision is Decision.NO_DIFFERENCE


def test_arms_that_chance_would_not_make_are_told() -> None:
    assert compare([Arm(1000, 100), Arm(700, 70)]).decision is Decision.BROKEN
    assert compare([Arm(1000, 100), Arm(500, 50, 0.5)]).decision is not Decision.BROKEN


def test_the_interval_narrows_and_holds_the_estimate() -> None:
    widths = []
    for n in (200, 1000, 5000):
        one = difference(Arm(n, n // 10), Arm(n, n // 5), 0.05)
        assert one.low < one.estimate < one.high
        widths.append(one.high - one.low)
    assert widths == sorted(widths, reverse=True)
    assert difference(Arm(0, 0), Arm(5, 1), 0.05).low == -1.0


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Kind.MODE, ("preview", "quick")),
        (Kind.PREVIEW_S, ("10", "soon")),
        (Kind.CALLER_ID, ("+441614960001", "me")),
        (Kind.HOUR, ("09:00-12:00", "evening")),
        (Kind.HOUR, ("09:00-12:00", "17:00-12:00")),
        (Kind.SCRIPT, ("Hello", " ")),
        (Kind.SCRIPT, ("Hello", "Hello")),
        (Kind.SCRIPT, ("Hello",)),
    ],
)
def test_variants_that_make_no_sense_are_refused(kind: Kind, values: tuple[str, ...]) -> None:
    with pytest.raises(KnownError):
        checked(kind, [Variant(f"v{at}", value) for at, value in enumerate(values)])


def test_hours_are_read() -> None:
    assert hours_of("09:00-12:30") == (time(9), time(12, 30))
    assert hours_of("17:00-24:00")[1] == time.max
