"""What was done with a call in progress: third parties, recordings, supervisors on the line."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from dialer_core.model.call_control import (
    Listening,
    RecordingPolicy,
    RecordingState,
    ThirdStage,
)
from dialer_core.store.schema.base import Base, ThirdKind


class ThirdPartyRow(Base):
    """A third party that was called, or was to be; a refusal stands here as well."""

    __tablename__ = "third_parties"
    __table_args__ = (Index(None, "attempt_id", "at"),)

    ref: Mapped[str] = mapped_column(String(26), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"))
    kind: Mapped[ThirdKind]
    wanted_by: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"))  # a colleague
    number_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    label: Mapped[str] = mapped_column(String(100))  # a name, or the number as people write it
    at: Mapped[datetime]
    stage: Mapped[ThirdStage]
    status: Mapped[int]  # the last SIP status; 0: none
    refusal_code: Mapped[str | None] = mapped_column(String(32))  # of the gate
    sentence: Mapped[str] = mapped_column(String(500))  # why it failed
    handed_over_at: Mapped[datetime | None]  # the person went on with this party
    ended_at: Mapped[datetime | None]
    note: Mapped[str]  # what the agent wrote after the hand-over to a colleague


class RecordingRow(Base):
    """The recording of a call: where its sound is, and why it may be."""

    __tablename__ = "recordings"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"), unique=True)
    path: Mapped[str] = mapped_column(String(500))
    policy: Mapped[RecordingPolicy]
    state: Mapped[RecordingState]
    started_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    recorded_s: Mapped[float]
    sentence: Mapped[str] = mapped_column(String(500))  # what went wrong


class RecordingPauseRow(Base):
    """A pause of a recording (a payment step): silence in the sound, an entry here."""

    __tablename__ = "recording_pauses"

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id"), index=True)
    at: Mapped[datetime]
    until: Mapped[datetime | None]


class SupervisionRow(Base):
    """A stretch in which a supervisor took part in a call in one way."""

    __tablename__ = "supervisions"
    __table_args__ = (Index(None, "attempt_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    how: Mapped[Listening]
    at: Mapped[datetime]
    until: Mapped[datetime | None]
    sentence: Mapped[str] = mapped_column(String(500))


class CallQualityRow(Base):
    """How an open call sounds, as its line told it last; gone once the call is over."""

    __tablename__ = "call_qualities"

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    at: Mapped[datetime]
    legs: Mapped[list[dict[str, object]]]  # a line's LegQuality each
