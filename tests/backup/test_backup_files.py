"""A floor of one PC: backed up while it works, put back elsewhere, and nothing lost on the way."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from app.backup import folder
from app.backup.making import Wanted
from app.backup.sealing import GivenUp, read_head
from app.errors import KnownError
from app.trunk import GatewayPlace, Trunk, write_trunk
from dialer_core.store.report import read_report
from tests.backup.kit import PASSPHRASE, Home, everything, open_home


def test_a_backup_is_put_back_elsewhere_and_tells_the_same_report(
    home: Home, tmp_path: Path
) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    assert made.head.kind == "sqlite"
    assert made.rows > 500
    other = open_home(tmp_path / "other")
    done = other.restore(made.path)
    before = read_report(home.profile.database_path)
    assert before.dialled > 20
    assert read_report(other.profile.database_path) == before
    assert done.rows == made.rows
    assert done.aside == ()
    assert done.is_whole
    left, right = (everything(one.profile.database_path) for one in (home, other))
    told = right["audit_log"][len(left["audit_log"]) :]
    assert "floor restored" in str(told)
    for table in left:
        if table != "audit_log":
            assert right[table] == left[table], table


def test_nothing_in_the_file_can_be_read(home: Home, tmp_path: Path) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    data = made.path.read_bytes()
    for word in (b"SQLite format", b"+4416", b"manifest", b"Spring renewals", b"agents"):
        assert word not in data
    assert made.path.stat().st_mode & 0o077 == 0
    assert list(home.profile.database_path.parent.glob(".*")) == []


def test_the_present_floor_stands_aside(home: Home, tmp_path: Path) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    with closing(sqlite3.connect(home.profile.database_path)) as connection, connection:
        connection.execute(
            "INSERT INTO agents (name, is_active, created_at) "
            "VALUES ('Later', 1, '2026-03-04 10:00:00.000000')"
        )
    present = everything(home.profile.database_path)
    done = home.restore(made.path)
    (aside,) = done.aside
    assert everything(aside) == present
    names = {row[1] for row in everything(home.profile.database_path)["agents"]}
    assert "Later" not in names
    assert not done.is_whole


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9, 0.96])
def test_a_restore_that_is_cancelled_changes_nothing(
    share: float, home: Home, tmp_path: Path
) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    present = everything(home.profile.database_path)
    files = sorted(p for p in home.profile.root.rglob("*"))
    with pytest.raises(GivenUp):
        home.restore(made.path, lambda _step, done: done < share)
    assert everything(home.profile.database_path) == present
    assert sorted(p for p in home.profile.root.rglob("*")) == files


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.97])
def test_a_backup_that_is_cancelled_leaves_no_file(
    share: float, home: Home, tmp_path: Path
) -> None:
    target = tmp_path / "to"
    with pytest.raises(GivenUp):
        home.back_up(target / "one.callfloor", lambda _step, done: done < share)
    assert not target.exists() or list(target.iterdir()) == []
    assert list(home.profile.database_path.parent.glob(".*")) == []


def test_a_backup_is_one_moment_though_others_write(home: Home, tmp_path: Path) -> None:
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        with closing(sqlite3.connect(home.profile.database_path, timeout=10)) as connection:
            while not stop.is_set():
                with connection:
                    number = len(written)
                    for table in ("clients", "agents"):
                        connection.execute(
                            f"INSERT INTO {table} (name) VALUES (?)"
                            if table == "clients"
                            else "INSERT INTO agents (name, is_active, created_at)"
                            " VALUES (?, 1, '2026-03-04 10:00:00.000000')",
                            (f"Both {number}",),
                        )
                written.append(number)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        made = [home.back_up(tmp_path / f"{n}.callfloor") for n in range(3)]
    finally:
        stop.set()
        thread.join()
    assert len(written) > 20
    for number, one in enumerate(made):
        other = open_home(tmp_path / f"other{number}")
        other.restore(one.path)
        rows = everything(other.profile.database_path)
        both = [{r[1] for r in rows[t] if "Both" in str(r[1])} for t in ("clients", "agents")]
        assert both[0] == both[1]


@pytest.mark.parametrize("at", [20, 80, 400, 5000, -40, -1])
def test_a_damaged_file_is_told_from_a_wrong_passphrase(
    at: int, home: Home, tmp_path: Path
) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    data = bytearray(made.path.read_bytes())
    data[at] ^= 1
    made.path.write_bytes(data)
    present = everything(home.profile.database_path)
    with pytest.raises(KnownError, match=r"damaged|cut off"):
        home.restore(made.path)
    assert everything(home.profile.database_path) == present


@pytest.mark.parametrize("length", [0, 10, 60, 300, 4000, -1])
def test_a_file_that_was_cut_off(length: int, home: Home, tmp_path: Path) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    made.path.write_bytes(made.path.read_bytes()[:length])
    with pytest.raises(KnownError, match=r"cut off|no backup of Callfloor"):
        home.restore(made.path)


def test_another_file_is_no_backup(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "letter.callfloor"
    path.write_text("Dear Sir or Madam, " * 20)
    with pytest.raises(KnownError, match="no backup of Callfloor"):
        home.restore(path)
    with pytest.raises(KnownError, match="cannot be read"):
        home.restore(tmp_path / "nowhere.callfloor")


def test_a_wrong_passphrase(home: Home, tmp_path: Path) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    with pytest.raises(KnownError, match="passphrase does not open"):
        home.restore(made.path, passphrase="7KQ2M-9PZ4X-WC3TD-8RB5V-N6HJG")


def test_a_head_under_another_body_is_noticed(home: Home, tmp_path: Path) -> None:
    # Whoever has no passphrase can mend the checksum, but not put another date on it.
    import hashlib  # noqa: PLC0415  the forger's tool alone

    made = home.back_up(tmp_path / "one.callfloor")
    data = bytearray(made.path.read_bytes())
    at = data.index(b'"asked"')
    data[at : at + 7] = b'"askee"'
    data[24:56] = hashlib.sha256(data[56:]).digest()
    made.path.write_bytes(data)
    assert read_head(made.path)[0].why == "askee"
    with pytest.raises(KnownError, match="passphrase does not open"):
        home.restore(made.path)


def test_a_newer_program_s_backup(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    monkeypatch.setattr("dialer_core.store.dumping.KNOWN", ("0001",))
    present = everything(home.profile.database_path)
    with pytest.raises(KnownError, match="newer Callfloor"):
        home.restore(made.path)
    assert everything(home.profile.database_path) == present
    data = made.path.read_bytes().replace(b'"format":1', b'"format":9')
    made.path.write_bytes(data)
    with pytest.raises(KnownError, match="newer Callfloor"):
        home.restore(made.path)


def test_no_room_is_said_before_anything_is_done(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    monkeypatch.setattr(folder, "free_bytes", lambda _place: 1000)
    with pytest.raises(KnownError, match="no room"):
        home.back_up(tmp_path / "two.callfloor")
    with pytest.raises(KnownError, match="no room"):
        home.restore(made.path)
    assert not (tmp_path / "two.callfloor").exists()


def test_a_damaged_present_floor_is_replaced_and_kept(home: Home, tmp_path: Path) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    wanted = read_report(home.profile.database_path)
    data = bytearray(home.profile.database_path.read_bytes())
    data[0:4000] = bytes(4000)
    home.profile.database_path.write_bytes(data)
    (aside,) = home.restore(made.path).aside
    assert aside.read_bytes() == data
    assert read_report(home.profile.database_path) == wanted


def test_a_floor_at_work_is_not_replaced(home: Home, tmp_path: Path) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    with closing(sqlite3.connect(home.profile.database_path)) as connection, connection:
        connection.execute(
            "UPDATE dialler_lease SET holder = 'elsewhere:1:1', "
            "expires_at = '2030-01-01 00:00:00.000000'"
        )
    with pytest.raises(KnownError, match="dialler is at work"):
        home.restore(made.path)
    with closing(sqlite3.connect(home.profile.database_path)) as connection, connection:
        connection.execute("UPDATE dialler_lease SET expires_at = '2020-01-01 00:00:00.000000'")
        connection.execute(
            "UPDATE sessions SET closed_at = NULL, seen_at = '2026-03-04 10:00:00' WHERE id = 1"
        )
    with pytest.raises(KnownError, match="logged in on this floor"):
        home.restore(made.path)


def test_a_clone_takes_the_whole_centre_along(home: Home, tmp_path: Path) -> None:
    profile = home.profile
    profile.settings_path.write_text('theme = "dark"\n')
    gateway = GatewayPlace(name="main", uri="sip:{number}@192.0.2.1", username="office")
    write_trunk(profile.root / "trunk.toml", Trunk(gateways=(gateway,)))
    home.secrets.set("trunk/main", "trunk's password")
    (profile.root / "sounds").mkdir()
    (profile.root / "sounds" / "hold.wav").write_bytes(b"RIFF" * 3_000_000)  # in three pieces
    (profile.recordings_dir / "a").mkdir()
    (profile.recordings_dir / "a" / "1.wav").write_bytes(b"one")
    plain = home.back_up(
        tmp_path / "plain.callfloor", wanted=Wanted(what="clone", path=tmp_path / "plain.callfloor")
    )
    full = home.back_up(
        tmp_path / "full.callfloor",
        wanted=Wanted(
            what="clone",
            path=tmp_path / "full.callfloor",
            has_recordings=True,
            has_trunk_passwords=True,
        ),
    )
    for made, has_all in ((plain, False), (full, True)):
        other = open_home(tmp_path / made.path.stem)
        other.restore(made.path)
        assert other.profile.settings_path.read_text() == 'theme = "dark"\n'
        trunk = (other.profile.root / "trunk.toml").read_bytes()
        assert trunk == (profile.root / "trunk.toml").read_bytes()
        sound = other.profile.root / "sounds" / "hold.wav"
        assert sound.read_bytes() == (profile.root / "sounds" / "hold.wav").read_bytes()
        assert other.secrets.get("trunk/main") == ("trunk's password" if has_all else None)
        assert (other.profile.recordings_dir / "a" / "1.wav").exists() is has_all
        assert b"trunk's password" not in made.path.read_bytes()


def test_data_alone_leave_the_settings(home: Home, tmp_path: Path) -> None:
    home.profile.settings_path.write_text('theme = "dark"\n')
    made = home.back_up(tmp_path / "one.callfloor")
    home.profile.settings_path.write_text('theme = "light"\n')
    home.restore(made.path)
    assert home.profile.settings_path.read_text() == 'theme = "light"\n'
    done = home.restore(made.path, is_whole=True)
    assert home.profile.settings_path.read_text() == 'theme = "dark"\n'
    assert any(
        path.read_text() == 'theme = "light"\n' for path in done.aside if path.suffix == ".toml"
    )


def test_a_seat_neither_makes_nor_restores(home: Home, tmp_path: Path) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    seat = open_home(tmp_path / "seat")
    (seat.profile.root / "floor").mkdir()
    (seat.profile.root / "floor" / "floor.json").write_text(
        '{"addresses": ["127.0.0.1"], "port": 5, "role": "seat_1", "seat": "front-1"}'
    )
    seat.secrets.set("floor-seat", "word")
    with pytest.raises(KnownError, match="is a seat of a floor"):
        seat.back_up(tmp_path / "two.callfloor")
    with pytest.raises(KnownError, match="is a seat of a floor"):
        seat.restore(made.path)


def test_a_profile_without_a_floor_has_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="nothing to back up"):
        open_home(tmp_path / "empty").back_up(tmp_path / "one.callfloor")
    assert not (tmp_path / "one.callfloor").exists()


def test_a_passphrase_is_read_as_people_type_it(home: Home, tmp_path: Path) -> None:
    from app.backup.passphrase import chosen, cleaned, make_passphrase  # noqa: PLC0415

    assert cleaned(PASSPHRASE.lower().replace("-", " ")) == PASSPHRASE
    assert cleaned(" O7KQ2-9PZ4X-WC3TD-8RB5V-N6HJl ") == "07KQ2-9PZ4X-WC3TD-8RB5V-N6HJ1"
    assert cleaned("correct horse battery") == "correct horse battery"
    made = {make_passphrase() for _ in range(50)}
    assert len(made) == 50
    assert all(cleaned(one.lower()) == one for one in made)
    with pytest.raises(KnownError, match="8 characters"):
        chosen("short")
