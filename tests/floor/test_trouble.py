"""What the world does to a floor: one clear sentence, the right exit status, no traceback."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sip import launch, messages
from sip.client import EngineClient
from tests.floor.conftest import Start

pytestmark = [pytest.mark.floor, pytest.mark.timeout(200)]


def callfloor(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """One command line, as a user would type it."""
    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
        check=False,
    )


def assert_sentence(done: subprocess.CompletedProcess[str], status: int, word: str) -> None:
    assert done.returncode == status, done.stderr
    assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (("demo", "--nope"), "--nope"),
        (("demo", "--mode", "silly"), "silly"),
        (("demo", "--agents", "0", "--offscreen", "--seconds", "5"), "--agents"),
        (("demo", "--agents", "21", "--offscreen", "--seconds", "5"), "--agents"),
        (("demo", "--offscreen"), "--seconds"),
        (("demo", "--offscreen", "--seconds", "-1"), "--seconds"),
        (("demo", "--offscreen", "--seconds", "5", "--speed", "nan"), "--speed"),
        (("demo", "--offscreen", "--seconds", "5", "--speed", "0"), "--speed"),
        (("demo", "--offscreen", "--seconds", "5", "--rules", "GB", "--speed", "6"), "GB"),
        (("demo", "--offscreen", "--seconds", "5", "--trunk", "sip:a@127.0.0.1"), "{number}"),
        (("bogus",), "bogus"),
        (("agent", "--seat", "a/b"), "--seat"),
    ],
)
def test_a_wrong_option_is_named(words: tuple[str, ...], word: str) -> None:
    assert_sentence(callfloor(*words), 2, word)


def test_an_unknown_rule_profile_is_named() -> None:
    done = callfloor("demo", "--offscreen", "--seconds", "5", "--rules", "XX")
    assert_sentence(done, 1, "XX")


def test_no_display_is_said_before_anything_is_started() -> None:
    done = callfloor("demo", "--seconds", "5", QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="")
    assert_sentence(done, 1, "--offscreen")
    assert "Starting" not in done.stderr


def test_no_trunk_is_set_up(tmp_path: Path) -> None:
    assert_sentence(callfloor("dialler", "--profile", tmp_path), 1, "trunk.toml")


def _floor_with_trunk(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    data.mkdir(parents=True)
    (tmp_path / "trunk.toml").write_text(
        'lines = 1\n[[gateways]]\nname = "a"\nuri = "sip:{number}@127.0.0.1:5999"\n'
    )
    return data / "callfloor.sqlite3"


def test_a_damaged_database_is_named_and_left_alone(tmp_path: Path) -> None:
    database = _floor_with_trunk(tmp_path)
    database.write_bytes(b"this was a spreadsheet once" * 100)
    before = database.read_bytes()
    assert_sentence(callfloor("dialler", "--profile", tmp_path), 1, str(database))
    assert database.read_bytes() == before


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    database = _floor_with_trunk(tmp_path)
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.commit()
    connection.close()
    assert_sentence(callfloor("dialler", "--profile", tmp_path), 1, "newer")


def test_a_floor_of_somebody_is_not_used_for_the_demo(tmp_path: Path) -> None:
    database = _floor_with_trunk(tmp_path)
    database.write_bytes(b"")
    done = callfloor("demo", "--offscreen", "--seconds", "5", "--profile", tmp_path)
    assert_sentence(done, 1, "--profile")


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[list[EngineClient]]:
    """Gateways of the practice carrier that were started by a test."""
    clients: list[EngineClient] = []
    yield clients
    for client in clients:
        client.send(messages.Shutdown())
        client.close()


def start_gateway(
    tmp_path: Path, clients: list[EngineClient], *words: str
) -> tuple[str, launch.Launched]:
    """A trunk that is in trouble on purpose; its address."""
    address = f"unix:{tmp_path / 'g.sock'}"
    launched = launch.start(
        "sip.rehearsal",
        ["--id", "trouble", "--socket", address, "--log", str(tmp_path / "g.jsonl"), *words],
        tmp_path / "g.log",
    )
    launch.wait_until_ready(launched, address)
    said: list[str] = []
    clients.append(
        EngineClient(
            address,
            lambda m: said.append(m.address) if isinstance(m, messages.CarrierStatus) else None,
        )
    )
    for _ in range(100):
        if said:
            break
        launched.wait(0.05)
    return said[0], launched


@pytest.mark.parametrize("status", ["401", "403", "503"])
def test_a_trunk_that_refuses_is_named(
    start_demo: Start, tmp_path: Path, gateway: list[EngineClient], status: str
) -> None:
    address, launched = start_gateway(tmp_path, gateway, "--refuse", status)
    demo = start_demo(
        "--agents", 2, "--seconds", 18, "--speed", 6, "--trunk", f"sip:{{number}}@{address}"
    )
    said = demo.end()
    assert demo.process.returncode == 1
    assert re.search(rf"the trunk .*\({status}\)", said), said
    assert "Traceback" not in said
    report = demo.report()
    assert report["open_attempts"] == 0
    assert report["connected"] == 0
    gateway[0].send(messages.Shutdown())
    assert launched.wait(5)


def test_a_trunk_that_does_not_answer_is_named(start_demo: Start) -> None:
    # A socket that takes the INVITEs and says nothing: a firewall, or a wrong address.
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    try:
        port = silent.getsockname()[1]
        demo = start_demo(
            "--agents", 3, "--seconds", 45, "--speed", 6,
            "--trunk", f"sip:{{number}}@127.0.0.1:{port}",
        )  # fmt: skip
        said = demo.end()
    finally:
        silent.close()
    assert demo.process.returncode == 1
    assert "does not answer" in said
    assert demo.report()["open_attempts"] == 0
