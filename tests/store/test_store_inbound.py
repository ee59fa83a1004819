"""Calls that come in, and messages with keys, on the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dialer_core.engine import control_commands as cc
from dialer_core.engine import control_events as ce
from dialer_core.engine import events as e
from dialer_core.model.call_control import AskedByKey
from dialer_core.model.ids import AttemptId, ContactId, LineId, SessionId
from dialer_core.model.states import CallStage, Direction, FormulaClass, Mode, Outcome
from dialer_core.rules.facts import RefusalCode
from dialer_core.store.schema import (
    AttemptRow,
    CampaignRow,
    ContactRow,
    RefusalRow,
    SuppressionRow,
)
from dialer_core.store.schema.base import ContactStatus, Ground
from tests.store.floor_kit import FloorKit

LINE = LineId("line01")
CALLER = "+441614960003"
OUR_NUMBER = "+441614960999"
COMES_IN = AttemptId("I" + "0" * 25)


@pytest.fixture
def anna(kit: FloorKit) -> SessionId:
    kit.take_lease()
    return kit.log_in()


def find(kit: FloorKit, caller: str, called: str = OUR_NUMBER) -> e.Event:
    command = cc.FindCaller(LINE, "ref", COMES_IN, caller, called, "main")
    return kit.floor.apply([command], kit.now)[0]


def found(kit: FloorKit, caller: str, called: str = OUR_NUMBER) -> ce.CallerFound:
    answer = find(kit, caller, called)
    assert isinstance(answer, ce.CallerFound), answer
    return answer


def contact_of(kit: FloorKit, contact_id: ContactId) -> tuple[str, ContactStatus]:
    with kit.database.reading() as connection:
        row = connection.execute(
            select(ContactRow.name, ContactRow.status).where(ContactRow.id == contact_id)
        ).one()
    return row.name, row.status


@pytest.mark.parametrize("caller", [CALLER, "01614960003", "441614960003"])
def test_a_caller_is_found_however_the_network_writes_the_number(
    kit: FloorKit, anna: SessionId, caller: str
) -> None:
    answer = found(kit, caller)
    assert contact_of(kit, answer.record.contact_id)[0] == "Person 3"
    assert (answer.campaign_id, answer.gateway, answer.known_to) == (kit.campaign_id, "main", ())
    with kit.database.reading() as connection:
        row = connection.execute(
            select(AttemptRow.__table__).where(AttemptRow.id == COMES_IN)
        ).one()
    assert (row.direction, row.is_manual, row.gateway) == (Direction.IN, False, "main")
    assert row.stage is CallStage.COMMITTED


def test_the_agents_whom_they_know_are_named_the_last_one_first(
    kit: FloorKit, anna: SessionId
) -> None:
    ben = kit.log_in("Ben of preview", "seat02")
    record = next(one for one in kit.lease(5) if one.number == CALLER)
    for session in (anna, ben):
        committed = kit.commit(record, session)
        assert isinstance(committed, e.AttemptCommitted)
        kit.talk(committed.attempt_id, session)
        kit.seats[0 if session == anna else 1].choose_outcome(
            committed.attempt_id, "BACK", "", kit.now
        )
        kit.clock.advance(timedelta(hours=3).total_seconds())
        again = [one for one in kit.lease(5) if one.number == CALLER]
        record = again[0] if again else record
    assert found(kit, CALLER).known_to == (ben, anna)


def test_a_stranger_who_calls_the_campaigns_number_becomes_a_contact(
    kit: FloorKit, anna: SessionId
) -> None:
    answer = found(kit, "+442079460123")
    name, status = contact_of(kit, answer.record.contact_id)
    assert (name, status) == ("Calls that came in", ContactStatus.HELD)


@pytest.mark.parametrize(
    ("caller", "called", "status"),
    [
        ("+442079460123", "+442079460124", 404),
        ("", OUR_NUMBER, 603),
        ("anonymous", OUR_NUMBER, 603),
    ],
)
def test_nobody_of_ours_is_refused(
    kit: FloorKit, anna: SessionId, caller: str, called: str, status: int
) -> None:
    assert find(kit, caller, called) == ce.CallerUnknown(LINE, "ref", status)


def test_a_floor_without_a_running_campaign_takes_no_calls(kit: FloorKit, anna: SessionId) -> None:
    with kit.database.writing() as connection:
        connection.execute(update(CampaignRow).values(is_running=False, changed_at=kit.now.utc))
    kit.floor.restore(kit.now)
    assert find(kit, CALLER) == ce.CallerUnknown(LINE, "ref", 404)


def test_who_is_in_a_call_already_is_busy(kit: FloorKit, anna: SessionId) -> None:
    record = next(one for one in kit.lease(5) if one.number == CALLER)
    kit.commit(record, anna)
    assert find(kit, CALLER) == ce.CallerUnknown(LINE, "ref", 486)


def test_whom_nobody_could_take_is_called_back(kit: FloorKit, anna: SessionId) -> None:
    answer = found(kit, CALLER)
    kit.move(COMES_IN, CallStage.WAITING, None)
    kit.clock.advance(120.0)
    kit.close_call(COMES_IN, Outcome.ABANDONED, FormulaClass.EXCLUDED)
    assert contact_of(kit, answer.record.contact_id)[1] is ContactStatus.CALL_BACK
    assert answer.record.contact_id not in [one.contact_id for one in kit.lease(1)]
    kit.clock.advance(timedelta(minutes=15).total_seconds())
    (first,) = kit.lease(1)
    assert (first.contact_id, first.is_promised) == (answer.record.contact_id, True)
    assert not first.reserved_only, "no lock-out stands against who has called us"


def test_a_call_that_came_in_counts_in_no_rate_and_no_limit(kit: FloorKit, anna: SessionId) -> None:
    answer = found(kit, CALLER)
    kit.move(COMES_IN, CallStage.TALKING, anna)
    facts = replace(kit.facts(status=200, session=anna), answered=kit.now, bridged=kit.now)
    kit.clock.advance(30.0)
    kit.close_call(COMES_IN, Outcome.CONNECTED, FormulaClass.EXCLUDED, facts)
    assert kit.seats[0].choose_outcome(COMES_IN, "BACK", "", kit.now) == "BACK"
    counts = kit.floor.restore(kit.now).counts[kit.campaign_id]
    assert (counts.live, counts.abandoned) == (0, 0)
    assert kit.floor.history(kit.now)[kit.campaign_id].rings == ()
    kit.clock.advance(timedelta(hours=2).total_seconds())
    assert answer.record.contact_id in [one.contact_id for one in kit.lease(20)]


def test_an_open_call_that_came_in_is_restored_as_one(kit: FloorKit, anna: SessionId) -> None:
    found(kit, CALLER)
    (restored,) = kit.floor.restore(kit.now).attempts
    assert (restored.direction, restored.mode) == (Direction.IN, Mode.MANUAL)


# --- keys -------------------------------------------------------------------------------------


def agentless(kit: FloorKit) -> AttemptId:
    record = kit.lease()[0]
    with kit.database.writing() as connection:
        agreed = update(ContactRow).where(ContactRow.id == record.contact_id)
        connection.execute(agreed.values(grounds=[Ground.CONSENT.value]))
    answer = kit.commit(record, None, Mode.AGENTLESS)
    assert isinstance(answer, e.AttemptCommitted), answer
    return answer.attempt_id


def test_a_message_that_sells_needs_consent(kit: FloorKit, anna: SessionId) -> None:
    record = kit.lease()[0]
    answer = kit.commit(record, None, Mode.AGENTLESS)
    assert isinstance(answer, e.AttemptRefused)
    assert "consent beforehand" in answer.reason
    later = kit.now.utc + timedelta(seconds=1)
    with kit.database.writing() as connection:
        codes = connection.scalars(select(RefusalRow.code)).all()
        connection.execute(update(CampaignRow).values(is_marketing=False, changed_at=later))
    assert codes == [RefusalCode.NO_CONSENT]
    kit.floor.changed_campaigns(kit.now)
    answer = kit.commit(kit.lease(2)[-1], None, Mode.AGENTLESS)
    assert isinstance(answer, e.AttemptCommitted), "it informs people, and sells nothing"


def test_never_again_is_kept_at_once(kit: FloorKit, anna: SessionId) -> None:
    attempt = agentless(kit)
    kit.floor.apply([cc.NoteKey(attempt, AskedByKey.NEVER, kit.now)], kit.now)
    with kit.database.reading() as connection:
        assert len(connection.execute(select(SuppressionRow.__table__)).all()) == 1
    (restored,) = kit.floor.restore(kit.now).attempts
    assert restored.asked is AskedByKey.NEVER
    kit.close_call(attempt, Outcome.DNC_REQUEST, FormulaClass.EXCLUDED)
    with kit.database.reading() as connection:
        assert len(connection.execute(select(SuppressionRow.__table__)).all()) == 1
        statuses = connection.scalars(
            select(ContactRow.status).join(AttemptRow, AttemptRow.contact_id == ContactRow.id)
        ).all()
    assert statuses == [ContactStatus.CLOSED]


def test_call_me_later_is_a_promise(kit: FloorKit, anna: SessionId) -> None:
    attempt = agentless(kit)
    kit.floor.apply([cc.NoteKey(attempt, AskedByKey.LATER, kit.now)], kit.now)
    kit.close_call(attempt, Outcome.CALL_BACK, FormulaClass.EXCLUDED)
    kit.clock.advance(timedelta(hours=1).total_seconds())
    assert kit.lease(1)[0].is_promised


def test_who_has_heard_the_message_is_done_with(kit: FloorKit, anna: SessionId) -> None:
    attempt = agentless(kit)
    kit.close_call(attempt, Outcome.MESSAGE_HEARD, FormulaClass.EXCLUDED)
    with kit.database.reading() as connection:
        row = connection.execute(
            select(ContactRow.status, ContactRow.last_outcome)
            .join(AttemptRow, AttemptRow.contact_id == ContactRow.id)
            .where(AttemptRow.id == attempt)
        ).one()
    assert (row.status, row.last_outcome) == (ContactStatus.CLOSED, Outcome.MESSAGE_HEARD)
