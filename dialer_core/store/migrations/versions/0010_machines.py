"""A fax is an outcome of its own; machines that somebody listened to; campaigns that sell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OUTCOMES = (
    "CONNECTED", "ABANDONED", "SHORT_HANGUP", "NO_ANSWER", "BUSY", "TEMP_UNAVAILABLE",
    "INVALID_NUMBER", "INVALID_FORMAT", "CALLEE_DECLINED_CALL", "UNWANTED", "REDIRECTED",
    "NO_PROGRESS", "NETWORK_CONGESTION", "NETWORK_FAILURE", "DESTINATION_FAULT", "CARRIER_REJECT",
    "CARRIER_TIMEOUT", "AUTH_FAIL", "CODEC_MISMATCH", "ROUTING_ERROR", "PROTOCOL_ERROR",
    "DIALLER_CANCELLED", "LINE_LOST", "ANSWER_MACHINE_AGENT", "ANSWER_MACHINE_AMD",
    "REFUSED_NOT_INTERESTED", "DNC_REQUEST", "CALL_BACK", "SUCCESS", "WRONG_NUMBER", "FAX_MODEM",
    "NOT_AT_HOME", "MESSAGE_HEARD",
)  # fmt: skip
_COLUMNS = {
    "attempts": "outcome",
    "contacts": "last_outcome",
    "dispositions": "outcome",
    "lockouts": "outcome",
}


def upgrade() -> None:
    for table, column in _COLUMNS.items():
        _allow(table, column)
    op.add_column(
        "campaigns",
        sa.Column("is_marketing", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.create_table(
        "machine_reviews",
        sa.Column("attempt_id", sa.String(length=26), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("was_person", sa.Boolean(), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_machine_reviews_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_machine_reviews_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_machine_reviews")),
    )
    op.create_index(op.f("ix_machine_reviews_campaign_id"), "machine_reviews", ["campaign_id"])


def _allow(table: str, column: str) -> None:
    """The CHECK of the outcomes says the new word, too."""
    name = f"ck_{table}_outcome"
    if op.get_context().dialect.name != "sqlite":
        listed = ", ".join(f"'{word}'" for word in _OUTCOMES)
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, f"{column} IN ({listed})")
        return
    # SQLite cannot change a CHECK: the table is made anew and its rows are copied.
    copy = sa.Table(table, sa.MetaData(), autoload_with=op.get_bind())
    for old in [one for one in copy.constraints if one.name == name]:
        copy.constraints.discard(old)
    copy.append_constraint(sa.CheckConstraint(sa.column(column).in_(_OUTCOMES), name=op.f(name)))
    with op.batch_alter_table(table, copy_from=copy, recreate="always"):
        pass
