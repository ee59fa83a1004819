"""What a seat's role changes with plain SQL: its own, and nothing else."""

from __future__ import annotations

import pytest
from psycopg import errors

from dialer_core.store import audit
from tests.rights.scene import Scene, changed, refused, rows

pytestmark = pytest.mark.postgres


def test_another_seats_attempt_cannot_be_changed(scene: Scene) -> None:
    mine = "UPDATE attempts SET note = 'forged' WHERE id = %s"
    assert changed(scene.plain, mine, scene.bens_call) == 0
    assert changed(scene.plain, mine, scene.annas_call) == 1


def test_an_outcome_on_anothers_call_is_refused(scene: Scene) -> None:
    code = "SELECT rights.code_call(%s, 'SALE', now(), '')"
    assert refused(scene.plain, code, scene.bens_call) == "this call is not one of this session"
    assert refused(scene.plain, code, "A" * 26) == "this call is not one of this session"


def test_an_outcome_that_stands_cannot_be_changed(scene: Scene) -> None:
    code = "SELECT rights.code_call(%s, %s, now(), '')"
    scene.plain.execute(code, [scene.annas_call, "SALE"])
    assert refused(scene.plain, code, scene.annas_call, "NO") == "the outcome of this call stands"


def test_an_outcome_that_the_campaign_does_not_have_is_refused(scene: Scene) -> None:
    code = "SELECT rights.code_call(%s, 'BONUS', now(), '')"
    assert refused(scene.plain, code, scene.annas_call) == "this campaign has no such outcome"


def test_a_word_on_anothers_call_is_refused(scene: Scene) -> None:
    tell = (
        "INSERT INTO agent_events (session_id, kind, attempt_id, payload, at)"
        " VALUES (%s, 'outcome', %s, '{\"code\": \"SALE\"}', now())"
    )
    session = rows(scene.plain, "SELECT rights.session()")[0][0]
    said = refused(scene.plain, tell, session, scene.bens_call)
    assert said == 'new row violates row-level security policy for table "agent_events"'
    assert changed(scene.plain, tell, session, scene.annas_call) == 1


def test_a_wish_in_anothers_name_is_refused(scene: Scene) -> None:
    wish = "INSERT INTO agent_events (session_id, kind, payload, at) VALUES (%s, %s, '{}', now())"
    mine = rows(scene.plain, "SELECT rights.session()")[0][0]
    policy = 'new row violates row-level security policy for table "agent_events"'
    for session, kind in ((mine + 1, "pause"), (None, "campaign"), (mine, "closed")):
        assert refused(scene.plain, wish, session, kind) == policy


def test_listening_to_a_colleague_is_not_a_seats_to_want(scene: Scene) -> None:
    wish = (
        "INSERT INTO agent_events (session_id, kind, attempt_id, payload, at)"
        " VALUES (rights.session(), 'supervise', %s, '{\"how\": \"listen\"}', now())"
    )
    for attempt in (scene.bens_call, scene.annas_call):
        assert refused(scene.plain, wish, attempt) == (
            'new row violates row-level security policy for table "agent_events"'
        )


def test_another_seats_session_cannot_be_changed_or_closed(scene: Scene) -> None:
    for column in ("token", "phone_uri"):
        statement = f"UPDATE sessions SET {column} = 'mine now'"
        assert refused(scene.plain, statement) == "permission denied for table sessions"
    assert changed(scene.plain, "UPDATE sessions SET pause_wanted = 'lunch'") == 1, "its own"
    bens = scene.ben.read()
    assert bens is not None
    assert (bens.token, bens.pause_wanted) == ("token", None)
    take = "SELECT rights.change_phone(%s, 'sip:x', 'mine now', now())"
    scene.plain.execute(take, [bens.session_id])
    assert scene.ben.read() == bens
    scene.plain.execute("SELECT rights.log_out(%s, now())", [bens.session_id])
    assert scene.ben.read() is not None
    assert refused(scene.plain, "SELECT rights.end_session(%s, now())", bens.session_id) == (
        "permission denied for function end_session"
    )


def test_sessions_are_opened_by_logging_in_alone(scene: Scene) -> None:
    insert = (
        "INSERT INTO sessions (agent_id, seat_id, campaign_id, phone_uri, token, opened_at,"
        " seen_at, state, since, reason) VALUES (2, 1, 1, '', '', now(), now(), 'paused', now(),"
        " '')"
    )
    assert refused(scene.plain, insert) == "permission denied for table sessions"


def test_contacts_cannot_be_changed_but_by_an_outcome(scene: Scene) -> None:
    free = "UPDATE contacts SET next_at = now(), status = 'waiting'"
    assert changed(scene.plain, free) == 0
    assert refused(scene.plain, "UPDATE contacts SET name = 'x'") == (
        "permission denied for table contacts"
    )
    assert refused(scene.plain, "DELETE FROM contacts") == "permission denied for table contacts"


def test_an_outcome_opens_its_own_person_and_only_for_its_transaction(scene: Scene) -> None:
    with scene.plain.transaction():
        scene.plain.execute("SELECT rights.code_call(%s, 'BACK', now(), '')", [scene.annas_call])
        free = "UPDATE contacts SET status = 'call_back', next_at = now() RETURNING id"
        assert rows(scene.plain, free) == [(scene.annas_person,)]
        own = "UPDATE contacts SET call_back_agent_id = 2"
        with pytest.raises(errors.InsufficientPrivilege), scene.plain.transaction():
            scene.plain.execute(own)
    assert changed(scene.plain, "UPDATE contacts SET next_at = now()") == 0


def test_a_person_who_objects_is_never_called_again_whatever_the_seat_leaves_out(
    scene: Scene,
) -> None:
    scene.plain.execute("SELECT rights.code_call(%s, 'NEVER', now(), '')", [scene.annas_call])
    with scene.floor.owner() as owner:
        assert owner.execute(
            "SELECT count(*) FROM suppressions s JOIN contact_numbers n USING (number_hash)"
            " WHERE n.contact_id = %s AND s.attempt_id = %s",
            [scene.annas_person, scene.annas_call],
        ).fetchone() == (1,)


def test_nobody_else_is_put_on_or_taken_off_the_do_not_call_list(scene: Scene) -> None:
    with scene.floor.owner() as owner:
        found = owner.execute(
            "SELECT number_hash FROM contact_numbers WHERE contact_id = %s", [scene.bens_person]
        ).fetchone()
    assert found is not None
    insert = (
        "INSERT INTO suppressions (client_id, number_hash, reason, attempt_id, at)"
        " VALUES (1, %s, 'forged', %s, now())"
    )
    policy = 'new row violates row-level security policy for table "suppressions"'
    assert refused(scene.plain, insert, found[0], scene.annas_call) == policy
    with scene.plain.transaction(force_rollback=True):
        scene.plain.execute("SELECT rights.code_call(%s, 'NO', now(), '')", [scene.annas_call])
        assert refused(scene.plain, insert, found[0], scene.annas_call) == policy
    for gone in ("DELETE FROM suppressions", "DELETE FROM lockouts", "TRUNCATE lockouts"):
        assert refused(scene.plain, gone).startswith("permission denied for table")


def test_lockouts_end_only_where_the_outcome_ends_them(scene: Scene) -> None:
    with scene.plain.transaction():
        scene.plain.execute("SELECT rights.code_call(%s, 'NO', now(), '')", [scene.annas_call])
        assert changed(scene.plain, "UPDATE lockouts SET until = now()") == 0


def test_the_audit_log_is_neither_read_nor_written_nor_emptied(scene: Scene) -> None:
    insert = (
        "INSERT INTO audit_log (at, who, what, detail, previous_hash, hash)"
        " VALUES (now(), 'supervisor', 'x', '{}', '', '')"
    )
    for crime in (
        "SELECT * FROM audit_log", insert, "UPDATE audit_log SET who = 'x'",
        "DELETE FROM audit_log", "TRUNCATE audit_log",
    ):  # fmt: skip
        assert refused(scene.plain, crime) == "permission denied for table audit_log"


def test_an_entry_of_the_audit_log_cannot_be_forged_so_that_the_chain_breaks(
    scene: Scene,
) -> None:
    append = "SELECT rights.append_audit('x', %s::jsonb, now())"
    for detail in ('{"a": 1.50}', '{"a": [1]}', '{"a": {"b": 1}}', "[1]"):
        with pytest.raises(errors.CheckViolation):
            scene.plain.execute(append, [detail])
    for detail in ('{ "b":1e3,"a" : "x" , "a":"\\u00e4\\t/"}', "{}"):
        scene.plain.execute(append, [detail])
    with scene.floor.database.reading() as connection:
        assert audit.first_broken(connection) is None


def test_the_figures_of_the_law_are_not_a_seats_to_write(scene: Scene) -> None:
    assert refused(scene.plain, "UPDATE day_counts SET live = live + 1000") == (
        "permission denied for table day_counts"
    )
