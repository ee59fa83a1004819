"""What a seat's role says to a function or writes into its own rows: nothing, or nonsense."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from dialer_core.engine.events import PauseWanted
from tests.rights.scene import Scene, changed, refused, rows

pytestmark = pytest.mark.postgres
MOMENTS = ("'infinity'", "'-infinity'", "'9999-12-31'", "'0001-01-01'")


def test_what_is_not_there_opens_nothing(scene: Scene) -> None:
    plain = scene.plain
    assert rows(plain, "SELECT rights.open_late(NULL)") == [(False,)]
    assert rows(plain, "SELECT rights.is_mine(NULL)") == [(False,)]
    assert rows(plain, "SELECT rights.salt(NULL)") == [({"state": "unknown"},)]
    nobody = "SELECT rights.log_in(NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
    assert rows(plain, nobody) == [({"trouble": "unknown"},)]
    refused(plain, "SELECT rights.code_call(NULL, NULL, NULL, NULL)")
    refused(plain, "SELECT rights.code_call(%s, NULL, NULL, NULL)", scene.annas_call)
    refused(plain, "SELECT rights.draw(NULL, NULL)")
    plain.execute("SELECT rights.log_out(NULL, NULL)")
    assert rows(plain, "SELECT rights.session() IS NULL") == [(False,)]
    with pytest.raises(errors.NotNullViolation):
        plain.execute("SELECT rights.append_audit(NULL, NULL, NULL)")


def test_nobody_is_not_everybody(scene: Scene) -> None:
    """Without a session each question is answered with null, which must let nothing pass."""
    scene.anna.log_out(scene.floor.clock.now())
    plain = scene.plain
    with scene.floor.owner() as owner:  # a call without a session, a contact that is nobody's
        owner.execute("UPDATE attempts SET session_id = NULL, agent_id = NULL WHERE id = %s",
                      [scene.bens_call])  # fmt: skip
        owner.execute("UPDATE contacts SET status = 'call_back', call_back_agent_id = NULL")
    for table in ("contacts", "contact_numbers", "attempts", "sessions", "lockouts",
                  "suppressions", "session_states", "third_parties"):  # fmt: skip
        assert rows(plain, f"SELECT count(*) FROM {table}") == [(0,)], table
    assert changed(plain, "UPDATE attempts SET note = 'x' WHERE session_id IS NULL") == 0
    assert changed(plain, "UPDATE sessions SET pause_wanted = 'x'") == 0
    for session in ("NULL", "1"):
        said = refused(
            plain,
            "INSERT INTO agent_events (session_id, kind, payload, at)"
            f" VALUES ({session}, 'available', '{{}}', now())",
        )
        assert "row-level security" in said


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_moment_that_nobody_can_reckon_with_is_not_written(scene: Scene, moment: str) -> None:
    """The dialler would stumble over it at each look at the floor."""
    plain = scene.plain
    for crime in (
        f"UPDATE sessions SET seen_at = {moment}",
        f"UPDATE sessions SET pause_due = {moment}",
        "INSERT INTO agent_events (session_id, kind, payload, at)"
        f" VALUES (rights.session(), 'available', '{{}}', {moment})",
    ):
        assert "row-level security" in refused(plain, crime), crime
    with plain.transaction(force_rollback=True):
        code = f"SELECT rights.code_call(%s, 'SALE', {moment}, '')"
        plain.execute(code.encode(), [scene.annas_call])
        assert "row-level security" in refused(plain, f"UPDATE contacts SET next_at = {moment}")
    plain.execute(f"SELECT rights.code_call(%s, 'SALE', {moment}, '')".encode(),
                  [scene.annas_call])  # fmt: skip
    plain.execute(f"SELECT rights.log_out(rights.session(), {moment})".encode())
    with scene.floor.owner() as owner:
        found = owner.execute(
            "SELECT disposed_at, (SELECT max(closed_at) FROM sessions) FROM attempts WHERE id = %s",
            [scene.annas_call],
        ).fetchone()
    assert found is not None
    assert all(one.year >= 2026 for one in found), found


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("pause", "{}"), ("pause", "null"), ("pause", "[]"),
        ("pause", '{"reason": "x", "at_utc_s": "soon"}'),
        ("pause", '{"reason": "x", "at_utc_s": 1e300}'),
        ("stage", "{}"), ("outcome", "7"), ("call", '{"action": "fly"}'),
        ("call", '{"action": "transfer", "colleague": "Ben"}'), ("manual_dial", '"number"'),
    ],
)  # fmt: skip
def test_a_wish_that_nobody_can_read_does_not_stop_the_dialler(
    scene: Scene, kind: str, payload: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = scene.floor.kit.floor.agent_events(0, scene.floor.clock.now())[1]
    scene.plain.execute(
        "INSERT INTO agent_events (session_id, kind, attempt_id, payload, at)"
        " VALUES (rights.session(), %s, %s, %s, now())",
        [kind, scene.annas_call, payload],
    )
    scene.anna.want_pause("lunch", scene.floor.clock.now())
    found, after = scene.floor.kit.floor.agent_events(before, scene.floor.clock.now())
    assert after >= before + 2
    assert isinstance(found[-1], PauseWanted), "those behind it are read"
    assert "fly" not in caplog.text, "nor does the log repeat it"


@pytest.mark.parametrize(
    "crime",
    [
        "SELECT pg_read_binary_file('PG_VERSION')", "SELECT pg_stat_file('PG_VERSION')",
        "SELECT pg_ls_logdir()", "SELECT pg_ls_waldir()", "SELECT lo_export(1, '/tmp/x')",
        "SELECT * FROM pg_largeobject", "SELECT * FROM pg_user_mapping", "LOAD 'pg_prewarm'",
        "SELECT * FROM pg_statistic", "SELECT pg_switch_wal()", "CHECKPOINT",
        "ALTER FUNCTION rights.seat() SECURITY INVOKER", "DROP FUNCTION rights.seat()",
        "ALTER FUNCTION rights.seat() SET search_path = pg_temp",
        "CREATE RULE mine AS ON INSERT TO contacts DO NOTHING",
        "ALTER TABLE contacts OWNER TO CURRENT_USER", "ALTER SCHEMA rights OWNER TO CURRENT_USER",
        "ALTER DEFAULT PRIVILEGES FOR ROLE callfloor GRANT ALL ON TABLES TO CURRENT_USER",
        "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION rights.seat()",
        "CREATE LANGUAGE plpython3u", "CREATE PUBLICATION mine FOR ALL TABLES",
        "CREATE SUBSCRIPTION mine CONNECTION 'host=127.0.0.1' PUBLICATION mine",
        "CREATE FOREIGN DATA WRAPPER mine", "CREATE OPERATOR public.=== (LEFTARG = int,"
        " RIGHTARG = int, FUNCTION = int4eq)", "CREATE TYPE public.mine AS (a int)",
        "CREATE VIEW mine AS SELECT * FROM contacts", "REFRESH MATERIALIZED VIEW mine",
        "GRANT SELECT ON contacts TO PUBLIC", "COMMENT ON TABLE contacts IS 'mine'",
        "COPY settings TO STDOUT", "COPY audit_log TO STDOUT", "COPY attempts FROM STDIN",
        "SELECT value FROM settings, audit_log", "SELECT dblink('', '')",
        "ALTER ROLE seat_2 SET search_path = pg_temp", "ALTER ROLE ALL SET row_security = off",
        "ALTER DATABASE postgres SET row_security = off", "REASSIGN OWNED BY callfloor TO seat_1",
        "SECURITY LABEL ON TABLE contacts IS 'x'", "SELECT pg_create_restore_point('x')",
        "SELECT pg_promote()", "SELECT pg_rotate_logfile()", "SELECT pg_export_snapshot(), 1/0",
    ],
)  # fmt: skip
def test_other_ways_up_are_closed(still: Scene, crime: str) -> None:
    with pytest.raises(psycopg.Error) as caught:
        still.plain.execute(crime.encode())
    assert not isinstance(caught.value, errors.SyntaxError), caught.value
    still.plain.rollback()
    assert rows(still.plain, "SELECT id FROM contacts") == [(still.annas_person,)]
