"""The supervisor's side: the floor at a glance, and switches that leave a trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dialer_core.clock import ManualClock
from dialer_core.engine.commands import NoteDecision
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import CampaignId, ContactId, LineId
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState
from dialer_core.rules.facts import RefusalCode
from dialer_core.store import audit
from dialer_core.store.database import Database
from dialer_core.store.report import read_report
from dialer_core.store.schema import AuditRow, DiallerLeaseRow
from dialer_core.store.schema.base import ContactStatus
from dialer_core.store.watch import WatchStore
from tests.store.floor_kit import FloorKit


@pytest.fixture
def watch(kit: FloorKit) -> Iterator[WatchStore]:
    store = WatchStore(kit.database)
    yield store
    store.close()


def test_an_empty_floor_is_nothing_to_fail_at(database: Database, clock: ManualClock) -> None:
    store = WatchStore(database)
    seen = store.snapshot(clock.now())
    assert (seen.campaign, seen.seats, seen.rate.rate) == (None, (), 0.0)
    assert (seen.is_dialler_alive, seen.people.penetration) == (False, 0.0)
    assert store.is_quiet()
    store.close()


def test_the_floor_at_a_glance(kit: FloorKit, watch: WatchStore) -> None:
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    kit.set_seat(session, SeatState.AVAILABLE)
    kit.set_seat(session, SeatState.TALKING, attempt, ContactId(1))
    kit.move(attempt, CallStage.TALKING, session)
    kit.floor.note_line(LineId("line01"), "/run/a", kit.now)
    for n in (1, 2):
        decision = NoteDecision(kit.campaign_id, kit.now, n, f"launch {n}", (("share", 0.3),))
        kit.floor.apply([decision], kit.now)

    seen = watch.snapshot(kit.now)

    assert seen.campaign is not None
    assert seen.campaign.id == kit.campaign_id
    assert (seen.is_dialler_alive, seen.dialler, seen.epoch) == (True, "pc:1:1", 1)
    (seat,) = seen.seats
    assert (seat.agent_name, seat.seat_name) == ("Anna of preview", "seat01")
    assert (seat.state, seat.with_whom, seat.contacts_today) == (SeatState.TALKING, "Person 1", 1)
    assert seen.calls == {CallStage.TALKING: 1}
    assert (seen.lines, seen.lines_in_use) == (1, 1)
    assert [(one.launch, one.reason) for one in seen.decisions] == [
        (2, "launch 2"),
        (1, "launch 1"),
    ]
    assert seen.decisions[0].figures == (("share", 0.3),)
    assert (seen.people.contacts, seen.people.tried, seen.people.penetration) == (5, 1, 0.2)
    assert seen.people.by_status == {ContactStatus.FRESH: 5}
    assert not watch.is_quiet()


def test_the_dialler_is_dead_when_its_lease_is_over(kit: FloorKit, watch: WatchStore) -> None:
    assert not watch.snapshot(kit.now).is_dialler_alive
    kit.take_lease()
    assert watch.snapshot(kit.now).is_dialler_alive
    with kit.database.writing() as connection:
        long_ago = kit.now.utc - timedelta(days=3650)
        connection.execute(update(DiallerLeaseRow).values(expires_at=long_ago))
    assert not watch.snapshot(kit.now).is_dialler_alive


def test_the_abandoned_rate_and_the_refusals_of_the_day(kit: FloorKit, watch: WatchStore) -> None:
    kit.take_lease()
    session = kit.log_in()
    talked = kit.dial(session)
    kit.talk(talked, session)
    lost = kit.dial(session)
    facts = replace(kit.facts(status=200), answered=kit.now)
    kit.close_call(lost, Outcome.ABANDONED, FormulaClass.AOBS, facts)
    kit.setup.suppress("Rosewood Windows", ["+441614960003"], "asked", kit.now)
    kit.lease(9)
    seen = watch.snapshot(kit.now)
    assert (seen.counts.live, seen.counts.abandoned, seen.rate.rate) == (1, 1, 0.5)
    assert (seen.totals["dialled"], seen.totals["answered"], seen.drops_left) == (2, 2, 0)
    assert seen.refusals == {RefusalCode.SUPPRESSED: 1}
    kit.clock.advance(86_400)
    tomorrow = watch.snapshot(kit.now)
    assert (tomorrow.rate.rate, tomorrow.refusals) == (0.0, {})


def test_switches_change_the_campaign_and_leave_a_trace(kit: FloorKit, watch: WatchStore) -> None:
    watch.snapshot(kit.now)
    kit.clock.advance(1)
    watch.set_mode(kit.campaign_id, Mode.PREDICTIVE, "Ines", kit.now)
    watch.set_target(kit.campaign_id, 0.01, "Ines", kit.now)
    watch.set_running(kit.campaign_id, False, "Ines", kit.now)
    campaign = watch.snapshot(kit.now).campaign
    assert campaign is not None
    assert (campaign.mode, campaign.abandon_target, campaign.is_running) == (
        Mode.PREDICTIVE,
        0.01,
        False,
    )
    with kit.database.reading() as connection:
        entries = connection.execute(select(AuditRow.who, AuditRow.detail)).all()[-3:]
        assert audit.first_broken(connection) is None
    assert [(row.who, row.detail["setting"]) for row in entries] == [
        ("Ines", "mode"),
        ("Ines", "abandon_target"),
        ("Ines", "is_running"),
    ]
    assert entries[0].detail["before"] == "preview"


def test_a_target_beyond_the_cap_is_refused(kit: FloorKit, watch: WatchStore) -> None:
    for target in (0.031, -0.01, float("nan")):
        with pytest.raises(KnownError, match="cap of 3"):
            watch.set_target(kit.campaign_id, target, "Ines", kit.now)
    with pytest.raises(KnownError, match="no such campaign"):
        watch.set_running(CampaignId(99), False, "Ines", kit.now)


def test_quiet_is_when_calls_and_outcomes_are_done(kit: FloorKit, watch: WatchStore) -> None:
    assert watch.is_quiet()
    kit.take_lease()
    session = kit.log_in()
    attempt = kit.dial(session)
    assert not watch.is_quiet()
    kit.set_seat(session, SeatState.WRAP_UP, attempt)
    kit.talk(attempt, session)
    assert not watch.is_quiet()
    kit.set_seat(session, SeatState.AVAILABLE)
    assert watch.is_quiet()


def test_the_trunks_trouble_is_shown_until_it_is_over(kit: FloorKit, watch: WatchStore) -> None:
    kit.take_lease()
    kit.floor.set_trunk_trouble("the trunk does not answer (408)", kit.now)
    assert watch.snapshot(kit.now).trunk_trouble == "the trunk does not answer (408)"
    kit.floor.set_trunk_trouble("", kit.now)
    assert watch.snapshot(kit.now).trunk_trouble == ""


def test_the_report_joins_what_the_database_knows(kit: FloorKit) -> None:
    kit.take_lease()
    session = kit.log_in()
    kit.clock.advance(10)
    kit.set_seat(session, SeatState.AVAILABLE)
    kit.clock.advance(20)
    kit.set_seat(session, SeatState.PREVIEW, contact=ContactId(1))
    talked = kit.dial(session)
    kit.set_seat(session, SeatState.TALKING, talked, ContactId(1))
    kit.talk(talked, session)
    kit.set_seat(session, SeatState.WRAP_UP, talked, ContactId(1))
    kit.clock.advance(5)
    kit.seats[0].choose_outcome(talked, "SALE", "", kit.now)
    kit.set_seat(session, SeatState.PAUSED, reason="Lunch")
    lost = kit.dial(session)
    facts = replace(kit.facts(status=200), answered=kit.now)
    kit.close_call(lost, Outcome.ABANDONED, FormulaClass.AOBS, facts)
    still_open = kit.dial(session)
    kit.setup.suppress("Rosewood Windows", ["+441614960004"], "asked", kit.now)
    kit.lease(9)

    found = read_report(kit.database.place)

    assert (found.dialled, found.answered, found.open_attempts) == (3, 2, 1)
    assert found.connected_attempts == (talked,)
    assert found.abandoned_attempts == (lost,)
    assert found.preview_attempts == (talked, lost, still_open)
    assert (found.abandoned, found.abandoned_rate, found.overdialled) == (1, 0.5, 0)
    assert (found.previews, found.dispositions, found.uncoded_attempts) == (1, 1, 0)
    assert found.refusals == {"SUPPRESSED": 1}
    (anna,) = found.agents
    assert anna.name == "Anna of preview"
    assert (anna.wait_s, anna.talk_s, anna.wrap_s, anna.paused_s) == (20.0, 30.0, 5.0, 10.0)
