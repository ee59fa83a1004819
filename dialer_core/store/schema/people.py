"""The people on the lists, and the registers of those who must not be called."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from dialer_core.model.states import Outcome
from dialer_core.store.schema.base import Base, ContactStatus, NumberStatus

_FREE = text("leased_by_epoch IS NULL")
_HAS_REFERENCE = text("reference <> ''")
_OWNED = text("call_back_agent_id IS NOT NULL")


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
    state: Mapped[str] = mapped_column(String(16), server_default="done")  # an ImportState
    region: Mapped[str] = mapped_column(String(8), server_default="")
    encoding: Mapped[str] = mapped_column(String(32), server_default="")
    duplicates: Mapped[int] = mapped_column(server_default="0")
    on_dnc: Mapped[int] = mapped_column(server_default="0")
    known_elsewhere: Mapped[int] = mapped_column(server_default="0")
    updated: Mapped[int] = mapped_column(server_default="0")
    invalid: Mapped[int] = mapped_column(server_default="0")  # rows without a good number
    made_campaign: Mapped[bool] = mapped_column(server_default=false())  # with the list
    beat_at: Mapped[datetime | None]  # sign of life of the process that imports
    holder: Mapped[str] = mapped_column(String(200), server_default="")  # that process
    undone_at: Mapped[datetime | None]


class ListImportChangeRow(Base):
    """What an import changed of a contact that was known before, so that it can be taken back."""

    __tablename__ = "list_import_changes"
    __table_args__ = (Index(None, "import_id"), Index(None, "contact_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("list_imports.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    # field: [before, after]; "numbers": those that were added
    changes: Mapped[dict[str, list[object]]] = mapped_column(JSON())


class ContactRow(Base):
    """A person to be called. Held by a lease that expires; in a call by a lease without an end."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_next", "campaign_id", "status", "next_at", "id"),
        Index("ix_contacts_leased", "leased_by_epoch", "lease_expires_at"),
        Index("ix_contacts_import_id", "import_id", "id"),
        Index("ix_contacts_list_id", "list_id", "id"),
        Index(
            None, "call_back_agent_id", sqlite_where=_OWNED, postgresql_where=_OWNED
        ),  # an agent's own promises
        Index(
            "ix_contacts_reference",
            "reference",
            sqlite_where=_HAS_REFERENCE,
            postgresql_where=_HAS_REFERENCE,
        ),
        # How far a list is used up, without a look at its rows.
        Index("ix_contacts_count", "campaign_id", "id", "status", "attempts_count"),
        # Who is free, by when they are due and by priority: each next one is one step away.
        Index(
            "ix_contacts_due",
            "list_id",
            "status",
            "next_at",
            "id",
            sqlite_where=_FREE,
            postgresql_where=_FREE,
        ),
        Index(
            "ix_contacts_turn",
            "list_id",
            "status",
            "priority",
            "id",
            sqlite_where=_FREE,
            postgresql_where=_FREE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    list_id: Mapped[int] = mapped_column(ForeignKey("contact_lists.id"))
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
    priority: Mapped[int] = mapped_column(server_default="0")  # higher goes first
    reference: Mapped[str] = mapped_column(String(100), server_default="")  # the office's own
    next_rank: Mapped[int | None]  # the number that is tried first; None: the lowest rank
    call_back_agent_id: Mapped[int | None]  # whose promise it is; None: anybody's
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
    """A number that a client must never call; survives the contact and every import.

    `client_id` None: it holds for all clients of the floor.
    """

    __tablename__ = "suppressions"
    __table_args__ = (UniqueConstraint("client_id", "number_hash"), Index(None, "number_hash"))

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"))
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
    copy: Mapped[int] = mapped_column(server_default="0")  # the last that was begun


class RegistryEntryRow(Base):
    """A number on a register."""

    __tablename__ = "registry_entries"

    number_hash: Mapped[bytes] = mapped_column(primary_key=True)
    registry_id: Mapped[str] = mapped_column(ForeignKey("registries.id"), primary_key=True)
    since_copy: Mapped[int] = mapped_column(server_default="0")  # the copy that brought it
    copy: Mapped[int] = mapped_column(server_default="0")  # the last copy in which it stood
