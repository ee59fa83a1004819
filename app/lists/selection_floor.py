"""The floor on which selection is measured: four lists with weeks of calls behind them.

A mix of two lists and two segments, a ratio of retries, and the whole gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from app.lists.house import OUTCOMES
from dialer_core.clock import ManualClock
from dialer_core.lists.order import ListOrder
from dialer_core.lists.segments import Check, Field, Group, Operator
from dialer_core.model.ids import CampaignId
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile
from dialer_core.store import long_list, segments
from dialer_core.store.address import Place
from dialer_core.store.campaigns import load_campaign
from dialer_core.store.mixing import MixSettings, MixSource, set_mix
from dialer_core.store.opening import open_database
from dialer_core.store.setup import NewCampaign, SetupStore

RETRY_SHARE: Final = 0.3
REGISTERS: Final = ("GB-TPS", "GB-CTPS")
WARM_UP: Final = 5  # leases that are not measured
WEIGHTS: Final = (3.0, 2.0, 2.0, 1.0)
BEGIN: Final = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)  # a Tuesday, within the calling hours


def make(path: Place, people: int) -> CampaignId:
    """A floor with a campaign, its lists, its segments and its mix."""
    now = ManualClock(BEGIN).now()
    database = open_database(path, create=True)
    setup = SetupStore(database)
    try:
        campaign_id = setup.add_campaign(
            NewCampaign(
                name="Measured",
                client="Rosewood Windows",
                company_name="Rosewood",
                mode=Mode.PREDICTIVE,
                profile=profile("GB"),
                caller_id="+441614960999",
                dispositions=OUTCOMES,
            ),
            now,
        )
        for registry in REGISTERS:
            setup.load_registry(registry, now.utc, [], now)
        with database.writing() as connection:
            settings = load_campaign(connection, campaign_id)
            lists = long_list.fill(connection, settings, people, REGISTERS[0], now)
        with database.writing() as connection:
            leeds = Group(
                of=(
                    Check(Field.TOWN, Operator.IN, ["Leeds", "York"]),
                    Check(Field.ATTEMPTS, Operator.LESS, 4),
                )
            )
            may = Check(Field.DETAIL, Operator.CONTAINS, "may", column="Contract")
            made = [
                segments.save(connection, campaign_id, name, condition, now, "bench")
                for name, condition in (("Near Leeds", leeds), ("Contract to May", may))
            ]
            set_mix(connection, campaign_id, _mix(lists, made), now, "bench")
        database.look_through()
    finally:
        setup.close()
        database.close()
    return campaign_id


def _mix(lists: Sequence[int], made: Sequence[int]) -> MixSettings:
    return MixSettings(
        (
            MixSource(list_id=lists[0], weight=WEIGHTS[0]),
            MixSource(list_id=lists[1], weight=WEIGHTS[1], order=ListOrder.LAST_CALLED),
            MixSource(segment_id=made[0], weight=WEIGHTS[2]),
            MixSource(segment_id=made[1], weight=WEIGHTS[3], order=ListOrder.RANDOM, seed=7),
        ),
        retry_share=RETRY_SHARE,
    )
