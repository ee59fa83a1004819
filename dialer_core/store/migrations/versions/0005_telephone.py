"""The telephone: calls in progress, recordings, calls that come in, messages with keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MODES = ("preview", "progressive", "predictive", "agentless", "manual")
_OUTCOMES = (
    "CONNECTED", "ABANDONED", "SHORT_HANGUP", "NO_ANSWER", "BUSY", "TEMP_UNAVAILABLE",
    "INVALID_NUMBER", "INVALID_FORMAT", "CALLEE_DECLINED_CALL", "UNWANTED", "REDIRECTED",
    "NO_PROGRESS", "NETWORK_CONGESTION", "NETWORK_FAILURE", "DESTINATION_FAULT", "CARRIER_REJECT",
    "CARRIER_TIMEOUT", "AUTH_FAIL", "CODEC_MISMATCH", "ROUTING_ERROR", "PROTOCOL_ERROR",
    "DIALLER_CANCELLED", "LINE_LOST", "ANSWER_MACHINE_AGENT", "ANSWER_MACHINE_AMD",
    "REFUSED_NOT_INTERESTED", "DNC_REQUEST", "CALL_BACK", "SUCCESS", "WRONG_NUMBER", "NOT_AT_HOME",
    "MESSAGE_HEARD",
)  # fmt: skip
_KINDS = (
    "opened", "closed", "available", "pause", "preview_drawn", "preview_accept", "preview_skip",
    "outcome", "campaign", "stage", "call", "manual_dial", "supervise",
)  # fmt: skip
_POLICIES = ("off", "on_demand", "announce", "all")
_DIRECTIONS = ("out", "in")
_ASKED = ("agent", "later", "never")
_ARRANGEMENTS = ("talk", "hold", "consult", "conference", "handed_over")

# For each table: the CHECKs that are new or say something else now, as name -> (column, words).
_WORDS: dict[str, dict[str, tuple[str, Sequence[str]]]] = {
    "campaigns": {"mode": ("mode", _MODES), "recording_policy": ("recording", _POLICIES)},
    "refusals": {"mode": ("mode", _MODES)},
    "attempts": {
        "mode": ("mode", _MODES),
        "outcome": ("outcome", _OUTCOMES),
        "direction": ("direction", _DIRECTIONS),
        "asked_by_key": ("asked", _ASKED),
        "arrangement": ("arrangement", _ARRANGEMENTS),
    },
    "contacts": {"outcome": ("last_outcome", _OUTCOMES)},
    "dispositions": {"outcome": ("outcome", _OUTCOMES)},
    "lockouts": {"outcome": ("outcome", _OUTCOMES)},
    "agent_events": {"event_kind": ("kind", _KINDS)},
}
_NEW = frozenset({
    "ck_campaigns_recording_policy", "ck_attempts_direction", "ck_attempts_asked_by_key",
    "ck_attempts_arrangement",
})  # fmt: skip


def upgrade() -> None:
    for table, column in _columns():
        op.add_column(table, column)
    for table, checks in _WORDS.items():
        _allow(table, checks)
    _third_parties()
    _recordings()
    _supervisions()
    _qualities()


def _columns() -> list[tuple[str, sa.Column[Any]]]:
    def text(name: str, length: int, default: str | None = "") -> sa.Column[Any]:
        is_null = default is None
        return sa.Column(name, sa.String(length), nullable=is_null, server_default=default)

    def truth(name: str) -> sa.Column[Any]:
        return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())

    def number(name: str, default: str) -> sa.Column[Any]:
        return sa.Column(name, sa.Double(), nullable=False, server_default=default)

    campaigns = [
        text("recording", 32, "off"),
        number("recording_pause_limit_s", "300"),
        truth("detection"),
        truth("machine_message"),
        *(text(name, 200) for name in ("hold_wav", "notice_wav", "queue_wav", "agentless_wav")),
        number("longest_wait_s", "120"),
        *(text(name, 1) for name in ("key_agent", "key_later", "key_never")),
        sa.Column("menu_repeats", sa.Integer(), nullable=False, server_default="2"),
        number("menu_pause_s", "4"),
    ]
    attempts = [
        text("direction", 32, "out"),
        truth("is_manual"),
        text("gateway", 64, None),
        text("tone", 32, None),
        text("amd_cause", 64, None),
        text("asked", 32, None),
        text("arrangement", 32, None),
    ]
    found = [("campaigns", column) for column in campaigns]
    found += [("attempts", column) for column in attempts]
    found += [("sessions", text("call_trouble", 500)), ("sessions", truth("is_supervisor"))]
    return found


def _allow(table: str, checks: dict[str, tuple[str, Sequence[str]]]) -> None:
    """Put these CHECKs in place of those of the same name."""
    names = {f"ck_{table}_{name}": rule for name, rule in checks.items()}
    if op.get_context().dialect.name != "sqlite":
        for name, (column, words) in names.items():
            if name not in _NEW:
                op.drop_constraint(op.f(name), table, type_="check")
            listed = ", ".join(f"'{word}'" for word in words)
            op.create_check_constraint(op.f(name), table, f"{column} IN ({listed})")
        return
    # SQLite cannot change a CHECK: the table is made anew and its rows are copied.
    copy = sa.Table(table, sa.MetaData(), autoload_with=op.get_bind())
    for old in [one for one in copy.constraints if one.name in names]:
        copy.constraints.discard(old)
    for name, (column, words) in names.items():
        copy.append_constraint(sa.CheckConstraint(sa.column(column).in_(words), name=op.f(name)))
    with op.batch_alter_table(table, copy_from=copy, recreate="always"):
        pass


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def _third_parties() -> None:
    op.create_table(
        "third_parties",
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("attempt_id", sa.String(length=26), nullable=False),
        sa.Column("kind", _words("third_kind", "consult", "blind"), nullable=False),
        sa.Column("wanted_by", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("number_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "stage", _words("third_stage", "dialling", "ringing", "up", "gone"), nullable=False
        ),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("refusal_code", sa.String(length=32), nullable=True),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        *(
            _refers("third_parties", *one)
            for one in (
                ("attempt_id", "attempts"),
                ("session_id", "sessions"),
                ("wanted_by", "sessions"),
            )
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_third_parties")),
    )
    op.create_index(
        op.f("ix_third_parties_attempt_id_at"), "third_parties", ["attempt_id", "at"], unique=False
    )


def _recordings() -> None:
    states = ("off", "recording", "paused", "stopped", "failed")
    op.create_table(
        "recordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.String(length=26), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("policy", _words("recording_policy", *_POLICIES), nullable=False),
        sa.Column("state", _words("recording_state", *states), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_s", sa.Double(), nullable=False),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        _refers("recordings", "attempt_id", "attempts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_recordings_attempt_id")),
    )
    op.create_table(
        "recording_pauses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        _refers("recording_pauses", "recording_id", "recordings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_pauses")),
    )
    op.create_index(
        op.f("ix_recording_pauses_recording_id"), "recording_pauses", ["recording_id"], unique=False
    )


def _supervisions() -> None:
    how = _words("listening", "listen", "whisper", "barge", "take_over", "leave")
    op.create_table(
        "supervisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("how", how, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        *(
            _refers("supervisions", *one)
            for one in (
                ("attempt_id", "attempts"),
                ("session_id", "sessions"),
                ("agent_id", "agents"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisions")),
    )
    op.create_index(
        op.f("ix_supervisions_attempt_id_at"), "supervisions", ["attempt_id", "at"], unique=False
    )


def _qualities() -> None:
    op.create_table(
        "call_qualities",
        sa.Column("attempt_id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("legs", sa.JSON(), nullable=False),
        _refers("call_qualities", "attempt_id", "attempts"),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_call_qualities")),
    )


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    key = "id"
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.{key}"], name=op.f(f"fk_{table}_{column}_{to}")
    )
