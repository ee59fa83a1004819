"""Lines, phones and a practice carrier as processes, and nothing else: what the telephone costs.

No windows and no database: a bench speaks to the lines itself, as the dialler does.
"""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.certificates import SeatFiles
from app.errors import KnownError
from app.phone_link import certificate_of, tls_arguments
from app.practice import AGENT_SIGNATURES, read_lines
from app.profile import Profile, open_profile
from app.rehearsal.carrier import CHANNELS, RehearsalCarrier
from app.telephony.customers import Customers
from dialer_core.simulation.public import Behaviour, Kind, Public
from sip import launch, messages
from sip.client import EngineClient

CALLER_ID = "+441614960000"  # of a range that is set aside for fiction
FIRST_NUMBER = 441614960100
START_S = 20.0


@dataclass(frozen=True, slots=True)
class Talk:
    """How the called person of a bench behaves: rings, answers, and speaks for so long."""

    ring_s: float
    talk_s: float


class Steady(Public):
    """Everybody answers and speaks on without a pause of their own; `talk_of(n)` for call n."""

    def __init__(self, talk_of: Callable[[int], Talk]) -> None:
        super().__init__(1)
        self._talk_of = talk_of
        self._count = 0

    def person(self, number: str, attempt: int) -> Behaviour:  # noqa: ARG002  all are alike
        self._count += 1
        talk = self._talk_of(self._count)
        return Behaviour(
            kind=Kind.HUMAN,
            final_status=200,
            ring_s=talk.ring_s,
            is_machine=False,
            hello_s=1e6,
            patience_s=1e6,
            talk_s=talk.talk_s,
            wrap_s=0.0,
        )


@dataclass(slots=True)
class _Engine:
    """A line or a phone: its process, its client, and its address for calls where it has one."""

    name: str
    process: launch.Launched
    client: EngineClient | None = None
    uri: str = ""


class BenchFloor:
    """Starts everything, dials, connects, and ends everything; use it in a `with` block.

    `on_message(line, message)` is told what a line says, on a reading thread. `customers`: who is
    called instead of the practice carrier's people.
    """

    def __init__(
        self,
        seats: int,
        lines: int,
        talk_of: Callable[[int], Talk],
        customers: Customers | None = None,
    ) -> None:
        if not 1 <= seats <= min(lines, len(AGENT_SIGNATURES)):
            raise KnownError("Give at least as many lines as seats, and at most 20 seats.")
        self._root = Path(tempfile.mkdtemp(prefix="callfloor-bench-"))
        self.profile: Profile = open_profile(self._root)
        self.folder = self._root / "practice"
        self.folder.mkdir()
        self.on_message: Callable[[str, messages.Message], None] = lambda _line, _message: None
        self._seats, self._count = seats, lines
        self._lines: dict[str, _Engine] = {}
        self._phones: list[_Engine] = []
        self._carrier: RehearsalCarrier | Customers = customers or RehearsalCarrier(
            self.profile, Steady(talk_of), -(-lines // CHANNELS) + 1, self.folder
        )
        self._ready = threading.Condition()
        self._uses: dict[str, int] = {}
        self._numbers = 0

    # --- start --------------------------------------------------------------------------------

    def __enter__(self) -> BenchFloor:
        try:
            self._carrier.start()
            files = certificate_of(self.profile, "lines")
            for n in range(self._count):
                self._start_line(f"line{n + 1:02d}", files)
            for n in range(self._seats):
                self._start_phone(n)
            self._wait_for_phones()
        except BaseException:
            self.close()
            raise
        self._uses = {place.name: 0 for place in self._carrier.places}
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _address(self, name: str) -> str:
        return f"unix:{self.profile.run_dir / f'{name}.sock'}"

    def _launch(self, module: str, name: str, *words: str) -> _Engine:
        process = launch.start(
            module,
            ["--id", name, "--socket", self._address(name), *words],
            self.profile.logs_dir / f"{name}.log",
        )
        return _Engine(name, process)

    def _start_line(self, name: str, files: SeatFiles) -> None:
        line = self._lines[name] = self._launch("sip.line", name, *tls_arguments(files))
        launch.wait_until_ready(line.process, self._address(name))
        line.client = EngineClient(
            self._address(name), functools.partial(self._line_said, name), epoch=1
        )

    def _start_phone(self, n: int) -> None:
        name = f"seat{n + 1:02d}"
        practice = ["--practice-signature", str(AGENT_SIGNATURES[n])]
        practice += ["--practice-log", str(self.phone_log(n))]
        phone = self._launch(
            "sip.phone",
            name,
            *("--sound", "none", *practice),
            *tls_arguments(certificate_of(self.profile, name)),
        )
        self._phones.append(phone)
        launch.wait_until_ready(phone.process, self._address(name))
        phone.client = EngineClient(self._address(name), functools.partial(self._phone_said, n))
        phone.client.send(messages.OpenSession(session_id=n + 1, token=self._token(n)))

    def _wait_for_phones(self) -> None:
        with self._ready:
            if not self._ready.wait_for(lambda: all(one.uri for one in self._phones), START_S):
                raise KnownError("A phone of the bench did not start in time.")

    def _phone_said(self, n: int, message: messages.Message) -> None:
        if isinstance(message, messages.PhoneStatus) and message.session_id is not None:
            with self._ready:
                self._phones[n].uri = message.uri
                self._ready.notify_all()

    def _line_said(self, name: str, message: messages.Message) -> None:
        self.on_message(name, message)
        seq = getattr(message, "seq", 0)
        client = self._lines[name].client
        if seq and client is not None:
            client.send(messages.Ack(seq=seq))

    # --- what a bench does --------------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        return list(self._lines)

    def phone_log(self, n: int) -> Path:
        """What the phone of seat `n` (from 0) has heard, a line a call."""
        return self.folder / f"phone-{n + 1:02d}.jsonl"

    @staticmethod
    def _token(n: int) -> str:
        return f"bench-token-of-seat-{n + 1}"

    def agent(self, n: int) -> messages.AgentAddress:
        """Where the phone of seat `n` (from 0) is."""
        return messages.AgentAddress(
            session_id=n + 1, uri=self._phones[n].uri, token=self._token(n)
        )

    def dial(
        self, line: str, attempt_id: str, recording: messages.RecordingOrder | None = None
    ) -> None:
        """Call somebody fictitious on this line, over the gateway that is used least."""
        with self._ready:
            gateway = min(self._uses, key=lambda name: self._uses[name])
            self._uses[gateway] += 1
            self._numbers += 1
            number = f"+{FIRST_NUMBER + self._numbers % 800}"
        place = next(one for one in self._carrier.places if one.name == gateway)
        self.send(
            line,
            messages.Originate(
                epoch=1,
                attempt_id=attempt_id,
                number=number,
                gateway=messages.Gateway(
                    name=gateway, uri_template=place.uri, send_attempt_id=True
                ),
                caller_id=CALLER_ID,
                min_ring_s=0.0,
                max_ring_s=30.0,
                connect_limit_s=5.0,
                message_lead_s=0.2,
                message_wav="",
                max_call_s=7200.0,
                agent_leg="on_answer",
                recording=recording,
            ),
        )

    def has_ended(self, gateway: str) -> None:
        """A call over this gateway is over: its channel is free."""
        with self._ready:
            if self._uses.get(gateway, 0) > 0:
                self._uses[gateway] -= 1

    def send(self, line: str, message: messages.Message) -> None:
        """Tell a line. Raises KnownError where it has gone."""
        client = self._lines[line].client
        if client is None or not client.send(message):
            raise KnownError(f"{line} has ended in the middle of the bench.")

    def cpu_s(self, what: str) -> float:
        """Processor time of all "lines" or "phones" up to now, in seconds; 0 where the system
        does not tell it."""
        engines = list(self._lines.values()) if what == "lines" else self._phones
        return sum(_cpu_s(one.process.pid) for one in engines)

    def phone_records(self) -> list[messages.PhoneRecord]:
        """What the phones wrote down."""
        found = []
        for n in range(self._seats):
            found += read_lines(self.phone_log(n), messages.PhoneRecord)
        return found

    def carrier_records(self) -> list[messages.CarrierRecord]:
        """What the called people wrote down."""
        found = []
        for path in self._carrier.logs if isinstance(self._carrier, RehearsalCarrier) else ():
            found += read_lines(path, messages.CarrierRecord)
        return found

    def dead(self) -> list[str]:
        """Engines that have ended by themselves, in sentences."""
        engines = [*self._lines.values(), *self._phones]
        gone = [one.name for one in engines if not one.process.is_alive()]
        return [f"{name} ended by itself." for name in (*gone, *self._carrier.dead)]

    # --- the end ------------------------------------------------------------------------------

    def close(self) -> None:
        """End every process in order; what does not leave is killed. The files stay until
        `forget`."""
        engines = [*self._lines.values(), *self._phones]
        for one in engines:
            if one.client is not None:
                one.client.send(messages.Shutdown())
            one.process.terminate()
        for one in engines:
            if not one.process.wait(6.0):
                one.process.kill()
                one.process.wait(2.0)
            if one.client is not None:
                one.client.close()
        self._carrier.stop()

    def forget(self) -> None:
        """Remove the throwaway folders."""
        shutil.rmtree(self.profile.run_dir, ignore_errors=True)
        shutil.rmtree(self._root, ignore_errors=True)


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until(what: Callable[[], bool], limit_s: float) -> bool:
    """Whether it became true in time; looks fifty times a second."""
    until_s = time.monotonic() + limit_s
    while time.monotonic() < until_s:
        if what():
            return True
        time.sleep(0.02)
    return what()
