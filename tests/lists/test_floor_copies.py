"""Whole copies of the floor: a receipt names them, and a person can be taken out of them."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import typer

from app.lists import importing
from app.lists.copies_commands import copies_command
from app.lists.privacy_commands import gdpr_erase_command
from app.profile import Profile, open_profile
from app.sharing.places import SERVER_DIR
from dialer_core.lists.sieve import Duplicates
from dialer_core.store import sqlite
from tests.lists.made_lists import write_csv

MOVED = "callfloor.moved-20260301-120000.sqlite3"
RESTORED = "callfloor.before-restore-20260302-120000.sqlite3"
OLD = "callfloor.sqlite3.backup-0012"
SERVER = "postgres.before-restore-20260303-120000"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """A floor of two people with one copy of each kind."""
    monkeypatch.setenv(SERVER_DIR, str(tmp_path / "server"))
    rows = [["Name", "Phone"], ["Ada Quill", "0161 496 0001"], ["Bo Fenn", "0161 496 0002"]]
    made = open_profile(tmp_path / "home")
    path = write_csv(tmp_path / "people.csv", rows)
    importing.import_list(
        made, importing.Wanted(path, "March", "Windows", "GB", duplicates=Duplicates.SKIP)
    )
    folder = made.database_path.parent
    for name in (MOVED, RESTORED, OLD):
        sqlite.online_backup(made.database_path, folder / name)
    with closing(sqlite3.connect(folder / OLD, isolation_level=None)) as old:
        old.execute("UPDATE alembic_version SET version_num = '0012'")
    (tmp_path / "server" / made.key / SERVER).mkdir(parents=True)
    (folder / "callfloor.sqlite3-wal.note").write_text("no copy")
    return made


def names_in(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as plain:
        return {name for (name,) in plain.execute("SELECT name FROM contacts")}


def test_a_receipt_names_every_copy(home: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    assert gdpr_erase_command("0161 496 0001", yes=True, json=True, profile=home.root) == 0
    (told,) = [one for one in json.loads(capsys.readouterr().out)["stays"] if "copies" in one]
    assert told.endswith(f": {RESTORED}, {MOVED}, {OLD}, {SERVER}.")
    assert "callfloor gdpr copies" in told


def test_who_was_erased_is_erased_in_the_copies(
    home: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    gdpr_erase_command("0161 496 0001", yes=True, profile=home.root)
    capsys.readouterr()
    assert copies_command(erase=True, json=True, profile=home.root) == 1, "two cannot be opened"
    rows = {Path(one["path"]).name: one for one in json.loads(capsys.readouterr().out)}
    assert rows[MOVED]["erased"] == rows[RESTORED]["erased"] == 1
    assert "older Callfloor" in rows[OLD]["trouble"]
    assert "remove it" in rows[SERVER]["trouble"]
    folder = home.database_path.parent
    for name in (MOVED, RESTORED):
        assert "Bo Fenn" in names_in(folder / name)
        assert "Ada Quill" not in names_in(folder / name)
        assert b"Ada Quill" not in (folder / name).read_bytes(), "nor in a page that is free"
    copies_command(erase=True, json=True, profile=home.root)
    again = {Path(one["path"]).name: one for one in json.loads(capsys.readouterr().out)}
    assert again[MOVED]["erased"] == 0, "twice changes nothing"


def test_copies_are_removed_once_asked(
    home: Profile, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    with pytest.raises(typer.Abort):
        copies_command(remove_all=True, profile=home.root)
    assert (home.database_path.parent / MOVED).exists()
    assert copies_command(remove_all=True, yes=True, profile=home.root) == 0
    assert f"{MOVED}: removed." in capsys.readouterr().out
    copies_command(profile=home.root)
    assert capsys.readouterr().out == "There is no copy of the floor on this PC.\n"
    left = {one.name for one in home.database_path.parent.iterdir()}
    assert {"callfloor.sqlite3", "callfloor.sqlite3-wal.note"} <= left
    assert names_in(home.database_path) == {"Ada Quill", "Bo Fenn"}
