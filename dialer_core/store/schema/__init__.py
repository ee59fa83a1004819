"""The tables, one module for each part of the floor; importing this package knows them all."""

from __future__ import annotations

from dialer_core.store.schema.base import Base
from dialer_core.store.schema.calls import (
    AttemptRow,
    DayCountRow,
    DecisionRow,
    LockoutRow,
    MachineReviewRow,
    RefusalRow,
)
from dialer_core.store.schema.campaigns import (
    CampaignRow,
    ClientRow,
    DispositionRow,
    MixSourceRow,
    RuleProfileRow,
    SegmentRow,
    SettingRow,
)
from dialer_core.store.schema.control import (
    CallQualityRow,
    RecordingPauseRow,
    RecordingRow,
    SupervisionRow,
    ThirdPartyRow,
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
from dialer_core.store.schema.law import (
    ErasureRow,
    ExperimentExposureRow,
    ExperimentRow,
    ExperimentVariantRow,
    RuleTighteningRow,
    WrittenFileRow,
)
from dialer_core.store.schema.people import (
    ContactListRow,
    ContactNumberRow,
    ContactRow,
    ListImportChangeRow,
    ListImportRow,
    RegistryEntryRow,
    RegistryRow,
    SuppressionRow,
)
from dialer_core.store.schema.programs import (
    ApiClientRow,
    ResultRow,
    ToldCallBackRow,
    WebhookDeliveryRow,
    WebhookRow,
)

__all__ = [
    "AgentEventRow",
    "AgentRow",
    "ApiClientRow",
    "AttemptRow",
    "AuditRow",
    "Base",
    "CallQualityRow",
    "CampaignRow",
    "ClientRow",
    "ContactListRow",
    "ContactNumberRow",
    "ContactRow",
    "DayCountRow",
    "DecisionRow",
    "DiallerLeaseRow",
    "DispositionRow",
    "ErasureRow",
    "ExperimentExposureRow",
    "ExperimentRow",
    "ExperimentVariantRow",
    "LineRow",
    "ListImportChangeRow",
    "ListImportRow",
    "LockoutRow",
    "MachineReviewRow",
    "MixSourceRow",
    "RecordingPauseRow",
    "RecordingRow",
    "RefusalRow",
    "RegistryEntryRow",
    "RegistryRow",
    "ResultRow",
    "RuleProfileRow",
    "RuleTighteningRow",
    "SeatRow",
    "SegmentRow",
    "SessionRow",
    "SessionStateRow",
    "SettingRow",
    "SupervisionRow",
    "SuppressionRow",
    "ThirdPartyRow",
    "ToldCallBackRow",
    "WebhookDeliveryRow",
    "WebhookRow",
    "WrittenFileRow",
]
