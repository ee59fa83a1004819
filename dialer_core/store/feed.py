"""Learning that the database has changed, without reading a table."""

from __future__ import annotations

from dialer_core.store.database import Database
from dialer_core.store.sqlite import DataVersion


class ChangeFeed:
    """Says whether another connection has committed since the last question.

    Belongs to one thread. The first question is answered with True: nothing was read yet.
    """

    def __init__(self, database: Database) -> None:
        self._version = DataVersion(database.path)
        self._last: int | None = None

    def changed(self) -> bool:
        """True where something was committed since the last call; takes some microseconds."""
        version = self._version.read()
        has_changed = version != self._last
        self._last = version
        return has_changed

    def close(self) -> None:
        """Give the connection back."""
        self._version.close()
