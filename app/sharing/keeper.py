"""The keeper of a shared floor: tells the network of it, answers who joins, restarts the server.

A process without a window on the supervisor's PC (`callfloor share keep`). It alone signs
certificates, so the authority's key is opened in one place only. It ends when it is asked to, or
when the floor is stopped.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from datetime import datetime

from app.addresses import order_addresses, own_addresses
from app.certificates import Authority, is_running_out
from app.errors import KnownError, as_known_error
from app.profile import Profile
from app.secrets import Secrets
from app.sharing.beacon import Beacon, FoundFloor
from app.sharing.floor_share import LOOPBACK, FloorShare
from app.sharing.join_code import FINGERPRINT_BYTES
from app.sharing.keeper_process import touch_keeper, write_keeper
from dialer_core.store import joining, renewing
from dialer_core.store.floor_link import FloorLink, wait_for_word
from dialer_core.store.joining_sql import CHANNEL

log = logging.getLogger("app.sharing")

WAIT_S = 1.0
RETRY_S = 1.0
LOOK_ROUNDS = 10
"""After so many rounds addresses and certificates are looked at again."""


class Keeper:
    """Keeps one floor until `stop` is set; `run` blocks."""

    def __init__(self, profile: Profile, secrets: Secrets, utc_now: Callable[[], datetime]) -> None:
        self._share = FloorShare(profile, lambda: secrets, utc_now)
        self._secrets = secrets
        self._now = utc_now
        self._beacon: Beacon | None = None
        self._told: tuple[str, ...] = ()
        self.stop = threading.Event()

    def run(self) -> None:
        """Keep the floor; KnownError where it cannot even be begun."""
        authority = self._share.authority(self._secrets)
        link = self._share.owner_link(self._secrets)
        write_keeper(self._share.server.place, is_ready=False)
        try:
            while not self.stop.is_set():
                try:
                    self._share.server.start()
                    self._answer(link, authority)
                except Exception as error:
                    known = as_known_error(error)
                    if known is None and not _is_lost(error):
                        raise
                    # The server is gone or out of reach: the next round starts it again.
                    log.warning("the floor is looked after again: %s", type(error).__name__)
                    self.stop.wait(RETRY_S)
        finally:
            self._hide()

    def _answer(self, link: FloorLink, authority: Authority) -> None:
        """Answer who joins for as long as the connection holds."""
        with link.alone() as connection:
            connection.exec_driver_sql(f"LISTEN {CHANNEL}")
            rounds = 0
            while not self.stop.is_set():
                if rounds % LOOK_ROUNDS == 0:
                    self._look(authority)
                self._sign(link, authority)
                if rounds == 0:
                    write_keeper(self._share.server.place, is_ready=True)
                touch_keeper(self._share.server.place)
                rounds += 1
                wait_for_word(connection, WAIT_S)
                connection.exec_driver_sql("SELECT 1")

    def _sign(self, link: FloorLink, authority: Authority) -> None:
        now = self._now()

        def sign(request: bytes, role: str, hosts: list[str]) -> bytes:
            return authority.sign(request, role, hosts, now)

        with link.writing() as connection:
            answered = joining.answer_requests(connection, sign, authority.pem, now)
            renewed = renewing.answer_renewals(connection, sign, now)
        if renewed:
            log.info("%d seats were given a certificate anew", len(renewed))
        for one in answered:
            log.info("a seat asked to join: %s", "refused" if one.refusal else one.role)

    def _look(self, authority: Authority) -> None:
        """Tell the network again where addresses have changed; renew what is running out."""
        addresses = order_addresses(self._addresses())
        if addresses != self._told:
            self._hide()
            self._show(addresses)
        data = self._share.server.place.data
        if is_running_out(data / "server.pem", self._now()):
            chain, key = authority.server([LOOPBACK, *addresses], self._now())
            self._share.server.write_certificates(chain, key, authority.pem)
            self._share.server.reload()

    def _addresses(self) -> tuple[str, ...]:
        return own_addresses() or (LOOPBACK,)

    def _show(self, addresses: tuple[str, ...]) -> None:
        status = self._share.status()
        pinned = bytes.fromhex(status.fingerprint)[:FINGERPRINT_BYTES]
        with contextlib.suppress(KnownError):  # no network now: the code still has the address
            self._beacon = Beacon(FoundFloor(status.name, addresses, status.port, pinned))
        self._told = addresses

    def _hide(self) -> None:
        if self._beacon is not None:
            self._beacon.close()
            self._beacon = None
        self._told = ()


def _is_lost(error: BaseException) -> bool:
    """Whether the connection to the server broke."""
    return type(error).__name__ in ("OperationalError", "InterfaceError", "DBAPIError")
