"""Making the rules of a client or a campaign tighter; what would be looser is refused."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, insert, select, update

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.rules.profiles import RuleProfile
from dialer_core.rules.tightening import Tightening, loosens, tightened
from dialer_core.store import audit, intents
from dialer_core.store.rows import insert_one
from dialer_core.store.schema import CampaignRow, RuleTighteningRow
from dialer_core.store.schema.base import EventKind


def tighten(
    connection: Connection,
    rules: RuleProfile,
    wish: Tightening,
    now: Instant,
    *,
    client_id: int | None = None,
    campaign_id: int | None = None,
    who: str = "supervisor",
) -> int:
    """Put a wish in force for a client or a campaign in place of the one before; its id.

    `rules`: those that it tightens, so that what would be looser can be refused.
    """
    if (client_id is None) == (campaign_id is None):
        raise ValueError("rules are tightened for a client or for a campaign")
    looser = loosens(rules, wish)
    if looser:
        raise KnownError(looser)
    tightened(rules, wish)  # KnownError where the two make no rule
    made = insert_one(
        connection,
        insert(RuleTighteningRow),
        {
            "client_id": client_id,
            "campaign_id": campaign_id,
            "body": msgspec.to_builtins(wish),
            "who": who,
            "at": now.utc,
        },
    )
    of = (
        CampaignRow.id == campaign_id
        if campaign_id is not None
        else CampaignRow.client_id == client_id
    )
    connection.execute(update(CampaignRow).where(of).values(changed_at=now.utc))
    for one in connection.scalars(select(CampaignRow.id).where(of)).all():
        intents.write(connection, EventKind.CAMPAIGN, now.utc, payload={"campaign_id": one})
    detail: dict[str, object] = {"tightening": made, "client": client_id, "campaign": campaign_id}
    audit.append(connection, who, "rules tightened", detail, now.utc)
    return made
