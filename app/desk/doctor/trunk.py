"""What is wrong with the trunk, in words: from its SIP statuses and its registration."""

from __future__ import annotations

from dataclasses import dataclass

FORBIDDEN = frozenset({401, 403, 407})
BUSY_TRUNK = frozenset({486, 503})
NO_CODEC = frozenset({415, 488, 606})


@dataclass(frozen=True, slots=True)
class TrunkFacts:
    """What is known of one gateway.

    `status`: of the last call that failed by its fault, 0 where none did. `is_registered`: None
    where it is not to be registered. `trouble`: what the dialler itself says, in a sentence.
    """

    gateway: str = ""
    status: int = 0
    is_registered: bool | None = None
    register_status: int = 0
    trouble: str = ""


def trunk_words(trunk: TrunkFacts) -> tuple[str, str] | None:
    """What is wrong and what to do, None where nothing is."""
    if trunk.is_registered is False:
        return _registration(trunk)
    if trunk.status:
        return _status(trunk.status, trunk.gateway)
    if trunk.trouble.strip():
        words = trunk.trouble.strip().rstrip(".")
        return f"{words[0].upper()}{words[1:]}.", "Calls go on by themselves once it is over."
    return None


def _registration(trunk: TrunkFacts) -> tuple[str, str]:
    who, status = trunk.gateway or "The provider", trunk.register_status
    if status in FORBIDDEN:
        return (
            f"{who} does not know us: it refuses our name or password ({status}).",
            "Compare user name and password with what the provider sent.",
        )
    if status == 404:
        return f"{who} does not know our account (404).", "Compare the user name with its letter."
    if status in (0, 408, 504):
        return (
            f"{who} does not answer our registration.",
            "Look at the internet connection and at the address in the trunk's settings.",
        )
    return (
        f"We are not registered at {trunk.gateway or 'the provider'} ({status}).",
        "It is tried again by itself; if this stays, ask the provider.",
    )


def _status(status: int, gateway: str) -> tuple[str, str]:
    name = f"The trunk {gateway}".rstrip()
    if status in BUSY_TRUNK:
        return (
            f"{name} is full ({status}).",
            "Fewer lines, or more channels from the provider; calls go on when one is free.",
        )
    if status in FORBIDDEN:
        return (
            f"{name} forbids our calls ({status}).",
            "Compare account, caller's number and credit with what the provider allows.",
        )
    if status in NO_CODEC:
        return (
            f"{name} and we have no way of coding sound in common ({status}).",
            "Put PCMA and PCMU into the trunk's list of codecs.",
        )
    if status in (408, 504):
        return (
            f"{name} does not answer ({status}).",
            "Look at the internet connection, the firewall and the trunk's address.",
        )
    return f"{name} refuses calls ({status}).", "If this stays, ask the provider what it means."
