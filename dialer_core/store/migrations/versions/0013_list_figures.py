"""Lists are counted, and their ends and imports found, from an index, a piece at a time."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_contacts_count", "contacts", ["campaign_id", "id", "status", "attempts_count"]
    )
    for column in ("list_id", "import_id"):
        name = f"ix_contacts_{column}"
        op.drop_index(op.f(name), "contacts")
        op.create_index(name, "contacts", [column, "id"])
