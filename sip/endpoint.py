"""PJSIP in an engine process: one thread owns it, polls it, and holds every call in a registry.

Measured facts that shaped this file stand in its comments; the rule is that callbacks only post,
and that no `Leg` is let go before its end was handled, or after the library has gone.
"""

from __future__ import annotations

import gc
import logging
import threading
import weakref
from collections import deque
from collections.abc import Callable

import pjsua2 as pj

from sip import sipmessage
from sip.clock import Clock
from sip.errors import KnownError
from sip.leg import Invite, Leg, LegListener
from sip.messages import Stamp
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
    trunk_account,
)

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


class _LogReader(pj.LogWriter):
    """PJSIP's log: the only place where an answer that crossed our CANCEL can be seen."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self._endpoint = endpoint

    def write(self, entry: pj.LogEntry) -> None:
        try:
            text = entry.msg
            if entry.level <= 2:
                level = logging.WARNING if entry.level == 1 else logging.INFO
                log.log(level, "pjsip: %s", sipmessage.redacted(text.strip()))
            elif entry.level == 4 and " INVITE" in text and self._endpoint.is_watching:
                start = text.find("SIP/2.0 ")
                if start > 0 and " RX " in f" {text[:start]}":
                    self._endpoint.saw_response(text[start:])
        except Exception:
            log.exception("reading PJSIP's log failed")


class _Account(pj.Account):
    """Takes incoming calls for the endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self._endpoint = endpoint

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:
        try:
            self._endpoint.take_incoming(self, prm.callId, prm.rdata.wholeMsg)
        except Exception:
            log.exception("an incoming call could not be taken")


class _Library(pj.Endpoint):
    """The library's endpoint; tells of transports that break."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self._endpoint = endpoint

    def onTransportState(self, prm: pj.OnTransportStateParam) -> None:
        try:
            if prm.state == pj.PJSIP_TP_STATE_DISCONNECTED:
                self._endpoint.saw_transport_end()
        except Exception:
            log.exception("a callback failed")


class Endpoint:
    """Owns PJSIP in this process; every method belongs to the thread that called `start`.

    `on_incoming(leg, invite)`: set a listener and reply there. `on_transport_end()`: a TCP or TLS
    connection broke or was closed. `on_late_response(sip_call_id, status)`: see `watch`.
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
        self._clock = clock
        self._posted: deque[Callable[[], None]] = deque()
        self._legs: dict[int, Leg] = {}
        self._serial = 0
        self._watched: set[str] = set()
        self._ports: list[pj.AudioMedia] = []
        self._made: weakref.WeakSet[pj.AudioMedia] = weakref.WeakSet()
        self._thread = 0

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
        self._library = _Library(self)
        self._library.libCreate()
        self._log_reader = _LogReader(self)
        self._library.libInit(library_config(self.options, self._log_reader))
        try:
            self._start_transports()
            self._library.audDevManager().setNullDev()
            self._library.libStart()
            choose_codecs(self._library, self.options.codecs)
            self._make_accounts()
        except BaseException:
            self.close()
            raise

    def _start_transports(self) -> None:
        options, library = self.options, self._library
        if options.trunk_port is not None:
            self._trunk_id, self.trunk_address = open_transport(
                library, pj.PJSIP_TRANSPORT_UDP, options.bind, options.trunk_port
            )
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
        self._credentials: tuple[str, str, str] = ("", "", "*")
        self._trunk_account = self._seat_account = None
        if self.trunk_address:
            self._trunk_account = self._account(self._trunk_config())
        if self.seat_uri:
            self._seat_account = self._account(
                seat_account(self.options, self.seat_uri, is_secure=self.has_tls)
            )

    def _account(self, config: pj.AccountConfig) -> _Account:
        account = _Account(self)
        account.create(config)
        return account

    def _trunk_config(self) -> pj.AccountConfig:
        return trunk_account(self.options, self._trunk_id, self.trunk_address, self._credentials)

    # --- the loop's turn ----------------------------------------------------------------------

    def poll(self, wait_ms: int) -> None:
        """Let PJSIP work for at most `wait_ms`, then do what the callbacks have posted."""
        self._library.libHandleEvents(wait_ms)
        while self._posted:
            action = self._posted.popleft()
            try:
                action()
            except Exception:
                log.exception("handling an event of a call failed")

    # --- calls --------------------------------------------------------------------------------

    def dial(self, dial: Dial, listener: LegListener) -> Leg:
        """Send an INVITE. Raises KnownError where it cannot even be tried."""
        self._must_be_owner()
        account = self._seat_account if dial.is_seat else self._trunk_account
        if account is None:
            raise KnownError("This engine has no such side; it was started without it.")
        if not dial.is_seat:
            self._use_credentials((dial.username, dial.password, dial.realm))
        leg = self._new_leg(account)
        leg.listener = listener
        try:
            leg.invite(dial.uri, dial.from_uri, dial.headers)
        except pj.Error as error:
            leg.let_go()
            self.drop(leg)
            raise KnownError(f"The call could not be placed: {error.reason.strip()}.") from error
        return leg

    def _use_credentials(self, credentials: tuple[str, str, str]) -> None:
        if credentials != self._credentials and self._trunk_account is not None:
            self._credentials = credentials
            self._trunk_account.modify(self._trunk_config())

    def _new_leg(self, account: pj.Account, call_id: int = pj.PJSUA_INVALID_ID) -> Leg:
        self._serial += 1
        leg = Leg(self, account, self._serial, call_id)
        self._legs[self._serial] = leg
        return leg

    def take_incoming(self, account: pj.Account, call_id: int, text: str) -> None:
        """PJSIP's thread of control: register the call now, decide after the poll."""
        leg = self._new_leg(account, call_id)
        invite = Invite(text, self.now())
        self.post(lambda: self.on_incoming(leg, invite))

    def drop(self, leg: Leg) -> None:
        """Let go of a leg that is over."""
        self._legs.pop(leg.serial, None)

    def saw_transport_end(self) -> None:
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
        self._ports.clear()
        for name in ("_trunk_account", "_seat_account"):
            account = getattr(self, name, None)
            if account is not None:
                account.shutdown()
                setattr(self, name, None)
                del account
        gc.collect()
        for left in list(self._made):
            # Somebody still holds it. Destroyed after the library it would abort the process, so
            # its C++ half is left to the process's end.
            left.thisown = False
        self._library.libDestroy()
