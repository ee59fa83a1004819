"""Lists: what an import found, that it can be undone, and do-not-call for the whole office."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_COUNTS = ("duplicates", "on_dnc", "known_elsewhere", "updated")


def upgrade() -> None:
    with op.batch_alter_table("list_imports") as table:
        table.add_column(sa.Column("state", sa.String(16), nullable=False, server_default="done"))
        table.add_column(sa.Column("region", sa.String(8), nullable=False, server_default=""))
        table.add_column(sa.Column("encoding", sa.String(32), nullable=False, server_default=""))
        for name in _COUNTS:
            table.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "contacts", sa.Column("priority", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "contacts", sa.Column("reference", sa.String(100), nullable=False, server_default="")
    )
    op.create_index("ix_contacts_import_id", "contacts", ["import_id"])
    with op.batch_alter_table("suppressions") as table:
        table.alter_column("client_id", existing_type=sa.Integer(), nullable=True)
    op.create_index("ix_suppressions_number_hash", "suppressions", ["number_hash"])
