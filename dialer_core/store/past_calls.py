"""Calls of the last weeks on a long list, for measurements on a server; nothing else writes them.

They are copies of one real call, with other people, agents and moments.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    SQLColumnExpression,
    String,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal,
    select,
    update,
)

from dialer_core.model.states import CallStage, SeatState
from dialer_core.store.schema import AttemptRow, ContactNumberRow, ContactRow, SessionRow
from dialer_core.store.schema.base import ContactStatus

DAYS: Final = 60
_PROMISED: Final = 20  # of each agent
_ATTEMPTS = AttemptRow.__table__
_SCREEN = (
    update(SessionRow)
    .where(SessionRow.id == bindparam("session"))
    .values(
        contact_id=bindparam("contact"),
        attempt_id=bindparam("attempt"),
        state=SeatState.WRAP_UP,
        parked=[],
    )
)
_HAND_OVER = (
    update(AttemptRow)
    .where(AttemptRow.id == bindparam("attempt"))
    .values(
        session_id=bindparam("session"),
        agent_id=select(SessionRow.agent_id)
        .where(SessionRow.id == bindparam("session"))
        .scalar_subquery(),
        stage=CallStage.ENDED,
        disposition_code=None,
        disposed_at=None,
    )
)


def attempt_of(number: int) -> str:
    """The id of the copy with that number; it is a call to the person of that id."""
    return f"Z{number:025d}"


def add(
    connection: Connection, calls: int, agents: int, code: str, until: datetime, model: str
) -> None:
    """So many calls (fewer where the list is shorter), over `DAYS` days, among so many agents.

    `model`: the id of the call that is copied; `code`: what came of each.
    """
    step = timedelta(days=DAYS) / calls
    number = column("g", Integer)
    at = literal(until) - number * literal(step)
    other: dict[str, SQLColumnExpression[Any]] = {
        "id": literal("Z") + func.lpad(cast(number, String), 25, "0"),
        "contact_id": ContactRow.id,
        "campaign_id": ContactRow.campaign_id,
        "number_id": ContactNumberRow.id,
        "number_hash": ContactNumberRow.number_hash,
        "agent_id": number % agents + 1,
        "session_id": cast(None, Integer),
        "committed_at": at,
        "bridged_at": at + timedelta(seconds=20),
        "ended_at": at + timedelta(seconds=80),
        "disposed_at": at + timedelta(seconds=90),
        "disposition_code": literal(code),
        "note": literal("ring the bell twice"),
    }
    picked: Select[*tuple[Any, ...]] = select(
        *(other.get(one.name, one).label(one.name) for one in _ATTEMPTS.columns)
    )
    rows = (
        picked.select_from(
            func.generate_series(1, calls).table_valued("g").render_derived(name="n")
        )
        .join(ContactRow, ContactRow.id == number)
        .join(
            ContactNumberRow,
            (ContactNumberRow.contact_id == ContactRow.id) & (ContactNumberRow.rank == 1),
        )
        .join(_ATTEMPTS, _ATTEMPTS.c.id == literal(model))
    )
    names = [one.name for one in _ATTEMPTS.columns]
    connection.execute(insert(AttemptRow).from_select(names, rows))
    connection.execute(
        update(ContactRow)
        .where(ContactRow.id <= agents * _PROMISED)
        .values(
            status=ContactStatus.CALL_BACK,
            next_at=until + timedelta(hours=2),
            call_back_agent_id=ContactRow.id % agents + 1,
        )
    )


def put_on_screen(connection: Connection, session_id: int, number: int) -> None:
    """That person, and the call with that number, are in this session's hand; no outcome yet."""
    which = {"session": session_id, "attempt": attempt_of(number)}
    connection.execute(_HAND_OVER, which)
    connection.execute(_SCREEN, which | {"contact": number})
