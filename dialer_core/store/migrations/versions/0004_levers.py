"""Levers and borrowing of a campaign, relief seats, parked wrap-ups, rules of decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KINDS = (
    "opened",
    "closed",
    "available",
    "pause",
    "preview_drawn",
    "preview_accept",
    "preview_skip",
    "outcome",
    "campaign",
    "stage",
)


def upgrade() -> None:
    for table, column in (
        ("campaigns", sa.Column("levers", sa.JSON(), nullable=False, server_default="{}")),
        (
            "campaigns",
            sa.Column("parked_an_hour", sa.Integer(), nullable=False, server_default="6"),
        ),
        (
            "campaigns",
            sa.Column("borrows_ahead", sa.Boolean(), nullable=False, server_default=sa.true()),
        ),
        ("campaigns", sa.Column("day_ends", sa.String(length=5), nullable=True)),
        (
            "sessions",
            sa.Column("is_relief", sa.Boolean(), nullable=False, server_default=sa.false()),
        ),
        ("sessions", sa.Column("pause_due", sa.DateTime(timezone=True), nullable=True)),
        ("sessions", sa.Column("parked", sa.JSON(), nullable=False, server_default="[]")),
        (
            "decisions",
            sa.Column("rule", sa.String(length=32), nullable=False, server_default=""),
        ),
    ):
        op.add_column(table, column)
    _allow_stages()


def _allow_stages() -> None:
    """Windows may tell how far a call has come: one more word in the CHECK of their events."""
    if op.get_bind().dialect.name != "sqlite":
        name = op.f("ck_agent_events_event_kind")
        op.drop_constraint(name, "agent_events", type_="check")
        words = ", ".join(f"'{kind}'" for kind in _KINDS)
        op.create_check_constraint(name, "agent_events", f"kind IN ({words})")
        return
    # SQLite cannot change a CHECK: the table is made anew and its rows are copied.
    events = sa.Table(
        "agent_events",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("attempt_id", sa.String(length=26), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(sa.column("kind").in_(_KINDS), name=op.f("ck_agent_events_event_kind")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_agent_events_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_events")),
        sa.Index(op.f("ix_agent_events_session_id_kind_at"), "session_id", "kind", "at"),
    )
    with op.batch_alter_table("agent_events", copy_from=events, recreate="always"):
        pass
