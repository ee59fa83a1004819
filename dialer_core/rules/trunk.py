"""When the trunk itself is in trouble, and when it is worth trying again. Pure."""

from __future__ import annotations

from dataclasses import dataclass

REFUSALS = {
    401: "the trunk does not accept our name and password (401): check them with your provider",
    407: "the trunk does not accept our name and password (407): check them with your provider",
    403: "the trunk refuses our calls (403): ask your provider about balance and caller's number",
    408: "the trunk does not answer (408): check its address and your network",
    503: "the trunk is full or out of order (503): fewer lines, or ask your provider",
    500: "the trunk reports a fault of its own (500): ask your provider",
}
BURST = 3  # calls in a row without one that rang
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 60.0


@dataclass(frozen=True, slots=True)
class TrunkChange:
    """The trunk's state has changed; an empty sentence says that dialling may go on."""

    sentence: str


class TrunkWatch:
    """Counts calls in a row that the trunk refused, and backs off twice as long each time."""

    def __init__(self) -> None:
        self._refused = 0
        self._pause_s = FIRST_PAUSE_S
        self._resume_at: float | None = None

    def ended(self, sip_status: int, rang: bool, now_s: float) -> TrunkChange | None:
        """A call ended with `sip_status`; `rang`: something came back from the person's side."""
        if rang or sip_status not in REFUSALS:
            self._refused = 0
            self._pause_s = FIRST_PAUSE_S
            return None
        self._refused += 1
        if self._refused < BURST or self._resume_at is not None:
            return None
        self._resume_at = now_s + self._pause_s
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        return TrunkChange(REFUSALS[sip_status])

    def tick(self, now_s: float) -> TrunkChange | None:
        """The pause may be over: try again; one refused call is then enough to pause again."""
        if self._resume_at is None or now_s < self._resume_at:
            return None
        self._resume_at = None
        self._refused = BURST - 1
        return TrunkChange("")
