"""What the dialler does beside its calls, over real files and real processes that are killed."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from app.clock import WallClock
from app.dialler import chores
from app.dialler.chores import Chores
from app.profile import open_profile
from dialer_core.clock import Instant, ManualClock
from dialer_core.store.daily import SMALL, DailyStore, DayPurge
from dialer_core.store.files import FileKind
from dialer_core.store.opening import open_database
from dialer_core.store.privacy import PrivacyStore
from tests.lists.made_lists import write_csv

PEOPLE = [["Name", "Phone"], ["Anna", "01614960001"], ["Ben", "0161 496 0002"]]
HALF = "select count(*) from contacts where status_reason = 'IMPORTING'"
MOMENTS = {
    "begun": "select count(*) from list_imports where state = 'running'",
    "first rows": f"{HALF} having count(*) > 0",
    "half": f"{HALF} having count(*) > 5000",
    "nearly whole": f"{HALF} having count(*) > 11000",
    "being freed": "select count(*) from list_imports where state = 'freeing'",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A profile with one small list in it."""
    profile = tmp_path / "home"
    file = write_csv(tmp_path / "a.csv", PEOPLE)
    into = ["--list", "April", "--campaign", "Spring", "--region", "GB", "--profile", str(profile)]
    assert run(["import", str(file), *into]) == 0
    return profile


def path_of(home: Path) -> Path:
    return open_profile(home).database_path


def ask(home: Path, question: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path_of(home))
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def state(home: Path) -> list[list[tuple[Any, ...]]]:
    tables = ("contacts", "contact_numbers", "contact_lists", "list_imports", "campaigns")
    return [ask(home, f"select * from {table} order by id") for table in tables]


def kill_at(home: Path, moment: str, file: Path) -> bool:
    """Starts an import and kills it (SIGKILL) at that moment; whether it was still running."""
    into = ["--list", "Big", "--campaign", "Summer", "--region", "GB", "--profile", str(home)]
    child = subprocess.Popen(
        [sys.executable, "-m", "app", "import", str(file), *into, "--duplicates", "keep"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    until_s = time.monotonic() + 60
    connection = sqlite3.connect(path_of(home), timeout=10)
    try:
        while child.poll() is None and time.monotonic() < until_s:
            row = connection.execute(MOMENTS[moment]).fetchone()
            if row is not None and row[0]:
                break
            time.sleep(0.002)
        was_running = child.poll() is None
        child.kill()
        child.wait()
    finally:
        connection.close()
    return was_running


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [["Name", "Phone"]]
    rows += [[f"Person {n}", f"020 7946 {n % 1000:04d}"] for n in range(12_000)]
    return write_csv(tmp_path_factory.mktemp("long") / "long.csv", rows)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_list_that_was_killed_at_any_moment_is_out_or_whole_and_never_half(
    home: Path, long_file: Path, moment: str
) -> None:
    before = state(home)
    assert kill_at(home, moment, long_file), "it has ended before it could be killed"
    diallable = (
        "select count(*) from contacts c join campaigns g on g.id = c.campaign_id "
        "where g.name = 'Summer' and not (c.status = 'held' and c.status_reason = 'IMPORTING')"
    )
    (import_state,) = ask(home, "select state from list_imports order by id desc limit 1")[0]
    if import_state != "freeing":
        assert ask(home, diallable) == [(0,)], "nobody is diallable while it is half in"
    assert Chores(path_of(home), WallClock()).clear() == 1
    assert ask(home, "pragma integrity_check") == [("ok",)]
    assert ask(home, "pragma foreign_key_check") == []
    if import_state == "freeing":
        assert ask(home, diallable) == [(12_000,)], "every row was in: it is finished, not lost"
    else:
        assert state(home) == before
    assert Chores(path_of(home), WallClock()).clear() == 0


class DayClock:
    """A clock that is moved by hand, for the chores' thread as well."""

    def __init__(self) -> None:
        self._manual = ManualClock()

    def now(self) -> Instant:
        return self._manual.now()

    def advance(self, **span: float) -> None:
        self._manual.advance(timedelta(**span).total_seconds())


@pytest.fixture
def clock() -> DayClock:
    return DayClock()


def note(home: Path, clock: DayClock, *names: str) -> list[Path]:
    """Files with people's data that were written now."""
    paths = [home / name for name in names]
    store = PrivacyStore(path_of(home))
    for path in paths:
        path.write_text("Name,Phone\r\nAnna,01614960001\r\n")
        store.note_file(FileKind.REJECTS, path, clock.now())
    store.close()
    return paths


def last(home: Path) -> DayPurge | None:
    store = DailyStore(path_of(home))
    try:
        return store.last()
    finally:
        store.close()


def purges(home: Path) -> list[tuple[Any, ...]]:
    return ask(home, "select who, detail from audit_log where what = 'purged' order by id")


def test_once_a_day_and_a_day_that_was_missed_is_made_up_for(home: Path, clock: DayClock) -> None:
    (old,) = note(home, clock, "old.csv")
    own = Chores(path_of(home), clock)
    assert own.purge()
    assert last(home) == DayPurge(clock.now().utc, {})
    assert not own.purge(), "it was done today"
    assert old.exists()
    clock.advance(days=40)  # nobody dialled for forty days
    (fresh,) = note(home, clock, "fresh.csv")
    assert Chores(path_of(home), clock).purge()
    assert (old.exists(), fresh.exists()) == (False, True)
    assert last(home) == DayPurge(clock.now().utc, {"files": 1})
    assert purges(home) == [("the day's purge", '{"files":1}')] or purges(home) == [
        ("the day's purge", '{"files": 1}')
    ]


def test_a_purge_that_is_broken_off_counts_for_nothing_and_goes_on_at_the_next_start(
    home: Path, clock: DayClock
) -> None:
    files = note(home, clock, *(f"{n}.csv" for n in range(100)))
    clock.advance(days=31)
    asked: list[int] = []

    def goes_on() -> bool:
        asked.append(1)
        return len(asked) < 2  # two chunks of files

    store = DailyStore(path_of(home))
    assert store.purge(clock.now(), goes_on) is None
    assert store.is_due(clock.now())
    store.close()
    left = sum(path.exists() for path in files)
    assert left == 100 - 2 * SMALL
    assert Chores(path_of(home), clock).purge()
    assert not any(path.exists() for path in files)


def test_it_runs_at_the_start_and_ends_when_the_dialler_does(
    home: Path, clock: DayClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chores, "LOOK_S", 0.01)
    note(home, clock, "old.csv")

    async def days_pass() -> list[DayPurge]:
        task = asyncio.create_task(Chores(path_of(home), clock).run())
        seen = []
        for days in (0, 1, 40):
            clock.advance(days=days)
            today = clock.now().utc
            while True:
                done = last(home)
                if done is not None and done.at == today:
                    break
                assert not task.done()
                await asyncio.sleep(0.01)
            seen.append(done)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return seen

    found = asyncio.run(asyncio.wait_for(days_pass(), 30))
    assert [one.taken for one in found] == [{}, {}, {"files": 1}]


def test_trouble_with_a_chore_never_ends_the_dialler(
    home: Path, clock: DayClock, caplog: pytest.LogCaptureFixture
) -> None:
    path = path_of(home)
    own = Chores(path, clock)
    blocker = open_database(path)
    with blocker.reading():
        blocked = Chores(path.with_name("nowhere.sqlite3"), clock)
        blocked._try(blocked.purge)
    blocker.close()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "has to wait" in caplog.text
    caplog.clear()
    own._try(own.purge)
    assert last(home) is not None
