"""A seat joins a floor: from a code to a certificate, a role and a password of its own.

The floor proves itself before anything is told to it (`knocking`); the key and the password are
made on this PC and never leave it: the floor is given a signing request and a SCRAM verifier.
"""

from __future__ import annotations

import ipaddress
import platform
import re
import secrets as random_source
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from app.addresses import own_addresses
from app.certificates import FLOOR_HOST, fingerprint, keep_files, make_request
from app.errors import KnownError
from app.knocking import Door, knock
from app.profile import Profile
from app.secrets import Secrets
from app.sharing import pointing
from app.sharing.beacon import find_floors
from app.sharing.join_code import JoinCode, read_code
from app.sharing.places import authority_dir
from app.sharing.server_settings import DATABASE, JOIN
from dialer_core.store import joining
from dialer_core.store.floor_link import FloorLink, scram_verifier

ANSWER_S = 15.0
POLL_S = 0.1
FIND_S = 2.0
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")

Tell = Callable[[str], None]
"""What is being done, in a few words."""


@dataclass(frozen=True, slots=True)
class SeatJoined:
    """What this PC is on the floor from now on."""

    seat: str
    role: str
    address: str
    port: int
    seconds: float


class FloorJoin:
    """Joins one profile to a floor; KnownError, each with its own sentence, where it cannot be."""

    def __init__(
        self,
        profile: Profile,
        secrets: Secrets,
        utc_now: Callable[[], datetime],
        addresses: Callable[[], Sequence[str]] = own_addresses,
    ) -> None:
        self._profile = profile
        self._secrets = secrets
        self._now = utc_now
        self._addresses = addresses

    def join(self, typed: str, seat: str, tell: Tell) -> SeatJoined:
        """Use the code once. `seat`: this PC's name on the floor, letters, digits, - and _."""
        began = time.monotonic()
        code = read_code(typed)
        self._refuse(seat)
        tell("Looking for the floor")
        door = self._find(code)
        tell("Waiting for the supervisor's PC to sign")
        request, key = make_request(seat)
        password = random_source.token_urlsafe(24)
        with tempfile.TemporaryDirectory(prefix="callfloor-") as folder:
            authority = Path(folder, "ca.pem")
            authority.write_bytes(door.authority)
            link = FloorLink(
                door.address,
                door.port,
                JOIN,
                joining.JOIN_PASSWORD,
                authority,
                FLOOR_HOST,
                DATABASE,
            )
            answer = self._ask(link, code, seat, request, password)
        tell("Trying the seat's own way in")
        role = str(answer["role"])
        self._keep(code, door, answer, key, password, seat)
        return SeatJoined(seat, role, door.address, door.port, time.monotonic() - began)

    # --- inside -----------------------------------------------------------------------------

    def _refuse(self, seat: str) -> None:
        refuse_name(seat)
        if pointing.is_shared(self._profile):
            found = pointing.read_pointer(self._profile)
            where = f"the floor {found.floor}" if found is not None and found.floor else "a floor"
            raise KnownError(
                f"This PC belongs to {where} already: choose another --profile, or leave that "
                "floor first (callfloor leave)."
            )

    def _find(self, code: JoinCode) -> Door:
        """By the addresses in the code; by mDNS where the floor has moved since."""
        try:
            return knock(code.addresses, code.port, code.fingerprint, self._now())
        except KnownError as first:
            try:
                found = find_floors(FIND_S, code.fingerprint)
            except KnownError:
                raise first from None
            for floor in found:
                return knock(floor.addresses, floor.port, code.fingerprint, self._now())
            raise

    def _ask(
        self, link: FloorLink, code: JoinCode, seat: str, request: bytes, password: str
    ) -> dict[str, object]:
        until = time.monotonic() + ANSWER_S
        addresses = [str(ipaddress.ip_address(one)) for one in self._addresses()]
        with link.alone() as connection:
            verifier = scram_verifier(connection, "seat", password)
            while True:
                answer = joining.ask(
                    connection, code.secret, seat, request, verifier, addresses, self._now()
                )
                if answer["state"] == "ready":
                    return answer
                if answer["state"] != "waiting":
                    raise KnownError(_why_not(answer, seat))
                if time.monotonic() > until:
                    raise KnownError(
                        "The supervisor's PC does not answer: see that Callfloor runs there, then "
                        "ask for a new code."
                    )
                time.sleep(POLL_S)

    def _keep(
        self,
        code: JoinCode,
        door: Door,
        answer: dict[str, object],
        key: bytes,
        password: str,
        seat: str,
    ) -> None:
        """Try the new way in, then make it this profile's floor."""
        authority = str(answer["authority"]).encode()
        shown = fingerprint(x509.load_pem_x509_certificate(authority))
        if not shown.startswith(code.fingerprint):
            raise KnownError(
                "The floor answered with another certificate than its own, so nothing was kept: "
                "ask the supervisor for a new code."
            )
        folder = authority_dir(self._profile)
        files = keep_files(folder, authority, str(answer["certificate"]).encode(), key)
        self._secrets.set(pointing.SEAT_SECRET, password)
        pointer = pointing.Pointer(
            addresses=tuple(dict.fromkeys((door.address, *code.addresses))),
            port=door.port,
            role=str(answer["role"]),
            host=FLOOR_HOST,
            database=DATABASE,
            fingerprint=shown.hex(),
            floor=str(answer.get("floor", "")),
            seat=seat,
            certificate=f"{folder.name}/{files.certificate.name}",
            key=f"{folder.name}/{files.key.name}",
        )
        with pointer.link(self._profile, password).alone() as connection:
            connection.exec_driver_sql("SELECT 1")
        pointing.write_pointer(self._profile, pointer)


def leave_floor(profile: Profile, secrets: Secrets) -> str:
    """Forget the floor that this PC joined; which seat it was. KnownError where it joined none."""
    pointer = pointing.read_pointer(profile)
    if pointer is None or not pointer.seat:
        raise KnownError("This PC has joined no floor.")
    secrets.delete(pointing.SEAT_SECRET)
    for name in (pointer.key, pointer.certificate, pointer.authority):
        (profile.certificates_dir / name).unlink(missing_ok=True)
    pointing.pointer_path(profile).unlink(missing_ok=True)
    return pointer.seat


def refuse_name(name: str) -> None:
    """KnownError where a PC cannot be called that on a floor."""
    if not _NAME.fullmatch(name):
        raise _bad_name(name)


def default_seat_name() -> str:
    """This PC's own name as a seat's: what is no letter, digit, - or _ becomes -."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", platform.node().split(".")[0])[:40].strip("-") or "seat"


def _why_not(answer: dict[str, object], seat: str) -> str:
    state = answer["state"]
    if state == "wrong":
        return (
            "The floor does not know this code: compare it with the supervisor's, or ask for a "
            "new one."
        )
    if state == "old":
        return "This code has run out or was closed: ask the supervisor for a new one."
    if state == "used":
        return "This code was used already, and opens only once: ask the supervisor for a new one."
    if state == "locked":
        return "Too many wrong codes were tried on this floor: wait a minute and try again."
    if state == "taken":
        return (
            f"A seat called {seat} has joined this floor already: choose another name (--name), "
            "or have the supervisor remove that seat first."
        )
    if state == "clock":
        return _clock(float(str(answer.get("off_s", 0))))
    if state == "name":
        return str(_bad_name(seat))
    if state == "refused":
        return str(answer.get("sentence"))
    return "The floor could not read what this PC sent: update Callfloor on both PCs."


def _clock(off_s: float) -> str:
    minutes = round(abs(off_s) / 60)
    span = f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
    word = "ahead of" if off_s > 0 else "behind"
    return (
        f"This PC's clock is {span} {word} the floor's: set one of them right (the system can do "
        "it from the internet), then join again with the same code."
    )


def _bad_name(seat: str) -> KnownError:
    return KnownError(
        f"{seat!r} is no name for a seat: use up to 40 letters, digits, - and _ (--name)."
    )
