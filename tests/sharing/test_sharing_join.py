"""Joining a floor: the right code once, and each wrong one with its own sentence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError

from app.certificates import open_authority
from app.knocking import knock
from app.sharing import pointing
from app.sharing.floor_share import FloorShare
from app.sharing.join_code import JoinCode, make_secret, read_code, write_code
from app.sharing.joining import FloorJoin, SeatJoined, leave_floor
from app.sharing.server_settings import JOIN
from dialer_core.model.errors import KnownError
from dialer_core.store import joining, joining_sql, seats_roles
from dialer_core.store.audit import first_broken
from tests.sharing.kit import ClockByHand, SharedFloor, open_test_profile, shared_floor

JOIN_S = 10.0


@contextmanager
def answering(floor: SharedFloor) -> Iterator[None]:
    """The keeper at work."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.05):
            floor.answer()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def join(
    floor: SharedFloor, folder: Path, seat: str, code: str = "", off_s: float = 0.0
) -> SeatJoined:
    profile, secrets = open_test_profile(folder)
    clock = ClockByHand(off_s)
    code = code or floor.share.new_code().text
    with answering(floor):
        return FloorJoin(profile, secrets, clock, lambda: ("127.0.0.1",)).join(
            code, seat, lambda _step: None
        )


def test_a_code_makes_a_seat_within_ten_seconds(floor: SharedFloor, tmp_path: Path) -> None:
    joined = join(floor, tmp_path / "a", "front-1")
    assert joined.seconds <= JOIN_S
    profile, _ = open_test_profile(tmp_path / "a")
    pointer = pointing.read_pointer(profile)
    assert pointer is not None
    assert (pointer.seat, pointer.role, pointer.floor) == ("front-1", joined.role, "Test floor")
    seats = {seat.name: seat for seat in floor.share.seats()}
    assert seats["front-1"].role == joined.role
    assert not seats["front-1"].is_here
    with floor.link.alone() as connection:
        assert first_broken(connection) is None


def test_a_seat_comes_in_with_its_certificate_and_reads_nothing_yet(
    floor: SharedFloor, tmp_path: Path
) -> None:
    profile, secrets = open_test_profile(tmp_path / "b")
    with answering(floor):
        FloorJoin(profile, secrets, ClockByHand(), lambda: ("127.0.0.1",)).join(
            floor.share.new_code().text, "front-2", lambda _step: None
        )
    pointer = pointing.read_pointer(profile)
    password = secrets.get(pointing.SEAT_SECRET)
    assert pointer is not None
    assert password is not None
    link = pointer.link(profile, password)
    with link.alone() as connection:
        told = connection.exec_driver_sql(
            "SELECT current_user::text, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).one()
        assert told == (pointer.role, f"/CN={pointer.role}")
        here = {seat.name: seat.is_here for seat in floor.share.seats()}
        assert here["front-2"]
        for table in ("contacts", "settings", "audit_log", "joining.codes"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                connection.exec_driver_sql(f"SELECT * FROM {table}")
    without = link.as_role(link.role, password)
    bare = type(without)(
        without.address, without.port, without.role, password, without.authority, without.host
    )
    with pytest.raises(KnownError, match="does not let this seat in"), bare.alone():
        pass


def test_another_seats_certificate_opens_nothing(floor: SharedFloor, tmp_path: Path) -> None:
    for name in ("own", "other"):
        join(floor, tmp_path / name, f"seat-{name}")
    own, secrets = open_test_profile(tmp_path / "own")
    pointer, _ = pointing.read_pointer(own), secrets
    assert pointer is not None
    other = pointing.read_pointer(open_test_profile(tmp_path / "other")[0])
    assert other is not None
    link = pointer.link(own, "any password").as_role(other.role, "any password")
    with pytest.raises(KnownError), link.alone():
        pass


def test_a_removed_seat_is_shut_out_at_once(floor: SharedFloor, tmp_path: Path) -> None:
    profile, secrets = open_test_profile(tmp_path / "c")
    with answering(floor):
        FloorJoin(profile, secrets, ClockByHand(), lambda: ("127.0.0.1",)).join(
            floor.share.new_code().text, "back-room", lambda _step: None
        )
    pointer = pointing.read_pointer(profile)
    assert pointer is not None
    link = pointer.link(profile, secrets.get(pointing.SEAT_SECRET) or "")
    with link.alone() as connection:
        floor.share.remove_seat("Back-Room")
        with pytest.raises(Exception, match="terminat"):
            connection.exec_driver_sql("SELECT 1")
    with pytest.raises(KnownError, match="join again with a new code"), link.alone():
        pass
    with pytest.raises(KnownError, match="No seat called back-room"):
        floor.share.remove_seat("back-room")
    again = join(floor, tmp_path / "d", "back-room")
    assert again.role != pointer.role


def test_a_wrong_code(floor: SharedFloor, tmp_path: Path) -> None:
    right = read_code(floor.share.new_code().text)
    wrong = JoinCode(right.addresses, right.port, right.fingerprint, make_secret())
    with pytest.raises(KnownError, match="does not know this code"):
        join(floor, tmp_path / "x", "x", write_code(wrong))


def test_an_old_code(floor: SharedFloor, tmp_path: Path) -> None:
    code = floor.share.new_code(life_s=0.0)
    with pytest.raises(KnownError, match="has run out or was closed"):
        join(floor, tmp_path / "x", "x", code.text)


def test_a_code_that_a_newer_one_closed(floor: SharedFloor, tmp_path: Path) -> None:
    first = floor.share.new_code()
    floor.share.new_code()
    with pytest.raises(KnownError, match="has run out or was closed"):
        join(floor, tmp_path / "x", "x", first.text)


def test_a_used_code(floor: SharedFloor, tmp_path: Path) -> None:
    code = floor.share.new_code().text
    join(floor, tmp_path / "one", "used-1", code)
    with pytest.raises(KnownError, match="was used already"):
        join(floor, tmp_path / "two", "used-2", code)


def test_the_same_name_twice_leaves_the_code_good(floor: SharedFloor, tmp_path: Path) -> None:
    join(floor, tmp_path / "one", "twin")
    code = floor.share.new_code().text
    with pytest.raises(KnownError, match="A seat called TWIN has joined this floor already"):
        join(floor, tmp_path / "two", "TWIN", code)
    assert join(floor, tmp_path / "two", "twin-2", code).seat == "twin-2"


@pytest.mark.parametrize(("off_s", "word"), [(3590, "ahead of"), (-3500, "behind")])
def test_a_clock_that_is_off_by_an_hour_leaves_the_code_good(
    floor: SharedFloor, tmp_path: Path, off_s: float, word: str
) -> None:
    code = floor.share.new_code().text
    with pytest.raises(KnownError, match=f"clock is .* minutes {word} the floor's"):
        join(floor, tmp_path / "late", f"late-{word[:3]}", code, off_s)
    assert join(floor, tmp_path / "late", f"late-{word[:3]}", code).seconds <= JOIN_S


def test_a_clock_before_the_certificate(floor: SharedFloor, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="set the clock right"):
        join(floor, tmp_path / "x", "x", off_s=-86400.0)


def test_another_floors_fingerprint(floor: SharedFloor, tmp_path: Path) -> None:
    right = read_code(floor.share.new_code().text)
    wrong = JoinCode(right.addresses, right.port, b"another!", right.secret)
    with pytest.raises(KnownError, match="nothing was told to it"):
        join(floor, tmp_path / "x", "x", write_code(wrong))


def test_an_authority_that_did_not_sign_the_server_is_no_proof(
    floor: SharedFloor, tmp_path: Path
) -> None:
    """Who stands in between may show the floor's public certificate beside one of their own."""
    now = ClockByHand()()
    thief = open_authority(tmp_path / "thief", "x", now)
    chain, key = thief.server(["127.0.0.1"], now)
    leaf = chain[: chain.index(b"-----END CERTIFICATE-----")] + b"-----END CERTIFICATE-----\n"
    server = floor.share.server
    whole = (server.place.data / "server.pem").read_bytes()
    private = (server.place.data / "server.key").read_bytes()
    right = read_code(floor.share.new_code().text)
    try:
        server.write_certificates(leaf + floor.authority.pem, key, floor.authority.pem)
        server.stop()
        server.start()
        with pytest.raises(KnownError, match="nothing was told to it"):
            knock(right.addresses, right.port, right.fingerprint, now)
    finally:
        server.write_certificates(whole, private, floor.authority.pem)
        server.stop()
        server.start()


def test_nobody_at_the_address(floor: SharedFloor, tmp_path: Path) -> None:
    right = read_code(floor.share.new_code().text)
    gone = JoinCode(("127.0.0.9",), 9, b"nobody!!", right.secret)
    with pytest.raises(KnownError, match=r"does not answer at 127\.0\.0\.9, port 9"):
        join(floor, tmp_path / "x", "x", write_code(gone))


@pytest.mark.parametrize("name", ["", "a b", "x" * 41, "Zoë; DROP", "../up"])
def test_a_name_that_is_none(floor: SharedFloor, tmp_path: Path, name: str) -> None:
    with pytest.raises(KnownError, match="is no name for a seat"):
        join(floor, tmp_path / "x", name)


def test_a_pc_that_belongs_to_a_floor_joins_no_other_until_it_leaves(
    floor: SharedFloor, tmp_path: Path
) -> None:
    join(floor, tmp_path / "x", "mover")
    with pytest.raises(KnownError, match="belongs to the floor Test floor already"):
        join(floor, tmp_path / "x", "mover-2")
    profile, secrets = open_test_profile(tmp_path / "x")
    share = FloorShare(profile, lambda: secrets, ClockByHand())
    assert share.status().elsewhere == "This PC is the seat mover of the floor Test floor."
    with pytest.raises(KnownError, match="It is shared from there"):
        share.start("x", lambda _step, _share: True, keep=False)
    assert leave_floor(profile, secrets) == "mover"
    assert join(floor, tmp_path / "x", "mover-2").seat == "mover-2"


def test_the_join_role_can_call_one_function_and_nothing_else(floor: SharedFloor) -> None:
    link = floor.link.as_role(JOIN, joining.JOIN_PASSWORD)
    with link.alone() as connection:
        for statement in (
            "SELECT * FROM contacts",
            "SELECT * FROM joining.codes",
            "SELECT * FROM joining.requests",
            "INSERT INTO joining.seat_roles (seat_id, role) VALUES (1, 'x')",
            "CREATE TABLE x (id integer)",
            "CREATE TEMP TABLE x (id integer)",
            "CREATE ROLE x",
            "SELECT lo_from_bytea(0, 'x')",
            "COPY (SELECT 1) TO '/tmp/x'",
            "SELECT pg_read_file('/etc/passwd')",
            "ALTER ROLE callfloor PASSWORD 'x'",
            "SET ROLE callfloor",
        ):
            with pytest.raises(Exception, match="permission denied"):
                connection.exec_driver_sql(statement)
        asked = joining.ask(connection, "x", "y", b"z", "v", [], ClockByHand()())
    assert asked == {"state": "wrong"}


def test_many_wrong_codes_lock_for_a_while(tmp_path: Path, server_dir: Path) -> None:
    with shared_floor(tmp_path / "locked") as floor:
        link = floor.link.as_role(JOIN, joining.JOIN_PASSWORD)
        right = read_code(floor.share.new_code().text)
        with link.alone() as connection:
            now = ClockByHand()()
            states = [
                joining.ask(connection, make_secret(), "x", b"z", "v", [], now)["state"]
                for _ in range(joining_sql.MISSES_A_MINUTE + 1)
            ]
        assert states == ["wrong"] * joining_sql.MISSES_A_MINUTE + ["locked"]
        with pytest.raises(KnownError, match="Too many wrong codes"):
            join(floor, tmp_path / "x", "x", write_code(right))


def test_a_damaged_request_is_refused_and_makes_no_role(floor: SharedFloor) -> None:
    code = read_code(floor.share.new_code().text)
    link = floor.link.as_role(JOIN, joining.JOIN_PASSWORD)
    verifier = "SCRAM-SHA-256$4096:" + "A" * 24 + "$" + "A" * 44 + ":" + "A" * 44
    with link.alone() as connection:
        now = ClockByHand()()
        words = (code.secret, "broken", b"no request", verifier, ["127.0.0.1"], now)
        assert joining.ask(connection, *words) == {"state": "waiting"}
        (answered,) = floor.answer()
        assert answered.refusal
        told = joining.ask(connection, *words)
    assert told["state"] == "refused"
    assert "signing request is damaged" in str(told["sentence"])
    with floor.link.alone() as connection:
        assert "broken" not in {seat.name for seat in seats_roles.joined_seats(connection)}


def test_secrets_are_nowhere_in_the_database(floor: SharedFloor, tmp_path: Path) -> None:
    code = floor.share.new_code()
    secret = read_code(code.text).secret
    join(floor, tmp_path / "z", "quiet", code.text)
    with floor.link.alone() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM joining.codes").all())
        rows += str(connection.exec_driver_sql("SELECT * FROM joining.requests").all())
    assert secret not in rows
    assert "SCRAM" not in rows
    assert "PRIVATE" not in rows


def test_the_answer_is_for_who_asked(floor: SharedFloor) -> None:
    """With the secret alone nobody else gets the seat's certificate."""
    code = read_code(floor.share.new_code().text)
    link = floor.link.as_role(JOIN, joining.JOIN_PASSWORD)
    verifier = "SCRAM-SHA-256$4096:" + "A" * 24 + "$" + "A" * 44 + ":" + "A" * 44
    with link.alone() as connection:
        now = ClockByHand()()
        joining.ask(connection, code.secret, "mine", b"one", verifier, [], now)
        told = joining.ask(connection, code.secret, "mine", b"two", verifier, [], now)
    assert told == {"state": "used"}
    floor.answer()


def test_psycopg_alone_gets_no_further(floor: SharedFloor) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(
            f"host=127.0.0.1 port={floor.state.port} user={JOIN} dbname=postgres "
            f"password={joining.JOIN_PASSWORD} sslmode=require"
        )
