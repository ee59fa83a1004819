"""Click to dial: another program's wish at an agent's seat, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, select

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.store import audit, intents
from dialer_core.store.lease import clock_of
from dialer_core.store.owner import OneThread
from dialer_core.store.schema import (
    AgentRow,
    AttemptRow,
    ContactNumberRow,
    ContactRow,
    DiallerLeaseRow,
    SessionRow,
)
from dialer_core.store.schema.base import ContactStatus, EventKind, NumberStatus

LATE: Final = timedelta(seconds=1)  # a lease may be renewed a moment after its end
_CLOCKS: Final = timedelta(minutes=5)  # by which two PCs of a floor may differ

_SESSION = (
    select(SessionRow.id, SessionRow.campaign_id)
    .join(AgentRow, AgentRow.id == SessionRow.agent_id)
    .where(
        AgentRow.name == bindparam("agent"),
        SessionRow.closed_at.is_(None),
        SessionRow.is_supervisor.is_(False),
    )
)
_NUMBER = (
    select(ContactNumberRow.e164)
    .join(ContactRow, ContactRow.id == ContactNumberRow.contact_id)
    .where(
        ContactRow.reference == bindparam("reference"),
        ContactRow.reference != "",
        ContactRow.campaign_id == bindparam("campaign"),
        ContactNumberRow.status == NumberStatus.OPEN,
    )
    .order_by(
        (ContactRow.status == ContactStatus.CLOSED).asc(),
        ContactRow.id.desc(),
        ContactNumberRow.rank,
    )
    .limit(1)
)
_LEASE = select(DiallerLeaseRow.__table__).where(DiallerLeaseRow.id == 1)
_PLACED = (
    select(AttemptRow.id)
    .where(
        AttemptRow.session_id == bindparam("session"),
        AttemptRow.is_manual.is_(True),
        AttemptRow.committed_at >= bindparam("since"),
    )
    .order_by(AttemptRow.committed_at.desc())
    .limit(1)
)
_TROUBLE = select(SessionRow.call_trouble).where(SessionRow.id == bindparam("session"))


@dataclass(frozen=True, slots=True)
class AskedDial:
    """A wish that stands in the database. `before`: the seat's last manual call until then."""

    session_id: int
    event_id: int
    before: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Dialled:
    """What became of it: an attempt, a refusal's sentence, or nothing yet."""

    attempt: str = ""
    refusal: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether there is an answer."""
        return bool(self.attempt or self.refusal)


class DialStore(OneThread):
    """Writes a wish as an agent's window would, and reads what the dialler made of it."""

    def ask(self, agent: str, number: str, reference: str, now: Instant, who: str) -> AskedDial:
        """Have that agent's seat dial a number (E.164), or the person of that reference.

        KnownError where nobody dials, the agent is not at a seat, or nobody has that reference.
        """
        with self._writing() as connection:
            lease = connection.execute(_LEASE).first()
            if (
                lease is None
                or not lease.holder
                or lease.expires_at + LATE < clock_of(connection, now)
            ):
                raise KnownError("Nobody dials on this floor just now; start the dialler.")
            session = connection.execute(_SESSION, {"agent": agent}).first()
            if session is None:
                raise KnownError("There is no agent of that name at a seat just now.")
            if reference:
                asked = {"reference": reference, "campaign": session.campaign_id}
                number = connection.scalar(_NUMBER, asked) or ""
            if not number:
                raise KnownError("Nobody in the agent's campaign has that reference and a number.")
            since = now.utc - _CLOCKS
            before = connection.scalar(_PLACED, {"session": session.id, "since": since}) or ""
            payload = {"number": number}
            intents.write(connection, EventKind.MANUAL_DIAL, now.utc, session.id, payload=payload)
            event = intents.last_id(connection)
            detail: dict[str, object] = {"agent": agent, "reference": reference}
            audit.append(connection, who, "dial asked", detail, now.utc)
        return AskedDial(session.id, event, before, since)

    def outcome(self, asked: AskedDial) -> Dialled:
        """What the dialler has made of it so far."""
        with self._reading() as connection:
            placed = connection.scalar(_PLACED, {"session": asked.session_id, "since": asked.since})
            if placed is not None and placed != asked.before:
                return Dialled(attempt=placed)
            if not _is_read(connection, asked.event_id):
                return Dialled()
            # The dialler takes the last trouble back with the wish: what stands here is the wish's.
            return Dialled(refusal=connection.scalar(_TROUBLE, {"session": asked.session_id}) or "")


def _is_read(connection: Connection, event_id: int) -> bool:
    lease = connection.execute(_LEASE).first()
    return lease is not None and lease.cursor >= event_id
