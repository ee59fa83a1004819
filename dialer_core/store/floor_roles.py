"""The roles of a shared floor that are made once, by PostgreSQL's own administrator."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from dialer_core.store.floor_link import FloorLink, scram_verifier


def make_owner(admin: FloorLink, owner: str, password: str, database: str) -> None:
    """The role that owns the floor's tables and makes its seats' roles, and its database.

    What is there is brought up to date. The owner is no superuser: it sees who is connected, may
    end connections, and makes roles, nothing more.
    """
    with admin.alone() as connection:
        verifier = scram_verifier(connection, owner, password)
        roles = connection.execute(
            text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": owner}
        ).first()
        if roles is None:
            connection.exec_driver_sql(f"CREATE ROLE {owner}")
        connection.exec_driver_sql(
            f"ALTER ROLE {owner} LOGIN CREATEROLE NOSUPERUSER NOCREATEDB PASSWORD '{verifier}'"
        )
        connection.exec_driver_sql(f"GRANT pg_read_all_stats, pg_signal_backend TO {owner}")
        found: Any = connection.execute(
            text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": database}
        ).first()
        if found is None:
            connection.exec_driver_sql(
                f"CREATE DATABASE {database} OWNER {owner} TEMPLATE template0"
            )
    inside = admin.as_role(admin.role, admin.password, database)
    with inside.writing() as connection:
        # Large objects belong to nobody's rights: the join role could fill the disk with them.
        for function in ("lo_create(oid)", "lo_creat(integer)", "lo_from_bytea(oid, bytea)"):
            connection.exec_driver_sql(
                f"REVOKE EXECUTE ON FUNCTION pg_catalog.{function} FROM PUBLIC"
            )


def drop_database(admin: FloorLink, database: str) -> None:
    """Throw away what a move that was broken off has left."""
    with admin.alone() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
