"""Other programs beside the floor: who they are, what they were told and are still to hear."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from dialer_core.store.schema.base import Base

_IN_USE = text("removed_at IS NULL")


class ApiClientRow(Base):
    """A program that may ask this floor; its token is known by its hash alone."""

    __tablename__ = "api_clients"
    __table_args__ = (
        Index(
            "uq_api_clients_name", "name", unique=True,
            sqlite_where=_IN_USE, postgresql_where=_IN_USE,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[bytes] = mapped_column(unique=True)  # SHA-256
    rights: Mapped[list[str]]  # store.clients_api.Right values
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]  # to the minute
    removed_at: Mapped[datetime | None]


class WebhookRow(Base):
    """Where a program is told of what happens, and how well that goes."""

    __tablename__ = "webhooks"

    client_id: Mapped[int] = mapped_column(ForeignKey("api_clients.id"), primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str]]  # store.webhooks.Happening values
    is_private: Mapped[bool]  # whether it may stand in the office's own network
    set_at: Mapped[datetime]
    result_seen: Mapped[int]  # the last number of `results` that was looked at
    suppression_seen: Mapped[int]  # the last id of `suppressions` that was looked at
    failures: Mapped[int]  # one after the other; 0 once something arrived
    failing_since: Mapped[datetime | None]
    next_at: Mapped[datetime | None]  # not tried again before
    stopped_at: Mapped[datetime | None]  # it has failed for too long
    trouble: Mapped[str] = mapped_column(String(200))  # why the last one did not arrive
    delivered_at: Mapped[datetime | None]


class WebhookDeliveryRow(Base):
    """Something that a program is still to be told, in the order of the ids; gone once it was.

    It names its subject only, so that nothing of an erased person waits here. Programs know what
    they have heard by its id, so none is given out twice.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index(None, "client_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("api_clients.id"))
    event: Mapped[str] = mapped_column(String(32))  # a store.webhooks.Happening
    subject: Mapped[str] = mapped_column(String(26))  # id of attempt, contact or suppression
    due: Mapped[datetime | None]  # of a call-back
    at: Mapped[datetime]


class ToldCallBackRow(Base):
    """The call-back of a contact that programs were told of last."""

    __tablename__ = "told_call_backs"

    contact_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due: Mapped[datetime]


class ResultRow(Base):
    """An attempt as other programs count them: numbered once nothing more is to come of it."""

    __tablename__ = "results"

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    number: Mapped[int | None] = mapped_column(unique=True)
