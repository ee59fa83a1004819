"""What other programs are told without asking: kept here until they have heard it, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from dialer_core.clock import Instant
from dialer_core.store import results
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AgentRow,
    ApiClientRow,
    AttemptRow,
    CampaignRow,
    ContactNumberRow,
    ContactRow,
    ResultRow,
    SuppressionRow,
    ToldCallBackRow,
    WebhookDeliveryRow,
    WebhookRow,
)
from dialer_core.store.schema.base import ContactStatus

SOME: Final = 500
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=1)
GIVES_UP: Final = timedelta(days=3)


class Happening(StrEnum):
    """What a program can be told of; saved by value."""

    OUTCOME = "outcome.chosen"
    CALL_BACK = "call_back.booked"
    DO_NOT_CALL = "do_not_call.added"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a program is told of what happens; `waiting`: what it has not heard yet."""

    client_id: int
    url: str = field(repr=False)
    events: frozenset[Happening]
    is_private: bool
    failures: int
    failing_since: datetime | None
    next_at: datetime | None
    stopped_at: datetime | None
    trouble: str
    delivered_at: datetime | None
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing that a program is still to be told."""

    id: int
    client_id: int
    event: Happening
    at: datetime
    result: results.Result | None = None
    call_back: CallBack | None = None
    numbers: tuple[str, ...] = field(default=(), repr=False)
    references: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CallBack:
    """A call that was promised."""

    reference: str
    contact: str = field(repr=False)
    campaign: str
    due: datetime
    agent: str  # whose promise it is; empty: anybody's


_HOOKS = (
    select(WebhookRow.__table__)
    .join(ApiClientRow, ApiClientRow.id == WebhookRow.client_id)
    .where(ApiClientRow.removed_at.is_(None))
    .order_by(WebhookRow.client_id)
)
_DUE_HOOKS = _HOOKS.where(
    WebhookRow.stopped_at.is_(None),
    (WebhookRow.next_at.is_(None)) | (WebhookRow.next_at <= bindparam("now")),
)
_OF_CLIENT = (
    select(WebhookDeliveryRow.__table__)
    .where(WebhookDeliveryRow.client_id == bindparam("client"))
    .order_by(WebhookDeliveryRow.id)
    .limit(1)
)
_NEW_OUTCOMES = (
    select(ResultRow.number, ResultRow.attempt_id, AttemptRow.disposed_at)
    .join(AttemptRow, AttemptRow.id == ResultRow.attempt_id)
    .where(ResultRow.number > bindparam("after"))
    .order_by(ResultRow.number)
    .limit(SOME)
)
_NEW_SUPPRESSIONS = (
    select(SuppressionRow.id, SuppressionRow.at)
    .where(SuppressionRow.id > bindparam("after"))
    .order_by(SuppressionRow.id)
    .limit(SOME)
)
_UNTOLD = (
    select(ContactRow.id, ContactRow.next_at, ToldCallBackRow.contact_id.label("told"))
    .join(CampaignRow, CampaignRow.id == ContactRow.campaign_id)
    .outerjoin(ToldCallBackRow, ToldCallBackRow.contact_id == ContactRow.id)
    .where(
        ContactRow.status == ContactStatus.CALL_BACK,
        ContactRow.next_at.is_not(None),
        (ToldCallBackRow.contact_id.is_(None)) | (ToldCallBackRow.due != ContactRow.next_at),
    )
    .order_by(ContactRow.id)
    .limit(SOME)
)
_CALL_BACK = (
    select(
        ContactRow.reference,
        ContactRow.name,
        CampaignRow.name.label("campaign"),
        AgentRow.name.label("agent"),
    )
    .join(CampaignRow, CampaignRow.id == ContactRow.campaign_id)
    .outerjoin(AgentRow, AgentRow.id == ContactRow.call_back_agent_id)
    .where(ContactRow.id == bindparam("contact"))
)
_SUPPRESSION = select(SuppressionRow.number_hash, SuppressionRow.reason).where(
    SuppressionRow.id == bindparam("suppression")
)
_OF_HASH = (
    select(ContactNumberRow.e164, ContactRow.reference)
    .join(ContactRow, ContactRow.id == ContactNumberRow.contact_id)
    .where(ContactNumberRow.number_hash == bindparam("hash"))
    .limit(SOME)
)
_TOLD_AGAIN = (
    update(ToldCallBackRow)
    .where(ToldCallBackRow.contact_id == bindparam("contact"))
    .values(due=bindparam("to_due"))
)


def pause_after(failures: int) -> timedelta:
    """How long to wait after so many failures, one after the other."""
    doubled: int = 2 ** min(failures - 1, 16)
    return min(LONGEST_PAUSE, FIRST_PAUSE * doubled)


def from_row(row: AnyRow, waiting: int = 0) -> Webhook:
    """A row of `webhooks` as a value."""
    return Webhook(
        client_id=row.client_id,
        url=row.url,
        events=frozenset(Happening(one) for one in row.events),
        is_private=row.is_private,
        failures=row.failures,
        failing_since=row.failing_since,
        next_at=row.next_at,
        stopped_at=row.stopped_at,
        trouble=row.trouble,
        delivered_at=row.delivered_at,
        waiting=waiting,
    )


# --- setting up ---------------------------------------------------------------------------------


def put(
    connection: Connection,
    client_id: int,
    url: str,
    events: frozenset[Happening],
    now: Instant,
    *,
    is_private: bool,
) -> None:
    """Tell a program from here on; what it has not heard yet of before it still hears."""
    again = {
        "url": url,
        "events": sorted(one.value for one in events),
        "is_private": is_private,
        "failures": 0,
        "failing_since": None,
        "next_at": None,
        "stopped_at": None,
        "trouble": "",
    }
    mine = WebhookRow.client_id == client_id
    if connection.execute(update(WebhookRow).where(mine).values(again)).rowcount:
        return
    newest = connection.scalar(select(func.max(SuppressionRow.id))) or 0
    connection.execute(
        insert(WebhookRow),
        {
            "client_id": client_id,
            "result_seen": results.last(connection),
            "suppression_seen": newest,
            "set_at": now.utc,
            **again,
        },
    )


def drop(connection: Connection, client_id: int) -> None:
    """Tell it nothing any more."""
    of_it = WebhookDeliveryRow.client_id == client_id
    connection.execute(delete(WebhookDeliveryRow).where(of_it))
    connection.execute(delete(WebhookRow).where(WebhookRow.client_id == client_id))


def restart(connection: Connection, client_id: int) -> None:
    """Try at once, also where it had been stopped."""
    connection.execute(
        update(WebhookRow)
        .where(WebhookRow.client_id == client_id)
        .values(failures=0, failing_since=None, next_at=None, stopped_at=None)
    )


# --- what has happened --------------------------------------------------------------------------


def enqueue(connection: Connection, now: Instant) -> bool:
    """Note for each program what has happened since; whether there may be more of it.

    To be called in a transaction that writes. Nothing is written where nothing has happened.
    """
    rows = connection.execute(_HOOKS).all()
    hooks = [from_row(row) for row in rows]
    is_more = _call_backs(connection, hooks, now)
    for row, hook in zip(rows, hooks, strict=True):
        outcomes = connection.execute(_NEW_OUTCOMES, {"after": row.result_seen}).all()
        blocked = connection.execute(_NEW_SUPPRESSIONS, {"after": row.suppression_seen}).all()
        fresh = [
            *(
                _delivery(hook, Happening.OUTCOME, one.attempt_id, one.disposed_at)
                for one in outcomes
                if one.disposed_at is not None and one.disposed_at >= row.set_at
            ),
            *(_delivery(hook, Happening.DO_NOT_CALL, one.id, one.at) for one in blocked),
        ]
        _insert(connection, hook, fresh)
        if outcomes or blocked:
            connection.execute(
                update(WebhookRow)
                .where(WebhookRow.client_id == hook.client_id)
                .values(
                    result_seen=outcomes[-1].number if outcomes else row.result_seen,
                    suppression_seen=blocked[-1].id if blocked else row.suppression_seen,
                )
            )
        is_more = is_more or SOME in (len(outcomes), len(blocked))
    return is_more


def has_news(connection: Connection) -> bool:
    """Whether `enqueue` would find something; reads only."""
    rows = connection.execute(_HOOKS).all()
    if connection.execute(_UNTOLD).first() is not None:
        return True
    return any(
        connection.execute(_NEW_OUTCOMES, {"after": row.result_seen}).first() is not None
        or connection.execute(_NEW_SUPPRESSIONS, {"after": row.suppression_seen}).first()
        is not None
        for row in rows
    )


def _call_backs(connection: Connection, hooks: list[Webhook], now: Instant) -> bool:
    untold = connection.execute(_UNTOLD).all()
    again = [row for row in untold if row.told is not None]
    if again:
        connection.execute(
            _TOLD_AGAIN, [{"contact": row.id, "to_due": row.next_at} for row in again]
        )
    if len(again) < len(untold):
        connection.execute(
            insert(ToldCallBackRow),
            [{"contact_id": row.id, "due": row.next_at} for row in untold if row.told is None],
        )
    for hook in hooks:
        booked = [
            _delivery(hook, Happening.CALL_BACK, row.id, now.utc, row.next_at) for row in untold
        ]
        _insert(connection, hook, booked)
    return len(untold) == SOME


def _delivery(
    hook: Webhook,
    event: Happening,
    subject: object,
    at: datetime,
    due: datetime | None = None,
) -> dict[str, object]:
    return {
        "client_id": hook.client_id,
        "event": event.value,
        "subject": str(subject),
        "due": due,
        "at": at,
    }


def _insert(connection: Connection, hook: Webhook, fresh: list[dict[str, object]]) -> None:
    wanted = [one for one in fresh if one["event"] in hook.events]
    if wanted:
        connection.execute(insert(WebhookDeliveryRow), wanted)


# --- telling ------------------------------------------------------------------------------------


def due(connection: Connection, now: Instant) -> list[tuple[Webhook, Delivery | None, int]]:
    """For each program that can be tried now: the oldest thing that it has not heard, and its id.

    None for the thing where its subject is gone: then it is to be forgotten.
    """
    found: list[tuple[Webhook, Delivery | None, int]] = []
    for row in connection.execute(_DUE_HOOKS, {"now": now.utc}).all():
        hook = from_row(row)
        waiting = connection.execute(_OF_CLIENT, {"client": hook.client_id}).first()
        if waiting is not None:
            found.append((hook, _told(connection, waiting), waiting.id))
    return found


def arrived(connection: Connection, client_id: int, delivery_id: int, now: Instant) -> None:
    """It has heard that one."""
    forget(connection, delivery_id)
    connection.execute(
        update(WebhookRow)
        .where(WebhookRow.client_id == client_id)
        .values(failures=0, failing_since=None, next_at=None, trouble="", delivered_at=now.utc)
    )


def forget(connection: Connection, delivery_id: int) -> None:
    """Nobody needs to hear that any more."""
    connection.execute(delete(WebhookDeliveryRow).where(WebhookDeliveryRow.id == delivery_id))


def failed(connection: Connection, client_id: int, trouble: str, now: Instant) -> Webhook | None:
    """It did not arrive: try later, or stop after days; as it stands now."""
    row = connection.execute(_HOOKS.where(WebhookRow.client_id == client_id)).first()
    if row is None:
        return None
    since = row.failing_since or now.utc
    is_over = now.utc - since >= GIVES_UP
    connection.execute(
        update(WebhookRow)
        .where(WebhookRow.client_id == client_id)
        .values(
            failures=row.failures + 1,
            failing_since=since,
            next_at=now.utc + pause_after(row.failures + 1),
            stopped_at=now.utc if is_over else None,
            trouble=trouble[:200],
        )
    )
    after = connection.execute(_HOOKS.where(WebhookRow.client_id == client_id)).first()
    return None if after is None else from_row(after)


def _told(connection: Connection, row: AnyRow) -> Delivery | None:
    event = Happening(row.event)
    if event is Happening.OUTCOME:
        result = results.of_attempt(connection, row.subject)
        if result is None:
            return None
        return Delivery(row.id, row.client_id, event, row.at, result=result)
    if event is Happening.CALL_BACK:
        found = connection.execute(_CALL_BACK, {"contact": int(row.subject)}).first()
        if found is None or row.due is None:
            return None
        call_back = CallBack(
            found.reference, found.name, found.campaign, row.due, found.agent or ""
        )
        return Delivery(row.id, row.client_id, event, row.at, call_back=call_back)
    blocked = connection.execute(_SUPPRESSION, {"suppression": int(row.subject)}).first()
    if blocked is None:
        return None
    rows = connection.execute(_OF_HASH, {"hash": blocked.number_hash}).all()
    return Delivery(
        row.id,
        row.client_id,
        event,
        row.at,
        numbers=tuple(sorted({one.e164 for one in rows})),
        references=tuple(sorted({one.reference for one in rows if one.reference})),
        reason=blocked.reason,
    )
