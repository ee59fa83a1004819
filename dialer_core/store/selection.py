"""Who is next in a campaign: its mix of lists and segments, kept by who leases.

Nothing here decides whether somebody may be called; `leasing` asks the gate about whom this offers.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from dialer_core.clock import Instant
from dialer_core.lists import segments
from dialer_core.lists.mix import Kind, Mix, Place, Source
from dialer_core.lists.order import Turn
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import CampaignId
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.database import Database
from dialer_core.store.fronts import front
from dialer_core.store.hours_scores import no_scores
from dialer_core.store.schema import ContactListRow, MixSourceRow, SegmentRow
from dialer_core.store.shelves import FIRST_PIECE, Pool, Shelf
from dialer_core.store.shelves import Scores as ShelfScores

log = logging.getLogger(__name__)

ALL_LISTS: Final = Source(0)
Start = Callable[[Callable[[], None]], None]
Scores = Callable[[Connection, CampaignSettings, Sequence[Turn], datetime], Sequence[Turn]]

_LISTS = (
    select(ContactListRow.id)
    .where(ContactListRow.campaign_id == bindparam("campaign"), ContactListRow.is_active.is_(True))
    .order_by(ContactListRow.id)
)
_MIX = (
    select(MixSourceRow.__table__, SegmentRow.condition)
    .outerjoin(SegmentRow, SegmentRow.id == MixSourceRow.segment_id)
    .where(MixSourceRow.campaign_id == bindparam("campaign"), MixSourceRow.is_active.is_(True))
    .order_by(MixSourceRow.position, MixSourceRow.id)
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A person who is next, and the place in the mix from which they come."""

    place: Place
    turn: Turn


@dataclass(slots=True)
class _Campaign:
    """What is kept of one campaign between two leases."""

    settings: CampaignSettings
    lists: tuple[int, ...]
    pools: dict[int, Pool]
    mix: Mix
    shelves: dict[Place, Shelf] = field(default_factory=dict)
    available: tuple[Place, ...] = ()  # at the last offer


class Selection:
    """Offers the next people; for the one thread that leases.

    Without a `database` shelves are filled with the connection of the lease and no thread begins.
    `start` runs a piece of work beside the caller: a thread of its own, unless told otherwise.
    `scores` puts a figure to people's present hour.
    """

    def __init__(
        self,
        database: Database | None = None,
        start: Start | None = None,
        scores: Scores = no_scores,
    ) -> None:
        self._database, self._scores = database, scores
        self._start = start or self._in_thread
        self._campaigns: dict[CampaignId, _Campaign] = {}
        self._thread: threading.Thread | None = None
        self._is_filling = False
        self._is_closing = False

    def close(self) -> None:
        """Wait until what is being looked for has given up; nothing begins any more."""
        self._is_closing = True
        if self._thread is not None:
            self._thread.join()

    def prepare(self, connection: Connection, settings: CampaignSettings, now: Instant) -> None:
        """Fill the shelves now, with the caller's connection, so that no lease waits for it."""
        known = self._read(connection, settings)
        for pool in known.pools.values():
            for kind in Kind:
                if not pool.is_straight:
                    shelf = known.shelves.setdefault((pool.source.key, kind), Shelf(pool, kind))
                    shelf.fill(connection, now.utc, now.mono_s, self._scorer(known, now))

    def returned(self, campaign_id: CampaignId, contact_id: int) -> None:
        """A lease was given back undialled."""
        known = self._campaigns.get(campaign_id)
        for shelf in known.shelves.values() if known is not None else ():
            shelf.returned(contact_id)

    def lists(self, connection: Connection, settings: CampaignSettings) -> tuple[int, ...]:
        """The campaign's active lists; reads what has changed since the last lease."""
        return self._read(connection, settings).lists

    def offer(
        self,
        connection: Connection,
        settings: CampaignSettings,
        now: Instant,
        count: int,
        seen: Collection[int] = (),
    ) -> list[Offer]:
        """Up to `count` next people in the order of the mix, none of them in `seen`.

        The people are free at this moment, and on PostgreSQL locked to this transaction; an empty
        answer means that nobody is left now.
        """
        known = self._campaigns.get(settings.campaign.id) or self._read(connection, settings)
        tiers = sorted({pool.source.priority for pool in known.pools.values()}, reverse=True)
        for tier in tiers:
            stock = self._stock(connection, known, tier, now, count, seen)
            if not stock:
                continue
            known.available = tuple(stock)
            numbers = {place: len(found) for place, found in stock.items()}
            offers: list[Offer] = []
            for place in known.mix.plan(numbers, count):
                offers.append(Offer(place, stock[place].pop(0)))
            for place, rest in stock.items():
                self._put_back(known, place, rest)
            return offers
        return []

    def took(self, settings: CampaignSettings, offer: Offer) -> None:
        """The person was leased: the mix counts it."""
        known = self._campaigns[settings.campaign.id]
        known.mix.took(offer.place, known.available)

    def left(self, settings: CampaignSettings, offers: Sequence[Offer]) -> None:
        """These were not asked about after all; their order stays."""
        known = self._campaigns[settings.campaign.id]
        for offer in reversed(offers):
            self._put_back(known, offer.place, [offer.turn])

    # --- what there is ------------------------------------------------------------------------

    def _read(self, connection: Connection, settings: CampaignSettings) -> _Campaign:
        campaign_id = settings.campaign.id
        asked = {"campaign": campaign_id}
        lists = tuple(connection.scalars(_LISTS, asked))
        known = self._campaigns.get(campaign_id)
        if (
            known is None
            or known.settings.changed_at != settings.changed_at
            or known.lists != lists
        ):
            pools = self._pools(connection, campaign_id, lists)
            sources = [pool.source for pool in pools]
            known = _Campaign(
                settings,
                lists,
                {pool.source.key: pool for pool in pools},
                Mix(sources, settings.retry_share),
            )
            self._campaigns[campaign_id] = known
        return known

    @staticmethod
    def _pools(
        connection: Connection, campaign_id: CampaignId, lists: tuple[int, ...]
    ) -> list[Pool]:
        pools: list[Pool] = []
        is_mixed = False
        for row in connection.execute(_MIX, {"campaign": campaign_id}).mappings():
            is_mixed = True
            source = Source(
                row["id"], row["weight"], row["priority"], row["list_order"], row["seed"]
            )
            if row["segment_id"] is not None:
                pools.append(Pool(source, lists, segments.read(row["condition"])))
            elif row["list_id"] in lists:
                pools.append(Pool(source, (row["list_id"],)))
        return pools if is_mixed else [Pool(ALL_LISTS, lists)]

    def _stock(
        self,
        connection: Connection,
        known: _Campaign,
        tier: int,
        now: Instant,
        count: int,
        seen: Collection[int],
    ) -> dict[Place, list[Turn]]:
        """The fronts of the tier's shelves, without those that are empty."""
        # Writers take turns (`Database.writing`): whom this transaction finds, no other is leasing.
        stock: dict[Place, list[Turn]] = {}
        offered = set(seen)
        for kind in (Kind.RETRY, Kind.FRESH):
            for pool in known.pools.values():
                if pool.source.priority != tier:
                    continue
                place = (pool.source.key, kind)
                found = self._front(connection, known, pool, kind, now, count + len(seen))
                found = _new(found, offered)  # one who is in two sources is called once
                if found:
                    stock[place] = found
            if known.mix.retries_first and sum(map(len, stock.values())) >= count:
                break
        return stock

    def _front(
        self,
        connection: Connection,
        known: _Campaign,
        pool: Pool,
        kind: Kind,
        now: Instant,
        count: int,
    ) -> list[Turn]:
        source = pool.source
        if pool.is_straight:
            return front(connection, pool.lists, kind, source.order, now.utc, count)
        shelf = known.shelves.setdefault((source.key, kind), Shelf(pool, kind))
        self._fill(connection, known, shelf, now)
        found: list[Turn] = []
        while len(found) < count and len(shelf):
            found += _still(connection, pool, kind, now.utc, shelf.take(count))
        return found

    def _put_back(self, known: _Campaign, place: Place, rest: Sequence[Turn]) -> None:
        shelf = known.shelves.get(place)
        if shelf is not None and rest:
            shelf.put_back(rest)

    # --- filling ------------------------------------------------------------------------------

    def _fill(self, connection: Connection, known: _Campaign, shelf: Shelf, now: Instant) -> None:
        if not shelf.wants(now.mono_s) or self._is_filling or self._is_closing:
            return
        scores = self._scorer(known, now)
        if self._database is None:
            shelf.fill(connection, now.utc, now.mono_s, scores)
            return
        if not len(shelf):  # a few at once, the others beside
            shelf.fill(connection, now.utc, now.mono_s, scores, rows=FIRST_PIECE, steps=1)
        self._is_filling = True
        self._start(lambda: self._fill_beside(shelf, now, scores))

    def _scorer(self, known: _Campaign, now: Instant) -> ShelfScores:
        return lambda inside, found: self._scores(inside, known.settings, found, now.utc)

    def _fill_beside(self, shelf: Shelf, now: Instant, scores: ShelfScores) -> None:
        """Where the database does not let us, the shelf stays as it is."""
        assert self._database is not None
        try:
            with self._database.reading() as connection:
                shelf.fill(
                    connection,
                    now.utc,
                    now.mono_s,
                    scores,
                    goes_on=lambda: not self._is_closing,
                )
        except KnownError as problem:
            log.warning("the next people of a segment could not be looked for: %s", problem)
        finally:
            self._is_filling = False

    def _in_thread(self, work: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=work, name="selection", daemon=True)
        self._thread.start()


def _new(found: Sequence[Turn], known: set[int]) -> list[Turn]:
    """Those who are not known yet, each once; they are known from now on."""
    new: list[Turn] = []
    for turn in found:
        if turn.contact_id not in known:
            known.add(turn.contact_id)
            new.append(turn)
    return new


def _still(
    connection: Connection, pool: Pool, kind: Kind, now: datetime, found: Sequence[Turn]
) -> list[Turn]:
    """Those of a shelf who are still free, due and fit, in their order."""
    if not found:
        return []
    chosen = pool.still(kind, now, connection.dialect.name)
    asked = {"ids": [turn.contact_id for turn in found], "now": now}
    free = set(connection.scalars(chosen, asked))
    return [turn for turn in found if turn.contact_id in free]
