"""Selection: segments, the mix of a campaign's lists, recycling, whose call-back it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ORDERS = ("priority", "last_called", "random", "newest", "best_hour")


def upgrade() -> None:
    for name, kind, default in (
        ("recycling", sa.JSON(), "{}"),
        ("retry_share", sa.Double(), None),
        ("hand_over_s", sa.Double(), "600"),
    ):
        column: sa.Column[object] = sa.Column(
            name, kind, nullable=default is None, server_default=default
        )
        op.add_column("campaigns", column)
    op.add_column("contacts", sa.Column("next_rank", sa.Integer(), nullable=True))
    op.add_column("contacts", sa.Column("call_back_agent_id", sa.Integer(), nullable=True))
    _indexes()
    _segments()
    _mix_sources()


def _indexes() -> None:
    op.drop_index("ix_contacts_leased", "contacts")
    op.create_index("ix_contacts_leased", "contacts", ["leased_by_epoch", "lease_expires_at"])
    free = sa.text("leased_by_epoch IS NULL")
    for name, columns in (
        ("ix_contacts_due", ["list_id", "status", "next_at", "id"]),
        ("ix_contacts_turn", ["list_id", "status", "priority", "id"]),
    ):
        op.create_index(name, "contacts", columns, sqlite_where=free, postgresql_where=free)


def _segments() -> None:
    op.create_table(
        "segments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("condition", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_segments_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
        sa.UniqueConstraint("campaign_id", "name", name=op.f("uq_segments_campaign_id_name")),
    )


def _mix_sources() -> None:
    table = "mix_sources"
    orders = ", ".join(f"'{order}'" for order in _ORDERS)
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=True),
        sa.Column("segment_id", sa.Integer(), nullable=True),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("list_order", sa.String(32), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(list_id IS NULL) <> (segment_id IS NULL)", name=op.f(f"ck_{table}_one_source")
        ),
        sa.CheckConstraint(f"list_order IN ({orders})", name=op.f(f"ck_{table}_list_order")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
            )
            for column, other in (
                ("campaign_id", "campaigns"),
                ("list_id", "contact_lists"),
                ("segment_id", "segments"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_campaign_id_position"), table, ["campaign_id", "position"])
    op.create_index(op.f(f"ix_{table}_list_id"), table, ["list_id"])
    op.create_index(op.f(f"ix_{table}_segment_id"), table, ["segment_id"])
