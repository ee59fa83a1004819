"""Whom a commit concerns, as its NOTIFY says it: so that a seat need not read what is not its own.

A transaction concerns everybody unless it has said otherwise. Dialler and supervisors look at each
commit; an agent's window at those that concern everybody or its own session. Files have no such
words: there everybody looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

EVERYBODY: Final = ""
NO_SEAT: Final = "-"
MOST_LETTERS: Final = 7000  # PostgreSQL takes 8000 bytes
_SESSIONS: Final = "concerns"


def concerns(connection: Connection, *sessions: int | None) -> None:
    """What this transaction writes changes nothing that other sessions' windows show.

    Said more than once it adds up; None is nobody. To be said by who knows all of the transaction.
    """
    if connection.dialect.name != "postgresql":
        return
    known: set[int] | None = connection.info.setdefault(_SESSIONS, set())
    if known is not None:
        known.update(one for one in sessions if one is not None)


def concerns_everybody(connection: Connection) -> None:
    """All windows look at what this transaction writes, whatever else is said."""
    connection.info[_SESSIONS] = None


def begin(connection: Connection) -> None:
    """Forget what the transaction before has said."""
    connection.info.pop(_SESSIONS, None)


def words_of(connection: Connection) -> str:
    """What the commit is to say: ids of sessions, EVERYBODY or NO_SEAT."""
    known: set[int] | None = connection.info.get(_SESSIONS)
    return EVERYBODY if known is None else words_for(known)


def words_for(sessions: Iterable[int]) -> str:
    """The words for these sessions; EVERYBODY where they are too many for one message."""
    said = " ".join(str(one) for one in sorted(set(sessions))) or NO_SEAT
    return said if len(said) <= MOST_LETTERS else EVERYBODY


def is_for(words: str, session: int | None) -> bool:
    """Whether the window of that session has to look; who is not logged in looks at everything.

    Words that a newer program may say are for everybody.
    """
    if words == EVERYBODY or session is None:
        return True
    if words == NO_SEAT:
        return False
    said = words.split(" ")
    return str(session) in said or not all(one.isdecimal() for one in said)
