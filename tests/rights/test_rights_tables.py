"""Each table of the floor is named here as open to seats, in part, or closed: also a new one."""

from __future__ import annotations

import pytest

from dialer_core.store.rights_policies import RIGHTS
from dialer_core.store.schema import Base
from tests.rights.scene import Scene, refused, rows

pytestmark = pytest.mark.postgres

OPEN_IN_PART = {
    "agent_events", "agents", "alembic_version", "attempts", "campaigns", "clients",
    "contact_lists", "contact_numbers", "contacts", "dispositions", "experiment_variants",
    "experiments", "lockouts", "recordings", "rule_profiles", "rule_tightenings", "seats",
    "session_states", "sessions", "settings", "supervisions", "suppressions", "third_parties",
}  # fmt: skip
CLOSED = {
    "api_clients", "audit_log", "call_qualities", "day_counts", "decisions", "dialler_lease",
    "erasures", "experiment_exposures", "lines", "list_import_changes", "list_imports",
    "machine_reviews", "mix_sources", "recording_pauses", "refusals", "registries",
    "registry_entries", "results", "segments", "told_call_backs", "webhook_deliveries",
    "webhooks", "written_files",
}  # fmt: skip


def of_the_floor() -> set[str]:
    return set(Base.metadata.tables) | {"alembic_version"}


def test_each_table_is_named_as_open_or_closed() -> None:
    assert {right.table for right in RIGHTS} == OPEN_IN_PART
    assert of_the_floor() == OPEN_IN_PART | CLOSED
    assert not OPEN_IN_PART & CLOSED


@pytest.mark.parametrize("table", sorted(CLOSED))
def test_nothing_of_a_closed_table_is_a_seats(still: Scene, table: str) -> None:
    said = f"permission denied for table {table}"
    ((column,),) = rows(
        still.plain,
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 1",
        table,
    )
    assert refused(still.plain, f"SELECT 1 FROM {table}") == said
    assert refused(still.plain, f"SELECT count(*) FROM {table}") == said
    assert refused(still.plain, f"INSERT INTO {table} DEFAULT VALUES") == said
    assert refused(still.plain, f"UPDATE {table} SET {column} = NULL") == said
    assert refused(still.plain, f"DELETE FROM {table}") == said
    assert refused(still.plain, f"TRUNCATE {table}") == said


@pytest.mark.parametrize("table", sorted(OPEN_IN_PART))
def test_nothing_can_be_taken_out_of_an_open_table(still: Scene, table: str) -> None:
    said = f"permission denied for table {table}"
    assert refused(still.plain, f"DELETE FROM {table}") == said
    assert refused(still.plain, f"TRUNCATE {table}") == said
    assert refused(still.plain, f"CREATE TRIGGER mine AFTER INSERT ON {table} FOR EACH ROW"
                   " EXECUTE FUNCTION suppress_redundant_updates_trigger()") == said  # fmt: skip


def test_no_sequence_can_be_set_and_only_those_of_ones_own_rows_are_used(still: Scene) -> None:
    usable = rows(
        still.plain,
        "SELECT c.relname FROM pg_class c WHERE c.relkind = 'S' AND c.relnamespace IN"
        " ('public'::regnamespace, 'rights'::regnamespace, 'joining'::regnamespace)"
        " AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'USAGE') END ORDER BY 1",
    )
    assert usable == [("agent_events_id_seq",), ("lockouts_id_seq",), ("suppressions_id_seq",)]
    settable = rows(
        still.plain,
        "SELECT c.relname FROM pg_class c"
        " WHERE CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'UPDATE') END",
    )
    assert settable == []
