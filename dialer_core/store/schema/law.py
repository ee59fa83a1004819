"""What the law's records need: tighter rules, erasures, written files, experiments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dialer_core.store.schema.base import Base


class RuleTighteningRow(Base):
    """Rules that a client or a campaign has made tighter than the law; the newest row counts.

    Rows are never changed: an attempt's profile version names them (".../t7").
    """

    __tablename__ = "rule_tightenings"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"), index=True)
    body: Mapped[dict[str, object]]  # a rules.tightening.Tightening
    who: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]


class WrittenFileRow(Base):
    """A file with people's data that this program has written, so that it can be found again."""

    __tablename__ = "written_files"
    __table_args__ = (Index(None, "removed_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))  # a store.privacy.FileKind
    path: Mapped[str] = mapped_column(String(500))
    import_id: Mapped[int | None]  # no reference: an import that is given up leaves no row
    contact_ids: Mapped[list[int]]  # of whom it tells; empty: of many
    who: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class ErasureRow(Base):
    """A person who was erased: what was to be done, and the receipt once it is done."""

    __tablename__ = "erasures"
    __table_args__ = (Index(None, "finished_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_ids: Mapped[list[int]]
    number_hashes: Mapped[list[str]]  # keyed, as hexadecimal
    pending: Mapped[list[list[str]]]  # [kind, path] of files that are still to go
    receipt: Mapped[dict[str, object]]
    reason: Mapped[str] = mapped_column(String(200))
    who: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ExperimentRow(Base):
    """A question put to chance: which of several ways to call does better."""

    __tablename__ = "experiments"
    __table_args__ = (UniqueConstraint("campaign_id", "name"), Index(None, "campaign_id", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(32))  # a lists.experiments.Kind
    metric: Mapped[str] = mapped_column(String(32))  # a lists.experiments.Metric
    alpha: Mapped[float]
    planned: Mapped[int]  # people after whom it ends without a winner
    state: Mapped[str] = mapped_column(String(16))  # a store.variants.State
    why: Mapped[str] = mapped_column(String(500))  # how it ended
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ExperimentVariantRow(Base):
    """One of the ways; the first is the one that the others are held against."""

    __tablename__ = "experiment_variants"
    __table_args__ = (UniqueConstraint("experiment_id", "name"),)

    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    value: Mapped[str]
    weight: Mapped[float]


class ExperimentExposureRow(Base):
    """A person's first call under an experiment: the one that counts."""

    __tablename__ = "experiment_exposures"

    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True, index=True)
    position: Mapped[int]
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempts.id"), index=True)
    at: Mapped[datetime]
