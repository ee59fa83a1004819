"""Recording what the gate refused, once, and when the contact may be asked about again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from dialer_core.clock import Instant
from dialer_core.model.states import Mode
from dialer_core.rules.facts import Refusal, RefusalCode
from dialer_core.store import counts
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.facts import Candidate
from dialer_core.store.schema import ContactRow, RefusalRow
from dialer_core.store.schema.base import ContactStatus

# The contact itself is as callable as before; only this moment, seat or caller's number was wrong.
OF_THE_MOMENT = frozenset({RefusalCode.NO_RESERVED_AGENT, RefusalCode.OVER_BUDGET})
OF_THE_CAMPAIGN = frozenset({RefusalCode.CALLER_ID, RefusalCode.SECTOR_BANNED})
SHORT_REST = timedelta(seconds=15)
PROMISE_REPEAT = timedelta(hours=1)  # of a promised call that waits for a newer register
CAMPAIGN_REPEAT = timedelta(hours=1)  # a refusal of the whole campaign is written once in this time

_INSERT = insert(RefusalRow)
_LAST_OF_CAMPAIGN = (
    select(RefusalRow.at)
    .where(
        RefusalRow.campaign_id == bindparam("campaign"),
        RefusalRow.code == bindparam("code_is"),
        RefusalRow.at > bindparam("since"),
    )
    .limit(1)
)
_FREE = {"leased_by_epoch": None, "lease_expires_at": None, "leased_number_id": None}
_WAIT = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"), ContactRow.status != ContactStatus.CLOSED)
    .values(
        status=bindparam("to_status"),
        status_reason=bindparam("why"),
        next_at=bindparam("at_next"),
        changed_at=bindparam("at"),
        **_FREE,
    )
)
_REST = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"))
    .values(next_at=bindparam("at_next"), **_FREE)
)
FREE_CONTACT = update(ContactRow).where(ContactRow.id == bindparam("contact")).values(**_FREE)


def record(
    connection: Connection,
    settings: CampaignSettings,
    candidate: Candidate,
    refusal: Refusal,
    now: Instant,
    attempt_id: str | None = None,
    mode: Mode | None = None,
) -> None:
    """Write one refusal and count it."""
    campaign = settings.campaign
    connection.execute(
        _INSERT,
        {
            "campaign_id": campaign.id,
            "contact_id": candidate.contact_id,
            "number_id": candidate.number_id,
            "attempt_id": attempt_id,
            "mode": mode or campaign.mode,
            "code": refusal.code,
            "sentence": refusal.sentence,
            "at": now.utc,
            "retry_at": refusal.retry_at,
        },
    )
    counts.add(connection, campaign.id, settings.day(now.utc), refused=1)


def record_all(
    connection: Connection,
    settings: CampaignSettings,
    refused: Sequence[tuple[Candidate, Refusal]],
    now: Instant,
) -> None:
    """Write what was refused while contacts were chosen, at once."""
    if not refused:
        return
    campaign = settings.campaign
    connection.execute(
        _INSERT,
        [
            {
                "campaign_id": campaign.id,
                "contact_id": candidate.contact_id,
                "number_id": candidate.number_id,
                "attempt_id": None,
                "mode": campaign.mode,
                "code": refusal.code,
                "sentence": refusal.sentence,
                "at": now.utc,
                "retry_at": refusal.retry_at,
            }
            for candidate, refusal in refused
        ],
    )
    counts.add(connection, campaign.id, settings.day(now.utc), refused=len(refused))


def was_said_lately(
    connection: Connection, settings: CampaignSettings, code: RefusalCode, now: Instant
) -> bool:
    """Whether this refusal of the whole campaign stands on the record already."""
    found = connection.scalar(
        _LAST_OF_CAMPAIGN,
        {
            "campaign": settings.campaign.id,
            "code_is": code,
            "since": now.utc - CAMPAIGN_REPEAT,
        },
    )
    return found is not None


@dataclass(frozen=True, slots=True)
class Aside:
    """A contact that the gate refuses with all its numbers, and when it may be asked again."""

    contact_id: int
    refusal: Refusal  # of the first number
    retry_at: datetime | None
    is_call_back: bool = False


def set_aside(connection: Connection, asides: Sequence[Aside], now: Instant) -> None:
    """The contacts wait until it is worth asking again, or are held where nobody can say when.

    A promised call stays one; where only a newer register is missing it is asked again soon.
    """
    rests = [aside for aside in asides if aside.refusal.code in OF_THE_MOMENT | OF_THE_CAMPAIGN]
    if rests:
        at_next = now.utc + SHORT_REST
        connection.execute(
            _REST, [{"contact": aside.contact_id, "at_next": at_next} for aside in rests]
        )
    waits = [_waiting(aside, now) for aside in asides if aside not in rests]
    if waits:
        connection.execute(_WAIT, waits)


def _waiting(aside: Aside, now: Instant) -> dict[str, object]:
    retry_at = aside.retry_at
    if aside.is_call_back and aside.refusal.code is RefusalCode.REGISTRY_STALE:
        retry_at = now.utc + PROMISE_REPEAT
    waiting = ContactStatus.CALL_BACK if aside.is_call_back else ContactStatus.WAITING
    return {
        "contact": aside.contact_id,
        "to_status": ContactStatus.HELD if retry_at is None else waiting,
        "why": aside.refusal.code.value,
        "at_next": retry_at,
        "at": now.utc,
    }
