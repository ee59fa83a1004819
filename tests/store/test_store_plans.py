"""Lists as one parameter, statements made ready, and the ways that a server takes to answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Executable, bindparam, select, update

from dialer_core.clock import Instant, ManualClock
from dialer_core.lists.mix import Kind
from dialer_core.lists.order import ListOrder
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile
from dialer_core.store import facts, fronts, leasing
from dialer_core.store.address import FloorAddress
from dialer_core.store.campaigns import load_campaign
from dialer_core.store.database import Database
from dialer_core.store.long_list import fill
from dialer_core.store.many import among_hashes, among_numbers
from dialer_core.store.opening import open_database
from dialer_core.store.ready import Ready
from dialer_core.store.schema import ContactListRow, ContactNumberRow, ContactRow
from tests.store.floor_kit import FloorKit

_CONTACTS = select(ContactRow.id).where(among_numbers(ContactRow.id, "contacts"))
_NUMBERS = select(ContactNumberRow.contact_id).where(
    among_hashes(ContactNumberRow.number_hash, "hashes")
)


@pytest.mark.parametrize("count", [0, 1, 2, 60])
def test_lists_of_any_length_are_found_as_one_parameter(kit: FloorKit, count: int) -> None:
    with kit.database.reading() as connection:
        rows = connection.execute(
            select(ContactNumberRow.contact_id, ContactNumberRow.number_hash)
        ).all()
        chosen = rows[:count]
        others = [bytes([n]) * 32 for n in range(count)]
        contacts = [row.contact_id for row in chosen] + [10**6 + n for n in range(count)]
        hashes = [row.number_hash for row in chosen] + others
        wanted = sorted(row.contact_id for row in chosen)
        assert sorted(connection.scalars(_CONTACTS, {"contacts": contacts})) == wanted
        assert sorted(connection.scalars(_NUMBERS, {"hashes": hashes})) == wanted


@pytest.mark.parametrize("statement", [_CONTACTS, _NUMBERS, facts.NUMBERS_OF])
def test_a_file_finds_them_by_an_index(file_database: Database, statement: Executable) -> None:
    with file_database.reading() as connection:
        words = str(statement.compile(dialect=connection.dialect))  # type: ignore[attr-defined]
        asked = tuple(b"" if "length(?)" in words else "[]" for _ in range(words.count("?")))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", asked).all()
    assert not [row for row in plan if re.search(r"SCAN contact", str(row[3]))], plan


def test_a_statement_made_ready_answers_as_the_statement_does(kit: FloorKit) -> None:
    late = kit.now.utc + timedelta(days=1)
    statement = select(ContactRow.id).where(
        ContactRow.list_id.in_([1, 2, 3]),
        ContactRow.created_at <= bindparam("now", type_=ContactRow.created_at.type),
        ContactRow.name != bindparam("name", "100 %s's :x"),
        ContactRow.id > bindparam("least"),
    )
    with kit.database.reading() as connection:
        ready = Ready(statement, connection.dialect, {"now": late, "least": 0})
        for now in (late, kit.now.utc - timedelta(days=1)):
            for least in (0, 2, 99):
                asked = {"now": now, "least": least}
                found = ready.ask(connection, asked)
                assert sorted(found) == sorted(connection.scalars(statement, asked))
        assert len(ready.ask(connection, {"now": late, "least": 0})) == 5


@pytest.mark.parametrize("seed", range(3))
def test_the_front_of_lists_with_priorities_is_who_is_first(
    database: Database, clock: ManualClock, seed: int
) -> None:
    draw = Random(seed)
    kit = FloorKit(database, clock)
    kit.add_campaign(Mode.PREDICTIVE, profile("GB"), people=0)
    lists = _filled(kit, 300)
    with database.writing() as connection:
        for level in range(draw.randint(1, 5)):
            some = draw.sample(range(1, 301), draw.randint(1, 120))
            raised = update(ContactRow).where(among_numbers(ContactRow.id, "whom"))
            connection.execute(raised.values(priority=level - 2), {"whom": some})
    with database.reading() as connection:
        fresh = select(ContactRow.id).where(
            ContactRow.list_id.in_(lists[:3]), fronts.is_of(Kind.FRESH)
        )
        in_turn = fresh.order_by(ContactRow.priority.desc(), ContactRow.id)
        wanted = list(connection.scalars(in_turn, {"now": kit.now.utc}))
        for count in (1, 7, 40, len(wanted), 1000):
            found = fronts.front(
                connection, lists[:3], Kind.FRESH, ListOrder.PRIORITY, kit.now.utc, count
            )
            assert [turn.contact_id for turn in found] == wanted[:count]
    kit.close()


@pytest.mark.postgres
def test_a_server_that_keeps_its_plans_never_reads_through_the_list(
    address: FloorAddress, clock: ManualClock
) -> None:
    database = open_database(address)
    kit = FloorKit(database, clock)
    kit.add_campaign(Mode.PREDICTIVE, profile("GB"), people=0)
    lists = _filled(kit, 4000)
    database.look_through()
    asked = {"campaign": kit.campaign_id, "epoch": 1, "now": kit.now.utc}
    with database.reading() as connection:
        due = _generic_plan(connection, leasing._DUE, asked)
        of_list = {"list_0": lists[-1], "level": 0, "most": 84, "count": 84, "now": kit.now.utc}
        branch = fronts._together(fronts._of_priority, ListOrder.PRIORITY, 1)
        front = _generic_plan(connection, branch, of_list)
    assert "Seq Scan on contacts" not in due, due
    assert "ix_contacts_turn" in front, front
    kit.close()
    database.close()


def _filled(kit: FloorKit, people: int) -> list[int]:
    now: Instant = kit.now
    with kit.database.writing() as connection:
        settings = load_campaign(connection, kit.campaign_id)
        fill(connection, settings, people, "GB-TPS", now)
        return list(connection.scalars(select(ContactListRow.id).order_by(ContactListRow.id)))


def _generic_plan(
    connection: Connection, statement: Executable, asked: Mapping[str, object]
) -> str:
    """How the server answers once it has made one plan for all values."""
    compiled: Any = statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined]
    values = compiled.construct_params(dict(asked))
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", str(compiled))))
    words = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", str(compiled))
    dbapi: Any = connection.connection.dbapi_connection
    dbapi.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    dbapi.execute(f"PREPARE asked AS {words}")
    told = ", ".join(_quoted(values[name]) for name in names)
    plan = dbapi.execute(f"EXPLAIN EXECUTE asked ({told})").fetchall()
    dbapi.execute("DEALLOCATE asked")
    return "\n".join(row[0] for row in plan)


def _quoted(value: object) -> str:
    return str(value) if isinstance(value, int) else f"'{value}'"
