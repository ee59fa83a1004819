"""What is known of one attempt, as it grows; becomes `CallEnded` and the snapshot's `LineCall`."""

from __future__ import annotations

from typing import Literal

from sip.leg import LegEnd, LegResponse
from sip.messages import CallEnded, LineCall, Originate, Stamp

PERSON_REFUSED = frozenset({486, 600, 603, 607})
EndedBy = Literal["person", "agent", "line", "dialler", "network"]
Stage = Literal["dialling", "ringing", "waiting", "connecting", "talking", "message"]


class CallRecord:
    """The moments and facts of one attempt. Pure: it does nothing but remember."""

    def __init__(self, order: Originate, invite_at: Stamp) -> None:
        self.order = order
        self.invite_at = invite_at
        self.progress_at: Stamp | None = None
        self.ringing_at: Stamp | None = None
        self.early_media_at: Stamp | None = None
        self.answered_at: Stamp | None = None
        self.bridged_at: Stamp | None = None
        self.message_at: Stamp | None = None
        self.session_id: int | None = None
        self.sip_call_id = ""
        self.has_response = False
        self.is_cancelled = False
        self.cancelled_at: Stamp | None = None
        self.is_crossed = False
        self.ended_by: EndedBy | None = None
        self.reason = ""

    @property
    def ring_since(self) -> Stamp | None:
        """Ringing counts from the 180, else from the first 18x, never from the INVITE."""
        return self.ringing_at or self.progress_at

    def note_progress(self, response: LegResponse) -> bool:
        """Remember an 18x; True if it is the first, the first 180, or the first with sound."""
        is_news = self.progress_at is None
        self.progress_at = self.progress_at or response.at
        if response.status == 180 and self.ringing_at is None:
            self.ringing_at, is_news = response.at, True
        if response.has_sdp and self.early_media_at is None:
            self.early_media_at, is_news = response.at, True
        return is_news

    def stage(self, *, has_agent: bool, is_talking: bool) -> Stage:
        """The stage's name for a snapshot."""
        if self.message_at is not None:
            return "message"
        if self.answered_at is None:
            return "ringing" if self.progress_at is not None else "dialling"
        if is_talking:
            return "talking"
        return "connecting" if has_agent else "waiting"

    def snapshot(self, stage: Stage) -> LineCall:
        return LineCall(
            attempt_id=self.order.attempt_id,
            stage=stage,
            invite_at=self.invite_at,
            ringing_at=self.ringing_at,
            answered_at=self.answered_at,
            bridged_at=self.bridged_at,
            message_at=self.message_at,
            session_id=self.session_id,
            gateway=self.order.gateway.name,
        )

    def ended(self, end: LegEnd, at: Stamp) -> CallEnded:
        """All that is known, now that the customer's leg ended with `end`."""
        return CallEnded(
            seq=0,
            at=at,
            attempt_id=self.order.attempt_id,
            status=self._status(end),
            reason=self.reason or end.reason,
            q850=end.q850,
            ended_by=self.ended_by or self._who(end),
            crossed=self.is_crossed,
            message_played=self.message_at is not None,
            invite_at=self.invite_at,
            progress_at=self.progress_at,
            ringing_at=self.ringing_at,
            early_media_at=self.early_media_at,
            answered_at=self.answered_at,
            bridged_at=self.bridged_at,
            message_at=self.message_at,
            session_id=self.session_id,
            sip_call_id=self.sip_call_id,
            gateway=self.order.gateway.name,
            cancelled_at=self.cancelled_at,
        )

    def _status(self, end: LegEnd) -> int:
        if self.answered_at is not None:
            return 200
        if self.is_cancelled:
            return 487 if self.has_response else 408
        return end.status

    def _who(self, end: LegEnd) -> EndedBy:
        if end.by != "them":
            return "network"
        is_person = self.answered_at is not None or end.status in PERSON_REFUSED
        return "person" if is_person else "network"
