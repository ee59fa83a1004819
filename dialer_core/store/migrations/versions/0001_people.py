"""Settings, clients, campaigns, lists, people and registers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settings",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "rule_profiles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_profiles")),
        sa.UniqueConstraint(
            "profile_id", "version", name=op.f("uq_rule_profiles_profile_id_version")
        ),
    )
    op.create_table(
        "clients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("name", name=op.f("uq_clients_name")),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("company_name", sa.String(length=200), nullable=False),
        sa.Column("script", sa.String(), nullable=False),
        sa.Column("message_wav", sa.String(length=200), nullable=False),
        sa.Column("caller_id", sa.String(length=32), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("sector", sa.String(length=64), nullable=False),
        sa.Column("is_sector_authorised", sa.Boolean(), nullable=False),
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
        sa.Column("profile_id", sa.String(length=32), nullable=False),
        sa.Column("profile_version", sa.String(length=32), nullable=False),
        sa.Column("is_running", sa.Boolean(), nullable=False),
        sa.Column("preview_s", sa.Double(), nullable=False),
        sa.Column(
            "preview_timeout",
            sa.Enum(
                "dial",
                "requeue",
                "pause",
                name="preview_timeout",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("skips_a_day", sa.Integer(), nullable=False),
        sa.Column("wrap_up_limit_s", sa.Double(), nullable=False),
        sa.Column("abandon_target", sa.Double(), nullable=False),
        sa.Column("abandon_cap", sa.Double(), nullable=False),
        sa.Column("connect_limit_s", sa.Double(), nullable=False),
        sa.Column("message_lead_s", sa.Double(), nullable=False),
        sa.Column("min_ring_s", sa.Double(), nullable=False),
        sa.Column("max_ring_s", sa.Double(), nullable=False),
        sa.Column("max_call_s", sa.Double(), nullable=False),
        sa.Column("max_lines", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_campaigns_client_id_clients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("name", name=op.f("uq_campaigns_name")),
    )
    op.create_table(
        "dispositions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
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
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("is_success", sa.Boolean(), nullable=False),
        sa.Column("is_danger", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_dispositions_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispositions")),
        sa.UniqueConstraint("campaign_id", "code", name=op.f("uq_dispositions_campaign_id_code")),
    )
    op.create_index(
        op.f("ix_dispositions_campaign_id_position"),
        "dispositions",
        ["campaign_id", "position"],
        unique=False,
    )
    op.create_table(
        "contact_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_contact_lists_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_lists")),
        sa.UniqueConstraint("campaign_id", "name", name=op.f("uq_contact_lists_campaign_id_name")),
    )
    op.create_table(
        "list_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_taken", sa.Integer(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["contact_lists.id"], name=op.f("fk_list_imports_list_id_contact_lists")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_imports")),
    )
    op.create_index(op.f("ix_list_imports_list_id"), "list_imports", ["list_id"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("town", sa.String(length=100), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.Column("region", sa.String(length=8), nullable=False),
        sa.Column("grounds", sa.JSON(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "fresh",
                "waiting",
                "call_back",
                "uncoded",
                "held",
                "closed",
                name="contact_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("status_reason", sa.String(length=64), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by_epoch", sa.Integer(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_number_id", sa.Integer(), nullable=True),
        sa.Column(
            "last_outcome",
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
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_contacts_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["list_imports.id"], name=op.f("fk_contacts_import_id_list_imports")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["contact_lists.id"], name=op.f("fk_contacts_list_id_contact_lists")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index("ix_contacts_leased", "contacts", ["leased_by_epoch"], unique=False)
    op.create_index(op.f("ix_contacts_list_id"), "contacts", ["list_id"], unique=False)
    op.create_index(
        "ix_contacts_next", "contacts", ["campaign_id", "status", "next_at", "id"], unique=False
    )
    op.create_table(
        "contact_numbers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("e164", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "retired",
                name="number_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("number_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_contact_numbers_contact_id_contacts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_numbers")),
        sa.UniqueConstraint("contact_id", "rank", name=op.f("uq_contact_numbers_contact_id_rank")),
    )
    op.create_index(op.f("ix_contact_numbers_e164"), "contact_numbers", ["e164"], unique=False)
    op.create_index(
        op.f("ix_contact_numbers_number_hash"), "contact_numbers", ["number_hash"], unique=False
    )
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("number_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("attempt_id", sa.String(length=26), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_suppressions_client_id_clients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
        sa.UniqueConstraint(
            "client_id", "number_hash", name=op.f("uq_suppressions_client_id_number_hash")
        ),
    )
    op.create_table(
        "registries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registries")),
    )
    op.create_table(
        "registry_entries",
        sa.Column("number_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("registry_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["registry_id"],
            ["registries.id"],
            name=op.f("fk_registry_entries_registry_id_registries"),
        ),
        sa.PrimaryKeyConstraint("number_hash", "registry_id", name=op.f("pk_registry_entries")),
    )
