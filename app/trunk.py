"""The trunk of a floor: where its lines send their calls. A file without secrets in it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from app.errors import KnownError
from app.whole_file import write_whole
from dialer_core.model import errors as core_errors
from dialer_core.rules.dial_format import NumberFormat, check_format
from sip.messages import Gateway
from sip.messages.trunk import Dtmf, Identity, SessionTimers, Srtp
from sip.nameservers import has_servers_to_look_up

CODECS = ("PCMA/8000", "PCMU/8000", "G722/16000", "GSM/8000", "iLBC/8000", "speex/8000")
"""What a line can speak, as PJSIP names it; the order here is the usual preference."""
TRANSPORTS = ("udp", "tcp", "tls")
CHANNEL_LIMIT = 500
_URI = re.compile(
    r"sips?:(?P<user>[^@\s<>\"]+)@(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<parameters>(?:;[^\s;<>]+)*)"
)
_PROXY = re.compile(
    r"sips?:(?:[^@\s<>]+@)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?(;[^\s<>]+)?"
)
_HOST = re.compile(r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_NAME = re.compile(r"[^\s/\x00-\x1f][^/\x00-\x1f]{0,59}")


class GatewayPlace(msgspec.Struct, frozen=True, kw_only=True):
    """One gateway: `uri` with `{number}` in it, how many calls it carries, who we are there.

    The password is in the keyring under `trunk/<name>`. `calls_a_second`: new calls at most, 0
    for no limit. `number_format` and `prefix`: see `dialer_core.rules.dial_format`. `registers`:
    a line keeps us registered there. `accepts_calls`: calls come in from there by its address,
    without a registration. The rest is described at `sip.messages.Gateway`.
    """

    name: str
    uri: str
    channels: int = 4
    username: str = ""
    realm: str = "*"
    send_attempt_id: bool = False
    auth_username: str = ""
    outbound_proxy: str = ""
    srtp: Srtp = "off"
    identity: Identity = "from_and_pai"
    from_domain: str = ""
    codecs: tuple[str, ...] = ("PCMA/8000", "PCMU/8000")
    dtmf: Dtmf = "rfc4733"
    session_timers: SessionTimers = "optional"
    plays_early_media: bool = True
    ca_file: str = ""
    calls_a_second: float = 0.0
    number_format: NumberFormat = "e164"
    home_region: str = "GB"
    prefix: str = ""
    registers: bool = False
    accepts_calls: bool = False


class Trunk(msgspec.Struct, frozen=True, kw_only=True):
    """All gateways of the floor, in the order of preference, and how many lines it runs.

    `callers_port`: where the first line for calls that come in listens (the second one at the
    next port), for a provider that was given our address; 0: any, for those who register.
    """

    gateways: tuple[GatewayPlace, ...]
    lines: int = 8
    callers_port: int = 0


def gateway_of(place: GatewayPlace, password: str) -> Gateway:
    """The gateway as a line is told of it, with its secret."""
    return Gateway(
        name=place.name,
        uri_template=place.uri,
        username=place.username,
        auth_username=place.auth_username,
        password=password,
        realm=place.realm or "*",
        send_attempt_id=place.send_attempt_id,
        srtp=place.srtp,
        outbound_proxy=place.outbound_proxy,
        identity=place.identity,
        from_domain=place.from_domain,
        codecs=place.codecs,
        dtmf=place.dtmf,
        session_timers=place.session_timers,
        plays_early_media=place.plays_early_media,
        ca_file=place.ca_file,
    )


def hosts_of(place: GatewayPlace) -> tuple[str, ...]:
    """Names or addresses of the gateway and of its outbound proxy, without brackets and ports."""
    found = []
    for uri in (place.uri, place.outbound_proxy):
        address = uri.partition("@")[2] or uri.partition(":")[2]
        match = re.match(r"\[([0-9A-Fa-f:.]+)\]|([^:;>\s]+)", address)
        if match is not None:
            found.append(match[1] or match[2])
    return tuple(dict.fromkeys(found))


def nameserver_arguments(trunk: Trunk, servers: Sequence[str]) -> tuple[str, ...]:
    """What a line is started with so that it finds the servers of the trunk's domains.

    `servers`: the system's name servers. None are given where no gateway asks for it: a line that
    has them no longer finds names that only this PC knows.
    """
    next_hops = (place.outbound_proxy or place.uri for place in trunk.gateways)
    if not any(has_servers_to_look_up(uri) for uri in next_hops):
        return ()
    return tuple(word for one in servers for word in ("--nameserver", one))


def transport_of(uri: str) -> str:
    """How this address is reached: udp, tcp or tls; "" where it names another way."""
    found = re.search(r";transport=([^;>\s]*)", uri, re.IGNORECASE)
    is_secure = uri.lower().startswith("sips:")
    transport = found[1].lower() if found else "tls" if is_secure else "udp"
    return transport if transport in TRANSPORTS else ""


def objection(place: GatewayPlace) -> str:
    """Why this gateway cannot be used, as a sentence with what to do; "" where it can."""
    named = f"The gateway {place.name}"
    if _NAME.fullmatch(place.name) is None:
        return "A gateway needs a name of at most 60 letters, without a slash: give it one."
    if "{number}" not in place.uri:
        return f"{named} has no {{number}} in its uri: add it."
    found = _URI.fullmatch(place.uri)
    if found is None or not 0 < int(found["port"] or 5060) < 65536:
        return (
            f"{named} has no address that can be dialled: write it like "
            "sip:{number}@sip.example.com:5060;transport=udp."
        )
    return (
        _objection_to_way(place, named)
        or _objection_to_account(place, named)
        or _objection_to_amounts(place, named)
    )


def _objection_to_way(place: GatewayPlace, named: str) -> str:
    proxy = place.outbound_proxy
    if proxy and _PROXY.fullmatch(proxy) is None:
        return (
            f"{named} has an outbound proxy that is no address: write it like "
            "sip:proxy.example.com:5060, or leave it empty."
        )
    transport = transport_of(proxy or place.uri)
    if not transport:
        return f"{named} asks for a transport that does not exist: use udp, tcp or tls."
    if place.srtp == "mandatory" and transport != "tls":
        return (
            f"{named} wants encrypted sound over {transport.upper()}, where its keys could be "
            "read: use TLS, or make the encryption optional."
        )
    if place.ca_file and not os.access(place.ca_file, os.R_OK):
        return f"{named} names the certificate file {place.ca_file}, which cannot be read: mend it."
    return ""


def _objection_to_account(place: GatewayPlace, named: str) -> str:
    if place.registers and not place.username:
        return f"{named} is to register but has no user name: fill it in."
    if place.auth_username and not place.username:
        return f"{named} has a name for the password but no user name: fill that in."
    if any(re.search(r"[\s<>\"@]", one) for one in (place.username, place.realm)):
        return f"{named} has a user name or realm with a space or an @ in it: give its parts alone."
    if place.from_domain and _HOST.fullmatch(place.from_domain) is None:
        return f"{named} has a domain that is none: write it like example.com."
    return ""


def _objection_to_amounts(place: GatewayPlace, named: str) -> str:
    if not 1 <= place.channels <= CHANNEL_LIMIT:
        return f"{named} needs at least one channel, and at most {CHANNEL_LIMIT}."
    if not 0 <= place.calls_a_second <= 1000:
        return f"{named} cannot begin {place.calls_a_second:g} calls a second: 0 means no limit."
    unknown = [codec for codec in place.codecs if codec not in CODECS]
    if unknown or not place.codecs:
        return (
            f"{named} has {'the codec ' + unknown[0] if unknown else 'no codec'}: "
            f"use some of {', '.join(CODECS)}."
        )
    if len(set(place.codecs)) < len(place.codecs):
        return f"{named} names a codec twice: take one away."
    try:
        check_format(place.number_format, place.home_region, place.prefix)
    except core_errors.KnownError as error:
        return f"{named}: {error.sentence}"
    return ""


def read_trunk(path: Path) -> Trunk:
    """The trunk in `path` (TOML); raises KnownError where it is missing, damaged or empty."""
    try:
        trunk = msgspec.toml.decode(path.read_bytes(), type=Trunk)
    except FileNotFoundError:
        raise KnownError(
            f"No trunk is set up: fill in Settings, Trunk of the floor, or write {path} with the "
            "gateway that your provider gave you."
        ) from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise KnownError(f"The trunk in {path} cannot be read ({error}): mend the file.") from None
    check_trunk(trunk, f" (in {path})")
    return trunk


def check_trunk(trunk: Trunk, where: str = "") -> None:
    """Raises KnownError, its sentence ending in `where`, for a trunk that cannot be used."""
    sentence = "" if trunk.gateways else "The trunk names no gateway: add one."
    for place in trunk.gateways:
        sentence = sentence or objection(place)
    names = [place.name for place in trunk.gateways]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        sentence = sentence or f"Two gateways are called {twice}: rename one."
    if not 1 <= trunk.lines <= CHANNEL_LIMIT:
        sentence = sentence or f"A trunk needs between one and {CHANNEL_LIMIT} lines."
    if not 0 <= trunk.callers_port < 65535:
        sentence = sentence or "The port for calls that come in lies between 1 and 65534."
    if sentence:
        raise KnownError(f"{sentence[:-1]}{where}.")


def write_trunk(path: Path, trunk: Trunk) -> None:
    """Replace the file in one step."""
    write_whole(path, _toml(trunk))


def _toml(trunk: Trunk) -> bytes:
    lines = [f"lines = {trunk.lines}"]
    if trunk.callers_port:
        lines.append(f"callers_port = {trunk.callers_port}")
    for gateway in trunk.gateways:
        lines.append("[[gateways]]")
        for key, value in msgspec.to_builtins(gateway).items():
            # JSON's texts, numbers, truth values and lists of texts are TOML's as well.
            lines.append(f"{key} = {msgspec.json.encode(value).decode()}")
    return ("\n".join(lines) + "\n").encode()
