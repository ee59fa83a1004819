"""A seat whose floor cannot be reached: what it keeps meanwhile, what it says, when it tries again.

Belongs to the desk's two threads: the worker asks `is_due`, `lost`, `found` and `deliver`; what
was chosen is kept from either.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from app.desk.outcome_journal import KeptOutcome, OutcomeJournal
from app.errors import as_known_error
from dialer_core.clock import Clock, Instant
from dialer_core.model.errors import StoreTrouble

if TYPE_CHECKING:  # the window is up before the database's library is loaded
    from dialer_core.store.seat import SeatStore

log = logging.getLogger("app.desk.cut_off")

RETRY_S: Final = 1.0  # between two tries to reach the floor
CUT_OFF: Final = (
    "Not connected to the floor. A call in hand goes on; its outcome is kept here and sent when "
    "the floor is back."
)
KEPT: Final = (
    "Not connected to the floor. Your outcome is kept here and sent when the floor is back."
)
NOT_KEPT: Final = (
    "Your outcome could not be kept on this PC: make room on its disk, and choose it again when "
    "the floor is back."
)


class CutOff:
    """Whether the floor is there, and the outcomes that it does not have yet."""

    def __init__(self, clock: Clock, journal: OutcomeJournal) -> None:
        self._clock, self._journal = clock, journal
        self._tried_s = float("-inf")
        self.is_cut = False

    @property
    def notice(self) -> str:
        """What the window says; "" while the floor is there."""
        if not self.is_cut:
            return ""
        return KEPT if any(one.code for one in self._journal.kept) else CUT_OFF

    @property
    def is_due(self) -> bool:
        """Whether the floor may be asked for now; while it is away it is asked now and then."""
        now_s = self._clock.now().mono_s
        if self.is_cut and now_s - self._tried_s < RETRY_S:
            return False
        self._tried_s = now_s
        return True

    def lost(self) -> bool:
        """The floor did not answer; True where it did before."""
        was_there, self.is_cut = not self.is_cut, True
        self._tried_s = self._clock.now().mono_s
        if was_there:
            log.warning("the floor cannot be reached")
        return was_there

    def found(self) -> bool:
        """The floor has answered; True where it did not before."""
        was_cut, self.is_cut = self.is_cut, False
        if was_cut:
            log.info("the floor is there again")
        return was_cut

    @property
    def has_kept(self) -> bool:
        """Whether something is still to be sent."""
        return bool(self._journal.kept)

    # --- outcomes -------------------------------------------------------------------------

    def keep(self, session_id: int, attempt_id: str, code: str, note: str) -> KeptOutcome:
        """On the disk, before anything is tried. KnownError where it cannot be written."""
        at_s = self._clock.now().utc.timestamp()
        chosen = KeptOutcome(attempt_id, session_id, code, note, at_s)
        self._journal.keep(chosen)
        return chosen

    def deliver(self, store: SeatStore, tell: Callable[[str], None]) -> int:
        """Send what is kept; how many are on the record now. StoreTrouble leaves the rest kept."""
        done = 0
        for kept in self._journal.kept:
            try:
                stands = store.deliver_outcome(
                    kept.session_id,
                    kept.attempt_id,
                    kept.code,
                    kept.note,
                    self._instant(kept.at_utc_s),
                    None
                    if kept.call_back_utc_s is None
                    else datetime.fromtimestamp(kept.call_back_utc_s, UTC),
                    is_mine=kept.is_mine,
                )
            except StoreTrouble:
                raise
            except Exception as error:
                known = as_known_error(error)
                if known is None:
                    raise
                log.warning("a kept outcome was not taken: %s", known.sentence)
                tell(f"What was kept here for one call was not taken: {known.sentence}")
            else:
                done += stands
            self._journal.delivered(kept)
        if done:
            log.info("%d kept outcomes were delivered", done)
        return done

    def _instant(self, utc_s: float) -> Instant:
        now = self._clock.now()
        moment = datetime.fromtimestamp(utc_s, UTC)
        return Instant(now.mono_s - (now.utc - moment).total_seconds(), moment)
