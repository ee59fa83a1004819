"""The agent's outcome of a call: written once, with all that follows from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from dialer_core.clock import Instant
from dialer_core.model.campaign import Disposition
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import AttemptId, SessionId
from dialer_core.model.states import CallStage, FormulaClass, Outcome, SeatState
from dialer_core.rules.outcomes import after_disposition
from dialer_core.store import aftermath, counts, intents, rights, unlisted
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.schema import AttemptRow, ContactRow, SessionRow, ThirdPartyRow
from dialer_core.store.schema.base import ContactStatus, EventKind

CALL_BACK_AFTER: Final = timedelta(hours=1)  # where no time was agreed
NOTE_LENGTH: Final = 4000

_READ = select(AttemptRow.__table__).where(AttemptRow.id == bindparam("attempt"))
_CODE = (
    update(AttemptRow)
    .where(AttemptRow.id == bindparam("attempt"))
    .values(
        disposition_code=bindparam("code"),
        disposed_at=bindparam("at"),
        note=bindparam("text"),
        formula_class=bindparam("to_class"),
    )
)
_NOTE = (
    update(AttemptRow).where(AttemptRow.id == bindparam("attempt")).values(note=bindparam("text"))
)
_PARTING_NOTE = (
    update(ThirdPartyRow)
    .where(
        ThirdPartyRow.attempt_id == bindparam("attempt"), ThirdPartyRow.handed_over_at.is_not(None)
    )
    .values(note=bindparam("text"))
)
_SEAT = select(SessionRow.attempt_id, SessionRow.state, SessionRow.parked).where(
    SessionRow.id == bindparam("session"), SessionRow.closed_at.is_(None)
)
_CONTACT = (
    update(ContactRow)
    .where(ContactRow.id == bindparam("contact"))
    .values(
        status=bindparam("to_status"),
        status_reason=bindparam("why"),
        next_at=bindparam("at_next"),
        last_outcome=bindparam("outcome"),
        call_back_agent_id=bindparam("owner"),
        changed_at=bindparam("at"),
    )
)

_SINCE = (
    select(AttemptRow.id)
    .where(AttemptRow.contact_id == bindparam("contact"), AttemptRow.committed_at > bindparam("at"))
    .limit(1)
)


def choose_outcome(
    connection: Connection,
    settings: CampaignSettings,
    session_id: SessionId,
    attempt_id: AttemptId,
    code: str,
    note: str,
    now: Instant,
    call_back_at: datetime | None = None,
    *,
    is_mine: bool = False,
    is_late: bool = False,
) -> str:
    """Write outcome, note and what follows; the code that stands. The first press counts.

    `is_mine`: a promised call is this agent's to make, and anyone's only once it is overdue.
    `is_late`: a person who was called again since is left as the later call has it.

    KnownError for an attempt of another session or a code that the campaign does not have.
    """
    row = _own(connection, session_id, attempt_id)
    if row["session_id"] != session_id:  # given away: the outcome is the other's to choose
        _done(connection, session_id, attempt_id, code, now)
        return code
    if row["disposed_at"] is not None:
        return str(row["disposition_code"])
    disposition = settings.campaign.disposition(code)
    if disposition is None:
        raise KnownError(f"This campaign has no outcome {code!r}; choose one of those shown.")
    _code(connection, settings, row, disposition, note, now)
    call = aftermath.Call(
        row["id"], row["contact_id"], row["number_id"], row["number_hash"], row["sip_status"] or 0
    )
    followed = aftermath.settle(connection, settings, call, disposition.outcome, now.utc)
    status, next_at = _contact(disposition, followed, now.utc, call_back_at)
    if status is ContactStatus.WAITING and unlisted.is_own(connection, row["contact_id"]):
        status, next_at = ContactStatus.HELD, None  # nobody dials through our own lists
    is_kept = is_mine and status is ContactStatus.CALL_BACK
    whom = {"contact": row["contact_id"], "outcome": disposition.outcome, "at": now.utc}
    to = {
        "to_status": status,
        "why": followed.reason if status is ContactStatus.CLOSED else "",
        "at_next": next_at,
        "owner": row["agent_id"] if is_kept else None,
    }
    since = {"contact": row["contact_id"], "at": row["committed_at"]}
    if not is_late or connection.scalar(_SINCE, since) is None:
        connection.execute(_CONTACT, whom | to)
    _done(connection, session_id, attempt_id, code, now)
    return code


def _done(
    connection: Connection, session_id: SessionId, attempt_id: AttemptId, code: str, now: Instant
) -> None:
    intents.write(
        connection, EventKind.OUTCOME, now.utc, session_id, attempt_id, payload={"code": code}
    )


def _code(
    connection: Connection,
    settings: CampaignSettings,
    row: RowMapping,
    disposition: Disposition,
    note: str,
    now: Instant,
) -> None:
    """Write the outcome on the attempt and put the call into the count where it now belongs."""
    if rights.is_seat(connection):  # the count of the law's figures is not a seat's to write
        rights.code_call(connection, row["id"], disposition.code, note[:NOTE_LENGTH], now.utc)
        return
    before = row["formula_class"]
    after = before if before is None else after_disposition(before, disposition.outcome)
    connection.execute(
        _CODE,
        {
            "attempt": row["id"],
            "code": disposition.code,
            "at": now.utc,
            "text": note[:NOTE_LENGTH] or row["note"],
            "to_class": after,
        },
    )
    _recount(connection, settings, row, before, after)


def save_note(
    connection: Connection, session_id: SessionId, attempt_id: AttemptId, note: str
) -> None:
    """Keep what the agent has written so far; KnownError for an attempt of another session."""
    row = _own(connection, session_id, attempt_id)
    if row["session_id"] != session_id:
        connection.execute(_PARTING_NOTE, {"attempt": attempt_id, "text": note[:NOTE_LENGTH]})
        return
    connection.execute(_NOTE, {"attempt": attempt_id, "text": note[:NOTE_LENGTH]})


def _own(connection: Connection, session_id: SessionId, attempt_id: AttemptId) -> RowMapping:
    row = connection.execute(_READ, {"attempt": attempt_id}).mappings().first()
    if row is not None and row["session_id"] == session_id:
        return row
    if row is None or not _has_given_it_away(connection, session_id, attempt_id):
        raise KnownError("This call is not one of yours any more; its outcome was not changed.")
    return row


def _has_given_it_away(
    connection: Connection, session_id: SessionId, attempt_id: AttemptId
) -> bool:
    """Whether the session wraps up a call that is a colleague's or a supervisor's by now."""
    seat = connection.execute(_SEAT, {"session": session_id}).first()
    if seat is None:
        return False
    is_in_hand = seat.attempt_id == attempt_id and seat.state is SeatState.WRAP_UP
    return is_in_hand or attempt_id in seat.parked


def _recount(
    connection: Connection,
    settings: CampaignSettings,
    row: RowMapping,
    before: FormulaClass | None,
    after: FormulaClass | None,
) -> None:
    # A call that is not over is counted when it is closed, with the outcome already known.
    if before is None or after is None or before is after or row["stage"] is not CallStage.ENDED:
        return
    counts.add(
        connection,
        settings.campaign.id,
        settings.day(row["committed_at"]),
        **{counts.OF_CLASS[before]: -1, counts.OF_CLASS[after]: 1},
    )


def _contact(
    disposition: Disposition,
    followed: aftermath.Aftermath,
    at: datetime,
    call_back_at: datetime | None,
) -> tuple[ContactStatus, datetime | None]:
    if disposition.is_final or followed.status is ContactStatus.CLOSED:
        return ContactStatus.CLOSED, None
    if disposition.outcome is Outcome.CALL_BACK:
        return ContactStatus.CALL_BACK, call_back_at or at + CALL_BACK_AFTER
    return ContactStatus.WAITING, followed.next_at or at + aftermath.REST
