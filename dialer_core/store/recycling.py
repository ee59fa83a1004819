"""What the office wants after an outcome, from the record: how often so far, which number next."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, bindparam, select, update

from dialer_core.lists.recycling import NEVER_RECYCLED, Next, Number
from dialer_core.model.states import CallStage, Direction, Outcome
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.schema import AttemptRow, ContactNumberRow, ContactRow
from dialer_core.store.schema.base import NumberStatus

MOST_LOOKED_AT = 200  # newest attempts of one contact
TRIED_ENOUGH = "TRIED_ENOUGH"  # why a contact is closed

_PAST = (
    select(AttemptRow.id, AttemptRow.outcome, AttemptRow.disposition_code)
    .where(
        AttemptRow.contact_id == bindparam("contact"),
        AttemptRow.stage == CallStage.ENDED,
        AttemptRow.direction == Direction.OUT,
    )
    .order_by(AttemptRow.committed_at.desc())
    .limit(MOST_LOOKED_AT)
)
_NUMBERS = (
    select(ContactNumberRow.id, ContactNumberRow.rank, ContactNumberRow.status)
    .where(ContactNumberRow.contact_id == bindparam("contact"))
    .order_by(ContactNumberRow.rank)
)
_GO_ON_WITH = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"))
    .values(next_rank=bindparam("to_rank"))
)


def after(
    connection: Connection,
    settings: CampaignSettings,
    contact_id: int,
    number_id: int,
    attempt_id: str,
    outcome: Outcome,
) -> Next | None:
    """What follows by the campaign's recycling, and the number's turn is remembered.

    None after outcomes that recycling has no say in. The attempt itself counts as one of the tries,
    whether or not it is closed yet.
    """
    if outcome in NEVER_RECYCLED:
        return None
    rows = connection.execute(_NUMBERS, {"contact": contact_id}).all()
    numbers = [Number(row.rank, row.status is NumberStatus.OPEN) for row in rows]
    rank = next((row.rank for row in rows if row.id == number_id), 0)
    tries = _tries(connection, settings, contact_id, attempt_id)[outcome] + 1
    following = settings.recycling.after(outcome, tries, rank, numbers)
    if len(rows) > 1:
        connection.execute(_GO_ON_WITH, {"contact": contact_id, "to_rank": following.rank})
    return following


def _tries(
    connection: Connection, settings: CampaignSettings, contact_id: int, attempt_id: str
) -> Counter[Outcome]:
    """The ends of the contact's other calls, as the agents said or else as the lines saw them."""
    said = {one.code: one.outcome for one in settings.campaign.dispositions}
    ends: Counter[Outcome] = Counter()
    for row in connection.execute(_PAST, {"contact": contact_id}):
        outcome = said.get(row.disposition_code or "", row.outcome)
        if row.id != attempt_id and outcome is not None:
            ends[outcome] += 1
    return ends
