"""An attempt on the record: committed, refused, moved, closed, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from dialer_core.engine.commands import CloseAttempt, CommitAttempt, NoteDecision
from dialer_core.engine.events import AttemptCommitted, AttemptRefused
from dialer_core.model.ids import AttemptId, LineId
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome
from dialer_core.rules.facts import RefusalCode
from dialer_core.rules.profiles import LockoutMode, profile
from dialer_core.store import counts
from dialer_core.store.database import Database
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AttemptRow,
    Base,
    ContactNumberRow,
    ContactRow,
    DecisionRow,
    LockoutRow,
    RefusalRow,
)
from dialer_core.store.schema.base import ContactStatus, NumberStatus
from dialer_core.store.watch import WatchStore
from tests.store.floor_kit import FloorKit, person


def rows(kit: FloorKit, table: type[Base]) -> list[AnyRow]:
    with kit.database.reading() as connection:
        return list(
            connection.execute(select(table.__table__).order_by(*table.__table__.primary_key))
        )


def totals(kit: FloorKit) -> dict[str, int]:
    with kit.database.reading() as connection:
        found = counts.read(connection, kit.campaign_id, kit.now.utc.date())
    return {name: number for name, number in found.items() if number}


@pytest.fixture
def predictive(database: Database, kit: FloorKit) -> Iterator[FloorKit]:
    made = FloorKit(database, kit.clock)
    made.add_campaign(Mode.PREDICTIVE, profile("GB"))
    made.take_lease()
    yield made
    made.close()


def test_a_commit_is_on_the_record_before_it_is_answered(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    (row,) = rows(kit, AttemptRow)
    assert (row.id, row.stage, row.mode) == (attempt, CallStage.COMMITTED, Mode.PREVIEW)
    assert (row.profile_id, row.profile_version) == ("GB", profile("GB").version)
    assert (row.session_id, row.agent_id, row.line_id, row.lease_epoch) == (session, 1, "line01", 1)
    assert row.committed_at == kit.now.utc
    assert totals(kit) == {"dialled": 1}
    contact = rows(kit, ContactRow)[0]
    assert (contact.attempts_count, contact.lease_expires_at) == (1, None)


def test_nobody_is_dialled_twice_at_once(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    (record,) = kit.lease()
    kit.commit(record, session)
    assert isinstance(kit.commit(record, session), AttemptRefused)
    kit.clock.advance(3600)
    assert 1 not in [found.contact_id for found in kit.lease(9)]
    assert totals(kit) == {"dialled": 1, "refused": 1}


def test_one_number_of_two_people_is_not_in_two_calls(kit: FloorKit) -> None:
    kit.setup.add_list(kit.campaign_id, "twin", [person(1)], kit.now)
    kit.take_lease()
    session = kit.log_in()
    first, *_, twin = kit.lease(9)
    assert first.number == twin.number
    assert isinstance(kit.commit(first, session), AttemptCommitted)
    assert isinstance(kit.commit(twin, session), AttemptRefused)
    (refusal,) = rows(kit, RefusalRow)
    assert refusal.code is RefusalCode.LOCKED_OUT
    assert refusal.attempt_id is not None


def test_the_gate_has_the_last_word(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    (record,) = kit.lease()
    kit.setup.suppress("Rosewood Windows", [record.number], "asked", kit.now)
    answer = kit.commit(record, session)
    assert isinstance(answer, AttemptRefused)
    assert "do-not-call" in answer.reason
    assert rows(kit, AttemptRow) == []
    contact = rows(kit, ContactRow)[0]
    assert (contact.status, contact.status_reason) == (ContactStatus.HELD, "SUPPRESSED")
    assert contact.leased_by_epoch is None


def test_a_stopped_campaign_dials_nobody_and_gives_the_record_back(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    (record,) = kit.lease()
    watch = WatchStore(kit.database)
    watch.set_running(kit.campaign_id, False, "Ines", kit.now)
    watch.close()
    assert kit.floor.agent_events(0, kit.now)[1] > 0
    assert isinstance(kit.commit(record, session), AttemptRefused)
    assert rows(kit, ContactRow)[0].leased_by_epoch is None


def test_overdialling_needs_a_budget(predictive: FloorKit) -> None:
    record, other = predictive.lease(2)
    answer = predictive.commit(record, None, Mode.PREDICTIVE, is_overdial=True)
    assert isinstance(answer, AttemptRefused)
    (refusal,) = rows(predictive, RefusalRow)
    assert refusal.code is RefusalCode.OVER_BUDGET
    with predictive.database.writing() as connection:
        counts.add(connection, predictive.campaign_id, predictive.now.utc.date(), live=33)
    answer = predictive.commit(other, None, Mode.PREDICTIVE, is_overdial=True)
    assert isinstance(answer, AttemptCommitted)
    assert totals(predictive)["overdialled"] == 1


def test_an_abandoned_person_is_left_to_a_reserved_agent(predictive: FloorKit) -> None:
    kit = predictive
    session = kit.log_in("Anna of predictive", "seat09")
    attempt = kit.dial(None, Mode.PREDICTIVE)
    facts = replace(kit.facts(status=200), answered=kit.now, message=kit.now, message_played=True)
    kit.close_call(attempt, Outcome.ABANDONED, FormulaClass.AOBS, facts)
    (lockout,) = rows(kit, LockoutRow)
    assert lockout.mode is LockoutMode.RESERVED_AGENT_ONLY
    assert lockout.until == kit.now.utc + timedelta(hours=72)
    assert totals(kit) == {"dialled": 1, "answered": 1, "abandoned": 1}

    assert lockout.number_hash not in [hash_of(kit, r.number_id) for r in kit.lease(9)]
    kit.clock.advance(3700)
    kit.floor.renew(kit.now)
    again = next(r for r in kit.lease(9) if hash_of(kit, r.number_id) == lockout.number_hash)
    assert again.reserved_only
    assert isinstance(kit.commit(again, None, Mode.PREDICTIVE), AttemptRefused)
    kit.clock.advance(72 * 3600)
    kit.load_registers()
    kit.take_lease()
    free = [r for r in kit.lease(9) if r.contact_id == again.contact_id]
    assert [record.reserved_only for record in free] == [False]
    assert isinstance(kit.commit(free[0], session, Mode.PREDICTIVE), AttemptCommitted)


def test_a_reserved_agent_may_call_an_abandoned_person_before(predictive: FloorKit) -> None:
    kit = predictive
    session = kit.log_in("Anna of predictive", "seat09")
    attempt = kit.dial(None, Mode.PREDICTIVE)
    kit.close_call(attempt, Outcome.ABANDONED, FormulaClass.AOBS)
    kit.clock.advance(3700)
    again = kit.lease(1)[0]
    assert again.reserved_only
    assert isinstance(kit.commit(again, session, Mode.PREDICTIVE), AttemptCommitted)


def hash_of(kit: FloorKit, number_id: int) -> bytes:
    return bytes(next(r.number_hash for r in rows(kit, ContactNumberRow) if r.id == number_id))


def test_every_moment_and_word_of_the_line_is_kept(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    began = kit.now
    facts = replace(
        kit.facts(status=200, session=session),
        progress=began.after(1),
        ringing=began.after(2),
        early_media=began.after(3),
        answered=began.after(4),
        bridged=began.after(5),
        message=began.after(6),
        ended=began.after(7),
        ended_by="agent",
        crossed=True,
        message_played=True,
    )
    kit.close_call(attempt, Outcome.CONNECTED, FormulaClass.L, facts)
    (row,) = rows(kit, AttemptRow)
    moments = (
        "invite_at", "progress_at", "ringing_at", "early_media_at", "answered_at", "bridged_at",
        "message_at", "ended_at",
    )  # fmt: skip
    assert [getattr(row, name) for name in moments] == [began.after(n).utc for n in range(8)]
    assert (row.sip_status, row.q850, row.sip_reason) == (200, 17, "as the network says")
    assert (row.ended_by, row.crossed, row.message_played) == ("agent", True, True)
    assert row.sip_call_id == "call@127.0.0.1"
    assert (row.stage, row.outcome, row.formula_class) == (
        CallStage.ENDED,
        Outcome.CONNECTED,
        FormulaClass.L,
    )
    assert totals(kit) == {"dialled": 1, "answered": 1, "connected": 1, "live": 1}


def test_stages_leave_their_moments_for_a_restart(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    seen = {}
    for stage in (CallStage.DIALLING, CallStage.RINGING, CallStage.CONNECTING, CallStage.TALKING):
        kit.clock.advance(1)
        seen[stage] = kit.now.utc
        kit.move(attempt, stage, session)
    (row,) = rows(kit, AttemptRow)
    assert row.stage is CallStage.TALKING
    assert row.invite_at == seen[CallStage.DIALLING]
    assert row.progress_at == seen[CallStage.RINGING]
    assert row.answered_at == seen[CallStage.CONNECTING]
    assert row.bridged_at == seen[CallStage.TALKING]


def test_an_end_counts_once_and_is_the_end(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    kit.talk(attempt, session)
    before = rows(kit, AttemptRow), totals(kit)
    kit.close_call(attempt, Outcome.LINE_LOST)
    kit.move(attempt, CallStage.RINGING, None)
    assert (rows(kit, AttemptRow), totals(kit)) == before


def test_an_unknown_attempt_is_passed_over(kit: FloorKit) -> None:
    kit.take_lease()
    kit.close_call(AttemptId("none"), Outcome.LINE_LOST)
    assert rows(kit, AttemptRow) == []


@pytest.mark.parametrize(
    ("outcome", "status", "next_s"),
    [
        (Outcome.BUSY, ContactStatus.WAITING, 900),
        (Outcome.NO_ANSWER, ContactStatus.WAITING, 7200),
        (Outcome.LINE_LOST, ContactStatus.WAITING, 7200),
        (Outcome.CALLEE_DECLINED_CALL, ContactStatus.WAITING, 86_400),
        (Outcome.UNWANTED, ContactStatus.CLOSED, None),
        (Outcome.INVALID_FORMAT, ContactStatus.CLOSED, None),
        (Outcome.CONNECTED, ContactStatus.UNCODED, None),
    ],
)
def test_what_an_outcome_means_for_the_contact(
    kit: FloorKit, outcome: Outcome, status: ContactStatus, next_s: int | None
) -> None:
    kit.take_lease()
    attempt = kit.dial(kit.log_in())
    kit.close_call(attempt, outcome)
    contact = rows(kit, ContactRow)[0]
    assert (contact.status, contact.last_outcome) == (status, outcome)
    expected = None if next_s is None else kit.now.utc + timedelta(seconds=next_s)
    assert contact.next_at == expected
    assert contact.leased_by_epoch is None
    assert 1 not in [record.contact_id for record in kit.lease(9)]


def test_a_dead_number_makes_way_for_the_next(kit: FloorKit) -> None:
    kit.setup.add_list(kit.campaign_id, "two", [person(20, more=(21,))], kit.now)
    kit.take_lease()
    session = kit.log_in()
    record = kit.lease(9)[-1]
    answer = kit.commit(record, session)
    assert isinstance(answer, AttemptCommitted)
    kit.close_call(answer.attempt_id, Outcome.INVALID_NUMBER, facts=kit.facts(status=604))
    retired = [r.e164 for r in rows(kit, ContactNumberRow) if r.status is NumberStatus.RETIRED]
    assert retired == ["+441614960020"]
    assert [r.number for r in kit.lease(9)] == ["+441614960021"]


def test_all_commands_of_a_batch_or_none(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    first, second = kit.lease(2)
    same = AttemptId("A" * 26)
    batch = [
        CommitAttempt(same, kit.campaign_id, r, Mode.PREVIEW, session, LineId("l"), False)
        for r in (first, second)
    ]
    with pytest.raises(Exception, match=r"(?i)unique"):
        kit.floor.apply(batch, kit.now)
    assert rows(kit, AttemptRow) == []
    assert totals(kit) == {}


def test_a_decision_keeps_its_words_and_figures(kit: FloorKit) -> None:
    kit.take_lease()
    figures = (("answer_share", 0.31), ("free_soon", 2.0))
    decision = NoteDecision(kit.campaign_id, kit.now, 3, "3 for 2 free seats", figures)
    kit.floor.apply([decision], kit.now)
    (row,) = rows(kit, DecisionRow)
    assert (row.launch, row.reason) == (3, "3 for 2 free seats")
    assert tuple((name, value) for name, value in row.figures) == figures


def test_a_call_of_yesterday_counts_for_yesterday(kit: FloorKit) -> None:
    kit.clock.advance(9 * 3600)
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    began = kit.now.utc.date()
    kit.clock.advance(8 * 3600)
    kit.floor.apply(
        [CloseAttempt(attempt, Outcome.CONNECTED, FormulaClass.L, kit.now, None)], kit.now
    )
    with kit.database.reading() as connection:
        assert counts.read(connection, kit.campaign_id, began)["live"] == 1
    assert totals(kit) == {}
