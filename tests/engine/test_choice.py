"""Which record goes next: the list's order, the records' chances and what the pacer prefers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.engine.stock import LONGEST_S, PASSED_OVER_S, REST_S, SWEEP_S, Stock
from dialer_core.model.levers import NO_LEVERS, Levers
from dialer_core.model.records import LeasedRecord
from tests.engine.lever_rig import LeverRig
from tests.engine.rig import CAMPAIGN, of, record_of


def stocked(*chances: float | None) -> Stock:
    stock = Stock()
    records = [replace(record_of(n), answer_chance=chance) for n, chance in enumerate(chances)]
    stock.add(records, len(records), 0.0)
    return stock


def taken(stock: Stock, count: int, prefer: list[int], now_s: float = 1.0) -> list[int]:
    picked = stock.pick(prefer)
    found = [stock.take(now_s, with_reserved=False, prefer=picked) for _ in range(count)]
    return [record.contact_id for record in found if record is not None]


def test_chances_come_in_the_order_of_the_records() -> None:
    stock = stocked(0.2, 0.7, 0.1)
    assert stock.chances(2) == [0.2, 0.7]
    assert stock.chances(9) == [0.2, 0.7, 0.1]
    assert stock.chances(-1) == []
    stock.take(0.0, with_reserved=False)
    assert stock.chances(2) == [0.7, 0.1]


@pytest.mark.parametrize("chance", [None, math.nan, -0.1, 1.5])
def test_where_a_record_has_no_chance_the_campaigns_own_share_stands(chance: float | None) -> None:
    stock = stocked(chance)
    before = stock.chances(1)[0]
    assert before == pytest.approx(0.4)
    for _ in range(50):
        stock.learn(is_answered=True)
    assert stock.chances(1)[0] == stock.answer_share > 0.85
    for _ in range(2000):
        stock.learn(is_answered=False)
    assert stock.chances(1)[0] < 0.01  # what was is forgotten


def test_the_preferred_go_first_and_the_others_in_order() -> None:
    assert taken(stocked(*[None] * 6), 4, [4, 2]) == [4, 2, 0, 1]


@pytest.mark.parametrize("prefer", [[-1, 99, 10**30], [True, 2.0, None, "1"], [3, 3, 3]])
def test_places_that_make_no_sense_are_passed_over(prefer: list[object]) -> None:
    stock = stocked(*[None] * 4)
    places: list[int] = prefer  # type: ignore[assignment]  # what a pacer may say
    assert sorted(taken(stock, 6, places)) == [0, 1, 2, 3]


def test_a_promised_call_back_is_never_passed_over() -> None:
    stock = stocked(None, None, None)
    promised = replace(record_of(50), is_promised=True)
    stock.add([promised], 1, 1.0)
    assert stock.records[0] == promised
    assert taken(stock, 2, [3, 2]) == [50, 2]


def test_a_promised_call_back_that_needs_a_held_seat_holds_up_nobody() -> None:
    stock = stocked(None, None)
    stock.add([replace(record_of(50, reserved_only=True), is_promised=True)], 1, 1.0)
    assert taken(stock, 3, [2]) == [1, 0]
    first = stock.take(1.0, with_reserved=True)
    assert first is not None
    assert first.contact_id == 50


def test_a_preferred_record_that_needs_a_held_seat_waits_for_one() -> None:
    stock = stocked(None)
    stock.add([record_of(50, reserved_only=True)], 1, 0.0)
    assert taken(stock, 2, [1]) == [0]
    picked = stock.pick([0])
    assert stock.take(1.0, with_reserved=True, prefer=picked) == picked[0]


def test_who_was_passed_over_for_long_comes_next() -> None:
    stock = stocked(0.1)
    fresh = [replace(record_of(n), answer_chance=0.9) for n in (11, 12)]
    stock.add(fresh, 2, LONGEST_S - 10.0)
    assert taken(stock, 1, [1], LONGEST_S - 1.0) == [11]
    assert taken(stock, 1, [1], LONGEST_S) == [0]


def long_ago(*chances: float) -> Stock:
    """Two records were passed over for others, long ago, and one promised call-back with them."""
    stock = stocked(*chances)
    stock.add([replace(record_of(50, reserved_only=True), is_promised=True)], 1, 0.0)
    assert taken(stock, 1, [3]) == [2]
    return stock


def ids(records: Sequence[LeasedRecord]) -> list[int]:
    return [record.contact_id for record in records]


def test_who_was_passed_over_for_long_is_given_back() -> None:
    stock = long_ago(0.1, 0.1, 0.9, 0.9)
    assert stock.passed_over(PASSED_OVER_S - SWEEP_S) == ()
    assert ids(stock.passed_over(PASSED_OVER_S)) == [0, 1]
    assert ids(stock.records) == [50, 3]  # the promised one, and one that nobody was preferred to
    assert stock.passed_over(9 * PASSED_OVER_S) == ()


def test_nobody_rests_while_the_list_has_no_others() -> None:
    stock = long_ago(0.1, 0.1, 0.9, 0.9)
    stock.wanted(100, 1.0, refill_at=1.0)
    stock.add([], 0, 1.0)
    assert stock.passed_over(PASSED_OVER_S) == ()
    assert taken(stock, 1, [3], LONGEST_S) == [0]  # and comes next after all


def test_who_waits_in_the_order_of_the_list_was_not_passed_over() -> None:
    stock = stocked(0.1, 0.1, 0.1)
    assert taken(stock, 1, []) == [0]
    assert stock.passed_over(LONGEST_S) == ()


def test_clearing_leaves_nothing_behind() -> None:
    stock = stocked(0.3, 0.4)
    picked = stock.pick([1])
    assert len(stock.clear()) == 2
    assert stock.chances(3) == []
    assert stock.take(0.0, with_reserved=True, prefer=picked) is None


# --- in the engine ----------------------------------------------------------------------------


def dialled(rig: LeverRig) -> list[int]:
    return [one.record.contact_id for one in rig.all_of(c.CommitAttempt)]


def test_the_engine_launches_what_the_pacer_prefers() -> None:
    rig = LeverRig(seats=1)
    rig.told.prefer = [5, 3]
    rig.launch(3)
    assert dialled(rig) == [5, 3, 0]


def test_without_the_lever_the_order_of_the_list_stands() -> None:
    rig = LeverRig(seats=1, levers=Levers(choice=False))
    rig.told.prefer = [2, 3]
    rig.launch(3)
    assert dialled(rig) == [0, 1, 2]


def test_the_pacer_sees_the_chances_only_with_the_lever() -> None:
    rig = LeverRig(seats=1)
    chances = rig.view.answer_chance
    assert chances is not None
    assert list(chances(3)) == pytest.approx([0.4] * 3)
    rig.settings(NO_LEVERS)
    assert rig.view.answer_chance is None


def test_where_the_pacer_may_choose_more_records_are_held() -> None:
    def held(levers: Levers) -> int:
        rig = LeverRig(seats=2, levers=levers)
        return len(rig.dialler.campaign(CAMPAIGN).stock)

    assert (held(Levers()), held(Levers(choice=False))) == (24, 4)


def test_the_choice_is_filled_up_before_it_is_half_empty() -> None:
    rig = LeverRig(seats=1, lines=20)
    for call in rig.launch(6):
        rig.end(call, 486, "network")
    out = rig.wait(1.0)
    asked = [one.count for one in of(c.LeaseRecords, [*rig.log, *out])]
    assert len(rig.dialler.campaign(CAMPAIGN).stock) >= 18
    assert len(asked) >= 2


def test_the_share_of_answers_is_learnt_from_the_ringing() -> None:
    rig = LeverRig(seats=1)
    share = rig.dialler.campaign(CAMPAIGN).stock.answer_share
    (call,) = rig.launch(1)
    rig.end(call, 486, "network")
    lower = rig.dialler.campaign(CAMPAIGN).stock.answer_share
    (call,) = rig.launch(1)
    rig.answer(call)
    assert lower < share
    assert rig.dialler.campaign(CAMPAIGN).stock.answer_share > lower


def test_records_leased_later_stand_behind_but_promised_ones_before() -> None:
    rig = LeverRig(seats=1, people=3)
    late: list[LeasedRecord] = [record_of(70), replace(record_of(71), is_promised=True)]
    rig.send(e.RecordsLeased(CAMPAIGN, late))
    rig.launch(5)
    assert dialled(rig) == [71, 0, 1, 2, 70]


def test_the_engine_returns_whom_it_did_not_choose_for_a_rest() -> None:
    rig = LeverRig(seats=1, lines=20, people=300)
    rig.told.prefer = [20, 21, 22]
    for call in rig.launch(3):
        rig.end(call, 486, "network")
    out = rig.wait(PASSED_OVER_S)
    back = of(c.ReturnRecord, out)
    assert [(one.contact_id, one.rest_s, one.skipped_by) for one in back] == [
        (number, REST_S, None) for number in range(20)
    ]
    assert len(rig.dialler.campaign(CAMPAIGN).stock) >= 18
    rig.told.prefer = []
    rig.launch(1)
    assert dialled(rig)[-1] == 23
    rig.send(e.RecordsLeased(CAMPAIGN, [record_of(3)]))  # its rest is over: it is new again
    assert 3 in ids(rig.dialler.campaign(CAMPAIGN).stock.records)
