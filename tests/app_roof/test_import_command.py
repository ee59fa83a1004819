"""`callfloor import`, `lists` and `dnc` as an office uses them, and as the world breaks them."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from dialer_core.model.ids import CampaignId
from dialer_core.store.setup import SetupStore
from tests.lists.made_lists import write_csv
from tests.lists.messy_lists import make_all

PEOPLE = [["Name", "Phone"], ["Anna", "01614960001"], ["Ben", "0161 496 0002"], ["Cleo", "n/a"]]


def words(file: Path, profile: Path, *more: str) -> list[str]:
    into = ["--list", "April", "--campaign", "Spring", "--region", "GB"]
    return ["import", str(file), *into, "--json", "--profile", str(profile), *more]


@pytest.fixture
def imported(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Runs a command that must succeed; what it said as JSON."""

    def command(*line: str) -> dict[str, Any]:
        capsys.readouterr()
        assert run(line) == 0, capsys.readouterr().err
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    return command


def database(profile: Path) -> Path:
    return profile / "data" / "callfloor.sqlite3"


def ask(profile: Path, question: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(database(profile))
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def dump(profile: Path) -> list[str]:
    """The whole content of the database, but for the log, which only grows."""
    connection = sqlite3.connect(database(profile))
    try:
        return [line for line in connection.iterdump() if "audit_log" not in line]
    finally:
        connection.close()


def test_every_list_of_every_office(
    tmp_path: Path, imported: Callable[..., dict[str, Any]]
) -> None:
    made = make_all(tmp_path)
    for at, messy in enumerate(made):
        profile = tmp_path / f"home{at}"
        dnc = tmp_path / "dnc.csv"
        dnc.write_text("\n".join(messy.dnc) + "\n")
        home = ["--json", "--profile", str(profile)]
        assert imported("dnc", "import", str(dnc), *home)["new"] == len(messy.dnc)
        line = ["import", str(messy.path), "--list", "L", "--campaign", "C"]
        found = imported(*line, "--region", messy.region, *home)
        assert {name: found[name] for name in messy.truth} == messy.truth, messy.path.name
        assert found["encoding"] == messy.encoding
        again = imported(*line, "--region", messy.region, *home, "--dry-run")
        assert again["known_elsewhere"] == messy.truth["distinct_valid"]
        assert again["taken"] == 0
        held = ask(profile, "select count(*) from contacts where status_reason = 'SUPPRESSED'")
        assert held == [(messy.truth["contacts_on_dnc"],)]


def test_a_dry_run_makes_nothing(tmp_path: Path, imported: Callable[..., dict[str, Any]]) -> None:
    file, home = write_csv(tmp_path / "a.csv", PEOPLE), tmp_path / "home"
    found = imported(*words(file, home, "--dry-run"))
    assert (found["taken"], found["invalid_rows"], found["rejected_file"]) == (2, 1, None)
    assert not database(home).exists()
    assert [path.name for path in tmp_path.iterdir()] == ["home", "a.csv"] or not list(
        tmp_path.glob("*rejected*")
    )
    imported(*words(file, home))
    before = hashlib.sha256(database(home).read_bytes()).hexdigest()
    line = [*words(file, home, "--dry-run")]
    line[line.index("Spring")] = "A new one"
    assert imported(*line)["known_elsewhere"] == 2
    assert hashlib.sha256(database(home).read_bytes()).hexdigest() == before


def test_rejected_rows_go_to_a_file_that_overwrites_nothing(
    tmp_path: Path,
    imported: Callable[..., dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, home = write_csv(tmp_path / "a.csv", PEOPLE, separator=";"), tmp_path / "home"
    list_before = file.read_bytes()
    first = imported(*words(file, home))["rejected_file"]
    second = imported(*words(file, home))["rejected_file"]
    assert [Path(path).name for path in (first, second)] == ["a-rejected.csv", "a-rejected-2.csv"]
    text = Path(first).read_text(encoding="utf-8-sig")
    assert text.splitlines() == [
        "Name;Phone;Why not taken",
        "Cleo;n/a;row 4, column Phone: not a telephone number",
    ]
    assert Path(first).stat().st_mode & 0o077 == 0
    assert run(words(file, home, "--rejects", str(file))) == 2
    assert "the list itself" in capsys.readouterr().err
    assert run(words(file, home, "--rejects", str(tmp_path / "no" / "r.csv"))) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert file.read_bytes() == list_before
    assert not list(tmp_path.glob(".*.part"))


BROKEN = {
    "empty": (b"", "empty"),
    "header_only": (b"Name,Phone\r\n", "Row 2, column 1"),
    "no_phone": (b"Name,Town\r\nAnna,Leeds\r\n", "Row 1, columns 1 to 2"),
    "nul": (b"Name,Phone\r\nAn\x00na,01614960001\r\n", "Row 2, column 1"),
    "quote": (b'Name,Phone\r\n"Anna,01614960001\r\nBen,01614960002\r\n', "Row 2, column 1"),
    "binary": (bytes(range(256)) * 16, "Row 1, column 1"),
    "late": (
        b"Name,Phone\r\n" + b"Anna,01614960001\r\n" * 2000 + b'Ben,"01614960002\r\n',
        "Row 2002, column 2",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_list_says_where_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    content, sentence = BROKEN[name]
    home, file = tmp_path / "home", tmp_path / "broken.csv"
    assert run(words(write_csv(tmp_path / "a.csv", PEOPLE), home)) == 0
    file.write_bytes(content)
    before = dump(home)
    capsys.readouterr()
    line = words(file, home)
    line[line.index("Spring")] = "Another"
    assert run(line) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err.splitlines()[-1]
    assert len([told for told in err.splitlines() if not told.startswith("Importing: ")]) == 1
    left = dump(home)
    if name == "late":  # others had come in: their number is not given out again
        told = ("last_import_given_up", '"campaign_id": 2')
        left = [line for line in left if not any(one in line for one in told)]
    assert left == before
    assert not list(tmp_path.glob("broken-rejected*"))
    assert not list(tmp_path.glob(".*.part"))
    assert ask(home, "select name from campaigns") == [("Spring",)]


def test_undo_by_its_number(
    tmp_path: Path,
    imported: Callable[..., dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = tmp_path / "home"
    found = imported(*words(write_csv(tmp_path / "a.csv", PEOPLE), home))
    assert ask(home, "select count(*) from contacts") == [(2,)]
    at = ["--profile", str(home)]
    assert run(["lists", *at]) == 0
    assert "April" in capsys.readouterr().out
    gone = imported("lists", "undo", str(found["import_id"]), "--json", *at)
    assert gone == {"removed": 2, "kept": 0, "restored": 0}
    assert ask(home, "select count(*) from contacts") == [(0,)]
    assert run(["lists", "undo", "77", *at]) == 1
    assert "no import 77" in capsys.readouterr().err


def test_numbers_are_never_called_again(
    tmp_path: Path,
    imported: Callable[..., dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    at = ["--json", "--profile", str(tmp_path / "home")]
    assert imported("dnc", "add", "0161 496 0001", *at)["new"] == 1
    assert imported("dnc", "add", "+441614960001", *at)["new"] == 0
    assert imported("dnc", "check", "01614960001", *at)["is_on_dnc"]
    assert not imported("dnc", "check", "01614960002", *at)["is_on_dnc"]
    found = imported(*words(write_csv(tmp_path / "a.csv", PEOPLE), tmp_path / "home"))
    assert found["contacts_on_dnc"] == 1
    assert run(["dnc", "add", "n/a", *at]) == 2
    assert "is not a number" in capsys.readouterr().err


# --- real processes -----------------------------------------------------------------------------


def long_list(folder: Path, rows: int = 30_000) -> Path:
    lines = [
        f"Person {n},+4420794{60_000 + n % 1000:05d},+39347{5_000_000 + n}" for n in range(rows)
    ]
    file = folder / "long.csv"
    file.write_text("Name,Phone,Mobile\n" + "\n".join(lines) + "\n")
    return file


def begin(line: Sequence[str], **how: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "app", *line],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        **how,
    )


def until_half_in(profile: Path, child: subprocess.Popen[bytes]) -> int:
    """Waits until some people of the running import are in; how many are."""
    while child.poll() is None:
        found = ask(profile, "select count(*) from contacts where status_reason = 'IMPORTING'")
        if found[0][0] > 1000:
            return int(found[0][0])
        time.sleep(0.02)
    raise AssertionError(f"the import has ended too early: {child.communicate()[1]!r}")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A profile with one small list in it."""
    profile = tmp_path / "home"
    assert run(words(write_csv(tmp_path / "a.csv", PEOPLE), profile)) == 0
    return profile


def state(profile: Path) -> list[list[tuple[Any, ...]]]:
    tables = ("contacts", "contact_numbers", "contact_lists", "list_imports", "campaigns")
    return [ask(profile, f"select * from {table} order by id") for table in tables]


def keep_all(file: Path, profile: Path) -> list[str]:
    line = words(file, profile, "--duplicates", "keep")
    line[line.index("Spring")] = "Summer"
    return line


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_import_leaves_all_as_it_was(
    tmp_path: Path, home: Path, number: signal.Signals
) -> None:
    before = state(home)
    child = begin(keep_all(long_list(tmp_path), home))
    until_half_in(home, child)
    child.send_signal(number)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (130, b"")
    assert err.splitlines()[-1] == b"Cancelled; nothing was taken in."
    assert state(home) == before
    assert not list(tmp_path.glob(".*.part"))


def test_a_killed_import_dials_nobody_and_the_next_start_clears_it(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state(home)
    child = begin(keep_all(long_list(tmp_path), home))
    half = until_half_in(home, child)
    child.kill()
    child.communicate()
    assert ask(home, "pragma integrity_check") == [("ok",)]
    assert ask(home, "pragma foreign_key_check") == []
    left = ask(home, "select distinct status, status_reason from contacts where campaign_id = 2")
    assert left == [("held", "IMPORTING")]
    assert half > 1000
    assert run(["lists", "--json", "--profile", str(home)]) == 0
    capsys.readouterr()
    assert state(home) == before


def test_a_full_disk_is_one_sentence(tmp_path: Path, home: Path) -> None:
    before = state(home)
    most = os.path.getsize(database(home)) + 3_000_000

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    child = begin(keep_all(long_list(tmp_path), home), preexec_fn=limit)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (1, b"")
    told = [line for line in err.decode().splitlines() if not line.startswith("Importing: ")]
    assert len(told) == 1
    assert "disk" in told[0]
    held = ask(home, "select distinct status_reason from contacts where campaign_id = 2")
    assert held in ([("IMPORTING",)], [])
    assert run(["lists", "--json", "--profile", str(home)]) == 0
    assert state(home) == before


def test_a_campaign_that_another_import_has_just_made_is_used(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = keep_all(long_list(tmp_path, 3), home)
    assert run(line) == 0
    asked: list[str] = []
    named = SetupStore.campaign_named

    def not_yet(store: SetupStore, name: str) -> CampaignId | None:
        asked.append(name)
        return None if len(asked) == 1 else named(store, name)

    monkeypatch.setattr(SetupStore, "campaign_named", not_yet)
    assert run(line) == 0
    assert ask(home, "select count(*) from campaigns where name = 'Summer'") == [(1,)]
    assert ask(home, "select count(*) from contacts where campaign_id = 2") == [(6,)]


def test_two_imports_at_once(tmp_path: Path, home: Path) -> None:
    file = long_list(tmp_path, 4000)
    line = keep_all(file, home)
    children = [begin([*line, "--rejects", str(tmp_path / f"r{n}.csv")]) for n in range(2)]
    said = [child.communicate(timeout=100) for child in children]
    assert [child.returncode for child in children] == [0, 0], said
    found = [json.loads(out) for out, _ in said]
    assert [one["taken"] for one in found] == [4000, 4000]
    assert ask(home, "select count(*) from campaigns where name = 'Summer'") == [(1,)]
    assert ask(home, "select count(*) from contact_lists where campaign_id = 2") == [(1,)]
    assert ask(home, "select status, count(*) from contacts where campaign_id = 2 group by 1") == [
        ("fresh", 8000)
    ]


def test_the_dialler_does_not_wait_for_an_import(tmp_path: Path, home: Path) -> None:
    child = begin(keep_all(long_list(tmp_path), home))
    until_half_in(home, child)
    connection = sqlite3.connect(database(home), timeout=5.0, isolation_level=None)
    waited_ms = []
    while child.poll() is None:
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        waited_ms.append((time.perf_counter() - began) * 1000.0)
        connection.execute("UPDATE contacts SET leased_by_epoch = 1 WHERE id = 1")
        connection.execute("COMMIT")
        time.sleep(0.01)
    child.communicate()
    connection.close()
    waited_ms.sort()
    assert len(waited_ms) > 50
    # Who locks the database for the whole of the import makes one wait for seconds.
    assert waited_ms[len(waited_ms) // 2] < 100.0
    assert waited_ms[int(len(waited_ms) * 0.98)] < 1000.0
