"""What holds on a server alone: turns, one moment, lost connections, sentences, two who migrate."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, func, insert, select

from dialer_core.model.errors import KnownError
from dialer_core.store.address import FloorAddress, parse_url
from dialer_core.store.database import HEAD, Database
from dialer_core.store.feed import ChangeFeed
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.postgres_errors import ConnectionLost
from dialer_core.store.schema import ClientRow
from tests.ports import free_port
from tests.postgres_kit import RunningPostgres, soon
from tests.store.relay import Relay

pytestmark = pytest.mark.postgres


@pytest.fixture
def floor(address: FloorAddress) -> Iterator[Database]:
    opened = open_database(address)
    yield opened
    opened.close()


@pytest.fixture
def relay(address: FloorAddress) -> Iterator[Relay]:
    with Relay(address.host, address.port) as made:
        yield made


@pytest.fixture
def far(address: FloorAddress, relay: Relay) -> Iterator[Database]:
    """The same database through a network that can be cut."""
    opened = open_database(replace(address, port=relay.port))
    yield opened
    opened.close()


def clients(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.scalars(select(ClientRow.name).order_by(ClientRow.id)))


def add_twice(connection: Connection) -> None:
    connection.execute(insert(ClientRow), {"name": "one"})
    with pytest.raises(Exception, match="unique"):
        connection.execute(insert(ClientRow), {"name": "one"})


def add_and_cut(connection: Connection, relay: Relay) -> None:
    connection.execute(insert(ClientRow), {"name": "lost"})
    relay.cut()
    connection.execute(insert(ClientRow), {"name": "lost too"})


def refusal(address: FloorAddress, *, create: bool = False) -> str:
    with pytest.raises(KnownError) as caught:
        open_database(address, create)
    sentence = caught.value.sentence
    assert sentence.endswith(".")
    assert not address.password or address.password not in sentence
    return sentence


# --- transactions -----------------------------------------------------------------------------


def test_writers_take_turns_and_each_sees_what_the_one_before_left(floor: Database) -> None:
    def add(n: int) -> None:
        for _ in range(10):
            with floor.writing() as connection:
                count = connection.scalar(select(func.count()).select_from(ClientRow))
                connection.execute(insert(ClientRow), {"name": f"{count}"})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    assert clients(floor) == [str(n) for n in range(40)], "no count was read twice"


def test_who_waits_too_long_for_a_writer_is_told(floor: Database) -> None:
    waiting = open_database(floor.place, busy_s=0.05)
    with floor.writing(), pytest.raises(KnownError, match="locked for too long"), waiting.writing():
        pass
    with waiting.writing() as connection:
        connection.execute(insert(ClientRow), {"name": "afterwards"})
    waiting.close()
    assert clients(floor) == ["afterwards"]


def test_a_reader_sees_one_moment_waits_for_nobody_and_writes_nothing(floor: Database) -> None:
    count = select(func.count()).select_from(ClientRow)
    with floor.reading() as reading:
        assert reading.scalar(count) == 0
        with floor.writing() as writing:
            writing.execute(insert(ClientRow), {"name": "one"})
            assert reading.scalar(count) == 0
        assert reading.scalar(count) == 0
    assert clients(floor) == ["one"]
    with pytest.raises(KnownError, match="may only be read"), floor.reading() as reading:
        reading.execute(insert(ClientRow), {"name": "two"})


def test_an_error_that_was_passed_over_is_not_taken_for_a_commit(floor: Database) -> None:
    with pytest.raises(RuntimeError, match="nothing is committed"), floor.writing() as connection:
        add_twice(connection)
    assert clients(floor) == []


@pytest.mark.parametrize(("is_durable", "waits"), [(True, "on"), (False, "off")])
def test_only_what_must_outlive_a_power_cut_waits_for_the_disk(
    floor: Database, is_durable: bool, waits: str
) -> None:
    own = floor.connect()
    own.exec_driver_sql("SET synchronous_commit = on")
    own.commit()
    with floor.writing(own, is_durable=is_durable) as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == waits
    own.close()


# --- a connection that is lost ----------------------------------------------------------------


def test_a_connection_lost_between_transactions_is_made_anew_unnoticed(
    far: Database, relay: Relay
) -> None:
    connection = far.connect()
    for n in range(3):
        with far.writing(connection):
            connection.execute(insert(ClientRow), {"name": f"{n}"})
        relay.cut()
        with far.reading(connection):
            assert connection.scalar(select(func.count()).select_from(ClientRow)) == n + 1
        relay.cut()
    connection.close()


def test_a_connection_lost_inside_a_transaction_undoes_it(far: Database, relay: Relay) -> None:
    connection = far.connect()
    with pytest.raises(ConnectionLost, match="was not saved"), far.writing(connection):
        add_and_cut(connection, relay)
    assert clients(far) == []
    with far.writing(connection):
        connection.execute(insert(ClientRow), {"name": "again"})
    connection.close()
    assert clients(far) == ["again"]


def test_a_commit_whose_answer_was_lost_counts_and_is_not_done_twice(
    far: Database, relay: Relay
) -> None:
    relay.cut_at(b"COMMIT", is_passed_on=True)
    with far.writing() as connection:
        connection.execute(insert(ClientRow), {"name": "once"})
    assert relay.was_cut
    assert clients(far) == ["once"]


def test_a_commit_that_never_arrived_is_told(far: Database, relay: Relay) -> None:
    relay.cut_at(b"COMMIT", is_passed_on=False)
    with pytest.raises(ConnectionLost, match="was not saved"), far.writing() as connection:
        connection.execute(insert(ClientRow), {"name": "never"})
    assert relay.was_cut
    assert clients(far) == []
    with far.writing() as connection:  # and the pen was given back
        connection.execute(insert(ClientRow), {"name": "again"})


# --- the feed ---------------------------------------------------------------------------------


def test_a_feed_that_was_cut_off_catches_up(floor: Database, far: Database, relay: Relay) -> None:
    feed = ChangeFeed(far)
    assert [feed.changed(), feed.changed()] == [True, False]
    relay.cut()
    with floor.writing() as connection:
        connection.execute(insert(ClientRow), {"name": "meanwhile"})
    answers = [feed.changed() for _ in range(4)]
    assert answers[0], "what was told meanwhile has not arrived"
    assert not answers[-1], "it listens again"
    with floor.writing() as connection:
        connection.execute(insert(ClientRow), {"name": "later"})
    assert soon(feed.changed)
    feed.close()


def test_a_transaction_that_wrote_nothing_is_no_change(floor: Database) -> None:
    feed = ChangeFeed(floor)
    feed.changed()
    with floor.writing() as connection:
        connection.execute(delete(ClientRow))
    with floor.reading() as connection:
        connection.execute(select(ClientRow.name))
    with floor.writing() as connection:
        connection.execute(insert(ClientRow), {"name": "one"})
    assert soon(feed.changed)
    assert not feed.changed(), "the two before have told nothing"
    feed.close()


# --- what the world does ----------------------------------------------------------------------


def test_nobody_answers(address: FloorAddress) -> None:
    assert "cannot be reached" in refusal(replace(address, port=free_port()))


def test_a_name_that_nobody_has(address: FloorAddress) -> None:
    nobody = replace(address, host="floor.invalid", ca=None)
    assert "No computer called floor.invalid" in refusal(nobody)


def test_somebody_else_answers(address: FloorAddress) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        threading.Thread(target=_grumble, args=(other,), daemon=True).start()
        assert "cannot be reached" in refusal(replace(address, port=other.getsockname()[1]))


def _grumble(listening: socket.socket) -> None:
    with listening.accept()[0] as caller:
        caller.recv(100)
        caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_wrong_password(address: FloorAddress) -> None:
    assert "does not accept the user owner" in refusal(replace(address, password="guess"))
    assert "does not accept the user owner" in refusal(replace(address, password=""))


def test_no_such_database(address: FloorAddress) -> None:
    assert "There is no database nowhere" in refusal(replace(address, database="nowhere"))


def test_no_free_connection(address: FloorAddress, postgres: RunningPostgres) -> None:
    with postgres.connect() as connection:
        connection.execute("CREATE ROLE crowd LOGIN PASSWORD 'crowd' CONNECTION LIMIT 0")
        crowd = replace(address, user="crowd", password="crowd")
        assert "Too many programs" in refusal(crowd)
        connection.execute("DROP ROLE crowd")


def test_a_database_of_something_else(postgres: RunningPostgres) -> None:
    music = postgres.new_database()
    assert "is not a Callfloor database" in refusal(music), "an empty one is none"
    with postgres.connect(music) as connection:
        connection.execute("CREATE TABLE songs (name text)")
    assert "is not a Callfloor database" in refusal(music, create=True)
    with pytest.raises(KnownError, match="tables of something else"):
        migrate(music)
    postgres.drop(music)


def test_newer_and_older_than_the_program(address: FloorAddress, postgres: RunningPostgres) -> None:
    with postgres.connect(address) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        assert "older Callfloor" in refusal(address)
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    assert "newer Callfloor" in refusal(address)
    assert "newer Callfloor" in refusal(address, create=True)
    with pytest.raises(KnownError, match="newer Callfloor"):
        migrate(address)


def test_two_programs_migrate_at_once(postgres: RunningPostgres) -> None:
    made = postgres.new_database()
    with ThreadPoolExecutor(1) as other:
        first = other.submit(migrate, made)
        opened = open_database(made, create=True)
        first.result()
    with opened.reading() as connection:
        assert connection.exec_driver_sql("SELECT * FROM alembic_version").scalar() == HEAD
        keys = "SELECT count(*) FROM settings WHERE key = 'number_key'"
        assert connection.exec_driver_sql(keys).scalar() == 1
    opened.close()
    postgres.drop(made)


# --- addresses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        FloorAddress("192.0.2.7"),
        FloorAddress("fd00::7", 54170, "our floor", "seat 1", others=("192.0.2.7", "192.0.2.8")),
        FloorAddress("/run/postgresql", user="o'brien@home"),
        FloorAddress(
            "floor.example", ca=Path("/a b/ca.pem"), fingerprint="ab" * 32,
            certificate=Path("/s.pem"), key=Path("/s.key"), server_name="floor.internal",
        ),
    ],
)  # fmt: skip
def test_an_address_is_written_and_read_without_its_password(address: FloorAddress) -> None:
    secret = replace(address, password="s3cret")
    assert "s3cret" not in f"{secret} {secret!r} {secret.url}"
    assert parse_url(secret.url) == address
    assert parse_url(secret.url, "s3cret") == secret


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "begin with postgresql"),
        ("http://floor.example/", "begin with postgresql"),
        ("postgresql:///callfloor", "name is missing"),
        ("postgresql://u:s3cret@floor:70000/x", "port"),
        ("postgresql://u:s3cret@floor/x?sslmode=disable", "nothing here is called sslmode"),
        ("postgresql://u:s3cret@floor/x?ca=/ca.pem&fingerprint=ab", "64 figures"),
    ],
)
def test_a_url_that_cannot_be_read_is_told_without_it(url: str, why: str) -> None:
    with pytest.raises(KnownError, match=why) as caught:
        parse_url(url)
    assert "s3cret" not in caught.value.sentence


# --- how fast --------------- -----------------------------------------------------------------


def test_a_change_is_seen_within_fifty_milliseconds(floor: Database) -> None:
    feed = ChangeFeed(floor)
    feed.changed()
    connection = floor.connect()
    took: list[float] = []
    for n in range(100):
        with floor.writing(connection):
            connection.execute(insert(ClientRow), {"name": f"{n}"})
        began = time.perf_counter()
        assert soon(feed.changed)
        took.append(time.perf_counter() - began)
    connection.close()
    feed.close()
    assert sorted(took)[98] <= 0.050
