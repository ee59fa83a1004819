"""Floors with a recorded morning, in throwaway profiles with a keyring in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from app.backup.making import Made, Wanted, make_backup
from app.profile import Profile, open_profile
from app.restore.restoring import Hands, Restored, restore
from app.secrets import Secrets
from dialer_core.clock import Instant, ManualClock
from dialer_core.store.address import Place
from dialer_core.store.opening import open_database
from dialer_core.store.schema import DiallerLeaseRow
from tests.sharing.kit import MemoryRing
from tests.store.recorded_floor import plan_of_day, record_day

COST = 10  # a key in a millisecond
PASSPHRASE = "7KQ2M-9PZ4X-WC3TD-8RB5V-N6HJF"


def go_on(_step: str, _share: float) -> bool:
    return True


@dataclass
class Home:
    """A profile, its keyring, and what is done with it; the morning after the recorded one."""

    profile: Profile
    secrets: Secrets
    clock: ManualClock = field(default_factory=ManualClock)

    @property
    def now(self) -> Instant:
        return self.clock.now()

    def back_up(
        self,
        path: Path,
        tell: Callable[[str, float], bool] = go_on,
        *,
        wanted: Wanted | None = None,
    ) -> Made:
        chosen = wanted or Wanted(path=path)
        return make_backup(
            self.profile, lambda: self.secrets, PASSPHRASE, chosen, tell, self.now.utc, COST
        )

    def restore(
        self,
        path: Path,
        tell: Callable[[str, float], bool] = go_on,
        passphrase: str = PASSPHRASE,
        *,
        is_whole: bool | None = None,
    ) -> Restored:
        hands = Hands(self.profile, lambda: self.secrets, tell, self.now, keeps=False)
        return restore(hands, path, passphrase, is_whole=is_whole)


def open_home(folder: Path) -> Home:
    """An empty one."""
    profile = open_profile(folder)
    home = Home(profile, Secrets(profile.key, MemoryRing()))
    home.clock.advance(86_400)
    return home


def record_morning(place: Place, minutes: float = 12) -> None:
    """Three seats call for some minutes; then everybody has gone home."""
    database = open_database(place, create=True)
    try:
        record_day(database, plan_of_day(3, minutes), people=300)
        with database.writing() as connection:
            connection.execute(
                update(DiallerLeaseRow).values(expires_at=datetime(2026, 3, 3, 12, tzinfo=UTC))
            )
    finally:
        database.close()


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of a file by table, but the log's own last entries."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        return {
            name: connection.execute(f'SELECT * FROM "{name}" ORDER BY 1, 2').fetchall()
            if name not in ("alembic_version",)
            else connection.execute(f'SELECT * FROM "{name}"').fetchall()
            for name in tables
        }


def later(home: Home, days: float) -> None:
    home.clock.advance(timedelta(days=days).total_seconds())
