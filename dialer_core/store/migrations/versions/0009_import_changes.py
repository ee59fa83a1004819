"""Imports can be taken back whole: what they changed of known people, and whether they made
the campaign; and numbers can be taken out without reading all calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "list_imports", sa.Column("invalid", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "list_imports",
        sa.Column("made_campaign", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "list_imports", sa.Column("holder", sa.String(200), nullable=False, server_default="")
    )
    op.create_table(
        "list_import_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["list_imports.id"],
            name=op.f("fk_list_import_changes_import_id_list_imports"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_list_import_changes_contact_id_contacts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_import_changes")),
    )
    for name in ("import_id", "contact_id"):
        op.create_index(op.f(f"ix_list_import_changes_{name}"), "list_import_changes", [name])
    for table in ("attempts", "refusals"):
        op.create_index(op.f(f"ix_{table}_number_id"), table, ["number_id"])
    op.create_index(
        op.f("ix_experiment_exposures_contact_id"), "experiment_exposures", ["contact_id"]
    )
