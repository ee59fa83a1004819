"""The database behind the windows that set whom a campaign calls; used on a desk's own thread."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from app.desk.mix_view import MixForm, MixOffer, PreviewView, SourceView, ranked, to_sources
from app.desk.mix_view import preview_view as preview_in_words
from app.desk.recycling_view import (
    DayView,
    Recycle,
    RecyclingOffer,
    day_view,
    limit_words,
    rule_views,
)
from app.desk.segment_view import (
    OUTCOME_WORDS,
    STATUS_WORDS,
    Condition,
    CountView,
    PersonView,
    SavedSegment,
    SegmentOffer,
    fields,
)
from app.errors import KnownError
from dialer_core.clock import Clock
from dialer_core.lists.recycling import Recycling
from dialer_core.model.ids import CampaignId
from dialer_core.model.states import Outcome
from dialer_core.rules.hours import spans_of_day
from dialer_core.store import mixing, segments
from dialer_core.store.address import Place
from dialer_core.store.campaigns import CampaignSettings, load_campaigns
from dialer_core.store.database import Database
from dialer_core.store.mix_preview import next_people
from dialer_core.store.mixing import MixSettings
from dialer_core.store.opening import open_database

GONE: Final = "There is no such campaign any more; choose another."
DAYS_AHEAD: Final = 14  # in which a day with calling hours is looked for

Campaigns = tuple[tuple[int, str], ...]


class MixWork:
    """Reads and changes segments, mix and recycling. Opens the database where it is first asked.

    `who` stands in the log beside each change. Methods raise KnownError where the world forbids it.
    """

    def __init__(self, place: Place, clock: Clock, who: str) -> None:
        self._place, self._clock, self._who = place, clock, who
        self._database: Database | None = None

    def close(self) -> None:
        """Let go of the database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _opened(self) -> Database:
        if self._database is None:
            self._database = open_database(self._place)
        return self._database

    def _campaign(self, wanted: int | None) -> tuple[Campaigns, CampaignSettings | None]:
        """All campaigns, and the one that is wanted, else one that runs, else the first."""
        with self._opened().reading() as connection:
            found = load_campaigns(connection)
        names = tuple((int(key), one.campaign.name) for key, one in found.items())
        if wanted is not None:
            if CampaignId(wanted) not in found:
                raise KnownError(GONE)
            return names, found[CampaignId(wanted)]
        running = [one for one in found.values() if one.campaign.is_running]
        return names, next(iter([*running, *found.values()]), None)

    def _settings(self, campaign_id: int) -> CampaignSettings:
        _, settings = self._campaign(campaign_id)
        assert settings is not None
        return settings

    # --- segments ---------------------------------------------------------------------------

    def segments(self, campaign_id: int | None) -> SegmentOffer:
        """The campaign's segments, and what can be asked of its people."""
        names, settings = self._campaign(campaign_id)
        if settings is None:
            return SegmentOffer(names)
        own = settings.campaign.id
        with self._opened().reading() as connection:
            found = segments.choices(connection, own)
            saved = segments.saved(connection, own)
        return SegmentOffer(
            names,
            own,
            fields(found.lists, found.imports, found.regions, found.zones, found.headings),
            tuple(SavedSegment(one.id, one.name, one.condition, one.is_used) for one in saved),
        )

    def count(self, campaign_id: int, condition: Condition) -> CountView:
        """How many meet the condition, and some of them."""
        now = self._clock.now().utc
        with self._opened().reading() as connection:
            found = segments.count(connection, campaign_id, condition, now)
            some = segments.some_people(connection, campaign_id, condition, now, found)
        people = tuple(
            PersonView(
                one.name,
                one.town,
                one.list_name,
                STATUS_WORDS.get(one.status, one.status),
                _calls(one.attempts, one.last_outcome),
            )
            for one in some
        )
        return CountView(
            condition, found.count, found.of, found.low, found.high, found.is_sampled, people
        )

    def save_segment(
        self, campaign_id: int, name: str, condition: Condition, segment_id: int | None
    ) -> int:
        """Save a new or a changed segment; its id."""
        with self._opened().writing() as connection:
            return segments.save(
                connection, campaign_id, name, condition, self._clock.now(), self._who, segment_id
            )

    def remove_segment(self, segment_id: int) -> None:
        """Take a segment away."""
        with self._opened().writing() as connection:
            segments.remove(connection, segment_id, self._clock.now(), self._who)

    # --- mix --------------------------------------------------------------------------------

    def mix(self, campaign_id: int | None) -> MixOffer:
        """The campaign's mix and all that could be in it."""
        names, settings = self._campaign(campaign_id)
        if settings is None:
            return MixOffer(names)
        own, now = settings.campaign.id, self._clock.now().utc
        with self._opened().reading() as connection:
            stored = mixing.read_mix(connection, own)
            known: dict[tuple[int | None, int | None], SourceView] = {}
            sizes = segments.sizes(connection, own)
            for list_id, name in segments.choices(connection, own, rows=0).lists:
                known[list_id, None] = SourceView(name, list_id, people=sizes.get(list_id, 0))
            for one in segments.saved(connection, own):
                found = segments.count(connection, own, one.condition, now)
                known[None, one.id] = SourceView(
                    one.name, None, one.id, found.count, found.is_sampled
                )
        sources = [
            replace(
                known[one.list_id, one.segment_id],
                weight=one.weight,
                order=one.order,
                seed=one.seed,
                is_active=one.is_active,
            )
            for one in stored.sources
        ]
        form = MixForm(
            ranked(sources, [one.priority for one in stored.sources]), stored.retry_share
        )
        return MixOffer(names, own, form, tuple(known.values()))

    def preview(self, campaign_id: int, form: MixForm) -> PreviewView:
        """Whom that mix would call next, at this moment."""
        settings = self._settings(campaign_id)
        mix = MixSettings(to_sources(form), form.retry_share)
        with self._opened().reading() as connection:
            found = next_people(connection, settings, mix, self._clock.now())
        return preview_in_words(form, found, settings.zone)

    def save_mix(self, campaign_id: int, form: MixForm) -> None:
        """Set the mix; recycling stays as it is at that moment."""
        with self._opened().writing() as connection:
            before = mixing.read_mix(connection, campaign_id)
            after = replace(before, sources=to_sources(form), retry_share=form.retry_share)
            mixing.set_mix(connection, campaign_id, after, self._clock.now(), self._who)

    # --- recycling --------------------------------------------------------------------------

    def recycling(self, campaign_id: int | None) -> RecyclingOffer:
        """The campaign's rules by outcome, with its law beside them."""
        names, settings = self._campaign(campaign_id)
        if settings is None:
            return RecyclingOffer(names)
        rules = settings.profile
        return RecyclingOffer(
            names,
            settings.campaign.id,
            rules.name,
            limit_words(rules.attempt_limits),
            rule_views(settings.recycling, rules),
            settings.hand_over_s,
        )

    def day(self, campaign_id: int, own: dict[str, Recycle], outcome: str) -> DayView:
        """The possible day of a person whose calls all end so."""
        settings = self._settings(campaign_id)
        return day_view(own, outcome, settings.profile, settings.zone, self._next_day(settings))

    def _next_day(self, settings: CampaignSettings) -> date:
        """The next day that has calling hours, tomorrow at the earliest."""
        today = settings.day(self._clock.now().utc)
        rules = settings.profile
        for ahead in range(1, DAYS_AHEAD):
            day = today + timedelta(days=ahead)
            if spans_of_day(rules, rules.country or "", day):
                return day
        return today

    def save_recycling(self, campaign_id: int, own: dict[str, Recycle], hand_over_s: float) -> None:
        """Set what differs from the usual; the mix stays as it is at that moment."""
        rules = Recycling({Outcome(word): rule for word, rule in own.items()})
        with self._opened().writing() as connection:
            before = mixing.read_mix(connection, campaign_id)
            after = replace(before, recycling=rules, hand_over_s=hand_over_s)
            mixing.set_mix(connection, campaign_id, after, self._clock.now(), self._who)


def _calls(attempts: int, last_outcome: str) -> str:
    if not attempts:
        return "never called"
    times = "once" if attempts == 1 else f"{attempts} times"
    return f"{times}, {OUTCOME_WORDS.get(last_outcome, 'no outcome yet').lower()}"
