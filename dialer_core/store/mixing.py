"""A campaign's mix, its retry share, its recycling and its hand-over time, as editors set them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select, update

from dialer_core.clock import Instant
from dialer_core.lists import recycling
from dialer_core.lists.order import ListOrder
from dialer_core.lists.recycling import Recycling
from dialer_core.model.errors import KnownError
from dialer_core.store import audit, intents
from dialer_core.store.schema import CampaignRow, ContactListRow, MixSourceRow, SegmentRow
from dialer_core.store.schema.base import EventKind

MOST_SOURCES = 50
HIGHEST = 1000.0


@dataclass(frozen=True, slots=True)
class MixSource:
    """A list or a segment of the mix: exactly one of the two ids is given."""

    list_id: int | None = None
    segment_id: int | None = None
    weight: float = 1.0
    priority: int = 0  # the lower ones wait until the higher ones have nobody left
    order: ListOrder = ListOrder.PRIORITY
    seed: int = 0  # of the lot
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class MixSettings:
    """Who is called next in a campaign. Without sources: all its lists, by priority."""

    sources: tuple[MixSource, ...] = ()
    retry_share: float | None = None  # 0 to 1; None: who is due goes before the fresh
    recycling: Recycling = field(default_factory=Recycling)
    hand_over_s: float = 600.0


def read_mix(connection: Connection, campaign_id: int) -> MixSettings:
    """As it is set; KnownError where there is no such campaign."""
    campaign = connection.execute(
        select(CampaignRow.retry_share, CampaignRow.recycling, CampaignRow.hand_over_s).where(
            CampaignRow.id == campaign_id
        )
    ).first()
    if campaign is None:
        raise KnownError("There is no such campaign any more; choose another.")
    rows = connection.execute(
        select(MixSourceRow.__table__)
        .where(MixSourceRow.campaign_id == campaign_id)
        .order_by(MixSourceRow.position, MixSourceRow.id)
    ).mappings()
    sources = tuple(
        MixSource(
            row["list_id"],
            row["segment_id"],
            row["weight"],
            row["priority"],
            row["list_order"],
            row["seed"],
            row["is_active"],
        )
        for row in rows
    )
    own = recycling.read(campaign.recycling)
    return MixSettings(sources, campaign.retry_share, own, campaign.hand_over_s)


def set_mix(
    connection: Connection, campaign_id: int, mix: MixSettings, now: Instant, who: str
) -> None:
    """Set it anew; the dialler takes it up with its next lease. KnownError in a sentence."""
    stored = recycling.to_store(mix.recycling)
    _refuse_nonsense(connection, campaign_id, mix)
    changed = connection.execute(
        update(CampaignRow)
        .where(CampaignRow.id == campaign_id)
        .values(
            retry_share=mix.retry_share,
            recycling=stored,
            hand_over_s=mix.hand_over_s,
            changed_at=now.utc,
        )
    )
    if not changed.rowcount:
        raise KnownError("There is no such campaign any more; choose another.")
    connection.execute(delete(MixSourceRow).where(MixSourceRow.campaign_id == campaign_id))
    if mix.sources:
        connection.execute(
            insert(MixSourceRow),
            [
                {
                    "campaign_id": campaign_id,
                    "position": position,
                    "list_id": source.list_id,
                    "segment_id": source.segment_id,
                    "weight": source.weight,
                    "priority": source.priority,
                    "list_order": source.order,
                    "seed": source.seed,
                    "is_active": source.is_active,
                }
                for position, source in enumerate(mix.sources)
            ],
        )
    intents.write(connection, EventKind.CAMPAIGN, now.utc, payload={"campaign_id": campaign_id})
    detail: dict[str, object] = {
        "campaign": campaign_id,
        "sources": [_logged(source) for source in mix.sources],
        "retry_share": mix.retry_share,
        "recycling": stored,
        "hand_over_s": mix.hand_over_s,
    }
    audit.append(connection, who, "mix set", detail, now.utc)


def _logged(source: MixSource) -> dict[str, object]:
    told: dict[str, object] = {
        "weight": source.weight,
        "priority": source.priority,
        "order": source.order.value,
        "is_active": source.is_active,
    }
    if source.list_id is not None:
        return {"list": source.list_id, **told}
    return {"segment": source.segment_id, **told}


def _refuse_nonsense(connection: Connection, campaign_id: int, mix: MixSettings) -> None:
    if len(mix.sources) > MOST_SOURCES:
        raise KnownError(f"A mix may have {MOST_SOURCES} lists and segments, not more.")
    if mix.retry_share is not None and not 0.0 <= mix.retry_share <= 1.0:
        raise KnownError("The share of people who were tried before lies between 0 and 100 %.")
    if not 0.0 <= mix.hand_over_s <= 7 * 86_400:
        raise KnownError("A promised call is handed over within a week; choose a shorter time.")
    lists = _ids(connection, ContactListRow, campaign_id)
    own_segments = _ids(connection, SegmentRow, campaign_id)
    for source in mix.sources:
        if (source.list_id is None) == (source.segment_id is None):
            raise KnownError("Each entry of the mix is one list or one segment.")
        if not 0.0 <= source.weight <= HIGHEST:
            raise KnownError(f"A weight lies between 0 and {HIGHEST:g}.")
        if source.list_id is not None and source.list_id not in lists:
            raise KnownError("The mix names a list that this campaign does not have.")
        if source.segment_id is not None and source.segment_id not in own_segments:
            raise KnownError("The mix names a segment that this campaign does not have.")
    named = [(source.list_id, source.segment_id) for source in mix.sources]
    if len(set(named)) < len(named):
        raise KnownError("A list or segment stands twice in the mix; change one entry's weight.")


def _ids(
    connection: Connection, table: type[ContactListRow] | type[SegmentRow], campaign_id: int
) -> set[int]:
    return set(connection.scalars(select(table.id).where(table.campaign_id == campaign_id)))
