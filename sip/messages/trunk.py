"""The words about a trunk: its gateways, and whether it knows us."""

from __future__ import annotations

from typing import Literal

import msgspec

from sip.messages.base import Message, Stamp

Srtp = Literal["off", "optional", "mandatory"]
Identity = Literal["from", "pai", "ppi", "rpid", "from_and_pai"]
"""Where the provider looks for the caller's number (From, P-Asserted-Identity, P-Preferred-
Identity, Remote-Party-ID); From carries our own account where it is not looked for there."""
Dtmf = Literal["rfc4733", "info", "inband"]
SessionTimers = Literal["off", "optional", "required"]


class Gateway(msgspec.Struct, frozen=True, kw_only=True):
    """Where a line sends its INVITE, and how that provider wants it.

    `uri_template` has `{number}`, e.g. `sip:{number}@127.0.0.1:5080;transport=udp`; its transport
    parameter decides between UDP, TCP and TLS. `codecs` in order of preference, as PJSIP names
    them. `auth_username`: where it differs from `username`. `outbound_proxy`: a SIP URI or "".
    `from_domain`: "" takes the gateway's host. The secret is fetched from the keyring by the
    dialler and goes over the local socket only.
    """

    name: str
    uri_template: str
    username: str = ""
    auth_username: str = ""
    password: str = ""
    realm: str = "*"
    send_attempt_id: bool = False  # adds the X-Callfloor-Attempt header (practice carrier)
    srtp: Srtp = "off"
    outbound_proxy: str = ""
    identity: Identity = "from_and_pai"
    from_domain: str = ""
    codecs: tuple[str, ...] = ("PCMA/8000", "PCMU/8000")
    dtmf: Dtmf = "rfc4733"
    session_timers: SessionTimers = "optional"
    plays_early_media: bool = True
    ca_file: str = ""  # PEM of who signs the gateway's certificate; "": the system's authorities

    def __repr__(self) -> str:
        return f"Gateway({self.name!r})"


class Register(Message, frozen=True, kw_only=True, tag="register"):
    """Keep this line registered at the gateway, so that calls come in; refreshed by itself."""

    epoch: int
    gateway: Gateway
    expires_s: float = 300.0


class Unregister(Message, frozen=True, kw_only=True, tag="unregister"):
    """Take the registration at this gateway back."""

    epoch: int
    gateway: str


class RegistrationChanged(Message, frozen=True, kw_only=True, tag="registration"):
    """Whether a gateway knows us; `status` is the last SIP status, `sentence` says what to do."""

    seq: int
    at: Stamp
    gateway: str
    is_registered: bool
    status: int
    sentence: str = ""
