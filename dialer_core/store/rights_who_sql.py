"""Who asks, and what is a seat's own: the functions that policies ask, once for each statement.

They belong to the floor's owner and run with the owner's rights; they know the seat by
`session_user`, which no SET ROLE changes, its session by the seat, and the call that it codes by
the transaction.
"""

from __future__ import annotations

from typing import Final

SHELVES: Final = 32  # of counters of wrong passwords, one for each seat by its id
LATE_DAYS: Final = 7  # for so long after its call began may an outcome come

# What a seat says of the time: never ahead, and no moment that a program cannot reckon with.
MOMENT: Final = (
    "CASE WHEN at BETWEEN '2000-01-01' AND clock_timestamp() THEN at ELSE clock_timestamp() END"
)

_BEGIN: Final = (
    "CREATE OR REPLACE FUNCTION rights.{head} LANGUAGE plpgsql {kind} SECURITY DEFINER\n"
    "SET search_path = pg_catalog, pg_temp AS $rights$\n{body}\n$rights$;\n"
)

TABLES: Final = """
CREATE SCHEMA IF NOT EXISTS rights;
REVOKE ALL ON SCHEMA rights FROM PUBLIC;
CREATE UNLOGGED TABLE IF NOT EXISTS rights.coding (
    role text PRIMARY KEY,
    number xid8 NOT NULL,
    session_id integer NOT NULL,
    attempt_id text NOT NULL,
    contact_id integer NOT NULL,
    number_id integer NOT NULL,
    client_id integer NOT NULL,
    number_hash bytea NOT NULL,
    hashes bytea[] NOT NULL,
    outcome text NOT NULL
);
""" + "".join(
    f"CREATE SEQUENCE IF NOT EXISTS rights.wrong_{one} AS bigint MINVALUE 0 START 0;\n"
    for one in range(SHELVES)
)


def reads(head: str, returns: str, query: str) -> str:
    """A function that answers a policy's question, once for each statement."""
    return _BEGIN.format(
        head=f"{head} RETURNS {returns}", kind="STABLE", body=f"BEGIN RETURN ({query}); END"
    )


def does(head: str, returns: str, body: str) -> str:
    return _BEGIN.format(head=f"{head} RETURNS {returns}", kind="VOLATILE", body=body)


def finds(head: str, returns: str, body: str) -> str:
    """The same, where one query will not do."""
    return _BEGIN.format(head=f"{head} RETURNS {returns}", kind="STABLE", body=body)


# Each in one query: a function that asks another costs as much again, in each statement of a seat.
_ROLE: Final = "r.role = session_user::text AND r.removed_at IS NULL"
_OPEN: Final = (
    "joining.seat_roles r JOIN public.sessions s ON s.seat_id = r.seat_id"
    f" WHERE {_ROLE} AND s.closed_at IS NULL AND NOT s.is_supervisor"
)
_CALLS: Final = (
    "array_remove(array_append(ARRAY(SELECT json_array_elements_text(s.parked)),"
    " s.attempt_id::text), NULL)"
)
# Who only reads codes nothing.
_CODING: Final = f"""
BEGIN
    IF pg_current_xact_id_if_assigned() IS NULL THEN RETURN NULL; END IF;
    RETURN (SELECT c FROM rights.coding c WHERE c.role = session_user::text
        AND c.number = pg_current_xact_id_if_assigned()
        AND EXISTS (SELECT FROM joining.seat_roles r WHERE {_ROLE}));
END
"""
_CONTACTS: Final = f"""
DECLARE coded integer; found integer[];
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        coded := (rights.coding()).contact_id;
    END IF;
    SELECT s.contact_id || ARRAY(SELECT a.contact_id FROM public.attempts a
        WHERE a.id = ANY ({_CALLS})) INTO found FROM {_OPEN};
    RETURN array_remove(coded || found, NULL);
END
"""

WHO: Final = "".join(
    (
        reads("seat()", "integer", f"SELECT r.seat_id FROM joining.seat_roles r WHERE {_ROLE}"),
        reads("session()", "integer", f"SELECT s.id FROM {_OPEN}"),
        reads("agent()", "integer", f"SELECT s.agent_id FROM {_OPEN}"),
        reads(
            "sessions()",
            "integer[]",
            "SELECT array_agg(o.id) FROM public.sessions o"
            f" WHERE o.agent_id = (SELECT s.agent_id FROM {_OPEN})",
        ),
        reads("calls()", "text[]", f"SELECT {_CALLS} FROM {_OPEN}"),
        finds("coding()", "rights.coding", _CODING),
        finds("contacts()", "integer[]", _CONTACTS),
        reads(
            "campaigns()",
            "integer[]",
            f"SELECT array_agg(found.id) FROM (SELECT s.campaign_id AS id FROM {_OPEN}"
            " UNION SELECT c.campaign_id FROM public.contacts c"
            f" WHERE c.call_back_agent_id = (SELECT s.agent_id FROM {_OPEN})"
            " AND c.status = 'call_back'"
            " UNION SELECT a.campaign_id FROM public.attempts a"
            " WHERE a.id = (rights.coding()).attempt_id) found",
        ),
        reads(
            "is_mine(call text)",
            "boolean",
            "SELECT coalesce(call = ANY (rights.calls()), false) OR EXISTS ("
            "SELECT FROM public.attempts a WHERE a.id = call AND a.session_id = rights.session())",
        ),
        reads(
            "caller()",
            "integer",
            "SELECT a.agent_id FROM public.attempts a WHERE a.id = (rights.coding()).attempt_id",
        ),
    )
)

COLLEAGUES: Final = """
CREATE OR REPLACE FUNCTION rights.colleagues()
RETURNS TABLE (id integer, name text, state text, reason text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $rights$
BEGIN
    RETURN QUERY SELECT s.id, a.name::text, s.state::text, s.reason::text
        FROM public.sessions s JOIN public.agents a ON a.id = s.agent_id
        WHERE s.closed_at IS NULL AND NOT s.is_supervisor
        AND s.id <> rights.session() ORDER BY a.name;
END
$rights$;
"""
