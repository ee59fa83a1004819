"""What the first run reads and mends of a campaign that it has made."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, bindparam, func, select, update

from dialer_core.clock import Instant
from dialer_core.model.ids import CampaignId
from dialer_core.store import audit, switches
from dialer_core.store.numbers import number_hash, number_key
from dialer_core.store.people import NewPerson, add_people
from dialer_core.store.schema import CampaignRow, ContactNumberRow, ContactRow
from dialer_core.store.schema.base import ContactStatus, Ground
from dialer_core.store.unlisted import BY_HAND

_WANTED: Final = (Ground.CONSENT, Ground.HOURS)

_COMPANY = select(CampaignRow.id, CampaignRow.company_name, CampaignRow.caller_id).where(
    CampaignRow.name == bindparam("name")
)

_WITH_NUMBER = (
    select(ContactRow.id, ContactRow.grounds)
    .join(ContactNumberRow, ContactNumberRow.contact_id == ContactRow.id)
    .where(
        ContactRow.campaign_id == bindparam("campaign"),
        ContactNumberRow.number_hash == bindparam("hash"),
    )
)
_AGREED = update(ContactRow).where(ContactRow.id == bindparam("contact")).values(
    grounds=bindparam("agreed")
)  # fmt: skip
_HELD = update(ContactRow).where(ContactRow.id == bindparam("contact")).values(
    status=ContactStatus.HELD, status_reason=BY_HAND
)  # fmt: skip


def company_of(connection: Connection, campaign: str) -> tuple[str, str] | None:
    """Company and number that people see; None where there is no campaign of that name."""
    row = connection.execute(_COMPANY, {"name": campaign}).first()
    return None if row is None else (row.company_name, row.caller_id)


def set_company(
    connection: Connection, campaign: str, company: str, caller_id: str, who: str, now: Instant
) -> None:
    """Another company, another number; a campaign that is gone is left so."""
    row = connection.execute(_COMPANY, {"name": campaign}).first()
    if row is None:
        return
    for name, old, new in (
        ("company_name", row.company_name, company),
        ("caller_id", row.caller_id, caller_id),
    ):
        if old != new:
            switches.change(connection, CampaignId(row.id), name, new, who, now)


def count_people(connection: Connection) -> int:
    """How many people are on lists, whatever has become of them."""
    return int(connection.scalar(select(func.count()).select_from(ContactRow)) or 0)


def note_own_number(
    connection: Connection, campaign: str, number: str, who: str, now: Instant
) -> None:
    """Whoever sits here has their own telephone (E.164) called, now: that is their consent.

    Without it the first call would wait for a copy of the country's register. Nobody else dials
    it: it stands among the numbers that were dialled by hand, held.
    """
    row = connection.execute(_COMPANY, {"name": campaign}).first()
    if row is None:
        return
    asked = {"campaign": row.id, "hash": number_hash(number_key(connection), number)}
    found = connection.execute(_WITH_NUMBER, asked).all()
    if not found:
        person = NewPerson(BY_HAND, [(number, "")], region="", grounds=_WANTED)
        add_people(connection, row.id, BY_HAND, [person], BY_HAND, now)
        for own in connection.execute(_WITH_NUMBER, asked).all():
            connection.execute(_HELD, {"contact": own.id})
    for one in found:
        agreed = sorted({*one.grounds, *(ground.value for ground in _WANTED)})
        if agreed != sorted(one.grounds):
            connection.execute(_AGREED, {"contact": one.id, "agreed": agreed})
    audit.append(connection, who, "own number called", {"campaign": campaign}, now.utc)
