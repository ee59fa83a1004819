"""Learning that the database has changed, without reading a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from dialer_core.store.address import FloorAddress
from dialer_core.store.database import Database
from dialer_core.store.sqlite import DataVersion

if TYPE_CHECKING:
    from dialer_core.store.postgres_feed import ServerFeed


class ChangeFeed:
    """Says whether something was committed since the last question.

    Belongs to one thread. The first question is answered with True: nothing was read yet; so is
    the first after a connection was lost, as what was told meanwhile has not arrived.
    `borrow`: gives the connection of the feed's owner, which then is listened on between its
    transactions; without it the feed has one of its own.
    `is_for_us`: whether a commit of these words (`feed_words`) is a change for who asks here; asked
    on a server only, as a file's commits say nothing.
    """

    def __init__(
        self,
        database: Database,
        borrow: Callable[[], Connection] | None = None,
        is_for_us: Callable[[str], bool] = lambda _words: True,
    ) -> None:
        self._feed: _FileFeed | ServerFeed
        if isinstance(database.place, FloorAddress):
            # What speaks to servers takes a tenth of a second, which a file does without.
            from dialer_core.store.postgres_feed import ServerFeed  # noqa: PLC0415

            self._feed = ServerFeed(database, borrow, is_for_us)
        else:
            self._feed = _FileFeed(database)

    def changed(self) -> bool:
        """True where something was committed since the last call; takes some microseconds.

        While the server cannot be reached the answer stays True: who then reads is told why, and
        connects again.
        """
        return self._feed.changed()

    def close(self) -> None:
        """Give the connection back."""
        self._feed.close()


class _FileFeed:
    """By SQLite's count of commits."""

    def __init__(self, database: Database) -> None:
        self._version = DataVersion(database.path)
        self._last: int | None = None

    def changed(self) -> bool:
        version = self._version.read()
        has_changed = version != self._last
        self._last = version
        return has_changed

    def close(self) -> None:
        self._version.close()
