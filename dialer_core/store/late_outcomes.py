"""Outcomes that come late: their seat was cut off when they were chosen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import AttemptId, SessionId
from dialer_core.store import disposing, rights
from dialer_core.store.campaigns import load_campaign
from dialer_core.store.rights_who_sql import LATE_DAYS
from dialer_core.store.schema import AttemptRow

_OF = select(AttemptRow.campaign_id, AttemptRow.disposed_at).where(
    AttemptRow.id == bindparam("attempt")
)


def deliver(
    connection: Connection,
    session_id: SessionId,
    attempt_id: AttemptId,
    code: str,
    note: str,
    chosen_at: Instant,
    call_back_at: datetime | None = None,
    *,
    is_mine: bool = False,
) -> bool:
    """Put it on the record as of when it was chosen, whether or not its session is still open.

    True where it stands now; False where there is another, chosen before it came (the first
    counts), or the call is on no record any more. Twice is as good as once. Without a code it is a
    note. A person who was called again since is left as the later call has it. KnownError for a
    call that is another's by now, and for one that is over a week old.
    """
    # A session of a seat may be closed: then nothing of it is readable, until it is opened.
    if rights.is_seat(connection) and not rights.open_late(connection, attempt_id):
        _refuse_what_is_old(connection, attempt_id, code, chosen_at)
    row = connection.execute(_OF, {"attempt": attempt_id}).first()
    if row is None or row.disposed_at is not None:
        return False
    if not code:
        disposing.save_note(connection, session_id, attempt_id, note)
        return True
    disposing.choose_outcome(
        connection,
        load_campaign(connection, row.campaign_id),
        session_id,
        attempt_id,
        code,
        note,
        chosen_at,
        call_back_at,
        is_mine=is_mine,
        is_late=True,
    )
    return True


def _refuse_what_is_old(
    connection: Connection, attempt_id: str, code: str, chosen_at: Instant
) -> None:
    if rights.is_too_late(connection, attempt_id):
        what = f"The outcome {code}" if code else "A note"
        raise KnownError(
            f"{what} of {chosen_at.utc:%d %B %Y, %H:%M} UTC came more than {LATE_DAYS} days after "
            "its call, and a seat's calls are closed by then. Tell your supervisor what was agreed."
        )
