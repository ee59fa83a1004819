"""What the world does to a database file, and the sentence that says what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from dialer_core.model.errors import KnownError
from dialer_core.store.database import Database
from dialer_core.store.network import is_on_network
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.schema import ClientRow

NOBODY = 65534


def refusal(path: Path, **options: bool) -> str:
    with pytest.raises(KnownError) as caught:
        open_database(path, **options)
    sentence = caught.value.sentence
    assert sentence.endswith(".")
    assert str(path) in sentence
    return sentence


def test_missing(tmp_path: Path) -> None:
    assert "There is no database" in refusal(tmp_path / "none.db")


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


def test_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 50)
    assert "is not a Callfloor database" in refusal(path)
    assert "is not a Callfloor database" in refusal(path, create=True)
    assert path.read_text().startswith("Dear Sir"), "it was left alone"


def test_somebody_elses_database(tmp_path: Path) -> None:
    path = tmp_path / "music.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")
    connection.close()
    assert "is not a Callfloor database" in refusal(path, create=True)


def test_an_empty_file_is_a_new_database_if_one_may_be_made(tmp_path: Path) -> None:
    path = tmp_path / "floor.db"
    path.touch()
    assert "is not a Callfloor database" in refusal(path)
    open_database(path, create=True).close()


WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM clients").fetchone()
connection.close()
"""


def test_opening_it_again_leaves_the_log_to_those_who_write(database_path: Path) -> None:
    # The last to close a SQLite database moves its log into the file and deletes it. Whoever
    # closes the bare file gives all locks of the process away, and is not seen as one who is there.
    database = open_database(database_path)
    writer = database.connect()
    with database.reading(writer) as inside:
        inside.execute(text("SELECT 1"))
    open_database(database_path).close()
    subprocess.run([sys.executable, "-c", WRITER, str(database_path)], check=True)
    with database.writing(writer) as inside:
        inside.execute(insert(ClientRow), {"name": "Rosewood"})
    other = sqlite3.connect(database_path)
    names = other.execute("SELECT name FROM clients").fetchall()
    other.close()
    writer.close()
    database.close()
    assert names == [("Rosewood",)]


def test_damaged_header(database_path: Path) -> None:
    with database_path.open("r+b") as file:
        file.seek(16)
        file.write(b"\xff" * 84)
    assert refusal(database_path)


def test_damaged_pages_are_found_when_all_are_read(database_path: Path) -> None:
    with database_path.open("r+b") as file:
        file.seek(4096 * 8)
        file.write(os.urandom(4096 * 6))
    assert "is damaged" in refusal(database_path, check=True)


def test_truncated(database_path: Path) -> None:
    os.truncate(database_path, database_path.stat().st_size // 2)
    assert "is damaged" in refusal(database_path, check=True)


def test_any_name_of_a_folder_will_do(migrated: Path, tmp_path: Path) -> None:
    odd = tmp_path / "Müller & Söhne 100 % ?x=1#y"
    odd.mkdir()
    shutil.copy(migrated, odd / "floor.db")
    opened = open_database(odd / "floor.db")
    with opened.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM campaigns")) == 0
    opened.close()
    migrate(odd / "other.db")


def test_newer_than_the_program(database_path: Path) -> None:
    with sqlite3.connect(database_path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    connection.close()
    assert "newer Callfloor" in refusal(database_path)
    assert "newer Callfloor" in refusal(database_path, create=True)
    with pytest.raises(KnownError, match="newer Callfloor"):
        migrate(database_path)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything: step down for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_unreadable(database_path: Path) -> None:
    database_path.chmod(0o000)
    with as_nobody():
        sentence = refusal(database_path)
    database_path.chmod(0o600)
    assert "cannot be re" in sentence


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
server:/export /srv/floor nfs4 rw 0 0
//server/share /mnt/our\\040share cifs rw 0 0
/dev/sdb1 /srv/floor/local ext4 rw 0 0
someone@server: /home/a/remote fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "is_remote"),
    [
        ("/home/a/floor.db", False),
        ("/srv/floor/floor.db", True),
        ("/srv/floors/floor.db", False),
        ("/srv/floor/local/floor.db", False),
        ("/mnt/our share/deep/floor.db", True),
        ("/home/a/remote/floor.db", True),
        ("\\\\server\\share\\floor.db", True),
        ("//server/share/floor.db", True),
    ],
)
def test_network_paths(path: str, is_remote: bool) -> None:
    assert is_on_network(Path(path), MOUNTS) is is_remote


def test_a_network_path_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/export {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr("dialer_core.store.network.MOUNTS", mounts)
    path = tmp_path / "floor.db"
    assert "network drive" in refusal(path, create=True)
    with pytest.raises(KnownError, match="network drive"):
        migrate(path)
    assert not path.exists()


def test_a_full_disk_is_said_and_undoes_the_transaction(file_database: Database) -> None:
    database = file_database
    connection = database.connect()
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    connection.rollback()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    connection.rollback()
    rows = [{"name": f"{n:0200d}"} for n in range(400)]
    with pytest.raises(KnownError, match="disk is full"), database.writing(connection):
        connection.execute(insert(ClientRow), rows)
    connection.close()
    with database.reading() as reading:
        assert reading.scalar(text("SELECT count(*) FROM clients")) == 0


def test_locked_for_too_long(database_path: Path) -> None:
    holder = open_database(database_path)
    waiting = open_database(database_path, busy_s=0.05)
    with (
        holder.writing() as connection,
        pytest.raises(KnownError, match="locked for too long"),
        waiting.writing(),
    ):
        connection.execute(text("SELECT 1"))
    with waiting.writing() as connection:
        connection.execute(insert(ClientRow), {"name": "afterwards"})
    holder.close()
    waiting.close()


def test_an_error_carries_no_number(database: Database) -> None:
    with pytest.raises(Exception, match="constraint") as caught, database.writing() as connection:
        connection.execute(
            text("INSERT INTO contact_numbers (contact_id, e164) VALUES (1, :e164)"),
            {"e164": "+441614960001"},
        )
    assert "4960001" not in str(caught.value)
