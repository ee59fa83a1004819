"""Beside the floor's window: clears what killed imports left, and watches the registers' age."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Final

from app import holder
from app.desk import register_view
from app.desk.notice_watch import Notices, NoticeWatch, OnFloor
from dialer_core.clock import Clock
from dialer_core.store.address import Place
from dialer_core.store.importing import ImportStore
from dialer_core.store.registers import RegisterStore

LOOK_S: Final = 30.0


class RegisterWatch(NoticeWatch):
    """Tells the notices of registers; `look` where a copy was loaded."""

    def __init__(
        self,
        database: Place | Callable[[], Place],
        clock: Clock,
        is_dead: Callable[[str], bool] = holder.is_dead,
    ) -> None:
        """`database`: the floor's place, or what tells it whenever it is opened."""

        def open_store(place: Place) -> RegisterStore:
            """Whoever opens the window finds no list that is half in."""
            with closing(ImportStore(place, holder.describe_self(), is_dead)) as store:
                store.clear_dead(clock.now())
            return RegisterStore(place)

        def tell(store: RegisterStore) -> Notices:
            now = clock.now()
            return register_view.notices(store.ages(now), now)

        floor = OnFloor(database if callable(database) else lambda: database, open_store, tell)
        super().__init__("registers", LOOK_S, floor.find, floor.close)
