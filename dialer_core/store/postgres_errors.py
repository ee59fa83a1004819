"""What the world does to a floor's PostgreSQL, in sentences that say what to do."""

from __future__ import annotations

import re
from typing import Final

import psycopg

from dialer_core.model.errors import DiskFull, NotAllowed, StoreTrouble
from dialer_core.store.address import FloorAddress


class ConnectionLost(StoreTrouble):
    """The connection went away inside a transaction, which was undone as a whole."""

    def __init__(self, address: FloorAddress) -> None:
        super().__init__(
            f"The connection to the floor's database {address} was lost, and what was being saved "
            "was not saved; see that the network and the supervisor's computer are up, and try "
            "again."
        )


_NOT_ALLOWED: Final = "42501"
_FULL: Final = "53100"
_KINDS: Final[dict[str, type[StoreTrouble]]] = {_NOT_ALLOWED: NotAllowed, _FULL: DiskFull}

# By SQLSTATE; a class of two letters stands for all that begin with it.
_BY_STATE: Final[dict[str, str]] = {
    _FULL: "The disk of the floor's database {at} is full, so nothing could be written; make "
    "room there and try again.",
    "53200": "The computer of the floor's database {at} has no memory left; close other programs "
    "there and try again.",
    "53300": "Too many programs use the floor's database {at} at once; close a seat that is not "
    "needed, or raise max_connections there.",
    "55P03": "Another program has kept the floor's database {at} locked for too long; close what "
    "else uses it and try again.",
    "57014": "The floor's database {at} took too long to answer; try again, and see what keeps "
    "that computer busy if it stays so.",
    "57P03": "The floor's database {at} is starting or stopping; try again in a few seconds.",
    _NOT_ALLOWED: "The floor's database {at} does not let {user} do that, or not any more; look at "
    "the screen again, and log out and in if it stays so.",
    "25006": "The floor's database {at} may only be read; use the address of the server that "
    "takes changes.",
    "28P01": "The floor's database {at} does not accept the user {user} with this password; join "
    "the floor again, or correct the password.",
    "28": "The floor's database {at} does not let the user {user} in from this computer; join the "
    "floor again.",
    "3D000": "There is no database {database} on the server {server}; check the address, or share "
    "the floor first.",
    "58": "The disk of the floor's database {at} could not be read or written; check it and "
    "restore a backup if it stays so.",
    "XX001": "The floor's database {at} is damaged; restore the latest backup.",
    "XX002": "The floor's database {at} is damaged; restore the latest backup.",
}
# What libpq says where there is no SQLSTATE, or the server has said it in words only.
_BY_WORDS: Final[tuple[tuple[str, str], ...]] = (
    (r"password authentication failed|no password supplied|SCRAM", "28P01"),
    (r"no pg_hba\.conf entry|certificate authentication failed|role .* does not exist", "28"),
    (r"database .* does not exist", "3D000"),
    (r"too many clients|remaining connection slots|too many connections", "53300"),
    (r"the database system is (starting|shutting|not yet)|recovery mode", "57P03"),
)
_OTHERS: Final[tuple[tuple[str, str], ...]] = (
    (
        r"does not support SSL|server requires SSL|SSL connection is required",
        "The server {server} does not speak TLS as this floor needs it; check that the address is "
        "the floor's own.",
    ),
    (
        r"(root )?certificate file .* does not exist|could not (read|load) (root )?certificate"
        r"|private key file",
        "This computer's certificates for the floor's database {at} are missing or damaged; join "
        "the floor again.",
    ),
    (
        # What the server says of ours, before what we say of the server's.
        r"alert certificate (expired|revoked|unknown)|alert bad certificate",
        "The certificate of this computer for the floor's database {at} holds no more, or not yet; "
        "set the clocks of both computers right, or join the floor again with a new code.",
    ),
    (
        r"certificate (has )?expired|certificate is not yet valid",
        "The certificate of the server {server} is not valid at this computer's time; set the "
        "clocks of both computers right.",
    ),
    (
        r"could not translate host name|Name or service not known|nodename nor servname"
        r"|failed to resolve host",
        "No computer called {host} can be found on the network; check the name of the server and "
        "that the network is up.",
    ),
    (
        r"certificate verify failed|unable to get (local )?issuer|self.signed certificate"
        r"|certificate.*does not match|unknown ca|SSL error",
        "The server {server} does not show this floor's certificate; it may be another floor's, "
        "or somebody in between: check the address and the clocks of both computers, and join the "
        "floor again if it has moved.",
    ),
)
_UNREACHED: Final = (
    "The floor's database {at} cannot be reached; see that the supervisor's computer is on, that "
    "both are on the same network and that no firewall closes the port."
)


def sentence_for(
    problem: BaseException | None, address: FloorAddress, *, is_connecting: bool = False
) -> str | None:
    """What the world did, where the error is not ours; None for a bug.

    `is_connecting`: whatever goes wrong then is the world's doing.
    """
    if not isinstance(problem, psycopg.Error):
        return None
    sentence = _by_state(problem.sqlstate or "")
    if sentence is None and is_connecting:
        sentence = _by_words(str(problem)) or _UNREACHED
    if sentence is None:
        return None
    return sentence.format(
        at=str(address),
        server=f"{address.host}:{address.port}",
        host=address.host,
        database=address.database,
        user=address.user,
    )


def trouble_for(problem: BaseException | None, address: FloorAddress) -> StoreTrouble | None:
    """The error to raise for what the world did to an open connection; None for a bug."""
    sentence = sentence_for(problem, address)
    if sentence is None:
        return None
    kind = _KINDS.get(getattr(problem, "sqlstate", "") or "", StoreTrouble)
    return kind(sentence)


def _by_state(state: str) -> str | None:
    return _BY_STATE.get(state) or _BY_STATE.get(state[:2])


def _by_words(words: str) -> str | None:
    for pattern, sentence in _OTHERS:
        if re.search(pattern, words, re.IGNORECASE):
            return sentence
    for pattern, state in _BY_WORDS:
        if re.search(pattern, words):
            return _BY_STATE[state]
    return None
