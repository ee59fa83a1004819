"""The person on the agent's screen: who it is, what is known, what was said before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import phonenumbers
from sqlalchemy import Connection, bindparam, select

from dialer_core.model.ids import AttemptId, ContactId, NumberId
from dialer_core.model.states import Outcome
from dialer_core.store.schema import (
    AgentRow,
    AttemptRow,
    ContactNumberRow,
    ContactRow,
    DispositionRow,
)

HISTORY = 20

_CONTACT = select(
    ContactRow.id,
    ContactRow.campaign_id,
    ContactRow.name,
    ContactRow.town,
    ContactRow.zones,
    ContactRow.region,
    ContactRow.details,
    ContactRow.leased_number_id,
).where(ContactRow.id == bindparam("contact"))
_NUMBERS = (
    select(ContactNumberRow.id, ContactNumberRow.e164, ContactNumberRow.kind, ContactNumberRow.rank)
    .where(ContactNumberRow.contact_id == bindparam("contact"))
    .order_by(ContactNumberRow.rank)
)
_HISTORY = (
    select(
        AttemptRow.id,
        AttemptRow.number_id,
        AttemptRow.committed_at,
        AttemptRow.outcome,
        AttemptRow.disposition_code,
        AttemptRow.note,
        AttemptRow.disposed_at,
        AgentRow.name.label("agent"),
        DispositionRow.label,
    )
    .outerjoin(AgentRow, AgentRow.id == AttemptRow.agent_id)
    .outerjoin(
        DispositionRow,
        (DispositionRow.campaign_id == AttemptRow.campaign_id)
        & (DispositionRow.code == AttemptRow.disposition_code),
    )
    .where(AttemptRow.contact_id == bindparam("contact"))
    .order_by(AttemptRow.committed_at.desc())
    .limit(HISTORY + 1)
)


@dataclass(frozen=True, slots=True)
class PastCall:
    """An earlier call to the contact; `label` is the agent's outcome in words, may be empty."""

    attempt_id: AttemptId
    at: datetime
    outcome: Outcome | None
    code: str
    label: str
    agent: str
    note: str


@dataclass(frozen=True, slots=True)
class Record:
    """A contact as the agent may see it. `number_parts`: the number in groups, as it is read out.

    `number_rank` of `number_count` numbers is the one that is dialled.
    """

    contact_id: ContactId
    name: str
    town: str
    zone: str  # the likeliest; empty: not known
    zones: tuple[str, ...]
    region: str
    number_id: NumberId
    number_parts: tuple[str, ...]
    number_kind: str
    number_rank: int
    number_count: int
    details: tuple[tuple[str, str], ...]
    history: tuple[PastCall, ...]  # newest first, without the call in progress
    last_note: str

    def __repr__(self) -> str:
        return f"Record(contact_id={self.contact_id})"


def read_record(
    connection: Connection, contact_id: ContactId, attempt_id: str | None
) -> Record | None:
    """The contact and its earlier calls; `attempt_id`: the call in progress. None: it is gone."""
    contact = connection.execute(_CONTACT, {"contact": contact_id}).first()
    numbers = connection.execute(_NUMBERS, {"contact": contact_id}).all()
    if contact is None or not numbers:
        return None
    attempts = connection.execute(_HISTORY, {"contact": contact_id}).all()
    current = next((row for row in attempts if row.id == attempt_id), None)
    wanted = contact.leased_number_id if current is None else current.number_id
    number = next((row for row in numbers if row.id == wanted), numbers[0])
    history = tuple(
        PastCall(
            AttemptId(row.id),
            row.committed_at,
            row.outcome,
            row.disposition_code or "",
            row.label or "",
            row.agent or "",
            row.note,
        )
        for row in attempts
        if row.id != attempt_id
    )
    return Record(
        contact_id=contact_id,
        name=contact.name,
        town=contact.town,
        zone=contact.zones[0] if contact.zones else "",
        zones=tuple(contact.zones),
        region=contact.region,
        number_id=NumberId(number.id),
        number_parts=number_parts(number.e164),
        number_kind=number.kind,
        number_rank=number.rank,
        number_count=len(numbers),
        details=tuple((label, value) for label, value in contact.details),
        history=history[:HISTORY],
        last_note=next((call.note for call in history if call.note), ""),
    )


def number_parts(number: str) -> tuple[str, ...]:
    """An E.164 number in the groups in which its country writes it, the country's code first."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return (number,)
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return tuple(written.replace("-", " ").split())
