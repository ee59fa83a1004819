"""Hours of a small floor made of plain mappings and lists, by the truth of who was met and lost."""

from __future__ import annotations

from functools import lru_cache

import pytest

from dialer_core.model.levers import NO_LEVERS, Levers
from dialer_core.pacing import make_pacer
from dialer_core.rules.profiles import AbandonFormula
from tests.pacing.floor import NO_ANSWER_S, PATIENCE_S, Break, Floor, Result, Setting, utilisation

HOURS = 1.5
NO_BUDGET = Setting(formula=None)
TOLD = Setting(formula=None, tells_ends=True, tells_chances=True)
PARKS = Setting(formula=None, parks=True)
RELIEF = Setting(formula=None, relief=1)
BREAKS = Setting(
    formula=None,
    breaks=tuple(
        Break(s, 900.0 + s * 170.0 + k * 1100.0, 120.0) for s in range(6) for k in range(4)
    ),
)
FORMULAS = (
    AbandonFormula.OFCOM_NO_AMD,
    AbandonFormula.US_LIVE_ANSWERED,
    AbandonFormula.IT_PER_SUCCESSFUL,
    AbandonFormula.STRICT_WORST,
)


@lru_cache(maxsize=32)
def day(
    mode: str = "predictive",
    setting: Setting = NO_BUDGET,
    *,
    seats: int = 6,
    hours: float = HOURS,
    seed: int = 11,
    levers: Levers | None = None,
    target: float = 0.03,
) -> Result:
    pacer = make_pacer(mode, levers=levers, target=target)
    return Floor(pacer, seats=seats, hours=hours, seed=seed, setting=setting).run()


def keeps(result: Result, cap: float = 0.03) -> bool:
    """Within the cap but for luck: nobody knows which of the lost were people."""
    return result.lost_people <= cap * (result.met + result.lost_people) + 2


# --- the budget ---------------------------------------------------------------------------------


def test_progressive_loses_nobody_and_is_the_mark() -> None:
    result = day("progressive")
    assert result.lost_all == result.ahead == result.blind_launches == 0
    assert result.met > 100
    assert set(result.rules) == {"one_to_one"}


@pytest.mark.parametrize("seats", [3, 6])
def test_with_nothing_shown_but_the_floor_it_beats_one_to_one_within_its_budget(
    seats: int,
) -> None:
    ahead, plain = day(seats=seats), day("progressive", seats=seats)
    assert keeps(ahead)
    assert ahead.ahead > 0
    assert utilisation(ahead, seats, HOURS) > utilisation(plain, seats, HOURS) + 0.02
    assert ahead.blind_launches == 0


def test_over_many_days_fewer_than_the_cap_are_lost() -> None:
    days = [day(setting=one) for one in (NO_BUDGET, TOLD, PARKS, RELIEF, BREAKS)]
    days += [day(seed=seed, hours=1.0) for seed in (1, 2, 3)]
    lost = sum(result.lost_people for result in days)
    met = sum(result.met for result in days)
    assert 0.005 < lost / (met + lost) <= 0.03


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_begins_the_day_one_to_one_until_thirty_three_people_were_met(seed: int) -> None:
    result = day(seed=seed, hours=1.0)
    assert result.met > 33
    assert (result.lost_early, result.ahead_early) == (0, 0)
    assert keeps(result)


@pytest.mark.parametrize("formula", FORMULAS)
def test_it_keeps_the_budget_of_any_formula(formula: AbandonFormula) -> None:
    result = day(setting=Setting(formula=formula))
    assert result.ahead > 0
    assert keeps(result)
    if formula is not AbandonFormula.OFCOM_NO_AMD:  # there machines count as answers
        assert (result.lost_early, result.ahead_early) == (0, 0)


@pytest.mark.parametrize("setting", [Setting(cap=0.0), Setting(cap=0.005)])
def test_a_budget_of_next_to_nothing_is_one_to_one(setting: Setting) -> None:
    result = day(setting=setting, hours=0.7)
    assert result.ahead == 0
    assert result.lost_all == 0
    assert "ahead" not in result.rules


def test_a_target_of_nothing_is_one_to_one_all_day() -> None:
    result = day(target=0.0, hours=0.7)
    assert (result.ahead, result.lost_all) == (0, 0)
    assert "no_budget" in result.rules


# --- the floor changes --------------------------------------------------------------------------


def test_seats_that_leave_take_their_calls_with_them() -> None:
    leave = tuple((seat, 4000.0 + 60.0 * seat) for seat in range(6))
    result = day(setting=Setting(formula=None, leave=leave))
    assert result.ahead > 0
    assert result.ahead_with_few == 0
    assert result.blind_launches == 0
    assert result.rules["few_seats"] > 500
    # of what was borrowed from the hours ahead nothing is earned any more
    assert result.lost_people <= 0.03 * (result.met + result.lost_people) + 4


def test_a_single_seat_is_dialled_one_to_one() -> None:
    result = day(seats=1, hours=1.0)
    assert (result.ahead, result.lost_all) == (0, 0)
    assert any("1 seat at work" in reason for reason in result.reasons)


def test_a_floor_with_few_lines_never_uses_more() -> None:
    result = day(setting=Setting(max_lines=6), seats=5, hours=1.0, seed=3)
    assert result.most_lines <= 6
    assert result.launches > 50


def test_the_same_day_twice_is_the_same_day() -> None:
    every = Setting(tells_ends=True, tells_chances=True, parks=True, relief=1)

    def reasons(seed: int) -> list[str]:
        pacer = make_pacer("predictive", seed=seed)
        return Floor(pacer, seats=4, hours=0.7, seed=5, setting=every).run().reasons

    assert reasons(1) == reasons(2)


# --- levers -------------------------------------------------------------------------------------


def test_the_likeliest_records_are_chosen() -> None:
    chosen = day(setting=Setting(formula=None, tells_chances=True), hours=1.0)
    in_turn = day(
        setting=Setting(formula=None, tells_chances=True), hours=1.0, levers=Levers(choice=False)
    )
    assert chosen.chance_sum / chosen.launches > in_turn.chance_sum / in_turn.launches - 0.005
    assert keeps(chosen)
    assert keeps(in_turn)


def test_forecasts_and_chances_are_worth_something() -> None:
    told = day(setting=TOLD)
    untold = day(levers=NO_LEVERS)
    assert keeps(told)
    assert utilisation(told, 6, HOURS) > utilisation(untold, 6, HOURS) - 0.04  # one short day
    assert told.met > day("progressive").met


def test_wrap_ups_are_parked_where_the_floor_does_it() -> None:
    parks = day(setting=PARKS)
    off = day(setting=PARKS, hours=0.5, levers=Levers(parked_wrap_up=False))
    assert parks.parked > 0
    assert off.parked == 0
    assert keeps(parks)
    assert utilisation(parks, 6, HOURS) > utilisation(day("progressive"), 6, HOURS) + 0.02
    assert keeps(day())  # nothing comes of any offer here


def test_a_relief_seat_is_called_in_need_only() -> None:
    result = day(setting=RELIEF)
    assert 0 < result.relieved < 0.2 * result.met
    assert keeps(result)


def test_held_breaks_lose_fewer_and_wait_one_ring_time_at_most() -> None:
    seeds = range(1, 5)
    held = [day(setting=BREAKS, seed=seed) for seed in seeds]
    left = [day(setting=BREAKS, levers=NO_LEVERS, seed=seed) for seed in seeds]
    assert all(0.0 < one.longest_hold_s <= NO_ANSWER_S + PATIENCE_S for one in held)
    assert all(one.longest_hold_s == 0.0 for one in left)
    assert _lost_of_ahead(held) <= _lost_of_ahead(left)
    assert all(keeps(one) for one in held)


def _lost_of_ahead(days: list[Result]) -> float:
    return sum(one.lost_all for one in days) / sum(one.ahead for one in days)


@pytest.mark.parametrize("mode", ["preview", "progressive"])
def test_modes_without_a_budget_use_no_lever(mode: str) -> None:
    every = Setting(tells_ends=True, tells_chances=True, parks=True, relief=1)
    result = day(mode, every, hours=0.5)
    assert (result.ahead, result.parked) == (0, 0)


def test_reasons_are_sentences_with_figures_and_rules_are_few() -> None:
    result = day()
    assert len(result.reasons) > 50
    for reason in result.reasons:
        assert reason.endswith(".")
        assert any(letter.isdigit() for letter in reason)
        assert "1 seats" not in reason.replace("11 seats", "")
        assert "1 calls" not in reason.replace("11 calls", "").replace("21 calls", "")
        assert "nan" not in reason
    assert set(result.rules) <= {"few_seats", "learning", "spent", "ahead", "closed"}
