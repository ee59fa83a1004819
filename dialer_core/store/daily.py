"""The purge of each day, and what came of the last one, for the supervisor to read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, func, select

from dialer_core.clock import Instant
from dialer_core.store import settings
from dialer_core.store.owner import OneThread
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.retention import RetentionStore
from dialer_core.store.schema import ErasureRow

SETTING: Final = "last_purge"
WHO: Final = "the day's purge"
SMALL: Final = 15  # of what is taken in one transaction beside calls: some 10 ms


class DayPurge(msgspec.Struct, frozen=True):
    """When it was, how much of each kind went, and which files stayed as they were in use."""

    at: datetime
    taken: dict[str, int]
    stuck: tuple[str, ...] = ()
    erasures: int = 0  # that had waited for a file, and are finished now


def last_purge(connection: Connection) -> DayPurge | None:
    """The last one that came to its end; None before the first."""
    stored = settings.read(connection, SETTING)
    return msgspec.json.decode(stored, type=DayPurge) if stored else None


def open_erasures(connection: Connection) -> int:
    """Erasures of which a file is still to go."""
    left = select(func.count()).where(ErasureRow.finished_at.is_(None))
    return connection.scalar(left) or 0


class DailyStore(OneThread):
    """Purges once a day, and makes up for days on which nobody did."""

    def last(self) -> DayPurge | None:
        """The last one that came to its end."""
        with self._reading() as connection:
            return last_purge(connection)

    def waiting(self) -> int:
        """Erasures of which a file is still to go."""
        with self._reading() as connection:
            return open_erasures(connection)

    def is_due(self, now: Instant) -> bool:
        """Whether none came to its end yet today (UTC)."""
        with self._reading() as connection:
            last = last_purge(connection)
        return last is None or last.at.date() < now.utc.date()

    def purge(
        self, now: Instant, goes_on: Callable[[], bool] = lambda: True, who: str = WHO
    ) -> DayPurge | None:
        """Finish erasures that had to wait, and take what was kept for long enough.

        `goes_on` is asked between two small transactions; on False the rest stays for the next
        time, the day does not count, and the answer is None.
        """
        is_whole = True

        def ask(*_: object) -> bool:
            nonlocal is_whole
            is_whole = is_whole and goes_on()
            return is_whole

        privacy = PrivacyStore(self._database)
        retention = RetentionStore(self._database, SMALL)
        try:
            receipts = privacy.finish_erasures(now)
            found = retention.purge(now, who, ask)
        finally:
            privacy.close()
            retention.close()
        if not is_whole:
            return None
        done = DayPurge(
            now.utc,
            {one.kind.value: one.count for one in found if one.count},
            tuple(name for one in found for name in one.stuck),
            sum(one.is_finished for one in receipts),
        )
        with self._writing() as connection:
            settings.write(connection, SETTING, msgspec.json.encode(done).decode(), now)
        return done
