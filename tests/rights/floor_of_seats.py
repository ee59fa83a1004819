"""A floor on a server: the dialler as its owner, each seat as a role of its own, and intruders."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

from dialer_core.clock import Instant
from dialer_core.engine.events import AttemptCommitted
from dialer_core.model.ids import AttemptId, ContactId, SessionId
from dialer_core.model.states import CallStage, Mode, SeatState
from dialer_core.rules.profiles import profile
from dialer_core.store import joining, rights_install, seats_roles
from dialer_core.store.address import FloorAddress
from dialer_core.store.database import Database
from dialer_core.store.opening import migrate
from dialer_core.store.seat import SeatStore
from tests.postgres_kit import RunningPostgres
from tests.store.floor_kit import FloorKit

OWNER = "callfloor"
PASSWORD = "Owner-of-this-test"
ANNA, BEN, CLARA = "Anna of preview", "Ben of preview", "Clara"
CLARAS_PASSWORD = "blue chair seven"
PHONE = "sip:seat@127.0.0.1:5061;transport=tls"


class WorkingDay:
    """A clock that begins on Tuesday, 3 March 2026, 10:00 in London, and is moved by hand."""

    def __init__(self) -> None:
        self._now = Instant(1000.0, datetime(2026, 3, 3, 10, tzinfo=UTC))

    def now(self) -> Instant:
        return self._now

    def advance(self, seconds: float) -> Instant:
        self._now = self._now.after(seconds)
        return self._now


def make_template(server: RunningPostgres) -> str:
    """The name of a database with the floor's tables and rights, owned by `OWNER`."""
    with server.connect() as admin:
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}").format(
                sql.Identifier(OWNER), sql.Literal(PASSWORD)
            )
        )
        admin.execute(f"GRANT pg_read_all_stats, pg_signal_backend TO {OWNER}")
    made = server.new_database()
    _give_to_owner(server, made)
    with server.connect(made) as admin:  # as floor_roles.make_owner does
        for function in ("lo_create(oid)", "lo_creat(integer)", "lo_from_bytea(oid, bytea)"):
            admin.execute(f"REVOKE EXECUTE ON FUNCTION pg_catalog.{function} FROM PUBLIC")
    as_owner = replace(made, user=OWNER, password=PASSWORD)
    migrate(as_owner)
    _let_seats_join(as_owner)
    return made.database


def _give_to_owner(server: RunningPostgres, made: FloorAddress) -> None:
    with server.connect() as admin:
        admin.execute(f"ALTER DATABASE {made.database} OWNER TO {OWNER}")


def _let_seats_join(as_owner: FloorAddress) -> None:
    database = Database(as_owner)
    with database.writing() as connection:
        joining.install(connection)
    database.close()


@dataclass
class Seat:
    """A seat that has joined, and the stores that its window has opened."""

    name: str
    role: str
    address: FloorAddress
    stores: list[SeatStore] = field(default_factory=list)
    intruders: list[psycopg.Connection[Any]] = field(default_factory=list)

    def window(self) -> SeatStore:
        """What an agent's window works with, under this seat's role."""
        store = SeatStore(self.address)
        self.stores.append(store)
        return store

    def intruder(self) -> psycopg.Connection[Any]:
        """This seat's way in without our program."""
        one = connect_as(self.address)
        self.intruders.append(one)
        return one

    def close(self) -> None:
        for store in self.stores:
            store.close()
        for one in self.intruders:
            one.close()


def connect_as(address: FloorAddress) -> psycopg.Connection[Any]:
    """A plain connection, each statement its own transaction."""
    return psycopg.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        dbname=address.database,
        autocommit=True,
    )


@dataclass
class FloorOfSeats:
    """The floor; `kit` is the dialler and the supervisor, with the owner's role."""

    server: RunningPostgres
    address: FloorAddress
    database: Database
    kit: FloorKit
    clock: WorkingDay
    seats: dict[str, Seat] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def made(cls, server: RunningPostgres, template: str) -> Iterator[FloorOfSeats]:
        fresh = server.new_database(template)
        _give_to_owner(server, fresh)
        address = replace(fresh, user=OWNER, password=PASSWORD)
        _let_seats_join(address)
        database = Database(address)
        clock = WorkingDay()
        kit = FloorKit(database, clock)  # type: ignore[arg-type]  # it only asks for now
        floor = cls(server, address, database, kit, clock)
        try:
            kit.add_campaign(Mode.PREVIEW, profile("GB"), people=6)
            kit.setup.add_agent(CLARA, kit.now, CLARAS_PASSWORD)
            kit.take_lease()
            for name in ("seat-one", "seat-two"):
                floor.join(name)
            yield floor
        finally:
            for seat in floor.seats.values():
                seat.close()
            kit.close()
            database.close()
            server.drop(fresh)
            with server.connect() as admin:
                for seat in floor.seats.values():
                    admin.execute(f"DROP ROLE {seat.role}")

    def join(self, name: str) -> Seat:
        """Let a seat in, as the keeper does."""
        password = secrets.token_hex(12)
        with connect_as(self.address) as plain:
            made = plain.pgconn.encrypt_password(password.encode(), b"any", b"scram-sha-256")
        now = datetime.now(UTC)
        with self.database.writing() as connection:
            role = seats_roles.make_role(connection, name, made.decode(), now)
            rights_install.plan_as_seat(connection, role)
            seats_roles.keep_seat(connection, name, role, "certificate", [])
        seat = Seat(name, role, replace(self.address, user=role, password=password))
        self.seats[name] = seat
        return seat

    @property
    def one(self) -> Seat:
        return self.seats["seat-one"]

    @property
    def two(self) -> Seat:
        return self.seats["seat-two"]

    def owner(self) -> psycopg.Connection[Any]:
        """A plain connection of the floor's owner."""
        return connect_as(self.address)

    def sit_down(self, seat: Seat, agent: str = ANNA, password: str | None = None) -> SeatStore:
        """The agent's window at that seat, logged in."""
        window = seat.window()
        self.log_in(window, agent, password)
        return window

    def log_in(self, window: SeatStore, agent: str = ANNA, password: str | None = None) -> int:
        return window.log_in(
            agent, password, "whatever the PC is called", PHONE,
            "token", self.clock.now(),
        )  # fmt: skip

    def preview(self, window: SeatStore) -> ContactId:
        """The dialler puts the next person on the agent's screen."""
        (record,) = self.kit.lease()
        session = session_of(window)
        self.kit.set_seat(session, SeatState.PREVIEW, contact=record.contact_id)
        self._record = record
        return record.contact_id

    def call(self, window: SeatStore) -> tuple[AttemptId, ContactId]:
        """A whole conversation with the next person; the agent is in wrap-up."""
        contact = self.preview(window)
        session = session_of(window)
        answer = self.kit.commit(self._record, session)
        assert isinstance(answer, AttemptCommitted)
        attempt = answer.attempt_id
        self.kit.set_seat(session, SeatState.CONNECTING, attempt, contact)
        self.kit.move(attempt, CallStage.RINGING, session)
        self.kit.set_seat(session, SeatState.TALKING, attempt, contact)
        self.kit.talk(attempt, session)
        self.kit.set_seat(session, SeatState.WRAP_UP, attempt, contact)
        window.beat(self.clock.now())
        return attempt, contact

    def bring_to_today(self) -> None:
        """As if the calls had been an hour ago by the server's clock: what is owed has an end."""
        with self.owner() as owner:
            owner.execute(
                "UPDATE attempts SET committed_at = committed_at + (now() - interval '1 hour'"
                " - (SELECT max(a.committed_at) FROM attempts a))"
            )

    def after_wrap_up(self, window: SeatStore) -> None:
        """The dialler has read the outcome and lets go of the record."""
        self.kit.set_seat(session_of(window), SeatState.AVAILABLE)


def session_of(window: SeatStore) -> SessionId:
    row = window.read()
    assert row is not None
    return row.session_id


HOUR = timedelta(hours=1)
