"""A campaign's levers, relief seats, parked wrap-ups, announced pauses and stages on the record."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dialer_core.engine.commands import NoteDecision, SetSeat
from dialer_core.engine.events import (
    CampaignSet,
    OutcomeChosen,
    PauseWanted,
    SeatOpened,
    StageReached,
)
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import AttemptId, CampaignId, ContactId, SessionId
from dialer_core.model.levers import OFFICE_LEVERS, Levers
from dialer_core.model.states import SeatState
from dialer_core.store.campaigns import levers_of
from dialer_core.store.migration import upgrade
from dialer_core.store.opening import migrate
from dialer_core.store.schema import AuditRow
from dialer_core.store.seat import ParkedCall, SeatRow, SeatStore
from dialer_core.store.switches import LEVERS
from dialer_core.store.watch import WatchStore
from tests.store.floor_kit import FloorKit


@pytest.fixture
def watch(kit: FloorKit) -> Iterator[WatchStore]:
    store = WatchStore(kit.database)
    yield store
    store.close()


def seat_row(kit: FloorKit, number: int = 0) -> SeatRow:
    row = kit.seats[number].read()
    assert row is not None
    return row


# --- the campaign -----------------------------------------------------------------------------


def test_a_new_campaign_interrupts_nobodys_wrap_up(kit: FloorKit, watch: WatchStore) -> None:
    campaign = watch.snapshot(kit.now).campaign
    assert campaign is not None
    assert (campaign.levers, campaign.parked_an_hour) == (OFFICE_LEVERS, 6)
    assert not campaign.levers.parked_wrap_up


def test_levers_are_switched_one_by_one_and_leave_a_trace(kit: FloorKit, watch: WatchStore) -> None:
    watch.snapshot(kit.now)
    for name in ("held_breaks", "parked_wrap_up"):
        kit.clock.advance(1)
        watch.set_lever(kit.campaign_id, name, name == "parked_wrap_up", "Ines", kit.now)
    watch.set_lever(kit.campaign_id, "choice", True, "Ines", kit.now)  # it is on already
    watch.set_parked_an_hour(kit.campaign_id, 4, "Ines", kit.now)
    campaign = watch.snapshot(kit.now).campaign
    assert campaign is not None
    assert campaign.levers == Levers(held_breaks=False, parked_wrap_up=True)
    assert campaign.parked_an_hour == 4
    with kit.database.reading() as connection:
        details = [row.detail for row in connection.execute(select(AuditRow.detail))][-3:]
    assert [(one["setting"], one["before"], one["after"]) for one in details] == [
        ("levers.held_breaks", True, False),
        ("levers.parked_wrap_up", False, True),
        ("parked_an_hour", 6, 4),
    ]


def test_the_dialler_is_told_of_a_lever(kit: FloorKit, watch: WatchStore) -> None:
    kit.floor.restore(kit.now)
    _, cursor = kit.floor.agent_events(0, kit.now)
    kit.clock.advance(1)
    watch.set_lever(kit.campaign_id, "choice", False, "Ines", kit.now)
    (event,) = kit.floor.agent_events(cursor, kit.now)[0]
    assert isinstance(event, CampaignSet)
    assert event.campaign.levers == Levers(choice=False, parked_wrap_up=False)


@pytest.mark.parametrize("an_hour", [0, -1, 31])
def test_a_number_beyond_reason_is_refused(kit: FloorKit, watch: WatchStore, an_hour: int) -> None:
    with pytest.raises(KnownError, match="between 1 and 30"):
        watch.set_parked_an_hour(kit.campaign_id, an_hour, "Ines", kit.now)


def test_what_does_not_exist_is_refused(kit: FloorKit, watch: WatchStore) -> None:
    with pytest.raises(KnownError, match="no lever 'autopilot'"):
        watch.set_lever(kit.campaign_id, "autopilot", True, "Ines", kit.now)
    with pytest.raises(KnownError, match="no such campaign"):
        watch.set_lever(CampaignId(99), "choice", False, "Ines", kit.now)


def test_levers_that_are_not_named_are_as_in_a_new_campaign() -> None:
    assert levers_of({}) == OFFICE_LEVERS
    assert levers_of({"choice": False, "of a later version": True}) == Levers(
        choice=False, parked_wrap_up=False
    )
    assert len(LEVERS) == 5


# --- an older floor ---------------------------------------------------------------------------


def test_a_floor_from_before_keeps_its_rows_and_takes_stages(tmp_path: Path) -> None:
    path = tmp_path / "floor.db"
    upgrade(path, "0003")
    with sqlite3.connect(path) as old:
        old.execute(
            "INSERT INTO agent_events (id, kind, payload, at) "
            "VALUES (7, 'outcome', '{}', '2026-03-03')"
        )
    old.close()
    assert migrate(path) == tmp_path / "floor.db.backup-0003"
    with sqlite3.connect(path) as new:
        assert new.execute("SELECT id, kind FROM agent_events").fetchall() == [(7, "outcome")]
        insert = "INSERT INTO agent_events (kind, payload, at) VALUES (?, '{}', '2026-03-03')"
        new.execute(insert, ("stage",))
        with pytest.raises(sqlite3.IntegrityError):
            new.execute(insert, ("whim",))
        indexes = {row[1] for row in new.execute("PRAGMA index_list('agent_events')")}
        assert "ix_agent_events_session_id_kind_at" in indexes
    new.close()


# --- relief -----------------------------------------------------------------------------------


def log_in_as_relief(kit: FloorKit, *, is_relief: bool = True, seat: str = "seat01") -> SessionId:
    store = SeatStore(kit.database)
    kit.seats.append(store)
    return store.log_in(
        "Anna of preview", None, seat, "sip:a@127.0.0.1", "t", kit.now, is_relief=is_relief
    )


def test_a_relief_seat_is_known_to_all(kit: FloorKit, watch: WatchStore) -> None:
    log_in_as_relief(kit)
    opened = kit.floor.agent_events(0, kit.now)[0][-1]
    assert isinstance(opened, SeatOpened)
    assert opened.is_relief
    assert kit.floor.restore(kit.now).sessions[0].is_relief
    assert seat_row(kit).is_relief
    assert watch.snapshot(kit.now).seats[0].is_relief
    assert kit.log_in("Ben of preview", "seat02")
    assert not kit.floor.restore(kit.now).sessions[1].is_relief


def test_relief_is_chosen_anew_at_each_login(kit: FloorKit) -> None:
    kit.take_lease()
    first = log_in_as_relief(kit)
    assert log_in_as_relief(kit) == first
    second = log_in_as_relief(kit, is_relief=False)
    assert second != first
    attempt = kit.dial(second)
    kit.set_seat(second, SeatState.TALKING, attempt)
    assert log_in_as_relief(kit) == second, "a call in hand is not torn down"


def test_waiting_as_relief_is_no_idle_time_of_the_floor(kit: FloorKit, watch: WatchStore) -> None:
    kit.take_lease()
    session = log_in_as_relief(kit)
    kit.set_seat(session, SeatState.AVAILABLE)
    kit.clock.advance(600)
    kit.set_seat(session, SeatState.TALKING)
    kit.clock.advance(60)
    watch.snapshot(kit.now)
    times = watch.times(kit.now)
    assert times is not None
    assert times.seconds[SeatState.AVAILABLE] == 0
    assert times.seconds[SeatState.TALKING] == 60
    assert times.waits_s == ()


# --- pauses -----------------------------------------------------------------------------------


def tell(kit: FloorKit, session: SessionId, state: SeatState, **more: object) -> None:
    command = SetSeat(session, state, kit.now, **more)  # type: ignore[arg-type]  # its own fields
    kit.floor.apply([command], kit.now)


def test_a_pause_for_later_reaches_the_dialler_with_its_moment(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    kit.set_seat(session, SeatState.AVAILABLE)
    at = kit.now.utc + timedelta(minutes=25)
    kit.seats[0].want_pause("Lunch", kit.now, at)
    asked = kit.now
    kit.clock.advance(7)
    wanted = kit.floor.agent_events(0, kit.now)[0][-1]
    assert wanted == PauseWanted(session, "Lunch", asked.after(1500))
    row = seat_row(kit)
    assert (row.state, row.pause_wanted, row.pause_due) == (SeatState.AVAILABLE, "Lunch", at)


def test_an_announced_pause_outlives_the_calls_before_it(kit: FloorKit, watch: WatchStore) -> None:
    kit.take_lease()
    session = kit.log_in()
    kit.set_seat(session, SeatState.AVAILABLE)
    due = kit.now.after(1500)
    kit.seats[0].want_pause("Lunch", kit.now, due.utc)
    for state in (SeatState.CONNECTING, SeatState.TALKING, SeatState.AVAILABLE):
        tell(kit, session, state, pause_due=due)
    assert (seat_row(kit).pause_wanted, seat_row(kit).pause_due) == ("Lunch", due.utc)
    assert watch.snapshot(kit.now).seats[0].pause_due == due.utc
    restored = kit.floor.restore(kit.now).sessions[0]
    assert (restored.pause_wanted, restored.pause_due) == ("Lunch", due)
    tell(kit, session, SeatState.PAUSED, reason="Lunch")
    assert (seat_row(kit).pause_wanted, seat_row(kit).pause_due) == (None, None)


def test_a_break_that_is_held_stands_beside_the_free_seat(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    kit.set_seat(session, SeatState.AVAILABLE)
    kit.seats[0].want_pause("Break", kit.now)
    tell(kit, session, SeatState.AVAILABLE)  # crossed the window's word
    assert seat_row(kit).pause_wanted is None
    kit.clock.advance(0.1)
    tell(kit, session, SeatState.AVAILABLE, pause_due=kit.now)
    row = seat_row(kit)
    assert (row.pause_wanted, row.pause_due) == ("Break", kit.now.utc)


def test_a_pause_is_taken_back(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    kit.set_seat(session, SeatState.AVAILABLE)
    kit.seats[0].want_pause("Lunch", kit.now, kit.now.utc + timedelta(hours=1))
    kit.seats[0].want_available(kit.now)
    assert (seat_row(kit).pause_wanted, seat_row(kit).pause_due) == (None, None)


# --- parked wrap-ups --------------------------------------------------------------------------


def park(kit: FloorKit) -> tuple[SessionId, AttemptId, AttemptId]:
    """Anna's first call is over and noted, its wrap-up interrupted by a second one."""
    kit.take_lease()
    session = kit.log_in()
    first = kit.dial(session)
    kit.talk(first, session)
    tell(kit, session, SeatState.WRAP_UP, attempt_id=first, contact_id=ContactId(1))
    kit.seats[0].save_note(first, "Wants a letter.", kit.now)
    second = kit.dial(session)
    kit.clock.advance(5)
    tell(
        kit,
        session,
        SeatState.TALKING,
        attempt_id=second,
        contact_id=ContactId(2),
        parked=(first,),
    )
    return session, first, second


def test_who_is_parked_stays_in_sight_with_the_notes(kit: FloorKit, watch: WatchStore) -> None:
    _, first, second = park(kit)
    row = seat_row(kit)
    assert (row.attempt_id, row.note) == (second, "")
    assert row.parked == (ParkedCall(first, "Person 1", "Wants a letter."),)
    assert "Person" not in repr(row.parked[0])
    assert kit.seats[0].record(2) is not None
    assert kit.seats[0].record(1) is None, "only the person in hand may be read"
    assert watch.snapshot(kit.now).seats[0].parked == 1


def test_the_parked_wrap_up_comes_back_as_it_was_left(kit: FloorKit) -> None:
    session, first, second = park(kit)
    kit.talk(second, session)
    tell(
        kit,
        session,
        SeatState.WRAP_UP,
        attempt_id=second,
        contact_id=ContactId(2),
        parked=(first,),
    )
    kit.clock.advance(9)
    kit.seats[0].choose_outcome(second, "NO", "", kit.now)
    back_at = kit.now
    tell(kit, session, SeatState.WRAP_UP, attempt_id=first, contact_id=ContactId(1))
    row = seat_row(kit)
    assert (row.state, row.attempt_id, row.since) == (SeatState.WRAP_UP, first, back_at.utc)
    assert (row.note, row.disposition_code, row.parked) == ("Wants a letter.", None, ())
    assert kit.seats[0].record(1) is not None
    assert kit.seats[0].choose_outcome(first, "SALE", "", kit.now) == "SALE"


def test_after_a_restart_the_seat_still_owes_its_wrap_up(kit: FloorKit) -> None:
    session, first, _ = park(kit)
    (seat,) = kit.floor.restore(kit.now).sessions
    ((attempt, record),) = seat.parked
    assert attempt == first
    assert (record.contact_id, record.number) == (1, "+441614960001")
    kit.seats[0].choose_outcome(first, "NO", "", kit.now)
    assert kit.floor.restore(kit.now).sessions[0].parked == ()
    assert seat_row(kit).parked == ()
    assert seat.session_id == session


def test_a_session_that_ends_owes_nothing(kit: FloorKit) -> None:
    park(kit)
    kit.seats[0].log_out(kit.now)
    kit.log_in()
    assert seat_row(kit, 1).parked == ()
    assert kit.floor.restore(kit.now).sessions[0].parked == ()


# --- stages and decisions ---------------------------------------------------------------------


def test_stages_travel_to_the_dialler_and_stay_out_of_the_audit(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    kit.talk(attempt, session)
    with kit.database.reading() as connection:
        audited = connection.scalar(select(func.count()).select_from(AuditRow))
    _, cursor = kit.floor.agent_events(0, kit.now)
    kit.seats[0].reach_stage(attempt, "script:2", kit.now)
    kit.seats[0].choose_outcome(attempt, "SALE", "", kit.now)
    assert kit.floor.agent_events(cursor, kit.now)[0] == [
        StageReached(session, attempt, "script:2"),
        StageReached(session, attempt, "outcome"),
        OutcomeChosen(session, attempt, "SALE"),
    ]
    with kit.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(AuditRow)) == audited


def test_a_decision_is_kept_with_its_rule(kit: FloorKit, watch: WatchStore) -> None:
    kit.take_lease()
    told = NoteDecision(kit.campaign_id, kit.now, 0, "No call: nobody is free.", (), "no_seat")
    kit.floor.apply([told], kit.now)
    (decision,) = watch.snapshot(kit.now).decisions
    assert (decision.rule, decision.at) == ("no_seat", kit.now.utc)
