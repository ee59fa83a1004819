"""How PJSIP is configured here: the library, its transports, its codecs, its accounts."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

import msgspec
import pjsua2 as pj

from sip.errors import KnownError
from sip.messages import Gateway

LEG_LIMIT = 4
"""Calls at a time that the library allows in one process, whatever is configured."""
WIDE_CODECS = ("G722/16000", "PCMA/8000", "PCMU/8000")
TRUNK_CODECS = ("PCMA/8000", "PCMU/8000")
UNHEARD_MS = 2000
"""A connection between seats is given up when what was sent on it is not confirmed for so long."""


class TlsFiles(msgspec.Struct, frozen=True):
    """PEM files: the floor's authority, this seat's certificate and its key."""

    ca: Path
    certificate: Path
    key: Path


class Authorities(msgspec.Struct, frozen=True):
    """Who may sign the certificate of a gateway: a PEM file, or the text of one."""

    file: Path | None = None
    pem: str = ""


class EndpointOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How an endpoint is set up.

    `trunk_port`: UDP port towards the trunk, 0 lets the system choose, None for no trunk side.
    `seat_port`: TLS port towards other seats, likewise. Without `tls` (or without TLS in this
    build) the seat side speaks TCP, on loopback only. `clock_rate`: of the bridge, in Hz.
    `nameservers`: see `sip.nameservers`; without any, names are looked up as the system does.
    `bind`: the address towards seats; `trunk_bind`: towards the trunk, "" for the same one.
    """

    name: str
    bind: str = "127.0.0.1"
    trunk_port: int | None = None
    seat_port: int | None = None
    tls: TlsFiles | None = None
    codecs: tuple[str, ...] = TRUNK_CODECS
    clock_rate: int = 8000
    rtp_port: int = 0
    rtp_ports: int = 0
    nameservers: tuple[str, ...] = ()
    trunk_bind: str = ""

    @property
    def trunk_address(self) -> str:
        """Where the trunk's side listens."""
        return self.trunk_bind or self.bind


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    """An INVITE to send. `from_uri` "" uses the account's own; headers are (name, value).

    `gateway`: whose account, transport and codecs it goes out with; None for a seat.
    """

    uri: str
    is_seat: bool = False
    from_uri: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    gateway: Gateway | None = None

    def __repr__(self) -> str:
        return f"Dial(is_seat={self.is_seat})"


def library_config(options: EndpointOptions, log_writer: pj.LogWriter) -> pj.EpConfig:
    """No thread of its own, no voice activity detection, a short jitter buffer."""
    config = pj.EpConfig()
    config.logConfig.level = 4
    # The writer hears only what the console would; with a writer nothing is printed.
    config.logConfig.consoleLevel = 4
    config.logConfig.msgLogging = 1
    config.logConfig.decor = 0
    config.logConfig.writer = log_writer
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = False
    config.uaConfig.maxCalls = LEG_LIMIT
    config.uaConfig.userAgent = "Callfloor"
    for address in options.nameservers:
        config.uaConfig.nameserver.append(address)
    media = config.medConfig
    media.clockRate = options.clock_rate
    media.sndClockRate = options.clock_rate
    media.audioFramePtime = 20
    media.ecTailLen = 0
    media.noVad = True
    media.jbInit = 20
    media.jbMinPre = 20
    media.jbMaxPre = 120
    media.jbMax = 400
    media.sndAutoCloseTime = 1
    media.quality = 5
    return config


def has_tls(library: pj.Endpoint) -> bool:
    """Whether this build of the library can speak TLS."""
    try:
        return len(library.utilSslGetAvailableCiphers()) > 0
    except pj.Error:
        return False


def open_transport(
    library: pj.Endpoint,
    kind: int,
    bind: str,
    port: int,
    tls: TlsFiles | None = None,
    authorities: Authorities | None = None,
) -> tuple[int, str]:
    """Listen; returns the transport's id and `host:port`. Raises KnownError, for a port in use.

    `tls`: both ends show a certificate of the floor. `authorities`: only the other end shows one.
    """
    config = pj.TransportConfig()
    config.port = port
    config.boundAddress = bind
    of_tcp = _tcp_options(is_seat=tls is not None)
    if tls is not None:
        _use_certificates(config.tlsConfig, tls)
    elif authorities is not None:
        _use_authorities(config.tlsConfig, authorities)
    for option in of_tcp:
        if kind == pj.PJSIP_TRANSPORT_TLS:
            config.tlsConfig.sockOptParams.sockOpts.append(option)
        elif kind == pj.PJSIP_TRANSPORT_TCP:
            config.sockOptParams.sockOpts.append(option)
    try:
        transport_id = library.transportCreate(kind, config)
    except pj.Error as error:
        raise KnownError(
            f"SIP cannot listen on {bind} port {port or '(any)'}: {error.reason.strip()}. "
            "Choose another port, or end what uses it."
        ) from error
    info = library.transportGetInfo(transport_id)
    return transport_id, info.localName


def _tcp_options(*, is_seat: bool) -> list[pj.SockOpt]:
    # Without it a handshake waits 40 ms for a delayed acknowledgement.
    wanted = [pj.SockOpt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    if is_seat and hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        # Of a PC that sleeps nothing is heard, and the system sends again less and less often: a
        # call to a PC that is awake again would wait for as long as it has slept. A connection
        # that is given up is made anew by the next call.
        wanted.append(pj.SockOpt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_MS))
    return wanted


def _use_certificates(config: pj.TlsConfig, tls: TlsFiles) -> None:
    for path in (tls.ca, tls.certificate, tls.key):
        if not os.access(path, os.R_OK):
            raise KnownError(f"The certificate file {path} cannot be read; check path and rights.")
    config.CaListFile = str(tls.ca)
    config.certFile = str(tls.certificate)
    config.privKeyFile = str(tls.key)
    config.verifyServer = True
    config.verifyClient = True
    config.requireClientCert = True
    config.proto = pj.PJ_SSL_SOCK_PROTO_TLS1_2
    config.msecTimeout = 3000


def _use_authorities(config: pj.TlsConfig, authorities: Authorities) -> None:
    config.CaListFile = str(authorities.file) if authorities.file is not None else ""
    config.CaBuf = authorities.pem
    config.verifyServer = True
    config.proto = pj.PJ_SSL_SOCK_PROTO_TLS1_2
    config.msecTimeout = 5000


def choose_codecs(library: pj.Endpoint, wanted: tuple[str, ...]) -> None:
    """Offer `wanted` in this order and nothing else."""
    for codec in library.codecEnum2():
        name = codec.codecId.rsplit("/", 1)[0]
        priority = 200 - wanted.index(name) if name in wanted else 0
        with contextlib.suppress(pj.Error):
            library.codecSetPriority(codec.codecId, priority)


def _account_config(options: EndpointOptions, uri: str, bind: str) -> pj.AccountConfig:
    config = pj.AccountConfig()
    config.idUri = uri
    transport = config.mediaConfig.transportConfig
    transport.boundAddress = bind
    transport.port = options.rtp_port
    transport.portRange = options.rtp_ports
    # The contact names the listening port: a TLS connection closes after 33 s without a request,
    # and the BYE of a longer talk needs a way back.
    config.natConfig.contactUseSrcPort = 0
    config.natConfig.contactRewriteUse = 0
    config.natConfig.viaRewriteUse = 0
    config.natConfig.sdpNatRewriteUse = 0
    return config


def trunk_account(
    options: EndpointOptions, transport_id: int, address: str, user: str = "line"
) -> pj.AccountConfig:
    """Towards the trunk, without a password: whoever calls us there is taken by it."""
    config = _account_config(options, f"sip:{user}@{address}", options.trunk_address)
    config.sipConfig.transportId = transport_id
    return config


def seat_account(options: EndpointOptions, uri: str, *, is_secure: bool) -> pj.AccountConfig:
    """Towards other seats: SRTP always; over plain TCP on loopback its keys go in clear."""
    config = _account_config(options, uri, options.bind)
    config.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
    config.mediaConfig.srtpSecureSignaling = 1 if is_secure else 0
    return config
