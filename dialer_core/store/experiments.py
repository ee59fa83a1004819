"""Experiments on the record: what is tried, who got which variant, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

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
    true,
    update,
)

from dialer_core.clock import Instant
from dialer_core.lists import experiments as chance
from dialer_core.lists.experiments import ALPHA, Arm, Decision, Kind, Metric, Variant, Verdict
from dialer_core.model.errors import KnownError
from dialer_core.model.states import CallStage, Mode, Outcome
from dialer_core.rules import gate
from dialer_core.rules.facts import GateFacts, RefusalCode
from dialer_core.store import audit
from dialer_core.store.campaigns import CampaignSettings, load_campaign
from dialer_core.store.owner import OneThread
from dialer_core.store.rows import insert_one
from dialer_core.store.schema import (
    AttemptRow,
    ContactRow,
    DispositionRow,
    ExperimentExposureRow,
    ExperimentRow,
    ExperimentVariantRow,
)
from dialer_core.store.variants import (
    WAITS,
    Experiment,
    State,
    modes_beside,
    read_experiments,
    running,
)

PLANNED: Final = 20_000  # people after whom an experiment without a winner ends
_ALL_RUNNING = (
    select(ExperimentRow.id).where(ExperimentRow.state == "running").order_by(ExperimentRow.id)
)
# Whoever waits for the hours of an experiment that is over is as good as anybody now.
_FREE = (
    update(ContactRow)
    .where(
        ContactRow.status_reason == WAITS,
        ContactRow.next_at > bindparam("now"),
        ContactRow.campaign_id.in_(
            select(ExperimentRow.campaign_id).where(
                ExperimentRow.id == bindparam("experiment"),
                ExperimentRow.kind == Kind.HOUR.value,
            )
        ),
    )
    .values(next_at=bindparam("now"), status_reason="")
)
_ANY_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)  # the question asked does not depend on it
_IS_SUCCESS = (
    select(DispositionRow.id)
    .where(
        DispositionRow.campaign_id == AttemptRow.campaign_id,
        DispositionRow.code == AttemptRow.disposition_code,
        DispositionRow.is_success.is_(True),
    )
    .exists()
)


@dataclass(frozen=True, slots=True)
class Results:
    """The arms of an experiment by now, and what they say."""

    experiment: Experiment
    arms: tuple[Arm, ...]
    verdict: Verdict
    more: int | None = None  # people, until it is decided if the rates stay; None: out of reach


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
        if not name.strip():
            raise KnownError("Give the experiment a name.")
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
            _check_with(load_campaign(connection, campaign_id), kind, variants)
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
            connection.execute(_FREE, {"experiment": experiment_id, "now": now.utc})
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
        if found.experiment.state is not State.RUNNING or found.verdict.decision not in over:
            return found
        why = found.verdict.sentence
        self.end(experiment_id, why, now, who)
        return replace(found, experiment=replace(found.experiment, state=State.ENDED, why=why))

    def running(self) -> list[int]:
        """Ids of the experiments of all campaigns that run."""
        with self._reading() as connection:
            return list(connection.scalars(_ALL_RUNNING))

    def all_results(self, campaign_id: int | None = None) -> list[Results]:
        """Every experiment (of one campaign) with its results, the newest first."""
        of = ExperimentRow.campaign_id == campaign_id if campaign_id is not None else true()
        ids = select(ExperimentRow.id).where(of).order_by(ExperimentRow.id.desc())
        with self._reading() as connection:
            return [results(connection, one) for one in connection.scalars(ids).all()]


def results(connection: Connection, experiment_id: int) -> Results:
    """The arms of an experiment: of each person the first call under it, once it is over."""
    rows = connection.execute(
        select(ExperimentRow.__table__).where(ExperimentRow.id == experiment_id)
    ).all()
    if not rows:
        raise KnownError(f"There is no experiment {experiment_id}.")
    (found,) = read_experiments(connection, rows)
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
    verdict = chance.compare(
        counted,
        alpha=found.alpha,
        planned=found.planned,
        # Who is called in the evening has not been called yet at noon.
        is_sized_by_chance=found.kind is not Kind.HOUR,
    )
    more = (
        chance.still_needed(counted, alpha=found.alpha, planned=found.planned)
        if found.state is State.RUNNING
        else None
    )
    return Results(found, counted, verdict, more)


def _check_with(settings: CampaignSettings, kind: Kind, variants: Sequence[Variant]) -> None:
    """KnownError where the campaign, or its law, has no room for one of these variants."""
    campaign = settings.campaign
    for one in variants:
        if kind is Kind.MODE and Mode(one.value) not in modes_beside(campaign.mode):
            raise KnownError(
                f"A campaign that dials in the mode {campaign.mode.value} cannot call some people "
                f"in the mode {one.value}; choose other modes, or change the campaign's first."
            )
        if kind is Kind.PREVIEW_S and campaign.mode is not Mode.PREVIEW:
            raise KnownError("Only a campaign that dials by preview has a countdown to try.")
        if kind is Kind.CALLER_ID:
            facts = GateFacts("", True, (), "", False, caller_id=one.value)
            for refusal in gate.check_all(facts, settings.profile, _ANY_DAY):
                if refusal.code is RefusalCode.CALLER_ID:
                    raise KnownError(
                        f"The rules for {settings.profile.name} do not allow the caller's number "
                        f"of the variant {one.name!r}; choose another."
                    )
