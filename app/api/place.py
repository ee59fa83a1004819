"""Where the API listens, and what a running one says of itself."""

from __future__ import annotations

import contextlib
import ipaddress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.addresses import own_addresses
from app.errors import KnownError
from app.holder import describe_self, is_dead
from app.profile import Profile
from app.settings import API_LISTEN, API_ON, API_PORT, load_settings
from app.whole_file import write_whole


@dataclass(frozen=True, slots=True)
class Listening:
    """Where other programs ask, as the settings have it."""

    is_on: bool
    address: str
    port: int

    @property
    def is_any(self) -> bool:
        """Whether it is all addresses of this PC."""
        return ipaddress.ip_address(self.address).is_unspecified

    @property
    def is_loopback(self) -> bool:
        """Whether only this PC can ask."""
        return ipaddress.ip_address(self.address).is_loopback

    @property
    def url(self) -> str:
        """What a program is given; of all addresses the first that others reach."""
        shown = next(iter(own_addresses()), "127.0.0.1") if self.is_any else self.address
        host = f"[{shown}]" if ":" in shown else shown
        return f"{'http' if self.is_loopback else 'https'}://{host}:{self.port}"


class Running(msgspec.Struct, frozen=True):
    """What a running API says of itself: its process and where it listens."""

    holder: str
    url: str
    address: str
    port: int


def listening(profile: Profile) -> Listening:
    """Where it is to listen; KnownError where the settings say no address."""
    settings = load_settings(profile.settings_path)
    address = settings.get(API_LISTEN)
    check_address(address)
    return Listening(settings.get(API_ON), address, settings.get(API_PORT))


def check_address(address: str) -> None:
    """KnownError for what is no address of a PC."""
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise KnownError(
            f"{address!r} is no address: use 127.0.0.1 for this PC alone, or 0.0.0.0 for all."
        ) from None


def switch(profile: Profile, *, is_on: bool, address: str = "", port: int = 0) -> Listening:
    """Switch it on or off for this PC; the supervisor's program starts and ends it."""
    settings = load_settings(profile.settings_path)
    if address:
        check_address(address)
        settings.set(API_LISTEN, address)
    if port:
        settings.set(API_PORT, port)
    settings.set(API_ON, is_on)
    settings.save()
    return listening(profile)


# --- the process that runs ------------------------------------------------------------------


def _running_path(profile: Profile) -> Path:
    return profile.run_dir / "api.json"


def running(profile: Profile) -> Running | None:
    """The API that runs for this profile; None where there is none."""
    try:
        found = msgspec.json.decode(_running_path(profile).read_bytes(), type=Running)
    except (OSError, msgspec.MsgspecError):
        return None
    return None if is_dead(found.holder) else found


def note_running(profile: Profile, where: Listening) -> None:
    """This process is it."""
    told = Running(describe_self(), where.url, where.address, where.port)
    write_whole(_running_path(profile), msgspec.json.encode(told))


def forget_running(profile: Profile) -> None:
    """This process is it no more."""
    found = running(profile)
    if found is not None and found.holder == describe_self():
        with contextlib.suppress(OSError):
            _running_path(profile).unlink()
