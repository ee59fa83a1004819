"""The people on the lists, and the registers of those who must not be called."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dialer_core.model.states import Outcome
from dialer_core.store.schema.base import Base, ContactStatus, NumberStatus


class ContactListRow(Base):
    """A list of people of one campaign."""

    __tablename__ = "contact_lists"
    __table_args__ = (UniqueConstraint("campaign_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    name: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


class ListImportRow(Base):
    """One import into a list: what came and what was taken."""

    __tablename__ = "list_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("contact_lists.id"), index=True)
    source: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    rows_read: Mapped[int]
    rows_taken: Mapped[int]
    refused: Mapped[list[list[object]]]  # [row, sentence], the first hundred


class ContactRow(Base):
    """A person to be called. Held by a lease that expires; in a call by a lease without an end."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_next", "campaign_id", "status", "next_at", "id"),
        Index("ix_contacts_leased", "leased_by_epoch"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    list_id: Mapped[int] = mapped_column(ForeignKey("contact_lists.id"), index=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("list_imports.id"))
    name: Mapped[str] = mapped_column(String(200))
    town: Mapped[str] = mapped_column(String(100))
    details: Mapped[list[list[str]]]  # [label, value] in the order in which they are shown
    zones: Mapped[list[str]]  # candidate time zones, the likeliest first; empty: not known
    region: Mapped[str] = mapped_column(String(8))  # ISO country of the number
    grounds: Mapped[list[str]]  # Ground values: what the person has agreed to, for the gate
    status: Mapped[ContactStatus]
    status_reason: Mapped[str] = mapped_column(String(64))  # the gate's code while held
    next_at: Mapped[datetime | None]
    leased_by_epoch: Mapped[int | None]
    lease_expires_at: Mapped[datetime | None]  # None with an epoch: held by an open attempt
    leased_number_id: Mapped[int | None]  # the number that the lease was given for
    last_outcome: Mapped[Outcome | None]
    last_attempt_at: Mapped[datetime | None]
    attempts_count: Mapped[int]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ContactNumberRow(Base):
    """A number of a contact; the lowest rank that is open is tried first."""

    __tablename__ = "contact_numbers"
    __table_args__ = (
        UniqueConstraint("contact_id", "rank"),
        Index(None, "number_hash"),
        Index(None, "e164"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    rank: Mapped[int]
    e164: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(32))
    status: Mapped[NumberStatus]
    number_hash: Mapped[bytes]


class SuppressionRow(Base):
    """A number that a client must never call; survives the contact and every import."""

    __tablename__ = "suppressions"
    __table_args__ = (UniqueConstraint("client_id", "number_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    number_hash: Mapped[bytes]
    reason: Mapped[str] = mapped_column(String(200))
    attempt_id: Mapped[str | None] = mapped_column(String(26))
    at: Mapped[datetime]


class RegistryRow(Base):
    """A national register that was loaded, and how old it is."""

    __tablename__ = "registries"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    as_of: Mapped[datetime]
    loaded_at: Mapped[datetime]
    entries: Mapped[int]


class RegistryEntryRow(Base):
    """A number on a register."""

    __tablename__ = "registry_entries"

    number_hash: Mapped[bytes] = mapped_column(primary_key=True)
    registry_id: Mapped[str] = mapped_column(ForeignKey("registries.id"), primary_key=True)
