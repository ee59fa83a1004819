"""Which agents' windows show what a command of the engine writes."""

from __future__ import annotations

from sqlalchemy import Connection

from dialer_core.engine.commands import (
    CloseAttempt,
    CommitAttempt,
    LeaseRecords,
    MoveAttempt,
    NoteDecision,
    ReturnRecord,
    SetSeat,
    StoreCommand,
)
from dialer_core.engine.control_commands import NoteRecording, NoteTone, NoteTrouble, NoteVerdict
from dialer_core.store import feed_words


def note_whom(connection: Connection, command: StoreCommand) -> None:
    """Say it to those who listen; a command that is not known here concerns everybody.

    Whose an attempt was before it is closed is said by who closes it.
    """
    match command:
        case SetSeat() | MoveAttempt() | CommitAttempt() | NoteTrouble():
            feed_words.concerns(connection, command.session_id)
        case CloseAttempt():
            facts = command.facts
            feed_words.concerns(connection, None if facts is None else facts.session_id)
        case NoteRecording() if command.session_id is not None:
            feed_words.concerns(connection, command.session_id)
        case LeaseRecords() | ReturnRecord() | NoteDecision() | NoteTone() | NoteVerdict():
            feed_words.concerns(connection)
        case _:
            feed_words.concerns_everybody(connection)
