"""The measured floor: its lines, its log of waits, and a short run of the whole of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from app.telephony.floor_bench import talk_s
from app.telephony.floor_bench_figures import FloorBenchFigures, FloorOptions
from app.telephony.floor_bench_lines import ANSWERED, BUSY, PretendedLines
from dialer_core.clock import ManualClock
from dialer_core.engine import commands, events
from dialer_core.model.ids import AttemptId, CampaignId, LineId, SessionId
from dialer_core.store.measuring import (
    BEGIN_TO_READ,
    BEGIN_TO_WRITE,
    COMMIT,
    Spread,
    WaitLog,
    spread,
)
from dialer_core.store.opening import open_database
from dialer_core.store.settings import TRUNK_TROUBLE, write
from tests.sharing.kit import SharedFloor

ROOT = Path(__file__).resolve().parents[2]
# Whether the targets are met is the machine's affair.
SHORT_RUN = """
import sys
from contextlib import contextmanager
from pathlib import Path
from app.telephony import floor_bench
from app.telephony.floor_bench_figures import FloorOptions

made = floor_bench.measured_server

@contextmanager
def telling(people, seats):  # what the server has written down, before all of it is gone
    with made(people, seats) as server:
        yield server
        with server.asking() as connection:
            said = connection.exec_driver_sql("SELECT pg_read_file(pg_current_logfile())")
            Path(sys.argv[2]).write_text(said.scalar_one())

floor_bench.measured_server = telling
floor_bench.run_floor(FloorOptions(seats=3, people=2000, calls_a_minute=12, minutes=0.3,
                                   settle_s=12.0, json_file=Path(sys.argv[1])))
"""
_TROUBLES = re.compile(r"^.* (?:ERROR|FATAL|PANIC): .*$", re.M)
LINE, SESSION = LineId("line01"), SessionId(3)


def dial(lines: PretendedLines, clock: ManualClock, name: str) -> None:
    attempt = AttemptId(name)
    order = commands.Originate(LINE, attempt, CampaignId(1), "+441614960000", "ringing", SESSION)
    lines.speak(order, clock.now())


def all_said(lines: PretendedLines, clock: ManualClock) -> list[events.Event]:
    found: list[events.Event] = []
    while lines.next_s < float("inf"):
        clock.advance(max(0.0, lines.next_s - clock.now().mono_s))
        found += lines.said(clock.now())
    return found


def test_a_pretended_line_tells_a_call_from_ringing_to_its_end() -> None:
    clock, lines = ManualClock(), PretendedLines(talk_s=30.0, seed=1)
    for number in range(300):
        dial(lines, clock, f"a{number}")
    said = all_said(lines, clock)
    of: dict[str, list[events.Event]] = {}
    for event in said:
        of.setdefault(getattr(event, "attempt_id", ""), []).append(event)
    assert len(of) == lines.dialled == 300
    answered = 0
    for one in of.values():
        kinds = [type(event).__name__ for event in one]
        assert kinds[0] == "CallRinging"
        end = one[-1]
        assert isinstance(end, events.CallEnded)
        if "CallAnswered" in kinds:
            answered += 1
            assert kinds == ["CallRinging", "CallAnswered", "CallBridged", "CallEnded"]
            assert end.facts.sip_status == ANSWERED
            assert end.facts.bridged is not None
            assert (end.facts.ended.utc - end.facts.bridged.utc).total_seconds() > 2
        else:
            assert kinds == ["CallRinging", "CallEnded"]
            assert end.facts.sip_status == BUSY
    assert 80 < answered < 130
    assert lines.bridged == answered


def test_a_call_that_is_ended_says_nothing_more() -> None:
    clock, lines = ManualClock(), PretendedLines(talk_s=30.0, seed=1)
    dial(lines, clock, "a1")
    lines.speak(commands.EndCall(LINE, AttemptId("a1"), now=True), clock.now())
    (only,) = all_said(lines, clock)
    assert isinstance(only, events.CallEnded)


def test_a_spread_is_made_of_values_that_were_measured() -> None:
    assert spread([]) == Spread()
    assert spread([n / 1000 for n in range(1, 101)]) == Spread(100, 51.0, 96.0, 100.0, 100.0)


def test_the_wanted_calls_leave_the_agents_some_time() -> None:
    twenty = FloorOptions()
    handled_s = twenty.calls_a_minute * 0.35 * (talk_s(twenty) + 6.0)
    assert 0.55 < handled_s / (twenty.seats * 60.0) < 0.65


def test_every_wait_is_seen_that_begins_and_commits_too(floor: SharedFloor) -> None:
    counts = [False]
    log = WaitLog(lambda: counts[0])
    database = open_database(floor.link.floor_address)
    log.watch(database.engine)
    now = ManualClock().now()

    def work() -> None:
        with database.writing() as connection:
            write(connection, TRUNK_TROUBLE, "none", now)
        with database.reading() as connection, log.work("look"):
            connection.exec_driver_sql("SELECT pg_sleep(0.02)")

    work()
    assert not log.waits.statements, "nothing counts yet"
    counts[0] = True
    work()
    database.close()
    assert {BEGIN_TO_WRITE, BEGIN_TO_READ, COMMIT} < log.waits.statements.keys()
    assert len(log.waits.statements[COMMIT]) == 2
    assert log.waits.works["look"][0] >= 0.02
    assert any("settings" in name and "SELECT" not in name for name in log.waits.statements)


@pytest.mark.floor
@pytest.mark.timeout(240)
def test_a_short_run_tells_its_figures(tmp_path: Path) -> None:
    told, log = tmp_path / "floor.json", tmp_path / "server.log"
    # A process of its own: what Python starts to look after shared values stays as long as it.
    done = subprocess.run(
        [sys.executable, "-c", SHORT_RUN, str(told), str(log)],
        cwd=ROOT, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = msgspec.json.decode(told.read_bytes(), type=FloorBenchFigures)
    assert not found.errors
    assert found.twice == 0
    assert found.calls_a_minute > 0
    assert found.lock_ms.n > 10
    assert found.statement_ms.n > found.lock_ms.n
    assert found.backends >= 5
    assert found.rush_ms["log in"].n == found.rush_ms["log out"].n == 3
    assert found.statements_a_second["seats"] > 0
    assert "seat: AvailableWanted" in {one.name for one in found.held}
    assert {"seat: read", "supervisor: snapshot", "dialler: renew"} < {
        one.name for one in found.works
    }
    # Three seats by their own roles, row-level security and all: nothing was refused, or failed.
    assert " LOG:  " in log.read_text(), "it is the server's log"
    assert _TROUBLES.findall(log.read_text()) == []
