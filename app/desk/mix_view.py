"""What the window of mix and order shows and what a person sets there; plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.desk.segment_view import OUTCOME_WORDS
from dialer_core.lists.mix import Kind
from dialer_core.lists.order import ListOrder
from dialer_core.store.mix_preview import Next, Preview
from dialer_core.store.mixing import MixSource

__all__ = [
    "ALL_LISTS_WORDS",
    "ORDERS",
    "TIERS",
    "ListOrder",
    "MixForm",
    "MixOffer",
    "NextView",
    "PreviewView",
    "SourceView",
    "order_words",
    "preview_view",
    "ranked",
    "ratio_words",
    "shares",
    "to_sources",
    "trouble",
]

ORDERS: Final = (
    (
        ListOrder.PRIORITY,
        "Priority",
        "The people with the highest priority first, then as they were listed.",
    ),
    (
        ListOrder.LAST_CALLED,
        "Last called",
        "Those whom nobody has called for the longest time first.",
    ),
    (
        ListOrder.RANDOM,
        "Random",
        "By lot: every part of the list gets its turn at any hour.",
    ),
    (
        ListOrder.NEWEST,
        "Newest first",
        "Those who came in last first: enquiries while they are warm.",
    ),
    (
        ListOrder.BEST_HOUR,
        "Best hour",
        "Those first for whom this hour is nearest to their best, by the answers so far.",
    ),
)
TIERS: Final = ("First", "Second", "Third", "Fourth", "Fifth")
ALL_LISTS_WORDS: Final = "All lists of the campaign, by priority"
HIGHEST: Final = 1000.0


@dataclass(frozen=True, slots=True)
class SourceView:
    """A list or a segment: exactly one of the ids is given. `tier` 0 is served first.

    `people`: how many it has at all, None where that is not known; `is_about`: it was sampled.
    """

    name: str
    list_id: int | None = None
    segment_id: int | None = None
    people: int | None = None
    is_about: bool = False
    weight: float = 1.0
    tier: int = 0
    order: ListOrder = ListOrder.PRIORITY
    seed: int = 0
    is_active: bool = True

    @property
    def key(self) -> tuple[int | None, int | None]:
        """What tells it from the others."""
        return self.list_id, self.segment_id


@dataclass(frozen=True, slots=True)
class MixForm:
    """A mix as it is filled in. `retry_share`: 0 to 1; None: who is due goes before the new."""

    sources: tuple[SourceView, ...] = ()
    retry_share: float | None = None


@dataclass(frozen=True, slots=True)
class MixOffer:
    """A campaign's mix and all that could be in it."""

    campaigns: tuple[tuple[int, str], ...]
    campaign_id: int | None = None
    form: MixForm = MixForm()
    sources: tuple[SourceView, ...] = ()


@dataclass(frozen=True, slots=True)
class NextView:
    """One who would be called, and why now."""

    name: str
    town: str
    source: str
    place: int  # in the form's sources; -1: all lists, -2: a promise
    is_fresh: bool
    why: str


@dataclass(frozen=True, slots=True)
class PreviewView:
    """The next people; `note`: whom the law keeps back before them, or why there is nobody."""

    form: MixForm
    people: tuple[NextView, ...] = ()
    note: str = ""


def ranked(sources: Sequence[SourceView], priorities: Sequence[int]) -> tuple[SourceView, ...]:
    """The sources with the tier that their stored priority makes, the highest first."""
    levels = sorted(set(priorities), reverse=True)
    return tuple(
        replace(source, tier=min(levels.index(priority), len(TIERS) - 1))
        for source, priority in zip(sources, priorities, strict=True)
    )


def to_sources(form: MixForm) -> tuple[MixSource, ...]:
    """The sources as the store keeps them: the first tier has the highest priority."""
    most = max((source.tier for source in form.sources), default=0)
    return tuple(
        MixSource(
            source.list_id,
            source.segment_id,
            source.weight,
            most - source.tier,
            source.order,
            source.seed,
            source.is_active,
        )
        for source in form.sources
    )


def shares(form: MixForm) -> tuple[float, ...]:
    """Of each source its share of its tier's calls, 0 to 1; 0 where it is switched off."""
    whole: dict[int, float] = {}
    count: dict[int, int] = {}
    for source in form.sources:
        if source.is_active:
            whole[source.tier] = whole.get(source.tier, 0.0) + source.weight
            count[source.tier] = count.get(source.tier, 0) + 1
    found = []
    for source in form.sources:
        if not source.is_active:
            found.append(0.0)
        elif whole[source.tier] > 0:
            found.append(source.weight / whole[source.tier])
        else:
            found.append(1 / count[source.tier])
    return tuple(found)


def order_words(order: ListOrder) -> str:
    """What the order means, in a line."""
    return next(line for one, _, line in ORDERS if one is order)


def ratio_words(share: float | None) -> str:
    """What the share of people who were tried before comes to, in a sentence."""
    if share is None:
        return "Who is due for another call goes first; new people follow when nobody is."
    tenth = share * 10
    again = f"{tenth:.0f}" if abs(tenth - round(tenth)) < 1e-9 else f"{tenth:.1f}"
    fresh = f"{10 - tenth:.0f}" if abs(tenth - round(tenth)) < 1e-9 else f"{10 - tenth:.1f}"
    return f"Of ten calls {again} go to people who were tried before, {fresh} to new ones."


def trouble(form: MixForm) -> str:
    """What is wrong with the form, or worth a word, in a sentence; empty where nothing is."""
    for source in form.sources:
        if not 0 <= source.weight <= HIGHEST:
            return f"The weight of {source.name} lies between 0 and {HIGHEST:g}."
    if form.retry_share is not None and not 0 <= form.retry_share <= 1:
        return "The share of people who were tried before lies between 0 and 100 %."
    return ""


def preview_view(form: MixForm, found: Preview, zone: ZoneInfo) -> PreviewView:
    """The preview in words; moments on the campaign's clock."""
    people = tuple(_next_view(form, one, zone) for one in found.people)
    note = ""
    if found.refused:
        who = "person before them" if found.refused == 1 else "people before them"
        note = f"{found.refused:,} {who} may not be called now. {found.because}"
        if not people:
            note = f"Nobody may be called now. {found.because}"
    elif not people:
        note = "Nobody is left to be called by this mix at this moment."
    return PreviewView(form, people, note)


def _next_view(form: MixForm, one: Next, zone: ZoneInfo) -> NextView:
    if one.promised_at is not None:
        who = f" by {one.promised_by}" if one.promised_by else ""
        why = f"Promised for {_clock(one.promised_at, zone)}{who}"
        return NextView(one.name, one.town, "Promised calls", -2, False, why)
    is_fresh = one.kind is Kind.FRESH
    source = one.list_name if one.source < 0 else form.sources[one.source].name
    if is_fresh:
        order = ListOrder.PRIORITY if one.source < 0 else form.sources[one.source].order
        why = "New"
        if order is ListOrder.PRIORITY and one.priority:
            why = f"New, priority {one.priority}"
    else:
        last = OUTCOME_WORDS.get(one.last_outcome, "called before").lower()
        times = "once" if one.attempts == 1 else f"{one.attempts} times"
        why = f"Due again: {last}, called {times}"
        if one.last_attempt_at is not None:
            why += f", last {_clock(one.last_attempt_at, zone)}"
    return NextView(one.name, one.town, source, one.source, is_fresh, why)


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%-d %b %H:%M}"
