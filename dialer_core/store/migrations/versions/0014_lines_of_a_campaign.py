"""A campaign may use all the trunk has: nobody ever chose the thirty lines that it was held to."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE campaigns SET max_lines = 1000 WHERE max_lines = 30")
