"""How many records the engine asks for, and when."""

from __future__ import annotations

from dialer_core.engine.stock import ASK_AGAIN_S, BITE, GIVE_UP_S, Stock
from tests.engine.rig import record_of


def answer(stock: Stock, count: int, now_s: float, first: int = 0) -> None:
    stock.add([record_of(first + n) for n in range(count)], count, now_s)


def test_a_stock_is_filled_in_bites_to_the_last_one() -> None:
    stock, asked = Stock(), []
    target = 3 * BITE + 4
    while wanted := stock.wanted(target, 0.0):
        assert stock.wanted(target, 0.0) == 0  # never twice at the same time
        asked.append(wanted)
        answer(stock, wanted, 0.0, first=len(stock))
    assert asked == [BITE, BITE, BITE, 4]
    assert len(stock) == target


def test_a_full_stock_waits_until_half_of_it_is_gone() -> None:
    stock = Stock()
    answer(stock, stock.wanted(8, 0.0), 0.0)
    for _ in range(3):
        stock.take(0.0, with_reserved=True)
    assert stock.wanted(8, 0.0) == 0
    stock.take(0.0, with_reserved=True)
    assert stock.wanted(8, 0.0) == 4


def test_a_list_that_has_no_more_is_left_alone_until_half_is_gone_again() -> None:
    stock = Stock()
    target = 2 * BITE
    assert stock.wanted(target, 0.0) == BITE
    answer(stock, BITE, 0.0)
    assert stock.wanted(target, 0.0) == BITE
    answer(stock, 3, 0.0, first=BITE)
    assert stock.wanted(target, ASK_AGAIN_S - 0.1) == 0
    assert stock.wanted(target, ASK_AGAIN_S) == 0  # more than half are here
    for _ in range(BITE):
        stock.take(0.0, with_reserved=True)
    assert stock.wanted(target, ASK_AGAIN_S) == BITE


def test_a_question_that_was_never_answered_is_asked_again() -> None:
    stock = Stock()
    assert stock.wanted(5, 0.0) == 5
    assert stock.wanted(5, GIVE_UP_S - 0.1) == 0
    assert stock.wanted(5, GIVE_UP_S) == 5
