"""When the trunk itself is in trouble, and when it is worth trying again. Pure.

After a run of refusals that speak of the trunk and not of a person, the calls that are up are taken
for all that it carries. A call that ends is replaced; one more tries after a pause that doubles
each time. Once that one gets through, more and more try at once, until the trunk is well again.
"""

from __future__ import annotations

import math

REFUSALS = {
    401: "the trunk does not accept our name and password (401): check them with your provider",
    407: "the trunk does not accept our name and password (407): check them with your provider",
    403: "the trunk refuses our calls (403): ask your provider about balance and caller's number",
    408: "the trunk does not answer (408): check its address and your network",
    488: "the trunk takes none of our kinds of sound (488): ask your provider which it takes",
    503: "the trunk is full or out of order (503): fewer lines, or ask your provider",
    500: "the trunk reports a fault of its own (500): ask your provider",
}
BURST = 3  # calls in a row without one that got through
BURST_S = 60.0  # refusals further apart than this are no run
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
ENOUGH = 16  # so many have got through beyond what the trunk carried: it is well again
_CANCELLED = 487


class TrunkWatch:
    """What one campaign's calls have told of the trunk. Times in seconds on one monotonic scale."""

    def __init__(self) -> None:
        self._status = 0
        self._refused = 0  # in a row
        self._last_s = -math.inf  # the latest of them
        self._on_way: set[str] = set()  # launched, and nothing heard of yet
        self._up: set[str] = set()  # got through, and not over
        self._carries: int | None = None  # calls at once; None: no trouble
        self._step = 1  # so many more may try at once
        self._pauses = 0  # without one that got through beyond what the trunk carries
        self._resume_s = -math.inf

    # --- what happens -----------------------------------------------------------------------

    def launched(self, attempt: str) -> None:
        """A call is on its way."""
        self._on_way.add(attempt)

    def got_through(self, attempt: str) -> None:
        """It rings, or somebody has answered: the trunk has taken it."""
        self._on_way.discard(attempt)
        self._up.add(attempt)
        self._refused = 0
        if self._carries is not None and len(self._up) > self._carries:
            self._carries = len(self._up)
            self._pauses, self._resume_s = 0, -math.inf
            self._step += 1
            if self._step >= ENOUGH:
                self._carries = None

    def gone(self, attempt: str) -> None:
        """The call is over, or never left."""
        self._on_way.discard(attempt)
        self._up.discard(attempt)

    def ended(self, attempt: str, status: int, *, rang: bool, now_s: float) -> None:
        """A call is over with a final SIP status; `rang`: something came back from beyond."""
        if attempt not in self._up:
            if not rang and status in REFUSALS:
                self._refuse(status, now_s)
            elif rang or (status >= 400 and status != _CANCELLED):  # it was passed on
                self.got_through(attempt)
        self.gone(attempt)

    def _refuse(self, status: int, now_s: float) -> None:
        if self._carries is None and now_s - self._last_s > BURST_S:
            self._refused = 0
        self._refused, self._last_s, self._status = self._refused + 1, now_s, status
        if self._carries is None:
            if self._refused < BURST:
                return
            self._pauses = 0
        self._carries = len(self._up)
        self._step = 1
        if now_s >= self._resume_s:  # else the pause is for this one, too
            pause_s = min(FIRST_PAUSE_S * 2.0 ** min(self._pauses, 30), LONGEST_PAUSE_S)
            self._pauses += 1
            self._resume_s = now_s + pause_s

    # --- what follows -----------------------------------------------------------------------

    def room(self, now_s: float) -> int | None:
        """How many calls may be launched now; None: the trunk sets no limit."""
        if self._carries is None:
            return None
        tries = self._step if now_s >= self._resume_s else 0
        return max(0, self._carries + tries - len(self._up) - len(self._on_way))

    def next_try_s(self, now_s: float) -> float | None:
        """When the pause is over; None where there is none."""
        is_pause = self._carries is not None and now_s < self._resume_s
        return self._resume_s if is_pause else None

    def reason(self, now_s: float) -> str:
        """Why nothing may be launched now, in a sentence."""
        left_s = self._resume_s - now_s
        if left_s > 0.0:
            return f"The trunk refuses calls ({self._status}); next try in {left_s:.0f} s."
        return f"The trunk refused calls ({self._status}); it is being tried."

    @property
    def trouble(self) -> str:
        """What is wrong, for a notice; empty while calls get through."""
        is_lasting = self._carries is not None and self._refused > BURST
        return REFUSALS[self._status] if is_lasting else ""
