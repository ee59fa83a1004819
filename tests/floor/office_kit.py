"""A small office: the real dialler as a user starts it, real phones, and sipp for the public."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, select

from app.clock import WallClock
from app.phone_link import PhoneLink, Practice, certificate_of
from app.practice import read_lines
from app.profile import open_profile
from app.rehearsal.people import DISPOSITIONS
from app.trunk import GatewayPlace, Trunk, write_trunk
from dialer_core.model.ids import CampaignId
from dialer_core.model.states import Mode, SeatState
from dialer_core.rules.profiles import profile as rules
from dialer_core.store import settings
from dialer_core.store.database import Database
from dialer_core.store.opening import migrate
from dialer_core.store.schema import AttemptRow, SessionRow
from dialer_core.store.schema.base import Ground
from dialer_core.store.seat import SeatRow, SeatStore
from dialer_core.store.setup import NewCampaign, NewPerson, SetupStore
from sip import messages
from sip.signatures import PHONE_SIGNATURES, SignatureSource
from tests.sip.practice_kit import PCMA, Sipp
from tests.sip.test_inbound import EVENTS, Keypad

OUR_NUMBER = "+441614960000"
CLIENT = "Rosewood"
LOOKS_S = 1.5  # by then a line for callers was told from where calls may come


@dataclass
class Agent:
    """Somebody at a seat: a real phone that speaks with its own voice, and what the window has."""

    name: str
    session_id: int
    seat: SeatStore
    phone: PhoneLink
    said: list[messages.Message | None]
    heard_file: Path
    voice: int
    clock: WallClock = field(default_factory=WallClock)

    @property
    def row(self) -> SeatRow:
        row = self.seat.read()
        assert row is not None
        return row

    @property
    def state(self) -> SeatState:
        return self.row.state

    def hang_up(self) -> None:
        self.phone.send(messages.HangUp())

    def code(self, code: str = "CALL_BACK") -> None:
        """Say what the call was, and be ready for the next."""
        row = self.row
        assert row.attempt_id is not None
        now = self.clock.now()
        due = now.utc if code == "CALL_BACK" else None
        self.seat.choose_outcome(row.attempt_id, code, "", now, due)

    def heard(self) -> list[messages.PhoneRecord]:
        return read_lines(self.heard_file, messages.PhoneRecord)

    def close(self) -> None:
        self.seat.close()
        self.phone.close(end_phone=True)


class Office:
    """One profile in a folder; `open` starts the dialler, `close` ends all that was started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.profile = open_profile(folder / "floor")
        self.clock = WallClock()
        migrate(self.profile.database_path)
        certificate_of(self.profile, "lines")
        self.database = Database(self.profile.database_path)
        self.agents: list[Agent] = []
        self.callers_port = 0
        self._dialler: subprocess.Popen[str] | None = None

    # --- what it is made of -------------------------------------------------------------------

    def campaign(self, name: str = "Spring", **wanted: Any) -> CampaignId:
        mode = wanted.pop("mode", Mode.MANUAL)
        new = NewCampaign(
            name, CLIENT, CLIENT, mode, rules("REHEARSAL"), OUR_NUMBER, DISPOSITIONS, **wanted
        )
        store = SetupStore(self.database)
        try:
            return store.add_campaign(new, self.clock.now())
        finally:
            store.close()

    def people(self, campaign: CampaignId, *numbers: str, has_consent: bool = True) -> None:
        grounds = (Ground.CONSENT,) if has_consent else ()
        listed = [
            NewPerson(f"Person {n}", [(number, "")], zones=["Europe/London"], grounds=grounds)
            for n, number in enumerate(numbers)
        ]
        store = SetupStore(self.database)
        try:
            store.add_list(campaign, f"List {campaign}", listed, self.clock.now(), source="a test")
        finally:
            store.close()

    def trunk(self, *addresses: str, lines: int = 1, callers_port: int = 0) -> None:
        """Gateways at these addresses, from which calls may come where there is a port for them."""
        places = tuple(
            GatewayPlace(
                name=f"way{n}",
                uri=f"sip:{{number}}@{address};transport=udp",
                channels=2,
                codecs=("PCMA/8000",),
                accepts_calls=callers_port > 0,
            )
            for n, address in enumerate(addresses)
        )
        self.callers_port = callers_port
        path = self.profile.root / "trunk.toml"
        write_trunk(path, Trunk(gateways=places, lines=lines, callers_port=callers_port))

    def agent(self, name: str, campaign: CampaignId) -> Agent:
        """Log in with a phone and pause; `want_available` of the seat makes ready."""
        serial = len(self.agents) + 1
        seat_name, voice = f"seat{serial:02d}", PHONE_SIGNATURES[serial]
        with contextlib.closing(SetupStore(self.database)) as store:
            store.add_agent(name, self.clock.now())
        said: list[messages.Message | None] = []
        log = self.folder / f"{seat_name}.jsonl"
        phone = PhoneLink(
            self.profile, seat_name, said.append, sound="none", practice=Practice(voice, log)
        )
        phone.open()
        seat, token = SeatStore(self.database), f"token-of-{seat_name}"
        uri = self.wait(lambda: _uri(said), "the phone")
        session = seat.log_in(name, None, seat_name, uri, token, self.clock.now(), campaign)
        phone.send(messages.OpenSession(session_id=session, token=token))
        agent = Agent(name, session, seat, phone, said, log, voice)
        self.agents.append(agent)
        return agent

    # --- running it ---------------------------------------------------------------------------

    def open(self) -> None:
        """`callfloor dialler`, until its lines are up."""
        command = [sys.executable, "-m", "app", "dialler", "--profile", str(self.profile.root)]
        self._dialler = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def wait_for_callers(self) -> None:
        """Until the line at `callers_port` listens and knows who may call."""
        self.wait(lambda: self.listens_at(self.callers_port), "the callers' line")
        time.sleep(LOOKS_S)

    @staticmethod
    def listens_at(port: int) -> bool:
        """Whether anybody has this UDP port."""
        return f":{port:04X} " in Path("/proc/net/udp").read_text()

    @property
    def dialler_pid(self) -> int:
        assert self._dialler is not None
        return self._dialler.pid

    def close(self) -> None:
        self._code_what_is_open()
        said = ""
        if self._dialler is not None:
            self._dialler.terminate()
            try:
                _, said = self._dialler.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                self._dialler.kill()
                _, said = self._dialler.communicate()
        for agent in self.agents:
            agent.close()
        self.database.close()
        assert "Traceback" not in said, said

    def _code_what_is_open(self) -> None:
        """A dialler that is asked to leave waits for outcomes, and nobody here will choose one."""
        wrap_up = select(SessionRow.id, SessionRow.attempt_id).where(
            SessionRow.state == SeatState.WRAP_UP
        )
        for row in self.rows(wrap_up):
            with contextlib.closing(SeatStore(self.database)) as seat:
                if seat.resume(row.id):
                    now = self.clock.now()
                    seat.choose_outcome(row.attempt_id, "REFUSED_NOT_INTERESTED", "", now)

    def wait(self, what: Callable[[], Any], name: str, timeout_s: float = 20.0) -> Any:
        """What `what` gives once it gives something."""
        until = time.monotonic() + timeout_s
        while not (found := what()):
            dialler = self._dialler
            if dialler is not None and dialler.poll() is not None:
                raise AssertionError(f"the dialler has ended: {dialler.communicate()[1]}")
            assert time.monotonic() < until, f"{name} did not come; {self.attempts()}"
            time.sleep(0.02)
        return found

    # --- what is on the record ----------------------------------------------------------------

    def rows(self, query: Executable) -> Sequence[Any]:
        with self.database.reading() as connection:
            return connection.execute(query).all()

    def attempts(self) -> Sequence[Any]:
        return self.rows(select(AttemptRow.__table__).order_by(AttemptRow.committed_at))

    def attempt(self) -> Any:
        """The newest, once it is over."""
        return self.wait(lambda: self._newest_ended(), "the end of the call")

    def _newest_ended(self) -> Any:
        found = self.attempts()
        return found[-1] if found and found[-1].outcome is not None else None

    def troubles(self) -> str:
        """What the supervisor is told of lines and registrations."""
        with self.database.reading() as connection:
            return settings.read(connection, settings.LINE_TROUBLES)


def _uri(said: Sequence[messages.Message | None]) -> str:
    return next((one.uri for one in said if isinstance(one, messages.PhoneStatus)), "")


@contextlib.contextmanager
def office(folder: Path) -> Iterator[Office]:
    made = Office(folder)
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def person(
    folder: Path,
    scenario: str = "callee_hears_out",
    *arguments: str,
    voice: int = 101,
    **words: Any,
) -> Iterator[tuple[Sipp, Keypad]]:
    """Somebody of the public with a telephone: sipp signals, and this end speaks and presses."""
    source = SignatureSource(voice, 8000)
    source.start()
    keypad = Keypad(PCMA, source)
    with keypad:
        known: dict[str, object] = {
            "RING_MS": 100,
            "TIMEOUT_MS": 20000,
            "RTP_PORT": keypad.port,
            "PAYLOADS": f"8 {EVENTS}\n      a=rtpmap:{EVENTS} telephone-event/8000",
        }
        with Sipp(folder, scenario, "-timeout", "40", *arguments, words=known | words) as sipp:
            yield sipp, keypad
