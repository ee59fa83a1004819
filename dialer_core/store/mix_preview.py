"""Whom a campaign would call next by a mix that may not be saved yet, and why each of them.

It only reads: nobody is leased, nothing is refused on the record. The people, their order and the
gate's answers are those of `leasing`; shares begin anew, as they do when a mix is saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from dialer_core.clock import Instant
from dialer_core.lists.mix import Kind, Mix, Place, Source
from dialer_core.lists.order import ListOrder, Turn
from dialer_core.pacing.chances import fit
from dialer_core.rules import gate
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.chances import read_calls, read_prior
from dialer_core.store.facts import NUMBERS_OF, Candidate, candidates
from dialer_core.store.hours_scores import scored
from dialer_core.store.mixing import MixSettings, MixSource
from dialer_core.store.offers import Asked, Offer, draw
from dialer_core.store.schema import AgentRow, ContactListRow, ContactRow
from dialer_core.store.schema.base import ContactStatus
from dialer_core.store.segments import condition_of
from dialer_core.store.shelves import PIECE, Scores, Shelf
from dialer_core.store.variants import Arms
from dialer_core.store.waiting import Front, Pool, Waiting

SHOWN: Final = 20
ALL_LISTS: Final = Source(-1)
MOST_ASKED: Final = 200  # people about whom the gate is asked
STEPS: Final = 40  # pieces of a list that are looked through for who meets a condition

_LISTS = (
    select(ContactListRow.id)
    .where(ContactListRow.campaign_id == bindparam("campaign"), ContactListRow.is_active.is_(True))
    .order_by(ContactListRow.id)
)
_PROMISED = (
    select(ContactRow.id, ContactRow.next_at, AgentRow.name.label("agent"))
    .outerjoin(AgentRow, AgentRow.id == ContactRow.call_back_agent_id)
    .where(
        ContactRow.campaign_id == bindparam("campaign"),
        ContactRow.status == ContactStatus.CALL_BACK,
        ContactRow.next_at <= bindparam("now"),
        ContactRow.leased_by_epoch.is_(None),
        ContactRow.list_id.in_(bindparam("lists", expanding=True)),
    )
    .order_by(ContactRow.next_at, ContactRow.id)
    .limit(bindparam("most"))
)
_PEOPLE = (
    select(
        ContactRow.id,
        ContactRow.name,
        ContactRow.town,
        ContactRow.attempts_count,
        ContactRow.last_outcome,
        ContactRow.last_attempt_at,
        ContactRow.priority,
        ContactListRow.name.label("list_name"),
    )
    .join(ContactListRow, ContactListRow.id == ContactRow.list_id)
    .where(ContactRow.id.in_(bindparam("ids", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Next:
    """One who would be called. `source`: a place in the mix's sources, -1 for all lists.

    `promised_at`, `promised_by`: of a promised call, which goes before every source.
    """

    contact_id: int
    name: str
    town: str
    list_name: str
    kind: Kind
    source: int
    attempts: int
    last_outcome: str
    last_attempt_at: datetime | None
    priority: int
    promised_at: datetime | None = None
    promised_by: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """The next people, and how many before them may not be called now, with the reason of most."""

    people: tuple[Next, ...]
    refused: int = 0
    because: str = ""


@dataclass(frozen=True, slots=True)
class _Promise:
    at: datetime
    by: str


def next_people(
    connection: Connection,
    settings: CampaignSettings,
    mix: MixSettings,
    now: Instant,
    count: int = SHOWN,
) -> Preview:
    """The next `count` people by that mix, in their order; fewer where there are fewer.

    Shelves of segments are filled from the first `STEPS` pieces of the lists.
    """
    lists = tuple(connection.scalars(_LISTS, {"campaign": settings.campaign.id}))
    sifter = _Sifter(connection, settings, now, count)
    promised = _promised(connection, settings, lists, now)
    sifter.ask([(Turn(contact_id), None) for contact_id in promised])
    line = _Line(connection, settings, mix, lists, now)
    while not sifter.is_full and sifter.asked < MOST_ASKED:
        offers = line.offer(max(sifter.need + sifter.need // 4 + 2, 8))  # as a lease does
        if not offers:
            break
        asked = [(offer.turn, offer.place) for offer in offers]
        line.settle(offers, sifter.ask(asked))
    return sifter.preview(promised)


def _promised(
    connection: Connection, settings: CampaignSettings, lists: Sequence[int], now: Instant
) -> dict[int, _Promise]:
    asked = {"campaign": settings.campaign.id, "now": now.utc, "lists": lists, "most": SHOWN}
    rows = connection.execute(_PROMISED, asked)
    return {row.id: _Promise(row.next_at, row.agent or "") for row in rows}


class _Line:
    """Who stands in line by the mix, a few at a time."""

    def __init__(
        self,
        connection: Connection,
        settings: CampaignSettings,
        mix: MixSettings,
        lists: tuple[int, ...],
        now: Instant,
    ) -> None:
        self._connection, self._settings, self._now = connection, settings, now
        pools = [
            pool
            for key, source in enumerate(mix.sources)
            if source.is_active and (pool := self._pool(key, source, lists)) is not None
        ]
        # Entries that are all switched off are no mix: then it is all lists.
        is_mixed = any(source.is_active for source in mix.sources)
        self._pools = pools = pools if is_mixed else [Pool(ALL_LISTS, lists)]
        self._mix = Mix([pool.source for pool in pools], mix.retry_share)
        self._waiting: dict[Place, Front | Shelf] = {
            (pool.source.key, kind): (Front if pool.is_straight else Shelf)(pool, kind)
            for kind in Kind
            for pool in pools
        }
        self._scores = self._scorer()
        self._seen: set[int] = set()
        self._available: tuple[Place, ...] = ()

    def _pool(self, key: int, source: MixSource, lists: tuple[int, ...]) -> Pool | None:
        of = Source(key, source.weight, source.priority, source.order, source.seed)
        if source.segment_id is not None:
            return Pool(of, lists, condition_of(self._connection, source.segment_id))
        return Pool(of, (source.list_id,)) if source.list_id in lists else None

    def _scorer(self) -> Scores:
        """How good this hour is for people, by what the campaign's own calls have taught."""
        orders = {pool.source.order for pool in self._pools}
        campaign = self._settings.campaign
        if ListOrder.BEST_HOUR not in orders or not campaign.levers.answer_chance:
            return lambda _connection, turns: turns
        history = read_calls(self._connection, self._settings, self._now.utc)
        if not len(history.at_s):
            return lambda _connection, turns: turns
        model = fit(history, read_prior(self._connection, campaign.id))
        now = self._now.utc
        return lambda inside, turns: scored(inside, self._settings, model, turns, now)

    def offer(self, count: int) -> Sequence[Offer]:
        """The next of the highest priority that has anybody, with their places in the mix."""
        for tier in sorted({pool.source.priority for pool in self._pools}, reverse=True):
            offers = draw(self._mix, self._places(tier, count), count, set(self._seen), _all)
            if offers.people:
                self._available = offers.available
                return offers.people
        return ()

    def settle(self, offers: Sequence[Offer], answers: Sequence[bool]) -> None:
        """Of the offers that were asked about the mix counts whom it may call; the rest go back."""
        for offer, is_taken in zip(offers, answers, strict=False):
            self._seen.add(offer.turn.contact_id)
            if is_taken:
                self._mix.took(offer.place, self._available)
        for offer in reversed(offers[len(answers) :]):
            self._waiting[offer.place].put_back([offer.turn])

    def _places(self, tier: int, count: int) -> dict[Place, Waiting]:
        """Those of one priority, filled."""
        now = self._now
        places: dict[Place, Waiting] = {}
        for place, waiting in self._waiting.items():
            if waiting.pool.source.priority != tier:
                continue
            if isinstance(waiting, Front):
                waiting.read(self._connection, now, count, self._seen)
            elif waiting.made_s is None:
                waiting.fill(
                    self._connection, now.utc, now.mono_s, self._scores, rows=PIECE, steps=STEPS
                )
            places[place] = waiting
        return places


def _all(asked: Asked) -> set[int]:
    """Nobody leases between: who was read is there."""
    return {turn.contact_id for found in asked.values() for turn in found}


class _Sifter:
    """Asks the gate about people and keeps those who may be called now."""

    def __init__(
        self, connection: Connection, settings: CampaignSettings, now: Instant, count: int
    ) -> None:
        self._connection, self._settings, self._now = connection, settings, now
        self._count = count
        self._arms = Arms(connection, settings)
        self.asked = 0
        self._found: list[tuple[int, Place | None]] = []
        self._refused: list[str] = []

    @property
    def need(self) -> int:
        """How many are still wanted."""
        return self._count - len(self._found)

    @property
    def is_full(self) -> bool:
        return self.need <= 0

    def ask(self, offers: Sequence[tuple[Turn, Place | None]]) -> list[bool]:
        """Ask about these in their order until there are enough; of whom was asked the answers."""
        answers: list[bool] = []
        if not offers:
            return answers
        asked = {"contacts": [turn.contact_id for turn, _ in offers]}
        rows = self._connection.execute(NUMBERS_OF, asked).all()
        own: dict[int, list[Candidate]] = {}
        for one in candidates(self._connection, self._settings, rows, self._now):
            own.setdefault(one.contact_id, []).append(one)
        for turn, place in offers:
            if self.is_full:
                break
            self.asked += 1
            refusal = self._refusal(turn.contact_id, own.get(turn.contact_id, ()))
            answers.append(not refusal)
            if refusal:
                self._refused.append(refusal)
            else:
                self._found.append((turn.contact_id, place))
        return answers

    def _refusal(self, contact_id: int, own: Sequence[Candidate]) -> str:
        """The gate's sentence, "" where one of the person's numbers may be called."""
        if own and not own[0].is_promised:
            facts = own[0].facts
            until = self._arms.waits_until(contact_id, facts.zones, facts.region, self._now.utc)
            if until is not None:
                return "An experiment calls this person at another hour."
        caller_id = self._arms.terms(contact_id).get("caller_id")
        first = "No number of theirs can be dialled."
        for at, one in enumerate(own):
            facts = one.asked_for(self._settings.campaign.mode, is_reserved=True)
            if caller_id is not None:
                facts = replace(facts, caller_id=caller_id)
            refusal = gate.check(facts, self._settings.profile, self._now.utc)
            if refusal is None:
                return ""
            if at == 0:
                first = refusal.sentence
        return first

    def preview(self, promised: dict[int, _Promise]) -> Preview:
        """Those who were found, with what is known of them."""
        ids = [contact_id for contact_id, _ in self._found]
        rows = {row.id: row for row in self._connection.execute(_PEOPLE, {"ids": ids})}
        people = []
        for contact_id, place in self._found:
            row = rows[contact_id]
            promise = promised.get(contact_id) if place is None else None
            is_fresh = place is not None and place[1] is Kind.FRESH
            people.append(
                Next(
                    contact_id,
                    row.name,
                    row.town,
                    row.list_name,
                    Kind.FRESH if is_fresh else Kind.RETRY,
                    -1 if place is None else place[0],
                    row.attempts_count,
                    "" if row.last_outcome is None else row.last_outcome.value,
                    row.last_attempt_at,
                    row.priority,
                    None if promise is None else promise.at,
                    "" if promise is None else promise.by,
                )
            )
        most = max(sorted(set(self._refused)), key=self._refused.count, default="")
        return Preview(tuple(people), len(self._refused), most)
