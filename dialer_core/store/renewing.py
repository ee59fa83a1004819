"""A seat's certificate anew: its PC has another address, or the old one runs out.

PostgreSQL only. A seat asks as its own role, over the connection that its certificate opened;
the supervisor's program signs, as it does for those who join.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from dialer_core.model.errors import KnownError
from dialer_core.store import audit
from dialer_core.store.joining_sql import CHANNEL, SEATS

AN_HOUR: Final = 30
"""So many times may one seat ask: a PC between two networks changes often."""

Sign = Callable[[bytes, str, list[str]], bytes]
"""(signing request as PEM, role, addresses) -> certificate as PEM; raises KnownError."""

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS joining.renewals (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    role text NOT NULL,
    signing_request text NOT NULL,
    addresses text[] NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    answered_at timestamptz,
    certificate text,
    refusal text
);
"""
_FUNCTION: Final = f"""
CREATE OR REPLACE FUNCTION joining.renew_seat(signing_request text, addresses text[])
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $renew$
DECLARE
    asked joining.renewals;
BEGIN
    IF NOT EXISTS (SELECT FROM joining.seat_roles r
        WHERE r.role = session_user AND r.removed_at IS NULL) THEN
        RETURN jsonb_build_object('state', 'removed');
    END IF;
    SELECT * INTO asked FROM joining.renewals n WHERE n.role = session_user
        AND n.signing_request = renew_seat.signing_request;
    IF FOUND THEN
        IF asked.refusal IS NOT NULL THEN
            RETURN jsonb_build_object('state', 'refused', 'sentence', asked.refusal);
        ELSIF asked.answered_at IS NULL THEN
            RETURN jsonb_build_object('state', 'waiting');
        END IF;
        RETURN jsonb_build_object('state', 'ready', 'certificate', asked.certificate);
    END IF;
    DELETE FROM joining.renewals n WHERE n.asked_at < clock_timestamp() - interval '1 hour';
    IF (SELECT count(*) FROM joining.renewals n WHERE n.role = session_user) >= {AN_HOUR} THEN
        RETURN jsonb_build_object('state', 'locked');
    ELSIF signing_request IS NULL OR length(signing_request) > 4000 OR addresses IS NULL
        OR cardinality(addresses) > 32 OR length(addresses::text) > 2000 THEN
        RETURN jsonb_build_object('state', 'damaged');
    END IF;
    INSERT INTO joining.renewals (role, signing_request, addresses)
        VALUES (session_user, signing_request, addresses);
    PERFORM pg_notify('{CHANNEL}', '');
    RETURN jsonb_build_object('state', 'waiting');
END
$renew$;
"""
_RIGHTS: Final = f"""
REVOKE ALL ON joining.renewals FROM PUBLIC;
REVOKE ALL ON FUNCTION joining.renew_seat FROM PUBLIC;
GRANT USAGE ON SCHEMA joining TO {SEATS};
GRANT EXECUTE ON FUNCTION joining.renew_seat TO {SEATS};
"""
_OUTSTANDING = text(
    "SELECT n.id, n.role, n.signing_request, n.addresses, s.name FROM joining.renewals n "
    "JOIN joining.seat_roles r ON r.role = n.role AND r.removed_at IS NULL "
    "JOIN seats s ON s.id = r.seat_id "
    "WHERE n.answered_at IS NULL ORDER BY n.id FOR UPDATE OF n SKIP LOCKED"
)
_ANSWER = text(
    "UPDATE joining.renewals SET answered_at = clock_timestamp(), certificate = :certificate, "
    "refusal = :refusal WHERE id = :id"
)
_KEEP = text(
    "UPDATE joining.seat_roles SET certificate = :certificate, addresses = :addresses "
    "WHERE role = :role"
)
_ASK = text("SELECT joining.renew_seat(:request, :addresses)")


def install(connection: Connection) -> None:
    """Table, function and rights, in the caller's writing transaction; may be repeated."""
    for script in (_TABLES, _FUNCTION, _RIGHTS):
        connection.exec_driver_sql(script)


def ask(connection: Connection, request: bytes, addresses: list[str]) -> dict[str, object]:
    """As a seat: the floor's answer as it stands, `state` among its words.

    Repeated with the same request until the state is no longer waiting.
    """
    words = {"request": request.decode(), "addresses": addresses}
    answer = connection.execute(_ASK, words).scalar_one()
    assert isinstance(answer, dict)
    return answer


def answer_renewals(connection: Connection, sign: Sign, now: datetime) -> list[str]:
    """Sign what is outstanding, in the caller's writing transaction; the seats that asked."""
    answered = []
    for row in connection.execute(_OUTSTANDING).all():
        certificate = refusal = None
        addresses = list(row.addresses)
        try:
            certificate = sign(row.signing_request.encode(), row.role, addresses).decode()
        except KnownError as error:
            refusal = str(error)
        else:
            connection.execute(
                _KEEP, {"certificate": certificate, "addresses": addresses, "role": row.role}
            )
            audit.append(
                connection, "supervisor", "seat certificate renewed", {"seat": row.name}, now
            )
        connection.execute(_ANSWER, {"certificate": certificate, "refusal": refusal, "id": row.id})
        answered.append(str(row.name))
    return answered
