"""An outcome that comes late, by the seat's own role: its session is closed, somebody else sits."""

from __future__ import annotations

from typing import Any

import pytest

from dialer_core.model.errors import KnownError
from dialer_core.model.ids import AttemptId, ContactId
from tests.rights.floor_of_seats import ANNA, BEN, HOUR, FloorOfSeats, Seat, session_of
from tests.rights.scene import Scene, changed, refused, rows

pytestmark = pytest.mark.postgres


def owed(floor: FloorOfSeats) -> tuple[int, AttemptId, ContactId]:
    """Anna has spoken to somebody at seat one and logged out without an outcome."""
    window = floor.sit_down(floor.one, ANNA)
    session = session_of(window)
    attempt, contact = floor.call(window)
    window.log_out(floor.clock.now())
    floor.bring_to_today()
    return session, attempt, contact


def deliver(
    floor: FloorOfSeats, seat: Seat, session: int, attempt: str, code: str, note: str = "by Friday"
) -> bool:
    return seat.window().deliver_outcome(session, attempt, code, note, floor.clock.now())


def left(floor: FloorOfSeats, attempt: str) -> tuple[Any, ...]:
    with floor.owner() as owner:
        found = owner.execute(
            "SELECT a.disposition_code, a.note, c.status, c.call_back_agent_id FROM attempts a"
            " JOIN contacts c ON c.id = a.contact_id WHERE a.id = %s",
            [attempt],
        ).fetchone()
    assert found is not None
    return tuple(found)


def test_it_is_taken_after_the_session_was_closed_and_once(floor: FloorOfSeats) -> None:
    session, attempt, _ = owed(floor)
    assert deliver(floor, floor.one, session, attempt, "", "wants a letter")
    assert left(floor, attempt)[:2] == (None, "wants a letter")
    assert deliver(floor, floor.one, session, attempt, "SALE")
    assert left(floor, attempt)[:3] == ("SALE", "by Friday", "closed")
    assert not deliver(floor, floor.one, session, attempt, "NO"), "the first counts"
    assert left(floor, attempt)[0] == "SALE"
    with floor.owner() as owner:
        told = owner.execute(
            "SELECT session_id FROM agent_events WHERE kind = 'outcome' AND attempt_id = %s",
            [attempt],
        ).fetchall()
    assert told == [(session,)], "the dialler is told of it once"


@pytest.mark.parametrize("code", ["NO", "AM", "NEVER", "WRONG"])
def test_it_leaves_the_same_behind_as_one_in_time(floor: FloorOfSeats, code: str) -> None:
    found = []
    for is_late in (False, True):
        window = floor.sit_down(floor.one, ANNA)
        session = session_of(window)
        attempt, contact = floor.call(window)
        if is_late:
            window.log_out(floor.clock.now())
            floor.bring_to_today()
            assert deliver(floor, floor.one, session, attempt, code)
        else:
            window.choose_outcome(attempt, code, "by Friday", floor.clock.now())
            window.log_out(floor.clock.now())
        with floor.owner() as owner:
            found.append(
                [
                    owner.execute(query.encode(), {"a": attempt, "c": contact}).fetchall()
                    for query in (
                        "SELECT disposition_code, formula_class FROM attempts WHERE id = %(a)s",
                        "SELECT status, status_reason, last_outcome FROM contacts WHERE id = %(c)s",
                        "SELECT status FROM contact_numbers WHERE contact_id = %(c)s",
                        "SELECT mode, outcome FROM lockouts WHERE attempt_id = %(a)s ORDER BY 1, 2",
                        "SELECT reason FROM suppressions WHERE attempt_id = %(a)s",
                    )
                ]
            )
    assert found[0] == found[1]


def test_a_colleague_who_sits_there_now_takes_nothing_over(floor: FloorOfSeats) -> None:
    session, attempt, _ = owed(floor)
    with floor.owner() as owner:
        agents = dict(owner.execute("SELECT name, id FROM agents").fetchall())
    noon = floor.sit_down(floor.one, BEN)
    due = floor.clock.now().utc + HOUR
    assert noon.deliver_outcome(
        session, attempt, "BACK", "after one", floor.clock.now(), due, is_mine=True
    )
    assert left(floor, attempt) == ("BACK", "after one", "call_back", agents[ANNA])
    row = noon.read()
    assert row is not None
    assert row.agent_name == BEN
    assert noon.today(floor.clock.now()).outcomes == 0


def test_the_agent_who_is_back_in_a_new_session_owes_it_no_more(floor: FloorOfSeats) -> None:
    session, attempt, _ = owed(floor)
    again = floor.sit_down(floor.one, ANNA)
    assert session_of(again) != session
    assert again.deliver_outcome(session, attempt, "SALE", "", floor.clock.now())
    assert left(floor, attempt)[0] == "SALE"


def test_a_person_who_was_called_again_since_is_left_as_the_later_call_has_it(
    floor: FloorOfSeats,
) -> None:
    session, attempt, contact = owed(floor)
    later = floor.sit_down(floor.two, BEN)
    floor.clock.advance(60.0)
    again, _ = floor.call(later)
    with floor.owner() as owner:  # as if it had been the same person
        person = "UPDATE attempts SET contact_id = %s, committed_at = now() WHERE id = %s"
        owner.execute(person.encode(), [contact, again])
        owner.execute("UPDATE contacts SET status = 'closed' WHERE id = %s", [contact])
    assert deliver(floor, floor.one, session, attempt, "BACK")
    assert left(floor, attempt)[:3] == ("BACK", "by Friday", "closed"), "nobody is called again"


def test_another_seat_cannot_open_it(floor: FloorOfSeats) -> None:
    session, attempt, _ = owed(floor)
    assert not deliver(floor, floor.two, session, attempt, "SALE")
    plain = floor.two.intruder()
    assert rows(plain, "SELECT rights.open_late(%s)", attempt) == [(False,)]
    refused(plain, "SELECT rights.code_call(%s, 'SALE', now(), '')", attempt)
    assert left(floor, attempt)[0] is None


def test_a_call_that_is_opened_late_is_read_and_noted_and_nothing_else(scene: Scene) -> None:
    plain, call = scene.plain, scene.annas_call
    scene.anna.log_out(scene.floor.clock.now())
    scene.floor.bring_to_today()
    with plain.transaction(force_rollback=True):
        assert rows(plain, "SELECT rights.open_late(%s)", call) == [(True,)]
        assert rows(plain, "SELECT id FROM contacts") == [(scene.annas_person,)]
        assert changed(plain, "UPDATE contacts SET status = 'closed'") == 0
        assert changed(plain, "UPDATE contact_numbers SET status = 'retired'") == 0
        assert changed(plain, "UPDATE lockouts SET until = now()") == 0
        assert changed(plain, "UPDATE attempts SET note = 'x' WHERE id = %s", call) == 1
    for crime in (
        "INSERT INTO agent_events (session_id, kind, attempt_id, payload, at)"
        f" VALUES (1, 'outcome', '{call}', '{{}}', now())",
        "INSERT INTO suppressions (client_id, number_hash, reason, attempt_id, at)"
        f" SELECT client_id, number_hash, 'x', id, now() FROM attempts WHERE id = '{call}'",
        "INSERT INTO lockouts (client_id, number_hash, mode, begins_at, until, ends_on_connect,"
        " outcome, attempt_id) SELECT client_id, number_hash, 'BLOCK', now(), now(), false, 'X',"
        f" id FROM attempts WHERE id = '{call}'",
    ):
        with plain.transaction(force_rollback=True):
            assert rows(plain, "SELECT rights.open_late(%s)", call) == [(True,)]
            assert "row-level security" in refused(plain, crime), crime
    # In the next transaction all of it is closed again.
    assert rows(plain, "SELECT id FROM contacts") == []
    refused(plain, "SELECT rights.code_call(%s, 'SALE', now(), '')", call)


def test_a_removed_seat_opens_nothing(scene: Scene) -> None:
    scene.floor.bring_to_today()
    with scene.floor.owner() as owner:
        owner.execute("UPDATE joining.seat_roles SET removed_at = now() WHERE role = %s",
                      [scene.floor.one.role])  # fmt: skip
    assert rows(scene.plain, "SELECT rights.open_late(%s)", scene.annas_call) == [(False,)]


def test_after_a_week_it_is_told_and_not_taken(floor: FloorOfSeats) -> None:
    session, attempt, _ = owed(floor)
    plain, call = floor.one.intruder(), "SELECT rights.open_late(%s), rights.too_late(%s)"
    older = "UPDATE attempts SET committed_at = now() - interval '7 days' + %s::interval"
    with floor.owner() as owner:
        owner.execute(older.encode(), ["1 minute"])
        assert rows(plain, call, attempt, attempt) == [(True, False)]
        owner.execute(older.encode(), ["-1 minute"])
        assert rows(plain, call, attempt, attempt) == [(False, True)]
    other = floor.two.intruder()
    assert rows(other, call, attempt, attempt) == [(False, False)], "another seat is told nothing"
    for code, word in (("SALE", "The outcome SALE of 03 March 2026"), ("", "A note of 03 March")):
        with pytest.raises(KnownError, match=f"{word}.*more than 7 days after its call"):
            deliver(floor, floor.one, session, attempt, code)
    assert left(floor, attempt)[:2] == (None, "")
    again = floor.sit_down(floor.one, ANNA)  # who reads her own calls, and may write of none
    with pytest.raises(KnownError, match="more than 7 days"):
        again.deliver_outcome(session, attempt, "SALE", "", floor.clock.now())
    with floor.owner() as owner:  # what stands is nobody's trouble any more
        owner.execute("UPDATE attempts SET disposition_code = 'NO', disposed_at = now()")
    assert not deliver(floor, floor.one, session, attempt, "SALE")
