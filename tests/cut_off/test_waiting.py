"""Windows in trouble: no floor yet, one that was brought up to date, one without room."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from app.clock import WallClock
from app.desk.patience import patiently
from app.desk.supervisor import SupervisorDesk
from app.desk.views import SupervisorView
from app.errors import KnownError
from app.phone_link import PhoneLink
from dialer_core.model.errors import DiskFull, StoreTrouble
from dialer_core.model.ids import ContactId, SessionId
from dialer_core.model.states import CallStage, Mode, SeatState
from dialer_core.rules.profiles import profile
from dialer_core.store.database import HEAD, Database
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.outdated import UPDATE
from dialer_core.store.seat import SeatStore
from dialer_core.store.setup import SetupStore
from dialer_core.store.watch import WatchStore
from tests.cut_off.conftest import Seat, SilentPhone
from tests.store.floor_kit import FloorKit

pytestmark = [pytest.mark.qt, pytest.mark.timeout(60)]


@pytest.fixture
def open_window(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[..., Seat]]:
    made: list[Seat] = []

    def make(path: Path, journal: Path | None = None) -> Seat:
        made.append(Seat(lambda: patiently(lambda: SeatStore(path)), qtbot, journal))
        return made[-1]

    yield make
    for one in made:
        one.close()
        assert not one.crashes
    warned = {one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING}
    known = {"the floor cannot be reached"}
    assert {one for one in warned if "could not be kept" not in one} <= known


def floor_at(path: Path) -> FloorKit:
    migrate(path)
    kit = FloorKit(open_database(path), WallClock())  # type: ignore[arg-type]  # asks for now only
    kit.add_campaign(Mode.PREVIEW, profile("REHEARSAL"), people=3)
    kit.take_lease()
    return kit


def gone(kit: FloorKit) -> None:
    kit.close()
    kit.database.close()


def test_whatever_keeps_a_window_from_its_floor_is_waited_for() -> None:
    def locked() -> SeatStore:
        raise KnownError("The keyring is locked: unlock it and try again.")

    with pytest.raises(StoreTrouble, match="keyring is locked"):
        patiently(locked)
    with pytest.raises(ZeroDivisionError):
        patiently(lambda: 1 // 0)
    assert patiently(lambda: 7) == 7


def test_a_window_that_opens_first_says_so_and_comes_in_by_itself(
    tmp_path: Path, open_window: Callable[..., Seat]
) -> None:
    path = tmp_path / "floor.sqlite3"
    window = open_window(path)
    window.wait(lambda: "There is no database" in window.logins[-1].error)
    assert not window.logins[-1].is_busy, "nothing keeps the person from closing it"
    migrate(path)
    with closing(SetupStore(path)) as setup:
        setup.add_agent("Anna", WallClock().now())
    window.wait(lambda: window.logins[-1].agents == ("Anna",))
    window.wait(lambda: window.logins[-1].error == "")


def test_a_newer_database_is_waited_for_as_well(
    tmp_path: Path, open_window: Callable[..., Seat]
) -> None:
    path = tmp_path / "floor.sqlite3"
    migrate(path)
    set_version(path, "9999")
    window = open_window(path)
    window.wait(lambda: "was made by a newer Callfloor; update" in window.logins[-1].error)


def set_version(path: Path, version: str) -> None:
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as plain:
        plain.execute("UPDATE alembic_version SET version_num = ?", [version])


def test_an_open_window_says_update_and_its_session_goes_on(
    tmp_path: Path, open_window: Callable[..., Seat]
) -> None:
    path = tmp_path / "floor.sqlite3"
    kit = floor_at(path)
    window = open_window(path)
    window.log_in()
    assert not window.says(UPDATE)
    set_version(path, "9999")
    window.wait(lambda: window.says(UPDATE))
    window.desk.want_available()
    window.wait(lambda: window.views[-1].campaign_name)
    with pytest.raises(Exception, match="brought up to date by a newer Callfloor"):
        kit.log_in("Ben of preview", seat="seat02")
    set_version(path, HEAD)
    window.wait(lambda: not window.says(UPDATE))
    gone(kit)


def test_the_supervisors_open_window_says_update(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "floor.sqlite3"
    kit = floor_at(path)
    phone = SilentPhone()
    seen: list[SupervisorView] = []
    desk = SupervisorDesk(
        lambda: WatchStore(path), lambda _deliver: cast(PhoneLink, phone), WallClock(), None
    )
    desk.view_changed.connect(seen.append)
    desk.start()
    qtbot.waitUntil(lambda: bool(seen), timeout=15_000)
    set_version(path, "9999")
    qtbot.waitUntil(lambda: UPDATE in seen[-1].notices, timeout=15_000)
    desk.stop()
    gone(kit)


# --- no room ------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("a small disk is root's to make")
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if subprocess.run(words, capture_output=True).returncode != 0:
        pytest.skip("this system lets nobody mount a disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Not a byte is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast


def use_up_the_log(database: Database) -> None:
    """The write-ahead log has pages of its own that could be used again: none is left."""
    with database.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def test_a_full_disk_is_said_in_one_sentence_and_loses_nothing(
    small_disk: Path, open_window: Callable[..., Seat]
) -> None:
    path = small_disk / "floor.sqlite3"
    kit = floor_at(path)
    window = open_window(path, small_disk / "kept" / "seat01.json")
    window.log_in()
    with kit.database.reading() as connection:
        number = connection.exec_driver_sql("SELECT max(id) FROM sessions").scalar()
        session = SessionId(int(number or 0))
    attempt = kit.dial(session)
    kit.move(attempt, CallStage.TALKING, session)
    kit.set_seat(session, SeatState.TALKING, attempt, ContactId(1))
    window.wait(lambda: window.views[-1].state is SeatState.TALKING)
    ballast = fill(small_disk)
    window.desk.choose_outcome(attempt, "SALE", "wants a letter " + "x" * 20_000)
    window.wait(lambda: window.says("The disk is full, so nothing could be written to"))
    assert window.says("could not be kept on this PC: make room on its disk")
    with kit.database.reading() as connection:
        told = "SELECT disposition_code FROM attempts WHERE disposition_code IS NOT NULL"
        assert connection.exec_driver_sql(told).all() == []
        assert connection.exec_driver_sql("PRAGMA quick_check").scalar() == "ok"
    ballast.unlink()
    window.wait(lambda: outcome_of(kit, attempt) == "SALE")
    gone(kit)


def outcome_of(kit: FloorKit, attempt: str) -> object:
    with kit.database.reading() as connection:
        query = f"SELECT disposition_code FROM attempts WHERE id = '{attempt}'"
        return connection.exec_driver_sql(query).scalar()


def test_the_dialler_dials_nobody_whom_it_cannot_write_down(small_disk: Path) -> None:
    kit = floor_at(small_disk / "floor.sqlite3")
    session = kit.log_in()
    (record,) = kit.lease()
    use_up_the_log(kit.database)
    ballast = fill(small_disk)
    with pytest.raises(DiskFull, match="The disk is full"):
        kit.commit(record, session)
    ballast.unlink()
    with kit.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA quick_check").scalar() == "ok"
    gone(kit)


def test_an_agent_who_is_added_later_appears_on_the_page(
    tmp_path: Path, open_window: Callable[..., Seat]
) -> None:
    path = tmp_path / "floor.sqlite3"
    migrate(path)
    window = open_window(path)
    window.wait(lambda: window.logins and not window.logins[-1].is_busy)
    assert window.logins[-1].agents == ()
    with closing(SetupStore(path)) as setup:
        setup.add_agent("Anna", WallClock().now())
    window.wait(lambda: window.logins[-1].agents == ("Anna",))
    assert not window.logins[-1].is_busy, "its phone is there already"
