"""An agent's call-backs and sessions are found without walking over everybody's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    owned = sa.text("call_back_agent_id IS NOT NULL")
    op.create_index(
        op.f("ix_contacts_call_back_agent_id"),
        "contacts",
        ["call_back_agent_id"],
        sqlite_where=owned,
        postgresql_where=owned,
    )
    op.create_index(op.f("ix_sessions_agent_id"), "sessions", ["agent_id"])
