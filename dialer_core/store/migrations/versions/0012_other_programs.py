"""Other programs: clients of the HTTP API, webhooks, numbered results; contacts by reference."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _clients()
    _webhooks()
    _deliveries()
    op.create_table(
        "told_call_backs",
        sa.Column("contact_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_told_call_backs")),
    )
    op.create_table(
        "results",
        sa.Column("attempt_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_results_attempt_id_attempts")
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_results")),
        sa.UniqueConstraint("number", name=op.f("uq_results_number")),
    )
    has_one = sa.text("reference <> ''")
    op.create_index(
        "ix_contacts_reference", "contacts", ["reference"],
        sqlite_where=has_one, postgresql_where=has_one,
    )  # fmt: skip


def _clients() -> None:
    op.create_table(
        "api_clients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.Column("removed_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_clients")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_clients_token_hash")),
    )
    in_use = sa.text("removed_at IS NULL")
    op.create_index(
        "uq_api_clients_name", "api_clients", ["name"], unique=True,
        sqlite_where=in_use, postgresql_where=in_use,
    )  # fmt: skip


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
        sa.Column("result_seen", sa.Integer(), nullable=False),
        sa.Column("suppression_seen", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", _MOMENT, nullable=True),
        sa.Column("next_at", _MOMENT, nullable=True),
        sa.Column("stopped_at", _MOMENT, nullable=True),
        sa.Column("trouble", sa.String(200), nullable=False),
        sa.Column("delivered_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_clients.id"], name=op.f("fk_webhooks_client_id_api_clients")
        ),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_webhooks")),
    )


def _deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(26), nullable=False),
        sa.Column("due", _MOMENT, nullable=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["api_clients.id"],
            name=op.f("fk_webhook_deliveries_client_id_api_clients"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sqlite_autoincrement=True,  # programs know what they have heard by its id
    )
    op.create_index(
        op.f("ix_webhook_deliveries_client_id_id"), "webhook_deliveries", ["client_id", "id"]
    )
