"""Moving this PC's data into the shared floor: all of it, once, and nothing when given up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from app.floor_place import floor_place
from app.profile import Profile
from app.sharing import pointing
from app.sharing.floor_share import FloorShare
from dialer_core.clock import ManualClock
from dialer_core.model.errors import KnownError
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile as rules_of
from dialer_core.store import copying
from dialer_core.store.audit import first_broken
from dialer_core.store.database import Database
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.report import FloorReport, _read
from dialer_core.store.schema import AuditRow, Base, SeatRow
from tests.ports import free_port
from tests.postgres_kit import running_postgres
from tests.sharing.kit import ClockByHand, open_test_profile
from tests.store.floor_kit import FloorKit
from tests.store.law_kit import finish_one, leave_traces


@dataclass
class Lived:
    """A profile whose SQLite floor has seen a day."""

    profile: Profile
    share: FloorShare
    report: FloorReport
    counts: dict[str, int]


@pytest.fixture
def lived(tmp_path: Path, server_dir: Path) -> Iterator[Lived]:
    profile, secrets = open_test_profile(tmp_path / "home")
    migrate(profile.database_path)
    database = Database(profile.database_path)
    kit = FloorKit(database, ManualClock(datetime(2026, 3, 2, 10, tzinfo=UTC)))
    kit.add_campaign(Mode.PREVIEW, rules_of("GB"), people=40)
    leave_traces(kit, tmp_path)
    for _ in range(6):
        finish_one(kit)
    kit.close()
    with database.reading() as connection:
        report, counts = _read(connection), copying.count_rows(connection)
    database.close()
    share = FloorShare(profile, lambda: secrets, ClockByHand(), lambda: ("127.0.0.1",))
    yield Lived(profile, share, report, counts)
    share.server.stop()


def _go_on(_step: str, _share: float) -> bool:
    return True


def _start(lived: Lived) -> None:
    assert lived.share.start("Moved", _go_on, free_port(), keep=False) is not None


def test_both_tell_the_same_report(lived: Lived) -> None:
    assert lived.report.dialled >= 7
    shares: list[float] = []

    def tell(_step: str, share: float) -> bool:
        shares.append(share)
        return True

    assert lived.share.start("Moved", tell, free_port(), keep=False) is not None
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with lived.share._owner_link().writing() as connection:
        assert _read(connection) == lived.report
        counts = copying.count_rows(connection)
        assert first_broken(connection) is None
        last = connection.scalar(select(AuditRow.what).order_by(AuditRow.id.desc()).limit(1))
    assert last == "floor shared"
    assert counts == lived.counts | {"audit_log": lived.counts["audit_log"] + 1}
    filled = {name for name, count in lived.counts.items() if count}
    assert len(filled) > len(Base.metadata.tables) * 2 // 3


def test_new_ids_come_after_the_moved_ones(lived: Lived) -> None:
    _start(lived)
    with lived.share._owner_link().writing() as connection:
        last = connection.scalar(select(func.max(SeatRow.id)))
        made = connection.execute(
            insert(SeatRow).returning(SeatRow.id),
            {"name": "another", "created_at": datetime.now(UTC)},
        ).scalar_one()
    assert last is not None
    assert made == last + 1


def test_the_file_is_kept_and_nothing_opens_it_by_mistake(lived: Lived) -> None:
    path = lived.profile.database_path
    _start(lived)
    assert not path.exists()
    (kept,) = path.parent.glob("*.moved-*")
    with sqlite3.connect(kept) as connection:
        (count,) = connection.execute("SELECT count(*) FROM contacts").fetchone()
    connection.close()
    assert count == lived.counts["contacts"]
    pointer = pointing.read_pointer(lived.profile)
    assert pointer is not None
    assert (pointer.seat, pointer.role, pointer.floor) == ("", "callfloor", "Moved")


def test_given_up_in_the_middle_leaves_all_as_it_was(lived: Lived) -> None:
    path = lived.profile.database_path

    def until_half(_step: str, share: float) -> bool:
        return share < 0.5

    assert lived.share.start("Moved", until_half, free_port(), keep=False) is None
    assert path.exists()
    assert not pointing.is_shared(lived.profile)
    database = Database(path)
    with database.reading() as connection:
        assert _read(connection) == lived.report
    database.close()
    _start(lived)  # and the next try takes it up again
    with lived.share._owner_link().writing() as connection:
        assert _read(connection) == lived.report


def test_a_power_cut_between_move_and_opening_is_no_harm(
    lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_words: object) -> None:
        raise OSError("power")

    with monkeypatch.context() as patch:
        patch.setattr("dialer_core.store.moving_out.put_away", cut)
        with pytest.raises(KnownError, match="could not be renamed"):
            lived.share.start("Moved", _go_on, free_port(), keep=False)
    assert lived.profile.database_path.exists()
    _start(lived)
    with lived.share._owner_link().writing() as connection:
        assert _read(connection) == lived.report


def test_nothing_moves_while_a_dialler_works(lived: Lived) -> None:
    now = datetime.now(UTC)
    _lease(lived.profile.database_path, "elsewhere:1:1", now + timedelta(minutes=1))
    with pytest.raises(KnownError, match="The dialler is at work on this PC"):
        _start(lived)
    assert lived.profile.database_path.exists()
    _lease(lived.profile.database_path, "elsewhere:1:1", now - timedelta(minutes=1))
    _start(lived)


def test_a_second_floor_is_not_poured_into_the_first(lived: Lived) -> None:
    _start(lived)
    pointing.pointer_path(lived.profile).unlink()
    migrate(lived.profile.database_path)
    with pytest.raises(KnownError, match="holds a floor already"):
        _start(lived)
    lived.profile.database_path.unlink()
    _start(lived)
    with lived.share._owner_link().writing() as connection:
        assert _read(connection) == lived.report


def _lease(path: Path, holder: str, until: datetime) -> None:
    connection = sqlite3.connect(path)
    connection.execute(
        "UPDATE dialler_lease SET holder = ?, expires_at = ?",
        (holder, until.strftime("%Y-%m-%d %H:%M:%S.%f")),
    )
    connection.commit()
    connection.close()


def test_an_existing_server_by_its_url(lived: Lived, tmp_path: Path) -> None:
    with running_postgres() as postgres:
        address = postgres.new_database()
        assert lived.share.use_server(address.url, address.password, _go_on)
        place = floor_place(lived.profile, lambda: lived.share._open_secrets())
        assert place == address
        database = open_database(place)
        with database.reading() as connection:
            assert _read(connection) == lived.report
        database.close()
        assert not lived.profile.database_path.exists()
        text = pointing.pointer_path(lived.profile).read_text()
        assert not address.password or address.password not in text
        assert "is on the server" in lived.share.status().elsewhere
        with pytest.raises(KnownError, match="is shared already"):
            lived.share.use_server(address.url, address.password, _go_on)

        # A second PC with data of its own keeps them and is told; without, it just joins.
        profile, secrets = open_test_profile(tmp_path / "second")
        second = FloorShare(profile, lambda: secrets, ClockByHand())
        migrate(profile.database_path)
        with pytest.raises(KnownError, match="holds a floor already"):
            second.use_server(address.url, address.password, _go_on)
        profile.database_path.unlink()
        assert second.use_server(address.url, address.password, _go_on)


def test_the_stores_open_the_shared_floor(lived: Lived) -> None:
    _start(lived)
    place = floor_place(lived.profile, lambda: lived.share._open_secrets())
    database = open_database(place)
    with database.reading() as connection:
        assert _read(connection) == lived.report
    database.close()
