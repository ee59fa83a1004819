"""How the stores go by what a seat's own role may do: the functions that stand for a statement.

On a file, and for the floor's owner, `is_seat` is False and the stores say their own statements.
What the rights are is in `rights_policies` and `rights_sql`.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import SessionId
from dialer_core.model.states import SeatState
from dialer_core.store.passwords import digest_for

_IS_SEAT: Final = "rights.is_seat"
_OWNS = text(
    "SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = to_regclass('sessions')"
)
_SALT = text("SELECT rights.salt(:agent)")
_LOG_IN = text("SELECT rights.log_in(:agent, :proof, :phone, :secret, :at, :campaign, :is_relief)")
_CHANGE_PHONE = text("SELECT rights.change_phone(:session, :phone, :secret, :at)")
_LOG_OUT = text("SELECT rights.log_out(:session, :at)")
_COLLEAGUES = text("SELECT id, name, state, reason FROM rights.colleagues()")
_CODE = text("SELECT rights.code_call(:attempt, :code, :at, :note)")
_OPEN_LATE = text("SELECT rights.open_late(:attempt)")
_TOO_LATE = text("SELECT rights.too_late(:attempt)")
_DRAW = text("SELECT rights.draw(:experiment, :contact)")
_AUDIT = text("SELECT rights.append_audit(:what, CAST(:detail AS jsonb), :at)")

NO_AGENT: Final = "There is no agent {agent!r}; ask your supervisor to add you."
WRONG: Final = "The password is wrong; try again or ask your supervisor for a new one."
NO_CAMPAIGN: Final = "There is no campaign yet; ask your supervisor to make one."
LOCKED: Final = "Too many wrong passwords at this seat; wait a minute and try again."
IN_USE: Final = "{agent} is logged in at {seat}; log out there first."
STILL_IN_USE: Final = "{agent} is still logged in at {seat}; log out there first."


def is_seat(connection: Connection) -> bool:
    """Whether this connection is a seat's, which owns nothing; asked once for each connection."""
    if connection.dialect.name != "postgresql":
        return False
    known = connection.info.get(_IS_SEAT)
    if known is None:
        known = connection.info[_IS_SEAT] = connection.scalar(_OWNS) is False
    return bool(known)


def _is_told(connection: Connection) -> None:
    """A function has written, which looks like reading: have the commit tell those who listen."""
    from dialer_core.store import postgres  # noqa: PLC0415  a file does without

    postgres.tell(connection)


def salt(connection: Connection, agent: str) -> str | None:
    """With which the agent's password is hashed; None where none is set, or for no such agent."""
    asked = connection.execute(_SALT, {"agent": agent}).scalar_one()
    return str(asked["salt"]) if asked["state"] == "asked" else None


def digest(salt_words: str, password: str | None) -> str:
    """What is shown for the password, which itself stays here; slow, so in no transaction."""
    return digest_for(password or "", salt_words)


def log_in(
    connection: Connection,
    agent: str,
    proof: str | None,
    phone_uri: str,
    token: str,
    now: Instant,
    campaign_id: int | None,
    *,
    is_relief: bool,
) -> SessionId:
    """Open a session at the role's own seat, or go on with it; KnownError as `open_session`.

    `proof`: the `digest` of the password with the agent's `salt`.
    """
    answer = connection.execute(
        _LOG_IN,
        {
            "agent": agent,
            "proof": proof,
            "phone": phone_uri,
            "secret": token,
            "at": now.utc,
            "campaign": campaign_id,
            "is_relief": is_relief,
        },
    ).scalar_one()
    if "session" in answer:
        _is_told(connection)
        return SessionId(answer["session"])
    raise KnownError(_sentence(answer, agent))


def _sentence(answer: dict[str, str], agent: str) -> str:
    match answer["trouble"]:
        case "unknown":
            return NO_AGENT.format(agent=agent)
        case "wrong":
            return WRONG
        case "locked":
            return LOCKED
        case "no campaign":
            return NO_CAMPAIGN
    sentence = IN_USE if answer["agent"] == agent else STILL_IN_USE
    return sentence.format(agent=answer["agent"], seat=answer["seat"])


def change_phone(
    connection: Connection, session_id: int, phone_uri: str, token: str, now: Instant
) -> None:
    """Another phone answers for the seat's own session; an address that is not its PC's is none."""
    told = {"session": session_id, "phone": phone_uri, "secret": token, "at": now.utc}
    connection.execute(_CHANGE_PHONE, told)
    _is_told(connection)


def log_out(connection: Connection, session_id: int, now: Instant) -> None:
    """Close the seat's own session; any other stays as it is."""
    connection.execute(_LOG_OUT, {"session": session_id, "at": now.utc})
    _is_told(connection)


def colleagues(connection: Connection) -> list[tuple[int, str, SeatState, str]]:
    """Names and presence of the others: session, name, state, reason of a pause; by name."""
    return [
        (int(row.id), str(row.name), SeatState(row.state), str(row.reason))
        for row in connection.execute(_COLLEAGUES)
    ]


def code_call(connection: Connection, attempt_id: str, code: str, note: str, at: datetime) -> None:
    """Write outcome and note of an own call, and put it into the count where it now belongs.

    From here to the transaction's end the seat may write what follows for this call's person.
    """
    told = {"attempt": attempt_id, "code": code, "at": at, "note": note}
    connection.execute(_CODE, told)
    _is_told(connection)


def open_late(connection: Connection, attempt_id: str) -> bool:
    """Let this transaction write of a call that this seat owes its outcome; False: it owes none.

    Also of a session that is closed, and while nobody is logged in; for a week.
    """
    return bool(connection.execute(_OPEN_LATE, {"attempt": attempt_id}).scalar_one())


def is_too_late(connection: Connection, attempt_id: str) -> bool:
    """Whether this seat owes that call's outcome, and has owed it for too long."""
    return bool(connection.execute(_TOO_LATE, {"attempt": attempt_id}).scalar_one())


def draw(connection: Connection, experiment_id: int, contact_id: int) -> bytes:
    """The lot of the person on the screen in an experiment; the key stays on the floor."""
    which = {"experiment": experiment_id, "contact": contact_id}
    return bytes(connection.execute(_DRAW, which).scalar_one())


def append_audit(
    connection: Connection, what: str, detail: dict[str, object], at: datetime
) -> None:
    """One entry in the log that nobody can rewrite; who it was, the floor itself puts down."""
    told = {"what": what, "detail": json.dumps(detail), "at": at}
    connection.execute(_AUDIT, told)
