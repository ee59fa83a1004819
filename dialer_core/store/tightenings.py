"""What clients and campaigns have made tighter than the law: kept for ever, the newest in force."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection, func, select

from dialer_core.rules.profiles import RuleProfile
from dialer_core.rules.tightening import Tightening, tightened
from dialer_core.store.schema import RuleTighteningRow

InForce = Mapping[tuple[int | None, int | None], tuple[int, Tightening]]

_NEWEST = select(func.max(RuleTighteningRow.id)).group_by(
    RuleTighteningRow.client_id, RuleTighteningRow.campaign_id
)
_READ = select(
    RuleTighteningRow.id,
    RuleTighteningRow.client_id,
    RuleTighteningRow.campaign_id,
    RuleTighteningRow.body,
).where(RuleTighteningRow.id.in_(_NEWEST))


def in_force(connection: Connection) -> InForce:
    """The newest of each client and of each campaign, with its id."""
    return {
        (row.client_id, row.campaign_id): (row.id, msgspec.convert(row.body, Tightening))
        for row in connection.execute(_READ)
    }


def applied(rules: RuleProfile, found: InForce, client_id: int, campaign_id: int) -> RuleProfile:
    """The rules as the client and then the campaign tighten them; the version names the rows."""
    for whose in ((client_id, None), (None, campaign_id)):
        if whose in found:
            row_id, wish = found[whose]
            rules = tightened(rules, wish, f"/t{row_id}")
    return rules
