"""Experiments on the record: what is tried, who got which variant, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, TypedDict
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
from dialer_core.rules.hours import candidate_zones
from dialer_core.store import audit, rights
from dialer_core.store.campaigns import CampaignSettings, load_campaign
from dialer_core.store.numbers import number_key
from dialer_core.store.owner import OneThread
from dialer_core.store.rows import AnyRow, insert_one
from dialer_core.store.schema import (
    AttemptRow,
    ContactRow,
    DispositionRow,
    ExperimentExposureRow,
    ExperimentRow,
    ExperimentVariantRow,
)

PLANNED: Final = 20_000  # people after whom an experiment without a winner ends

_RUNNING = select(ExperimentRow.__table__).where(
    ExperimentRow.campaign_id == bindparam("campaign"), ExperimentRow.state == "running"
)
_ALL_RUNNING = (
    select(ExperimentRow.id).where(ExperimentRow.state == "running").order_by(ExperimentRow.id)
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
        if kind is Kind.MODE and Mode(variant.value) in _modes_beside(settings.campaign.mode):
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


def _modes_beside(mode: Mode) -> tuple[Mode, ...]:
    """The modes that single people of such a campaign can be called in."""
    if mode is Mode.PREDICTIVE:
        return (Mode.PREDICTIVE, Mode.PROGRESSIVE, Mode.PREVIEW)
    if mode in (Mode.PREVIEW, Mode.PROGRESSIVE):
        return (Mode.PROGRESSIVE, Mode.PREVIEW)
    return ()


def _check_with(settings: CampaignSettings, kind: Kind, variants: Sequence[Variant]) -> None:
    """KnownError where the campaign, or its law, has no room for one of these variants."""
    campaign = settings.campaign
    for one in variants:
        if kind is Kind.MODE and Mode(one.value) not in _modes_beside(campaign.mode):
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
            row.began_at, row.ended_at,
        )
        for row in rows
    ]  # fmt: skip
