"""What became of calls, numbered: a program that asks "since" misses none and hears none twice.

An attempt is noted soon after it was made, and gets its number once nothing more is to come of it:
it is over, and the agent has chosen an outcome (or has not for a day). Numbers are given under the
pen of those who write, so that none appears behind one that was read already.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from dialer_core.clock import Instant
from dialer_core.model.states import CallStage, Outcome
from dialer_core.store import settings
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AgentRow,
    AttemptRow,
    CampaignRow,
    ContactNumberRow,
    ContactRow,
    DispositionRow,
    ResultRow,
)

SOME: Final = 1000  # attempts of one campaign in one transaction
OVERLAP: Final = timedelta(hours=1)  # clocks of two diallers differ by less
OUTCOME_WAIT: Final = timedelta(hours=24)  # then a call without an outcome is told as it is
_LONG_BEFORE: Final = datetime(2000, 1, 1, tzinfo=UTC)
_READ_TO: Final = "results_read_to"  # campaign: until when attempts were noted

_IS_NOTED = exists().where(ResultRow.attempt_id == AttemptRow.id)
_NEW = (
    select(AttemptRow.id, AttemptRow.committed_at)
    .where(
        AttemptRow.campaign_id == bindparam("campaign"),
        AttemptRow.committed_at >= bindparam("since"),
        ~_IS_NOTED,
    )
    .order_by(AttemptRow.committed_at)
    .limit(SOME)
)
_SETTLED = (
    select(AttemptRow.id)
    .join(ResultRow, ResultRow.attempt_id == AttemptRow.id)
    .where(
        ResultRow.number.is_(None),
        AttemptRow.stage == CallStage.ENDED,
        or_(
            AttemptRow.disposed_at.is_not(None),
            AttemptRow.bridged_at.is_(None),
            AttemptRow.ended_at < bindparam("long_ago"),
        ),
    )
    .order_by(AttemptRow.ended_at, AttemptRow.id)
    .limit(SOME)
)
_NUMBER = (
    update(ResultRow)
    .where(ResultRow.attempt_id == bindparam("attempt"))
    .values(number=bindparam("to_number"))
)
_LAST = select(func.max(ResultRow.number))
RESULT = (
    select(
        ResultRow.number,
        AttemptRow.__table__,
        CampaignRow.name.label("campaign"),
        ContactRow.reference,
        ContactRow.name.label("contact"),
        ContactRow.status.label("contact_status"),
        ContactRow.next_at,
        ContactNumberRow.e164,
        AgentRow.name.label("agent"),
        DispositionRow.label,
        DispositionRow.is_success,
    )
    .select_from(ResultRow)
    .join(AttemptRow, AttemptRow.id == ResultRow.attempt_id)
    .join(CampaignRow, CampaignRow.id == AttemptRow.campaign_id)
    .join(ContactRow, ContactRow.id == AttemptRow.contact_id)
    .join(ContactNumberRow, ContactNumberRow.id == AttemptRow.number_id)
    .outerjoin(AgentRow, AgentRow.id == AttemptRow.agent_id)
    .outerjoin(
        DispositionRow,
        and_(
            DispositionRow.campaign_id == AttemptRow.campaign_id,
            DispositionRow.code == AttemptRow.disposition_code,
        ),
    )
)
_SINCE = (
    RESULT.where(ResultRow.number > bindparam("since"))
    .order_by(ResultRow.number)
    .limit(bindparam("most"))
)
_OF_ATTEMPT = RESULT.where(ResultRow.attempt_id == bindparam("attempt"))


@dataclass(frozen=True, slots=True)
class Result:
    """A call that is over. Moments in UTC; `agent` and `disposition` empty where there was none."""

    cursor: int
    attempt: str
    campaign: str
    reference: str
    contact: str
    number: str
    direction: str
    mode: str
    agent: str
    outcome: Outcome | None
    disposition: str
    disposition_label: str
    is_success: bool
    note: str
    started_at: datetime
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    disposed_at: datetime | None

    def __repr__(self) -> str:
        return f"Result(cursor={self.cursor}, attempt={self.attempt!r})"


def collect(connection: Connection, now: Instant) -> bool:
    """Note new attempts and number those that are settled; whether there may be more of them.

    To be called in a transaction that writes.
    """
    read_to: dict[str, str] = json.loads(settings.read(connection, _READ_TO) or "{}")
    before, is_more = dict(read_to), False
    for campaign in connection.scalars(select(CampaignRow.id)).all():
        seen = read_to.get(str(campaign))
        since = datetime.fromisoformat(seen) - OVERLAP if seen else _LONG_BEFORE
        rows = connection.execute(_NEW, {"campaign": campaign, "since": since}).all()
        if rows:
            connection.execute(insert(ResultRow), [{"attempt_id": row.id} for row in rows])
            newest = max(rows[-1].committed_at, since + OVERLAP)
            read_to[str(campaign)] = newest.isoformat()
            is_more = is_more or len(rows) == SOME
    if read_to != before:
        settings.write(connection, _READ_TO, json.dumps(read_to), now)
    return _number(connection, now) or is_more


def _number(connection: Connection, now: Instant) -> bool:
    long_ago = now.utc - OUTCOME_WAIT
    settled = connection.scalars(_SETTLED, {"long_ago": long_ago}).all()
    if settled:
        first = last(connection) + 1
        connection.execute(
            _NUMBER,
            [
                {"attempt": attempt, "to_number": number}
                for number, attempt in enumerate(settled, start=first)
            ],
        )
    return len(settled) == SOME


def is_behind(connection: Connection, now: Instant) -> bool:
    """Whether `collect` would find something; reads only."""
    read_to: dict[str, str] = json.loads(settings.read(connection, _READ_TO) or "{}")
    for campaign in connection.scalars(select(CampaignRow.id)).all():
        seen = read_to.get(str(campaign))
        since = datetime.fromisoformat(seen) - OVERLAP if seen else _LONG_BEFORE
        if connection.execute(_NEW, {"campaign": campaign, "since": since}).first() is not None:
            return True
    long_ago = now.utc - OUTCOME_WAIT
    return connection.scalars(_SETTLED, {"long_ago": long_ago}).first() is not None


def last(connection: Connection) -> int:
    """The highest number that was given; 0 where none was."""
    return connection.scalar(_LAST) or 0


def since(connection: Connection, cursor: int, most: int) -> list[Result]:
    """The results after `cursor`, in their order, `most` at a time."""
    return [from_row(row) for row in connection.execute(_SINCE, {"since": cursor, "most": most})]


def of_attempt(connection: Connection, attempt_id: str) -> Result | None:
    """One of them; None where there is none."""
    row = connection.execute(_OF_ATTEMPT, {"attempt": attempt_id}).first()
    return None if row is None else from_row(row)


def from_row(row: AnyRow) -> Result:
    """A row of `RESULT` as a value."""
    return Result(
        cursor=row.number or 0,
        attempt=row.id,
        campaign=row.campaign,
        reference=row.reference,
        contact=row.contact,
        number=row.e164,
        direction=row.direction.value,
        mode=row.mode.value,
        agent=row.agent or "",
        outcome=row.outcome,
        disposition=row.disposition_code or "",
        disposition_label=row.label or "",
        is_success=bool(row.is_success),
        note=row.note,
        started_at=row.committed_at,
        answered_at=row.answered_at,
        connected_at=row.bridged_at,
        ended_at=row.ended_at,
        disposed_at=row.disposed_at,
    )
