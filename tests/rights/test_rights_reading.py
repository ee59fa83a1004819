"""What a seat's role reads with plain SQL: its own, and nothing else."""

from __future__ import annotations

import pytest
from psycopg import errors

from tests.rights.floor_of_seats import BEN, CLARA
from tests.rights.scene import Scene, refused, rows

pytestmark = pytest.mark.postgres


def test_a_seat_lists_no_contacts_but_the_one_on_its_screen(scene: Scene) -> None:
    assert rows(scene.plain, "SELECT id FROM contacts") == [(scene.annas_person,)]
    assert rows(scene.plain, "SELECT count(*) FROM contacts") == [(1,)]
    assert rows(scene.plain, "SELECT DISTINCT contact_id FROM contact_numbers") == [
        (scene.annas_person,)
    ]


def test_another_seats_contact_is_not_there(scene: Scene) -> None:
    query = "SELECT name FROM contacts WHERE id = %s"
    assert rows(scene.plain, query, scene.bens_person) == []
    assert rows(scene.floor.two.intruder(), query, scene.bens_person) == [("Person 2",)]
    number = "SELECT e164 FROM contact_numbers WHERE contact_id = %s"
    assert rows(scene.plain, number, scene.bens_person) == []


def test_nothing_of_others_comes_out_through_a_careless_function(scene: Scene) -> None:
    # A condition that tells what it is shown must not be shown other rows first.
    with pytest.raises(errors.DivisionByZero):
        scene.plain.execute("SELECT 1 FROM contacts WHERE 1 / (length(name) - 8) > 0")
    safe = "SELECT 1 / (id - %s) FROM contacts"
    assert rows(scene.plain, safe, scene.bens_person), "the other row was never divided by"


def test_another_seats_attempts_are_not_there(scene: Scene) -> None:
    assert rows(scene.plain, "SELECT id FROM attempts WHERE id = %s", scene.bens_call) == []
    others = "SELECT count(*) FROM attempts WHERE agent_id <> 1"
    assert rows(scene.plain, others) == [(0,)]


def test_the_salt_is_all_that_is_told_of_a_password(scene: Scene) -> None:
    ((told,),) = rows(scene.plain, "SELECT rights.salt(%s)", CLARA)
    assert told["state"] == "asked"
    assert len(told["salt"].split("$")) == 5
    assert refused(scene.plain, "SELECT rights.is_wrong('', '')") == (
        "permission denied for function is_wrong"
    )


def test_colleagues_tokens_and_phones_are_not_readable(scene: Scene) -> None:
    assert rows(scene.plain, "SELECT DISTINCT agent_id FROM sessions") == [(1,)]
    ((_id, name, state, _reason),) = rows(scene.plain, "SELECT * FROM rights.colleagues()")
    assert (name, state) == (BEN, "wrap_up")


def test_recordings_of_others_are_not_there_and_no_path_is_told(scene: Scene) -> None:
    with scene.floor.owner() as owner:
        for attempt in (scene.annas_call, scene.bens_call):
            owner.execute(
                "INSERT INTO recordings (attempt_id, path, policy, state, started_at, recorded_s,"
                " sentence) VALUES (%s, '/x.wav', 'all', 'recording', now(), 0, '')",
                [attempt],
            )
    assert rows(scene.plain, "SELECT attempt_id FROM recordings") == [(scene.annas_call,)]
    assert refused(scene.plain, "SELECT path FROM recordings") == (
        "permission denied for table recordings"
    )


def test_a_supervisor_who_listens_is_not_seen(scene: Scene) -> None:
    with scene.floor.owner() as owner:
        for how in ("listen", "whisper"):
            owner.execute(
                "INSERT INTO supervisions (attempt_id, how, at, sentence) VALUES (%s, %s, now(),"
                " '')",
                [scene.annas_call, how],
            )
    assert rows(scene.plain, "SELECT how FROM supervisions") == [("whisper",)]


def test_another_campaign_is_not_there(scene: Scene) -> None:
    with scene.floor.owner() as owner:
        copied = owner.execute(
            "SELECT string_agg(quote_ident(column_name), ',') FROM information_schema.columns"
            " WHERE table_name = 'campaigns' AND column_name NOT IN ('id', 'name')"
        ).fetchone()
        assert copied is not None
        owner.execute(
            f"INSERT INTO campaigns (name, {copied[0]}) SELECT 'Secret', {copied[0]}"
            " FROM campaigns".encode()
        )
    assert rows(scene.plain, "SELECT id FROM campaigns") == [(1,)]
    assert rows(scene.plain, "SELECT DISTINCT campaign_id FROM dispositions") == [(1,)]


def test_what_an_agent_promised_is_only_the_agents(scene: Scene) -> None:
    now = scene.floor.clock.now()
    scene.ben.choose_outcome(scene.bens_call, "BACK", "", now, now.utc, is_mine=True)
    mine = "SELECT id FROM contacts WHERE call_back_agent_id IS NOT NULL"
    assert rows(scene.plain, mine) == []
    assert rows(scene.floor.two.intruder(), mine) == [(scene.bens_person,)]


def test_statistics_of_the_tables_tell_nothing(scene: Scene) -> None:
    with scene.floor.owner() as owner:
        owner.execute("ANALYZE contacts, contact_numbers, agents, sessions")
    query = "SELECT count(*) FROM pg_stats WHERE schemaname = 'public'"
    assert rows(scene.plain, query) == [(0,)]


def test_what_others_are_saying_to_the_server_is_not_told(scene: Scene) -> None:
    told = "SELECT count(*) FROM pg_stat_activity WHERE usename <> session_user" \
        " AND query NOT IN ('', '<insufficient privilege>')"  # fmt: skip
    assert rows(scene.plain, told) == [(0,)]
