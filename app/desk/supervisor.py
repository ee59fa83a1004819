"""The supervisor's desk: the floor live, and the few switches of a campaign."""

from __future__ import annotations

import getpass
import logging
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import time
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge import Bridge, Worker
from app.desk import supervisor_view
from app.desk.floor_doctor import FloorDoctor
from app.desk.line_shortage import LineShortage
from app.desk.listening_in import ListeningIn
from app.desk.own_phone import MakePhone, OwnPhone
from app.desk.views import FloorPoint, Listening, Mode, SupervisorView
from app.errors import as_known_error
from dialer_core.clock import Clock, Instant
from dialer_core.model.ids import CampaignId
from dialer_core.store.listening import SupervisorPlace
from dialer_core.store.watch import WatchStore

log = logging.getLogger("app.desk.supervisor")

FEED_S = 0.05
REFRESH_S = 0.2  # no more often than so, however much happens
SAMPLE_S = 1.0  # one point of the plots
TILE_S = 10.0  # one point of a sparkline
TILE_POINTS = 60


@dataclass(frozen=True, slots=True)
class _Seen:
    view: SupervisorView | None
    campaign_id: CampaignId | None
    point: FloorPoint | None
    refused: str = ""  # why the last wish to listen was not carried out


class SupervisorDesk(QObject):
    """Everything the supervisor's window needs; lives on the GUI thread."""

    view_changed = Signal(object)
    points_added = Signal(object)
    waiting = Signal(str)
    state_changed = Signal(str)  # a word for the state that the window is in
    failed = Signal(object)

    def __init__(
        self,
        open_store: Callable[[], WatchStore],
        make_phone: MakePhone,
        clock: Clock,
        wait_for: Path | None = None,
    ) -> None:
        super().__init__()
        self._open_store = open_store
        self._clock = clock
        self._wait_for = wait_for
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker("supervisor store", self._bridge, self._look, FEED_S)
        # What follows is touched by the worker's thread only.
        self._store: WatchStore | None = None
        self._read_s = self._sampled_s = self._tiled_s = float("-inf")
        self._history: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=TILE_POINTS))
        self._is_changed = True
        self._doctor = FloorDoctor()
        self._shortage = LineShortage()
        # And this by the GUI thread only.
        self._campaign_id: CampaignId | None = None
        self._law: tuple[str, ...] = ()
        self._backups: tuple[str, ...] = ()
        self._programs: tuple[str, ...] = ()
        phone = OwnPhone(make_phone, self._in_place, self._who, clock)
        phone.failed.connect(self.failed)
        self.listening = ListeningIn(phone, self._want_supervise, clock)

    def start(self) -> None:
        """Open the floor in the background."""
        self.waiting.emit("Opening the floor …")
        self._worker.start()

    def reopen(self) -> None:
        """The floor is at another place now: look there from here on."""
        self._worker.do(self._close)

    def stop(self) -> None:
        self.listening.phone.close()
        self._worker.do(self._close)
        self._worker.stop()

    @property
    def campaign_id(self) -> CampaignId | None:
        """The campaign that the window shows; None while there is none."""
        return self._campaign_id

    @Slot(object)
    def set_law_notices(self, notices: tuple[str, ...]) -> None:
        """What the law is about to stop, or has stopped; shown with the floor's own notices."""
        self._law = notices

    @Slot(object)
    def set_backup_notices(self, notices: tuple[str, ...]) -> None:
        """That the floor has no good backup, or a disk is nearly full; shown likewise."""
        self._backups = notices

    @Slot(object)
    def set_program_notices(self, notices: tuple[str, ...]) -> None:
        """That another program does not take what it is told; shown likewise."""
        self._programs = notices

    # --- the supervisor's verbs -----------------------------------------------------------

    def set_mode(self, mode: str) -> None:
        self._change(
            lambda store, campaign, who: store.set_mode(
                campaign, Mode(mode), who, self._clock.now()
            )
        )

    def set_target(self, target: float) -> None:
        self._change(
            lambda store, campaign, who: store.set_target(campaign, target, who, self._clock.now())
        )

    def set_running(self, is_running: bool) -> None:
        self._change(
            lambda store, campaign, who: store.set_running(
                campaign, is_running, who, self._clock.now()
            )
        )

    def set_lever(self, name: str, is_on: bool) -> None:
        """Switch one of the pacer's levers of this campaign."""
        self._change(
            lambda store, campaign, who: store.set_lever(
                campaign, name, is_on, who, self._clock.now()
            )
        )

    def set_parked_an_hour(self, an_hour: int) -> None:
        """How many wrap-ups of one seat may be interrupted in an hour."""
        self._change(
            lambda store, campaign, who: store.set_parked_an_hour(
                campaign, an_hour, who, self._clock.now()
            )
        )

    def set_borrows_ahead(self, is_on: bool) -> None:
        """Whether drops may be used ahead of the calls that earn them."""
        self._change(
            lambda store, campaign, who: store.set_borrows_ahead(
                campaign, is_on, who, self._clock.now()
            )
        )

    def set_day_ends(self, ends: str) -> None:
        """When the floor goes home ("17:30"); empty: calling ends as the law says."""
        moment = time.fromisoformat(ends) if ends else None
        self._change(
            lambda store, campaign, who: store.set_day_ends(
                campaign, moment, who, self._clock.now()
            )
        )

    def _change(self, work: Callable[[WatchStore, CampaignId, str], None]) -> None:
        if self._campaign_id is not None:
            self._worker.do(self._in_store, work, self._campaign_id)

    @property
    def _who(self) -> str:
        return f"supervisor ({getpass.getuser()})"

    def _want_supervise(
        self, attempt_id: str, how: Listening, session_id: int, now: Instant
    ) -> None:
        self._in_place(lambda store: store.want_supervise(attempt_id, how, session_id, now))

    def _in_place(self, work: Callable[[SupervisorPlace], None]) -> None:
        self._worker.do(self._do_in_place, work)

    # --- on the worker's thread -----------------------------------------------------------

    def _in_store(
        self, work: Callable[[WatchStore, CampaignId, str], None], campaign_id: CampaignId
    ) -> None:
        if self._store is not None:
            work(self._store, campaign_id, self._who)
            self._read()

    def _do_in_place(self, work: Callable[[SupervisorPlace], None]) -> None:
        if self._store is not None:
            work(self._store)

    def _look(self) -> None:
        store = self._store
        if store is None:
            self._open()
            return
        now_s = self._clock.now().mono_s
        self._is_changed = store.changed() or self._is_changed
        is_sample_due = now_s - self._sampled_s >= SAMPLE_S
        if is_sample_due or (self._is_changed and now_s - self._read_s >= REFRESH_S):
            self._read()

    def _open(self) -> None:
        if self._wait_for is not None and not self._wait_for.exists():
            return
        try:
            self._store = self._open_store()
        except Exception as error:
            if self._wait_for is None or as_known_error(error) is None:
                raise
            log.debug("the floor is not ready yet: %s", error)

    def _read(self) -> None:
        store = self._store
        if store is None:
            return
        now = self._clock.now()
        self._is_changed, self._read_s = False, now.mono_s
        snapshot = store.snapshot(now)
        times = store.times(now)
        if snapshot.campaign is None or times is None:
            self._bridge.post(_Seen(None, None, None))
            return
        if now.mono_s - self._tiled_s >= TILE_S:
            self._tiled_s = now.mono_s
            for name, value in supervisor_view.figures(snapshot, times).items():
                if value is not None:
                    self._history[name].append(value)
        point = None
        if now.mono_s - self._sampled_s >= SAMPLE_S:
            self._sampled_s = now.mono_s
            point = supervisor_view.point(snapshot)
        view = supervisor_view.build(snapshot, times, self._history)
        if view is not None:
            short = self._shortage.look(
                snapshot.lines,
                snapshot.lines_in_use,
                supervisor_view.free_seats(snapshot),
                now.mono_s,
            )
            notices = (*view.notices, short) if short else view.notices
            view = replace(view, advice=self._doctor.examine(snapshot, now), notices=notices)
        refused = self.listening.phone.keep(store) or ""
        self._bridge.post(_Seen(view, snapshot.campaign.id, point, refused))

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    # --- on the GUI thread ----------------------------------------------------------------

    @Slot(object)
    def _arrived(self, seen: _Seen) -> None:
        self._campaign_id = seen.campaign_id
        if seen.view is None:
            self.waiting.emit(supervisor_view.NO_CAMPAIGN)
            return
        if seen.point is not None:
            self.points_added.emit([seen.point])
        self.listening.refused(seen.refused)
        own_session_id = self.listening.phone.session_id
        notices = (*seen.view.notices, *self._law, *self._backups, *self._programs)
        self.view_changed.emit(replace(seen.view, own_session_id=own_session_id, notices=notices))
        self.state_changed.emit(_state_word(seen.view))

    @Slot(object)
    def _failed(self, error: BaseException) -> None:
        known = as_known_error(error)
        if known is None:
            log.error("a job of the desk failed", exc_info=error)
            self.failed.emit(error)
        else:
            self.waiting.emit(known.sentence)


def _state_word(view: SupervisorView) -> str:
    if not view.is_dialler_alive:
        return "no-dialler"
    if not view.is_running:
        return "paused"
    return view.mode.value if view.seats else "empty"
