"""Attempts with all their moments, what the gate refused, lock-outs, counts, decisions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from dialer_core.model.call_control import Arrangement, AskedByKey
from dialer_core.model.states import CallStage, Direction, FormulaClass, Mode, Outcome
from dialer_core.rules.facts import RefusalCode
from dialer_core.rules.profiles import LockoutMode
from dialer_core.store.schema.base import Base


class AttemptRow(Base):
    """One call to one number of one contact, committed before its INVITE leaves."""

    __tablename__ = "attempts"
    __table_args__ = (
        Index(None, "stage"),
        Index(None, "campaign_id", "committed_at"),
        Index(None, "contact_id", "committed_at"),
        Index(None, "number_id"),  # whether a number may be taken out is asked of each
        Index(None, "number_hash", "committed_at"),
        Index(None, "agent_id", "bridged_at"),
        Index(None, "agent_id", "disposed_at", "campaign_id", "disposition_code"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    number_id: Mapped[int] = mapped_column(ForeignKey("contact_numbers.id"))
    number_hash: Mapped[bytes]
    mode: Mapped[Mode]
    is_overdial: Mapped[bool]
    reserved_only: Mapped[bool]
    profile_id: Mapped[str] = mapped_column(String(32))
    profile_version: Mapped[str] = mapped_column(String(32))
    country_rules: Mapped[str | None] = mapped_column(String(65))  # FR@version, where it added any
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    line_id: Mapped[str] = mapped_column(String(64))
    lease_epoch: Mapped[int]
    stage: Mapped[CallStage]

    committed_at: Mapped[datetime]
    invite_at: Mapped[datetime | None]
    progress_at: Mapped[datetime | None]  # first 18x
    ringing_at: Mapped[datetime | None]  # 180
    early_media_at: Mapped[datetime | None]  # 183 with SDP
    answered_at: Mapped[datetime | None]  # 200
    speech_start_at: Mapped[datetime | None]
    greeting_end_at: Mapped[datetime | None]
    amd_verdict_at: Mapped[datetime | None]
    amd_verdict: Mapped[str | None] = mapped_column(String(32))
    waiting_at: Mapped[datetime | None]  # answered, and no seat was free
    seat_found_at: Mapped[datetime | None]  # a seat was chosen for the answered person
    bridged_at: Mapped[datetime | None]  # agent and person hear each other
    message_at: Mapped[datetime | None]  # start of the recorded message
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(16))

    sip_call_id: Mapped[str | None] = mapped_column(String(200))
    sip_status: Mapped[int | None]
    q850: Mapped[int | None]
    sip_reason: Mapped[str | None] = mapped_column(String(200))
    crossed: Mapped[bool]  # a 200 crossed our CANCEL
    message_played: Mapped[bool]

    outcome: Mapped[Outcome | None]
    formula_class: Mapped[FormulaClass | None]
    # What came with the telephone: a call that came in, one that was dialled by hand, a machine.
    direction: Mapped[Direction] = mapped_column(server_default="out")
    is_manual: Mapped[bool] = mapped_column(server_default=false())
    gateway: Mapped[str | None] = mapped_column(String(64))
    tone: Mapped[str | None] = mapped_column(String(32))
    amd_cause: Mapped[str | None] = mapped_column(String(64))
    asked: Mapped[AskedByKey | None]  # with a key of the message
    arrangement: Mapped[Arrangement | None]  # None: as when it was bridged

    disposition_code: Mapped[str | None] = mapped_column(String(32))
    disposed_at: Mapped[datetime | None]
    note: Mapped[str]


class RefusalRow(Base):
    """A number that the gate did not let through, and why."""

    __tablename__ = "refusals"
    __table_args__ = (
        Index(None, "campaign_id", "at", "code"),
        Index(None, "contact_id", "at"),
        Index(None, "number_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    number_id: Mapped[int] = mapped_column(ForeignKey("contact_numbers.id"))
    attempt_id: Mapped[str | None] = mapped_column(String(26))  # refused at the last moment
    mode: Mapped[Mode]
    code: Mapped[RefusalCode]
    sentence: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime]
    retry_at: Mapped[datetime | None]


class LockoutRow(Base):
    """A number that may not be called, or only with a reserved agent, until a moment.

    `client_id` None: it holds for all clients of the floor; `until` None: for ever.
    """

    __tablename__ = "lockouts"
    __table_args__ = (
        Index(None, "number_hash"),
        UniqueConstraint("attempt_id", "outcome", "mode"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))
    number_hash: Mapped[bytes]
    mode: Mapped[LockoutMode]
    begins_at: Mapped[datetime]
    until: Mapped[datetime | None]
    ends_on_connect: Mapped[bool]  # over once a reserved agent has spoken with the person
    outcome: Mapped[Outcome]
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"))


class DayCountRow(Base):
    """The counts of one campaign on one day of its own zone, kept with every change."""

    __tablename__ = "day_counts"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    dialled: Mapped[int]
    overdialled: Mapped[int]
    answered: Mapped[int]
    connected: Mapped[int]
    live: Mapped[int]  # L
    machines: Mapped[int]  # M
    abandoned: Mapped[int]  # Aobs
    detected_machines: Mapped[int]  # AMdet
    short_hangups: Mapped[int]
    refused: Mapped[int]


class MachineReviewRow(Base):
    """What somebody heard who listened to a call that detection had taken for a machine."""

    __tablename__ = "machine_reviews"

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    was_person: Mapped[bool]
    who: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


class DecisionRow(Base):
    """A decision of the pacer in words and figures."""

    __tablename__ = "decisions"
    __table_args__ = (Index(None, "campaign_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    at: Mapped[datetime]
    launch: Mapped[int]
    rule: Mapped[str] = mapped_column(String(32), server_default="")
    reason: Mapped[str] = mapped_column(String(500))
    figures: Mapped[list[list[object]]]
