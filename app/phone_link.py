"""The way from a window to its seat's phone: a process of its own that outlives the window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.certificates import SeatFiles, ensure_authority, ensure_seat
from app.clock import WallClock
from app.profile import Profile
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
    now = WallClock().now().utc
    ensure_authority(profile.certificates_dir, now)
    return ensure_seat(profile.certificates_dir, seat, ["127.0.0.1"], now)


def tls_arguments(files: SeatFiles) -> tuple[str, ...]:
    """How an engine is told which certificates to use."""
    return ("--ca", str(files.ca), "--cert", str(files.certificate), "--key", str(files.key))


def line_tls_arguments(profile: Profile) -> tuple[str, ...]:
    """The certificates of this PC's lines."""
    return tls_arguments(certificate_of(profile, "lines"))


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
        return EngineClient(self.address, self._deliver, on_closed=lambda: self._deliver(None))

    def _arguments(self) -> Sequence[str]:
        files = certificate_of(self._profile, self._seat)
        words = ["--id", self._seat, "--socket", self.address, "--sound", self._sound]
        if self._practice is not None:
            words += ["--practice-signature", str(self._practice.signature)]
            words += ["--practice-log", str(self._practice.log_file)]
        return [*words, *tls_arguments(files)]

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
