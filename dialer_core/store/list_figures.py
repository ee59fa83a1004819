"""How far a campaign's list is used up, counted a piece at a time: no walk over a million rows.

A short list is counted whole every five seconds; of a long one a piece each time, and its figures
are those of the last whole round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, case, func, select

from dialer_core.clock import Instant
from dialer_core.model.ids import CampaignId
from dialer_core.store.schema import ContactRow
from dialer_core.store.schema.base import ContactStatus

LIST_EVERY_S: Final = 5.0  # a new round begins no more often
PIECE: Final = 10_000  # rows of one statement: some milliseconds

_ROWS = (
    select(ContactRow.id, ContactRow.status, ContactRow.attempts_count)
    .where(
        ContactRow.campaign_id == bindparam("campaign"),
        ContactRow.id > bindparam("after"),
    )
    .order_by(ContactRow.id)
    .limit(bindparam("most"))
    .subquery()
)
_COUNT = select(
    _ROWS.c.status,
    func.count().label("number"),
    func.sum(case((_ROWS.c.attempts_count > 0, 1), else_=0)).label("tried"),
    func.max(_ROWS.c.id).label("last"),
).group_by(_ROWS.c.status)


@dataclass(frozen=True, slots=True)
class ListFigures:
    """How far the campaign's list is used up; a long list's are some seconds old."""

    contacts: int = 0
    tried: int = 0
    by_status: Mapping[ContactStatus, int] | None = None

    @property
    def penetration(self) -> float:
        """Contacts with at least one attempt, as a share of all (facts sheet, 5: Ratt / R0)."""
        return self.tried / self.contacts if self.contacts else 0.0


class _Round:
    """One walk over one campaign's list, in the order of the ids."""

    def __init__(self) -> None:
        self._by_status: Counter[ContactStatus] = Counter()
        self._tried = self._after = 0
        self.is_done = False

    def go_on(self, connection: Connection, campaign_id: CampaignId, piece: int) -> None:
        """Count the next `piece` rows."""
        asked = {"campaign": campaign_id, "after": self._after, "most": piece}
        count = 0
        for row in connection.execute(_COUNT, asked):
            self._by_status[row.status] += row.number
            self._tried += row.tried
            self._after = max(self._after, row.last)
            count += row.number
        self.is_done = count < piece

    def figures(self) -> ListFigures:
        """What it has counted."""
        return ListFigures(self._by_status.total(), self._tried, dict(self._by_status))


class ListCounter:
    """Keeps the figures of the campaigns that are looked at; belongs to one window."""

    def __init__(self, piece: int = PIECE) -> None:
        self._piece = piece
        self._found: dict[CampaignId, tuple[float, ListFigures]] = {}
        self._rounds: dict[CampaignId, _Round] = {}

    def read(self, connection: Connection, campaign_id: CampaignId, now: Instant) -> ListFigures:
        """The figures; one piece more is counted where a round is due or under way.

        The first time the whole list is, as there is nothing to show before.
        """
        known = self._found.get(campaign_id)
        is_resting = known is not None and now.mono_s - known[0] < LIST_EVERY_S
        if known is not None and is_resting and campaign_id not in self._rounds:
            return known[1]
        walk = self._rounds.setdefault(campaign_id, _Round())
        walk.go_on(connection, campaign_id, self._piece)
        while known is None and not walk.is_done:
            walk.go_on(connection, campaign_id, self._piece)
        if not walk.is_done:
            assert known is not None
            return known[1]
        del self._rounds[campaign_id]
        figures = walk.figures()
        self._found[campaign_id] = now.mono_s, figures
        return figures
