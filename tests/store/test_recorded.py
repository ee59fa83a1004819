"""A recorded day is read as it was written, and reading changes nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from dialer_core.clock import ManualClock
from dialer_core.model.recorded import RecordedDay
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState
from dialer_core.rules.profiles import profile
from dialer_core.simulation.replay import prepare
from dialer_core.simulation.replay_people import Fate
from dialer_core.simulation.replay_run import replay_once
from dialer_core.store.database import Database
from dialer_core.store.recorded import LINES, NothingRecorded, read_day
from dialer_core.store.schema import Base
from dialer_core.store.setup import NewPerson
from dialer_core.store.watch import WatchStore
from tests.store.floor_kit import FloorKit
from tests.store.recorded_floor import plan_of_day, record_day
from tests.store.test_store_with_engine import Shell, work

TEN = 10 * 3600.0  # the kit's day begins at ten in London


def day(kit: FloorKit, which: str = "today", campaign: str = "") -> RecordedDay:
    return read_day(kit.database.place, campaign or str(kit.campaign_id), which, kit.now)


def rows(database: Database) -> list[str]:
    with database.reading() as connection:
        return [
            f"{table.name}: {row}"
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table).order_by(*table.primary_key))
        ]


def test_calls_come_with_their_moments_and_what_the_agent_said(kit: FloorKit) -> None:
    kit.take_lease()
    anna = kit.log_in()
    kit.clock.advance(60)
    first = kit.dial(anna)
    kit.talk(first, anna)
    kit.seats[0].choose_outcome(first, "AM", "", kit.now)
    second = kit.dial(anna)
    kit.clock.advance(12)
    kit.close_call(second, Outcome.BUSY, facts=replace(kit.facts(), ended_by="network"))
    kit.dial(anna)
    read = day(kit)
    assert read.start == datetime(2026, 3, 3, tzinfo=UTC)
    talked, busy, running = read.calls
    assert (talked.committed_s, talked.bridged_s, talked.ended_s) == (
        TEN + 60,
        TEN + 60,
        TEN + 90,
    )
    assert (talked.outcome, talked.said) == (Outcome.CONNECTED, Outcome.ANSWER_MACHINE_AGENT)
    assert (busy.outcome, busy.ended_s, busy.ended_by) == (Outcome.BUSY, TEN + 102, "network")
    assert (running.outcome, running.ended_s, running.invite_s) == (None, None, None)
    assert read.seen_until_s == TEN + 102


def test_every_session_of_an_agent_is_one_of_the_days(kit: FloorKit) -> None:
    kit.take_lease()
    for length_s in (100, 50):
        session = kit.log_in()
        kit.clock.advance(10)
        kit.set_seat(session, SeatState.AVAILABLE)
        kit.clock.advance(length_s)
        kit.seats[-1].want_pause("Tea", kit.now, kit.now.after(length_s - 50).utc)
        kit.set_seat(session, SeatState.PAUSED, reason="Tea")
        kit.clock.advance(5)
        kit.seats[-1].log_out(kit.now)
        kit.clock.advance(1000)
    last = kit.log_in("Ben of preview", "seat02")
    kit.dial(last)
    kit.clock.advance(8)
    one, two, ben = day(kit).sessions
    assert (one.agent, two.agent) == (one.agent, one.agent) != (ben.agent, ben.agent)
    assert [(s.state, s.since_s - TEN, s.until_s - TEN) for s in one.stretches] == [
        (SeatState.PAUSED, 0, 10),
        (SeatState.AVAILABLE, 10, 110),
        (SeatState.PAUSED, 110, 115),
    ]
    assert [(wish.at_s, wish.due_s) for wish in one.pause_wishes] == [(TEN + 110, TEN + 160)]
    assert two.pause_wishes[0].due_s == two.pause_wishes[0].at_s
    (stretch,) = ben.stretches
    assert stretch.until_s == stretch.since_s, "nobody has seen the window since"
    kit.seats[-1].beat(kit.clock.advance(20))
    assert day(kit).sessions[2].stretches[0].until_s == TEN + 2180 + 28


def test_a_day_ends_at_midnight_where_the_campaign_is(database: Database) -> None:
    clock = ManualClock(datetime(2026, 6, 1, 18, 30, tzinfo=UTC))  # 19:30 in London
    kit = FloorKit(database, clock)
    kit.add_campaign(Mode.PREVIEW, profile("GB"))
    kit.take_lease()
    anna = kit.log_in()
    kit.dial(anna)
    kit.set_seat(anna, SeatState.AVAILABLE)
    clock.advance(15 * 3600)
    kit.load_registers()
    kit.dial(anna)
    kit.set_seat(anna, SeatState.PAUSED)
    yesterday, today = day(kit, "yesterday"), day(kit, "2026-06-02")
    assert [len(one.calls) for one in (yesterday, today)] == [1, 1]
    assert yesterday.calls[0].committed_s == 19.5 * 3600
    assert today.calls[0].committed_s == 10.5 * 3600
    assert yesterday.sessions[0].stretches[-1].until_s == 24 * 3600.0
    assert (today.sessions[0].stretches[0].since_s, today.sessions[0].stretches[0].until_s) == (
        0.0,
        10.5 * 3600,
    )
    kit.close()


def test_settings_are_those_of_the_days_middle(kit: FloorKit) -> None:
    watch = WatchStore(kit.database)
    kit.take_lease()
    anna = kit.log_in()
    was = day_target = 0.02
    for _ in range(3):
        kit.clock.advance(60)
        attempt = kit.dial(anna)
        kit.close_call(attempt, Outcome.BUSY, facts=kit.facts())
    assert day(kit).campaign.abandon_target == day_target
    watch.set_target(kit.campaign_id, 0.01, "Ines", kit.now)
    found = day(kit)
    assert found.campaign.abandon_target == was, "changed after the middle call"
    assert [(one.name, one.before, one.after) for one in found.changes] == [
        ("abandon_target", was, 0.01)
    ]
    kit.clock.advance(86_400)
    watch.set_target(kit.campaign_id, 0.015, "Ines", kit.now)
    watch.set_mode(kit.campaign_id, Mode.PROGRESSIVE, "Ines", kit.now)
    later = day(kit, "yesterday")
    assert (later.campaign.abandon_target, later.campaign.mode) == (was, Mode.PREVIEW)
    assert len(later.changes) == 1, "what was changed another day is none of this day's changes"
    watch.close()


def test_the_rate_is_the_rule_profiles_own(kit: FloorKit) -> None:
    kit.take_lease()
    anna = kit.log_in()
    kit.talk(kit.dial(anna), anna)
    lost = kit.dial(None, Mode.PREDICTIVE)
    kit.move(lost, CallStage.WAITING, None)
    facts = replace(kit.facts(status=200), answered=kit.now, message_played=True)
    kit.close_call(lost, Outcome.ABANDONED, FormulaClass.AOBS, facts)
    read = day(kit)
    assert (read.lost_by_law, read.of_by_law) == (1.0, 2.0)


def test_lines_are_counted_where_one_was_used_again(kit: FloorKit) -> None:
    kit.take_lease()
    anna = kit.log_in()
    kit.talk(kit.dial(anna), anna)
    assert day(kit).lines == LINES, "one call tells nothing of the others"
    kit.dial(anna)
    assert day(kit).lines == 1
    with kit.database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE attempts SET line_id = 'line02' WHERE bridged_at IS NULL"
        )
    assert day(kit).lines == LINES, "two calls on two lines tell nothing either"


@pytest.mark.parametrize(
    ("campaign", "which", "sentence"),
    [
        ("17", "today", "There is no campaign '17'; there are 1 (Campaign preview)."),
        ("", "2026-03-04", "2026-03-04 has not come yet; today is 2026-03-03."),
        ("", "3 March", "'3 March' is no day; write it like 2026-03-03, or today or yesterday."),
        ("", "yesterday", "placed no call on 2026-03-02, nor on any other day."),
        ("campaign PREVIEW", "2026-03-01", "placed no call on 2026-03-01, nor on any other day."),
    ],
)
def test_what_is_not_on_the_record_is_told_in_a_sentence(
    kit: FloorKit, campaign: str, which: str, sentence: str
) -> None:
    with pytest.raises(NothingRecorded) as refused:
        day(kit, which, campaign)
    assert sentence in refused.value.sentence
    assert refused.value.exit_status == 2


def test_a_day_without_calls_names_those_that_have_some(kit: FloorKit) -> None:
    kit.take_lease()
    kit.dial(kit.log_in())
    with pytest.raises(NothingRecorded, match=r"on 2026-03-02; it did on 2026-03-03\."):
        day(kit, "yesterday")


def test_reading_a_whole_day_changes_nothing(database: Database) -> None:
    plan = plan_of_day(2, 10)
    run = record_day(database, plan)
    before = rows(database)
    read = read_day(database.place, "spring renewals", "2026-03-03", run.ended)
    assert rows(database) == before
    assert len(read.calls) == run.result.dials
    assert read.lines == plan.lines
    assert [one.committed_s for one in read.calls] == sorted(one.committed_s for one in read.calls)
    spent = {
        state: sum(
            stretch.until_s - stretch.since_s
            for one in read.sessions
            for stretch in one.stretches
            if stretch.state is state
        )
        for state in SeatState
    }
    assert spent[SeatState.WRAP_UP] == pytest.approx(run.result.wrap_s, abs=60)
    connected = [one for one in read.calls if one.bridged_s is not None]
    assert len(connected) == run.result.people_connected + run.result.machines_connected


def test_a_day_on_which_the_dialler_died_can_be_replayed(database: Database) -> None:
    kit = FloorKit(database, ManualClock())
    kit.add_campaign(Mode.PREDICTIVE, profile("GB"), people=0)
    crowd = [NewPerson(f"Person {n}", [(f"+44161496{n:04d}", "mobile")]) for n in range(300)]
    kit.setup.add_list(kit.campaign_id, "crowd", crowd, kit.now)
    sessions = [kit.log_in(f"{name} of predictive", f"seat {name}") for name in ("Anna", "Ben")]
    rng = random.Random(7)
    shell = Shell(kit, "pc:11:1", rng)
    shell.start()
    is_dead = False
    for n in range(600):
        kit.clock.advance(1)
        work(kit, sessions, rng)
        if n >= 300 and not is_dead and shell.calls.keys() - shell.answered.keys():
            is_dead = True  # kill -9, and its lines with it; a minute later the next one comes
            shell.store.close()
            kit.clock.advance(60)
            shell = Shell(kit, "pc:22:1", rng)
            shell.start()
        shell.step()
        if n % 20 == 0:
            assert shell.store.renew(kit.now)
    read = day(kit)
    shell.store.close()
    assert any(one.outcome is Outcome.LINE_LOST for one in read.calls)
    assert any(one.outcome is None for one in read.calls), "open at the moment of reading"
    ready = prepare(read)
    assert sum(one.fate is Fate.CUT_SHORT for one in ready.calls) >= 2
    again = replay_once(ready, ready.settings, 1)
    assert again == replay_once(ready, ready.settings, 1)
    assert again.dials > 10
    kit.close()
