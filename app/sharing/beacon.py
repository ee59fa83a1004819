"""Floors on the office network, told and found by mDNS (`_callfloor._tcp`); nothing is secret."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from zeroconf import IPVersion, ServiceBrowser, ServiceInfo, ServiceStateChange, Zeroconf

from app.errors import KnownError

SERVICE = "_callfloor._tcp.local."
FIND_S = 3.0


@dataclass(frozen=True, slots=True)
class FoundFloor:
    """A floor that answers on this network; `fingerprint`: its authority's first 8 bytes."""

    name: str
    addresses: tuple[str, ...]
    port: int
    fingerprint: bytes


class Beacon:
    """Tells the network of one floor for as long as it is open."""

    def __init__(self, floor: FoundFloor, interfaces: Sequence[str] | None = None) -> None:
        self._zeroconf = _open(interfaces)
        key = floor.fingerprint.hex()
        # Two floors of one name are two services: the fingerprint keeps them apart.
        label = f"{floor.name[:40]} {key[:8]}"
        self._info = ServiceInfo(
            SERVICE,
            f"{label}.{SERVICE}",
            port=floor.port,
            properties={"name": floor.name, "fp": key, "v": "1"},
            parsed_addresses=list(floor.addresses),
            server=f"callfloor-{_short(key)}.local.",
        )
        try:
            self._zeroconf.register_service(self._info, allow_name_change=True)
        except OSError as error:
            self._zeroconf.close()
            raise _no_network() from error

    def close(self) -> None:
        """Take the floor off the network's list."""
        self._zeroconf.unregister_all_services()
        self._zeroconf.close()


def find_floors(
    seconds: float = FIND_S,
    fingerprint: bytes | None = None,
    interfaces: Sequence[str] | None = None,
) -> list[FoundFloor]:
    """The floors that answer within that time, by name; with `fingerprint` only that one, at once.

    Raises KnownError where there is no network to ask.
    """
    found: dict[str, FoundFloor] = {}
    is_enough = threading.Event()
    zeroconf = _open(interfaces)

    def on_change(
        zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        if state_change is ServiceStateChange.Removed:
            found.pop(name, None)
            return
        info = zeroconf.get_service_info(service_type, name, timeout=1000)
        floor = _read(info) if info is not None else None
        if floor is None or (fingerprint is not None and floor.fingerprint != fingerprint):
            return
        found[name] = floor
        if fingerprint is not None:
            is_enough.set()

    try:
        browser = ServiceBrowser(zeroconf, SERVICE, handlers=[on_change])
        is_enough.wait(seconds)
        browser.cancel()
    finally:
        zeroconf.close()
    return sorted(found.values(), key=lambda floor: (floor.name, floor.fingerprint))


def _read(info: ServiceInfo) -> FoundFloor | None:
    words = info.decoded_properties
    try:
        fingerprint = bytes.fromhex(words.get("fp") or "")
    except ValueError:
        return None
    addresses = tuple(info.parsed_addresses(IPVersion.All))
    if len(fingerprint) != 8 or not addresses or not info.port:
        return None
    return FoundFloor((words.get("name") or "")[:60], addresses, info.port, fingerprint)


def _short(key: str) -> str:
    return hashlib.sha256(key.encode() + socket.gethostname().encode()).hexdigest()[:10]


def _open(interfaces: Sequence[str] | None) -> Zeroconf:
    try:
        if interfaces is None:
            return Zeroconf()
        return Zeroconf(interfaces=list(interfaces))
    except OSError as error:
        raise _no_network() from error


def _no_network() -> KnownError:
    return KnownError(
        "This PC has no network to look for floors in: plug in the cable or join the office's "
        "wireless network, then try again."
    )
