"""A seat's whole program by the seat's own role: nothing that it sends is refused.

The window's desk and its own call-backs work through a network that the test cuts; the server
writes down each statement and each refusal.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from psycopg import sql
from pytestqt.qtbot import QtBot

from app.desk.callback_watch import OwnCallBacks
from app.desk.cut_off import CUT_OFF, KEPT, NOT_ALLOWED
from dialer_core.model.call_control import CallAction, CallWish
from dialer_core.model.ids import AttemptId, ContactId, SessionId
from dialer_core.model.states import CallStage, SeatState
from dialer_core.store.seat import SeatStore
from tests.cut_off.conftest import AGENT, Network, Seat, WindowClock
from tests.postgres_kit import RunningPostgres, running_postgres
from tests.rights.floor_of_seats import FloorOfSeats, make_template

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(120)]
LOGGED = ("log_min_messages=error", "log_line_prefix=%u|", "log_error_verbosity=terse")
_SAID = re.compile(r"^seat_\d+\|LOG:  (?:statement|execute [^:]*): ((?:(?!^\w*\|).*\n)+)", re.M)
_REFUSED = re.compile(r"^seat_\d+\|ERROR:.*", re.M)


@dataclass
class OwnRole:
    """A seat's desk under its own role, and what the server has written down of it."""

    floor: FloorOfSeats
    seat: Seat
    network: Network
    journal: Path
    log: Path

    @property
    def session(self) -> SessionId:
        with self.floor.database.reading() as connection:
            found = connection.exec_driver_sql("SELECT max(id) FROM sessions").scalar()
        return SessionId(int(found or 0))

    def code_of(self, attempt: str) -> str | None:
        with self.floor.owner() as owner:
            row = owner.execute(
                "SELECT disposition_code FROM attempts WHERE id = %s", [attempt]
            ).fetchone()
        assert row is not None
        return None if row[0] is None else str(row[0])

    def preview(self) -> ContactId:
        (record,) = self.floor.kit.lease()
        self.floor._record = record
        self.floor.kit.set_seat(self.session, SeatState.PREVIEW, contact=record.contact_id)
        self.sees(SeatState.PREVIEW)
        return record.contact_id

    def talk(self) -> AttemptId:
        kit, session = self.floor.kit, self.session
        attempt = kit.dial(session)
        kit.move(attempt, CallStage.TALKING, session)
        with self.floor.owner() as owner:
            found = owner.execute(
                "SELECT contact_id FROM attempts WHERE id = %s", [attempt]
            ).fetchone()
        assert found is not None
        kit.set_seat(session, SeatState.TALKING, attempt, ContactId(found[0]))
        self.sees(SeatState.TALKING)
        return attempt

    def wrap_up(self, attempt: AttemptId) -> None:
        record = self.seat.views[-1].record
        assert record is not None
        kit, session = self.floor.kit, self.session
        kit.talk(attempt, session)
        kit.set_seat(session, SeatState.WRAP_UP, attempt, ContactId(record.contact_id))
        self.sees(SeatState.WRAP_UP)

    def sees(self, state: SeatState) -> None:
        self.seat.wait(lambda: self.seat.views[-1].state is state)

    def refusals(self) -> list[str]:
        return _REFUSED.findall(self.log.read_text())

    def statements(self) -> set[str]:
        return {" ".join(one.split()) for one in _SAID.findall(self.log.read_text())}


@pytest.fixture(scope="module")
def writing_server() -> Iterator[RunningPostgres]:
    with running_postgres(*LOGGED) as running:
        yield running


@pytest.fixture(scope="module")
def template(writing_server: RunningPostgres) -> str:
    return make_template(writing_server)


@pytest.fixture
def own(
    writing_server: RunningPostgres,
    template: str,
    tmp_path: Path,
    qtbot: QtBot,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[OwnRole]:
    log = writing_server.data.parent / "log"
    with FloorOfSeats.made(writing_server, template) as floor:
        with writing_server.connect() as admin:
            admin.execute(
                sql.SQL("ALTER ROLE {} SET log_statement = 'all'").format(
                    sql.Identifier(floor.one.role)
                )
            )
        address = floor.one.address
        network = Network(address.host, address.port)
        journal = tmp_path / "kept" / "seat-one.json"
        place = replace(address, port=network.port)
        seat = Seat(lambda: SeatStore(place), qtbot, journal, agent=AGENT)
        try:
            yield OwnRole(floor, seat, network, journal, log)
        finally:
            network.mend()
            seat.close()
            network.close()
        assert not seat.crashes, "no error dialog"
    warned = {one.message for one in caplog.records if one.levelno >= logging.WARNING}
    assert warned <= {"the floor cannot be reached"} or NOT_ALLOWED in seat.notices


def test_nothing_that_a_seat_sends_in_a_day_is_refused(own: OwnRole, qtbot: QtBot) -> None:
    seat, desk, kit = own.seat, own.seat.desk, own.floor.kit
    before = len(own.refusals())
    rows: list[object] = []
    call_backs = OwnCallBacks(lambda: own.floor.one.address, WindowClock(0.0))
    call_backs.changed.connect(rows.append)
    seat.log_in()
    desk.calls.watch_colleagues(True)
    desk.want_available()
    desk.want_pause("lunch")
    call_backs.set_agent(AGENT)
    contact = own.preview()
    desk.record_painted(contact, "")
    desk.skip(contact)
    kit.set_seat(own.session, SeatState.AVAILABLE)
    own.sees(SeatState.AVAILABLE)
    desk.calls.dial("0161 496 0123")
    attempt = own.talk()
    desk.calls.wish(CallWish(CallAction.HOLD, attempt))
    desk.reach_stage(attempt, "script:1")
    desk.save_note(attempt, "ring the bell twice")
    own.wrap_up(attempt)
    desk.choose_outcome(attempt, "BACK", "ring the bell twice")
    seat.wait(lambda: own.code_of(attempt) == "BACK")
    call_backs.look()
    seat.wait(lambda: len(rows) >= 2)
    desk.log_out()
    seat.wait(lambda: seat.logins[-1].error == "" and not seat.logins[-1].is_busy)
    call_backs.stop()

    assert own.refusals()[before:] == []
    assert CUT_OFF not in {one for view in seat.views for one in view.notices}
    with own.floor.owner() as owner:
        found = owner.execute("SELECT kind FROM agent_events ORDER BY id").fetchall()
        wishes = {kind for (kind,) in found}
    assert wishes >= {
        "opened", "available", "pause", "preview_drawn", "preview_skip", "manual_dial", "call",
        "stage", "outcome", "closed",
    }  # fmt: skip
    said = " ".join(own.statements())
    for word in (
        "rights.log_in", "rights.colleagues", "rights.code_call", "FROM contacts",
        "FROM attempts", "UPDATE contacts", "FROM settings",
    ):  # fmt: skip
        assert word in said, word


def test_what_was_chosen_while_cut_off_is_delivered_after_the_session_was_closed(
    own: OwnRole,
) -> None:
    seat = own.seat
    seat.log_in()
    attempt = own.talk()
    own.network.cut()
    seat.wait(lambda: CUT_OFF in seat.notices)
    seat.desk.choose_outcome(attempt, "SALE", "by Friday")
    seat.wait(lambda: KEPT in seat.notices)
    own.floor.clock.advance(60.0)
    own.floor.bring_to_today()
    with own.floor.owner() as owner:  # she has gone on at another PC
        owner.execute("UPDATE sessions SET seen_at = '2026-03-01'")
    elsewhere = own.floor.sit_down(own.floor.two, AGENT)
    before = len(own.refusals())
    own.network.mend()
    seat.wait(lambda: own.code_of(attempt) == "SALE")
    seat.wait(lambda: not own.journal.exists())
    assert own.refusals()[before:] == []
    assert elsewhere.read() is not None


def test_an_outcome_that_is_refused_holds_up_nothing(own: OwnRole) -> None:
    seat = own.seat
    seat.log_in()
    attempt = own.talk()
    with own.floor.owner() as owner:  # what the window shows is no more what the floor allows
        owner.execute("REVOKE EXECUTE ON FUNCTION rights.open_late FROM callfloor_seats")
        own.network.cut()
        seat.wait(lambda: CUT_OFF in seat.notices)
        seat.desk.choose_outcome(attempt, "SALE", "by Friday")
        seat.wait(lambda: KEPT in seat.notices)
        own.network.mend()
        seat.wait(lambda: NOT_ALLOWED in seat.notices)
        seat.wait(lambda: CUT_OFF not in seat.notices and KEPT not in seat.notices)
        owner.execute("UPDATE sessions SET reason = 'Lunch' WHERE closed_at IS NULL")
        owner.execute("NOTIFY callfloor")
        seat.wait(lambda: seat.views[-1].reason == "Lunch")
        assert own.journal.exists(), "it stays here"
        owner.execute("GRANT EXECUTE ON FUNCTION rights.open_late TO callfloor_seats")
