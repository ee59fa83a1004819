"""Experiments on the record: what is tried, who got which variant, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from dialer_core.clock import Instant
from dialer_core.lists import experiments as chance
from dialer_core.lists.experiments import ALPHA, Arm, Decision, Kind, Metric, Variant, Verdict
from dialer_core.model.errors import KnownError
from dialer_core.model.states import CallStage, Mode, Outcome
from dialer_core.store import audit
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.numbers import number_key
from dialer_core.store.owner import OneThread
from dialer_core.store.rows import AnyRow, insert_one
from dialer_core.store.schema import (
    AttemptRow,
    DispositionRow,
    ExperimentExposureRow,
    ExperimentRow,
    ExperimentVariantRow,
)

PLANNED: Final = 20_000  # people after whom an experiment without a winner ends

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
_IS_SUCCESS = (
    select(DispositionRow.id)
    .where(
        DispositionRow.campaign_id == AttemptRow.campaign_id,
        DispositionRow.code == AttemptRow.disposition_code,
        DispositionRow.is_success.is_(True),
    )
    .exists()
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

    def arm_of(self, key: bytes, contact_id: int) -> Variant:
        """The variant of a person."""
        return self.variants[self.place_of(key, contact_id)]

    def place_of(self, key: bytes, contact_id: int) -> int:
        """The place of a person's variant."""
        weights = [one.weight for one in self.variants]
        return chance.variant_of(key, self.id, contact_id, weights)


@dataclass(frozen=True, slots=True)
class Results:
    """The arms of an experiment by now, and what they say."""

    experiment: Experiment
    arms: tuple[Arm, ...]
    verdict: Verdict


class ExperimentStore(OneThread):
    """Begins and ends experiments, and reads their results."""

    def begin(
        self,
        campaign_id: int,
        name: str,
        kind: Kind,
        variants: Sequence[Variant],
        now: Instant,
        *,
        metric: Metric = Metric.SUCCESS,
        alpha: float = ALPHA,
        planned: int = PLANNED,
        who: str = "supervisor",
    ) -> int:
        """Begin an experiment; its id.

        KnownError where the variants make no sense, the name is taken, or another experiment of
        the campaign tries the same thing at the same time.
        """
        chance.checked(kind, variants)
        if not 0.001 <= alpha <= 0.2:
            raise KnownError("The chance to be wrong must lie between 0.1 % and 20 %.")
        with self._writing() as connection:
            for one in running(connection, campaign_id):
                if one.kind is kind:
                    raise KnownError(f"The experiment {one.name!r} tries that already; end it.")
            taken = select(ExperimentRow.id).where(
                ExperimentRow.campaign_id == campaign_id, ExperimentRow.name == name
            )
            if connection.scalar(taken) is not None:
                raise KnownError(f"There was an experiment {name!r} already; choose another name.")
            experiment_id = insert_one(
                connection,
                insert(ExperimentRow),
                {
                    "campaign_id": campaign_id, "name": name, "kind": kind.value,
                    "metric": metric.value, "alpha": alpha, "planned": planned,
                    "state": State.RUNNING.value, "why": "", "began_at": now.utc, "ended_at": None,
                },
            )  # fmt: skip
            connection.execute(
                insert(ExperimentVariantRow),
                [
                    {
                        "experiment_id": experiment_id, "position": position, "name": one.name,
                        "value": one.value, "weight": one.weight,
                    }
                    for position, one in enumerate(variants)
                ],
            )  # fmt: skip
            audit.append(connection, who, "experiment begun", {"name": name}, now.utc)
        return experiment_id

    def end(self, experiment_id: int, why: str, now: Instant, who: str = "supervisor") -> None:
        """End it; from now on everybody is called as the campaign says."""
        with self._writing() as connection:
            connection.execute(
                update(ExperimentRow)
                .where(ExperimentRow.id == experiment_id, ExperimentRow.ended_at.is_(None))
                .values(state=State.ENDED.value, why=why[:500], ended_at=now.utc)
            )
            detail: dict[str, object] = {"experiment": experiment_id, "why": why}
            audit.append(connection, who, "experiment ended", detail, now.utc)

    def results(self, experiment_id: int) -> Results:
        """The arms and the verdict; KnownError where there is no such experiment."""
        with self._reading() as connection:
            return results(connection, experiment_id)

    def look(self, experiment_id: int, now: Instant, who: str = "stop rule") -> Results:
        """The results; an experiment that has an answer, or never will, is ended with them."""
        found = self.results(experiment_id)
        over = (Decision.WINNER, Decision.NO_DIFFERENCE, Decision.BROKEN)
        if found.experiment.state is State.RUNNING and found.verdict.decision in over:
            self.end(experiment_id, found.verdict.sentence, now, who)
        return found


def running(connection: Connection, campaign_id: int) -> list[Experiment]:
    """The experiments of a campaign that run now."""
    return _read(connection, connection.execute(_RUNNING, {"campaign": campaign_id}).all())


def results(connection: Connection, experiment_id: int) -> Results:
    """The arms of an experiment: of each person the first call under it, once it is over."""
    rows = connection.execute(
        select(ExperimentRow.__table__).where(ExperimentRow.id == experiment_id)
    ).all()
    if not rows:
        raise KnownError(f"There is no experiment {experiment_id}.")
    (found,) = _read(connection, rows)
    hit: ColumnElement[bool]
    if found.metric is Metric.CONNECTED:
        hit, known = AttemptRow.bridged_at.is_not(None), AttemptRow.stage == CallStage.ENDED
    else:
        hit = _IS_SUCCESS
        # Who spoke with an agent counts once the agent has said what came of it.
        is_coded = or_(
            AttemptRow.disposition_code.is_not(None), AttemptRow.outcome != Outcome.CONNECTED
        )
        known = and_(AttemptRow.stage == CallStage.ENDED, is_coded)
    arms = {
        row.position: row
        for row in connection.execute(
            select(
                ExperimentExposureRow.position,
                func.count().label("people"),
                func.coalesce(func.sum(case((hit, 1), else_=0)), 0).label("successes"),
            )
            .join(AttemptRow, AttemptRow.id == ExperimentExposureRow.attempt_id)
            .where(ExperimentExposureRow.experiment_id == experiment_id, known)
            .group_by(ExperimentExposureRow.position)
        )
    }
    counted = tuple(
        Arm(int(arms[at].people), int(arms[at].successes), one.weight)
        if at in arms
        else Arm(0, 0, one.weight)
        for at, one in enumerate(found.variants)
    )
    verdict = chance.compare(counted, alpha=found.alpha, planned=found.planned)
    return Results(found, counted, verdict)


def variants_for(connection: Connection, campaign_id: int, contact_id: int) -> dict[Kind, Variant]:
    """How a person is to be called under the experiments that run; empty where none does."""
    found = running(connection, campaign_id)
    if not found:
        return {}
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


def _read(connection: Connection, rows: Sequence[AnyRow]) -> list[Experiment]:
    if not rows:
        return []
    variants: dict[int, list[Variant]] = {}
    for row in connection.execute(_VARIANTS, {"experiments": [row.id for row in rows]}):
        variants.setdefault(row.experiment_id, []).append(Variant(row.name, row.value, row.weight))
    return [
        Experiment(
            row.id, row.campaign_id, row.name, Kind(row.kind), Metric(row.metric), row.alpha,
            row.planned, tuple(variants.get(row.id, ())), State(row.state), row.why,
        )
        for row in rows
    ]  # fmt: skip
