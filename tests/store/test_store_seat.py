"""The agent's side: login, the record, the outcome that is never lost and never doubled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from dialer_core.engine.commands import CloseAttempt, SetSeat
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import AttemptId, ContactId, SessionId
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState
from dialer_core.store import counts
from dialer_core.store.logins import STALE
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AgentEventRow,
    AttemptRow,
    Base,
    ContactRow,
    LockoutRow,
    SessionStateRow,
    SuppressionRow,
)
from dialer_core.store.schema.base import ContactStatus, EventKind
from dialer_core.store.seat import SeatRow, SeatStore, Today
from dialer_core.store.watch import WatchStore
from tests.postgres_kit import soon
from tests.store.floor_kit import FloorKit, person


def rows(kit: FloorKit, table: type[Base]) -> list[AnyRow]:
    with kit.database.reading() as connection:
        return list(
            connection.execute(select(table.__table__).order_by(*table.__table__.primary_key))
        )


def seat_row(store: SeatStore) -> SeatRow:
    row = store.read()
    assert row is not None
    return row


def sentence_of(work: Callable[[], object]) -> str:
    with pytest.raises(KnownError) as caught:
        work()
    return caught.value.sentence


# --- coming and going -------------------------------------------------------------------------


def test_login_opens_a_paused_session_that_the_dialler_can_reach(kit: FloorKit) -> None:
    session = kit.log_in()
    row = seat_row(kit.seats[0])
    assert (row.session_id, row.agent_name, row.seat_name) == (session, "Anna of preview", "seat01")
    assert (row.state, row.reason, row.since) == (SeatState.PAUSED, "logged in", kit.now.utc)
    assert (row.campaign.name, row.company_name, row.script) == (
        "Campaign preview",
        "Rosewood",
        "Good morning.",
    )
    assert kit.floor.phone_address(session) == ("sip:seat@127.0.0.1:5061", "token")
    assert "token" not in repr(row)


def test_who_may_log_in(kit: FloorKit) -> None:
    store = SeatStore(kit.database)
    assert store.agents() == ["Anna of preview", "Ben of preview"]
    assert store.read() is None
    assert store.today(kit.now) == Today()
    store.close()


def test_a_password_is_asked_for_where_there_is_one(kit: FloorKit) -> None:
    kit.setup.add_agent("Carl", kit.now, "correct horse")
    store = SeatStore(kit.database)
    for wrong in (None, "", "correct"):
        said = sentence_of(partial(store.log_in, "Carl", wrong, "s", "sip:a", "t", kit.now))
        assert "password is wrong" in said
    assert store.log_in("Carl", "correct horse", "s", "sip:a", "t", kit.now)
    store.close()


def test_an_unknown_agent_is_told_whom_to_ask(kit: FloorKit) -> None:
    assert "There is no agent 'Zoe'" in sentence_of(lambda: kit.log_in("Zoe"))


def test_one_agent_at_one_seat(kit: FloorKit) -> None:
    kit.log_in("Anna of preview", "seat01")
    said = sentence_of(lambda: kit.log_in("Anna of preview", "seat02"))
    assert said == "Anna of preview is logged in at seat01; log out there first."
    said = sentence_of(lambda: kit.log_in("Ben of preview", "seat01"))
    assert said == "Anna of preview is still logged in at seat01; log out there first."


def test_a_session_whose_window_is_dead_gives_way(kit: FloorKit) -> None:
    first = kit.log_in("Anna of preview", "seat01")
    kit.clock.advance(STALE.total_seconds() - 5)
    kit.seats[0].beat(kit.now)
    kit.clock.advance(10)
    assert "log out there" in sentence_of(lambda: kit.log_in("Anna of preview", "seat02"))
    kit.clock.advance(STALE.total_seconds())
    second = kit.log_in("Anna of preview", "seat02")
    assert second != first
    assert kit.seats[0].read() is None
    assert "logged out" in sentence_of(lambda: kit.seats[0].want_available(kit.now))
    assert "next free one" in sentence_of(lambda: kit.floor.phone_address(first))


def test_the_same_agent_at_the_same_seat_goes_on_with_the_session(kit: FloorKit) -> None:
    first = kit.log_in()
    again = SeatStore(kit.database)
    session = again.log_in("Anna of preview", None, "seat01", "sip:b", "new", kit.now)
    assert session == first
    assert kit.floor.phone_address(first) == ("sip:b", "new")
    again.close()


def test_a_restarted_window_comes_back_into_its_session(kit: FloorKit) -> None:
    session = kit.log_in()
    restarted = SeatStore(kit.database)
    assert restarted.resume(session)
    assert seat_row(restarted).session_id == session
    restarted.log_out(kit.now)
    assert restarted.read() is None
    assert not restarted.resume(session)
    restarted.close()


def test_logging_out_twice_is_logging_out(kit: FloorKit) -> None:
    kit.log_in()
    kit.clock.advance(60)
    kit.seats[0].log_out(kit.now)
    kit.seats[0].log_out(kit.now)
    kinds = [row.kind for row in rows(kit, AgentEventRow)]
    assert kinds.count(EventKind.CLOSED) == 1
    (stretch,) = rows(kit, SessionStateRow)
    assert stretch.until - stretch.since == timedelta(seconds=60)


def test_a_late_word_of_the_dialler_does_not_reopen_a_session(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    kit.seats[0].log_out(kit.now)
    kit.set_seat(session, SeatState.AVAILABLE)
    kit.floor.apply([SetSeat(session, SeatState.LOGGED_OUT, kit.now)], kit.now)
    assert len(rows(kit, SessionStateRow)) == 1
    assert kit.floor.restore(kit.now).sessions == ()


# --- states -----------------------------------------------------------------------------------


def test_states_leave_a_history_without_gaps(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    for state in (SeatState.AVAILABLE, SeatState.RINGING, SeatState.RINGING, SeatState.TALKING):
        kit.clock.advance(10)
        kit.set_seat(session, state)
    stretches = rows(kit, SessionStateRow)
    assert [row.state for row in stretches] == [
        SeatState.PAUSED,
        SeatState.AVAILABLE,
        SeatState.RINGING,
        SeatState.TALKING,
    ]
    ends = [row.until for row in stretches]
    assert ends == [*(row.since for row in stretches[1:]), None]


def test_a_pause_that_waits_for_the_call_is_remembered(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    kit.set_seat(session, SeatState.AVAILABLE)
    kit.set_seat(session, SeatState.TALKING)
    kit.seats[0].want_pause("Lunch", kit.now)
    assert seat_row(kit.seats[0]).pause_wanted == "Lunch"
    assert kit.floor.restore(kit.now).sessions[0].pause_wanted == "Lunch"
    kit.set_seat(session, SeatState.PAUSED, reason="Lunch")
    row = seat_row(kit.seats[0])
    assert (row.pause_wanted, row.reason) == (None, "Lunch")


# --- the record -------------------------------------------------------------------------------


def test_a_seat_reads_the_person_that_it_is_given_and_nobody_else(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    (record,) = kit.lease()
    agent = kit.seats[0]
    assert agent.record(record.contact_id) is None
    kit.set_seat(session, SeatState.PREVIEW, contact=record.contact_id)
    seen = agent.record(record.contact_id)
    assert seen is not None
    assert (seen.name, seen.town, seen.zone) == ("Person 1", "Manchester", "Europe/London")
    assert seen.number_parts == ("+44", "161", "496", "0001")
    assert (seen.number_kind, seen.number_rank, seen.number_count) == ("landline", 1, 1)
    assert seen.details == (("Contract", "to May"), ("Since", "2019"))
    assert (seen.history, seen.last_note) == ((), "")
    assert "Person" not in repr(seen)
    assert agent.record(2) is None
    kit.set_seat(session, SeatState.AVAILABLE)
    assert agent.record(record.contact_id) is None


def test_the_history_tells_what_was_said_before(kit: FloorKit) -> None:
    kit.take_lease()
    session, attempt = connected(kit)
    kit.seats[0].choose_outcome(attempt, "BACK", "after four", kit.now)
    kit.set_seat(session, SeatState.PREVIEW, contact=ContactId(1))
    seen = kit.seats[0].record(1)
    assert seen is not None
    (past,) = seen.history
    assert (past.code, past.label, past.agent) == ("BACK", "Call back", "Anna of preview")
    assert (past.outcome, past.note) == (Outcome.CONNECTED, "after four")
    assert seen.last_note == "after four"


# --- the outcome ------------------------------------------------------------------------------


def connected(kit: FloorKit) -> tuple[SessionId, AttemptId]:
    """A session in wrap-up after a conversation with the first person."""
    session = kit.log_in()
    attempt = kit.dial(session)
    kit.talk(attempt, session)
    kit.set_seat(session, SeatState.AVAILABLE)
    kit.set_seat(session, SeatState.TALKING, attempt, ContactId(1))
    kit.set_seat(session, SeatState.WRAP_UP, attempt, ContactId(1))
    return session, attempt


def day(kit: FloorKit) -> dict[str, int]:
    with kit.database.reading() as connection:
        return counts.read(connection, kit.campaign_id, kit.now.utc.date())


def test_an_outcome_pressed_twice_or_after_a_restart_counts_once(kit: FloorKit) -> None:
    kit.take_lease()
    session, attempt = connected(kit)
    kit.floor.close()  # no dialler lives
    assert kit.seats[0].choose_outcome(attempt, "AM", "beep", kit.now) == "AM"
    before = [rows(kit, table) for table in (AttemptRow, ContactRow, LockoutRow, AgentEventRow)]
    assert kit.seats[0].choose_outcome(attempt, "AM", "beep", kit.now) == "AM"
    assert kit.seats[0].choose_outcome(attempt, "SALE", "slip", kit.now) == "AM"
    restarted = SeatStore(kit.database)
    restarted.resume(session)
    assert restarted.choose_outcome(attempt, "AM", "beep", kit.now.after(60)) == "AM"
    restarted.close()
    after = [rows(kit, table) for table in (AttemptRow, ContactRow, LockoutRow, AgentEventRow)]
    assert after == before
    assert (day(kit)["live"], day(kit)["machines"]) == (0, 1)
    assert seat_row(kit.seats[0]).disposition_code == "AM"


def test_a_machine_leaves_the_live_calls(kit: FloorKit) -> None:
    kit.take_lease()
    _, attempt = connected(kit)
    assert (day(kit)["live"], day(kit)["machines"]) == (1, 0)
    kit.seats[0].choose_outcome(attempt, "AM", "", kit.now)
    (row,) = rows(kit, AttemptRow)
    assert (row.formula_class, row.outcome) == (FormulaClass.M, Outcome.CONNECTED)
    assert (day(kit)["live"], day(kit)["machines"]) == (0, 1)
    contact = rows(kit, ContactRow)[0]
    assert contact.status is ContactStatus.WAITING
    assert contact.next_at == kit.now.utc + timedelta(hours=4)


def test_a_machine_that_is_coded_while_the_call_is_up_is_never_live(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    kit.move(attempt, CallStage.TALKING, session)
    kit.seats[0].choose_outcome(attempt, "AM", "", kit.now)
    kit.floor.apply(
        [CloseAttempt(attempt, Outcome.CONNECTED, FormulaClass.L, kit.now, None)], kit.now
    )
    (row,) = rows(kit, AttemptRow)
    assert row.formula_class is FormulaClass.M
    assert (day(kit)["live"], day(kit)["machines"], day(kit)["connected"]) == (0, 1, 1)
    contact = rows(kit, ContactRow)[0]
    assert contact.last_outcome is Outcome.ANSWER_MACHINE_AGENT, "the agent's word stands"
    assert (contact.status, contact.leased_by_epoch) == (ContactStatus.WAITING, None)


def test_never_again_is_for_ever_and_for_every_list(kit: FloorKit) -> None:
    kit.take_lease()
    _, attempt = connected(kit)
    kit.seats[0].choose_outcome(attempt, "NEVER", "", kit.now)
    (suppression,) = rows(kit, SuppressionRow)
    assert (suppression.reason, suppression.attempt_id) == ("DNC_REQUEST", attempt)
    assert rows(kit, ContactRow)[0].status is ContactStatus.CLOSED
    kit.setup.add_list(kit.campaign_id, "again", [person(1)], kit.now)
    assert 6 not in [record.contact_id for record in kit.lease(9)]


def test_a_promised_call_back_comes_when_it_was_promised(kit: FloorKit) -> None:
    kit.take_lease()
    _, attempt = connected(kit)
    at = kit.now.utc + timedelta(hours=2)
    kit.seats[0].choose_outcome(attempt, "BACK", "", kit.now, call_back_at=at)
    contact = rows(kit, ContactRow)[0]
    assert (contact.status, contact.next_at) == (ContactStatus.CALL_BACK, at)
    assert 1 not in [record.contact_id for record in kit.lease(9)]
    kit.clock.advance(7200)
    kit.take_lease()
    assert kit.lease(9)[0].contact_id == 1


def test_a_final_outcome_closes_the_contact(kit: FloorKit) -> None:
    kit.take_lease()
    _, attempt = connected(kit)
    kit.seats[0].choose_outcome(attempt, "SALE", "two lines", kit.now)
    contact = rows(kit, ContactRow)[0]
    assert (contact.status, contact.last_outcome) == (ContactStatus.CLOSED, Outcome.SUCCESS)
    (row,) = rows(kit, AttemptRow)
    assert (row.disposition_code, row.disposed_at, row.note) == ("SALE", kit.now.utc, "two lines")


def test_foreign_calls_and_unknown_outcomes_are_refused(kit: FloorKit) -> None:
    kit.take_lease()
    _, attempt = connected(kit)
    kit.log_in("Ben of preview", "seat02")
    ben = kit.seats[1]
    for work in (
        lambda: ben.choose_outcome(attempt, "SALE", "", kit.now),
        lambda: ben.save_note(attempt, "x", kit.now),
        lambda: ben.choose_outcome("none", "SALE", "", kit.now),
    ):
        assert "not one of yours" in sentence_of(work)
    said = sentence_of(lambda: kit.seats[0].choose_outcome(attempt, "NONE", "", kit.now))
    assert "no outcome 'NONE'" in said
    (row,) = rows(kit, AttemptRow)
    assert (row.disposed_at, row.note) == (None, "")


def test_a_note_is_kept_before_and_with_the_outcome(kit: FloorKit) -> None:
    kit.take_lease()
    _, attempt = connected(kit)
    kit.seats[0].save_note(attempt, "has a dog", kit.now)
    assert seat_row(kit.seats[0]).note == "has a dog"
    kit.seats[0].choose_outcome(attempt, "SALE", "", kit.now)
    assert rows(kit, AttemptRow)[0].note == "has a dog"


def test_today_counts_people_outcomes_and_waits(kit: FloorKit) -> None:
    kit.take_lease()
    session, attempt = connected(kit)
    kit.seats[0].choose_outcome(attempt, "SALE", "", kit.now)
    kit.set_seat(session, SeatState.AVAILABLE)
    kit.clock.advance(40)
    kit.set_seat(session, SeatState.RINGING)
    today = kit.seats[0].today(kit.now)
    assert (today.contacts, today.outcomes, today.successes) == (1, 1, 1)
    assert (today.wait_s, today.mean_wait_s) == (40.0, 20.0)
    kit.clock.advance(86_400)
    assert kit.seats[0].today(kit.now) == Today()


def test_the_window_learns_of_what_others_wrote(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    agent = kit.seats[0]
    agent.changed()
    assert not agent.changed()
    kit.set_seat(session, SeatState.AVAILABLE)
    assert soon(agent.changed)
    with kit.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(SessionStateRow)) == 2


def test_a_campaign_that_changed_is_read_again(kit: FloorKit) -> None:
    kit.log_in()
    assert seat_row(kit.seats[0]).campaign.mode is Mode.PREVIEW
    kit.clock.advance(1)
    watch = WatchStore(kit.database)
    watch.set_mode(kit.campaign_id, Mode.PROGRESSIVE, "Ines", kit.now)
    watch.close()
    assert seat_row(kit.seats[0]).campaign.mode is Mode.PROGRESSIVE
