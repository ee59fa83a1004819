"""Between the engine's choice of a gateway and the words that a line needs for it.

The engine chooses by `dialer_core.rules.gateways`, from the limits that stand in the trunk's
file, and names the gateway with each call; here that name becomes an address, a secret, and the
number in the form in which this provider wants it.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.trunk import GatewayPlace, Trunk, gateway_of, hosts_of
from dialer_core.rules.dial_format import caller_to_show, digits_to_dial
from dialer_core.rules.gateways import GatewayLimits
from sip.messages import Gateway
from sip.nameservers import has_servers_to_look_up


@dataclass(frozen=True, slots=True)
class Way:
    """How one call leaves: its gateway, and both numbers as they are dialled and shown there."""

    gateway: Gateway
    number: str
    caller_id: str

    def __repr__(self) -> str:
        return f"Way({self.gateway.name!r})"


class Exchange:
    """The gateways of a floor with their passwords (by name)."""

    def __init__(self, trunk: Trunk, password_of: dict[str, str]) -> None:
        self.renew(trunk, password_of)

    def renew(self, trunk: Trunk, password_of: dict[str, str]) -> None:
        """The trunk is this one now; it holds from the next call on."""
        self._places = {place.name: place for place in trunk.gateways}
        self._first = trunk.gateways[0].name
        self._password_of = password_of

    @property
    def limits(self) -> tuple[GatewayLimits, ...]:
        """What each gateway takes, in the order of preference."""
        return tuple(
            GatewayLimits(place.name, place.channels, place.calls_a_second or None)
            for place in self._places.values()
        )

    @property
    def registrations(self) -> tuple[Gateway, ...]:
        """The gateways that want us registered, so that calls come in."""
        return tuple(
            gateway_of(place, self._password_of.get(place.name, ""))
            for place in self._places.values()
            if place.registers
        )

    @property
    def callers_hosts(self) -> dict[str, tuple[str, ...]]:
        """By the name of each gateway from which calls come in: its hosts, as they are written."""
        return {
            place.name: hosts_of(place)
            for place in self._places.values()
            if place.registers or place.accepts_calls
        }

    @property
    def servers(self) -> tuple[tuple[str, ...], bool]:
        """All gateways' servers, and whether one of them has to be looked up by its domain."""
        places = self._places.values()
        hosts = dict.fromkeys(host for place in places for host in hosts_of(place))
        hops = (place.outbound_proxy or place.uri for place in places)
        return tuple(hosts), any(has_servers_to_look_up(hop) for hop in hops)

    def way(self, gateway: str, number: str, caller_id: str) -> Way:
        """The way through the gateway of that name, the first one where there is none such.

        `number`, `caller_id`: E.164. Raises the core's KnownError where this provider's form of
        the number cannot be written.
        """
        place = self._places.get(gateway, self._places[self._first])
        return Way(
            gateway_of(place, self._password_of.get(place.name, "")),
            _dialled(place, number),
            caller_to_show(caller_id, place.number_format, home_region=place.home_region),
        )


def _dialled(place: GatewayPlace, number: str) -> str:
    if place.number_format == "e164":  # as it is, also where no numbering plan knows it
        return number
    return digits_to_dial(
        number, place.number_format, home_region=place.home_region, prefix=place.prefix
    )
