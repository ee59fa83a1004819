"""Experiments on the record: the first call of each person counts, and the answer ends it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, insert, select, update

from dialer_core.lists.experiments import Decision, Kind, Metric, Variant
from dialer_core.model.errors import KnownError
from dialer_core.model.states import Mode, Outcome
from dialer_core.store.campaigns import load_campaign
from dialer_core.store.experiments import ExperimentStore
from dialer_core.store.schema import (
    AttemptRow,
    AuditRow,
    ContactNumberRow,
    ContactRow,
    ExperimentExposureRow,
)
from dialer_core.store.variants import (
    State,
    running,
    settings_with,
    variants_for,
    waits_until,
)
from tests.store.floor_kit import FloorKit, person

SCRIPTS = [Variant("plain", "Good morning."), Variant("warm", "Lovely to hear you.")]


@pytest.fixture
def store(kit: FloorKit) -> Iterator[ExperimentStore]:
    made = ExperimentStore(kit.database)
    yield made
    made.close()


def exposures(kit: FloorKit) -> list[tuple[int, int, str]]:
    with kit.database.reading() as connection:
        return [
            (row.contact_id, row.position, row.attempt_id)
            for row in connection.execute(
                select(ExperimentExposureRow.__table__).order_by(ExperimentExposureRow.contact_id)
            )
        ]


def test_only_a_persons_first_call_counts(kit: FloorKit, store: ExperimentStore) -> None:
    made = store.begin(
        kit.campaign_id, "Script", Kind.SCRIPT, SCRIPTS, kit.now, metric=Metric.CONNECTED
    )
    kit.take_lease()
    session = kit.log_in()
    first = kit.dial(session)
    kit.talk(first, session)
    kit.seats[0].choose_outcome(first, "BACK", "", kit.now, kit.now.utc)
    second = kit.dial(session)
    kit.close_call(second, Outcome.BUSY, facts=kit.facts())
    assert len(exposures(kit)) in (1, 2)
    with kit.database.reading() as connection:
        contact = connection.scalar(select(AttemptRow.contact_id).where(AttemptRow.id == first))
        again = connection.scalar(select(AttemptRow.contact_id).where(AttemptRow.id == second))
    assert contact == again, "the promised call goes first"
    ((_, place, attempt),) = exposures(kit)
    assert attempt == first
    arms = store.results(made).arms
    assert (arms[place].people, arms[place].successes) == (1, 1)
    assert arms[1 - place].people == 0


def test_a_call_counts_once_its_outcome_is_known(kit: FloorKit, store: ExperimentStore) -> None:
    made = store.begin(kit.campaign_id, "Script", Kind.SCRIPT, SCRIPTS, kit.now)
    kit.take_lease()
    session = kit.log_in()

    def counted() -> tuple[int, int]:
        arms = store.results(made).arms
        return sum(arm.people for arm in arms), sum(arm.successes for arm in arms)

    attempt = kit.dial(session)
    assert counted() == (0, 0)
    kit.talk(attempt, session)
    assert counted() == (0, 0), "the agent has not said what came of it"
    kit.seats[0].choose_outcome(attempt, "SALE", "", kit.now)
    assert counted() == (1, 1)
    unanswered = kit.dial(session)
    kit.close_call(unanswered, Outcome.NO_ANSWER, facts=kit.facts(status=480))
    assert counted() == (2, 1)


def test_an_experiment_that_has_its_answer_is_ended(kit: FloorKit, store: ExperimentStore) -> None:
    made = store.begin(
        kit.campaign_id, "Script", Kind.SCRIPT, SCRIPTS, kit.now, metric=Metric.CONNECTED
    )
    assert store.look(made, kit.now).verdict.decision is Decision.TOO_EARLY
    pretend(kit, made, people=500, rates=(0.1, 0.4))
    found = store.look(made, kit.now, "Anna")
    assert (found.verdict.decision, found.verdict.winner) == (Decision.WINNER, 1)
    after = store.results(made).experiment
    assert after.state is State.ENDED
    assert after.why == found.verdict.sentence
    with kit.database.reading() as connection:
        assert running(connection, kit.campaign_id) == []
        assert "experiment ended" in connection.scalars(select(AuditRow.what)).all()
    assert store.look(made, kit.now).experiment.state is State.ENDED


def pretend(kit: FloorKit, experiment: int, people: int, rates: tuple[float, float]) -> None:
    """So many people of each arm, of whom that share was reached."""
    kit.take_lease()
    template = kit.dial(kit.log_in())
    with kit.database.writing() as connection:
        connection.execute(update(ExperimentExposureRow).values(position=0))
        row = dict(
            connection.execute(select(AttemptRow.__table__).where(AttemptRow.id == template))
            .mappings()
            .one()
        )
        whom = dict(
            connection.execute(select(ContactRow.__table__).where(ContactRow.id == 1))
            .mappings()
            .one()
        )
        row |= {"stage": "ended", "outcome": "CONNECTED"}
        for at in range(people * 2):
            contact, place = 1000 + at, at % 2
            is_hit = at // 2 < people * rates[place]
            connection.execute(insert(ContactRow), whom | {"id": contact})
            attempt = f"X{contact:025d}"
            connection.execute(
                insert(AttemptRow),
                row
                | {"id": attempt, "contact_id": contact}
                | {"bridged_at": kit.now.utc if is_hit else None},
            )
            connection.execute(
                insert(ExperimentExposureRow),
                {
                    "experiment_id": experiment, "contact_id": contact, "position": place,
                    "attempt_id": attempt, "at": kit.now.utc,
                },
            )  # fmt: skip


def test_what_makes_no_sense_is_refused(kit: FloorKit, store: ExperimentStore) -> None:
    store.begin(kit.campaign_id, "Script", Kind.SCRIPT, SCRIPTS, kit.now)
    with pytest.raises(KnownError, match="tries that already"):
        store.begin(kit.campaign_id, "Other", Kind.SCRIPT, SCRIPTS, kit.now)
    hours = [Variant("early", "09:00-12:00"), Variant("late", "17:00-20:00")]
    with pytest.raises(KnownError, match="another name"):
        store.begin(kit.campaign_id, "Script", Kind.HOUR, hours, kit.now)
    with pytest.raises(KnownError, match="between"):
        store.begin(kit.campaign_id, "Hours", Kind.HOUR, hours, kit.now, alpha=0.9)
    with pytest.raises(KnownError, match="no experiment"):
        store.results(99)


def test_a_persons_variant_stays_and_changes_the_campaign_for_them(
    kit: FloorKit, store: ExperimentStore
) -> None:
    store.begin(kit.campaign_id, "Script", Kind.SCRIPT, SCRIPTS, kit.now)
    store.begin(
        kit.campaign_id, "Number", Kind.CALLER_ID,
        [Variant("a", "+441614960901"), Variant("b", "+441614960902")], kit.now,
    )  # fmt: skip
    store.begin(
        kit.campaign_id, "Mode", Kind.MODE,
        [Variant("a", "preview"), Variant("b", "progressive")], kit.now,
    )  # fmt: skip
    store.begin(
        kit.campaign_id, "Time", Kind.PREVIEW_S, [Variant("a", "5"), Variant("b", "20")], kit.now
    )
    with kit.database.reading() as connection:
        settings = load_campaign(connection, kit.campaign_id)
        found = [variants_for(connection, kit.campaign_id, contact) for contact in range(1, 60)]
        assert found == [
            variants_for(connection, kit.campaign_id, contact) for contact in range(1, 60)
        ]
        assert variants_for(connection, 99, 1) == {}
    changed = [settings_with(settings, one) for one in found]
    assert {one.script for one in changed} == {one.value for one in SCRIPTS}
    assert {one.campaign.mode for one in changed} == {Mode.PREVIEW, Mode.PROGRESSIVE}
    assert {one.campaign.preview_s for one in changed} == {5.0, 20.0}
    assert {one.campaign.caller_id for one in changed} == {"+441614960901", "+441614960902"}
    assert settings_with(settings, {}) == settings


@pytest.mark.parametrize(
    ("hour", "until"),
    [
        (8, datetime(2026, 7, 1, 8, 0, tzinfo=UTC)),  # nine o'clock in London in summer
        (9, None),
        (11, None),
        (12, datetime(2026, 7, 2, 8, 0, tzinfo=UTC)),
        (20, datetime(2026, 7, 2, 8, 0, tzinfo=UTC)),
    ],
)
def test_hours_are_those_of_the_persons_clock(hour: int, until: datetime | None) -> None:
    zone = ZoneInfo("Europe/London")
    now = datetime(2026, 7, 1, hour, 0, tzinfo=zone).astimezone(UTC)
    assert waits_until(Variant("early", "09:00-12:00"), zone, now) == until


def test_without_an_experiment_nothing_is_written(kit: FloorKit) -> None:
    kit.setup.add_list(kit.campaign_id, "More", [person(9)], kit.now)
    kit.take_lease()
    kit.dial(kit.log_in())
    assert exposures(kit) == []
    with kit.database.reading() as connection:
        assert (connection.scalar(select(func.count()).select_from(ContactNumberRow)) or 0) == 6
