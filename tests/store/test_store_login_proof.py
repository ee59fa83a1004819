"""A password is hashed while nobody waits: before the login's transaction, judged inside it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, update

from dialer_core.model.errors import KnownError
from dialer_core.store import login_proof
from dialer_core.store.address import FloorAddress
from dialer_core.store.database import Database
from dialer_core.store.login_proof import Asked, prove
from dialer_core.store.opening import open_database
from dialer_core.store.passwords import hash_password, is_right
from dialer_core.store.schema import AgentRow
from dialer_core.store.seat import SeatStore
from tests.postgres_kit import soon
from tests.store.floor_kit import FloorKit

RIGHT, WRONG = "blue chair seven", "red table two"
CLARA = "Clara"


@pytest.fixture
def clara(kit: FloorKit) -> FloorKit:
    """A floor with an agent who has a password."""
    kit.setup.add_agent(CLARA, kit.now, RIGHT)
    return kit


def log_in(kit: FloorKit, password: str | None) -> int:
    store = SeatStore(kit.database)
    kit.seats.append(store)
    return store.log_in(CLARA, password, "seat09", "sip:s@127.0.0.1:5061", "token", kit.now)


def set_password(kit: FloorKit, password: str | None) -> None:
    stored = None if password is None else hash_password(password)
    with kit.database.writing() as connection:
        connection.execute(update(AgentRow).where(AgentRow.name == CLARA).values(password=stored))


def test_whoever_writes_meanwhile_does_not_wait_for_the_hash(
    clara: FloorKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[bool] = []

    def while_another_writes(password: str, stored: str) -> bool:
        other = open_database(clara.database.place)
        with other.writing() as connection:
            connection.execute(update(AgentRow).where(AgentRow.name == CLARA).values(name=CLARA))
        other.close()
        judged.append(is_right(password, stored))
        return judged[-1]

    monkeypatch.setattr(login_proof, "is_right", while_another_writes)
    assert log_in(clara, RIGHT) > 0
    assert judged == [True], "hashed once, and with nobody's pen"


@pytest.mark.parametrize("password", [WRONG, "", None])
def test_a_wrong_password_opens_nothing(clara: FloorKit, password: str | None) -> None:
    with pytest.raises(KnownError, match="password is wrong"):
        log_in(clara, password)
    assert clara.seats[-1].read() is None


@pytest.mark.parametrize(
    ("then", "typed", "opens"),
    [(WRONG, RIGHT, False), (WRONG, WRONG, True), (None, RIGHT, True), (RIGHT, WRONG, False)],
)
def test_a_password_that_is_changed_meanwhile_counts(
    clara: FloorKit,
    monkeypatch: pytest.MonkeyPatch,
    then: str | None,
    typed: str,
    *,
    opens: bool,
) -> None:
    def prove_late(asked: Asked, password: str | None) -> login_proof.Proof:
        made = prove(asked, password)
        set_password(clara, then)
        return made

    monkeypatch.setattr(login_proof, "prove", prove_late)
    if opens:
        assert log_in(clara, typed) > 0
        return
    with pytest.raises(KnownError, match="password is wrong"):
        log_in(clara, typed)


def test_no_password_shows_in_a_repr(clara: FloorKit) -> None:
    with clara.database.reading() as connection:
        asked = login_proof.ask(connection, CLARA)
    assert asked.stored is not None
    told = repr(asked) + repr(prove(asked, RIGHT))
    assert RIGHT not in told
    assert asked.stored[-20:] not in told


@pytest.mark.postgres
def test_who_logs_in_waits_longer_for_the_others_than_who_works(address: FloorAddress) -> None:
    hasty = Database(address, busy_s=0.05)
    with ThreadPoolExecutor(1) as pool:
        with hasty.writing() as held:
            with pytest.raises(KnownError, match="locked for too long"), hasty.writing():
                pass
            later = pool.submit(_write_patiently, hasty)
            assert soon(lambda: _waits(held)), "it stands in the queue"
            held.exec_driver_sql("SELECT pg_sleep(0.15)")  # three times the others' patience
            assert not later.done()
        assert later.result(10) == "written"
    hasty.close()


def _write_patiently(database: Database) -> str:
    with database.writing(is_patient=True):
        return "written"


def _waits(connection: Connection) -> bool:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    return bool(connection.exec_driver_sql(waiting).scalar_one())
