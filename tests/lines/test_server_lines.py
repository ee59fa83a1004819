"""PCs that lend lines on a floor at somebody else's server: what they offer, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from app.clock import WallClock
from app.lines import commands, lender
from app.lines.offering import ServerOffering
from app.sharing import pointing
from app.sharing.floor_share import FloorShare
from app.sharing.join_code import JoinCode, write_code
from app.sharing.lent_words import lent_sentence
from app.tools.sharing import ShareWork
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import LineId
from dialer_core.store import server_lines
from dialer_core.store.address import FloorAddress
from dialer_core.store.database import Database
from dialer_core.store.floor import FloorStore
from dialer_core.store.lending import Lending, Lent, LinesOffer
from dialer_core.store.server_lines import ServerLines, ServerOffer
from tests.sharing.kit import come_in, floor_at_server, open_test_profile

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(60)]
LOFT = ServerOffer("0a1b", "lines-0a1b", ("192.0.2.7",), 5000, 12)
CODE = write_code(JoinCode(("192.0.2.1",), 5000, bytes(8), "00" * 5))


@pytest.fixture(scope="module")
def server() -> Iterator[FloorAddress]:
    with floor_at_server() as made:
        yield made


@pytest.fixture
def place(server: FloorAddress) -> Iterator[FloorAddress]:
    yield server
    tell(server, "DELETE FROM settings WHERE key LIKE 'lines_offer:%'", "DELETE FROM lines",
         "UPDATE dialler_lease SET holder = ''",
         "DROP SCHEMA IF EXISTS joining CASCADE")  # fmt: skip


def tell(place: FloorAddress, *words: str) -> None:
    database = Database(place)
    with database.writing() as connection:
        for one in words:
            connection.execute(text(one))
    database.close()


def offers(place: FloorAddress) -> tuple[LinesOffer, ...]:
    """As the dialler asks for them."""
    with closing(FloorStore(place)) as floor:
        return floor.lines_offers()


def offer(place: FloorAddress, name: str, what: ServerOffer) -> None:
    with closing(ServerLines(place)) as store:
        store.offer(name, what)


def lent(place: FloorAddress) -> dict[str, Lent]:
    with closing(ServerLines(place)) as store:
        return store.lent()


def age(place: FloorAddress, seconds: float) -> None:
    span = f"make_interval(secs => {seconds})"
    tell(place, f"UPDATE settings SET changed_at = changed_at - {span} WHERE key LIKE 'lines_o%'")


def test_what_a_pc_offers_is_there_until_it_offers_no_more(place: FloorAddress) -> None:
    offer(place, "loft", LOFT)
    assert offers(place) == (LinesOffer("loft", "lines-0a1b", ("192.0.2.7",), 5000, 12),)
    offer(place, "attic", replace(LOFT, pc="2c", role="lines-2c"))
    assert [one.seat for one in offers(place)] == ["attic", "loft"]
    offer(place, "loft", replace(LOFT, port=0))
    assert [one.seat for one in offers(place)] == ["attic"]
    assert lent(place)["loft"] == Lent(Lending.NONE, 0, 0)


def test_a_name_belongs_to_the_pc_that_lends_under_it(place: FloorAddress) -> None:
    other = replace(LOFT, pc="2c", role="lines-2c")
    offer(place, "loft", LOFT)
    with pytest.raises(KnownError, match=r"called loft lends its lines .* --name NAME"):
        offer(place, "loft", other)
    assert offers(place)[0].role == LOFT.role
    offer(place, "loft", replace(LOFT, port=6000))
    assert offers(place)[0].port == 6000, "it is the same one, at another port"
    age(place, server_lines.TAKEN_S + 1)
    offer(place, "loft", other)
    assert offers(place)[0].role == "lines-2c", "the first one has been silent for long"
    offer(place, "loft", replace(other, port=0))
    offer(place, "loft", LOFT)


def test_a_pc_with_another_name_is_not_there_twice(place: FloorAddress) -> None:
    offer(place, "loft", LOFT)
    offer(place, "cellar", replace(LOFT, pc="2c", role="lines-2c"))
    offer(place, "attic", LOFT)
    assert [one.seat for one in offers(place)] == ["attic", "cellar"]


def test_one_that_was_switched_off_for_good_is_forgotten(place: FloorAddress) -> None:
    offer(place, "loft", LOFT)
    age(place, 23.9 * 3600)
    assert offers(place)
    age(place, 0.2 * 3600)
    assert offers(place) == ()
    assert lent(place) == {}


def test_how_a_pc_stands_in_words(place: FloorAddress) -> None:
    offer(place, "attic", replace(LOFT, pc="2c", lines=1))
    offer(place, "loft", LOFT)
    assert lent_sentence(lent(place)) == (
        "PCs of lines: attic (1 line, used once the floor dials), loft (12 lines, used once the "
        "floor dials)."
    )
    with closing(FloorStore(place)) as floor:
        now = WallClock().now()
        assert floor.take_lease("pc:1:1", now, 60.0, lambda _holder: True)
        floor.note_line(LineId("line01@loft"), "tls:192.0.2.7:5000", now)
        assert lent_sentence(lent(place)) == (
            "PCs of lines: attic (1 line, out of reach), loft (lends 1 of 12 lines)."
        )


def test_on_a_floor_where_each_pc_has_a_role_nobody_else_lends(place: FloorAddress) -> None:
    offer(place, "loft", LOFT)
    tell(place, "CREATE SCHEMA joining", "CREATE TABLE joining.lenders (role text)")
    with Database(place).reading() as connection:
        assert server_lines.offers(connection) == ()


def test_the_command_on_such_a_floor(
    place: FloorAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile, secrets = open_test_profile(tmp_path)
    come_in(profile, secrets, place)
    monkeypatch.setattr(commands, "open_secrets", lambda _key: secrets)
    journal = profile.root / "lent" / "journals" / "line01.jsonl"
    journal.parent.mkdir(parents=True)
    journal.write_text("of another floor")
    lending: list[tuple[ServerOffering, int]] = []

    async def lend(_home: object, made: ServerOffering, _secrets: object, count: int) -> None:
        lending.append((made, count))

    monkeypatch.setattr(commands, "_lend", lend)

    def run(**words: object) -> None:
        said = {"join": "", "name": "", "lines": None, **words}
        commands.lines_command(**said, profile=profile.root)  # type: ignore[arg-type]

    with pytest.raises(KnownError, match="which has no codes: run callfloor lines here without"):
        run(join=CODE)
    with pytest.raises(KnownError, match="no name for a seat"):
        run(name="the loft")
    run(name="loft", lines=3)
    assert not journal.exists()
    journal.write_text("of this floor")
    run()
    assert journal.exists()
    (first, count), (again, _count) = lending
    assert (count, first.certificate) == (3, again.certificate)
    assert lender.read_lent(profile).name == "loft", "as it was called last time"
    again.tell("192.0.2.7", 5000, 3)
    (found,) = offers(place)
    assert (found.seat, found.role, found.lines) == ("loft", first.certificate, 3)
    share = FloorShare(profile, lambda: secrets, lambda: WallClock().now().utc)
    assert list(share.lent_lines() or {}) == ["loft"]
    monkeypatch.setattr("app.tools.sharing.open_secrets", lambda _key: secrets)
    view = ShareWork(profile).look()
    assert view.lent == "PCs of lines: loft (3 lines, used once the floor dials)."
    assert "callfloor share url" in view.how
    secrets.set(pointing.OWNER_SECRET, "another")
    pointing.write_pointer(profile, pointing.Pointer(url="postgresql://owner@127.0.0.1:1/none"))
    view = ShareWork(profile).look()
    assert "cannot be reached" in view.lent, "the window shows all the same"
