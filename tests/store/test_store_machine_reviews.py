"""Machines that somebody listened to: what was heard counts in the abandoned rate."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from dialer_core.engine import events as e
from dialer_core.model.call_control import RecordingPolicy, RecordingState
from dialer_core.model.errors import KnownError
from dialer_core.model.states import FormulaClass, Outcome
from dialer_core.rules.abandonment import false_positive_share
from dialer_core.store import budgets
from dialer_core.store.campaigns import load_campaign
from dialer_core.store.machine_reviews import MachineReviews
from dialer_core.store.machines_heard import Heard
from dialer_core.store.schema import AttemptRow, AuditRow, RecordingRow
from tests.store.floor_kit import FloorKit


@pytest.fixture
def machine(kit: FloorKit) -> str:
    kit.take_lease()
    answer = kit.commit(kit.lease()[0], kit.log_in())
    assert isinstance(answer, e.AttemptCommitted), answer
    kit.close_call(answer.attempt_id, Outcome.ANSWER_MACHINE_AMD, FormulaClass.AMDET)
    return answer.attempt_id


def keep_sound(kit: FloorKit, attempt: str) -> None:
    with kit.database.writing() as connection:
        row = {
            "attempt_id": attempt,
            "path": "greeting.wav",
            "policy": RecordingPolicy.ALL,
            "state": RecordingState.STOPPED,
            "started_at": kit.now.utc,
            "recorded_s": 1.2,
            "sentence": "",
        }
        connection.execute(insert(RecordingRow), row)


def share(kit: FloorKit) -> float:
    with kit.database.reading() as connection:
        settings = load_campaign(connection, kit.campaign_id)
        return budgets.binding_counts(connection, settings, kit.now).detection_false_share


def test_only_machines_with_sound_that_nobody_has_heard_are_offered(
    kit: FloorKit, machine: str
) -> None:
    reviews = MachineReviews(kit.database)
    assert reviews.sample(kit.campaign_id, 5, seed=1) == []
    keep_sound(kit, machine)
    (one,) = reviews.sample(kit.campaign_id, 5, seed=1)
    assert (one.attempt_id, one.path) == (machine, "greeting.wav")
    reviews.note(machine, was_person=False, who="Sue", now=kit.now)
    assert reviews.sample(kit.campaign_id, 5, seed=1) == []
    reviews.close()


def test_what_was_heard_counts_at_once_and_may_be_said_anew(kit: FloorKit, machine: str) -> None:
    kit.floor.restore(kit.now)
    usual = share(kit)
    assert usual == pytest.approx(0.15)
    reviews = MachineReviews(kit.database)
    assert kit.floor.new_days(kit.now) == []
    reviews.note(machine, was_person=True, who="Sue", now=kit.now)
    assert reviews.heard(kit.campaign_id) == Heard(people=1, reviewed=1)
    assert share(kit) == pytest.approx(1.0), "worse than the rules assume: that counts at once"
    (event,) = kit.floor.new_days(kit.now)
    assert isinstance(event, e.CountsRead)
    assert event.counts.detection_false_share == pytest.approx(1.0)
    reviews.note(machine, was_person=False, who="Tom", now=kit.now)
    assert reviews.heard(kit.campaign_id) == Heard(people=0, reviewed=1)
    assert share(kit) == pytest.approx(false_positive_share(0, 1, 0.15, 200))
    with kit.database.reading() as connection:
        said = connection.scalars(
            select(AuditRow.who).where(AuditRow.what == "machine reviewed")
        ).all()
    assert said == ["Sue", "Tom"]
    reviews.close()


def test_a_call_that_met_an_agent_is_no_machine(kit: FloorKit, machine: str) -> None:
    with kit.database.writing() as connection:
        connection.execute(update(AttemptRow).values(formula_class=FormulaClass.L))
    reviews = MachineReviews(kit.database)
    with pytest.raises(KnownError, match="did not take that call for a machine"):
        reviews.note(machine, was_person=True, who="Sue", now=kit.now)
    with pytest.raises(KnownError):
        reviews.note("nothing", was_person=True, who="Sue", now=kit.now)
    reviews.close()
