"""The policies are looked up in indexes, however long the lists are."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.dialects import postgresql

from dialer_core.store.seat_row import _SESSION
from tests.rights.scene import Plain, Scene

pytestmark = pytest.mark.postgres

PEOPLE = 60_000
READ_BY_A_SEAT = (
    "SELECT * FROM (SELECT id, name FROM contacts) c",
    "SELECT id, name, town FROM contacts WHERE id = 1",
    "SELECT id, name, next_at FROM contacts WHERE status = 'call_back' AND next_at <= now()"
    " AND call_back_agent_id = 1 ORDER BY next_at, id LIMIT 20",
    "SELECT id, e164 FROM contact_numbers",
    "SELECT id, e164 FROM contact_numbers WHERE contact_id = 1 ORDER BY rank",
    "SELECT * FROM attempts WHERE id = 'Z' || lpad('1000', 25, '0')",
    "SELECT * FROM attempts WHERE contact_id = 1 ORDER BY committed_at DESC LIMIT 21",
    "SELECT count(*) FROM attempts WHERE agent_id = 1 AND bridged_at >= now() - interval '1 day'",
    "SELECT count(*) FROM agent_events WHERE kind = 'preview_skip'",
    "SELECT since, until FROM session_states",
    "SELECT number_hash FROM suppressions",
    "SELECT id FROM lockouts",
    "SELECT id, e164 FROM contact_numbers WHERE e164 LIKE '+44%'",
)


def fill(owner: Plain, people: int) -> None:
    """So many people more, each called by somebody else some months ago."""
    columns = owner.execute(
        "SELECT table_name, string_agg(quote_ident(column_name), ',') FROM"
        " information_schema.columns WHERE table_schema = 'public' AND table_name IN"
        " ('contacts', 'contact_numbers', 'attempts') AND column_name NOT IN"
        " ('id', 'contact_id', 'number_id', 'number_hash', 'session_id', 'agent_id', 'e164',"
        " 'leased_by_epoch', 'rank', 'committed_at', 'status') GROUP BY 1"
    ).fetchall()
    of = dict(columns)
    first = 1000
    owner.execute(
        f"INSERT INTO contacts (id, status, {of['contacts']}) SELECT g, 'fresh', {of['contacts']}"
        f" FROM contacts, generate_series({first}, {first + people - 1}) g"
        " WHERE id = 6".encode()
    )
    hashed = "sha256(g::text::bytea)"
    owner.execute(
        f"INSERT INTO contact_numbers (id, contact_id, rank, status, e164, number_hash,"
        f" {of['contact_numbers']}) SELECT g, g, 0, 'open',"
        f" '+441614960' || lpad((g % 1000)::text, 3, '0'), {hashed},"
        f" {of['contact_numbers']} FROM contact_numbers,"
        f" generate_series({first}, {first + people - 1}) g WHERE id = 6".encode()
    )
    owner.execute(
        f"INSERT INTO attempts (id, contact_id, number_id, number_hash, agent_id, committed_at,"
        f" {of['attempts']}) SELECT 'Z' || lpad(g::text, 25, '0'), g, g, {hashed}, 2,"
        f" now() - interval '90 days', {of['attempts']} FROM attempts,"
        f" generate_series({first}, {first + people - 1}) g"
        " WHERE attempts.id LIKE 'A%1'".encode()
    )
    owner.execute(
        "INSERT INTO suppressions (client_id, number_hash, reason, attempt_id, at)"
        f" SELECT 1, {hashed}, 'x', NULL, now() FROM generate_series(1, {people}) g".encode()
    )
    owner.execute("ANALYZE")
    for table in ("contacts", "contact_numbers", "attempts", "suppressions"):
        ((count,),) = owner.execute(f"SELECT count(*) FROM {table}".encode()).fetchall()
        assert count >= people, table


def _walked(plan: dict[str, Any]) -> list[str]:
    """Tables and indexes of which many more rows were read than wanted."""
    is_walk = plan["Node Type"] == "Seq Scan" or plan.get("Rows Removed by Filter", 0) > 1000
    found = [str(plan["Relation Name"])] if "Relation Name" in plan and is_walk else []
    return found + [name for one in plan.get("Plans", ()) for name in _walked(one)]


def test_no_statement_of_a_seat_walks_over_the_lists(scene: Scene) -> None:
    with scene.floor.owner() as owner:
        fill(owner, PEOPLE)
    big = {"contacts", "contact_numbers", "attempts", "suppressions"}
    session = scene.plain.execute("SELECT rights.session()").fetchall()[0][0]
    said = _SESSION.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]  # theirs
    own = str(said).replace("%(session)s", str(session))
    for statement in (own, *READ_BY_A_SEAT):
        ((found,),) = scene.plain.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON, COSTS OFF) {statement}".encode()
        ).fetchall()
        assert not big & set(_walked(found[0]["Plan"])), statement
