"""One line, one phone and a far end as processes of their own: what measurements are taken on."""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, TypeVar

from app.certificates import ensure_seat
from app.clock import WallClock
from app.telephony.far_end import FarEnd
from sip import launch
from sip.client import EngineClient
from sip.errors import KnownError
from sip.messages import (
    AgentAddress,
    CallAnswered,
    CallEnded,
    ConnectAgent,
    EndCall,
    Gateway,
    Message,
    OpenSession,
    Originate,
    PhoneConnected,
    PhoneEnded,
    PhoneStatus,
    Shutdown,
)

M = TypeVar("M", bound=Message)
NUMBER, CALLER_ID = "+441614960100", "+441614960999"
WAIT_S = 10.0
LEAVES_S = 5.0


class EngineProcess:
    """An engine that was started here, and all that it has said."""

    def __init__(self, module: str, folder: Path, name: str, words: list[str]) -> None:
        self._condition = threading.Condition()
        self.said: list[Message] = []
        self.address = str(folder / f"{name}.sock")
        arguments = ["--id", name, "--socket", self.address, *words]
        self._launched = launch.start(module, arguments, folder / f"{name}.log")
        try:
            launch.wait_until_ready(self._launched, self.address, 30.0)
            self._client = EngineClient(self.address, self._take, epoch=1)
        except BaseException:
            self._launched.kill()
            raise

    def _take(self, message: Message) -> None:
        with self._condition:
            self.said.append(message)
            self._condition.notify_all()

    def send(self, message: Message) -> None:
        self._client.send(message)

    def wait(self, kind: type[M], where: Callable[[M], bool] = lambda _m: True) -> M:
        """The first such message, here already or yet to come. Raises KnownError."""
        clock = WallClock()
        until_s = clock.now().mono_s + WAIT_S
        with self._condition:
            while True:
                for message in self.said:
                    if isinstance(message, kind) and where(message):
                        return message
                left_s = until_s - clock.now().mono_s
                if left_s <= 0:
                    raise KnownError(f"{self._launched.name} did not say {kind.__name__} in time.")
                self._condition.wait(left_s)

    @property
    def pid(self) -> int:
        return self._launched.pid

    def is_alive(self) -> bool:
        return self._launched.is_alive()

    def cpu_s(self) -> float:
        """Processor seconds that it has used so far (Linux)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self._client.send(Shutdown())
        if not self._launched.wait(LEAVES_S):
            self._launched.kill()
            self._launched.wait(LEAVES_S)
        self._client.close()


class OneCall:
    """A line and a phone with the floor's certificates, and a call between them and a far end.

    `phone_words`: further options of the phone. Raises KnownError where something does not start.
    """

    def __init__(self, folder: Path, *phone_words: str) -> None:
        self._folder = folder
        self._files = ensure_seat(folder / "tls", "seat-1", [], WallClock().now().utc)
        files = self._files
        tls = ("--ca", str(files.ca), "--cert", str(files.certificate), "--key", str(files.key))
        self._words = {"line": tls, "phone": (*tls, *phone_words)}
        self.far_end = FarEnd()
        self._engines: dict[str, EngineProcess] = {}
        self._count = 0
        try:
            self.restart("line")
            self.restart("phone")
        except BaseException:
            self.close()
            raise

    def restart(self, name: Literal["line", "phone"]) -> None:
        """Start this engine, in the place of the one before it."""
        old = self._engines.pop(name, None)
        if old is not None:
            old.close()
        self._engines[name] = EngineProcess(
            f"sip.{name}", self._folder, name, list(self._words[name])
        )
        if name == "phone":
            self.phone.send(OpenSession(session_id=1, token="token"))
            status = self.phone.wait(PhoneStatus, lambda m: m.session_id == 1)
            self.agent = AgentAddress(session_id=1, uri=status.uri, token="token")

    @property
    def line(self) -> EngineProcess:
        return self._engines["line"]

    @property
    def phone(self) -> EngineProcess:
        return self._engines["phone"]

    def seat_context(self) -> ssl.SSLContext:
        """TLS as another seat of this floor speaks it."""
        context = ssl.create_default_context(cafile=str(self._files.ca))
        context.check_hostname = False
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(str(self._files.certificate), str(self._files.key))
        return context

    def begin(self) -> str:
        """Bring a call up; returns its attempt's id."""
        self._count += 1
        attempt_id = f"a-{self._count}"
        self.line.send(
            Originate(
                epoch=1,
                attempt_id=attempt_id,
                number=NUMBER,
                gateway=Gateway(name="far end", uri_template=self.far_end.uri_template),
                caller_id=CALLER_ID,
                min_ring_s=0.2,
                max_ring_s=5.0,
                connect_limit_s=2.0,
                message_lead_s=0.1,
                message_wav="",
                max_call_s=600.0,
                agent_leg="on_answer",
            )
        )
        self.line.wait(CallAnswered, lambda m: m.attempt_id == attempt_id)
        self.line.send(ConnectAgent(epoch=1, attempt_id=attempt_id, agent=self.agent))
        self.phone.wait(PhoneConnected, lambda m: m.attempt_id == attempt_id)
        return attempt_id

    def end(self, attempt_id: str) -> None:
        """End the call at both ends."""
        self.line.send(EndCall(epoch=1, attempt_id=attempt_id))
        self.line.wait(CallEnded, lambda m: m.attempt_id == attempt_id)
        self.phone.wait(PhoneEnded, lambda m: m.attempt_id == attempt_id)

    def cpu_share(self, seconds: float) -> dict[str, float]:
        """Share of one core that each engine uses while nothing else is asked of it."""
        before = {name: engine.cpu_s() for name, engine in self._engines.items()}
        time.sleep(seconds)
        return {
            name: round((engine.cpu_s() - before[name]) / seconds, 4)
            for name, engine in self._engines.items()
        }

    def close(self) -> None:
        for engine in self._engines.values():
            engine.close()
        self.far_end.close()


def with_environment(environment: Mapping[str, str]) -> Callable[[], None]:
    """Let engines that are started from now on see these variables; returns the way back."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)

    def restore() -> None:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    return restore
