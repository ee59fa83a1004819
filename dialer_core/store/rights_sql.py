"""Functions by which a seat's role does what its rights on the tables do not reach.

All belong to the floor's owner and run with the owner's rights; they know the seat by
`session_user`, which no SET ROLE changes, and its session by the seat. Written without the sign of
a remainder, which the driver takes for a placeholder.
"""

from __future__ import annotations

from typing import Final

from dialer_core.model.states import FormulaClass, Outcome
from dialer_core.rules.outcomes import after_disposition
from dialer_core.store.counts import COLUMNS, OF_CLASS
from dialer_core.store.joining_sql import SEATS
from dialer_core.store.logins import STALE
from dialer_core.store.rights_who_sql import LATE_DAYS, MOMENT, SHELVES, does, finds, reads

WRONG_A_MINUTE: Final = 10

# What a session that ends leaves behind; no seat may call it.
_END_SESSION: Final = """
DECLARE one public.sessions;
BEGIN
    SELECT * INTO one FROM public.sessions s WHERE s.id = of AND s.closed_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN RETURN; END IF;
    UPDATE public.session_states h SET until = at WHERE h.id = one.history_id;
    UPDATE public.sessions s SET closed_at = at, state = 'logged_out', since = at, reason = '',
        attempt_id = NULL, contact_id = NULL, until = NULL, pause_wanted = NULL, pause_due = NULL,
        parked = '[]', history_id = NULL WHERE s.id = of;
    INSERT INTO public.agent_events (session_id, kind, payload, at)
        VALUES (of, 'closed', '{}', at);
END
"""

_SALT: Final = """
DECLARE one public.agents; words text[];
BEGIN
    SELECT * INTO one FROM public.agents a
        WHERE a.name = agent AND a.is_active AND rights.seat() IS NOT NULL;
    IF NOT FOUND THEN RETURN jsonb_build_object('state', 'unknown'); END IF;
    IF one.password IS NULL THEN RETURN jsonb_build_object('state', 'open'); END IF;
    words := string_to_array(one.password, '$');
    RETURN jsonb_build_object('state', 'asked', 'salt', array_to_string(words[1:5], '$'));
END
"""

# A sequence keeps what it was set to whatever becomes of the transaction: minute * 1000 + how many.
_IS_WRONG: Final = f"""
DECLARE
    shelf text := 'wrong_' || (rights.seat() - rights.seat() / {SHELVES} * {SHELVES})::text;
    minute bigint := extract(epoch FROM clock_timestamp())::bigint / 60;
    kept bigint;
BEGIN
    EXECUTE 'SELECT last_value FROM rights.' || shelf INTO kept;
    IF kept / 1000 <> minute THEN kept := minute * 1000; END IF;
    IF kept - minute * 1000 >= {WRONG_A_MINUTE} THEN RETURN 'locked'; END IF;
    IF right_one IS NULL OR proof IS DISTINCT FROM split_part(right_one, '$', 6) THEN
        PERFORM setval(('rights.' || shelf)::regclass, kept + 1);
        RETURN 'wrong';
    END IF;
    RETURN '';
END
"""

_LOG_IN: Final = f"""
DECLARE
    here integer := rights.seat();
    moment timestamptz := {MOMENT};
    who public.agents; own public.sessions; other public.sessions; busy public.sessions;
    trouble text; made integer; stretch integer;
BEGIN
    IF here IS NULL THEN
        RAISE EXCEPTION 'this seat has been removed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO who FROM public.agents a WHERE a.name = agent AND a.is_active;
    IF NOT FOUND THEN RETURN jsonb_build_object('trouble', 'unknown'); END IF;
    IF who.password IS NOT NULL THEN
        trouble := rights.is_wrong(proof, who.password);
        IF trouble <> '' THEN RETURN jsonb_build_object('trouble', trouble); END IF;
    END IF;
    SELECT * INTO own FROM public.sessions s WHERE s.agent_id = who.id AND s.closed_at IS NULL;
    IF own.seat_id = here AND (own.is_relief = relief OR own.attempt_id IS NOT NULL) THEN
        UPDATE public.sessions s SET phone_uri = rights.own_phone(phone), token = secret,
            seen_at = moment WHERE s.id = own.id;
        INSERT INTO public.agent_events (session_id, kind, payload, at)
            VALUES (own.id, 'opened', '{{}}', moment);
        RETURN jsonb_build_object('session', own.id);
    END IF;
    SELECT * INTO other FROM public.sessions s
        WHERE s.seat_id = here AND s.closed_at IS NULL AND s.agent_id <> who.id;
    FOREACH busy IN ARRAY ARRAY[own, other] LOOP
        IF busy.id IS NOT NULL AND (busy.seat_id <> here OR busy.agent_id <> who.id)
            AND moment - busy.seen_at < interval '{round(STALE.total_seconds())} seconds' THEN
            RETURN jsonb_build_object('trouble', 'in use',
                'agent', (SELECT a.name FROM public.agents a WHERE a.id = busy.agent_id),
                'seat', (SELECT s.name FROM public.seats s WHERE s.id = busy.seat_id));
        END IF;
    END LOOP;
    campaign := coalesce(campaign, (SELECT c.id FROM public.campaigns c
        ORDER BY c.is_running DESC, c.id LIMIT 1));
    IF campaign IS NULL THEN RETURN jsonb_build_object('trouble', 'no campaign'); END IF;
    PERFORM rights.end_session(own.id, moment);
    PERFORM rights.end_session(other.id, moment);
    INSERT INTO public.sessions (agent_id, seat_id, campaign_id, phone_uri, token, opened_at,
        seen_at, state, since, reason, is_relief, is_supervisor)
        VALUES (who.id, here, campaign, rights.own_phone(phone), secret, moment, moment, 'paused',
            moment, 'logged in', relief, false) RETURNING id INTO made;
    INSERT INTO public.session_states (session_id, state, reason, since)
        VALUES (made, 'paused', 'logged in', moment) RETURNING id INTO stretch;
    UPDATE public.sessions s SET history_id = stretch WHERE s.id = made;
    INSERT INTO public.agent_events (session_id, kind, payload, at)
        VALUES (made, 'opened', '{{}}', moment);
    RETURN jsonb_build_object('session', made);
END
"""

_LOG_OUT: Final = f"""
BEGIN
    IF of = rights.session() THEN
        PERFORM rights.end_session(of, {MOMENT});
    END IF;
END
"""

_MOVES: Final = ", ".join(
    f"('{before.value}', '{outcome.value}', '{after.value}')"
    for before in FormulaClass
    for outcome in Outcome
    if (after := after_disposition(before, outcome)) is not before
)
_RECOUNT: Final = ", ".join(
    f"{column} = {column} + (after = '{kind.value}')::integer"
    f" - (one.formula_class = '{kind.value}')::integer"
    for kind, column in OF_CLASS.items()
)

# From here to the transaction's end the call is the seat's to write of.
_CODES: Final = """INSERT INTO rights.coding VALUES (session_user::text, pg_current_xact_id(),
        one.session_id, one.id, one.contact_id, one.number_id, one.client_id, one.number_hash,
        {hashes}, {outcome})
        ON CONFLICT (role) DO UPDATE SET (number, session_id, attempt_id, contact_id, number_id,
            client_id, number_hash, hashes, outcome) = (excluded.number, excluded.session_id,
            excluded.attempt_id, excluded.contact_id, excluded.number_id, excluded.client_id,
            excluded.number_hash, excluded.hashes, excluded.outcome);"""

_LATE: Final = f"interval '{LATE_DAYS} days'"
_TOO_LATE: Final = f"""
    SELECT count(*) > 0 FROM public.attempts a JOIN public.sessions s ON s.id = a.session_id
        WHERE a.id = attempt AND a.disposed_at IS NULL AND s.seat_id = rights.seat()
        AND NOT s.is_supervisor AND a.session_id IS DISTINCT FROM rights.session()
        AND a.committed_at <= clock_timestamp() - {_LATE}
"""

# A call of this very seat that has no outcome yet, whether or not its session is still open: until
# it is coded, its person may be read and its note written, and no more.
_OPEN_LATE: Final = f"""
DECLARE one public.attempts;
BEGIN
    SELECT a.* INTO one FROM public.attempts a JOIN public.sessions s ON s.id = a.session_id
        WHERE a.id = attempt AND a.disposed_at IS NULL AND s.seat_id = rights.seat()
        AND NOT s.is_supervisor AND (a.session_id = rights.session()
            OR a.committed_at > clock_timestamp() - {_LATE}) FOR UPDATE OF a;
    IF NOT FOUND THEN RETURN false; END IF;
    {_CODES.format(hashes="'{}'", outcome="''")}
    RETURN true;
END
"""

# Objections are written down here, whatever the seat does or leaves undone afterwards.
_CODE_CALL: Final = f"""
DECLARE
    one public.attempts; chosen public.dispositions; after text; on_day date; all_hashes bytea[];
    moment timestamptz := {MOMENT};
BEGIN
    SELECT * INTO one FROM public.attempts a WHERE a.id = attempt FOR UPDATE;
    IF one.session_id IS NULL OR (one.session_id IS DISTINCT FROM rights.session()
        AND one.id IS DISTINCT FROM (rights.coding()).attempt_id) THEN
        RAISE EXCEPTION 'this call is not one of this session'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF one.disposed_at IS NOT NULL THEN
        RAISE EXCEPTION 'the outcome of this call stands' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO chosen FROM public.dispositions d
        WHERE d.campaign_id = one.campaign_id AND d.code = disposition;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this campaign has no such outcome'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT m.after INTO after FROM (VALUES {_MOVES}) AS m (before, outcome, after)
        WHERE m.before = one.formula_class AND m.outcome = chosen.outcome;
    after := coalesce(after, one.formula_class);
    UPDATE public.attempts a SET disposition_code = chosen.code, disposed_at = moment,
        note = coalesce(nullif(left(said, 4000), ''), one.note), formula_class = after
        WHERE a.id = one.id;
    IF after <> one.formula_class AND one.stage = 'ended' THEN
        SELECT (one.committed_at AT TIME ZONE c.zone)::date INTO on_day
            FROM public.campaigns c WHERE c.id = one.campaign_id;
        INSERT INTO public.day_counts (campaign_id, day, {", ".join(COLUMNS)})
            VALUES (one.campaign_id, on_day, {", ".join("0" for _ in COLUMNS)})
            ON CONFLICT DO NOTHING;
        UPDATE public.day_counts d SET {_RECOUNT}
            WHERE d.campaign_id = one.campaign_id AND d.day = on_day;
    END IF;
    all_hashes := ARRAY(SELECT one.number_hash UNION SELECT n.number_hash
        FROM public.contact_numbers n WHERE n.contact_id = one.contact_id);
    IF chosen.outcome = '{Outcome.DNC_REQUEST.value}' THEN
        INSERT INTO public.suppressions (client_id, number_hash, reason, attempt_id, at)
            SELECT one.client_id, h, chosen.outcome, one.id, moment FROM unnest(all_hashes) h
            ON CONFLICT DO NOTHING;
    END IF;
    {_CODES.format(hashes="all_hashes", outcome="chosen.outcome")}
END
"""

# HMAC-SHA256 with the floor's key, which no seat may read, of a person on its own screen.
_DRAW: Final = """
DECLARE
    key bytea; inner_key bytea := decode(repeat('36', 64), 'hex');
    outer_key bytea := decode(repeat('5c', 64), 'hex');
BEGIN
    IF person IS NULL OR NOT person = ANY (coalesce(rights.contacts(), '{}')) THEN
        RAISE EXCEPTION 'this person is not on the screen of this seat'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT decode(s.value, 'hex') INTO STRICT key FROM public.settings s
        WHERE s.key = 'number_key';
    FOR at IN 0 .. length(key) - 1 LOOP
        inner_key := set_byte(inner_key, at, get_byte(key, at) # 54);
        outer_key := set_byte(outer_key, at, get_byte(key, at) # 92);
    END LOOP;
    RETURN sha256(outer_key || sha256(inner_key
        || convert_to('experiment ' || experiment || ' ' || person, 'UTF8')));
END
"""

# Word for word what store.audit.entry_hash hashes; only flat entries of words and whole numbers.
_APPEND_AUDIT: Final = """
DECLARE
    who text; body text; previous bytea; said text;
    moment timestamptz := {MOMENT};
BEGIN
    SELECT left(a.name || ' at ' || s.name, 100) INTO who FROM public.sessions o
        JOIN public.agents a ON a.id = o.agent_id JOIN public.seats s ON s.id = o.seat_id
        WHERE o.id = rights.session();
    IF who IS NULL THEN
        RAISE EXCEPTION 'nobody is logged in at this seat' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF jsonb_typeof(detail) <> 'object' OR length(detail::text) > 4000 OR length(what) > 100
        OR EXISTS (SELECT FROM jsonb_each(detail) d WHERE CASE jsonb_typeof(d.value)
            WHEN 'number' THEN d.value::text !~ '^-?[1-9][0-9]{0,14}$|^0$'
            ELSE jsonb_typeof(d.value) NOT IN ('string', 'boolean', 'null') END) THEN
        RAISE EXCEPTION 'an entry holds words and whole numbers, and not too many'
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT '{' || coalesce(string_agg(to_json(d.key)::text || ': ' || d.value::text, ', '
        ORDER BY d.key COLLATE "C"), '') || '}' INTO said FROM jsonb_each(detail) d;
    body := '["' || to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
        || CASE to_char(moment, 'US') WHEN '000000' THEN '' ELSE '.' || to_char(moment, 'US') END
        || '+00:00", ' || to_json(who)::text || ', ' || to_json(what)::text || ', ' || said || ']';
    PERFORM pg_advisory_xact_lock({pen});
    SELECT a.hash INTO previous FROM public.audit_log a ORDER BY a.id DESC LIMIT 1;
    previous := coalesce(previous, decode(repeat('00', 32), 'hex'));
    INSERT INTO public.audit_log (at, who, what, detail, previous_hash, hash)
        VALUES (moment, who, what, said::json, previous,
            sha256(previous || convert_to(body, 'UTF8')));
END
"""


def verbs(pen: int) -> str:
    """The functions that do something; `pen`: the lock of those who write."""
    return "".join(
        (
            does("end_session(of integer, at timestamptz)", "void", _END_SESSION),
            does("is_wrong(proof text, right_one text)", "text", _IS_WRONG),
            finds("salt(agent text)", "jsonb", _SALT),
            does(
                "log_in(agent text, proof text, phone text, secret text, at timestamptz,"
                " campaign integer, relief boolean)",
                "jsonb",
                _LOG_IN,
            ),
            does("log_out(of integer, at timestamptz)", "void", _LOG_OUT),
            does(
                "code_call(attempt text, disposition text, at timestamptz, said text)",
                "void",
                _CODE_CALL,
            ),
            does("open_late(attempt text)", "boolean", _OPEN_LATE),
            reads("too_late(attempt text)", "boolean", _TOO_LATE),
            finds("draw(experiment integer, person integer)", "bytea", _DRAW),
            does(
                "append_audit(what text, detail jsonb, at timestamptz)",
                "void",
                _APPEND_AUDIT.replace("{pen}", str(pen)).replace("{MOMENT}", MOMENT),
            ),
        )
    )


NOT_FOR_SEATS: Final = (
    "end_session(integer, timestamptz)", "is_wrong(text, text)", "own_phone(text)",
)  # fmt: skip
EXECUTE: Final = (
    "REVOKE ALL ON ALL TABLES IN SCHEMA rights FROM PUBLIC;\n"
    "REVOKE ALL ON ALL SEQUENCES IN SCHEMA rights FROM PUBLIC;\n"
    "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA rights FROM PUBLIC;\n"
    f"GRANT USAGE ON SCHEMA rights TO {SEATS};\n"
    f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA rights TO {SEATS};\n"
    + "".join(f"REVOKE ALL ON FUNCTION rights.{one} FROM {SEATS};\n" for one in NOT_FOR_SEATS)
)
