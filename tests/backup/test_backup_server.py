"""A shared floor: dumped while it works, put back as a whole cluster, and its seats find it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.backup.sealing import GivenUp
from app.errors import KnownError
from app.floor_place import floor_place
from app.sharing.floor_share import FloorShare
from app.sharing.joining import FloorJoin
from app.sharing.places import server_place
from dialer_core.store.dumping import facts_of_server
from dialer_core.store.report import read_report
from tests.backup.kit import Home, go_on, open_home
from tests.ports import free_port
from tests.sharing.kit import ClockByHand

pytestmark = pytest.mark.postgres
NOBODY = 2**22  # a process with that number there never is


@pytest.fixture
def shared(home: Home, server_dir: Path) -> Iterator[Home]:
    """The recorded floor, moved to a server of its own."""
    share = share_of(home)
    assert share.start("Office", go_on, free_port(), keep=False) is not None
    yield home
    share.stop()


@pytest.fixture
def elsewhere(tmp_path: Path, server_dir: Path) -> Iterator[Home]:
    """A new PC."""
    made = open_home(tmp_path / "new")
    yield made
    share_of(made).stop()


def share_of(home: Home) -> FloorShare:
    return FloorShare(home.profile, lambda: home.secrets, ClockByHand(), lambda: ("127.0.0.1",))


def rows_of(home: Home) -> dict[str, int]:
    place = floor_place(home.profile, lambda: home.secrets)
    assert not isinstance(place, Path)
    return facts_of_server(place).rows


def test_a_shared_floor_is_put_back_on_a_new_pc_and_tells_the_same_report(
    shared: Home, elsewhere: Home, morning: Path, tmp_path: Path
) -> None:
    made = shared.back_up(tmp_path / "one.callfloor")
    assert made.head.kind == "postgres"
    assert made.head.floor == "Office"
    assert b"+4416" not in made.path.read_bytes()
    share_of(shared).stop()
    done = elsewhere.restore(made.path)
    assert done.is_whole
    status = share_of(elsewhere).status()
    assert status.is_running
    assert status.name == "Office"
    assert status.port == done.port
    ours = floor_place(elsewhere.profile, lambda: elsewhere.secrets)
    assert read_report(ours) == read_report(morning)
    folder = server_place(elsewhere.profile).data.parent
    assert [path.name for path in folder.iterdir()] == ["postgres"]


def test_seats_find_a_cloned_floor_by_themselves(
    shared: Home, elsewhere: Home, tmp_path: Path
) -> None:
    seat = open_home(tmp_path / "seat")
    join(shared, seat)
    made = shared.back_up(tmp_path / "one.callfloor")
    share_of(shared).stop()  # the old PC is gone; the new one has its address
    assert elsewhere.restore(made.path).seats == 1
    way = floor_place(seat.profile, lambda: seat.secrets)
    assert not isinstance(way, Path)
    assert way.user == "seat_4"
    from dialer_core.store.postgres import connect  # noqa: PLC0415  the seat's way in

    with connect(way) as connection:
        row = connection.execute(
            "SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).fetchone()
    assert row == ("seat_4", True)
    join(elsewhere, open_home(tmp_path / "second"), "front-2")  # its own authority signs again


def join(floor: Home, seat: Home, name: str = "front-1") -> None:
    """The seat joins; the test answers as the keeper does."""
    import threading  # noqa: PLC0415

    from app.certificates import Authority  # noqa: PLC0415
    from dialer_core.store import joining  # noqa: PLC0415

    share = share_of(floor)
    authority: Authority = share.authority(floor.secrets)
    link = share.owner_link(floor.secrets)
    code = share.new_code()
    stop = threading.Event()

    def answer() -> None:
        now = ClockByHand()
        while not stop.wait(0.05):
            with link.writing() as connection:
                joining.answer_requests(
                    connection,
                    lambda request, role, hosts: authority.sign(request, role, hosts, now()),
                    authority.pem,
                    now(),
                )

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        FloorJoin(seat.profile, seat.secrets, ClockByHand(), lambda: ("127.0.0.1",)).join(
            code.text, name, lambda _step: None
        )
    finally:
        stop.set()
        thread.join()


def test_the_present_shared_floor_stands_aside(shared: Home, tmp_path: Path) -> None:
    made = shared.back_up(tmp_path / "one.callfloor")
    before = rows_of(shared)
    place = floor_place(shared.profile, lambda: shared.secrets)
    from dialer_core.store.setup import SetupStore  # noqa: PLC0415

    with closing(SetupStore(place)) as store:
        store.add_agent("Later", shared.now)
    assert rows_of(shared)["agents"] == before["agents"] + 1
    port = share_of(shared).status().port
    left = server_place(shared.profile).data.with_name(f"postgres.restored-{NOBODY}")
    left.mkdir()
    done = shared.restore(made.path)
    assert not left.exists(), "of a restore that was killed"
    assert share_of(shared).status().port == port
    after = rows_of(shared)
    assert after.pop("audit_log") >= before.pop("audit_log")
    assert after == before
    cluster = next(path for path in done.aside if path.name.startswith("postgres."))
    assert (cluster / "PG_VERSION").exists()


@pytest.mark.parametrize("share", [0.3, 0.96])
def test_a_cancelled_restore_leaves_the_shared_floor_running(
    share: float, shared: Home, tmp_path: Path
) -> None:
    made = shared.back_up(tmp_path / "one.callfloor")
    before = rows_of(shared)
    with pytest.raises(GivenUp):
        shared.restore(made.path, lambda _step, done: done < share)
    assert rows_of(shared) == before
    folder = server_place(shared.profile).data.parent
    assert [path.name for path in folder.iterdir()] == ["postgres"]


def test_a_dump_that_does_not_load_changes_nothing(
    shared: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shared.back_up(tmp_path / "one.callfloor")
    before = rows_of(shared)
    from app.restore.server_floor import ServerFloor  # noqa: PLC0415

    write = ServerFloor.write
    monkeypatch.setattr(
        ServerFloor, "write", lambda self, data: write(self, data[: len(data) // 2])
    )
    with pytest.raises(KnownError, match="could not be written"):
        shared.restore(made.path)
    assert rows_of(shared) == before


def test_a_floor_that_does_not_start_gives_way_to_the_old_one(
    shared: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shared.back_up(tmp_path / "one.callfloor")
    before = rows_of(shared)
    port = share_of(shared).status().port

    def refuse(*_: object, **__: object) -> None:
        raise KnownError("Another program uses the port.")

    with monkeypatch.context() as patch:
        patch.setattr(FloorShare, "start", refuse)
        with pytest.raises(KnownError, match="Another program"):
            shared.restore(made.path)
    assert share_of(shared).start("Office", go_on, port, keep=False) is not None
    assert rows_of(shared) == before


def test_a_floor_of_one_pc_comes_back_over_a_shared_one(
    home: Home, server_dir: Path, tmp_path: Path
) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    wanted = read_report(home.profile.database_path)
    share = share_of(home)
    assert share.start("Office", go_on, free_port(), keep=False) is not None
    try:
        done = home.restore(made.path)
    finally:
        share.stop()
    place = floor_place(home.profile, lambda: home.secrets)
    assert place == home.profile.database_path
    assert read_report(place) == wanted
    assert any(path.name.startswith("postgres.before") for path in done.aside)
    assert not share_of(home).status().is_shared


def test_a_damaged_cluster_is_replaced(shared: Home, tmp_path: Path) -> None:
    made = shared.back_up(tmp_path / "one.callfloor")
    before = rows_of(shared)
    share_of(shared).stop()
    data = server_place(shared.profile).data
    shutil.rmtree(data / "base")
    shared.restore(made.path)
    after = rows_of(shared)
    assert {**after, "audit_log": 0} == {**before, "audit_log": 0}


def test_the_moved_file_is_still_a_database(shared: Home) -> None:
    (moved,) = shared.profile.database_path.parent.glob("*.moved-*")
    with closing(sqlite3.connect(moved)) as connection:
        assert connection.execute("SELECT count(*) FROM attempts").fetchone()[0] > 20
