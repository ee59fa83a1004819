"""Calls that come in: who may call, the ringing while the dialler decides, and its order.

A call rings here for a few seconds at most: if the dialler says nothing, the caller hears that the
line is busy. What happens after the answer is `sip.line.call`'s, as with a call that we dialled.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from sip.clock import Timer
from sip.engine import Engine
from sip.leg import Invite, Leg, LegEnd, LegResponse, SilentListener
from sip.messages import (
    AcceptCalls,
    CallOffered,
    Gateway,
    OfferEnded,
    Originate,
    RefuseCall,
    Stamp,
    TakeCall,
)
from sip.wav.header import objection

DECIDE_S: Final = 5.0
"""So long a caller hears it ring without a word of the dialler."""
FORBIDDEN, BUSY = 403, 486
_USER = re.compile(r"(?:sips?:|tel:)([^@;>\s]+)", re.IGNORECASE)
_HOST = re.compile(r"@(\[[^\]]+\]|[^;>:\s]+)")
_NUMBER = re.compile(r"\+?[0-9A-Za-z*#._-]{1,40}")
_ANONYMOUS = frozenset({"anonymous", "unavailable", "restricted", "unknown", "asterisk"})
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Offer(msgspec.Struct, frozen=True):
    """A call that rings here and that nobody has taken yet."""

    call_ref: str
    leg: Leg
    at: Stamp
    caller: str
    called: str
    gateway: str


class Door:
    """Who may call this line: the addresses of trunks, by the gateway's name."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[_Network, ...]] = {}
        self._registered: dict[str, tuple[_Network, ...]] = {}

    def accept(self, sources: Mapping[str, tuple[str, ...]]) -> str:
        """Let these in and nobody else; returns what is wrong, "" if all was understood."""
        found = {}
        for gateway, addresses in sources.items():
            try:
                found[gateway] = tuple(ipaddress.ip_network(one, strict=False) for one in addresses)
            except ValueError:
                return f"An address of the gateway {gateway} is no IP address or network."
        self._said = found
        return ""

    def registered(self, gateway: Gateway) -> None:
        """A line that registers there is called from there, as far as its address is known."""
        networks = []
        for uri in (gateway.uri_template, gateway.outbound_proxy):
            host = _HOST.search(uri if "@" in uri else f"@{uri.partition(':')[2]}")
            if host is not None:
                address = _address(host.group(1))
                if address is not None:
                    networks.append(address)
        self._registered[gateway.name] = tuple(networks)

    def unregistered(self, gateway: str) -> None:
        """Calls from there are not expected any more."""
        self._registered.pop(gateway, None)

    def gateway_of(self, source: str) -> str | None:
        """Whose address this is ("192.0.2.7:5060", "[2001:db8::1]:5060"); None for a stranger."""
        network = _address(source.rpartition(":")[0] if ":" in source else source)
        if network is None:
            return None
        for known in (self._said, self._registered):
            for gateway, networks in known.items():
                if any(network.network_address in one for one in networks):
                    return gateway
        return None


def _address(host: str) -> _Network | None:
    try:
        return ipaddress.ip_network(host.strip("[]"))
    except ValueError:
        return None


def caller_of(invite: Invite) -> str:
    """The caller's number as the trunk vouches for it, "" where it is withheld.

    P-Asserted-Identity (RFC 3325) before From, which anybody can write.
    """
    if "id" in invite.header("Privacy").lower().split(";"):
        return ""
    return _user(invite.header("P-Asserted-Identity")) or _user(invite.header("From"))


def called_of(invite: Invite, own_user: str = "line") -> str:
    """The number that was called: the request's, or To's where the request names only our line."""
    asked = _user(f"sip:{invite.number}")
    return asked if asked and asked != own_user else _user(invite.header("To"))


def _user(value: str) -> str:
    found = _USER.search(value)
    user = found.group(1).replace("%2B", "+").replace("%2b", "+") if found else ""
    if not _NUMBER.fullmatch(user) or user.lower() in _ANONYMOUS:
        return ""
    return user


def order_of(take: TakeCall, offer: Offer) -> Originate:
    """The taken call as an attempt, so that it lives by the same rules as one that we dialled.

    The person waits for an agent at most `longest_wait_s`, and hears the queue's sound meanwhile.
    """
    return Originate(
        epoch=take.epoch,
        attempt_id=take.attempt_id,
        number=offer.caller or "anonymous",
        gateway=Gateway(name=offer.gateway, uri_template=""),
        caller_id=offer.called,
        min_ring_s=0.0,
        max_ring_s=0.0,
        connect_limit_s=take.longest_wait_s,
        message_lead_s=0.0,
        message_wav=take.message_wav,
        max_call_s=take.max_call_s,
        agent_leg="on_answer",
        hold_wav=take.hold_wav,
        queue_wav=take.queue_wav,
        menu=take.menu,
        recording=take.recording,
        notice_wav=take.notice_wav,
    )


class Inbound:
    """The offers of one line, one at a time.

    `is_free()`: no call is in hand. `take(offer, command)`: make it the call in hand and answer;
    returns why not, "" if it is done.
    """

    def __init__(
        self,
        engine: Engine,
        is_free: Callable[[], bool],
        take: Callable[[Offer, TakeCall], str],
    ) -> None:
        self.door = Door()
        self._engine = engine
        self._is_free = is_free
        self._take = take
        self._serial = 0
        self._offer: Offer | None = None
        self._limit: Timer | None = None
        engine.endpoint.on_incoming = self.incoming

    @property
    def is_ringing(self) -> bool:
        """Whether a caller waits for the dialler's word."""
        return self._offer is not None

    def incoming(self, leg: Leg, invite: Invite) -> None:
        """An INVITE has come in."""
        if leg.is_over:
            return
        gateway = None if invite.is_seat else self.door.gateway_of(invite.source)
        if gateway is None:
            leg.reply(FORBIDDEN)
            return
        if self._offer is not None or not self._is_free():
            leg.reply(BUSY)
            return
        self._serial += 1
        now = self._engine.clock.now()
        call_ref = f"{self._engine.options.engine_id}-in-{int(now.utc_s)}-{self._serial}"
        offer = Offer(call_ref, leg, invite.at, caller_of(invite), called_of(invite), gateway)
        self._offer = offer
        leg.listener = self
        leg.reply(180)
        self._limit = self._engine.timers.after(DECIDE_S, self._undecided)
        self._engine.wire.emit(
            CallOffered(
                seq=0,
                at=invite.at,
                call_ref=call_ref,
                caller=offer.caller,
                called=offer.called,
                gateway=gateway,
            )
        )

    def handle(self, command: AcceptCalls | TakeCall | RefuseCall) -> str:
        """Carry it out; returns why not, "" if it is done."""
        if isinstance(command, AcceptCalls):
            return self.door.accept(command.sources)
        offer = self._offer
        if offer is None or offer.call_ref != command.call_ref:
            return "That call does not ring here any more."
        if isinstance(command, RefuseCall):
            if not 400 <= command.status <= 699:
                return f"A call cannot be refused with status {command.status}."
            self._refuse(offer, command.status, "dialler")
            return ""
        sentence = self._objection(command)
        if sentence:
            return sentence
        self._forget()
        offer.leg.listener = SilentListener()
        sentence = self._take(offer, command)
        if sentence:
            offer.leg.reply(BUSY)
            self._tell(offer, BUSY, "line")
        return sentence

    @staticmethod
    def _objection(command: TakeCall) -> str:
        if command.longest_wait_s <= 0 or command.max_call_s <= 0:
            return "The limits must be more than nothing."
        wavs = (command.queue_wav, command.message_wav, command.notice_wav, command.hold_wav)
        for wav in wavs:
            sentence = objection_of(wav)
            if sentence:
                return sentence
        return ""

    def _undecided(self) -> None:
        if self._offer is not None:
            self._refuse(self._offer, BUSY, "line")

    def _refuse(self, offer: Offer, status: int, by: Literal["dialler", "line"]) -> None:
        self._forget()
        offer.leg.listener = SilentListener()
        offer.leg.reply(status)
        self._tell(offer, status, by)

    def _tell(self, offer: Offer, status: int, by: Literal["caller", "dialler", "line"]) -> None:
        self._engine.wire.emit(
            OfferEnded(
                seq=0,
                at=self._engine.clock.now(),
                call_ref=offer.call_ref,
                status=status,
                by=by,
            )
        )

    def _forget(self) -> None:
        self._offer = None
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def stop(self) -> None:
        """This process leaves: whoever rings hears that the line is busy."""
        if self._offer is not None:
            self._refuse(self._offer, BUSY, "line")

    # --- LegListener, while it rings ----------------------------------------------------------

    def leg_response(self, leg: Leg, response: LegResponse) -> None:
        """Nothing comes here: the leg is an incoming one."""

    def leg_answered(self, leg: Leg, at: Stamp) -> None:
        """Nothing comes here: who answers listens to the leg by itself."""

    def leg_media(self, leg: Leg) -> None: ...

    def leg_ended(self, _leg: Leg, _end: LegEnd) -> None:
        offer = self._offer
        if offer is not None:
            self._forget()
            self._tell(offer, 487, "caller")


def objection_of(wav: str) -> str:
    """Why this file cannot be played to a person, "" if it can or none is given."""
    return objection(Path(wav)) if wav else ""
