"""What an agent shows for a password, made before the login's own transaction begins.

A password's hash is slow on purpose, some 50 ms, and longer on a busy PC; nobody is to wait for the
floor's pen meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, select

from dialer_core.store import rights
from dialer_core.store.passwords import is_right
from dialer_core.store.schema import AgentRow

_STORED = select(AgentRow.password).where(AgentRow.name == bindparam("name"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the floor asks of an agent: a seat's role is given the salt, others the whole hash."""

    salt: str | None = field(default=None, repr=False)
    stored: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Proof:
    """The password judged against `stored`, or for a seat's role its `digest`."""

    password: str | None = field(repr=False)
    stored: str | None = field(default=None, repr=False)
    is_right: bool = True
    digest: str | None = field(default=None, repr=False)

    def opens(self, stored: str | None) -> bool:
        """Whether it is right for what is stored now: judged again where that is new."""
        if stored is None:
            return True
        if stored == self.stored:
            return self.is_right
        return is_right(self.password or "", stored)


def ask(connection: Connection, agent_name: str) -> Asked:
    """What this agent has to prove; nothing where no password is set, or nobody has that name."""
    if rights.is_seat(connection):
        return Asked(salt=rights.salt(connection, agent_name))
    return Asked(stored=connection.scalar(_STORED, {"name": agent_name}))


def prove(asked: Asked, password: str | None) -> Proof:
    """The slow part; to be done in no transaction."""
    if asked.salt is not None:
        return Proof(password, digest=rights.digest(asked.salt, password))
    if asked.stored is not None:
        right = is_right(password or "", asked.stored)
        return Proof(password, stored=asked.stored, is_right=right)
    return Proof(password)
