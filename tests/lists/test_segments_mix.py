"""The mix of lists, their orders, and what follows an outcome: all of it pure."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.lists import recycling
from dialer_core.lists.call_backs import Whose, agree, whose
from dialer_core.lists.mix import MOST_OWED, Kind, Mix, Place, Source
from dialer_core.lists.order import ListOrder, Lot, Turn, in_order
from dialer_core.lists.recycling import NextNumber, Number, Recycle, Recycling
from dialer_core.model.errors import KnownError
from dialer_core.model.states import Outcome
from dialer_core.rules.profiles import profile

ENDLESS = 1_000_000


def serve(mix: Mix, stock: dict[Place, int], count: int) -> Counter[Place]:
    """Take so many people one by one."""
    served: Counter[Place] = Counter()
    left = dict(stock)
    for _ in range(count):
        available = [place for place, number in left.items() if number > 0]
        planned = mix.plan(left, 1)
        if not planned:
            break
        mix.took(planned[0], available)
        left[planned[0]] -= 1
        served[planned[0]] += 1
    return served


# --- the mix ----------------------------------------------------------------------------------


@given(
    weights=st.lists(st.floats(0.1, 20.0), min_size=1, max_size=5),
    share=st.none() | st.floats(0.0, 1.0),
    count=st.integers(50, 400),
)
def test_weights_and_ratio_hold_to_within_a_few_people(
    weights: list[float], share: float | None, count: int
) -> None:
    mix = Mix([Source(key, weight) for key, weight in enumerate(weights)], share)
    stock = {(key, kind): ENDLESS for key in range(len(weights)) for kind in Kind}
    served = serve(mix, stock, count)
    for key, weight in enumerate(weights):
        own = sum(number for (of, _), number in served.items() if of == key)
        assert abs(own - count * weight / sum(weights)) <= MOST_OWED
    retries = sum(number for (_, kind), number in served.items() if kind is Kind.RETRY)
    assert abs(retries - count * (1.0 if share is None else share)) <= 1.0


def test_a_source_without_retries_still_gets_its_weight() -> None:
    mix = Mix([Source(1, 3.0), Source(2, 1.0)], 0.3)
    stock = {(1, Kind.FRESH): ENDLESS, (1, Kind.RETRY): ENDLESS, (2, Kind.FRESH): ENDLESS}
    assert serve(mix, stock, 1000) == {
        (1, Kind.FRESH): 450,
        (1, Kind.RETRY): 300,
        (2, Kind.FRESH): 250,
    }


def test_lower_priorities_wait_and_what_is_empty_leaves_its_share_to_others() -> None:
    mix = Mix([Source(1, 1.0, priority=2), Source(2, 5.0), Source(3, 0.0)])
    stock = {(1, Kind.FRESH): 3, (2, Kind.FRESH): 4, (3, Kind.FRESH): 2}
    planned = mix.plan(stock, 99)
    assert [key for key, _ in planned] == [1, 1, 1, 2, 2, 2, 2, 3, 3]
    assert mix.plan(stock, 99) == planned, "a plan changes nothing"


def test_what_a_source_could_not_give_is_not_made_up_for() -> None:
    mix = Mix([Source(1), Source(2)])
    serve(mix, {(1, Kind.FRESH): 500}, 500)
    served = serve(mix, {(1, Kind.FRESH): ENDLESS, (2, Kind.FRESH): ENDLESS}, 100)
    assert abs(served[2, Kind.FRESH] - 50) <= MOST_OWED


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_beyond_all_or_nothing_is_a_mistake(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Mix([Source(1)], share)


# --- orders -----------------------------------------------------------------------------------


@given(st.integers(1, 10**6), st.integers(0, 700), st.integers(0, 10**6))
def test_a_lot_gives_everybody_one_place(first: int, more: int, seed: int) -> None:
    lot = Lot(first, first + more, seed)
    drawn = lot.some(0, more + 1)
    assert sorted(drawn) == list(range(first, first + more + 1))
    assert lot.some(0, 3) + lot.some(3, more + 9) == drawn
    assert Lot(first, first + more, seed).some(0, more + 1) == drawn


def test_another_seed_is_another_lot() -> None:
    assert len({tuple(Lot(1, 1000, seed).some(0, 20)) for seed in range(50)}) == 50
    places = [Lot(1, 1000, seed).some(0, 1)[0] for seed in range(2000)]
    assert abs(sum(places) / len(places) - 500) < 30, "nobody's place is favoured"


def test_the_orders() -> None:
    at = datetime(2026, 3, 3, 10, tzinfo=UTC)
    turns = [
        Turn(1, 0, None, at, 0.4),
        Turn(2, 5, at, at - timedelta(days=1), 0.9),
        Turn(3, 5, at - timedelta(hours=1), None, 0.9),
        Turn(4, 0, at, at - timedelta(days=2), 1.0),
    ]

    def ids(order: ListOrder, seed: int = 0) -> list[int]:
        return [turn.contact_id for turn in in_order(turns, order, seed)]

    assert ids(ListOrder.PRIORITY) == [3, 2, 1, 4]
    assert ids(ListOrder.LAST_CALLED) == [3, 4, 2, 1]
    assert ids(ListOrder.NEWEST) == [4, 3, 2, 1]
    assert ids(ListOrder.BEST_HOUR) == [4, 3, 2, 1]
    assert ids(ListOrder.RANDOM, 1) == ids(ListOrder.RANDOM, 1)
    assert len({tuple(ids(ListOrder.RANDOM, seed)) for seed in range(40)}) > 10


# --- recycling --------------------------------------------------------------------------------

THREE = [Number(1, True), Number(2, True), Number(3, True)]


def test_the_next_number_goes_round_and_passes_those_that_are_gone() -> None:
    assert [recycling.next_rank(NextNumber.NEXT, rank, THREE) for rank in (1, 2, 3)] == [2, 3, 1]
    gone = [Number(1, True), Number(2, False), Number(3, True)]
    assert recycling.next_rank(NextNumber.NEXT, 1, gone) == 3
    assert recycling.next_rank(NextNumber.SAME, 2, gone) is None
    assert recycling.next_rank(NextNumber.FIRST, 3, gone) is None


def test_what_follows_an_outcome_is_the_campaigns_or_the_usual() -> None:
    own = Recycling({Outcome.BUSY: Recycle(300.0, 2, NextNumber.NEXT)})
    first = own.after(Outcome.BUSY, 1, 1, THREE)
    assert (first.wait_s, first.rank, first.is_other_number) == (300.0, 2, True)
    assert own.after(Outcome.BUSY, 2, 1, THREE).wait_s is None, "tried enough"
    usual = own.after(Outcome.NO_ANSWER, 1, 3, THREE)
    assert (usual.wait_s, usual.rank) == (7200.0, 1)
    assert own.after(Outcome.LINE_LOST, 500, 1, THREE).wait_s == 600.0, "not the person's doing"


def test_a_refusal_is_the_persons_whichever_number_is_next() -> None:
    own = Recycling({Outcome.REFUSED_NOT_INTERESTED: Recycle(300.0, 9, NextNumber.NEXT)})
    assert not own.after(Outcome.REFUSED_NOT_INTERESTED, 1, 1, THREE).is_other_number


def test_recycling_is_stored_and_read() -> None:
    own = Recycling({Outcome.BUSY: Recycle(300.0, None, NextNumber.FIRST)})
    assert recycling.read(recycling.to_store(own)).own == own.own
    assert recycling.read({}).of(Outcome.NO_ANSWER) == recycling.USUAL[Outcome.NO_ANSWER]


@pytest.mark.parametrize(
    ("outcome", "rule", "sentence"),
    [
        (Outcome.BUSY, Recycle(5.0), "between a minute and a year"),
        (Outcome.BUSY, Recycle(600.0, 100), "between 0 and 99"),
        (Outcome.DNC_REQUEST, Recycle(), "nobody is called again"),
    ],
)
def test_recycling_that_makes_no_sense_is_refused(
    outcome: Outcome, rule: Recycle, sentence: str
) -> None:
    with pytest.raises(KnownError, match=sentence):
        recycling.to_store(Recycling({outcome: rule}))


def test_stored_recycling_that_is_broken_is_told_by_name() -> None:
    with pytest.raises(KnownError, match="no outcome 'LATER'"):
        recycling.read({"LATER": {}})
    with pytest.raises(KnownError, match="after BUSY cannot be read"):
        recycling.read({"BUSY": {"wait_s": "soon"}})


# --- promised calls ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("is_in", "is_paused", "overdue_s", "who"),
    [
        (True, False, 0.0, Whose.OWNER),
        (True, False, 1799.0, Whose.OWNER),
        (True, False, 1800.0, Whose.ANYONE),
        (True, True, 599.0, Whose.NOBODY_YET),
        (True, True, 600.0, Whose.ANYONE),
        (False, False, 0.0, Whose.NOBODY_YET),
        (False, False, 600.0, Whose.ANYONE),
    ],
)
def test_whose_call_it_is(is_in: bool, is_paused: bool, overdue_s: float, who: Whose) -> None:
    found = whose(7, is_in=is_in, is_paused=is_paused, overdue_s=overdue_s, hand_over_s=600.0)
    assert found is who
    free = whose(None, is_in=is_in, is_paused=is_paused, overdue_s=overdue_s, hand_over_s=600.0)
    assert free is Whose.ANYONE


NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)  # a Tuesday


def test_tomorrow_at_ten_is_by_the_persons_clock() -> None:
    american = profile("US")
    found = agree(american, ["America/Los_Angeles"], "US", date(2026, 3, 4), time(10), NOW)
    assert found.at == datetime(2026, 3, 4, 18, tzinfo=UTC)
    assert (found.zone.key, found.sentence) == ("America/Los_Angeles", "")
    either = agree(
        american, ["America/New_York", "America/Chicago"], "US", date(2026, 3, 4), time(10), NOW
    )
    assert either.at == datetime(2026, 3, 4, 16, tzinfo=UTC), "rather late than at night"


def test_a_promise_outside_the_law_is_moved_and_said() -> None:
    polish = profile("PL")  # no consent waives its hours
    found = agree(polish, ["Europe/Warsaw"], "PL", date(2026, 3, 8), time(12), NOW)
    assert found.at == datetime(2026, 3, 9, 7, tzinfo=UTC)
    assert "Mon 9 Mar 08:00 their time" in found.sentence


def test_a_promise_of_yesterday_or_of_the_year_after_next_is_refused() -> None:
    with pytest.raises(KnownError, match="has passed"):
        agree(profile("GB"), [], "GB", date(2026, 3, 3), time(9), NOW)
    with pytest.raises(KnownError, match="twelve months"):
        agree(profile("GB"), [], "GB", date(2028, 3, 3), time(9), NOW)
