"""The way from a window to its seat's phone: a process of its own that outlives the window."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.addresses import address_for_others, address_towards, looked_up
from app.certificates import SeatFiles
from app.profile import Profile
from app.seat_place import seat_address, seat_place
from sip import launch, messages
from sip.client import EngineClient
from sip.errors import KnownError as SipError

PHONE_LEAVES_S = 5.0
YOUNG_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0


@dataclass(frozen=True, slots=True)
class Practice:
    """What a seat of a rehearsal has besides: a voice of its own and a log of what it heard."""

    signature: int
    log_file: Path


def certificate_of(profile: Profile, seat: str) -> SeatFiles:
    """The certificate that this seat (or "lines") shows, made where there is no good one."""
    return seat_place(profile, seat).files


def tls_arguments(files: SeatFiles) -> tuple[str, ...]:
    """How an engine is told which certificates to use."""
    return ("--ca", str(files.ca), "--cert", str(files.certificate), "--key", str(files.key))


def line_arguments(profile: Profile, trunk_hosts: Sequence[str]) -> tuple[str, ...]:
    """Where this PC's lines stand: towards seats, and towards the trunk's servers."""
    place = seat_place(profile, "lines")
    towards = ("--trunk-bind", trunk_address(trunk_hosts))
    return (*tls_arguments(place.files), "--bind", place.address, *towards)


def trunk_address(hosts: Sequence[str]) -> str:
    """This PC's address on the way to the trunk, as seen now; may ask the name servers.

    One that reaches other PCs is preferred: from there a server on this PC is reached as well.
    """
    found = [address for host in hosts if (address := address_towards(looked_up(host)))]
    far = [address for address in found if not ipaddress.ip_address(address).is_loopback]
    return next(iter(far or found), "") or address_for_others()


class RestartPauses:
    """How long to wait before a phone that has gone is started again: not at all the first time.

    A call may be waiting for it. One that keeps dying young, or does not start, is tried less and
    less often.
    """

    def __init__(self) -> None:
        self._pause_s = 0.0
        self._came_s = float("-inf")

    def came(self, now_s: float) -> None:
        """A phone is there (monotonic seconds)."""
        self._came_s = now_s

    def next_s(self, now_s: float) -> float:
        """The pause before the next try."""
        has_lived = self._came_s > float("-inf") and now_s - self._came_s >= YOUNG_S
        pause_s = 0.0 if has_lived else self._pause_s
        self._pause_s = min(max(FIRST_PAUSE_S, 2.0 * pause_s), LONGEST_PAUSE_S)
        self._came_s = float("-inf")
        return pause_s


class PhoneLink:
    """Finds or starts the phone of a seat, and carries messages both ways.

    `deliver` is called on the reading thread with each message, and with None when the phone is
    gone; hop from there.
    """

    def __init__(
        self,
        profile: Profile,
        seat: str,
        deliver: Callable[[messages.Message | None], None],
        *,
        sound: str = "auto",
        practice: Practice | None = None,
    ) -> None:
        self._profile = profile
        self._seat = seat
        self._deliver = deliver
        self._sound = sound
        self._practice = practice
        self._client: EngineClient | None = None
        self._launched: launch.Launched | None = None
        self._lock = threading.Lock()
        self._uri = ""  # as the phone says it, on the reading thread
        self._is_in_call = False

    @property
    def address(self) -> str:
        return f"unix:{self._profile.run_dir / f'phone-{self._seat}.sock'}"

    def open(self) -> None:
        """Attach to the seat's phone, or start it first. Blocks; raises a known error."""
        with self._lock:
            try:
                self._client = self._attach()
            except SipError:
                self._bury()
                log_file = self._profile.logs_dir / f"phone-{self._seat}.log"
                self._launched = launch.start("sip.phone", self._arguments(), log_file)
                launch.wait_until_ready(self._launched, self.address)
                self._client = self._attach()

    def _bury(self) -> None:
        """One that was started here and takes nobody any more is to be gone, not in the way."""
        if self._launched is not None:
            self._launched.kill()
            self._launched.wait(PHONE_LEAVES_S)

    def _attach(self) -> EngineClient:
        return EngineClient(self.address, self._hear, on_closed=lambda: self._deliver(None))

    def _hear(self, message: messages.Message) -> None:
        match message:
            case messages.PhoneStatus():
                self._uri, self._is_in_call = message.uri, message.call is not None
            case messages.PhoneRang() | messages.PhoneConnected():
                self._is_in_call = True
            case messages.PhoneEnded():
                self._is_in_call = False
        self._deliver(message)

    def follow_network(self) -> bool:
        """Have the phone listen at this PC's address of now; call it every few seconds.

        One that stands elsewhere, idle, is ended and whoever watches it starts another, which
        publishes where it is. Returns whether that was done.
        """
        if not self._uri or self._is_in_call:
            return False
        if f"@{_bracketed(seat_address(self._profile))}:" in self._uri:
            return False
        self._uri = ""
        self.send(messages.Shutdown())
        return True

    def _arguments(self) -> Sequence[str]:
        place = seat_place(self._profile, self._seat)
        words = ["--id", self._seat, "--socket", self.address, "--sound", self._sound]
        if self._practice is not None:
            words += ["--practice-signature", str(self._practice.signature)]
            words += ["--practice-log", str(self._practice.log_file)]
        return [*words, "--bind", place.address, *tls_arguments(place.files)]

    def send(self, message: messages.Message) -> bool:
        """Tell the phone; False where it is gone."""
        client = self._client
        return client is not None and client.send(message)

    def close(self, *, end_phone: bool) -> None:
        """Leave the phone to the next window, or end it with this one."""
        client = self._client
        if client is None:
            return
        if end_phone:
            client.send(messages.Shutdown())
            if self._launched is not None and not self._launched.wait(PHONE_LEAVES_S):
                self._launched.kill()
        client.close()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
