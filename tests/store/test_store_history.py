"""What today's calls have taught, read for a pacer that begins anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer_core.model.ids import AttemptId, SessionId
from dialer_core.model.states import CallStage, FormulaClass, Outcome
from dialer_core.pacing.view import AnswerEnd, HandleEnd, RingEnd
from dialer_core.store.campaigns import load_campaign
from dialer_core.store.history import DayHistory, read_history
from tests.store.floor_kit import DAY, FloorKit


def history(kit: FloorKit, most: int = 99) -> DayHistory:
    with kit.database.reading() as connection:
        return read_history(connection, load_campaign(connection, kit.campaign_id), kit.now, most)


def call(kit: FloorKit, session: SessionId, *, ring_s: float, talk_s: float) -> AttemptId:
    """Rung, answered, spoken with, over; no outcome yet."""
    attempt = kit.dial(session)
    kit.clock.advance(ring_s)
    kit.move(attempt, CallStage.TALKING, session)
    facts = replace(kit.facts(session=session, status=200), answered=kit.now, bridged=kit.now)
    kit.clock.advance(talk_s)
    kit.close_call(attempt, Outcome.CONNECTED, FormulaClass.L, replace(facts, ended=kit.now))
    return attempt


def test_a_day_without_calls_has_taught_nothing(kit: FloorKit) -> None:
    assert history(kit) == DayHistory()


def test_rings_talks_and_wrap_ups_are_on_the_scale_of_now(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    began = kit.now.mono_s
    attempt = call(kit, session, ring_s=8, talk_s=60)
    kit.clock.advance(20)
    kit.seats[0].choose_outcome(attempt, "AM", "", kit.now)
    unanswered = kit.dial(session)
    kit.clock.advance(25)
    kit.close_call(unanswered, Outcome.NO_ANSWER, facts=kit.facts(status=487))
    found = history(kit)
    assert found.rings == (RingEnd(began, 8.0, True), RingEnd(began + 88, 25.0, False))
    assert found.handles == (HandleEnd(began + 88, 60.0, 20.0, True, 8.0),)
    assert found.answers == (AnswerEnd(began + 8, False, 8.0),)
    assert kit.floor.history(kit.now) == {kit.campaign_id: found}


def test_an_abandoned_answer_is_one(kit: FloorKit) -> None:
    kit.take_lease()
    attempt = kit.dial(kit.log_in())
    kit.clock.advance(6)
    facts = replace(kit.facts(status=200), answered=kit.now)
    kit.close_call(attempt, Outcome.ABANDONED, FormulaClass.AOBS, facts)
    assert [answer.was_abandoned for answer in history(kit).answers] == [True]
    assert history(kit).handles == ()


def test_what_cannot_be_known_is_left_out(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    lost = kit.dial(session)
    kit.close_call(lost, Outcome.LINE_LOST, FormulaClass.EXCLUDED)
    interrupted = call(kit, session, ring_s=5, talk_s=30)
    between = call(kit, session, ring_s=5, talk_s=90)
    kit.clock.advance(4)
    for attempt in (between, interrupted):
        kit.seats[0].choose_outcome(attempt, "NO", "", kit.now)
    kit.dial(session)  # still rings
    found = history(kit)
    assert len(found.rings) == 2
    assert [handle.talk_s for handle in found.handles] == [90.0]


def test_yesterday_and_the_oldest_beyond_the_limit_do_not_count(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    for _ in range(3):
        call(kit, session, ring_s=3, talk_s=10)
    assert [ring.launched for ring in history(kit, most=2).rings] == pytest.approx(
        [ring.launched for ring in history(kit).rings[1:]]
    )
    kit.clock.advance(DAY.total_seconds())
    assert history(kit) == DayHistory()
