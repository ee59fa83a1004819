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
from dialer_core.model.errors import DiskFull, NotAllowed, StoreTrouble

if TYPE_CHECKING:  # the window is up before the database's library is loaded
    from dialer_core.store.seat import SeatStore

log = logging.getLogger("app.desk.cut_off")

RETRY_S: Final = 1.0  # between two tries to reach the floor
FULL_S: Final = 15.0  # a window writes its sign of life every ten seconds, and finds out then
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
NOT_ALLOWED: Final = (
    "The floor does not take an outcome that was kept on this PC. Tell your supervisor; it stays "
    "here, and is sent once more when this program starts again."
)


class CutOff:
    """Whether the floor is there, and the outcomes that it does not have yet."""

    def __init__(self, clock: Clock, journal: OutcomeJournal) -> None:
        self._clock, self._journal = clock, journal
        self._tried_s = float("-inf")
        self._refused: set[KeptOutcome] = set()  # the next window tries them again
        self.is_cut = False
        self._full, self._full_s = "", float("-inf")  # what is said of a full disk, and since when

    @property
    def notice(self) -> str:
        """What the window says; "" while the floor is there."""
        # It may be read all the same: the next word of the floor does not mean that there is room.
        if self._full and self._clock.now().mono_s - self._full_s < FULL_S:
            return self._full
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

    def lost(self, trouble: StoreTrouble | None = None) -> bool:
        """The floor did not answer, or cannot write; True where it could before."""
        if isinstance(trouble, DiskFull):
            self._full, self._full_s = trouble.sentence, self._clock.now().mono_s
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
        return not self._refused.issuperset(self._journal.kept)

    # --- outcomes -------------------------------------------------------------------------

    def keep(self, session_id: int, attempt_id: str, code: str, note: str) -> KeptOutcome:
        """On the disk, before anything is tried. KnownError where it cannot be written."""
        at_s = self._clock.now().utc.timestamp()
        chosen = KeptOutcome(attempt_id, session_id, code, note, at_s)
        self._journal.keep(chosen)
        return chosen

    def deliver(self, store: SeatStore, tell: Callable[[str], None]) -> int:
        """Send what is kept; how many are on the record now. StoreTrouble leaves the rest kept.

        One that the floor does not allow stays kept, and holds up no other.
        """
        done = 0
        for kept in self._journal.kept:
            if kept in self._refused:
                continue
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
            except NotAllowed as refusal:
                self._refused.add(kept)
                log.warning("a kept outcome was not allowed: %s", refusal.sentence)
                tell(NOT_ALLOWED)
                continue
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
