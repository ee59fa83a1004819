"""The INVITE towards a gateway: the number, and the caller's where that provider looks for it."""

from __future__ import annotations

from sip.endpoint import Dial
from sip.messages import Gateway, Originate
from sip.trunk_side import domain_of


def customer_dial(order: Originate) -> Dial:
    """The INVITE of an order. Raises KnownError where the gateway's address is none."""
    attempt_id = order.attempt_id if order.gateway.send_attempt_id else ""
    return trunk_dial(order.gateway, order.number, order.caller_id, attempt_id)


def trunk_dial(gateway: Gateway, number: str, caller_id: str, attempt_id: str = "") -> Dial:
    """An INVITE to `number` through a gateway that shows `caller_id`; for any leg to the trunk."""
    domain = domain_of(gateway)
    caller = f"<sip:{caller_id}@{domain}>"
    headers: list[tuple[str, str]] = []
    if gateway.identity in ("pai", "from_and_pai"):
        headers.append(("P-Asserted-Identity", caller))
    elif gateway.identity == "ppi":
        headers.append(("P-Preferred-Identity", caller))
    elif gateway.identity == "rpid":
        headers.append(("Remote-Party-ID", f"{caller};party=calling;screen=yes;privacy=off"))
    if attempt_id:
        headers.append(("X-Callfloor-Attempt", attempt_id))
    # A provider that reads another header wants to see its own customer in From.
    is_in_from = gateway.identity in ("from", "from_and_pai") or not gateway.username
    return Dial(
        uri=gateway.uri_template.replace("{number}", number),
        from_uri=caller if is_in_from else f"<sip:{gateway.username}@{domain}>",
        headers=tuple(headers),
        gateway=gateway,
    )
