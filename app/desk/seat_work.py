"""What an agent's desk does away from the window's thread: it reads and writes the floor's store.

`SeatWork` belongs to the worker's thread; only `keep`, `cut_off` and `later` are for either. What
it finds it posts: `Names`, `LoggedIn`, `Found` and `Seen`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.bridge import Bridge, Worker
from app.clock import FloorClock
from app.desk.cut_off import NOT_KEPT, CutOff
from app.errors import KnownError
from dialer_core.model.errors import NotAllowed, StoreTrouble

if TYPE_CHECKING:  # the window is up before the database's library is loaded
    from dialer_core.store.seat import Record, SeatRow, SeatStore, Today

log = logging.getLogger("app.desk.agent")

FEED_S = 0.05
TODAY_S = 5.0  # the agent's own figures, and the window's sign of life


@dataclass(frozen=True, slots=True)
class Names:
    """Who may log in, the preferred one first."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session is open; calls for it carry the token."""

    session_id: int
    token: str


@dataclass(frozen=True, slots=True)
class Found:
    """The floor is there again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The session as the floor has it; no row: nobody is logged in here (any more)."""

    row: SeatRow | None
    record: Record | None
    today: Today | None


class SeatWork:
    """One seat's store and the thread that owns it."""

    def __init__(
        self,
        open_store: Callable[[], SeatStore],
        bridge: Bridge,
        cut_off: CutOff,
        clock: FloorClock,
        watch: Callable[[SeatStore], None],
        preferred_agent: str = "",
    ) -> None:
        """`watch`: what else is looked at each time that the store is."""
        self._open_store = open_store
        self._bridge = bridge
        self.cut_off = cut_off
        self._clock = clock
        self._watch = watch
        self._preferred_agent = preferred_agent
        self.later = Worker("agent store", bridge, self._look, FEED_S)
        self._store: SeatStore | None = None
        self._names: tuple[str, ...] = ()
        self._row: SeatRow | None = None
        self._record: Record | None = None
        self._today: Today | None = None
        self._today_s = -TODAY_S

    # --- life -----------------------------------------------------------------------------

    def open(self) -> None:
        """Where the floor cannot be reached it is tried again later."""
        try:
            self._store = self._open_store()
            self._names = self._names_in(self._store)
        except StoreTrouble as trouble:
            self.close()
            self.cut_off.lost(trouble)
            self._bridge.post_failure(trouble)
            return
        self._bridge.post(Names(self._names))
        self._clock.ahead_s = self._store.clock_off_s(self._clock.own)
        if self.cut_off.found():
            self._bridge.post(Found())

    def _names_in(self, store: SeatStore) -> tuple[str, ...]:
        return tuple(sorted(store.agents(), key=lambda name: name != self._preferred_agent))

    def close(self) -> None:
        """Give the connection back."""
        if self._store is not None:
            self._store.close()
            self._store = None

    # --- what is wanted -------------------------------------------------------------------

    def do(self, work: Callable[[SeatStore], object]) -> None:
        """Carry it out, and read what has become of it; nothing without a store."""
        if self._store is not None:
            with self._noticing():
                work(self._store)
                self.read()

    def log_in(
        self, agent: str, password: str, seat_name: str, uri: str, token: str, is_relief: bool
    ) -> None:
        """Open a session, and tell of it."""
        if self._store is None:
            return
        session_id = self._store.log_in(
            agent, password or None, seat_name, uri, token, self._clock.now(), is_relief=is_relief
        )
        self._bridge.post(LoggedIn(session_id, token))
        self.read()

    def resume(self, session_id: int) -> None:
        """Go on with a session that the phone still has."""
        if self._store is not None and self._store.resume(session_id):
            self.read()

    def keep(self, session_id: int | None, attempt_id: str, code: str, note: str) -> None:
        """Put it into this seat's journal, on whichever thread."""
        if session_id is None:
            return
        try:
            self.cut_off.keep(session_id, attempt_id, code, note)
        except OSError as error:
            log.error("an outcome could not be kept: %s", error.strerror)
            self._bridge.post_failure(KnownError(NOT_KEPT))

    def choose(self, session_id: int | None, attempt_id: str, code: str, note: str) -> None:
        """Kept first, then sent: whatever happens in between, it is not lost."""
        self.keep(session_id, attempt_id, code, note)
        self.do(self._deliver)

    def _deliver(self, store: SeatStore) -> None:
        self.cut_off.deliver(store, lambda said: self._bridge.post_failure(KnownError(said)))

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Notice that the floor is away, or there again; the error goes on to the window."""
        try:
            yield
        except NotAllowed:  # it is there, and says no
            self._is_back()
            raise
        except StoreTrouble as trouble:
            self.cut_off.lost(trouble)
            raise
        self._is_back()

    def _is_back(self) -> None:
        if self.cut_off.found():
            self._bridge.post(Found())

    # --- what is seen ---------------------------------------------------------------------

    def _look(self) -> None:
        if not self.cut_off.is_due:
            return
        if self._store is None:
            if self.cut_off.is_cut:
                self.open()
            return
        with self._noticing():
            self._look_at(self._store)

    def _look_at(self, store: SeatStore) -> None:
        if self.cut_off.has_kept:
            self._deliver(store)
            self._today_s = -TODAY_S
        self._watch(store)
        is_due = self._clock.now().mono_s - self._today_s >= TODAY_S
        if store.changed() or is_due or self.cut_off.is_cut:
            self.read()

    def read(self) -> None:
        """What the floor has of this session, posted where it is another than before."""
        store = self._store
        if store is None:
            return
        now = self._clock.now()
        row = store.read()
        if row is None:
            self._row, self._record = None, None
            self._bridge.post(Seen(None, None, None))
            names = self._names_in(store)
            if names != self._names:  # the supervisor has added somebody, or let go
                self._names = names
                self._bridge.post(Names(names))
            return
        before, self._row = self._row, row
        if row == before and now.mono_s - self._today_s < TODAY_S:
            return
        if before is None or (row.contact_id, row.attempt_id) != (
            before.contact_id,
            before.attempt_id,
        ):
            self._record = None if row.contact_id is None else store.record(row.contact_id)
        if before is None or row.state is not before.state or now.mono_s - self._today_s >= TODAY_S:
            self._today, self._today_s = store.today(now), now.mono_s
        self._bridge.post(Seen(row, self._record, self._today))
