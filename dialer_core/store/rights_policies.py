"""What a seat's role may read and write of each table: columns, and the rows among them.

A table that is not named here is closed to seats, as is each table that a later migration makes.
The floor's owner stands above the policies. A question in brackets is asked once for each
statement, so that its answer can be looked up in an index.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dialer_core.store.joining_sql import SEATS
from dialer_core.store.schema.base import EventKind
from dialer_core.store.settings import PHONE_TROUBLE, TRUNK_TROUBLE

# What a window wants; the rest is said by functions, or is not an agent's to want.
AGENTS_OWN: Final = (
    EventKind.OPENED, EventKind.AVAILABLE, EventKind.PAUSE, EventKind.PREVIEW_DRAWN,
    EventKind.PREVIEW_ACCEPT, EventKind.PREVIEW_SKIP, EventKind.OUTCOME, EventKind.STAGE,
    EventKind.CALL, EventKind.MANUAL_DIAL,
)  # fmt: skip

_SEAT = "(SELECT rights.seat())"
_SESSION = "(SELECT rights.session())"
_AGENT = "(SELECT rights.agent())"
_SESSIONS = "ANY ((SELECT rights.sessions())::integer[])"
_CALLS = "ANY ((SELECT rights.calls())::text[])"
_CONTACTS = "ANY ((SELECT rights.contacts())::integer[])"
_CAMPAIGNS = "ANY ((SELECT rights.campaigns())::integer[])"
_OWN_CALL_BACK = f"(call_back_agent_id = {_AGENT} AND status = 'call_back')"


def _coding(column: str) -> str:
    """Of the call whose outcome this very transaction writes; null in any other."""
    return f"(SELECT (rights.coding()).{column})"


def _in_time(*columns: str) -> str:
    """Moments with which every program can reckon; neither "infinity" nor the year 9999."""
    return " AND ".join(
        f"coalesce({one} BETWEEN '2000-01-01' AND '2200-01-01', true)" for one in columns
    )


# An outcome is written now; before that a call that was opened late is only read.
_IS_CODED = f"{_coding('outcome')} <> ''"
_CODED_LATE = (
    f"kind = 'outcome' AND session_id = {_coding('session_id')}"
    f" AND attempt_id = {_coding('attempt_id')} AND {_IS_CODED}"
)


@dataclass(frozen=True, slots=True)
class Right:
    """One table: which columns may be read, changed and inserted, of which rows.

    Columns: names with commas, "*" for all, empty for none. Rows: SQL. `after`: what a row that
    was changed must be like, where that is more than `change_rows`.
    """

    table: str
    read: str
    rows: str
    change: str = ""
    change_rows: str = ""
    after: str = ""
    insert: str = ""
    insert_rows: str = ""


RIGHTS: Final = (
    Right("alembic_version", "version_num", "true"),
    Right("seats", "id, name", f"id = {_SEAT}"),
    # Of the floor's settings what a seat's window says: the trunk's trouble, its own phone's.
    Right(
        "settings",
        "key, value",
        f"key = '{TRUNK_TROUBLE}' OR key ="
        f" (SELECT '{PHONE_TROUBLE}' || s.name FROM public.seats s WHERE s.id = {_SEAT})",
    ),
    Right("agents", "id, name, is_active", f"{_SEAT} IS NOT NULL"),
    Right(
        "sessions",
        "*",
        f"agent_id = {_AGENT}",
        change="seen_at, pause_wanted, pause_due",
        change_rows=f"id = {_SESSION}",
        after=_in_time("seen_at", "pause_due"),
    ),
    Right("session_states", "id, session_id, state, since, until", f"session_id = {_SESSIONS}"),
    Right(
        "agent_events",
        "id, session_id, kind, at",
        f"session_id = {_SESSIONS} OR {_CODED_LATE}",
        insert="session_id, kind, attempt_id, contact_id, payload, at",
        insert_rows=f"{_in_time('at')} AND (session_id = {_SESSION}"
        f" AND kind IN ({', '.join(repr(kind.value) for kind in AGENTS_OWN)})"
        f" AND (attempt_id IS NULL OR rights.is_mine(attempt_id)) OR {_CODED_LATE})",
    ),
    Right("campaigns", "*", f"id = {_CAMPAIGNS}"),
    Right("clients", "id, name", "id IN (SELECT c.client_id FROM public.campaigns c)"),
    Right("dispositions", "*", f"campaign_id = {_CAMPAIGNS}"),
    Right(
        "rule_profiles",
        "profile_id, version, body",
        "(profile_id, version) IN (SELECT c.profile_id, c.profile_version FROM public.campaigns c)",
    ),
    Right(
        "rule_tightenings",
        "id, client_id, campaign_id, body",
        f"campaign_id = {_CAMPAIGNS} OR client_id IN (SELECT c.client_id FROM public.campaigns c)",
    ),
    Right("experiments", "*", f"campaign_id = {_CAMPAIGNS}"),
    Right("experiment_variants", "*", "experiment_id IN (SELECT e.id FROM public.experiments e)"),
    Right(
        "contacts",
        "id, campaign_id, list_id, name, town, details, zones, region, status, next_at,"
        " leased_number_id, leased_by_epoch, attempts_count, next_rank, call_back_agent_id",
        f"id = {_CONTACTS} OR {_OWN_CALL_BACK}",
        change="status, status_reason, next_at, last_outcome, call_back_agent_id, next_rank,"
        " changed_at",
        change_rows=f"id = {_coding('contact_id')} AND {_IS_CODED}",
        after="(call_back_agent_id IS NULL OR call_back_agent_id = (SELECT rights.caller()))"
        f" AND {_in_time('next_at', 'changed_at')}",
    ),
    Right("contact_lists", "id, name", "id IN (SELECT c.list_id FROM public.contacts c)"),
    Right(
        "contact_numbers",
        "id, contact_id, rank, e164, kind, status, number_hash",
        f"contact_id = {_CONTACTS}",
        change="status",
        change_rows=f"id = {_coding('number_id')} AND {_IS_CODED}",
        after="status = 'retired'",
    ),
    Right(
        "attempts",
        "*",
        # What is cheapest to ask comes first: the others are asked where it says no.
        f"agent_id = {_AGENT} OR contact_id = {_CONTACTS} OR id = {_CALLS}"
        f" OR number_hash = {_coding('number_hash')}",
        change="note",
        change_rows=f"session_id = {_SESSION} OR id = {_coding('attempt_id')}",
    ),
    Right(
        "third_parties",
        "*",
        f"attempt_id = {_CALLS}",
        change="note",
        change_rows=f"attempt_id = {_CALLS} AND handed_over_at IS NOT NULL",
    ),
    Right("recordings", "attempt_id, state", f"attempt_id = {_CALLS}"),
    # Who only listens is seen by nobody.
    Right(
        "supervisions",
        "id, attempt_id, session_id, how, at, until",
        f"attempt_id = {_CALLS} AND how <> 'listen'",
    ),
    Right(
        "lockouts",
        "id, client_id, number_hash, mode, until, ends_on_connect, outcome, attempt_id",
        f"number_hash = {_coding('number_hash')} OR attempt_id = {_coding('attempt_id')}",
        change="until",
        change_rows=f"number_hash = {_coding('number_hash')} AND ends_on_connect"
        f" AND {_coding('outcome')} = 'CONNECTED'",
        after=_in_time("until"),
        insert="client_id, number_hash, mode, begins_at, until, ends_on_connect, outcome,"
        " attempt_id",
        insert_rows=f"attempt_id = {_coding('attempt_id')} AND {_IS_CODED}"
        f" AND number_hash = {_coding('number_hash')}"
        f" AND (client_id IS NULL OR client_id = {_coding('client_id')})"
        f" AND {_in_time('begins_at', 'until')}",
    ),
    Right(
        "suppressions",
        "client_id, number_hash",
        f"number_hash = ANY ({_coding('hashes')}::bytea[])",
        insert="client_id, number_hash, reason, attempt_id, at",
        insert_rows=f"number_hash = ANY ({_coding('hashes')}::bytea[])"
        f" AND attempt_id = {_coding('attempt_id')} AND client_id = {_coding('client_id')}"
        f" AND {_in_time('at')}",
    ),
)
SEQUENCES: Final = ("agent_events_id_seq", "lockouts_id_seq", "suppressions_id_seq")

# Also of what an earlier program has granted and this one does not.
TAKE_DOWN: Final = f"""
DO $take$ DECLARE one record; BEGIN
    FOR one IN SELECT p.tablename, p.policyname FROM pg_policies p
        WHERE p.schemaname = 'public' AND '{SEATS}' = ANY (p.roles) LOOP
        EXECUTE 'DROP POLICY ' || quote_ident(one.policyname) || ' ON public.'
            || quote_ident(one.tablename);
    END LOOP;
END $take$;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {SEATS};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {SEATS};
"""

# Where nothing is granted, nobody gets a row even if a right were granted by mistake.
CLOSE: Final = f"""
DO $close$ DECLARE one record; BEGIN
    FOR one IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind = 'r' AND NOT c.relrowsecurity
        AND pg_has_role(c.relowner, 'USAGE') LOOP
        EXECUTE 'ALTER TABLE public.' || quote_ident(one.relname) || ' ENABLE ROW LEVEL SECURITY';
    END LOOP;
END $close$;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC, {SEATS};
"""


def _statements(right: Right) -> Iterator[str]:
    on = f"ON public.{right.table}"
    columns = "" if right.read == "*" else f" ({right.read})"
    yield f"GRANT SELECT{columns} {on} TO {SEATS}"
    yield f"CREATE POLICY seat_reads {on} FOR SELECT TO {SEATS} USING ({right.rows})"
    if right.change:
        yield f"GRANT UPDATE ({right.change}) {on} TO {SEATS}"
        check = f"({right.change_rows})" + (f" AND ({right.after})" if right.after else "")
        yield (
            f"CREATE POLICY seat_changes {on} FOR UPDATE TO {SEATS}"
            f" USING ({right.change_rows}) WITH CHECK ({check})"
        )
    if right.insert:
        yield f"GRANT INSERT ({right.insert}) {on} TO {SEATS}"
        yield f"CREATE POLICY seat_adds {on} FOR INSERT TO {SEATS} WITH CHECK ({right.insert_rows})"


def policies() -> str:
    """All grants and policies as one script."""
    said = [one for right in RIGHTS for one in _statements(right)]
    said += [f"GRANT USAGE ON SEQUENCE public.{name} TO {SEATS}" for name in SEQUENCES]
    return ";\n".join(said) + ";\n"
