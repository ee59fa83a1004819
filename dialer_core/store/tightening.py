"""Making the rules of a client or a campaign tighter; what would be looser is refused."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, insert, select, update

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.rules.profiles import RuleProfile
from dialer_core.rules.tightening import Tightening, loosens, tightened
from dialer_core.store import audit, intents, tightenings
from dialer_core.store.owner import OneThread
from dialer_core.store.rows import insert_one
from dialer_core.store.schema import (
    CampaignRow,
    ClientRow,
    RuleProfileRow,
    RuleTighteningRow,
)
from dialer_core.store.schema.base import EventKind


@dataclass(frozen=True, slots=True)
class CampaignRules:
    """What holds for a campaign: the law, and what its client and itself make tighter."""

    campaign_id: int
    campaign: str
    client_id: int
    client: str
    law: RuleProfile
    of_client: Tightening
    of_campaign: Tightening
    in_force: RuleProfile


class RulesStore(OneThread):
    """Reads the rules of every campaign, and makes them tighter."""

    def rules(self) -> list[CampaignRules]:
        """Every campaign's, by name."""
        with self._reading() as connection:
            return _rules(connection)

    def tighten_client(self, client_id: int, wish: Tightening, now: Instant, who: str) -> int:
        """For all campaigns of a client; KnownError where it is looser than the law of one."""
        with self._writing() as connection:
            theirs = [one for one in _rules(connection) if one.client_id == client_id]
            for one in theirs:
                _refuse_looser(one.law, wish)
                tightened(tightened(one.law, wish), one.of_campaign)
            if not theirs:
                raise KnownError("This client has no campaign any more; nothing was changed.")
            return tighten(connection, theirs[0].law, wish, now, client_id=client_id, who=who)

    def tighten_campaign(self, campaign_id: int, wish: Tightening, now: Instant, who: str) -> int:
        """For one campaign; KnownError where it is looser than the law or its client's wish."""
        with self._writing() as connection:
            found = [one for one in _rules(connection) if one.campaign_id == campaign_id]
            if not found:
                raise KnownError("There is no such campaign any more; choose another.")
            of_client = tightened(found[0].law, found[0].of_client)
            return tighten(connection, of_client, wish, now, campaign_id=campaign_id, who=who)


def _rules(connection: Connection) -> list[CampaignRules]:
    bodies = {
        (row.profile_id, row.version): msgspec.convert(row.body, RuleProfile)
        for row in connection.execute(
            select(RuleProfileRow.profile_id, RuleProfileRow.version, RuleProfileRow.body)
        )
    }
    wishes = tightenings.in_force(connection)
    nothing = (0, Tightening())
    rows = connection.execute(
        select(
            CampaignRow.id,
            CampaignRow.name,
            CampaignRow.client_id,
            CampaignRow.profile_id,
            CampaignRow.profile_version,
            ClientRow.name.label("client"),
        )
        .join(ClientRow, ClientRow.id == CampaignRow.client_id)
        .order_by(CampaignRow.name)
    )
    found = []
    for row in rows:
        law = bodies[row.profile_id, row.profile_version]
        found.append(
            CampaignRules(
                row.id,
                row.name,
                row.client_id,
                row.client,
                law,
                wishes.get((row.client_id, None), nothing)[1],
                wishes.get((None, row.id), nothing)[1],
                tightenings.applied(law, wishes, row.client_id, row.id),
            )
        )
    return found


def _refuse_looser(rules: RuleProfile, wish: Tightening) -> None:
    looser = loosens(rules, wish)
    if looser:
        raise KnownError(looser)


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
    _refuse_looser(rules, wish)
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
