"""The budget of lost calls over every window and scope that rules can name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import insert, update

from dialer_core.model.ids import CampaignId
from dialer_core.model.states import FormulaClass, Mode, Outcome
from dialer_core.rules.profiles import (
    AbandonFormula,
    AbandonScope,
    AbandonWindow,
    RuleProfile,
    profile,
)
from dialer_core.rules.tightening import Tightening
from dialer_core.store.budgets import WindowBudget, binding_counts, budgets, tightest
from dialer_core.store.campaigns import CampaignSettings, load_campaign
from dialer_core.store.counts import COLUMNS
from dialer_core.store.schema import AttemptRow, ContactRow, DayCountRow
from dialer_core.store.setup import NewCampaign
from dialer_core.store.tightening import tighten
from tests.store.floor_kit import DISPOSITIONS, FloorKit

TODAY = date(2026, 3, 3)
DAY = timedelta(days=1)
US = profile("US")


def rules(
    windows: tuple[AbandonWindow, ...],
    scopes: tuple[AbandonScope, ...] = (AbandonScope.CAMPAIGN,),
    formula: AbandonFormula = AbandonFormula.US_LIVE_ANSWERED,
) -> RuleProfile:
    return msgspec.structs.replace(
        profile("GB"), abandon_windows=windows, abandon_scopes=scopes, abandon_formula=formula
    )


def settings(kit: FloorKit, given: RuleProfile) -> CampaignSettings:
    with kit.database.reading() as connection:
        return replace(load_campaign(connection, kit.campaign_id), profile=given)


def on(kit: FloorKit, campaign: int, day: date, live: int, lost: int) -> None:
    row = dict.fromkeys(COLUMNS, 0) | {"live": live, "abandoned": lost}
    with kit.database.writing() as connection:
        connection.execute(insert(DayCountRow), {"campaign_id": campaign, "day": day} | row)


def read(kit: FloorKit, given: RuleProfile) -> list[WindowBudget]:
    with kit.database.reading() as connection:
        return budgets(connection, settings(kit, given), kit.now)


def another(kit: FloorKit, client: str, name: str) -> CampaignId:
    return kit.setup.add_campaign(
        NewCampaign(
            name=name, client=client, company_name=client, mode=Mode.PREDICTIVE,
            profile=profile("GB"), caller_id="+441614960999", dispositions=DISPOSITIONS,
        ),
        kit.now,
    )  # fmt: skip


def test_the_campaigns_day(kit: FloorKit) -> None:
    on(kit, kit.campaign_id, TODAY, live=100, lost=1)
    on(kit, kit.campaign_id, TODAY - DAY, live=0, lost=50)
    (found,) = read(kit, rules((AbandonWindow.CALENDAR_DAY_CALLER_TZ,)))
    assert (found.counts.live, found.counts.abandoned, found.since) == (100, 1, TODAY)
    assert found.drops_left == 2, "three of a hundred and three are 2.9 %"
    assert found.rate.low < found.rate.rate < found.rate.high


def test_thirty_days_that_roll(kit: FloorKit) -> None:
    on(kit, kit.campaign_id, TODAY, live=10, lost=0)
    on(kit, kit.campaign_id, TODAY - 29 * DAY, live=90, lost=2)
    on(kit, kit.campaign_id, TODAY - 30 * DAY, live=500, lost=500)
    (found,) = read(kit, rules((AbandonWindow.ROLLING_P30D,)))
    assert (found.counts.live, found.counts.abandoned) == (100, 2)
    assert found.since == TODAY - 29 * DAY
    assert found.drops_left == 1


@pytest.mark.parametrize(
    ("begun_days_ago", "since_days_ago"), [(0, 0), (29, 29), (30, 0), (31, 1), (65, 5)]
)
def test_blocks_of_thirty_days_from_the_campaigns_start(
    kit: FloorKit, begun_days_ago: int, since_days_ago: int
) -> None:
    on(kit, kit.campaign_id, TODAY - begun_days_ago * DAY, live=40, lost=0)
    if begun_days_ago:
        on(kit, kit.campaign_id, TODAY, live=40, lost=1)
    (found,) = read(kit, rules((AbandonWindow.CAMPAIGN_PERIOD_P30D,)))
    assert found.since == TODAY - since_days_ago * DAY
    in_block = 80 if 0 < begun_days_ago == since_days_ago else 40
    assert found.counts.live == in_block


def test_scopes_add_up_and_the_tightest_counts(kit: FloorKit) -> None:
    sister = another(kit, "Rosewood Windows", "Sister")
    stranger = another(kit, "Another", "Stranger")
    on(kit, kit.campaign_id, TODAY, live=100, lost=1)
    on(kit, sister, TODAY, live=100, lost=4)
    on(kit, stranger, TODAY, live=400, lost=0)
    every = (AbandonScope.CAMPAIGN, AbandonScope.CLIENT, AbandonScope.SITE)
    given = rules((AbandonWindow.CALENDAR_DAY_CALLER_TZ,), every)
    found = {one.scope: one for one in read(kit, given)}
    assert {scope: one.counts.live for scope, one in found.items()} == {
        AbandonScope.CAMPAIGN: 100, AbandonScope.CLIENT: 200, AbandonScope.SITE: 600,
    }  # fmt: skip
    assert {scope: one.drops_left for scope, one in found.items()} == {
        AbandonScope.CAMPAIGN: 2, AbandonScope.CLIENT: 1, AbandonScope.SITE: 13,
    }  # fmt: skip
    assert tightest(found.values()).scope is AbandonScope.CLIENT
    with kit.database.reading() as connection:
        assert binding_counts(connection, settings(kit, given), kit.now).live == 200


def test_a_persons_own_day(kit: FloorKit) -> None:
    """At ten on Tuesday in London it is eleven on Monday evening in Samoa."""
    kit.take_lease()
    session = kit.log_in()
    attempts = [kit.dial(session) for _ in range(4)]
    for attempt in attempts:
        kit.close_call(attempt, Outcome.ABANDONED, FormulaClass.AOBS)
    london, samoa = "Europe/London", "Pacific/Pago_Pago"
    moments = [  # contact, where they are, when they were called
        (1, london, datetime.fromisoformat("2026-03-03T09:00Z")),
        (2, london, datetime.fromisoformat("2026-03-02T23:30Z")),  # London's yesterday
        (3, samoa, datetime.fromisoformat("2026-03-02T20:00Z")),  # Samoa's today
        (4, samoa, datetime.fromisoformat("2026-03-02T09:00Z")),  # Samoa's yesterday
    ]
    with kit.database.writing() as connection:
        for (contact, zone, at), attempt in zip(moments, attempts, strict=True):
            connection.execute(
                update(ContactRow).where(ContactRow.id == contact).values(zones=[zone])
            )
            connection.execute(
                update(AttemptRow)
                .where(AttemptRow.id == attempt)
                .values(committed_at=at, contact_id=contact)
            )
    (found,) = read(kit, rules((AbandonWindow.CALENDAR_DAY_CALLEE_TZ,)))
    assert found.counts.abandoned == 2


def test_the_strict_rules_take_the_worst_of_all(kit: FloorKit) -> None:
    strict = profile("STRICT")
    on(kit, kit.campaign_id, TODAY - 5 * DAY, live=10, lost=5)
    found = read(kit, strict)
    assert len(found) == 4, "two windows, two scopes"
    assert tightest(found).rate.rate == 0.5
    assert tightest(found).drops_left == 0


def test_no_call_beyond_the_tightest_window_is_committed(kit: FloorKit) -> None:
    rolling = msgspec.structs.replace(
        rules((AbandonWindow.CALENDAR_DAY_CALLER_TZ, AbandonWindow.ROLLING_P30D)),
        version="test-rolling",
    )
    kit.add_campaign(Mode.PREDICTIVE, rolling)
    on(kit, kit.campaign_id, TODAY, live=200, lost=0)
    kit.take_lease()
    first, second = kit.lease(2)
    assert type(kit.commit(first, None, Mode.PREDICTIVE, is_overdial=True)).__name__ == (
        "AttemptCommitted"
    )
    on(kit, kit.campaign_id, TODAY - DAY, live=0, lost=60)
    assert type(kit.commit(second, None, Mode.PREDICTIVE, is_overdial=True)).__name__ == (
        "AttemptRefused"
    )


def test_a_tightened_campaign_dials_under_it_and_says_so(kit: FloorKit) -> None:
    wish = Tightening(abandon_cap=0.01, abandon_scopes=(AbandonScope.SITE,))
    with kit.database.writing() as connection:
        before = load_campaign(connection, kit.campaign_id)
        row = tighten(connection, before.profile, wish, kit.now, campaign_id=int(kit.campaign_id))
        looser = Tightening(abandon_cap=0.02)
        with pytest.raises(ValueError, match="client or for a campaign"):
            tighten(connection, before.profile, looser, kit.now)
    with kit.database.reading() as connection:
        after = load_campaign(connection, kit.campaign_id)
    assert after.profile.version == f"{before.profile.version}/t{row}"
    assert (after.campaign.abandon_cap, after.campaign.abandon_target) == (0.01, 0.01)
    assert after.profile.abandon_scopes == (AbandonScope.CAMPAIGN, AbandonScope.SITE)
    kit.take_lease()
    attempt = kit.dial(kit.log_in())
    with kit.database.reading() as connection:
        stored = connection.execute(
            AttemptRow.__table__.select().where(AttemptRow.id == attempt)
        ).one()
    assert stored.profile_version == after.profile.version
    assert US.abandon_windows == (AbandonWindow.CAMPAIGN_PERIOD_P30D,)
