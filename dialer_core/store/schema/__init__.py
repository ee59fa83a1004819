"""The tables, one module for each part of the floor; importing this package knows them all."""

from __future__ import annotations

from dialer_core.store.schema.base import Base
from dialer_core.store.schema.calls import (
    AttemptRow,
    DayCountRow,
    DecisionRow,
    LockoutRow,
    RefusalRow,
)
from dialer_core.store.schema.campaigns import (
    CampaignRow,
    ClientRow,
    DispositionRow,
    RuleProfileRow,
    SettingRow,
)
from dialer_core.store.schema.floor import (
    AgentEventRow,
    AgentRow,
    AuditRow,
    DiallerLeaseRow,
    LineRow,
    SeatRow,
    SessionRow,
    SessionStateRow,
)
from dialer_core.store.schema.people import (
    ContactListRow,
    ContactNumberRow,
    ContactRow,
    ListImportRow,
    RegistryEntryRow,
    RegistryRow,
    SuppressionRow,
)

__all__ = [
    "AgentEventRow",
    "AgentRow",
    "AttemptRow",
    "AuditRow",
    "Base",
    "CampaignRow",
    "ClientRow",
    "ContactListRow",
    "ContactNumberRow",
    "ContactRow",
    "DayCountRow",
    "DecisionRow",
    "DiallerLeaseRow",
    "DispositionRow",
    "LineRow",
    "ListImportRow",
    "LockoutRow",
    "RefusalRow",
    "RegistryEntryRow",
    "RegistryRow",
    "RuleProfileRow",
    "SeatRow",
    "SessionRow",
    "SessionStateRow",
    "SettingRow",
    "SuppressionRow",
]
