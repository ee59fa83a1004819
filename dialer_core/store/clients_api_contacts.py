"""What another program asks of people: to find one by its own reference, and to close them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, exists, select, update

from dialer_core.clock import Instant
from dialer_core.model.campaign import Disposition
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import CampaignId
from dialer_core.model.states import Mode, Outcome
from dialer_core.store import audit, results, webhooks
from dialer_core.store.campaigns import load_campaigns
from dialer_core.store.owner import OneThread
from dialer_core.store.results import Result
from dialer_core.store.schema import (
    CampaignRow,
    ContactListRow,
    ContactNumberRow,
    ContactRow,
    SuppressionRow,
)
from dialer_core.store.schema.base import ContactStatus
from dialer_core.store.webhooks import Delivery, Webhook

MOST: Final = 20  # people of one reference
CLOSED_BY: Final = "closed by another program"

_BY_REFERENCE = (
    select(
        ContactRow.__table__,
        CampaignRow.name.label("campaign"),
        ContactListRow.name.label("list_name"),
        exists()
        .where(
            ContactNumberRow.contact_id == ContactRow.id,
            SuppressionRow.number_hash == ContactNumberRow.number_hash,
            SuppressionRow.client_id.is_(None)
            | (SuppressionRow.client_id == CampaignRow.client_id),
        )
        .label("is_on_dnc"),
    )
    .join(CampaignRow, CampaignRow.id == ContactRow.campaign_id)
    .join(ContactListRow, ContactListRow.id == ContactRow.list_id)
    .where(ContactRow.reference == bindparam("reference"), ContactRow.reference != "")
    .order_by(ContactRow.id.desc())
    .limit(MOST)
)
_NUMBERS = (
    select(ContactNumberRow.e164)
    .where(ContactNumberRow.contact_id == bindparam("contact"))
    .order_by(ContactNumberRow.rank)
)
_CLOSE = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"))
    .values(
        status=ContactStatus.CLOSED,
        status_reason=CLOSED_BY,
        next_at=None,
        changed_at=bindparam("at"),
    )
)


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A person as another program sees them."""

    reference: str
    campaign: str
    list_name: str
    name: str = field(repr=False)
    town: str = field(repr=False)
    numbers: tuple[str, ...] = field(repr=False)
    status: ContactStatus = ContactStatus.FRESH
    next_at: datetime | None = None
    attempts: int = 0
    last_outcome: Outcome | None = None
    last_attempt_at: datetime | None = None
    is_on_dnc: bool = False


@dataclass(frozen=True, slots=True)
class KnownCampaign:
    """A campaign by the name that is used to add people to it."""

    id: CampaignId
    name: str
    mode: Mode
    is_running: bool
    zone: str
    country: str  # ISO, of its rules; empty: they name none
    dispositions: tuple[Disposition, ...]


class ProgramsStore(OneThread):
    """What the HTTP API reads and writes, beside what the import and the do-not-call list do."""

    def campaigns(self) -> list[KnownCampaign]:
        """All campaigns, by name."""
        with self._reading() as connection:
            found = load_campaigns(connection).values()
        made = [
            KnownCampaign(
                one.campaign.id,
                one.campaign.name,
                one.campaign.mode,
                one.campaign.is_running,
                one.zone.key,
                one.profile.country or "",
                tuple(one.campaign.dispositions),
            )
            for one in found
        ]
        return sorted(made, key=lambda one: one.name)

    def contacts(self, reference: str) -> list[KnownContact]:
        """Who has that reference, the newest first; empty where nobody has."""
        with self._reading() as connection:
            rows = connection.execute(_BY_REFERENCE, {"reference": reference}).all()
            return [
                KnownContact(
                    row.reference,
                    row.campaign,
                    row.list_name,
                    row.name,
                    row.town,
                    tuple(connection.scalars(_NUMBERS, {"contact": row.id})),
                    row.status,
                    row.next_at,
                    row.attempts_count,
                    row.last_outcome,
                    row.last_attempt_at,
                    bool(row.is_on_dnc),
                )
                for row in rows
            ]

    def close_contacts(self, reference: str, now: Instant, who: str) -> int:
        """Call nobody of that reference any more; how many people it has (0: none).

        What is known of them stays. KnownError, with nothing changed, while one is in a call.
        """
        with self._writing() as connection:
            rows = connection.execute(_BY_REFERENCE, {"reference": reference}).all()
            if any(
                row.leased_by_epoch is not None and row.lease_expires_at is None for row in rows
            ):
                raise KnownError("Somebody is in a call with this person just now; try again soon.")
            still = [row.id for row in rows if row.status is not ContactStatus.CLOSED]
            if still:
                connection.execute(_CLOSE, [{"contact": one, "at": now.utc} for one in still])
                detail: dict[str, object] = {"contacts": still}
                audit.append(connection, who, "contacts closed", detail, now.utc)
            return len(rows)

    # --- results and webhooks -----------------------------------------------------------------

    def results(self, cursor: int, most: int) -> list[Result]:
        """What became of calls after that cursor."""
        with self._reading() as connection:
            return results.since(connection, cursor, most)

    def collect(self, now: Instant) -> bool:
        """Number results and note what programs are to be told; whether there may be more.

        Looks first: where nothing has happened nothing is written, and nobody waits.
        """
        with self._reading() as connection:
            is_news = results.is_behind(connection, now) or webhooks.has_news(connection)
        if not is_news:
            return False
        with self._writing(is_durable=False) as connection:
            is_more = results.collect(connection, now)
            return webhooks.enqueue(connection, now) or is_more

    def due(self, now: Instant) -> list[tuple[Webhook, Delivery]]:
        """For each program that can be told something now, the oldest that it has not heard."""
        with self._reading() as connection:
            found = webhooks.due(connection, now)
        gone = [delivery_id for _, delivery, delivery_id in found if delivery is None]
        if gone:
            with self._writing(is_durable=False) as connection:
                for one in gone:
                    webhooks.forget(connection, one)
        return [(hook, delivery) for hook, delivery, _ in found if delivery is not None]

    def arrived(self, client_id: int, delivery_id: int, now: Instant) -> None:
        """A program has heard that one."""
        with self._writing(is_durable=False) as connection:
            webhooks.arrived(connection, client_id, delivery_id, now)

    def failed(self, client_id: int, trouble: str, now: Instant) -> Webhook | None:
        """A program could not be told; how its webhook stands now."""
        with self._writing(is_durable=False) as connection:
            return webhooks.failed(connection, client_id, trouble, now)
