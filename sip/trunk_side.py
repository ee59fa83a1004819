"""The trunk side of an engine: transports opened when a gateway asks for them, an account each.

An account carries what a provider wants of all our requests: who we are, the way there, the
password, encryption, session timers. It is made at the first call and kept while its gateway
stays as it is, so that a second call costs nothing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import msgspec
import pjsua2 as pj

from sip.authorities import authorities
from sip.errors import KnownError
from sip.messages import Gateway
from sip.stack import EndpointOptions, has_tls, open_transport, trunk_account

log = logging.getLogger("sip.trunk")
ACCOUNT_LIMIT = 5
"""Gateways known at a time; the library holds eight accounts, two of which are ours."""
TRANSPORT_LIMIT = 8
"""Transports that the library holds at a time; one for each file of authorities."""
KEEP_ALIVE_S = 20.0
"""The library closes a connection that nothing was asked on for 33 s, and with it the provider's
only way to tell us that the person has hung up."""
_SRTP = {
    "off": pj.PJMEDIA_SRTP_DISABLED,
    "optional": pj.PJMEDIA_SRTP_OPTIONAL,
    "mandatory": pj.PJMEDIA_SRTP_MANDATORY,
}
_TIMERS = {
    "off": pj.PJSUA_SIP_TIMER_INACTIVE,
    "optional": pj.PJSUA_SIP_TIMER_OPTIONAL,
    "required": pj.PJSUA_SIP_TIMER_REQUIRED,
}
_KINDS = {
    "udp": pj.PJSIP_TRANSPORT_UDP,
    "tcp": pj.PJSIP_TRANSPORT_TCP,
    "tls": pj.PJSIP_TRANSPORT_TLS,
}


class Registration(msgspec.Struct, frozen=True):
    """What came of a REGISTER: the last status (408 where nobody answered), and where we stand."""

    gateway: str
    status: int
    reason: str
    is_registered: bool


class Route(msgspec.Struct, frozen=True):
    """Where a gateway is: its scheme, host with port, and the transport to the next hop."""

    host: str
    transport: str
    is_secure: bool = False


def route_of(gateway: Gateway) -> Route:
    """Read the gateway's address. Raises KnownError for one that is none."""
    found = re.fullmatch(r"(sips?):(?:[^@]*@)?([^;>?@]+)((?:;[^?>]*)?)", gateway.uri_template)
    if found is None:
        raise KnownError(
            f"The gateway {gateway.name} has no address that can be dialled: "
            "write it like sip:{number}@sip.example.com:5060."
        )
    next_hop = gateway.outbound_proxy or gateway.uri_template
    transport = re.search(r";transport=(\w+)", next_hop, re.IGNORECASE)
    is_secure = next_hop.lower().startswith(("sips:", "<sips:"))
    kind = transport[1].lower() if transport else "tls" if is_secure else "udp"
    if kind not in _KINDS:
        raise KnownError(
            f"The gateway {gateway.name} asks for a transport that does not exist: "
            "use udp, tcp or tls."
        )
    return Route(found[2], kind, found[1] == "sips")


def domain_of(gateway: Gateway) -> str:
    """The domain that we belong to at this gateway: never with a port, which names no domain."""
    return gateway.from_domain or re.sub(r":\d+$", "", route_of(gateway).host)


def certificate_trouble(whose: str, faults: list[str]) -> str:
    """The sentence for a certificate that the library has refused."""
    why = "; ".join(fault.strip().rstrip(".") for fault in faults) or "no reason was given"
    return (
        f"The certificate of {whose or 'a gateway'} is not trusted ({why}): check the gateway's "
        "name, or give it the file of those who sign its certificate."
    )


_Way = tuple[str, str]
"""What a transport is opened for: its kind, and the file of those who sign certificates."""


def _way_of(gateway: Gateway) -> _Way:
    kind = route_of(gateway).transport
    return kind, gateway.ca_file if kind == "tls" else ""


class _Known(msgspec.Struct):
    """A gateway's account, what it was made from, and the ways that its calls have taken."""

    gateway: Gateway
    account: pj.Account
    ways: set[_Way]
    expires_s: float | None = None
    asked_mono_s: float | None = None  # on its connection, or when no call needed one


class TrunkSide:
    """Belongs to the engine's thread, as the endpoint that owns it.

    `make_account(name)`: an account object of the endpoint's own kind for a gateway of that name;
    `is_in_use(account)`: whether a leg of it lives.
    """

    def __init__(
        self,
        library: pj.Endpoint,
        options: EndpointOptions,
        make_account: Callable[[str], pj.Account],
        is_in_use: Callable[[pj.Account], bool],
    ) -> None:
        self._library = library
        self._options = options
        self._make_account = make_account
        self._is_in_use = is_in_use
        self._transports: dict[_Way, tuple[int, str]] = {}  # the last one asked for stands last
        self._known: dict[str, _Known] = {}
        self._open: pj.Account | None = None
        self.address = ""

    def start(self) -> None:
        """Open the UDP side, and take calls there from whoever has our address."""
        transport_id, self.address = self._transport(("udp", ""))
        self._open = self._make_account("")
        self._open.create(trunk_account(self._options, transport_id, self.address))

    def _transport(self, way: _Way) -> tuple[int, str]:
        found = self._transports.pop(way, None) or self._open_transport(way)
        self._transports[way] = found
        return found

    def _open_transport(self, way: _Way) -> tuple[int, str]:
        kind, ca_file = way
        if kind == "tls" and not has_tls(self._library):
            raise KnownError(
                "This SIP library has no TLS: ask your provider for an address over UDP or TCP."
            )
        signers = authorities(ca_file) if kind == "tls" else None
        port = (self._options.trunk_port or 0) if kind == "udp" else 0
        bind = self._options.trunk_address
        self._make_way()
        return open_transport(self._library, _KINDS[kind], bind, port, authorities=signers)

    def _make_way(self) -> None:
        """Close the transport that was not asked for the longest, where no more would fit."""
        n_seats = 0 if self._options.seat_port is None else 1
        if len(self._transports) + n_seats < TRANSPORT_LIMIT:
            return
        used = {("udp", "")}.union(*(known.ways for known in self._known.values()))
        spare = next((way for way in self._transports if way not in used), None)
        if spare is None:
            raise KnownError(
                "This line speaks with too many gateways that have certificate files of their "
                "own: put these files together into one, and name it for each of them."
            )
        transport_id, _address = self._transports.pop(spare)
        self._library.transportClose(transport_id)

    def account_for(self, gateway: Gateway | None) -> pj.Account:
        """The account towards this gateway. Raises KnownError where its way cannot be opened."""
        if gateway is None:
            if self._open is None:
                raise KnownError("This engine has no such side; it was started without it.")
            return self._open
        known = self._known.pop(gateway.name, None)
        if known is not None:
            self._known[gateway.name] = known  # the last one used stands last
            if known.gateway != gateway:
                self._change(known, gateway, known.expires_s)
            return known.account
        return self._learn(gateway, None)

    def _learn(self, gateway: Gateway, expires_s: float | None) -> pj.Account:
        self._make_room()
        config = self._config(gateway, expires_s)
        account = self._make_account(gateway.name)
        account.create(config)
        self._known[gateway.name] = _Known(gateway, account, {_way_of(gateway)}, expires_s)
        return account

    def _change(self, known: _Known, gateway: Gateway, expires_s: float | None) -> None:
        """The gateway has other settings; a call that goes on keeps the way that it took."""
        if not self._is_in_use(known.account):
            known.ways.clear()
        known.account.modify(self._config(gateway, expires_s))
        known.ways.add(_way_of(gateway))
        known.gateway, known.expires_s = gateway, expires_s

    def _make_room(self) -> None:
        for name, known in list(self._known.items()):
            if len(self._known) < ACCOUNT_LIMIT:
                return
            if known.expires_s is None and not self._is_in_use(known.account):
                del self._known[name]
                known.account.shutdown()
        if len(self._known) >= ACCOUNT_LIMIT:
            raise KnownError(
                f"This line is registered at {ACCOUNT_LIMIT} gateways already: "
                "let other lines register, or fewer gateways."
            )

    def register(self, gateway: Gateway, expires_s: float) -> None:
        """Keep us registered there. Raises KnownError where its way cannot be opened."""
        known = self._known.get(gateway.name)
        if known is None:
            self._learn(gateway, expires_s)
            return
        if (known.gateway, known.expires_s) != (gateway, expires_s):
            self._change(known, gateway, expires_s)
        known.account.setRegistration(True)

    def unregister(self, name: str) -> bool:
        """Take the registration back; False where there is none."""
        known = self._known.get(name)
        if known is None or known.expires_s is None:
            return False
        known.expires_s = None
        known.account.setRegistration(False)
        return True

    def _config(self, gateway: Gateway, expires_s: float | None) -> pj.AccountConfig:
        route = route_of(gateway)
        transport_id, _address = self._transport(_way_of(gateway))
        user, domain = gateway.username or "line", domain_of(gateway)
        config = trunk_account(self._options, transport_id, domain, user)
        sip = config.sipConfig
        if gateway.username:
            name = gateway.auth_username or gateway.username
            realm = gateway.realm or "*"
            sip.authCreds.append(pj.AuthCredInfo("digest", realm, name, 0, gateway.password))
        if gateway.outbound_proxy:
            sip.proxies.append(_loose(gateway.outbound_proxy))
        config.mediaConfig.srtpUse = _SRTP[gateway.srtp]
        config.mediaConfig.srtpSecureSignaling = 1 if route.transport == "tls" else 0
        config.callConfig.timerUse = _TIMERS[gateway.session_timers]
        # Behind a router the provider sees another address than we do, and has to be told it.
        config.natConfig.viaRewriteUse = 1
        config.natConfig.contactRewriteUse = 2
        config.natConfig.sdpNatRewriteUse = 1
        config.natConfig.contactUseSrcPort = 1
        if expires_s is not None:
            self._ask_to_register(config, route, expires_s)
        return config

    def keep_alive(self, now_mono_s: float) -> None:
        """Ask OPTIONS now and then where a call depends on a connection staying open."""
        for known in self._known.values():
            if known.asked_mono_s is None or not self._is_in_use(known.account):
                known.asked_mono_s = now_mono_s
                continue
            if now_mono_s - known.asked_mono_s < KEEP_ALIVE_S:
                continue
            known.asked_mono_s = now_mono_s
            route = route_of(known.gateway)
            if route.transport == "udp":
                continue
            param = pj.SendRequestParam()
            param.method = "OPTIONS"
            param.txOption.targetUri = f"<sip:{route.host};transport={route.transport}>"
            try:
                known.account.sendRequest(param)
            except pj.Error as error:
                log.info("keeping a connection open failed: status %s", error.status)

    @staticmethod
    def _ask_to_register(config: pj.AccountConfig, route: Route, expires_s: float) -> None:
        scheme = "sips" if route.is_secure else "sip"
        registration = config.regConfig
        registration.registrarUri = f"{scheme}:{route.host};transport={route.transport}"
        registration.registerOnAdd = True
        registration.timeoutSec = max(1, round(expires_s))
        # PJSIP renews so many seconds before the end.
        registration.delayBeforeRefreshSec = max(1, min(30, round(expires_s / 4)))
        registration.retryIntervalSec = 60
        registration.firstRetryIntervalSec = 10
        registration.randomRetryIntervalSec = 5
        registration.unregWaitMsec = 500
        registration.dropCallsOnFail = False

    def close(self) -> None:
        """Take registrations back and let every account go."""
        for known in self._known.values():
            known.account.shutdown()
        self._known.clear()
        if self._open is not None:
            self._open.shutdown()
            self._open = None


def _loose(proxy: str) -> str:
    """The proxy as a Route that leaves the request's own address alone (RFC 3261, 16.12)."""
    uri = proxy.strip("<>")
    return f"<{uri}>" if re.search(r";lr(;|=|$)", uri) else f"<{uri};lr>"
