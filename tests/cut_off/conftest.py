"""A floor on a server behind a network that a test closes and opens, and a seat on it."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from app.desk.agent import AgentDesk
from app.desk.outcome_journal import OutcomeJournal
from app.desk.views import AgentView, LoginView
from app.phone_link import PhoneLink
from dialer_core.clock import Instant, ManualClock
from dialer_core.model.ids import AttemptId, ContactId, SessionId
from dialer_core.model.states import CallStage, Mode, SeatState
from dialer_core.rules.profiles import profile
from dialer_core.store.address import FloorAddress
from dialer_core.store.database import Database
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.seat import SeatStore
from sip import messages
from tests.postgres_kit import RunningPostgres, running_postgres
from tests.store.floor_kit import FloorKit

AGENT = "Anna of preview"


class Network:
    """Passes on what comes to `port` while it is open."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._is_open = True
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def cut(self) -> None:
        with self._lock:
            self._is_open = False
            for one in self._ends:
                _break(one)
            self._ends.clear()

    def mend(self) -> None:
        with self._lock:
            self._is_open = True

    def close(self) -> None:
        _break(self._listening)
        self._listening.close()
        self.cut()
        for one in self._threads:
            one.join(10)

    def _start(self, work: Callable[..., None], *ends: socket.socket) -> None:
        made = threading.Thread(target=work, args=ends, daemon=True)
        self._threads.append(made)
        made.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                if not self._is_open:
                    near.close()
                    continue
                far = socket.create_connection(self._to)
                self._ends += [near, far]
            for one, other in ((near, far), (far, near)):
                self._start(_pass_on, one, other)


def _break(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        return
    finally:
        _break(other)
        one.close()


class SilentPhone:
    """A phone that is there, and in no call that it tells of."""

    def __init__(self) -> None:
        self.deliver: Callable[[messages.Message | None], None] = lambda _message: None

    def open(self) -> None:
        self.deliver(
            messages.PhoneStatus(
                last_seq=0, uri="sip:seat@127.0.0.1:5061;transport=tls", session_id=None,
                sound="Headset", has_sound=True, is_muted=False, call=None,
            )
        )  # fmt: skip

    def send(self, message: messages.Message) -> bool:
        return True

    def close(self, *, end_phone: bool) -> None:
        return


class WindowClock:
    """The machine's, `off_s` seconds ahead."""

    def __init__(self, off_s: float) -> None:
        self._off = timedelta(seconds=off_s)

    def now(self) -> Instant:
        return Instant(time.monotonic(), datetime.now(UTC) + self._off)


class Seat:
    """An agent's desk, and what its window was told."""

    def __init__(
        self,
        open_store: Callable[[], SeatStore],
        bot: QtBot,
        journal: Path | None = None,
        off_s: float = 0.0,
        agent: str = "",
    ) -> None:
        self.bot = bot
        self.views: list[AgentView] = []
        self.logins: list[LoginView] = []
        self.crashes: list[object] = []
        phone = SilentPhone()

        def make(deliver: Callable[[messages.Message | None], None]) -> PhoneLink:
            phone.deliver = deliver
            return cast(PhoneLink, phone)

        self.desk = AgentDesk(
            open_store, make, "seat01", WindowClock(off_s), agent,
            journal=OutcomeJournal(journal),
        )  # fmt: skip
        self.desk.view_changed.connect(self.views.append)
        self.desk.login_changed.connect(self.logins.append)
        self.desk.failed.connect(self.crashes.append)
        self.desk.start()

    @property
    def notices(self) -> tuple[str, ...]:
        return self.views[-1].notices if self.views else ()

    def says(self, words: str) -> bool:
        return any(words in one for one in self.notices)

    def wait(self, what: Callable[[], object], timeout_s: float = 15.0) -> None:
        self.bot.waitUntil(lambda: bool(what()), timeout=round(1000 * timeout_s))

    def log_in(self) -> None:
        self.wait(
            lambda: self.logins and AGENT in self.logins[-1].agents and not self.logins[-1].is_busy
        )
        self.desk.log_in(AGENT, "")
        self.wait(lambda: self.views)

    def close(self) -> None:
        self.desk.stop(end_phone=True)


@pytest.fixture(scope="module")
def server() -> Iterator[RunningPostgres]:
    with running_postgres() as running:
        yield running


@pytest.fixture(scope="module")
def migrated(server: RunningPostgres) -> FloorAddress:
    made = server.new_database()
    migrate(made)
    return made


@pytest.fixture
def server_address(server: RunningPostgres, migrated: FloorAddress) -> FloorAddress:
    return server.new_database(template=migrated.database)


@pytest.fixture
def database(server_address: FloorAddress) -> Iterator[Database]:
    opened = open_database(server_address)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def kit(database: Database, clock: ManualClock) -> Iterator[FloorKit]:
    made = FloorKit(database, clock)
    made.add_campaign(Mode.PREVIEW, profile("GB"))
    made.take_lease()
    yield made
    made.close()


@pytest.fixture
def network(server_address: FloorAddress) -> Iterator[Network]:
    made = Network(server_address.host, server_address.port)
    yield made
    made.close()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "seat01.json"


Open = Callable[..., Seat]


@pytest.fixture
def open_seat(
    kit: FloorKit,
    server_address: FloorAddress,
    network: Network,
    journal: Path,
    qtbot: QtBot,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Open]:
    made: list[Seat] = []

    def make(off_s: float = 0.0) -> Seat:
        place = replace(server_address, port=network.port)
        made.append(Seat(lambda: SeatStore(place), qtbot, journal, off_s, AGENT))
        return made[-1]

    yield make
    network.mend()
    for one in made:
        one.close()
        assert not one.crashes, "no error dialog"
    warned = {one.message for one in caplog.records if one.levelno >= logging.WARNING}
    assert warned <= {"the floor cannot be reached"}


def in_a_call(kit: FloorKit, seat: Seat) -> AttemptId:
    """Logged in and talking; the attempt."""
    seat.log_in()
    session = SessionId(_session(kit))
    attempt = kit.dial(session)
    kit.move(attempt, CallStage.TALKING, session)
    kit.set_seat(session, SeatState.TALKING, attempt, ContactId(1))
    seat.wait(lambda: seat.views[-1].state is SeatState.TALKING)
    return attempt


def _session(kit: FloorKit) -> int:
    with kit.database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT max(id) FROM sessions").scalar() or 0)
