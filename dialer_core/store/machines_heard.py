"""How many of the calls that detection took for machines were people, as far as was heard.

Facts sheet, 1.1 (13) and 1.2: the share of people among them must come from the office's own
listening; until enough was heard the rules' own share counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from dialer_core.store.schema import MachineReviewRow

_TALLY = (
    select(
        MachineReviewRow.campaign_id,
        func.count().label("reviewed"),
        func.count().filter(MachineReviewRow.was_person.is_(True)).label("people"),
    )
    .where(MachineReviewRow.campaign_id.in_(bindparam("campaigns", expanding=True)))
    .group_by(MachineReviewRow.campaign_id)
)


@dataclass(frozen=True, slots=True)
class Heard:
    """How many detected machines were listened to, and how many of them were people."""

    people: int = 0
    reviewed: int = 0


def tallies(connection: Connection, campaign_ids: Iterable[int]) -> dict[int, Heard]:
    """Of each of these campaigns that has any."""
    rows = connection.execute(_TALLY, {"campaigns": list(campaign_ids)}).all()
    return {row.campaign_id: Heard(row.people, row.reviewed) for row in rows}


def tally(connection: Connection, *campaign_ids: int) -> Heard:
    """Of all days of these campaigns together."""
    found = tallies(connection, campaign_ids).values()
    return Heard(sum(one.people for one in found), sum(one.reviewed for one in found))
