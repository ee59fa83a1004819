"""Attempts with all their moments, refusals, lock-outs, counts and decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("number_id", sa.Integer(), nullable=False),
        sa.Column("number_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "preview",
                "progressive",
                "predictive",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_overdial", sa.Boolean(), nullable=False),
        sa.Column("reserved_only", sa.Boolean(), nullable=False),
        sa.Column("profile_id", sa.String(length=32), nullable=False),
        sa.Column("profile_version", sa.String(length=32), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("line_id", sa.String(length=64), nullable=False),
        sa.Column("lease_epoch", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "committed",
                "dialling",
                "ringing",
                "waiting",
                "connecting",
                "talking",
                "message",
                "ended",
                name="call_stage",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invite_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ringing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("early_media_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("speech_start_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("greeting_end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amd_verdict_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amd_verdict", sa.String(length=32), nullable=True),
        sa.Column("waiting_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seat_found_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bridged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=16), nullable=True),
        sa.Column("sip_call_id", sa.String(length=200), nullable=True),
        sa.Column("sip_status", sa.Integer(), nullable=True),
        sa.Column("q850", sa.Integer(), nullable=True),
        sa.Column("sip_reason", sa.String(length=200), nullable=True),
        sa.Column("crossed", sa.Boolean(), nullable=False),
        sa.Column("message_played", sa.Boolean(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "CONNECTED",
                "ABANDONED",
                "SHORT_HANGUP",
                "NO_ANSWER",
                "BUSY",
                "TEMP_UNAVAILABLE",
                "INVALID_NUMBER",
                "INVALID_FORMAT",
                "CALLEE_DECLINED_CALL",
                "UNWANTED",
                "REDIRECTED",
                "NO_PROGRESS",
                "NETWORK_CONGESTION",
                "NETWORK_FAILURE",
                "DESTINATION_FAULT",
                "CARRIER_REJECT",
                "CARRIER_TIMEOUT",
                "AUTH_FAIL",
                "CODEC_MISMATCH",
                "ROUTING_ERROR",
                "PROTOCOL_ERROR",
                "DIALLER_CANCELLED",
                "LINE_LOST",
                "ANSWER_MACHINE_AGENT",
                "ANSWER_MACHINE_AMD",
                "REFUSED_NOT_INTERESTED",
                "DNC_REQUEST",
                "CALL_BACK",
                "SUCCESS",
                "WRONG_NUMBER",
                "NOT_AT_HOME",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "formula_class",
            sa.Enum(
                "L",
                "M",
                "AOBS",
                "AMDET",
                "SHORT_HANGUP",
                "EXCLUDED",
                "UNANSWERED",
                name="formula_class",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("disposition_code", sa.String(length=32), nullable=True),
        sa.Column("disposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_attempts_agent_id_agents")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_attempts_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_attempts_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_attempts_contact_id_contacts")
        ),
        sa.ForeignKeyConstraint(
            ["number_id"],
            ["contact_numbers.id"],
            name=op.f("fk_attempts_number_id_contact_numbers"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_attempts_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index(
        op.f("ix_attempts_agent_id_bridged_at"),
        "attempts",
        ["agent_id", "bridged_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_attempts_agent_id_disposed_at_campaign_id_disposition_code"),
        "attempts",
        ["agent_id", "disposed_at", "campaign_id", "disposition_code"],
        unique=False,
    )
    op.create_index(
        op.f("ix_attempts_campaign_id_committed_at"),
        "attempts",
        ["campaign_id", "committed_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_attempts_contact_id_committed_at"),
        "attempts",
        ["contact_id", "committed_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_attempts_number_hash_committed_at"),
        "attempts",
        ["number_hash", "committed_at"],
        unique=False,
    )
    op.create_index(op.f("ix_attempts_stage"), "attempts", ["stage"], unique=False)
    op.create_table(
        "refusals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("number_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.String(length=26), nullable=True),
        sa.Column(
            "mode",
            sa.Enum(
                "preview",
                "progressive",
                "predictive",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "code",
            sa.Enum(
                "NOT_DIALLABLE",
                "SUPPRESSED",
                "REGISTRY_HIT",
                "REGISTRY_STALE",
                "NO_CONSENT",
                "SECTOR_BANNED",
                "OUT_OF_HOURS",
                "ATTEMPT_LIMIT",
                "LOCKED_OUT",
                "CALLER_ID",
                "NO_RESERVED_AGENT",
                "OVER_BUDGET",
                name="refusal_code",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_refusals_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_refusals_contact_id_contacts")
        ),
        sa.ForeignKeyConstraint(
            ["number_id"],
            ["contact_numbers.id"],
            name=op.f("fk_refusals_number_id_contact_numbers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusals")),
    )
    op.create_index(
        op.f("ix_refusals_campaign_id_at_code"),
        "refusals",
        ["campaign_id", "at", "code"],
        unique=False,
    )
    op.create_index(
        op.f("ix_refusals_contact_id_at"), "refusals", ["contact_id", "at"], unique=False
    )
    op.create_table(
        "lockouts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("number_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "BLOCK",
                "RESERVED_AGENT_ONLY",
                "RETIRE",
                "SUPPRESS",
                name="lockout_mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_on_connect", sa.Boolean(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "CONNECTED",
                "ABANDONED",
                "SHORT_HANGUP",
                "NO_ANSWER",
                "BUSY",
                "TEMP_UNAVAILABLE",
                "INVALID_NUMBER",
                "INVALID_FORMAT",
                "CALLEE_DECLINED_CALL",
                "UNWANTED",
                "REDIRECTED",
                "NO_PROGRESS",
                "NETWORK_CONGESTION",
                "NETWORK_FAILURE",
                "DESTINATION_FAULT",
                "CARRIER_REJECT",
                "CARRIER_TIMEOUT",
                "AUTH_FAIL",
                "CODEC_MISMATCH",
                "ROUTING_ERROR",
                "PROTOCOL_ERROR",
                "DIALLER_CANCELLED",
                "LINE_LOST",
                "ANSWER_MACHINE_AGENT",
                "ANSWER_MACHINE_AMD",
                "REFUSED_NOT_INTERESTED",
                "DNC_REQUEST",
                "CALL_BACK",
                "SUCCESS",
                "WRONG_NUMBER",
                "NOT_AT_HOME",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempt_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_lockouts_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_lockouts_client_id_clients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lockouts")),
        sa.UniqueConstraint(
            "attempt_id", "outcome", "mode", name=op.f("uq_lockouts_attempt_id_outcome_mode")
        ),
    )
    op.create_index(op.f("ix_lockouts_number_hash"), "lockouts", ["number_hash"], unique=False)
    op.create_table(
        "day_counts",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("dialled", sa.Integer(), nullable=False),
        sa.Column("overdialled", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("connected", sa.Integer(), nullable=False),
        sa.Column("live", sa.Integer(), nullable=False),
        sa.Column("machines", sa.Integer(), nullable=False),
        sa.Column("abandoned", sa.Integer(), nullable=False),
        sa.Column("detected_machines", sa.Integer(), nullable=False),
        sa.Column("short_hangups", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_day_counts_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "day", name=op.f("pk_day_counts")),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("launch", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_decisions_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(
        op.f("ix_decisions_campaign_id_at"), "decisions", ["campaign_id", "at"], unique=False
    )
