"""Lends this PC's lines to the floor that it has joined, until it is told to stop.

It opens the door for the dialler at the address by which the floor is reached, tells the floor
where that is, and follows this PC to another address. Calls outlive it: it may be started anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from app.addresses import LOOPBACK
from app.clock import WallClock
from app.dialler import far_words as words
from app.errors import KnownError
from app.holder import describe_self, is_dead
from app.lines.offering import Offering
from app.lines.processes import LineProcesses
from app.lines.relay import Relay
from app.lines.shelf import Shelf
from app.profile import Profile
from app.seat_place import SeatPlace, seat_place
from app.secrets import Secrets
from app.whole_file import write_whole
from dialer_core.model import errors as core_errors
from dialer_core.store.server_lines import AGAIN_S
from sip.clock import awake_s

log = logging.getLogger("app.lines")

LOOK_S: Final = 5.0
DRAIN_S: Final = 900.0
NOT_CALLED_S: Final = 10.0  # so long after the offer the dialler has usually come
NOT_CALLED: Final = (
    "The floor's dialler has not called yet: it uses the lines here once the floor dials (on the "
    "supervisor's PC: start dialling), and needs to reach this PC at {address}, port {port}; see "
    "that this PC's firewall lets the program in."
)
Tell = Callable[[str], None]


class LentFile(msgspec.Struct, frozen=True):
    """What is remembered for the next start, and which process lends now.

    `name`, `pc`, `server`: what this PC is called at a server that somebody else runs, which PC
    it is there, and which server that is.
    """

    lines: int = 0
    port: int = 0
    holder: str = ""
    name: str = ""
    pc: str = ""
    server: str = ""


def lent_path(profile: Profile) -> Path:
    """The file that remembers it."""
    return profile.root / "lent" / "lent.json"


def read_lent(profile: Profile) -> LentFile:
    """As it was last; an empty one where this PC has lent no lines yet, or it cannot be read."""
    try:
        return msgspec.json.decode(lent_path(profile).read_bytes(), type=LentFile)
    except (OSError, msgspec.MsgspecError):
        return LentFile()


def write_lent(profile: Profile, lent: LentFile) -> None:
    """Remember it. Raises KnownError where the disk refuses."""
    path = lent_path(profile)
    try:
        write_whole(path, msgspec.json.encode(lent))
    except OSError as error:
        raise KnownError(
            f"{path} cannot be written ({error.strerror}): check the folder and its rights."
        ) from error


class Lender:
    """Lends `count` lines. `tell` takes a sentence for whoever started it."""

    def __init__(
        self, profile: Profile, offering: Offering, secrets: Secrets, count: int, tell: Tell
    ) -> None:
        self._profile = profile
        self._offering = offering
        self._secrets = secrets
        self._tell = tell
        self._clock = WallClock()
        self._processes = LineProcesses(profile, count, lambda: self._clock.now().mono_s)
        shelf = Shelf(profile, lambda: self._clock.now().utc.timestamp())
        shelf.tidy()
        self._relay = Relay(self._processes, shelf, self._clock, awake_s, self._came)
        self._place: SeatPlace | None = None
        self._context: ssl.SSLContext | None = None
        self._shown = 0
        self._port = read_lent(profile).port
        self._stop = asyncio.Event()
        self._must_hurry = asyncio.Event()
        self._has_called = False
        self._offered_s = 0.0
        self._said = ""  # what was last told of being cut off

    def stop(self) -> None:
        """Lend no more: calls in hand are finished first; told twice, they are not."""
        if self._stop.is_set():
            self._must_hurry.set()
        self._stop.set()

    async def run(self) -> None:
        """Until it is told to stop. Raises KnownError where this PC may not lend lines."""
        holder = read_lent(self._profile).holder
        if holder and not is_dead(holder) and holder != describe_self():
            raise KnownError("This PC lends its lines already: callfloor lines runs here.")
        await self._stand()
        try:
            began_s = self._clock.now().mono_s
            while not await self._stops_within(LOOK_S):
                await self._follow_network()
                is_late = self._clock.now().mono_s - began_s >= NOT_CALLED_S
                if is_late and not self._has_called and self._place is not None:
                    self._has_called = True
                    self._tell(NOT_CALLED.format(address=self._place.address, port=self._port))
            await self._leave()
        finally:
            await self._relay.close()
            self._remember(holder="")

    async def _stops_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
        return self._stop.is_set()

    async def _stand(self) -> None:
        """Open the door where this PC stands now, and tell the floor."""
        place = await asyncio.to_thread(self._own_place)
        await self._relay.close()
        self._context = words.lines_side(place.files)
        self._shown = _stamp(place)
        self._port = await self._relay.open(place.address, self._port, self._context)
        self._remember(holder=describe_self())
        await self._offer(place.address, self._port)
        self._place = place
        self._tell(
            f"{len(self._processes.names)} lines are lent at {place.address}, port {self._port}."
        )

    def _own_place(self) -> SeatPlace:
        return seat_place(self._profile, self._offering.certificate, lambda: self._secrets)

    def _remember(self, holder: str) -> None:
        lent = read_lent(self._profile)
        count = len(self._processes.names)
        lent = msgspec.structs.replace(lent, lines=count, port=self._port, holder=holder)
        write_lent(self._profile, lent)

    async def _offer(self, address: str, port: int) -> None:
        self._offered_s = self._clock.now().mono_s
        await asyncio.to_thread(self._offering.tell, address, port, len(self._processes.names))

    async def _follow_network(self) -> None:
        """This PC may have another address, and its certificate may be another one."""
        try:
            place = await asyncio.to_thread(self._own_place)
            is_cut_off = place.address == LOOPBACK  # no way to the floor just now
            if self._place is None or not (is_cut_off or place.address == self._place.address):
                log.info("this PC stands at another address now")
                self._place = None  # tried again until it is told
                await self._stand()
            elif self._context is not None and self._shown != _stamp(place):
                self._context.load_cert_chain(place.files.certificate, place.files.key)
                self._shown = _stamp(place)
            if self._place is not None and self._clock.now().mono_s - self._offered_s > AGAIN_S:
                await self._offer(self._place.address, self._port)
            self._said = ""
        except core_errors.KnownError as error:  # cut off, maybe: what is lent goes on
            if error.sentence != self._said:
                self._said = error.sentence
                self._tell(error.sentence)

    def _came(self, is_there: bool) -> None:
        if is_there and not self._stop.is_set():
            self._has_called = True
            self._tell("The floor's dialler uses the lines here.")
        elif not self._stop.is_set():
            log.warning("the dialler has gone; calls in hand go on")

    async def _leave(self) -> None:
        """The dialler ends the lines as they become idle; without one they end by themselves."""
        self._tell("Calls in hand are finished first; stop it again to end them now.")
        await self._relay.leave()
        with contextlib.suppress(core_errors.KnownError):
            address = self._place.address if self._place is not None else ""
            await self._offer(address, 0)
        until_s = self._clock.now().mono_s + DRAIN_S
        while self._relay.has_dialler and self._clock.now().mono_s < until_s:
            if self._must_hurry.is_set():
                self._processes.hang_up()
                return
            there = await asyncio.to_thread(
                lambda: [one for one in self._processes.names if self._processes.is_there(one)]
            )
            if not there:
                return
            await asyncio.sleep(0.2)


def _stamp(place: SeatPlace) -> int:
    """Another one once the certificate was signed anew."""
    return place.files.certificate.stat().st_mtime_ns
