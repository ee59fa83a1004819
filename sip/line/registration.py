"""Keeping a line registered at gateways, and saying in words how that goes."""

from __future__ import annotations

from sip.engine import Engine
from sip.errors import KnownError
from sip.messages import Register, RegistrationChanged, Unregister
from sip.trunk_side import Registration


def registration_sentence(gateway: str, status: int, reason: str = "") -> str:
    """What is wrong and what to do, for the answer to a REGISTER; "" for a good one."""
    if 200 <= status < 300:
        return ""
    known = {
        401: "does not accept the password: type it again, as the provider sent it",
        403: "refuses us: ask the provider whether user name, password and this office's "
        "address are allowed",
        404: "does not know our user name or domain: compare both with what the provider sent",
        407: "does not accept the password at its proxy: type it again, as the provider sent it",
        408: "does not answer: look at its address, its transport and the firewall",
        423: "wants a longer time between registrations: choose one of an hour",
        503: "cannot be reached or is overloaded: look at the network; it is tried again by itself",
    }
    said = f" ({reason})" if reason else ""
    words = known.get(status, f"did not register us: it answered {status}{said}; ask the provider")
    if status == 503 and reason:
        words = words.replace("overloaded", f"overloaded{said}", 1)
    return f"The gateway {gateway} {words}."


class Registrar:
    """The registrations of one line; told to the client when they change, not at each renewal."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._told: dict[str, tuple[bool, int, str]] = {}
        self._certificate = ""
        engine.endpoint.on_registration = self._answered
        engine.endpoint.on_trouble = self._trouble

    def handle(self, command: Register | Unregister) -> str:
        """Carry it out; returns why not, "" if it is under way."""
        if isinstance(command, Unregister):
            is_known = self._engine.endpoint.unregister(command.gateway)
            return "" if is_known else "This line is not registered there."
        if not command.gateway.username:
            return f"The gateway {command.gateway.name} has no user name to register with."
        if not 1 <= command.expires_s <= 86400:
            return "A registration lasts between a second and a day."
        self._told.pop(command.gateway.name, None)
        self._certificate = ""
        try:
            self._engine.endpoint.register(command.gateway, command.expires_s)
        except KnownError as error:
            self._tell(Registration(command.gateway.name, 0, "", False), error.sentence)
        return ""

    def _trouble(self, sentence: str) -> None:
        """A certificate was refused: news by itself, and the reason of what fails next."""
        if sentence != self._certificate:
            self._certificate = sentence
            self._engine.trouble(sentence)

    def _answered(self, registration: Registration) -> None:
        sentence = registration_sentence(
            registration.gateway, registration.status, registration.reason
        )
        if registration.is_registered:
            self._certificate = ""
        is_lost_way = registration.status in (408, 502, 503) and bool(self._certificate)
        self._tell(registration, self._certificate if is_lost_way else sentence)

    def _tell(self, registration: Registration, sentence: str) -> None:
        now = (registration.is_registered, registration.status, sentence)
        if self._told.get(registration.gateway) == now:
            return
        self._told[registration.gateway] = now
        self._engine.wire.emit(
            RegistrationChanged(
                seq=0,
                at=self._engine.clock.now(),
                gateway=registration.gateway,
                is_registered=registration.is_registered,
                status=registration.status,
                sentence=sentence,
            )
        )
