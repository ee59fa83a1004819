"""PCs that lend the floor their processors: who may, and where their lines are to be found.

PostgreSQL only. A line is told the gateways' passwords and whom to call, so a seat may not simply
offer lines: it shows a code that the supervisor made for that very purpose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, text

from dialer_core.store.joining_sql import MISSES_A_MINUTE, SEATS
from dialer_core.store.rows import AnyRow

MOST_LINES: Final = 64

_TABLES: Final = """
ALTER TABLE joining.codes ADD COLUMN IF NOT EXISTS lends boolean NOT NULL DEFAULT false;
CREATE TABLE IF NOT EXISTS joining.lenders (
    role text PRIMARY KEY REFERENCES joining.seat_roles (role),
    allowed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    addresses text[] NOT NULL DEFAULT '{}',
    port integer NOT NULL DEFAULT 0,
    lines integer NOT NULL DEFAULT 0,
    offered_at timestamptz
);
"""
_LEND: Final = f"""
CREATE OR REPLACE FUNCTION joining.lend_lines(secret text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $lend$
DECLARE
    code joining.codes;
    user_role text;
BEGIN
    IF NOT EXISTS (SELECT FROM joining.seat_roles r
        WHERE r.role = session_user AND r.removed_at IS NULL) THEN
        RETURN 'removed';
    ELSIF EXISTS (SELECT FROM joining.lenders l WHERE l.role = session_user) THEN
        RETURN 'lends';
    ELSIF (SELECT count(*) FROM joining.misses WHERE at > clock_timestamp() - interval '1 minute')
        >= {MISSES_A_MINUTE} THEN
        RETURN 'locked';
    END IF;
    SELECT * INTO code FROM joining.codes c
        WHERE c.secret_hash = sha256(convert_to(secret, 'UTF8')) FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO joining.misses DEFAULT VALUES;
        RETURN 'wrong';
    END IF;
    SELECT q.role INTO user_role FROM joining.requests q WHERE q.code_id = code.id;
    IF NOT code.lends THEN
        RETURN 'seat';
    ELSIF code.revoked_at IS NOT NULL OR code.expires_at <= clock_timestamp() THEN
        RETURN 'old';
    ELSIF code.used_at IS NOT NULL AND user_role IS DISTINCT FROM session_user::text THEN
        RETURN 'used';
    END IF;
    UPDATE joining.codes c SET used_at = clock_timestamp(), revoked_at = clock_timestamp()
        WHERE c.id = code.id;
    INSERT INTO joining.lenders (role) VALUES (session_user) ON CONFLICT DO NOTHING;
    RETURN 'lends';
END
$lend$;
"""
_OFFER: Final = f"""
CREATE OR REPLACE FUNCTION joining.offer_lines(addresses text[], port integer, lines integer)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $offer$
BEGIN
    IF NOT EXISTS (SELECT FROM joining.seat_roles r
        WHERE r.role = session_user AND r.removed_at IS NULL) THEN
        RETURN 'removed';
    ELSIF addresses IS NULL OR cardinality(addresses) > 32 OR length(addresses::text) > 2000
        OR port IS NULL OR port NOT BETWEEN 0 AND 65535
        OR lines IS NULL OR lines NOT BETWEEN 0 AND {MOST_LINES} THEN
        RETURN 'damaged';
    END IF;
    UPDATE joining.lenders l SET addresses = offer_lines.addresses, port = offer_lines.port,
        lines = offer_lines.lines, offered_at = clock_timestamp() WHERE l.role = session_user;
    RETURN CASE WHEN FOUND THEN 'offered' ELSE 'seat' END;
END
$offer$;
"""
_RIGHTS: Final = f"""
REVOKE ALL ON joining.lenders FROM PUBLIC;
REVOKE ALL ON FUNCTION joining.lend_lines, joining.offer_lines FROM PUBLIC;
GRANT EXECUTE ON FUNCTION joining.lend_lines, joining.offer_lines TO {SEATS};
"""
_OF_CODE = text("UPDATE joining.codes SET lends = true WHERE secret_hash = :hash")
_LEND_ASK = text("SELECT joining.lend_lines(:secret)")
_OFFER_ASK = text("SELECT joining.offer_lines(:addresses, :port, :lines)")
_IS_THERE = text("SELECT to_regclass('joining.lenders') IS NOT NULL")
USED: Final = (
    "(SELECT count(*) FROM lines n WHERE position('@' IN n.id) > 0 "
    "AND substring(n.id FROM position('@' IN n.id) + 1) = {name}) AS used"
)
"""In SQL, how many lines of the PC called {name} the floor's dialler uses."""
IS_DIALLED: Final = (
    "EXISTS (SELECT FROM dialler_lease d WHERE d.holder <> '' AND d.expires_at > "
    "clock_timestamp() - interval '1 second') AS is_dialled"
)
_LENT = text(
    f"SELECT l.role, l.lines, l.port > 0 AS is_offered, {USED.format(name='s.name')}, {IS_DIALLED} "
    "FROM joining.lenders l "
    "JOIN joining.seat_roles r ON r.role = l.role AND r.removed_at IS NULL "
    "JOIN public.seats s ON s.id = r.seat_id"
)
_OFFERS = text(
    "SELECT s.name, l.role, l.addresses, l.port, l.lines FROM joining.lenders l "
    "JOIN joining.seat_roles r ON r.role = l.role AND r.removed_at IS NULL "
    "JOIN public.seats s ON s.id = r.seat_id WHERE l.port > 0 ORDER BY s.name"
)


@dataclass(frozen=True, slots=True)
class LinesOffer:
    """A PC whose lines the dialler may use: its seat's name and role, and where it listens."""

    seat: str
    role: str
    addresses: tuple[str, ...]
    port: int
    lines: int


class Lending(StrEnum):
    """How a PC that may lend lines stands."""

    USED = "used"  # the floor's dialler uses its lines
    AWAY = "away"  # the dialler cannot reach the lines that it offers
    READY = "ready"  # it offers lines, and nobody dials
    NONE = "none"  # it offers none: callfloor lines does not run there


@dataclass(frozen=True, slots=True)
class Lent:
    """The lines that a PC offers, and how many of them the dialler uses now."""

    state: Lending
    lines: int
    used: int


def install(connection: Connection) -> None:
    """Table, functions and rights, in the caller's writing transaction; may be repeated."""
    for script in (_TABLES, _LEND, _OFFER, _RIGHTS):
        connection.exec_driver_sql(script)


def make_code_lend(connection: Connection, secret: str) -> None:
    """The open code of this secret is one for a PC of lines."""
    connection.execute(_OF_CODE, {"hash": hashlib.sha256(secret.encode()).digest()})


def lend(connection: Connection, secret: str) -> str:
    """As a seat: be a PC of lines by this code. "lends", or why not (wrong, old, used, seat …)."""
    return str(connection.execute(_LEND_ASK, {"secret": secret}).scalar_one())


def offer(connection: Connection, addresses: Sequence[str], port: int, lines: int) -> str:
    """As a seat: lines are to be had here; port 0: no more. "offered", or why not."""
    words = {"addresses": list(addresses), "port": port, "lines": lines}
    return str(connection.execute(_OFFER_ASK, words).scalar_one())


def lent(connection: Connection) -> dict[str, Lent]:
    """As the floor's owner: how each PC stands that may lend lines, by its role."""
    if connection.dialect.name != "postgresql" or not connection.scalar(_IS_THERE):
        return {}
    return {row.role: standing(row) for row in connection.execute(_LENT)}


def standing(row: AnyRow) -> Lent:
    """How a PC stands by its row: is_offered, lines, used, is_dialled."""
    if not row.is_offered:
        return Lent(Lending.NONE, 0, 0)
    if not row.is_dialled:
        return Lent(Lending.READY, row.lines, 0)
    return Lent(Lending.USED if row.used else Lending.AWAY, row.lines, row.used)


def offers(connection: Connection) -> tuple[LinesOffer, ...]:
    """As the floor's owner: the PCs of lines by name; none on a floor that others cannot join."""
    if connection.dialect.name != "postgresql" or not connection.scalar(_IS_THERE):
        return ()
    return tuple(
        LinesOffer(row.name, row.role, tuple(row.addresses), row.port, row.lines)
        for row in connection.execute(_OFFERS)
    )
