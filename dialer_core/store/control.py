"""Calls in progress on the record: who hears whom, third parties, recordings, supervisors, keys."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from dialer_core.clock import Instant
from dialer_core.engine.control_commands import (
    NoteControl,
    NoteKey,
    NoteRecording,
    NoteSupervision,
    NoteThird,
    NoteTone,
    NoteTrouble,
    NoteVerdict,
)
from dialer_core.model.call_control import AskedByKey, RecordingState, ThirdStage
from dialer_core.model.states import Outcome
from dialer_core.store import aftermath, audit
from dialer_core.store.anonymising import is_erased
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.rows import insert_one
from dialer_core.store.schema import (
    AgentRow,
    AttemptRow,
    RecordingPauseRow,
    RecordingRow,
    SessionRow,
    SupervisionRow,
    ThirdPartyRow,
)
from dialer_core.store.schema.base import ThirdKind

Note = (
    NoteControl | NoteTrouble | NoteThird | NoteRecording | NoteSupervision | NoteVerdict | NoteTone
)
NOTES: Final = (
    NoteControl,
    NoteTrouble,
    NoteThird,
    NoteRecording,
    NoteSupervision,
    NoteVerdict,
    NoteTone,
)
_SENTENCE: Final = 500

_ARRANGE = (
    update(AttemptRow)
    .where(AttemptRow.id == bindparam("attempt"))
    .values(arrangement=bindparam("how"))
)
_TROUBLE = (
    update(SessionRow)
    .where(SessionRow.id == bindparam("session"), SessionRow.closed_at.is_(None))
    .values(call_trouble=bindparam("sentence"))
)
_TONE = (
    update(AttemptRow).where(AttemptRow.id == bindparam("attempt")).values(tone=bindparam("heard"))
)
_VERDICT = (
    update(AttemptRow)
    .where(AttemptRow.id == bindparam("attempt"))
    .values(
        amd_verdict=bindparam("verdict"),
        amd_cause=bindparam("cause"),
        amd_verdict_at=bindparam("at"),
        speech_start_at=bindparam("speech"),
        greeting_end_at=bindparam("greeting"),
    )
)
_KNOWN = select(AttemptRow.id).where(AttemptRow.id == bindparam("attempt"))
_WHO = (
    select(SessionRow.agent_id, AgentRow.name)
    .join(AgentRow, AgentRow.id == SessionRow.agent_id)
    .where(SessionRow.id == bindparam("session"))
)
_THIRD = select(ThirdPartyRow.__table__).where(ThirdPartyRow.ref == bindparam("third"))
_RECORDING = select(RecordingRow.__table__).where(RecordingRow.attempt_id == bindparam("attempt"))
_END_PAUSE = (
    update(RecordingPauseRow)
    .where(
        RecordingPauseRow.recording_id == bindparam("recording"), RecordingPauseRow.until.is_(None)
    )
    .values(until=bindparam("at_until"))
)
_END_SUPERVISION = (
    update(SupervisionRow)
    .where(
        SupervisionRow.attempt_id == bindparam("attempt"),
        SupervisionRow.session_id == bindparam("session"),
        SupervisionRow.until.is_(None),
    )
    .values(until=bindparam("at_until"))
)
_NUMBER = select(
    AttemptRow.contact_id, AttemptRow.number_id, AttemptRow.number_hash, AttemptRow.campaign_id
).where(AttemptRow.id == bindparam("attempt"))
_ASKED = (
    update(AttemptRow).where(AttemptRow.id == bindparam("attempt")).values(asked=bindparam("what"))
)


def note(connection: Connection, command: Note) -> None:
    """Write one of `NOTES`; what speaks of an attempt that is not on the record is passed over."""
    if isinstance(command, NoteTrouble):
        what = {"session": command.session_id, "sentence": command.sentence[:_SENTENCE]}
        connection.execute(_TROUBLE, what)
        return
    if connection.scalar(_KNOWN, {"attempt": command.attempt_id}) is None:
        return
    match command:
        case NoteControl():
            whom = {"attempt": command.attempt_id, "how": command.arrangement}
            connection.execute(_ARRANGE, whom)
        case NoteThird():
            _third(connection, command)
        case NoteRecording():
            _recording(connection, command)
        case NoteSupervision():
            _supervision(connection, command)
        case NoteVerdict():
            _verdict(connection, command)
        case NoteTone():
            connection.execute(_TONE, {"attempt": command.attempt_id, "heard": command.tone[:32]})


def name_of(connection: Connection, session_id: int | None) -> str:
    """The agent of a session, for the audit log; "dialler" where there is none."""
    row = connection.execute(_WHO, {"session": session_id}).first()
    return "dialler" if row is None else str(row.name)


def _utc(moment: Instant | None) -> datetime | None:
    return None if moment is None else moment.utc


def _verdict(connection: Connection, command: NoteVerdict) -> None:
    connection.execute(
        _VERDICT,
        {
            "attempt": command.attempt_id,
            "verdict": command.verdict,
            "cause": command.cause[:64],
            "at": command.at.utc,
            "speech": _utc(command.speech_start),
            "greeting": _utc(command.greeting_end),
        },
    )


# --- third parties ----------------------------------------------------------------------------


def _third(connection: Connection, command: NoteThird) -> None:
    row = connection.execute(_THIRD, {"third": command.third_ref}).mappings().first()
    if row is None:
        if command.colleague is not None:
            _new_colleague(connection, command)
        return
    if row["ended_at"] is not None:
        return
    is_gone = command.stage is ThirdStage.GONE
    values: dict[str, object] = {
        "stage": command.stage,
        "status": command.status or row["status"],
        "sentence": command.sentence[:_SENTENCE] or row["sentence"],
        "ended_at": command.at.utc if is_gone else None,
    }
    if command.is_handed_over and row["handed_over_at"] is None:
        values["handed_over_at"] = command.at.utc
        detail = {"attempt": command.attempt_id, "kind": row["kind"].value}
        who = name_of(connection, row["wanted_by"])
        audit.append(connection, who, "call handed over", detail, command.at.utc)
    connection.execute(
        update(ThirdPartyRow).where(ThirdPartyRow.ref == command.third_ref).values(**values)
    )


def _new_colleague(connection: Connection, command: NoteThird) -> None:
    add_third(
        connection,
        {
            "ref": command.third_ref,
            "attempt_id": command.attempt_id,
            "kind": ThirdKind.BLIND if command.is_blind else ThirdKind.CONSULT,
            "wanted_by": command.wanted_by,
            "session_id": command.colleague,
            "label": command.label[:100],
            "at": command.at.utc,
            "stage": command.stage,
        },
    )


def add_third(connection: Connection, values: dict[str, object]) -> None:
    """A new row of third_parties; what is not given is empty."""
    empty = {
        "number_hash": None,
        "session_id": None,
        "status": 0,
        "refusal_code": None,
        "sentence": "",
        "handed_over_at": None,
        "ended_at": None,
        "note": "",
    }
    connection.execute(insert(ThirdPartyRow), empty | values)


# --- recordings -------------------------------------------------------------------------------

_SAID: Final = {
    RecordingState.RECORDING: "recording started",
    RecordingState.PAUSED: "recording paused",
    RecordingState.STOPPED: "recording stopped",
    RecordingState.FAILED: "recording failed",
}


def _recording(connection: Connection, command: NoteRecording) -> None:
    at = command.at.utc
    row = connection.execute(_RECORDING, {"attempt": command.attempt_id}).mappings().first()
    if row is None and is_erased(connection, command.attempt_id):
        return  # told by a line that was away meanwhile
    before = None if row is None else row["state"]
    is_over = command.state in (RecordingState.STOPPED, RecordingState.FAILED)
    values: dict[str, object] = {
        "path": command.path[:500],
        "state": command.state,
        "recorded_s": command.recorded_s,
        "sentence": command.sentence[:_SENTENCE],
        "stopped_at": at if is_over else None,
    }
    if row is None:
        first = {"attempt_id": command.attempt_id, "policy": command.policy, "started_at": at}
        recording_id = insert_one(connection, insert(RecordingRow), values | first)
    else:
        recording_id = row["id"]
        connection.execute(
            update(RecordingRow).where(RecordingRow.id == recording_id).values(**values)
        )
    if command.state is before:
        return
    if before is RecordingState.PAUSED:
        connection.execute(_END_PAUSE, {"recording": recording_id, "at_until": at})
    if command.state is RecordingState.PAUSED:
        pause = {"recording_id": recording_id, "at": at, "until": None}
        connection.execute(insert(RecordingPauseRow), pause)
    what = _SAID.get(command.state, "recording changed")
    if before is RecordingState.PAUSED and command.state is RecordingState.RECORDING:
        what = "recording resumed"
    who = name_of(connection, command.session_id)
    audit.append(connection, who, what, {"attempt": command.attempt_id}, at)


# --- supervisors ------------------------------------------------------------------------------


def _supervision(connection: Connection, command: NoteSupervision) -> None:
    at = command.at.utc
    whom = {"attempt": command.attempt_id, "session": command.session_id}
    connection.execute(_END_SUPERVISION, whom | {"at_until": at})
    if command.how is None:
        return
    who = connection.execute(_WHO, {"session": command.session_id}).first()
    connection.execute(
        insert(SupervisionRow),
        {
            "attempt_id": command.attempt_id,
            "session_id": command.session_id if who is not None else None,
            "agent_id": None if who is None else who.agent_id,
            "how": command.how,
            "at": at,
            "until": None,
            "sentence": command.sentence[:_SENTENCE],
        },
    )
    detail: dict[str, object] = {"attempt": command.attempt_id, "how": command.how.value}
    name = "dialler" if who is None else str(who.name)
    audit.append(connection, name, "call supervised", detail, at)


# --- keys -------------------------------------------------------------------------------------


def note_key(connection: Connection, settings: CampaignSettings, command: NoteKey) -> None:
    """What the person has asked for; who says "never again" is on the list from this moment."""
    row = connection.execute(_NUMBER, {"attempt": command.attempt_id}).first()
    if row is None:
        return
    connection.execute(_ASKED, {"attempt": command.attempt_id, "what": command.asked})
    if command.asked is AskedByKey.NEVER:
        call = aftermath.Call(command.attempt_id, row.contact_id, row.number_id, row.number_hash, 0)
        aftermath.settle(connection, settings, call, Outcome.DNC_REQUEST, command.at.utc)
