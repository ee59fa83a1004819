"""PJSIP in an engine process: one thread owns it, polls it, and holds every call in a registry.

Measured facts that shaped this file stand in its comments; the rule is that callbacks only post,
and that no `Leg` is let go before its end was handled, or after the library has gone.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator

import pjsua2 as pj

from sip import sipmessage
from sip.callbacks import Account, Library, LogReader
from sip.clock import Clock
from sip.door import Door
from sip.ears import Ears
from sip.errors import KnownError
from sip.leg import Invite, Leg, LegListener
from sip.messages import Gateway, Stamp
from sip.stack import (
    LEG_LIMIT,
    TRUNK_CODECS,
    WIDE_CODECS,
    Dial,
    EndpointOptions,
    TlsFiles,
    choose_codecs,
    has_tls,
    library_config,
    open_transport,
    seat_account,
)
from sip.trunk_side import Registration, TrunkSide

__all__ = [
    "LEG_LIMIT",
    "TRUNK_CODECS",
    "WIDE_CODECS",
    "Dial",
    "Endpoint",
    "EndpointOptions",
    "TlsFiles",
]

log = logging.getLogger("sip.endpoint")
_TOO_MANY = 70010  # PJ_ETOOMANY
NO_ROOM = (
    "No room for another party: one of this call is still being hung up on. Try again in a moment."
)


class NoRoom(KnownError):
    """All places for legs are taken; that of one that is hung up on is free a moment later."""


class Endpoint:
    """Owns PJSIP in this process; every method belongs to the thread that called `start`.

    `on_incoming(leg, invite)`: set a listener and reply there. `on_transport_end()`: a TCP or TLS
    connection broke or was closed. `on_late_response(sip_call_id, status)`: see `watch`.
    `on_registration(registration)`: a gateway has answered a REGISTER, or nobody did.
    `on_trouble(sentence)`: a provider's certificate is not trusted.
    """

    def __init__(self, options: EndpointOptions, clock: Clock) -> None:
        self.options = options
        self.notices: list[str] = []
        self.has_tls = False
        self.trunk_address = ""
        self.seat_uri = ""
        self.on_incoming: Callable[[Leg, Invite], None] = lambda leg, _invite: leg.end(480)
        self.on_transport_end: Callable[[], None] = lambda: None
        self.on_late_response: Callable[[str, int], None] = lambda _call_id, _status: None
        self.on_registration: Callable[[Registration], None] = lambda _registration: None
        self.on_trouble: Callable[[str], None] = lambda _sentence: None
        self._clock = clock
        self._posted: deque[Callable[[], None]] = deque()
        self._legs: dict[int, Leg] = {}
        self._serial = 0
        self._watched: set[str] = set()
        self._ports: list[pj.AudioMedia] = []
        self.ears = Ears(self.keep, self._sources)
        self._disowned: list[object] = []
        self._made: weakref.WeakSet[pj.AudioMedia] = weakref.WeakSet()
        self._thread = 0
        self.door = Door()
        self._trunk: TrunkSide | None = None
        self._seat_account: Account | None = None
        self._codecs = options.codecs

    def now(self) -> Stamp:
        return self._clock.now()

    def post(self, action: Callable[[], None]) -> None:
        """Have `action` done on the owner's thread at the end of this poll. From any thread."""
        self._posted.append(action)

    def _must_be_owner(self) -> None:
        if threading.get_ident() != self._thread:
            raise RuntimeError("PJSIP belongs to the thread that started it")

    @property
    def legs(self) -> list[Leg]:
        """The legs that are not over."""
        return [leg for leg in self._legs.values() if not leg.is_over]

    # --- start --------------------------------------------------------------------------------

    def start(self) -> None:
        """Start PJSIP. Raises KnownError (a port in use, unreadable certificates …)."""
        self._thread = threading.get_ident()
        self._library = Library(self)
        self._library.libCreate()
        self._log_reader = LogReader(self)
        self._library.libInit(library_config(self.options, self._log_reader))
        try:
            self._start_transports()
            self._library.audDevManager().setNullDev()
            self._library.libStart()
            choose_codecs(self._library, self.options.codecs)
            self._make_accounts()
            self.door.guard()
        except BaseException:
            self.close()
            raise

    def _start_transports(self) -> None:
        options, library = self.options, self._library
        if options.trunk_port is not None:
            self._trunk = TrunkSide(library, options, self._new_account, self._is_in_use)
        if options.seat_port is None:
            return
        if options.tls is not None and has_tls(library):
            _id, address = open_transport(
                library, pj.PJSIP_TRANSPORT_TLS, options.bind, options.seat_port, options.tls
            )
            self.has_tls = True
            self.seat_uri = f"sip:seat@{address};transport=tls"
            return
        if options.tls is None:
            self.notices.append("No certificate was given: seats speak unencrypted, on this PC.")
        else:
            self.notices.append("This SIP library has no TLS: seats can speak on this PC only.")
        if not options.bind.startswith("127.") and options.bind != "::1":
            raise KnownError(
                "Without TLS an engine listens on loopback only; give it the floor's certificates."
            )
        _id, address = open_transport(
            library, pj.PJSIP_TRANSPORT_TCP, options.bind, options.seat_port
        )
        self.seat_uri = f"sip:seat@{address};transport=tcp"

    def _make_accounts(self) -> None:
        if self._trunk is not None:
            self._trunk.start()
            self.trunk_address = self._trunk.address
        if self.seat_uri:
            self._seat_account = self._new_account()
            self._seat_account.create(
                seat_account(self.options, self.seat_uri, is_secure=self.has_tls)
            )

    def _new_account(self, gateway: str = "") -> Account:
        return Account(self, gateway)

    def _is_in_use(self, account: pj.Account) -> bool:
        return any(leg.account is account for leg in self.legs)

    # --- the loop's turn ----------------------------------------------------------------------

    def poll(self, wait_ms: int) -> None:
        """Let PJSIP work for at most `wait_ms`, then do what the callbacks have posted."""
        self._library.libHandleEvents(wait_ms)
        self.door.look(self.now().mono_s)
        if self._trunk is not None:
            self._trunk.keep_alive(self.now().mono_s)
        while self._posted:
            action = self._posted.popleft()
            try:
                action()
            except Exception:
                log.exception("handling an event of a call failed")

    # --- calls --------------------------------------------------------------------------------

    def dial(self, dial: Dial, listener: LegListener) -> Leg:
        """Send an INVITE. Raises KnownError where it cannot even be tried, NoRoom for a fifth."""
        self._must_be_owner()
        account = self._seat_account if dial.is_seat else self._trunk_account(dial.gateway)
        if account is None:
            raise KnownError("This engine has no such side; it was started without it.")
        leg = self._new_leg(account)
        leg.listener = listener
        if dial.gateway is not None:
            leg.codecs, leg.dtmf = dial.gateway.codecs, dial.gateway.dtmf
        try:
            with self.offering(leg.codecs):
                leg.invite(dial.uri, dial.from_uri, dial.headers)
        except pj.Error as error:
            leg.let_go()
            self.drop(leg)
            if error.status == _TOO_MANY:
                raise NoRoom(NO_ROOM) from error
            raise KnownError(f"The call could not be placed: {error.reason.strip()}.") from error
        return leg

    def _trunk_account(self, gateway: Gateway | None) -> pj.Account:
        if self._trunk is None:
            raise KnownError("This engine has no such side; it was started without it.")
        return self._trunk.account_for(gateway)

    @contextlib.contextmanager
    def offering(self, codecs: tuple[str, ...]) -> Iterator[None]:
        """What is offered inside the block has these codecs in this order (empty: our own).

        A re-INVITE of a leg belongs into `with endpoint.offering(leg.codecs)`. Outside of it the
        other codecs in use stay allowed behind our own, so that their calls can be changed.
        """
        usual = self._codecs
        if not codecs or codecs == usual:
            yield
            return
        choose_codecs(self._library, codecs)
        try:
            yield
        finally:
            self._codecs = usual + tuple(one for one in codecs if one not in usual)
            choose_codecs(self._library, self._codecs)

    # --- registration -------------------------------------------------------------------------

    def register(self, gateway: Gateway, expires_s: float) -> None:
        """Keep us registered at a gateway. Raises KnownError where it cannot be tried."""
        self._must_be_owner()
        if self._trunk is None:
            raise KnownError("This engine has no such side; it was started without it.")
        try:
            self._trunk.register(gateway, expires_s)
        except pj.Error as error:
            raise KnownError(
                f"The gateway {gateway.name} cannot be asked ({error.reason.strip()}): "
                "look at its address."
            ) from error

    def unregister(self, name: str) -> bool:
        """Take the registration at this gateway back; False where there is none."""
        self._must_be_owner()
        return self._trunk is not None and self._trunk.unregister(name)

    def saw_registration(self, registration: Registration) -> None:
        self.post(lambda: self.on_registration(registration))

    # --- calls --------------------------------------------------------------------------------

    def _new_leg(self, account: pj.Account, call_id: int = pj.PJSUA_INVALID_ID) -> Leg:
        self._serial += 1
        leg = Leg(self, account, self._serial, call_id)
        self._legs[self._serial] = leg
        return leg

    def take_incoming(self, account: pj.Account, call_id: int, text: str, source: str = "") -> None:
        """PJSIP's thread of control: register the call now, decide after the poll."""
        for old in self._legs.values():
            if old.is_over and old.has_place(call_id):
                self._disowned.append(old.disown())
        leg = self._new_leg(account, call_id)
        invite = Invite(text, self.now(), source, account is self._seat_account)
        self.post(lambda: self.on_incoming(leg, invite))

    def drop(self, leg: Leg) -> None:
        """Let go of a leg that is over."""
        self._legs.pop(leg.serial, None)

    def saw_transport_end(self, trouble: str = "") -> None:
        if trouble:
            self.post(lambda: self.on_trouble(trouble))
        self.post(lambda: self.on_transport_end())

    # --- answers that cross our CANCEL --------------------------------------------------------

    @property
    def is_watching(self) -> bool:
        return bool(self._watched)

    def watch(self, sip_call_id: str) -> None:
        """Report final responses to the INVITE of a call that is over for PJSIP already."""
        self._watched = self._watched | {sip_call_id}

    def unwatch(self, sip_call_id: str) -> None:
        self._watched = self._watched - {sip_call_id}

    def saw_response(self, text: str) -> None:
        """A response in PJSIP's log; any thread."""
        found = sipmessage.response_status(text)
        call_id = sipmessage.header(text, "call-id")
        if found is None or found[0] < 200 or call_id not in self._watched:
            return
        if sipmessage.header(text, "cseq").endswith("INVITE"):
            self.post(lambda: self.on_late_response(call_id, found[0]))

    # --- sound --------------------------------------------------------------------------------

    def silence(self) -> pj.AudioMedia:
        """The null device's capture side: a source of silence that keeps RTP flowing."""
        return self._library.audDevManager().getCaptureDevMedia()

    def drain(self) -> pj.AudioMedia:
        """The null device's playback side: takes the sound of legs that nobody hears just now."""
        return self._library.audDevManager().getPlaybackDevMedia()

    def _sources(self) -> list[pj.AudioMedia | None]:
        """All that anybody may hear just now."""
        return [*(leg.sound() for leg in self.legs), *self._ports, self.silence()]

    def keep(self, port: pj.AudioMedia) -> None:
        """Hold a media port (player, tone, own port) until `release` or the end."""
        self._ports.append(port)
        self._made.add(port)

    def release(self, port: pj.AudioMedia) -> None:
        """Let go of a media port on the owner's thread."""
        if port in self._ports:
            self._ports.remove(port)

    # --- end ----------------------------------------------------------------------------------

    def close(self, limit_s: float = 2.0) -> None:
        """Hang up what is left, wait for it, drop all, and end the library, in this order."""
        for leg in list(self._legs.values()):
            leg.end()
        until_s = self.now().mono_s + limit_s
        while self._legs and self.now().mono_s < until_s:
            self.poll(5)
        self._posted.clear()
        for leg in self._legs.values():
            leg.let_go()
        self._legs.clear()
        for port in self._ports:
            if isinstance(port, pj.AudioMediaPort):
                port.__disown__()  # the media thread may be in it: left to the process's end
        self._ports.clear()
        if self._trunk is not None:
            self._trunk.close()
            self._trunk = None
        if self._seat_account is not None:
            self._seat_account.shutdown()
            self._seat_account = None
        gc.collect()
        for left in list(self._made):
            # Somebody still holds it. Destroyed after the library it would abort the process, so
            # its C++ half is left to the process's end.
            left.thisown = False
        self.door.close()
        self._library.libDestroy()
