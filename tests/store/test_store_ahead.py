"""A budget that looks ahead: gate, picture and settings, and when the day of a campaign ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, update

from dialer_core.clock import ManualClock
from dialer_core.engine.events import AttemptCommitted, AttemptRefused, CampaignSet, CountsRead
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome
from dialer_core.rules.hours import calling_end
from dialer_core.rules.profiles import profile
from dialer_core.store import counts
from dialer_core.store.campaigns import CampaignSettings, load_campaign
from dialer_core.store.database import Database
from dialer_core.store.pace import REFRESH_S, Pace
from dialer_core.store.schema import AttemptRow, CampaignRow
from dialer_core.store.watch import WatchStore
from tests.store.floor_kit import FloorKit

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def predictive(database: Database, clock: ManualClock) -> Iterator[FloorKit]:
    """A floor with nothing but one predictive campaign."""
    made = FloorKit(database, clock)
    made.add_campaign(Mode.PREDICTIVE, profile("GB"))
    yield made
    made.close()


@pytest.fixture
def watch(predictive: FloorKit) -> Iterator[WatchStore]:
    store = WatchStore(predictive.database)
    yield store
    store.close()


def settings_of(kit: FloorKit) -> CampaignSettings:
    with kit.database.reading() as connection:
        return load_campaign(connection, kit.campaign_id)


def ahead(kit: FloorKit, pace: Pace | None = None) -> float:
    settings = settings_of(kit)
    with kit.database.reading() as connection:
        return (pace or Pace()).ahead(connection, settings, kit.now)


def met(kit: FloorKit, people: int, within: timedelta, lost: int = 0) -> None:
    """So many people spoken with, evenly over the time up to now, and the day's counts for it."""
    settings = settings_of(kit)
    attempt = kit.dial(None, Mode.PREDICTIVE)
    kit.close_call(attempt, Outcome.NO_ANSWER, facts=kit.facts(status=487))
    with kit.database.writing() as connection:
        like = connection.execute(AttemptRow.__table__.select()).mappings().one()
        at = [kit.now.utc - within * (n + 1) / people for n in range(people)]
        rows = [
            dict(like)
            | {
                "id": f"M{number:025d}",
                "committed_at": moment,
                "stage": CallStage.ENDED,
                "outcome": Outcome.CONNECTED,
                "formula_class": FormulaClass.L,
            }
            for number, moment in enumerate(at)
        ]
        connection.execute(insert(AttemptRow), rows)
        day = settings.day(kit.now.utc)
        counts.add(connection, kit.campaign_id, day, live=people, abandoned=lost)


def overdial(kit: FloorKit) -> AttemptCommitted | AttemptRefused:
    answer = kit.commit(kit.lease()[0], None, Mode.PREDICTIVE, is_overdial=True)
    assert isinstance(answer, AttemptCommitted | AttemptRefused)
    return answer


# --- how many come ----------------------------------------------------------------------------


def test_the_pace_of_the_last_hour_is_what_comes(predictive: FloorKit) -> None:
    kit = predictive
    kit.take_lease()
    assert ahead(kit) == 0.0
    met(kit, 300, timedelta(minutes=90))
    assert ahead(kit) == pytest.approx(200.0, rel=0.01)


def test_a_young_day_counts_from_its_first_call_and_at_least_ten_minutes(
    predictive: FloorKit,
) -> None:
    kit = predictive
    kit.take_lease()
    met(kit, 100, timedelta(minutes=5))
    assert ahead(kit) == pytest.approx(600.0)


def test_what_was_read_stands_for_some_seconds(predictive: FloorKit) -> None:
    kit, pace = predictive, Pace()
    kit.take_lease()
    assert ahead(kit, pace) == 0.0
    met(kit, 100, timedelta(minutes=20))
    assert ahead(kit, pace) == 0.0
    kit.clock.advance(REFRESH_S)
    assert ahead(kit, pace) > 200.0


# --- gate and picture -------------------------------------------------------------------------


def test_gate_and_picture_lend_the_same(predictive: FloorKit, watch: WatchStore) -> None:
    kit = predictive
    kit.take_lease()
    met(kit, 100, timedelta(minutes=60), lost=3)  # 3.09 earned, 2.92 lent
    seen = watch.snapshot(kit.now)
    assert seen.drops_left == 3
    assert isinstance(overdial(kit), AttemptCommitted)
    kit.clock.advance(1)
    watch.set_borrows_ahead(kit.campaign_id, False, "Ines", kit.now)
    kit.floor.changed_campaigns(kit.now)
    assert watch.snapshot(kit.now).drops_left == 0
    answer = overdial(kit)
    assert isinstance(answer, AttemptRefused)
    assert answer.is_of_the_moment


def test_nobody_is_borrowed_from_when_the_floor_goes_home(
    predictive: FloorKit, watch: WatchStore
) -> None:
    kit = predictive
    kit.take_lease()
    met(kit, 100, timedelta(minutes=60), lost=4)
    watch.snapshot(kit.now)
    soon = (kit.now.utc + timedelta(minutes=2)).astimezone(LONDON).time().replace(second=0)
    kit.clock.advance(1)
    watch.set_day_ends(kit.campaign_id, soon, "Ines", kit.now)
    kit.floor.changed_campaigns(kit.now)
    assert watch.snapshot(kit.now).drops_left == 0
    assert isinstance(overdial(kit), AttemptRefused)


# --- the end of the day -----------------------------------------------------------------------


@pytest.mark.parametrize(("month", "utc_hour"), [(3, 21), (7, 20)])  # winter, summer time
def test_calling_ends_by_the_law_in_the_zone(month: int, utc_hour: int) -> None:
    rules, day = profile("GB"), date(2026, month, 3)
    assert rules.calling_hours.week()[day.weekday()][-1][1] == "21:00"
    assert calling_end(rules, LONDON, day) == datetime(2026, month, 3, utc_hour, tzinfo=UTC)


def test_a_day_without_hours_has_no_end() -> None:
    rules = profile("IT")
    assert not rules.calling_hours.sun
    assert calling_end(rules, ZoneInfo("Europe/Rome"), date(2026, 3, 1)) is None


def test_the_floors_own_end_counts_where_it_is_earlier(predictive: FloorKit) -> None:
    settings = settings_of(predictive)
    now = datetime(2026, 7, 3, 9, 0, tzinfo=UTC)
    by_law = settings.calling_ends(now)
    assert by_law is not None

    def ends(at: time | None) -> datetime | None:
        campaign = replace(settings.campaign, day_ends=at)
        return replace(settings, campaign=campaign).campaign_on(now).calling_ends

    assert ends(None) == by_law
    assert ends(time(17, 30)) == datetime(2026, 7, 3, 16, 30, tzinfo=UTC)
    assert ends(time(23, 30)) == by_law


def test_the_engine_is_told_the_end_and_the_next_days_end(
    predictive: FloorKit, watch: WatchStore
) -> None:
    kit = predictive
    first = kit.floor.restore(kit.now).campaigns[0].calling_ends
    assert first == settings_of(kit).calling_ends(kit.now.utc)
    assert first is not None
    assert first > kit.now.utc
    assert kit.floor.new_days(kit.now) == []
    kit.clock.advance(86_400)
    told = kit.floor.new_days(kit.now)
    assert [type(event) for event in told] == [CampaignSet, CountsRead]
    assert isinstance(told[0], CampaignSet)
    ends = told[0].campaign.calling_ends
    assert ends is not None
    assert ends > first


def test_the_settings_are_kept_and_leave_a_trace(predictive: FloorKit, watch: WatchStore) -> None:
    kit = predictive
    _, cursor = kit.floor.agent_events(0, kit.now)
    campaign = watch.snapshot(kit.now).campaign
    assert campaign is not None
    assert (campaign.borrows_ahead, campaign.day_ends) == (True, None)
    kit.clock.advance(1)
    watch.set_borrows_ahead(kit.campaign_id, False, "Ines", kit.now)
    watch.set_day_ends(kit.campaign_id, time(17, 30), "Ines", kit.now)
    campaign = watch.snapshot(kit.now).campaign
    assert campaign is not None
    assert (campaign.borrows_ahead, campaign.day_ends) == (False, time(17, 30))
    told = [event for event in kit.floor.agent_events(cursor, kit.now)[0]]
    last = told[-1]
    assert isinstance(last, CampaignSet)
    assert last.campaign.day_ends == time(17, 30)
    assert not last.campaign.borrows_ahead
    kit.clock.advance(1)
    watch.set_day_ends(kit.campaign_id, None, "Ines", kit.now)
    campaign = watch.snapshot(kit.now).campaign
    assert campaign is not None
    assert campaign.day_ends is None


def test_a_time_that_is_none_in_the_table_is_a_known_shape(predictive: FloorKit) -> None:
    with predictive.database.writing() as connection:
        connection.execute(update(CampaignRow).values(day_ends="07:05"))
    assert settings_of(predictive).campaign.day_ends == time(7, 5)
