"""Who is next in a campaign: its mix of lists and segments, kept by who leases.

Nothing here decides whether somebody may be called; `leasing` asks the gate about whom this offers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
from dialer_core.store.giving_way import no_pause
from dialer_core.store.hours_scores import no_scores
from dialer_core.store.offers import Asked, Offer, draw
from dialer_core.store.rechecks import Recheck
from dialer_core.store.schema import ContactListRow, MixSourceRow, SegmentRow
from dialer_core.store.shelves import FIRST_PIECE, Shelf
from dialer_core.store.shelves import Scores as ShelfScores
from dialer_core.store.waiting import Front, Pool

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


@dataclass(slots=True)
class _Campaign:
    """What is kept of one campaign between two leases."""

    settings: CampaignSettings
    lists: tuple[int, ...]
    tiers: tuple[int, ...]  # priorities of the sources, the highest first
    mix: Mix
    recheck: Recheck
    waiting: dict[Place, Front | Shelf]
    available: tuple[Place, ...] = ()  # at the last offer


class Selection:
    """Offers the next people; for the one thread that leases.

    Without a `database` shelves are filled with the connection of the lease and no thread begins.
    `start` runs a piece of work beside the caller: a thread of its own, unless told otherwise.
    `scores` puts a figure to people's present hour; `pause` is called between pieces of it.
    """

    def __init__(
        self,
        database: Database | None = None,
        start: Start | None = None,
        scores: Scores = no_scores,
        pause: Callable[[], None] = no_pause,
    ) -> None:
        self._database, self._scores, self._pause = database, scores, pause
        self._start = start or self._in_thread
        self._campaigns: dict[CampaignId, _Campaign] = {}
        self._thread: ThreadPoolExecutor | None = None
        self._next_work: Callable[[], None] | None = None
        self._is_filling = False
        self._is_closing = False

    def close(self) -> None:
        """Wait until what is being looked for has given up; nothing begins any more."""
        self._is_closing = True
        if self._thread is not None:
            self._thread.shutdown()

    def prepare(self, connection: Connection, settings: CampaignSettings, now: Instant) -> None:
        """Fill the shelves now, with the caller's connection, so that no lease waits for it."""
        known = self._known(connection, settings)
        for waiting in known.waiting.values():
            if isinstance(waiting, Shelf):
                waiting.fill(connection, now.utc, now.mono_s, self._scorer(known, now))

    def returned(self, campaign_id: CampaignId, contact_id: int) -> None:
        """A lease was given back undialled."""
        known = self._campaigns.get(campaign_id)
        for waiting in known.waiting.values() if known is not None else ():
            waiting.returned(contact_id)

    def use(
        self, connection: Connection, settings: CampaignSettings, lists: tuple[int, ...]
    ) -> None:
        """What the campaign is now, and its active lists: reads what has changed since then."""
        known = self._campaigns.get(settings.campaign.id)
        if (
            known is None
            or known.settings.changed_at != settings.changed_at
            or known.lists != lists
        ):
            self._campaigns[settings.campaign.id] = self._read(connection, settings, lists)

    def came_back(self, campaign_id: CampaignId) -> None:
        """Some people of the campaign are free again, and may be next."""
        known = self._campaigns.get(campaign_id)
        for waiting in known.waiting.values() if known is not None else ():
            if isinstance(waiting, Front):
                waiting.outdated()

    def offer(
        self,
        connection: Connection,
        settings: CampaignSettings,
        now: Instant,
        count: int,
        seen: Collection[int] = (),
    ) -> Sequence[Offer]:
        """Up to `count` next people in the order of the mix, none of them in `seen`.

        The people are free at this moment; an empty answer means that nobody is left now.
        """
        known = self._known(connection, settings)
        for tier in known.tiers:
            offers = self._of_tier(connection, known, tier, now, count, set(seen))
            if offers:
                return offers
        return ()

    def settle(
        self,
        settings: CampaignSettings,
        offers: Sequence[Offer],
        reached: int,
        taken: Collection[int],
    ) -> None:
        """Of the offers the first `reached` were asked about and `taken` leased: the mix counts it.

        The others wait on, in their order.
        """
        known = self._campaigns[settings.campaign.id]
        for offer in offers[:reached]:
            for waiting in known.waiting.values():  # of who stands in two sources
                waiting.drop(offer.turn.contact_id)
            if offer.turn.contact_id in taken:
                known.mix.took(offer.place, known.available)
        for offer in reversed(offers[reached:]):
            known.waiting[offer.place].put_back([offer.turn])

    # --- what there is ------------------------------------------------------------------------

    def _known(self, connection: Connection, settings: CampaignSettings) -> _Campaign:
        if settings.campaign.id not in self._campaigns:
            lists = tuple(connection.scalars(_LISTS, {"campaign": settings.campaign.id}))
            self.use(connection, settings, lists)
        return self._campaigns[settings.campaign.id]

    def _read(
        self, connection: Connection, settings: CampaignSettings, lists: tuple[int, ...]
    ) -> _Campaign:
        pools = self._pools(connection, settings.campaign.id, lists)
        return _Campaign(
            settings,
            lists,
            tuple(sorted({pool.source.priority for pool in pools}, reverse=True)),
            Mix([pool.source for pool in pools], settings.retry_share),
            Recheck(pools),
            {
                (pool.source.key, kind): Front(pool, kind)
                if pool.is_straight
                else Shelf(pool, kind)
                for kind in (Kind.RETRY, Kind.FRESH)
                for pool in pools
            },
        )

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

    def _of_tier(
        self,
        connection: Connection,
        known: _Campaign,
        tier: int,
        now: Instant,
        count: int,
        seen: set[int],
    ) -> Sequence[Offer]:
        """From the places of one priority.

        Writers take turns (`Database.writing`): whom this transaction finds, no other is leasing.
        """
        places = self._filled(connection, known, tier, now, count, seen)

        def still(asked: Asked) -> set[int]:
            there = known.recheck.ask(connection, now.utc, asked)
            for place, found in asked.items():
                waiting = places[place]
                if isinstance(waiting, Front) and any(
                    turn.contact_id not in there for turn in found
                ):
                    waiting.somebody_gone(now.mono_s)
                    waiting.read(connection, now, count, seen)
            return there

        offers = draw(known.mix, places, count, seen, still)
        known.available = offers.available
        return offers.people

    def _filled(
        self,
        connection: Connection,
        known: _Campaign,
        tier: int,
        now: Instant,
        count: int,
        seen: Collection[int],
    ) -> dict[Place, Front | Shelf]:
        """The tier's places after looking for more people where they are few.

        Of the fronts that are merely old one is read, so that no lease waits for all of them.
        """
        places: dict[Place, Front | Shelf] = {}
        is_one_read = False
        for place, waiting in known.waiting.items():
            if waiting.pool.source.priority != tier:
                continue
            if isinstance(waiting, Front):
                is_old = waiting.should_read(now.mono_s) and not is_one_read
                if is_old or waiting.must_read(now.mono_s, count):
                    waiting.read(connection, now, count, seen)
                    is_one_read = True
            else:
                self._fill(connection, known, waiting, now)
            places[place] = waiting
        return places

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
        if self._next_work is None:
            self._next_work = lambda: self._fill_beside(shelf, now, scores)

    def look_for_more(self) -> None:
        """After a lease: begin to fill the shelf that wants it most, beside the caller."""
        work, self._next_work = self._next_work, None
        if work is not None and not self._is_filling and not self._is_closing:
            self._is_filling = True
            self._start(work)

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
                    goes_on=self._goes_on,
                )
        except KnownError as problem:
            log.warning("the next people of a segment could not be looked for: %s", problem)
        except Exception:
            log.exception("looking for the next people of a segment has failed")
        finally:
            self._is_filling = False

    def _goes_on(self) -> bool:
        self._pause()
        return not self._is_closing

    def _in_thread(self, work: Callable[[], None]) -> None:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "selection")
        self._thread.submit(work)
