"""Who may lend the floor lines: only who was let in for it; tried as a seat's own role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError

from app.clock import WallClock
from app.lines import commands, lender
from app.profile import Profile
from app.secrets import Secrets
from app.sharing import pointing
from app.sharing.join_code import read_code
from app.sharing.lent_words import lent_words
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import LineId
from dialer_core.store import lending
from dialer_core.store.database import Database
from dialer_core.store.floor import FloorStore
from tests.sharing.kit import SharedFloor, open_test_profile
from tests.sharing.test_sharing_join import answering, join


@contextmanager
def seat(floor: SharedFloor, folder: Path, name: str, code: str = "") -> Iterator[Connection]:
    """A seat that has joined, on its own connection."""
    join(floor, folder, name, code)
    with seat_link(floor, folder) as connection:
        yield connection


@contextmanager
def seat_link(floor: SharedFloor, folder: Path) -> Iterator[Connection]:
    profile, secrets = joined(folder)
    pointer = pointing.read_pointer(profile)
    assert pointer is not None
    with pointer.link(profile, secrets.get(pointing.SEAT_SECRET) or "").alone() as connection:
        yield connection


RINGS: dict[Path, tuple[Profile, Secrets]] = {}


def joined(folder: Path) -> tuple[Profile, Secrets]:
    return RINGS[folder]


@pytest.fixture(autouse=True)
def kept_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each folder keeps its keyring for the length of a test."""
    RINGS.clear()

    def open_kept(folder: Path) -> tuple[Profile, Secrets]:
        return RINGS.setdefault(folder, open_test_profile(folder))

    monkeypatch.setattr("tests.sharing.test_sharing_join.open_test_profile", open_kept)


def names(floor: SharedFloor) -> list[str]:
    with floor.link.alone() as connection:
        return [one.seat for one in lending.offers(connection)]


def test_a_code_for_lines_lets_a_pc_lend(floor: SharedFloor, tmp_path: Path) -> None:
    code = floor.share.new_code(lends=True).text
    with seat(floor, tmp_path / "a", "loft", code) as connection:
        assert lending.offer(connection, ["10.0.0.5"], 5000, 4) == "seat"
        assert lending.lend(connection, read_code(code).secret) == "lends"
        assert lending.offer(connection, ["10.0.0.5"], 5000, 4) == "offered"
        with floor.link.alone() as owner:
            (found,) = [one for one in lending.offers(owner) if one.seat == "loft"]
        assert (found.addresses, found.port, found.lines) == (("10.0.0.5",), 5000, 4)
        assert lending.offer(connection, ["10.0.0.5"], 0, 4) == "offered"
        assert "loft" not in names(floor)


def test_an_agents_pc_cannot_make_itself_one(floor: SharedFloor, tmp_path: Path) -> None:
    """It would be told the trunk's passwords, and whom to call."""
    own = floor.share.new_code().text
    with seat(floor, tmp_path / "b", "front-b", own) as connection:
        assert lending.lend(connection, read_code(own).secret) == "seat"
        assert lending.lend(connection, "AAAAAAAA") == "wrong"
        assert lending.offer(connection, ["10.0.0.5"], 5000, 4) == "seat"
        for words in ("SELECT * FROM joining.lenders", "DELETE FROM joining.lenders",
                      "UPDATE joining.codes SET lends = true"):  # fmt: skip
            with pytest.raises(ProgrammingError, match="permission denied"):
                connection.exec_driver_sql(words)
        assert "front-b" not in names(floor)


def test_a_code_that_another_pc_has_used_lends_nothing(floor: SharedFloor, tmp_path: Path) -> None:
    code = floor.share.new_code(lends=True).text
    with seat(floor, tmp_path / "c", "loft-c", code):
        pass
    with seat(floor, tmp_path / "d", "front-d") as connection:
        assert lending.lend(connection, read_code(code).secret) == "used"


def test_a_seat_that_has_joined_can_be_let_in_later(floor: SharedFloor, tmp_path: Path) -> None:
    with seat(floor, tmp_path / "e", "front-e") as connection:
        first = floor.share.new_code(lends=True).text
        later = floor.share.new_code(lends=True).text
        assert lending.lend(connection, read_code(first).secret) == "old"
        assert lending.lend(connection, read_code(later).secret) == "lends"
        assert lending.lend(connection, "AAAAAAAA") == "lends", "it may already"


@pytest.mark.parametrize(
    ("addresses", "port", "lines"),
    [(["10.0.0.5"] * 33, 5000, 4), (["10.0.0.5"], 70_000, 4), (["10.0.0.5"], 5000, 65)],
)
def test_an_offer_that_is_none_is_not_kept(
    floor: SharedFloor, tmp_path: Path, addresses: list[str], port: int, lines: int
) -> None:
    name = f"loft-{port}-{lines}-{len(addresses)}"
    code = floor.share.new_code(lends=True).text
    with seat(floor, tmp_path / "f", name, code) as connection:
        lending.lend(connection, read_code(code).secret)
        assert lending.offer(connection, addresses, port, lines) == "damaged"
        assert name not in names(floor)


def test_a_pc_that_was_removed_lends_no_more(floor: SharedFloor, tmp_path: Path) -> None:
    code = floor.share.new_code(lends=True).text
    with seat(floor, tmp_path / "g", "loft-g", code) as connection:
        lending.lend(connection, read_code(code).secret)
        lending.offer(connection, ["10.0.0.5"], 5000, 4)
    assert "loft-g" in names(floor)
    floor.share.remove_seat("loft-g")
    assert "loft-g" not in names(floor)


def test_the_list_of_seats_tells_how_a_pc_of_lines_stands(
    floor: SharedFloor, tmp_path: Path
) -> None:
    """It keeps no connection to the database, so that one would call it away."""
    code = floor.share.new_code(lends=True).text

    def stands() -> str:
        (found,) = [one for one in floor.share.seats() if one.name == "cellar"]
        assert found.lent is not None
        assert found.is_here or not found.lent.used
        return lent_words(found.lent)

    with seat(floor, tmp_path / "l", "cellar", code) as connection:
        lending.lend(connection, read_code(code).secret)
        lending.offer(connection, ["10.0.0.5"], 0, 2)
    assert stands() == "Lends no lines just now"
    with seat_link(floor, tmp_path / "l") as connection:
        lending.offer(connection, ["10.0.0.5"], 5000, 2)
    assert stands() == "2 lines, used once the floor dials"
    store, now = FloorStore(floor.link.floor_address), WallClock().now()
    assert store.take_lease("pc:1:1", now, 60.0, lambda _holder: False) is not None
    assert stands() == "2 lines, out of reach"
    store.note_line(LineId("line01@cellar"), "tls:10.0.0.5:5000", now)
    store.note_line(LineId("line01@cellar2"), "tls:10.0.0.5:5000", now)
    assert stands() == "Lends 1 of 2 lines"
    store.note_line(LineId("line02@cellar"), "tls:10.0.0.5:5000", now)
    assert stands() == "Lends 2 lines"
    store.close()


def test_a_floor_that_others_cannot_join_has_no_such_pcs(tmp_path: Path) -> None:
    database = Database(tmp_path / "floor.sqlite3")
    with database.connect() as connection:
        assert lending.offers(connection) == ()
    database.engine.dispose()


def run(folder: Path, code: str = "", name: str = "loft") -> None:
    profile, secrets = RINGS.setdefault(folder, open_test_profile(folder))
    if code:
        commands._join(profile, secrets, code, name)
    commands._pointer(profile)


def test_each_trouble_has_its_own_sentence(floor: SharedFloor, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="belongs to no floor yet"):
        run(tmp_path / "h")
    with answering(floor), pytest.raises(KnownError, match="was one for a seat"):
        run(tmp_path / "i", floor.share.new_code().text, "loft-i")
    with answering(floor):  # the same PC, with the right code
        run(tmp_path / "i", floor.share.new_code(lends=True).text, "loft-i")
    with answering(floor), pytest.raises(KnownError, match="loft-i has joined this floor already"):
        run(tmp_path / "j", floor.share.new_code(lends=True).text, "loft-i")
    first = floor.share.new_code(lends=True).text
    floor.share.new_code()
    with answering(floor), pytest.raises(KnownError, match="closed"):
        run(tmp_path / "k", first, "loft-k")


def test_the_supervisors_own_pc_lends_nothing(floor: SharedFloor) -> None:
    with pytest.raises(KnownError, match="shares the floor and runs its lines itself"):
        commands._pointer(floor.profile)


def test_lines_and_port_are_remembered(tmp_path: Path) -> None:
    profile, _ = open_test_profile(tmp_path)
    assert lender.read_lent(profile) == lender.LentFile()
    lender.write_lent(profile, lender.LentFile(6, 50_100, "pc:1:2"))
    assert lender.read_lent(profile) == lender.LentFile(6, 50_100, "pc:1:2")


def test_it_hangs_in_the_command_line() -> None:
    cli = typer.Typer()
    commands.hang(cli)
    assert [one.name for one in cli.registered_commands] == ["lines"]
