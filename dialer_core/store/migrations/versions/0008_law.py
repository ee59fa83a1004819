"""The law's records: tighter rules, copies of registers, erasures, written files, experiments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_CODES = (
    "NOT_DIALLABLE", "SUPPRESSED", "REGISTRY_HIT", "REGISTRY_STALE", "NO_CONSENT",
    "SECTOR_BANNED", "OUT_OF_HOURS", "ATTEMPT_LIMIT", "LOCKED_OUT", "CALLER_ID",
    "NO_RESERVED_AGENT", "OVER_BUDGET", "NUMBERS_COUNTRY",
)  # fmt: skip


def upgrade() -> None:
    _registers()
    op.add_column("attempts", sa.Column("country_rules", sa.String(65), nullable=True))
    _allow_codes()
    _tightenings()
    _files()
    _erasures()
    _experiments()


def _registers() -> None:
    def count(name: str) -> sa.Column[int]:
        return sa.Column(name, sa.Integer(), nullable=False, server_default="0")

    op.add_column("registries", count("copy"))
    op.add_column("registry_entries", count("since_copy"))
    op.add_column("registry_entries", count("copy"))


def _allow_codes() -> None:
    """Let refusals say that the number's own country refuses."""
    name, words = "ck_refusals_refusal_code", ", ".join(f"'{code}'" for code in _CODES)
    if op.get_context().dialect.name != "sqlite":
        op.drop_constraint(op.f(name), "refusals", type_="check")
        op.create_check_constraint(op.f(name), "refusals", f"code IN ({words})")
        return
    # SQLite cannot change a CHECK: the table is made anew and its rows are copied.
    copy = sa.Table("refusals", sa.MetaData(), autoload_with=op.get_bind())
    for old in [one for one in copy.constraints if one.name == name]:
        copy.constraints.discard(old)
    copy.append_constraint(sa.CheckConstraint(sa.column("code").in_(_CODES), name=op.f(name)))
    with op.batch_alter_table("refusals", copy_from=copy, recreate="always"):
        pass


def _tightenings() -> None:
    op.create_table(
        "rule_tightenings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_rule_tightenings_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_rule_tightenings_campaign_id_campaigns"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_tightenings")),
    )
    for name in ("client_id", "campaign_id"):
        op.create_index(op.f(f"ix_rule_tightenings_{name}"), "rule_tightenings", [name])


def _files() -> None:
    op.create_table(
        "written_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("contact_ids", sa.JSON(), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_written_files")),
    )
    op.create_index(op.f("ix_written_files_removed_at_at"), "written_files", ["removed_at", "at"])


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_ids", sa.JSON(), nullable=False),
        sa.Column("number_hashes", sa.JSON(), nullable=False),
        sa.Column("pending", sa.JSON(), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_finished_at"), "erasures", ["finished_at"])


def _experiments() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("metric", sa.String(32), nullable=False),
        sa.Column("alpha", sa.Double(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.String(500), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_experiments_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiments")),
        sa.UniqueConstraint("campaign_id", "name", name=op.f("uq_experiments_campaign_id_name")),
    )
    op.create_index(
        op.f("ix_experiments_campaign_id_state"), "experiments", ["campaign_id", "state"]
    )
    _variants()


def _variants() -> None:
    def of_experiment(table: str) -> sa.ForeignKeyConstraint:
        name = op.f(f"fk_{table}_experiment_id_experiments")
        return sa.ForeignKeyConstraint(["experiment_id"], ["experiments.id"], name=name)

    op.create_table(
        "experiment_variants",
        sa.Column("experiment_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        of_experiment("experiment_variants"),
        sa.PrimaryKeyConstraint("experiment_id", "position", name=op.f("pk_experiment_variants")),
        sa.UniqueConstraint(
            "experiment_id", "name", name=op.f("uq_experiment_variants_experiment_id_name")
        ),
    )
    op.create_table(
        "experiment_exposures",
        sa.Column("experiment_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.String(26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        of_experiment("experiment_exposures"),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_experiment_exposures_contact_id_contacts"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_experiment_exposures_attempt_id_attempts"),
        ),
        sa.PrimaryKeyConstraint(
            "experiment_id", "contact_id", name=op.f("pk_experiment_exposures")
        ),
    )
    op.create_index(
        op.f("ix_experiment_exposures_attempt_id"), "experiment_exposures", ["attempt_id"]
    )
