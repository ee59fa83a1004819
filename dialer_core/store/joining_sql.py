"""What PostgreSQL itself does when a seat joins: tables, the one function, and who may call it.

All of it stands in a schema of its own, on a shared floor only: SQLite has no seats that join.
Every statement may be run again; the floor's owner runs them at each start of the server.
"""

from __future__ import annotations

from typing import Final

JOIN: Final = "callfloor_join"
SEATS: Final = "callfloor_seats"
CHANNEL: Final = "callfloor_joining"
MISSES_A_MINUTE: Final = 20
CLOCK_OFF_S: Final = 300
SEAT_CONNECTIONS: Final = 12

TABLES: Final = """
CREATE SCHEMA IF NOT EXISTS joining;
CREATE TABLE IF NOT EXISTS joining.codes (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    secret_hash bytea NOT NULL UNIQUE,
    who text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz
);
CREATE TABLE IF NOT EXISTS joining.requests (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code_id integer NOT NULL UNIQUE REFERENCES joining.codes,
    name text NOT NULL,
    signing_request text NOT NULL,
    verifier text NOT NULL,
    addresses text[] NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    answered_at timestamptz,
    role text,
    certificate text,
    authority text,
    refusal text
);
CREATE TABLE IF NOT EXISTS joining.state (
    key text PRIMARY KEY,
    value text NOT NULL
);
CREATE TABLE IF NOT EXISTS joining.misses (
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS joining.seat_roles (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seat_id integer NOT NULL REFERENCES public.seats,
    role text NOT NULL UNIQUE,
    addresses text[] NOT NULL,
    certificate text NOT NULL,
    joined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    removed_at timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS seat_roles_open
    ON joining.seat_roles (seat_id) WHERE removed_at IS NULL;
"""

FUNCTION: Final = f"""
CREATE OR REPLACE FUNCTION joining.join_floor(
    secret text, name text, signing_request text, verifier text, addresses text[], clock timestamptz
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $join$
DECLARE
    code joining.codes;
    asked joining.requests;
    off double precision := extract(epoch FROM clock - clock_timestamp());
BEGIN
    IF (SELECT count(*) FROM joining.misses WHERE at > clock_timestamp() - interval '1 minute')
        >= {MISSES_A_MINUTE} THEN
        RETURN jsonb_build_object('state', 'locked');
    END IF;
    SELECT * INTO code FROM joining.codes c
        WHERE c.secret_hash = sha256(convert_to(secret, 'UTF8')) FOR UPDATE;
    IF NOT FOUND THEN
        DELETE FROM joining.misses WHERE at < clock_timestamp() - interval '1 hour';
        INSERT INTO joining.misses DEFAULT VALUES;
        RETURN jsonb_build_object('state', 'wrong');
    END IF;
    SELECT * INTO asked FROM joining.requests r WHERE r.code_id = code.id;
    IF FOUND THEN
        IF asked.signing_request <> join_floor.signing_request THEN
            RETURN jsonb_build_object('state', 'used');
        ELSIF asked.refusal IS NOT NULL THEN
            RETURN jsonb_build_object('state', 'refused', 'sentence', asked.refusal);
        ELSIF asked.answered_at IS NULL THEN
            RETURN jsonb_build_object('state', 'waiting');
        END IF;
        RETURN jsonb_build_object('state', 'ready', 'role', asked.role, 'authority',
            asked.authority, 'certificate', asked.certificate, 'name', asked.name, 'floor',
            (SELECT s.value FROM joining.state s WHERE s.key = 'name'));
    END IF;
    IF code.revoked_at IS NOT NULL OR code.expires_at <= clock_timestamp() THEN
        RETURN jsonb_build_object('state', 'old');
    ELSIF clock IS NULL OR abs(off) > {CLOCK_OFF_S} THEN
        RETURN jsonb_build_object('state', 'clock', 'off_s', off);
    ELSIF name IS NULL OR name !~ '^[[:alnum:]_-]{{1,40}}$' THEN
        RETURN jsonb_build_object('state', 'name');
    ELSIF EXISTS (SELECT FROM joining.seat_roles r JOIN public.seats s ON s.id = r.seat_id
        WHERE r.removed_at IS NULL AND lower(s.name) = lower(join_floor.name)) THEN
        RETURN jsonb_build_object('state', 'taken');
    ELSIF signing_request IS NULL OR length(signing_request) > 4000 OR addresses IS NULL
        OR cardinality(addresses) > 32 OR length(addresses::text) > 2000
        OR verifier !~ '^SCRAM-SHA-256[$][0-9]{{1,7}}:[A-Za-z0-9+/=]{{8,60}}[$][A-Za-z0-9+/=:]{{40,120}}$' THEN
        RETURN jsonb_build_object('state', 'damaged');
    END IF;
    INSERT INTO joining.requests (code_id, name, signing_request, verifier, addresses)
        VALUES (code.id, name, signing_request, verifier, addresses);
    UPDATE joining.codes c SET used_at = clock_timestamp() WHERE c.id = code.id;
    PERFORM pg_notify('{CHANNEL}', '');
    RETURN jsonb_build_object('state', 'waiting');
END
$join$;
"""  # noqa: E501  a pattern cannot be broken

RIGHTS: Final = f"""
REVOKE ALL ON ALL TABLES IN SCHEMA joining FROM PUBLIC;
REVOKE ALL ON FUNCTION joining.join_floor FROM PUBLIC;
GRANT USAGE ON SCHEMA joining TO {JOIN};
GRANT EXECUTE ON FUNCTION joining.join_floor TO {JOIN};
GRANT USAGE ON SCHEMA public TO {SEATS};
"""

# Written for a driver that reads % as the start of a placeholder.
ROLES: Final = f"""
DO $roles$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{SEATS}') THEN
        CREATE ROLE {SEATS} NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{JOIN}') THEN
        CREATE ROLE {JOIN} LOGIN CONNECTION LIMIT 8;
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %%I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %%I TO {SEATS}, {JOIN}', current_database());
END $roles$;
ALTER ROLE {JOIN} SET statement_timeout = '5s';
ALTER ROLE {JOIN} SET idle_session_timeout = '60s';
"""
