"""Join codes, and the queue of signing requests that the supervisor's program answers.

PostgreSQL only. A code's secret is stored as its hash; times are the database's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from dialer_core.model.errors import KnownError
from dialer_core.store import audit, joining_sql, lending, renewing, rights_install, seats_roles

LIFE_S: Final = 900.0
JOIN_PASSWORD: Final = "callfloor-join"
"""No secret: the role can do nothing but show a code. It is what SCRAM asks for."""

_NEW = text(
    "INSERT INTO joining.codes (secret_hash, who, expires_at) VALUES "
    "(:hash, :who, clock_timestamp() + make_interval(secs => :life_s)) RETURNING expires_at"
)
_REVOKE = text(
    "UPDATE joining.codes SET revoked_at = clock_timestamp() WHERE used_at IS NULL "
    "AND revoked_at IS NULL AND expires_at > clock_timestamp()"
)
_FORGET = text("DELETE FROM joining.codes WHERE used_at IS NULL AND expires_at < now() - :age")
_OUTSTANDING = text(
    "SELECT id, name, signing_request, verifier, addresses FROM joining.requests "
    "WHERE answered_at IS NULL ORDER BY id FOR UPDATE SKIP LOCKED"
)
_ANSWER = text(
    "UPDATE joining.requests SET answered_at = clock_timestamp(), role = :role, "
    "certificate = :certificate, authority = :authority, refusal = :refusal, verifier = '' "
    "WHERE id = :id"
)
_JOIN = text("SELECT joining.join_floor(:secret, :name, :request, :verifier, :addresses, :clock)")

Sign = Callable[[bytes, str, list[str]], bytes]
"""(signing request as PEM, role, addresses) -> certificate as PEM; raises KnownError."""


def install(connection: Connection) -> None:
    """Tables, function, roles and rights, in the caller's writing transaction; may be repeated."""
    for script in (
        joining_sql.ROLES, joining_sql.TABLES, joining_sql.FUNCTION, joining_sql.RIGHTS
    ):  # fmt: skip
        connection.exec_driver_sql(script)
    rights_install.install(connection)
    renewing.install(connection)
    lending.install(connection)
    connection.exec_driver_sql(f"ALTER ROLE {joining_sql.JOIN} PASSWORD '{JOIN_PASSWORD}'")


def new_code(connection: Connection, secret: str, who: str, life_s: float = LIFE_S) -> datetime:
    """Let `secret` open the floor once; until when, in UTC. Codes made before are closed."""
    connection.execute(_REVOKE)
    hashed = hashlib.sha256(secret.encode()).digest()
    until = connection.execute(_NEW, {"hash": hashed, "who": who, "life_s": life_s}).scalar_one()
    assert isinstance(until, datetime)
    return until


def close_codes(connection: Connection) -> int:
    """Close all codes that are open; how many there were."""
    return connection.execute(_REVOKE).rowcount


@dataclass(frozen=True, slots=True)
class Joined:
    """A request that was answered; `refusal` is empty where the seat was let in."""

    name: str
    role: str
    refusal: str


def answer_requests(
    connection: Connection, sign: Sign, authority: bytes, now: datetime
) -> list[Joined]:
    """Sign what is outstanding, in the caller's writing transaction.

    `authority`: the authority's certificate, which each seat is given. A request that cannot be
    answered is refused with its sentence.
    """
    answered = []
    for row in connection.execute(_OUTSTANDING).all():
        role = certificate = refusal = ""
        addresses = list(row.addresses)
        try:
            with connection.begin_nested():
                role = seats_roles.make_role(connection, row.name, row.verifier, now)
                rights_install.plan_as_seat(connection, role)
                pem = sign(row.signing_request.encode(), role, addresses)
                certificate = pem.decode()
                seats_roles.keep_seat(connection, row.name, role, certificate, addresses)
                audit.append(
                    connection, "supervisor", "seat joined", {"seat": row.name, "role": role}, now
                )
        except KnownError as error:
            role, certificate, refusal = "", "", str(error)
        connection.execute(
            _ANSWER,
            {
                "id": row.id,
                "role": role or None,
                "certificate": certificate or None,
                "authority": authority.decode(),
                "refusal": refusal or None,
            },
        )
        answered.append(Joined(row.name, role, refusal))
    return answered


def ask(
    connection: Connection,
    secret: str,
    name: str,
    request: bytes,
    verifier: str,
    addresses: list[str],
    clock: datetime,
) -> dict[str, object]:
    """What the join role may do: the floor's answer as it stands now, `state` among its words.

    The first call asks; it is repeated with the same words until the state is no longer waiting.
    """
    answer = connection.execute(
        _JOIN,
        {
            "secret": secret,
            "name": name,
            "request": request.decode(),
            "verifier": verifier,
            "addresses": addresses,
            "clock": clock,
        },
    ).scalar_one()
    assert isinstance(answer, dict)
    return answer
