"""Each seat's own role in the database: made when it joins, taken away when it is removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from dialer_core.model.errors import KnownError
from dialer_core.store import audit, lending
from dialer_core.store.joining_sql import SEAT_CONNECTIONS, SEATS
from dialer_core.store.lending import Lent

_SEAT = text("SELECT id FROM seats WHERE lower(name) = lower(:name)")
_MAKE_SEAT = text("INSERT INTO seats (name, created_at) VALUES (:name, :now) RETURNING id")
_IS_OPEN = text("SELECT 1 FROM joining.seat_roles WHERE seat_id = :seat AND removed_at IS NULL")
_COUNT = text("SELECT count(*) FROM joining.seat_roles WHERE seat_id = :seat")
_KEEP = text(
    "INSERT INTO joining.seat_roles (seat_id, role, addresses, certificate) "
    "SELECT id, :role, :addresses, :certificate FROM seats WHERE lower(name) = lower(:name)"
)
_SEATS = text(
    "SELECT s.name, r.role, r.addresses, r.joined_at, EXISTS (SELECT FROM pg_stat_activity a "
    "WHERE a.usename = r.role) AS is_here, (SELECT g.name FROM sessions o JOIN agents g "
    "ON g.id = o.agent_id WHERE o.seat_id = s.id AND o.closed_at IS NULL LIMIT 1) AS agent "
    "FROM joining.seat_roles r JOIN seats s ON s.id = r.seat_id "
    "WHERE r.removed_at IS NULL ORDER BY s.name"
)
_ROLE = text(
    "SELECT r.id, r.role FROM joining.seat_roles r JOIN seats s ON s.id = r.seat_id "
    "WHERE r.removed_at IS NULL AND lower(s.name) = lower(:name) FOR UPDATE"
)
_REMOVED = text("UPDATE joining.seat_roles SET removed_at = clock_timestamp() WHERE id = :id")
_END = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :role")


@dataclass(frozen=True, slots=True)
class JoinedSeat:
    """A seat of the floor; `is_here`: it is connected now, or its lines are; `agent`: who sits
    there, or empty; `lent`: of a PC that may lend lines."""

    name: str
    role: str
    addresses: tuple[str, ...]
    joined_at: datetime
    is_here: bool
    agent: str
    lent: Lent | None = None


def make_role(connection: Connection, name: str, verifier: str, now: datetime) -> str:
    """A new role for the seat called `name`, which is made if there is none; the role's name.

    `verifier`: its password as SCRAM-SHA-256, made on the seat's own PC: the password itself is
    never told to the floor. KnownError where a seat of that name has joined already.
    """
    seat = connection.scalar(_SEAT, {"name": name})
    if seat is None:
        seat = connection.scalar(_MAKE_SEAT, {"name": name, "now": now})
    if connection.scalar(_IS_OPEN, {"seat": seat}) is not None:
        raise KnownError(
            f"A seat called {name} has joined this floor already: choose another name, or remove "
            "that seat first."
        )
    times = connection.scalar(_COUNT, {"seat": seat}) or 0
    role = f"seat_{seat}" if times == 0 else f"seat_{seat}_{times + 1}"
    if not verifier.startswith("SCRAM-SHA-256$") or "'" in verifier:
        raise KnownError("The seat's password came damaged: let it join again.")
    connection.exec_driver_sql(
        f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION INHERIT "
        f"CONNECTION LIMIT {SEAT_CONNECTIONS} PASSWORD '{verifier}' IN ROLE {SEATS}"
    )
    return role


def keep_seat(
    connection: Connection, name: str, role: str, certificate: str, addresses: list[str]
) -> None:
    """Write down which role and certificate (PEM) the seat was given, and where it stands."""
    connection.execute(
        _KEEP,
        {"name": name, "role": role, "certificate": certificate, "addresses": addresses},
    )


def joined_seats(connection: Connection) -> list[JoinedSeat]:
    """The floor's seats by name."""
    lent = lending.lent(connection)
    return [
        JoinedSeat(
            row.name,
            row.role,
            tuple(row.addresses),
            row.joined_at,
            row.is_here or (row.role in lent and lent[row.role].used > 0),
            row.agent or "",
            lent.get(row.role),
        )
        for row in connection.execute(_SEATS)
    ]


def remove_seat(connection: Connection, name: str, who: str, now: datetime) -> str:
    """Shut the seat out: its role opens nothing any more; the role's name.

    The role stays, as what it did is on the record under it. KnownError where no seat of that
    name has joined.
    """
    row = connection.execute(_ROLE, {"name": name}).one_or_none()
    if row is None:
        raise KnownError(f"No seat called {name} has joined this floor.")
    role = str(row.role)
    connection.exec_driver_sql(f"ALTER ROLE {role} NOLOGIN PASSWORD NULL")
    connection.exec_driver_sql(f"REVOKE {SEATS} FROM {role}")
    connection.execute(_REMOVED, {"id": row.id})
    audit.append(connection, who, "seat removed", {"seat": name, "role": role}, now)
    return role


def end_connections(connection: Connection, role: str) -> None:
    """End what a removed seat still has open; after the removal's commit."""
    connection.execute(_END, {"role": role}).all()
