"""Settings of the floor, clients, campaigns, their outcomes, and the rule profiles in use."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from dialer_core.lists.order import ListOrder
from dialer_core.model.call_control import RecordingPolicy
from dialer_core.model.campaign import PreviewTimeout
from dialer_core.model.states import Mode, Outcome
from dialer_core.store.schema.base import Base


class SettingRow(Base):
    """One setting of the whole floor, among them the key of the number hashes."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str]
    changed_at: Mapped[datetime]


class RuleProfileRow(Base):
    """A rule profile as it was when it was used; attempts name it by id and version."""

    __tablename__ = "rule_profiles"
    __table_args__ = (UniqueConstraint("profile_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    profile_id: Mapped[str] = mapped_column(String(32))
    version: Mapped[str] = mapped_column(String(32))
    body: Mapped[dict[str, object]]
    effective_from: Mapped[datetime]


class ClientRow(Base):
    """On whose behalf is called; do-not-call requests belong to a client."""

    __tablename__ = "clients"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)


class CampaignRow(Base):
    """One script, one proposition, one audience; times in seconds."""

    __tablename__ = "campaigns"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    name: Mapped[str] = mapped_column(String(200), unique=True)
    company_name: Mapped[str] = mapped_column(String(200))
    script: Mapped[str]
    message_wav: Mapped[str] = mapped_column(String(200))
    caller_id: Mapped[str] = mapped_column(String(32))
    zone: Mapped[str] = mapped_column(String(64))  # where the day of the abandoned rate begins
    sector: Mapped[str] = mapped_column(String(64))
    is_sector_authorised: Mapped[bool]  # the client holds the licence that the sector asks for
    is_marketing: Mapped[bool] = mapped_column(server_default=true())  # it sells
    mode: Mapped[Mode]
    profile_id: Mapped[str] = mapped_column(String(32))
    profile_version: Mapped[str] = mapped_column(String(32))
    is_running: Mapped[bool]
    preview_s: Mapped[float]
    preview_timeout: Mapped[PreviewTimeout]
    skips_a_day: Mapped[int]
    wrap_up_limit_s: Mapped[float]
    abandon_target: Mapped[float]
    abandon_cap: Mapped[float]
    connect_limit_s: Mapped[float]
    message_lead_s: Mapped[float]
    min_ring_s: Mapped[float]
    max_ring_s: Mapped[float]
    max_call_s: Mapped[float]
    max_lines: Mapped[int]
    # By their names; one that is not named is as in a new campaign.
    levers: Mapped[dict[str, bool]] = mapped_column(server_default="{}")
    parked_an_hour: Mapped[int] = mapped_column(server_default="6")
    borrows_ahead: Mapped[bool] = mapped_column(server_default=true())
    day_ends: Mapped[str | None] = mapped_column(String(5))  # "17:30" where the campaign is
    recording: Mapped[RecordingPolicy] = mapped_column(server_default="off")
    recording_pause_limit_s: Mapped[float] = mapped_column(server_default="300")
    detection: Mapped[bool] = mapped_column(server_default=false())
    machine_message: Mapped[bool] = mapped_column(server_default=false())
    hold_wav: Mapped[str] = mapped_column(String(200), server_default="")
    notice_wav: Mapped[str] = mapped_column(String(200), server_default="")
    queue_wav: Mapped[str] = mapped_column(String(200), server_default="")
    agentless_wav: Mapped[str] = mapped_column(String(200), server_default="")
    longest_wait_s: Mapped[float] = mapped_column(server_default="120")
    key_agent: Mapped[str] = mapped_column(String(1), server_default="")
    key_later: Mapped[str] = mapped_column(String(1), server_default="")
    key_never: Mapped[str] = mapped_column(String(1), server_default="")
    menu_repeats: Mapped[int] = mapped_column(server_default="2")
    menu_pause_s: Mapped[float] = mapped_column(server_default="4")
    # By outcome, what differs from the usual recycling; see dialer_core.lists.recycling.
    recycling: Mapped[dict[str, object]] = mapped_column(server_default="{}")
    retry_share: Mapped[float | None]  # of what is leased; None: who is due goes before the fresh
    hand_over_s: Mapped[float] = mapped_column(server_default="600")  # of a call-back of an agent
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class DispositionRow(Base):
    """One outcome that an agent of the campaign can choose."""

    __tablename__ = "dispositions"
    __table_args__ = (
        UniqueConstraint("campaign_id", "code"),
        Index(None, "campaign_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(32))
    label: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[Outcome]
    is_final: Mapped[bool]
    is_success: Mapped[bool]
    is_danger: Mapped[bool]


class SegmentRow(Base):
    """People of a campaign's lists who meet a condition; see dialer_core.lists.segments."""

    __tablename__ = "segments"
    __table_args__ = (UniqueConstraint("campaign_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    name: Mapped[str] = mapped_column(String(200))
    condition: Mapped[dict[str, object]]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class MixSourceRow(Base):
    """A list or a segment from which a campaign takes people: how many, how soon, in which order.

    A campaign without any takes from all its lists.
    """

    __tablename__ = "mix_sources"
    __table_args__ = (
        Index(None, "campaign_id", "position"),
        CheckConstraint("(list_id IS NULL) <> (segment_id IS NULL)", name="one_source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    position: Mapped[int]
    list_id: Mapped[int | None] = mapped_column(ForeignKey("contact_lists.id"), index=True)
    segment_id: Mapped[int | None] = mapped_column(ForeignKey("segments.id"), index=True)
    weight: Mapped[float]
    priority: Mapped[int]  # the lower ones wait until the higher ones have nobody left
    list_order: Mapped[ListOrder]
    seed: Mapped[int]  # of the lot
    is_active: Mapped[bool]
