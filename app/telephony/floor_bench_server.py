"""A shared floor that is made for a measurement: the embedded server, its list, what it costs."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from app.certificates import keep_files, make_request
from app.errors import KnownError
from app.lists.selection_floor import make
from app.profile import open_profile
from app.secrets import Secrets
from app.sharing.floor_share import ADMIN_SECRET, FloorShare
from app.sharing.passing import passing_home, passing_share
from app.sharing.server_settings import ADMIN
from app.telephony.floor_bench_parts import TUESDAY
from app.telephony.floor_bench_people import PASSWORD
from dialer_core.clock import Instant
from dialer_core.store import rights_install, seats_roles
from dialer_core.store.address import FloorAddress
from dialer_core.store.floor_link import FloorLink, scram_verifier
from dialer_core.store.measuring import number_on
from dialer_core.store.opening import open_database
from dialer_core.store.setup import SetupStore
from dialer_core.store.thrown_away import Asking, asking_at, empty_again, refuse_tables

SAMPLE_S = 0.25
_WAITING = (
    "SELECT wait_event, count(*) FROM pg_stat_activity "
    "WHERE wait_event_type IN ('Lock', 'LWLock', 'IO') AND state = 'active' GROUP BY 1"
)
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"


class _Ring:
    """A keyring that is forgotten with the bench."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self._kept[service, username]


@dataclass
class MeasuredServer:
    """A floor's server with a campaign and its list in it."""

    address: FloorAddress
    seats: tuple[FloorAddress, ...]  # each seat's own way in; the owner's where it has no role
    asking: Asking  # may see who waits for what
    pid: int | None  # None: on a machine of which nothing is known
    campaign_id: int
    made_s: float

    def cpu_s(self) -> float:
        """Processor seconds of the server and all its backends, those that have gone included."""
        if self.pid is None:
            return 0.0
        return _cpu_s(self.pid, with_children=True) + sum(
            _cpu_s(child, with_children=False) for child in children_of(self.pid)
        )


@contextmanager
def measured_server(people: int, seats: int) -> Iterator[MeasuredServer]:
    """A new server with `people` on the list and `seats` agents; gone with all its data."""
    with passing_home("callfloor-floor-") as home:
        profile = open_profile(home / "profile")
        secrets = Secrets(profile.key, _Ring())
        try:
            with passing_share(profile, secrets) as share:
                yield _filled(share, secrets, home, people, seats)
        finally:
            shutil.rmtree(profile.run_dir, ignore_errors=True)


def _filled(
    share: FloorShare, secrets: Secrets, home: Path, people: int, seats: int
) -> MeasuredServer:
    link = share.owner_link(secrets)
    admin = link.as_role(ADMIN, secrets.get(ADMIN_SECRET) or "")
    begun_s = time.monotonic()
    campaign_id = make(link.floor_address, people)
    _complete(link.floor_address, seats)
    come_in = tuple(
        _join(share, secrets, link, f"Seat {number}", home) for number in range(1, seats + 1)
    )
    with admin.alone() as connection:  # a floor that has run has been vacuumed
        connection.exec_driver_sql("VACUUM (ANALYZE)")
        connection.exec_driver_sql("CHECKPOINT")
    pid = share.server.pid()
    if pid is None:
        raise KnownError("The floor's database has ended; see its log.")
    made_s = time.monotonic() - begun_s
    return MeasuredServer(link.floor_address, come_in, admin.alone, pid, int(campaign_id), made_s)


def _join(
    share: FloorShare, secrets: Secrets, link: FloorLink, name: str, home: Path
) -> FloorAddress:
    """Let a seat in as the keeper does: its role, its certificate, its password."""
    password = os.urandom(12).hex()
    request, key = make_request(name)
    authority = share.authority(secrets)
    now = datetime.now(UTC)
    with link.writing() as connection:
        verifier = scram_verifier(connection, "seat", password)
        role = seats_roles.make_role(connection, name, verifier, now)
        rights_install.plan_as_seat(connection, role)
        certificate = authority.sign(request, role, ("127.0.0.1",), now)
        seats_roles.keep_seat(connection, name, role, certificate.decode(), ["127.0.0.1"])
    files = keep_files(home / "certificates" / role, authority.pem, certificate, key)
    ours = link.as_role(role, password)
    return replace(ours, certificate=files.certificate, key=files.key).floor_address


@contextmanager
def others_server(address: FloorAddress, people: int, seats: int) -> Iterator[MeasuredServer]:
    """The same in the empty database of a server that somebody else runs; empty again afterwards.

    Such a floor has one role, by which all seats come in. KnownError where there are tables.
    """
    refuse_tables(address)
    try:
        begun_s = time.monotonic()
        campaign_id = make(address, people)
        _complete(address, seats)
        made_s = time.monotonic() - begun_s
        asking = asking_at(address)
        yield MeasuredServer(address, (address,) * seats, asking, None, int(campaign_id), made_s)
    finally:
        empty_again(address)


def _complete(address: FloorAddress, seats: int) -> None:
    database = open_database(address)
    setup = SetupStore(database)
    try:
        with database.writing() as connection:
            number_on(connection)
        for number in range(1, seats + 1):
            setup.add_agent(f"Agent {number}", Instant(0.0, TUESDAY), PASSWORD)
    finally:
        setup.close()
        database.close()


# --- what it costs ----------------------------------------------------------------------------


@dataclass
class Sampler:
    """Asks the server now and then who waits for what, in a thread of its own."""

    asking: Asking
    waits: Counter[str] = field(default_factory=Counter)
    samples: int = 0
    backends: int = 0
    memory_mb: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        with self.asking() as connection:
            while not self._stop.wait(SAMPLE_S):
                for row in connection.exec_driver_sql(_WAITING):
                    self.waits[str(row[0])] += int(row[1])
                self.samples += 1
                if self.samples % 40 == 20:
                    pids = [int(row[0]) for row in connection.exec_driver_sql(_BACKENDS)]
                    self.backends = max(self.backends, len(pids))
                    self.memory_mb = max(self.memory_mb, sum(map(_own_mb, pids)))


def children_of(pid: int) -> list[int]:
    """The processes that `pid` has started and that live."""
    try:
        words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [int(word) for word in words]


def _cpu_s(pid: int, *, with_children: bool) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if with_children else 13])) / os.sysconf("SC_CLK_TCK")


def _own_mb(pid: int) -> float:
    """What a backend has for itself alone, without what all share."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    kilobytes = [int(one.split()[1]) for one in lines if one.startswith("Private_")]
    return sum(kilobytes) / 1024
