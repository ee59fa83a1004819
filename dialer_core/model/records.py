"""A person on a list as the engine holds them, and the counts of a day."""

from __future__ import annotations

from dataclasses import dataclass

from dialer_core.model.ids import CampaignId, ContactId, NumberId, SessionId
from dialer_core.model.states import Mode


@dataclass(frozen=True, slots=True)
class LeasedRecord:
    """A contact that is leased to the dialler, with the number that is next to be dialled."""

    contact_id: ContactId
    campaign_id: CampaignId
    number_id: NumberId
    number: str  # E.164
    reserved_only: bool = False  # a lock-out allows it with a reserved agent only
    answer_chance: float | None = None  # that anybody or anything answers; None: not known
    is_promised: bool = False  # a call-back that was promised: never passed over
    for_session: SessionId | None = None  # who has promised it, and is the only one to make it
    # What an experiment has for this person instead of the campaign's; None: the campaign's.
    mode: Mode | None = None
    preview_s: float | None = None
    caller_id: str | None = None

    @property
    def needs_seat(self) -> bool:
        """Whether it may be called with a held seat only, by law or by its own mode."""
        return self.reserved_only or self.mode in (Mode.PREVIEW, Mode.PROGRESSIVE)

    def __repr__(self) -> str:
        return f"LeasedRecord(contact_id={self.contact_id}, number_id={self.number_id})"


@dataclass(frozen=True, slots=True)
class DayCounts:
    """The five counts of the abandoned-rate formulas, of one campaign in one window."""

    live: int = 0  # L
    machines: int = 0  # M
    abandoned: int = 0  # Aobs
    detected_machines: int = 0  # AMdet
    detection_false_share: float = 0.0  # p, share of detected machines that were people
