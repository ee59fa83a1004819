"""What all tables share: names of constraints, UTC times, enums by value."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, Enum, LargeBinary, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

from dialer_core.lists.order import ListOrder
from dialer_core.model.call_control import (
    Arrangement,
    AskedByKey,
    Listening,
    RecordingPolicy,
    RecordingState,
    ThirdStage,
)
from dialer_core.model.campaign import PreviewTimeout
from dialer_core.model.states import CallStage, Direction, FormulaClass, Mode, Outcome, SeatState
from dialer_core.rules.facts import RefusalCode
from dialer_core.rules.profiles import LockoutMode


class Utc(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python, `timestamptz` on PostgreSQL, sortable text on SQLite.

    A naive datetime raises ValueError: a guess of its zone would be a wrong calling hour one day.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


class ContactStatus(StrEnum):
    """Where a contact stands; saved by value."""

    FRESH = "fresh"  # nobody has asked for it yet
    WAITING = "waiting"  # may be dialled from `next_at` on
    CALL_BACK = "call_back"  # promised for `next_at`, goes before all others
    UNCODED = "uncoded"  # an agent spoke to the person, the outcome is outstanding
    HELD = "held"  # the gate refuses without a known end; a new register or setting frees it
    CLOSED = "closed"  # done with


class Ground(StrEnum):
    """What allows a call that needs more than nothing against it; saved by value."""

    CONSENT = "consent"  # to these calls, with proof
    HOURS = "hours"  # to be called at such an hour
    PUBLIC_DIRECTORY = "public_directory"
    ONGOING_CONTRACT = "ongoing_contract"


class NumberStatus(StrEnum):
    """Whether a number may still be tried; saved by value."""

    OPEN = "open"
    RETIRED = "retired"  # the network said that it does not exist, or it is a fax


class ThirdKind(StrEnum):
    """How a third party was called; saved by value."""

    CONSULT = "consult"
    BLIND = "blind"


class EventKind(StrEnum):
    """What a window wants of the dialler; saved by value."""

    OPENED = "opened"
    CLOSED = "closed"
    AVAILABLE = "available"
    PAUSE = "pause"
    PREVIEW_DRAWN = "preview_drawn"
    PREVIEW_ACCEPT = "preview_accept"
    PREVIEW_SKIP = "preview_skip"
    OUTCOME = "outcome"
    CAMPAIGN = "campaign"
    STAGE = "stage"  # how far a call has come
    CALL = "call"  # something with the call in hand: hold, transfer, keys, recording
    MANUAL_DIAL = "manual_dial"
    SUPERVISE = "supervise"


def by_value(kind: type[StrEnum], name: str) -> Enum:
    """A column type that stores the enum's values as text, with a CHECK named after it."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


Hash = LargeBinary(32)  # keyed SHA-256 of a number

_ENUMS: dict[type[StrEnum], str] = {
    Mode: "mode",
    SeatState: "seat_state",
    CallStage: "call_stage",
    Outcome: "outcome",
    FormulaClass: "formula_class",
    PreviewTimeout: "preview_timeout",
    RefusalCode: "refusal_code",
    ContactStatus: "contact_status",
    NumberStatus: "number_status",
    EventKind: "event_kind",
    LockoutMode: "lockout_mode",
    Direction: "direction",
    Arrangement: "arrangement",
    Listening: "listening",
    RecordingPolicy: "recording_policy",
    RecordingState: "recording_state",
    ThirdStage: "third_stage",
    ThirdKind: "third_kind",
    AskedByKey: "asked_by_key",
    ListOrder: "list_order",
}

_TYPES: dict[Any, TypeEngine[Any]] = {
    datetime: Utc(),
    bytes: Hash,
    dict[str, object]: JSON(),
    dict[str, bool]: JSON(),
    list[str]: JSON(),
    list[int]: JSON(),
    list[list[str]]: JSON(),
    list[list[object]]: JSON(),
    list[dict[str, object]]: JSON(),
    **{kind: by_value(kind, name) for kind, name in _ENUMS.items()},
}


class Base(DeclarativeBase):
    """All tables; constraints are named so that a later migration can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = _TYPES
