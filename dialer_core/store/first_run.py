"""What the first run reads and mends of a campaign that it has made."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, func, select

from dialer_core.clock import Instant
from dialer_core.model.ids import CampaignId
from dialer_core.store import switches
from dialer_core.store.schema import CampaignRow, ContactRow

_COMPANY = select(CampaignRow.id, CampaignRow.company_name, CampaignRow.caller_id).where(
    CampaignRow.name == bindparam("name")
)


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
