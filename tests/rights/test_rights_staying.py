"""A seat's role that acts as somebody else, or reads on after its time."""

from __future__ import annotations

import psycopg
import pytest

from dialer_core.store import seats_roles
from tests.rights.floor_of_seats import ANNA, BEN, CLARA, CLARAS_PASSWORD, FloorOfSeats, connect_as
from tests.rights.scene import Scene, changed, refused, rows

pytestmark = pytest.mark.postgres


def test_ending_others_connections_is_refused(scene: Scene) -> None:
    with scene.floor.owner() as owner:
        found = owner.execute("SELECT pg_backend_pid()").fetchone()
        assert found is not None
        said = refused(scene.plain, "SELECT pg_terminate_backend(%s)", found[0])
        assert "permission denied to terminate process" in said


def test_row_security_cannot_be_switched_off(scene: Scene) -> None:
    scene.plain.execute("SET row_security = off")
    said = refused(scene.plain, "SELECT * FROM seats WHERE id = 2")
    assert said.startswith("permission denied") or "row-level security" in said
    said = refused(scene.plain, "SELECT id FROM contacts")
    assert said == 'query would be affected by row-level security policy for table "contacts"'


def test_acting_as_the_group_of_seats_gains_nothing(scene: Scene) -> None:
    scene.plain.execute("SET ROLE callfloor_seats")
    assert rows(scene.plain, "SELECT id FROM contacts") == [(scene.annas_person,)]
    assert rows(scene.plain, "SELECT rights.seat()") == [(1,)]


def test_names_of_ones_own_do_not_stand_before_the_floors(scene: Scene) -> None:
    scene.plain.execute("SET search_path = pg_temp, public, rights")
    scene.plain.execute("SET rights.seat = '2'")
    assert rows(scene.plain, "SELECT seat(), session() IS NOT NULL") == [(1, True)]
    assert rows(scene.plain, "SELECT id FROM contacts") == [(scene.annas_person,)]


def test_a_forged_notify_tells_nobody_anything(scene: Scene) -> None:
    scene.anna.changed()
    while scene.anna.changed():
        pass
    before = scene.ben.read()
    scene.plain.execute("NOTIFY callfloor, 'you are logged out'")
    scene.plain.execute("LISTEN callfloor")
    assert scene.ben.read() == before


def test_logging_in_as_somebody_takes_the_password(scene: Scene) -> None:
    scene.anna.log_out(scene.floor.clock.now())
    log_in = "SELECT rights.log_in('Clara', %s, 'sip:x', 'y', now(), NULL, false)"
    assert rows(scene.plain, log_in, None) == [({"trouble": "wrong"},)]
    assert rows(scene.plain, log_in, "0" * 128) == [({"trouble": "wrong"},)]
    assert rows(scene.plain, "SELECT rights.session()") == [(None,)]


def test_undoing_the_transaction_does_not_undo_the_count_of_wrong_passwords(
    scene: Scene,
) -> None:
    answers = []
    for _ in range(12):
        with scene.plain.transaction(force_rollback=True):
            ((answer,),) = rows(
                scene.plain, "SELECT rights.log_in('Clara', 'x', '', '', now(), NULL, false)"
            )
            answers.append(answer["trouble"])
    assert answers[0] == "wrong"
    assert answers[-1] == "locked"


def test_a_clock_set_forward_takes_no_session_from_a_colleague(scene: Scene) -> None:
    scene.anna.log_out(scene.floor.clock.now())
    with scene.floor.owner() as owner:
        owner.execute("UPDATE sessions SET seen_at = now() WHERE closed_at IS NULL")
    take = f"SELECT rights.log_in('{BEN}', NULL, '', '', now() + interval '1 hour', NULL, false)"
    ((answer,),) = rows(scene.plain, take)
    assert answer == {"trouble": "in use", "agent": BEN, "seat": "seat-two"}


def test_the_draw_of_another_seats_person_is_refused(scene: Scene) -> None:
    draw = "SELECT rights.draw(1, %s)"
    assert refused(scene.plain, draw, scene.bens_person) == (
        "this person is not on the screen of this seat"
    )


def test_nothing_is_readable_before_anybody_logs_in(floor: FloorOfSeats) -> None:
    plain = floor.one.intruder()
    assert rows(plain, "SELECT name FROM agents ORDER BY 1") == [(ANNA,), (BEN,), (CLARA,)]
    for table in ("contacts", "contact_numbers", "attempts", "sessions", "campaigns", "clients"):
        assert rows(plain, f"SELECT count(id) FROM {table}") == [(0,)], table


def test_nothing_is_readable_after_the_agent_has_logged_out(scene: Scene) -> None:
    scene.anna.log_out(scene.floor.clock.now())
    for table in ("contacts", "contact_numbers", "attempts", "sessions", "campaigns", "clients"):
        assert rows(scene.plain, f"SELECT count(id) FROM {table}") == [(0,)], table
    assert rows(scene.plain, "SELECT * FROM rights.colleagues()") == []
    refused(scene.plain, "SELECT rights.code_call(%s, 'SALE', now(), '')", scene.annas_call)
    assert changed(scene.plain, "UPDATE attempts SET note = 'late'") == 0


def test_the_next_agent_does_not_see_the_last_ones_people(scene: Scene) -> None:
    scene.anna.log_out(scene.floor.clock.now())
    scene.floor.sit_down(scene.floor.one, CLARA, CLARAS_PASSWORD)
    assert rows(scene.plain, "SELECT id FROM contacts") == []
    assert rows(scene.plain, "SELECT id FROM attempts") == []


def test_a_seat_that_was_removed_reads_nothing_and_comes_in_no_more(scene: Scene) -> None:
    floor = scene.floor
    with floor.database.writing() as connection:
        role = seats_roles.remove_seat(connection, "seat-one", "test", floor.clock.now().utc)
    # Before its connections are ended, on the one that is open still:
    assert rows(scene.plain, "SELECT to_regclass('contacts') IS NOT NULL") == [(True,)]
    refused(scene.plain, "SELECT id FROM contacts")
    refused(scene.plain, "SELECT rights.colleagues()")
    with floor.database.connect() as connection:
        seats_roles.end_connections(connection, role)
    with pytest.raises(psycopg.OperationalError):
        scene.plain.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match=r"not permitted to log in|authentication"):
        connect_as(floor.one.address)


def test_the_owner_is_not_held_by_the_policies(scene: Scene) -> None:
    with scene.floor.owner() as owner:
        assert owner.execute("SELECT count(*) FROM contacts").fetchone() == (6,)
        assert owner.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind = 'r' AND NOT relrowsecurity"
        ).fetchone() == (0,)
