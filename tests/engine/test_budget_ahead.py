"""Drops that are used ahead of the calls that earn them, and a day that is gone on with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.engine.campaign_state import CampaignState
from dialer_core.model.campaign import Campaign
from dialer_core.model.records import DayCounts
from dialer_core.model.states import Mode
from dialer_core.pacing.make import make_pacer
from dialer_core.pacing.view import AnswerEnd, Decision, FloorView, HandleEnd, Pacer, RingEnd
from tests.engine.rig import CAMPAIGN, Rig

HOUR_S = 3600.0


class Keeps:
    """A pacer that keeps what it saw."""

    def __init__(self) -> None:
        self.views: list[FloorView] = []

    def decide(self, view: FloorView) -> Decision:
        self.views.append(view)
        return Decision(0, reason="Seen.")


def history(now_s: float, minutes: int, people_a_minute: int = 2) -> e.HistoryRead:
    """A day so far: so many people a minute, as many machines, ringing 10 s."""
    rings, handles, answers = [], [], []
    for minute in range(minutes, 0, -1):
        at = now_s - 60.0 * minute
        for number in range(2 * people_a_minute):
            rings.append(RingEnd(at, 10.0, True))
            answers.append(AnswerEnd(at + 10.0, False, 10.0))
            is_machine = number % 2 == 0
            handles.append(HandleEnd(at + 40.0, 20.0, 10.0, is_machine, 10.0))
    return e.HistoryRead(CAMPAIGN, rings, handles, answers)


def rig_with(
    live: int = 100, lost: int = 0, left_s: float = 4 * HOUR_S, minutes: int = 60
) -> tuple[Rig, CampaignState]:
    rig = Rig(Mode.PREDICTIVE, pacer=lambda _campaign: Keeps())
    rig.clock.advance(6 * HOUR_S)
    ends = rig.clock.now().after(left_s).utc
    rig.send(e.CampaignSet(replace(rig.campaign, calling_ends=ends)))
    rig.send(e.CountsRead(CAMPAIGN, DayCounts(live, abandoned=lost)))
    rig.send(history(rig.clock.now().mono_s, minutes))
    return rig, rig.dialler.campaign(CAMPAIGN)


def test_the_coming_hour_may_be_borrowed_from() -> None:
    rig, state = rig_with(live=100, lost=3)
    budget = state.budget(rig.clock.now())
    assert budget.live_expected == pytest.approx(150.0)  # 120 an hour, and small floors look on
    assert budget.drops_left == 3.0  # 3.09 earned, 2.92 of the 3.15 to come lent, 3 lost
    rig.send(e.CampaignSet(replace(state.campaign, borrows_ahead=False)))
    strict = state.budget(rig.clock.now())
    assert (strict.live_expected, strict.drops_left) == (0.0, 0.0)


def test_nothing_is_borrowed_before_the_first_is_earned() -> None:
    rig, state = rig_with(live=32)
    assert state.budget(rig.clock.now()).drops_left == 0.0


@pytest.mark.parametrize(("left_s", "expected"), [(1800.0, 60.0), (60.0, 2.0), (0.0, 0.0)])
def test_never_beyond_the_end_of_calling(left_s: float, expected: float) -> None:
    rig, state = rig_with(left_s=left_s)
    assert state.budget(rig.clock.now()).live_expected == pytest.approx(expected)


def test_after_the_floors_end_nothing_is_borrowed_though_calls_may_go_on() -> None:
    rig, state = rig_with(left_s=60.0)
    rig.wait(61.0)
    now = rig.clock.now()
    assert state.budget(now).live_expected == 0.0
    assert state.view(now, 1).day_end > now.mono_s


def test_an_unknown_end_lends_nothing() -> None:
    rig, state = rig_with()
    rig.send(e.CampaignSet(replace(state.campaign, calling_ends=None)))
    assert state.budget(rig.clock.now()).live_expected == 0.0


def test_a_young_day_is_reckoned_by_its_own_pace_and_not_by_its_first_minute() -> None:
    rig, state = rig_with(minutes=20)
    assert state.budget(rig.clock.now()).live_expected == pytest.approx(150.0)
    rig, state = rig_with(minutes=2)
    assert state.budget(rig.clock.now()).live_expected == pytest.approx(96.0)  # 4 in ten minutes


def test_the_pace_is_that_of_the_last_hour_and_fades() -> None:
    rig, state = rig_with(minutes=120)
    assert state.budget(rig.clock.now()).live_expected == pytest.approx(150.0)
    rig.clock.advance(0.9 * HOUR_S)
    after = state.budget(rig.clock.now()).live_expected
    assert after < 150.0
    rig.clock.advance(0.2 * HOUR_S)
    assert state.budget(rig.clock.now()).live_expected == 0.0


def test_a_new_day_begins_with_its_own_pace() -> None:
    rig, state = rig_with()
    rig.send(e.CountsRead(CAMPAIGN, DayCounts(live=40)))
    budget = state.budget(rig.clock.now())
    assert (budget.live_expected, budget.drops_left) == (0.0, 1.0)


def test_the_pacer_that_dials_ahead_sees_the_budget_and_others_need_none() -> None:
    rig, state = rig_with()
    assert state.view(rig.clock.now(), 1).budget == state.budget(rig.clock.now())
    rig.send(e.CampaignSet(replace(state.campaign, mode=Mode.PROGRESSIVE)))
    assert state.view(rig.clock.now(), 1).budget is None


def test_what_the_day_has_taught_comes_once() -> None:
    rig, state = rig_with(minutes=30)
    rings = len(state.ring_log)
    assert rings == 120
    assert state.stock.answer_share > 0.8
    rig.send(history(rig.clock.now().mono_s, 5))
    assert len(state.ring_log) == rings


def busy_floor(*, is_told: bool) -> list[c.NoteDecision]:
    """A floor of six that goes on in the middle of its day; all it decides in its first seconds."""

    def real(campaign: Campaign) -> Pacer:
        return make_pacer(campaign.mode.value, target=0.03, levers=campaign.levers)

    rig = Rig(Mode.PREDICTIVE, lines=20, people=400, pacer=real, is_recovered=False)
    rig.clock.advance(6 * HOUR_S)
    now = rig.clock.now()
    ends = now.utc + timedelta(hours=3)
    rig.send(e.CampaignSet(replace(rig.campaign, calling_ends=ends)))
    rig.send(e.CountsRead(CAMPAIGN, DayCounts(live=400, machines=400)))
    if is_told:
        rig.send(history(now.mono_s, 90))
    rig.send(e.Recovered())
    for number in range(1, 7):
        rig.seat_in(number)
    rig.wait(1.0)
    for number, call in enumerate(list(rig.calls)[:6], start=1):
        rig.answer(call)
        rig.bridge(call, number)
    for _ in range(8):
        rig.wait(2.0)
    return rig.all_of(c.NoteDecision)


def test_after_a_restart_the_pacer_dials_ahead_at_once() -> None:
    assert any(note.rule == "learning" for note in busy_floor(is_told=False))
    told = busy_floor(is_told=True)
    assert not any(note.rule == "learning" for note in told)
    assert any(note.rule == "ahead" and note.launch for note in told)
