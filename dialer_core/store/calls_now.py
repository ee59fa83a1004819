"""A floor's calls and dialler as they stand at this moment, in counts; for who measures them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select

from dialer_core.clock import Instant
from dialer_core.model.states import CallStage
from dialer_core.store import lease
from dialer_core.store.owner import OneThread
from dialer_core.store.schema import AttemptRow, DiallerLeaseRow, LineRow

_OPEN: Final = select(func.count()).where(AttemptRow.stage != CallStage.ENDED)
_ANSWERED: Final = select(func.count()).where(
    AttemptRow.stage.in_((CallStage.MESSAGE, CallStage.TALKING))
)
_LEASE: Final = select(DiallerLeaseRow.__table__)


class CallsNow(OneThread):
    """Looks at the floor; belongs to the one thread that uses it first."""

    def in_progress(self) -> int:
        """Attempts that are open."""
        with self._reading() as connection:
            return connection.scalar(_OPEN) or 0

    def answered(self) -> int:
        """Calls in which somebody listens."""
        with self._reading() as connection:
            return connection.scalar(_ANSWERED) or 0

    def lease(self) -> tuple[int, str]:
        """The epoch, and who dials under it or did last."""
        with self._reading() as connection:
            row = connection.execute(_LEASE).first()
        return (0, "") if row is None else (row.epoch, row.holder)

    def is_held(self, now: Instant) -> bool:
        """Whether somebody may dial."""
        with self._reading() as connection:
            return lease.holder(connection, now) != ""

    def line_epochs(self) -> list[int]:
        """Under which epoch each line was noted."""
        with self._reading() as connection:
            return list(connection.scalars(select(LineRow.epoch)))

    def attempt_ids(self) -> frozenset[str]:
        """All attempts that are on the record."""
        with self._reading() as connection:
            return frozenset(connection.scalars(select(AttemptRow.id)))
