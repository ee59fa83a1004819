"""The counts of a campaign's day, kept with every change rather than counted again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from dialer_core.model.records import DayCounts
from dialer_core.model.states import FormulaClass
from dialer_core.rules.abandonment import false_positive_share
from dialer_core.rules.profiles import RuleProfile
from dialer_core.store.machines_heard import Heard
from dialer_core.store.schema import DayCountRow

NOTHING_HEARD: Final = Heard()
COLUMNS: Final = (
    "dialled",
    "overdialled",
    "answered",
    "connected",
    "live",
    "machines",
    "abandoned",
    "detected_machines",
    "short_hangups",
    "refused",
)
OF_CLASS: Final = {
    FormulaClass.L: "live",
    FormulaClass.M: "machines",
    FormulaClass.AOBS: "abandoned",
    FormulaClass.AMDET: "detected_machines",
    FormulaClass.SHORT_HANGUP: "short_hangups",
}

_ADD = (
    update(DayCountRow)
    .where(
        DayCountRow.campaign_id == bindparam("of_campaign"), DayCountRow.day == bindparam("of_day")
    )
    .values({name: DayCountRow.__table__.c[name] + bindparam(f"by_{name}") for name in COLUMNS})
)
_INSERT = insert(DayCountRow)
_READ = select(DayCountRow.__table__).where(
    DayCountRow.campaign_id == bindparam("of_campaign"), DayCountRow.day == bindparam("of_day")
)


def add(connection: Connection, campaign_id: int, day: date, **by: int) -> None:
    """Add to the counts of that day, whose row is made when it is first needed."""
    if not any(by.values()):
        return
    whole = dict.fromkeys(COLUMNS, 0) | by
    changed = connection.execute(
        _ADD,
        {"of_campaign": campaign_id, "of_day": day}
        | {f"by_{name}": number for name, number in whole.items()},
    )
    if changed.rowcount == 0:
        connection.execute(_INSERT, {"campaign_id": campaign_id, "day": day} | whole)


def read(connection: Connection, campaign_id: int, day: date) -> dict[str, int]:
    """All counts of that day by name; zeros where nothing has happened."""
    row = connection.execute(_READ, {"of_campaign": campaign_id, "of_day": day}).mappings().first()
    return {name: 0 if row is None else int(row[name]) for name in COLUMNS}


def day_counts(
    counts: Mapping[str, int], profile: RuleProfile, heard: Heard = NOTHING_HEARD
) -> DayCounts:
    """The five counts of the formulas; p is the profile's fallback until enough was `heard`."""
    return DayCounts(
        live=counts["live"],
        machines=counts["machines"],
        abandoned=counts["abandoned"],
        detected_machines=counts["detected_machines"],
        detection_false_share=false_positive_share(
            heard.people, heard.reviewed, profile.amd_fp_fallback, profile.amd_fp_min_sample
        ),
    )
