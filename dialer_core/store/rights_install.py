"""Putting a seat's rights in force, in the schema `rights` and as policies on the floor's tables.

PostgreSQL only, and no migration: it stands on the roles and tables of joining, which not each
floor has, it must fit the program that runs, and parts of it are made from the program's rules.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, text

from dialer_core.store import rights_phones_sql, rights_policies, rights_sql, rights_who_sql
from dialer_core.store.postgres import PEN

# Large objects belong to nobody's rights; whose server it is has to close them where we may not.
_LARGE_OBJECTS: Final = """
DO $large$ DECLARE one text; BEGIN
    FOREACH one IN ARRAY ARRAY['lo_create(oid)', 'lo_creat(integer)', 'lo_from_bytea(oid, bytea)']
    LOOP EXECUTE 'REVOKE EXECUTE ON FUNCTION pg_catalog.' || one || ' FROM PUBLIC'; END LOOP;
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $large$;
"""
# A seat looks up a handful of rows by their keys. Of rows behind policies the planner knows too
# little, and now and then it would read a whole index for one of them.
LOOKS_UP: Final = ("enable_mergejoin", "enable_hashjoin", "jit")
_ROLES = text(
    "SELECT r.role FROM joining.seat_roles r JOIN pg_roles p ON p.rolname = r.role"
    " WHERE r.removed_at IS NULL"
)
_MARK = text("SELECT obj_description(to_regnamespace('rights')::oid, 'pg_namespace')")


def install(connection: Connection) -> None:
    """Rights as this program wants them, in the caller's writing transaction; may be repeated.

    The roles and tables of joining must be there. What stands already is left alone: putting it in
    force locks each table for a moment.
    """
    script = _script()
    mark = hashlib.sha256(script.encode()).hexdigest()
    if connection.scalar(_MARK) == mark:
        return
    connection.exec_driver_sql(script)
    for role in connection.scalars(_ROLES).all():
        plan_as_seat(connection, role)
    connection.exec_driver_sql(f"COMMENT ON SCHEMA rights IS '{mark}'")


def plan_as_seat(connection: Connection, role: str) -> None:
    """Have the server plan this seat's statements as what they are, from its next connection on."""
    for setting in LOOKS_UP:
        connection.exec_driver_sql(f"ALTER ROLE {role} SET {setting} = off")


@contextmanager
def put_aside(connection: Connection) -> Iterator[None]:
    """Without policies while tables are remade, and with the present program's afterwards.

    In the caller's transaction, so that nobody sees the floor without. Does nothing where no seat
    may join.
    """
    is_there = connection.scalar(text("SELECT to_regclass('rights.coding') IS NOT NULL"))
    if is_there:
        connection.exec_driver_sql(rights_policies.TAKE_DOWN)
        connection.exec_driver_sql("COMMENT ON SCHEMA rights IS NULL")
    yield
    if is_there:
        install(connection)


def _script() -> str:
    return "".join(
        (
            rights_who_sql.TABLES,
            rights_who_sql.WHO,
            rights_who_sql.COLLEAGUES,
            rights_phones_sql.PHONES,
            rights_sql.verbs(PEN),
            rights_sql.EXECUTE,
            rights_policies.TAKE_DOWN,
            rights_policies.CLOSE,
            rights_policies.policies(),
            _LARGE_OBJECTS,
        )
    )
