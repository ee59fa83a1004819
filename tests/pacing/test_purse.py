"""The budget as the pacer spends it: what may be lost now, its price, and its slow correction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.model.budget import coming, may_be_lost
from dialer_core.model.records import DayCounts
from dialer_core.pacing import AnswerEnd, Budget, HandleEnd
from dialer_core.pacing.purse import FURTHEST, NO_PURSE, Ledger, Price, Purse
from dialer_core.pacing.rings import RingModel
from dialer_core.rules.abandonment import abandoned_rate, drops_left
from dialer_core.rules.profiles import AbandonFormula
from tests.pacing.views import INF, NAN, NOW, PLENTY, floor


def rings(machine_share: float = 0.0) -> RingModel:
    model = RingModel()
    machines = int(100 * machine_share)
    handles = [HandleEnd(float(i), 60.0, 10.0, i % 100 < machines, 8.0) for i in range(500)]
    model.read([], handles, 2.0)
    return model


def people(many: int, gap_s: float = 30.0, lost: int = 0) -> list[AnswerEnd]:
    """So many met one after the other until now, and so many lost among them."""
    total = many + lost
    began = NOW - gap_s * total
    step = max(1, total // lost) if lost else total + 1
    ends = [AnswerEnd(began + gap_s * i, False, 8.0) for i in range(total)]
    for place in range(lost):
        ends[place * step] = ends[place * step]._replace(was_abandoned=True)
    return ends


def handled(many: int, machines: int = 0) -> list[HandleEnd]:
    return [HandleEnd(float(i), 60.0, 10.0, i < machines, 8.0) for i in range(many)]


def purse_of(
    answers: list[AnswerEnd], handles: list[HandleEnd], target: float = 0.03, **changes: object
) -> Purse:
    ledger = Ledger(target)
    ledger.read(answers, handles, rings())
    return ledger.purse(floor(**{"budget": None, **changes}))


# --- what the day affords -----------------------------------------------------------------------


@given(
    st.floats(0, 1e4), st.floats(0, 1e3), st.floats(0.0, 0.2), st.floats(0, 1e4), st.floats(0, 100)
)
def test_more_earned_allows_more_and_more_lost_less(
    earned: float, lost: float, share: float, ahead: float, more: float
) -> None:
    left = may_be_lost(earned, lost, share, ahead)
    assert left >= 0
    assert may_be_lost(earned + more, lost, share, ahead) >= left
    assert may_be_lost(earned, lost + more, share, ahead) <= left
    assert may_be_lost(earned, lost, share, ahead + more) >= left


def test_nothing_may_be_lost_before_the_first_drop_is_earned() -> None:
    assert may_be_lost(0.99, 0.0, 0.03, 1e6) == 0
    assert may_be_lost(33 * 0.03 / 0.97, 0.0, 0.03, 0.0) == 1
    assert may_be_lost(32 * 0.03 / 0.97, 0.0, 0.03, 1e6) == 0


@pytest.mark.parametrize(
    ("rate", "left_s"),
    [(NAN, 100.0), (INF, 100.0), (-1.0, 100.0), (0.0, 100.0), (0.1, NAN), (0.1, -5.0), (0.1, 0.0)],
)
def test_nobody_comes_where_a_number_makes_no_sense(rate: float, left_s: float) -> None:
    assert coming(rate, left_s) == 0.0


@given(st.floats(1e-6, 10.0), st.floats(1.0, 1e6))
def test_no_more_come_than_the_day_still_holds(rate: float, left_s: float) -> None:
    assert 0.0 < coming(rate, left_s) <= rate * left_s
    assert coming(rate, left_s) <= coming(rate, 2 * left_s)
    assert coming(rate, INF) < INF


# --- without a budget ---------------------------------------------------------------------------


def test_the_first_thirty_three_people_afford_nothing() -> None:
    assert purse_of(people(32), handled(32)).left == 0
    assert purse_of(people(33), handled(33)).left >= 1
    assert purse_of([], []).left == 0
    # of 33 that a seat has met half were machines
    assert purse_of(people(33), handled(33, machines=16)).left == 0


def test_what_was_lost_is_gone() -> None:
    left = [purse_of(people(400, lost=lost), handled(400)).left for lost in (0, 4, 8, 12, 40)]
    assert left == sorted(left, reverse=True)
    assert left[0] > left[2] > left[-1] == 0
    share = [purse_of(people(400, lost=lost), handled(400)).share for lost in (0, 8, 16, 40)]
    assert share == sorted(share, reverse=True)
    assert share[-1] == 0.0


def test_a_lost_machine_weighs_less_than_a_lost_person() -> None:
    of_people, of_machines = Ledger(0.03), Ledger(0.03)
    of_people.read(people(400, lost=9), handled(400), rings())
    of_machines.read(people(400, lost=9), handled(400), rings(machine_share=0.9))
    view = floor(budget=None)
    assert of_people.purse(view).lost > 2 * of_machines.purse(view).lost


def test_nothing_is_borrowed_from_an_hour_that_does_not_come() -> None:
    answers, handles = people(100, lost=2), handled(100)
    long_day = purse_of(answers, handles)
    last_minute = purse_of(answers, handles, day_end=NOW + 60.0)
    assert last_minute.left < long_day.left
    earned = 0.03 * 100 / 0.97
    assert last_minute.left <= earned - 2 + 1


def test_entries_that_make_no_sense_are_counted_and_a_new_log_is_begun() -> None:
    ledger = Ledger(0.03)
    bad = [AnswerEnd(NAN, True, 1.0), AnswerEnd(1.0, True, -1.0), None]
    ledger.read([*people(50), *bad], handled(50), rings())  # type: ignore[list-item]
    assert ledger.nonsense == 3
    assert ledger.purse(floor(budget=None)).lost == 0.0
    ledger.read(people(40, lost=1), handled(40), rings())
    assert ledger.nonsense == 0
    assert ledger.purse(floor(budget=None)).live == pytest.approx(40)


# --- with a budget ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "formula",
    [
        AbandonFormula.OFCOM_AMD,
        AbandonFormula.OFCOM_NO_AMD,
        AbandonFormula.US_LIVE_ANSWERED,
        AbandonFormula.IT_PER_SUCCESSFUL,
        AbandonFormula.STRICT_WORST,
    ],
)
@pytest.mark.parametrize("lost", [0, 5, 11, 12, 30])
def test_what_any_formula_leaves_is_what_may_be_lost(formula: AbandonFormula, lost: int) -> None:
    counts = DayCounts(400, 60, lost, 20, 0.1)
    left = drops_left(counts, formula, 0.03)
    budget = Budget(0.03, 0.03, 400.0, abandoned_rate(counts, formula).numerator, float(left))
    purse = purse_of(people(400, lost=lost), handled(400), budget=budget)
    assert purse.left == left
    assert purse.live == 400.0


@pytest.mark.parametrize("name", ["cap", "target", "live", "abandoned", "drops_left"])
@pytest.mark.parametrize("value", [NAN, INF, -INF, -1.0])
def test_a_budget_that_makes_no_sense_affords_nothing(name: str, value: float) -> None:
    given_one = {"live_expected": 200.0, "live": 400.0, "abandoned": 2.0, "drops_left": 10.0}
    budget = Budget(**{**given_one, name: value})
    purse = purse_of(people(400), handled(400), budget=budget)
    assert purse.left == 0
    if (name, value) != ("drops_left", -1.0):  # that is overspent, not nonsense
        assert purse is NO_PURSE


def test_the_strictest_of_the_targets_holds() -> None:
    answers, handles = people(400), handled(400)
    wide = purse_of(answers, handles, budget=PLENTY)
    for budget, target in (
        (Budget(0.03, 0.01, 400.0, 2.0, 10.0, 200.0), 0.03),
        (Budget(0.01, 0.03, 400.0, 2.0, 10.0, 200.0), 0.03),
        (PLENTY, 0.01),
    ):
        assert purse_of(answers, handles, target, budget=budget).share < wide.share


# --- correction and price -----------------------------------------------------------------------


def test_the_ledger_corrects_slowly_towards_what_is_really_lost() -> None:
    careful, bold = Ledger(0.03), Ledger(0.03)
    careful.read([AnswerEnd(float(i), i % 10 == 0, 1.0) for i in range(300)], [], rings())
    bold.read([AnswerEnd(float(i), False, 1.0) for i in range(300)], [], rings())
    assert careful.correction < 1.0 < bold.correction
    one = Ledger(0.03)
    one.read([AnswerEnd(1.0, True, 1.0)], [], rings())
    assert 0.95 < one.correction < 1.0
    for worst in (True, False):
        ledger = Ledger(0.03)
        ledger.read([AnswerEnd(float(i), worst, 1.0) for i in range(20_000)], [], rings())
        assert abs(ledger.correction - 1.0) > 0.1
        assert 2.718 ** -(FURTHEST + 0.01) < ledger.correction < 2.718 ** (FURTHEST + 0.01)


def test_the_price_falls_while_launches_cost_too_much_and_rises_while_they_are_cheap() -> None:
    cheap, dear, fair = Price(), Price(), Price()
    start = fair.limit(0.03)
    for _ in range(100):
        cheap.launched([0.001, 0.002], 0.03)
        dear.launched([0.1], 0.03)
        fair.launched([0.03 / Price.HIDDEN], 0.03)
        fair.launched([], 0.03)
    assert dear.limit(0.03) < start < cheap.limit(0.03)
    assert fair.limit(0.03) == pytest.approx(start)


@given(st.lists(st.floats(0.0, 1.0), max_size=60), st.floats(1e-6, 0.1))
def test_the_price_stays_within_bounds(costs: list[float], share: float) -> None:
    price = Price()
    start = price.limit(share)
    for _ in range(20):
        price.launched(costs, share)
    assert 0.2 * start < price.limit(share) < 5.0 * start
