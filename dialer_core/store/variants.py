"""Who gets which variant of an experiment that runs, and what a call is then.

The assignment is drawn from the floor's key, the experiment and the person: it is the same at each
lease and on each computer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, TypedDict
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, insert, select, update

from dialer_core.clock import Instant
from dialer_core.lists import experiments as chance
from dialer_core.lists.experiments import Kind, Metric, Variant
from dialer_core.model.states import Mode
from dialer_core.rules.hours import candidate_zones
from dialer_core.store import rights
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.numbers import number_key
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    ContactRow,
    ExperimentExposureRow,
    ExperimentRow,
    ExperimentVariantRow,
)

_RUNNING = select(ExperimentRow.__table__).where(
    ExperimentRow.campaign_id == bindparam("campaign"), ExperimentRow.state == "running"
)
_VARIANTS = (
    select(ExperimentVariantRow.__table__)
    .where(ExperimentVariantRow.experiment_id.in_(bindparam("experiments", expanding=True)))
    .order_by(ExperimentVariantRow.experiment_id, ExperimentVariantRow.position)
)
_SEEN = select(ExperimentExposureRow.experiment_id).where(
    ExperimentExposureRow.contact_id == bindparam("contact")
)
_EXPOSE = insert(ExperimentExposureRow)
WAITS: Final = "EXPERIMENT"  # stands as the reason of a record that waits for its variant's hours
_SET_ASIDE = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"))
    .values(next_at=bindparam("at_next"), status_reason=WAITS, changed_at=bindparam("at"))
)


class State(StrEnum):
    """Where an experiment stands; saved by value."""

    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment as it was set up."""

    id: int
    campaign_id: int
    name: str
    kind: Kind
    metric: Metric
    alpha: float
    planned: int
    variants: tuple[Variant, ...]
    state: State
    why: str
    began_at: datetime
    ended_at: datetime | None

    def arm_of(self, key: bytes, contact_id: int) -> Variant:
        """The variant of a person."""
        return self.variants[self.place_of(key, contact_id)]

    def arm_by(self, lot: bytes) -> Variant:
        """The variant of the person with that lot."""
        return self.variants[chance.variant_by(lot, [one.weight for one in self.variants])]

    def place_of(self, key: bytes, contact_id: int) -> int:
        """The place of a person's variant."""
        weights = [one.weight for one in self.variants]
        return chance.variant_of(key, self.id, contact_id, weights)


def running(connection: Connection, campaign_id: int) -> list[Experiment]:
    """The experiments of a campaign that run now."""
    return read_experiments(
        connection, connection.execute(_RUNNING, {"campaign": campaign_id}).all()
    )


def variants_for(connection: Connection, campaign_id: int, contact_id: int) -> dict[Kind, Variant]:
    """How a person is to be called under the experiments that run; empty where none does."""
    found = running(connection, campaign_id)
    if not found:
        return {}
    if rights.is_seat(connection):  # the key is not for its eyes
        return {one.kind: one.arm_by(rights.draw(connection, one.id, contact_id)) for one in found}
    key = number_key(connection)
    return {one.kind: one.arm_of(key, contact_id) for one in found}


def settings_with(settings: CampaignSettings, variants: Mapping[Kind, Variant]) -> CampaignSettings:
    """The campaign as it is for a person with these variants; hours are not a setting."""
    campaign, script = settings.campaign, settings.script
    for kind, variant in variants.items():
        match kind:
            case Kind.MODE:
                campaign = replace(campaign, mode=Mode(variant.value))
            case Kind.PREVIEW_S:
                campaign = replace(campaign, preview_s=float(variant.value))
            case Kind.CALLER_ID:
                campaign = replace(campaign, caller_id=variant.value)
            case Kind.SCRIPT:
                script = variant.value
            case Kind.HOUR:
                pass
    return replace(settings, campaign=campaign, script=script)


class OwnTerms(TypedDict, total=False):
    """What a leased record says of its variants; what no experiment has is left out."""

    mode: Mode
    preview_s: float
    caller_id: str


def terms_of(settings: CampaignSettings, variants: Mapping[Kind, Variant]) -> OwnTerms:
    """The variants as a leased record carries them.

    A mode that the campaign's own cannot make room for (see `begin`) is left out.
    """
    terms: OwnTerms = {}
    for kind, variant in variants.items():
        if kind is Kind.MODE and Mode(variant.value) in modes_beside(settings.campaign.mode):
            terms["mode"] = Mode(variant.value)
        elif kind is Kind.PREVIEW_S:
            terms["preview_s"] = float(variant.value)
        elif kind is Kind.CALLER_ID:
            terms["caller_id"] = variant.value
    return terms


def own_terms(connection: Connection, settings: CampaignSettings, contact_id: int) -> OwnTerms:
    """The same, read for one person."""
    return terms_of(settings, variants_for(connection, settings.campaign.id, contact_id))


def settings_for(
    connection: Connection, settings: CampaignSettings, contact_id: int | None
) -> CampaignSettings:
    """The campaign as it is for this person; as it stands where there is none."""
    if contact_id is None:
        return settings
    found = variants_for(connection, settings.campaign.id, contact_id)
    return settings_with(settings, found) if found else settings


class Arms:
    """The experiments that run while some records are leased: read once, asked for each person.

    `is_any`: False where the caller knows that none runs, and nothing need be read.
    """

    def __init__(
        self, connection: Connection, settings: CampaignSettings, *, is_any: bool = True
    ) -> None:
        self._settings = settings
        self._running = running(connection, settings.campaign.id) if is_any else []
        self._key = number_key(connection) if self._running else b""

    def variants(self, contact_id: int) -> dict[Kind, Variant]:
        """The person's variants; empty where no experiment runs."""
        return {one.kind: one.arm_of(self._key, contact_id) for one in self._running}

    def terms(self, contact_id: int) -> OwnTerms:
        """What the person's record carries."""
        return terms_of(self._settings, self.variants(contact_id)) if self._running else {}

    def waits_until(
        self, contact_id: int, zones: Sequence[str], region: str, now: datetime
    ) -> datetime | None:
        """When a person of other hours is called next; None: now as well as ever."""
        variant = self.variants(contact_id).get(Kind.HOUR) if self._running else None
        if variant is None:
            return None
        return waits_until(variant, candidate_zones(self._settings.profile, zones, region)[0], now)


def set_aside(
    connection: Connection, waiting: Sequence[tuple[int, datetime]], now: datetime
) -> None:
    """These people (id, until when) wait for the hours of their variant."""
    if waiting:
        connection.execute(
            _SET_ASIDE,
            [{"contact": one, "at_next": until, "at": now} for one, until in waiting],
        )


def modes_beside(mode: Mode) -> tuple[Mode, ...]:
    """The modes that single people of such a campaign can be called in."""
    if mode is Mode.PREDICTIVE:
        return (Mode.PREDICTIVE, Mode.PROGRESSIVE, Mode.PREVIEW)
    if mode in (Mode.PREVIEW, Mode.PROGRESSIVE):
        return (Mode.PROGRESSIVE, Mode.PREVIEW)
    return ()


def note_exposure(
    connection: Connection, campaign_id: int, contact_id: int, attempt_id: str, now: Instant
) -> None:
    """A call is committed: for each experiment in which it is the person's first, it counts."""
    found = running(connection, campaign_id)
    if not found:
        return
    seen = set(connection.scalars(_SEEN, {"contact": contact_id}))
    key = number_key(connection)
    for one in found:
        if one.id not in seen:
            connection.execute(
                _EXPOSE,
                {
                    "experiment_id": one.id, "contact_id": contact_id,
                    "position": one.place_of(key, contact_id), "attempt_id": attempt_id,
                    "at": now.utc,
                },
            )  # fmt: skip


def waits_until(variant: Variant, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When a person of this variant of hours is called next; None: may be called now.

    `zone`: where the person is.
    """
    first, last = chance.hours_of(variant.value)
    local = now.astimezone(zone)
    if first <= local.time() < last:
        return None
    day = local.date() if local.time() < first else local.date() + timedelta(days=1)
    return datetime.combine(day, first, zone).astimezone(UTC)


def read_experiments(connection: Connection, rows: Sequence[AnyRow]) -> list[Experiment]:
    """Rows of experiments, with their variants."""
    if not rows:
        return []
    variants: dict[int, list[Variant]] = {}
    for row in connection.execute(_VARIANTS, {"experiments": [row.id for row in rows]}):
        variants.setdefault(row.experiment_id, []).append(Variant(row.name, row.value, row.weight))
    return [
        Experiment(
            row.id, row.campaign_id, row.name, Kind(row.kind), Metric(row.metric), row.alpha,
            row.planned, tuple(variants.get(row.id, ())), State(row.state), row.why,
            row.began_at, row.ended_at,
        )
        for row in rows
    ]  # fmt: skip
