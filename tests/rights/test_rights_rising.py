"""What is closed to a seat's role whatever goes on, and how it does not rise."""

from __future__ import annotations

import pytest
from psycopg import errors

from tests.rights.floor_of_seats import OWNER
from tests.rights.scene import Scene, refused, rows

pytestmark = pytest.mark.postgres


def test_passwords_hashes_of_agents_are_not_readable(still: Scene) -> None:
    assert refused(still.plain, "SELECT password FROM agents") == (
        "permission denied for table agents"
    )
    assert refused(still.plain, "SELECT * FROM agents") == "permission denied for table agents"
    assert refused(
        still.plain, "SELECT 1 FROM agents WHERE password LIKE 'scrypt$%'"
    ) == "permission denied for table agents"  # fmt: skip


@pytest.mark.parametrize(
    "table",
    [
        "settings", "audit_log", "day_counts", "decisions", "refusals", "dialler_lease", "lines",
        "list_imports", "list_import_changes", "registries", "registry_entries", "machine_reviews",
        "erasures", "written_files", "segments", "mix_sources", "call_qualities",
        "recording_pauses", "experiment_exposures",
    ],
)  # fmt: skip
def test_tables_that_are_none_of_a_seats_business_are_closed(still: Scene, table: str) -> None:
    assert refused(still.plain, f"SELECT * FROM {table}") == f"permission denied for table {table}"


@pytest.mark.parametrize("table", ["codes", "requests", "seat_roles", "misses", "state"])
def test_the_tables_of_joining_are_closed(still: Scene, table: str) -> None:
    assert refused(still.plain, f"SELECT * FROM joining.{table}") == (
        f"permission denied for table {table}"
    )


def test_each_table_of_the_floor_is_guarded_or_closed(still: Scene) -> None:
    """Also those that a later migration makes."""
    readable = rows(
        still.plain,
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind IN ('r', 'v', 'm', 'p') AND has_any_column_privilege(c.oid,"
        " 'SELECT, INSERT, UPDATE, REFERENCES') AND NOT c.relrowsecurity",
    )
    assert readable == []


@pytest.mark.parametrize(
    "column",
    ["disposition_code", "formula_class", "session_id", "agent_id", "answered_at", "outcome"],
)
def test_not_even_the_own_attempt_can_be_rewritten(still: Scene, column: str) -> None:
    statement = f"UPDATE attempts SET {column} = NULL WHERE id = %s"
    assert refused(still.plain, statement, still.annas_call) == (
        "permission denied for table attempts"
    )


@pytest.mark.parametrize(
    "column", ["state = 'available'", "contact_id = 2", "attempt_id = NULL", "is_supervisor = true",
               "agent_id = 2", "seat_id = 2", "closed_at = NULL", "parked = '[]'"],
)  # fmt: skip
def test_where_a_session_stands_is_the_diallers_to_say(still: Scene, column: str) -> None:
    assert refused(still.plain, f"UPDATE sessions SET {column}") == (
        "permission denied for table sessions"
    )


@pytest.mark.parametrize(
    ("crime", "said"),
    [
        ("ALTER ROLE CURRENT_USER SUPERUSER", "permission denied to alter role"),
        ("ALTER ROLE CURRENT_USER CREATEROLE", "permission denied to alter role"),
        ("ALTER ROLE CURRENT_USER BYPASSRLS", "permission denied to alter role"),
        (f"ALTER ROLE {OWNER} PASSWORD 'x'", "permission denied to alter role"),
        ("CREATE ROLE friend LOGIN", "permission denied to create role"),
        (f"GRANT {OWNER} TO CURRENT_USER", f'permission denied to grant role "{OWNER}"'),
        ("GRANT pg_read_all_data TO CURRENT_USER",
         'permission denied to grant role "pg_read_all_data"'),
        (f"SET ROLE {OWNER}", f'permission denied to set role "{OWNER}"'),
        (f"SET SESSION AUTHORIZATION {OWNER}",
         f'permission denied to set session authorization "{OWNER}"'),
        ("ALTER TABLE contacts DISABLE ROW LEVEL SECURITY", "must be owner of table contacts"),
        ("DROP POLICY seat_reads ON contacts", "must be owner of relation contacts"),
        ("CREATE POLICY mine ON contacts USING (true)", "must be owner of table contacts"),
        ("CREATE TABLE mine (a int)", "permission denied for schema public"),
        ("CREATE FUNCTION now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT null $$",
         "permission denied for schema public"),
        ("CREATE FUNCTION rights.seat() RETURNS integer LANGUAGE sql AS $$ SELECT 2 $$",
         "permission denied for schema rights"),
        ("CREATE OR REPLACE FUNCTION rights.seat() RETURNS integer LANGUAGE sql AS $$ SELECT 2 $$",
         "permission denied for schema rights"),
        ("CREATE SCHEMA mine", "permission denied for database"),
        ("CREATE TEMP TABLE seats (id int)", "permission denied to create temporary tables"),
        ("CREATE FUNCTION pg_temp.seat() RETURNS integer LANGUAGE sql AS $$ SELECT 2 $$",
         "permission denied to create temporary tables"),
        ("CREATE DATABASE mine", "permission denied to create database"),
        ("CREATE EXTENSION dblink", 'permission denied to create extension "dblink"'),
        ("CREATE SERVER away FOREIGN DATA WRAPPER postgres_fdw", ""),
        ("COPY (SELECT 1) TO PROGRAM 'true'", "permission denied to COPY to or from an external"),
        ("COPY agents (name) FROM PROGRAM 'echo x'", "permission denied"),
        ("COPY (SELECT 1) TO '/tmp/callfloor-crime'", "permission denied to COPY to a file"),
        ("COPY agents TO STDOUT", "permission denied for table agents"),
        ("SELECT pg_read_file('postgresql.conf')", "permission denied for function pg_read_file"),
        ("SELECT pg_ls_dir('.')", "permission denied for function pg_ls_dir"),
        ("SELECT * FROM pg_authid", "permission denied for table pg_authid"),
        ("SELECT * FROM pg_hba_file_rules", "permission denied"),
        ("SELECT lo_create(0)", "permission denied for function lo_create"),
        ("SELECT lo_creat(-1)", "permission denied for function lo_creat"),
        ("SELECT lo_from_bytea(0, 'x')", "permission denied for function lo_from_bytea"),
        ("SELECT lo_import('/etc/passwd')", "permission denied for function lo_import"),
        ("SELECT pg_reload_conf()", "permission denied for function pg_reload_conf"),
        ("ALTER SYSTEM SET log_statement = 'all'", "permission denied to set parameter"),
        ("SET log_statement = 'all'", "permission denied to set parameter"),
        ("SET session_replication_role = replica", "permission denied to set parameter"),
        ("SELECT joining.join_floor('', '', '', '', '{}', now())",
         "permission denied for function join_floor"),
        ("SELECT * FROM rights.coding", "permission denied for table coding"),
        ("SELECT setval('rights.wrong_1', 0)", "permission denied for sequence wrong_1"),
        ("SELECT setval('agent_events_id_seq', 1)", "permission denied for sequence"),
        ("SELECT lowrite(lo_open(1, 131072), 'x')", ""),
    ],
)  # fmt: skip
def test_a_seat_does_not_rise(still: Scene, crime: str, said: str) -> None:
    with pytest.raises((errors.InsufficientPrivilege, errors.UndefinedObject)) as caught:
        still.plain.execute(crime.encode())
    assert said in (caught.value.diag.message_primary or "")
