"""The practice carrier's head: starts the gateways and tells each call how its person behaves.

The public is drawn by the core; the gateways only play what they are told, call by call.
"""

from __future__ import annotations

import functools
import logging
import threading
from collections import Counter
from pathlib import Path

from app.practice import MACHINE_SIGNATURES, PEOPLE_SIGNATURES
from app.profile import Profile
from app.trunk import GatewayPlace
from dialer_core.simulation.public import Public
from sip import launch, messages
from sip.client import EngineClient
from sip.errors import KnownError as SipError

log = logging.getLogger("app.rehearsal.carrier")

CHANNELS = 4  # calls that one gateway process can carry


class RehearsalCarrier:
    """A trunk of several gateways with a fictitious public behind it."""

    def __init__(
        self,
        profile: Profile,
        public: Public,
        gateways: int,
        log_dir: Path,
        first_port: int = 0,
    ) -> None:
        """`first_port`: where the first gateway listens, the others next to it; 0: anywhere."""
        self._profile = profile
        self._public = public
        self._count = gateways
        self._log_dir = log_dir
        self._first_port = first_port
        self._clients: dict[str, EngineClient] = {}
        self._launched: dict[str, launch.Launched] = {}
        self._addresses: dict[str, str] = {}
        self._ready = threading.Condition()
        self._seen: Counter[str] = Counter()
        self._free = {True: list(MACHINE_SIGNATURES), False: list(PEOPLE_SIGNATURES)}
        self._in_use: dict[str, tuple[bool, int]] = {}

    def start(self, timeout_s: float = 15.0) -> None:
        """Start all gateways and wait until each has told where it listens."""
        names = [f"gateway{n + 1}" for n in range(self._count)]
        for n, name in enumerate(names):
            port = self._first_port + n if self._first_port else 0
            words = ["--id", name, "--socket", self._socket(name), "--bind", "127.0.0.1"]
            words += ["--port", str(port), "--log", str(self.log_of(name))]
            self._launched[name] = launch.start(
                "sip.rehearsal", words, self._profile.logs_dir / f"{name}.log"
            )
        for name in names:
            launch.wait_until_ready(self._launched[name], self._socket(name))
            self._clients[name] = EngineClient(
                self._socket(name), functools.partial(self._hear, name)
            )
        with self._ready:
            if not self._ready.wait_for(lambda: len(self._addresses) == self._count, timeout_s):
                raise SipError("The practice carrier did not start in time; see its logs.")

    def _socket(self, name: str) -> str:
        return f"unix:{self._profile.run_dir / f'{name}.sock'}"

    def log_of(self, name: str) -> Path:
        """The gateway's own record of what happened, one JSON line a call."""
        return self._log_dir / f"{name}.jsonl"

    @property
    def logs(self) -> list[Path]:
        return [self.log_of(name) for name in self._launched]

    @property
    def places(self) -> tuple[GatewayPlace, ...]:
        """The gateways as a trunk names them."""
        return tuple(
            GatewayPlace(
                name=name,
                uri=f"sip:{{number}}@{self._addresses[name]};transport=udp",
                channels=CHANNELS,
                send_attempt_id=True,
            )
            for name in sorted(self._addresses)
        )

    def _hear(self, name: str, message: messages.Message) -> None:
        match message:
            case messages.CarrierStatus():
                with self._ready:
                    self._addresses[name] = message.address
                    self._ready.notify_all()
            case messages.CarrierCall():
                behave = self._behave(message)
                if not self._clients[name].send(behave):
                    log.warning("%s has gone in the middle of a call", name)
            case messages.CarrierEnded():
                self._forget(message.call_ref)
            case messages.EngineTrouble() | messages.Refused():
                log.warning("%s: %s", name, message.sentence)

    def _behave(self, call: messages.CarrierCall) -> messages.Behave:
        with self._ready:
            attempt = self._seen[call.number]
            self._seen[call.number] += 1
            person = self._public.person(call.number, attempt)
            voices = self._free[person.is_machine]
            signature = voices.pop(0)  # the one that has been silent for longest
            self._in_use[call.call_ref] = (person.is_machine, signature)
        return messages.Behave(
            call_ref=call.call_ref,
            final_status=person.final_status,
            ring_s=person.ring_s,
            signature=signature,
            hello_s=person.hello_s,
            patience_s=person.patience_s,
            talk_s=person.talk_s,
            is_machine=person.is_machine,
        )

    def _forget(self, call_ref: str) -> None:
        with self._ready:
            used = self._in_use.pop(call_ref, None)
            if used is not None:
                self._free[used[0]].append(used[1])

    @property
    def dead(self) -> list[str]:
        """Gateways that have ended by themselves."""
        return [name for name, process in self._launched.items() if not process.is_alive()]

    def stop(self) -> None:
        """Hang up what is left and end all gateways; their logs are whole afterwards."""
        for client in self._clients.values():
            client.send(messages.Shutdown())
        for name, process in self._launched.items():
            if not process.wait(5.0):
                log.warning("%s did not leave in time", name)
                process.kill()
                process.wait(2.0)
        for client in self._clients.values():
            client.close()
