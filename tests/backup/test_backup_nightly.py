"""Every night a backup, made up for if it was missed; old ones go; who was erased stays erased."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.backup import folder, wishes
from app.backup.nightly import Nightly
from app.backup.passphrase import SECRET
from app.errors import KnownError
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.registers import RegisterStore
from tests.backup.kit import COST, Home, everything, later, open_home

LONDON = ZoneInfo("Europe/London")


def nightly_of(home: Home) -> Nightly:
    return Nightly(home.profile, lambda: home.secrets, LONDON, COST)


def look(home: Home) -> bool:
    return nightly_of(home).look(home.now, lambda: True) is not None


def kept(home: Home) -> list[Path]:
    return [one.path for one in folder.kept_in(folder.own_folder(home.profile))]


def test_one_a_night_also_where_the_night_was_missed(home: Home) -> None:
    assert look(home)  # at the first start
    assert not look(home)
    later(home, 0.5)  # 22:00
    assert not look(home)
    later(home, 0.25)  # 4:00 of the next day
    assert look(home)
    assert not look(home)
    later(home, 5)  # nobody was here
    assert look(home)
    assert len(kept(home)) == 3
    restored = open_home(home.profile.root.parent / "other")
    passphrase = home.secrets.get(SECRET)
    assert passphrase is not None
    restored.restore(kept(home)[0], passphrase=passphrase)
    told = folder.read_state(home.profile)
    assert told.good_at == home.now.utc
    assert told.trouble == ""


def test_what_a_year_of_nights_leaves() -> None:
    now = datetime(2026, 11, 22, 3, 5, tzinfo=UTC)
    made = [(f"n{day}", now - timedelta(days=day), "nightly") for day in range(500)]
    made += [
        ("asked", now - timedelta(days=300), "asked"),
        ("old", now - timedelta(days=400), "upgrade"),
    ]
    left = {name for name, _, _ in made} - folder.to_drop(made, now, LONDON)
    assert {f"n{day}" for day in range(7)} <= left
    assert "asked" in left
    assert "old" not in left
    days = sorted(int(name[1:]) for name in left if name[1:].isdigit())
    assert 7 + 2 + 10 <= len(days) <= 7 + 4 + 12
    assert days[-1] > 300
    assert days[-1] <= 366
    gaps = [b - a for a, b in itertools.pairwise(days)]
    assert max(gaps) <= 31


def test_rotation_leaves_other_floors_and_other_files_alone(home: Home, tmp_path: Path) -> None:
    other = open_home(tmp_path / "other")
    sqlite3.connect(other.profile.database_path).close()
    other.profile.database_path.unlink()
    from dialer_core.store.opening import migrate  # noqa: PLC0415

    migrate(other.profile.database_path)
    folder.choose_folder(other.profile, folder.own_folder(home.profile))
    assert look(home)
    assert look(other)
    stranger = folder.own_folder(home.profile) / "holiday.jpg"
    stranger.write_bytes(b"x")
    for _ in range(20):
        later(home, 1)
        assert look(home)
    names = [one.head.floor_id for one in folder.kept_in(folder.own_folder(home.profile))]
    assert len(set(names)) == 2
    assert 8 <= len(names) <= 14
    assert stranger.exists()


def test_a_night_that_failed_is_told_and_tried_again(home: Home) -> None:
    assert look(home)
    target = home.profile.root / "other disk"
    target.write_text("a file where a folder should be")
    state = folder.read_state(home.profile)
    import msgspec  # noqa: PLC0415

    folder.write_state(home.profile, msgspec.structs.replace(state, folder=str(target / "in")))
    later(home, 1)
    assert not look(home)
    assert "cannot be written" in folder.read_state(home.profile).trouble
    target.unlink()
    assert not look(home)  # within the hour
    later(home, 0.05)
    assert look(home)
    assert folder.read_state(home.profile).trouble == ""


def test_the_supervisor_is_told_after_three_days(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(home)
    assert folder.notices(home.profile, home.now.utc) == ()
    later(home, 2.9)
    assert folder.notices(home.profile, home.now.utc) == ()
    later(home, 0.2)
    (told,) = folder.notices(home.profile, home.now.utc)
    assert told.startswith("The last good backup of this floor is 3 days old: ")
    assert look(home)
    assert folder.notices(home.profile, home.now.utc) == ()
    monkeypatch.setattr(folder, "free_bytes", lambda _place: 500_000_000)
    (told,) = folder.notices(home.profile, home.now.utc)
    assert "nearly full" in told


def test_without_a_keyring_it_says_why(home: Home) -> None:
    def refuse() -> object:
        raise KnownError("There is no keyring, so passwords have no safe place: install one.")

    night = Nightly(home.profile, refuse, LONDON, COST)  # type: ignore[arg-type]
    assert night.look(home.now, lambda: True) is None
    later(home, 4)
    assert night.look(home.now, lambda: True) is None
    (told,) = folder.notices(home.profile, home.now.utc)
    assert told.startswith("This floor has no backup yet: There is no keyring")


def test_a_demo_and_a_seat_make_none(home: Home) -> None:
    (home.profile.root / "demo").write_text("")
    assert not look(home)
    assert not folder.state_path(home.profile).exists()


def test_given_up_where_the_floor_ends(home: Home) -> None:
    assert nightly_of(home).look(home.now, lambda: False) is None
    assert kept(home) == []
    assert look(home)


def test_who_was_erased_since_is_erased_again(home: Home, tmp_path: Path) -> None:
    path = home.profile.database_path
    numbers = sorted(
        {
            row[0]: row[3]
            for row in query(path, "SELECT contact_id, id, rank, e164 FROM contact_numbers")
        }.items()
    )
    (first, first_number), (second, second_number), (_, third_number) = numbers[:3]
    assert look(home)
    (backup,) = kept(home)
    later(home, 0.01)
    with closing(PrivacyStore(path)) as store:
        receipt = store.erase(home.now, contact_id=first)
    assert any("Sealed backups" in sentence for sentence in receipt.stays)
    assert not look(home)  # a minute later: the list is brought up to date
    later(home, 0.01)
    with closing(PrivacyStore(path)) as store:
        store.erase(home.now, contact_id=second)
    with closing(RegisterStore(path)) as registers:
        registers.never_again(None, "by letter", home.now, numbers=[third_number])
    listed = backup.parent.glob("erased-*.jsonl")
    text = next(listed).read_text()
    assert first_number not in text
    assert "+44" not in text

    # The disk with the database is lost; folder and passphrase are not.
    passphrase = home.secrets.get(SECRET)
    assert passphrase is not None
    new = open_home(tmp_path / "new")
    new.clock.advance(86_400)
    done = new.restore(backup, passphrase=passphrase)
    assert done.erased == 1
    assert first_number not in numbers_in(new.profile.database_path)
    assert second_number in numbers_in(new.profile.database_path)  # the list was not yet told

    # Here the database is still there, and knows the rest.
    done = home.restore(backup, passphrase=passphrase)
    assert done.erased == 2
    assert done.refused >= 1
    assert numbers_in(path).isdisjoint({first_number, second_number})
    again = home.restore(backup, passphrase=passphrase)
    assert again.erased == 2
    left = {row[1] for row in everything(path)["contacts"] if row[0] in (first, second)}
    assert left
    assert not look(home)
    assert wishes.note(home.profile, path) == 0


def query(path: Path, words: str) -> list[tuple[int, int, int, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(words).fetchall()


def numbers_in(path: Path) -> set[str]:
    return {row[3] for row in query(path, "SELECT contact_id, id, rank, e164 FROM contact_numbers")}
