"""The agent's desk: what one person at one seat can see and do.

Joins three truths into one view: the session as the floor has it (database), the call as the
phone has it (engine process), and the record on the screen. Where the phone knows more than the
database (the call has just ended and no dialler lives to say so), the phone is believed.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge import Bridge
from app.clock import FloorClock, clock_words
from app.desk import agent_view
from app.desk.call_side import CallSide
from app.desk.cut_off import CutOff
from app.desk.outcome_journal import OutcomeJournal
from app.desk.phone_side import Keep, PhoneSide
from app.desk.phone_view import DeviceChoice
from app.desk.rejoining import Rejoining
from app.desk.seat_phone import MakePhone, SeatPhone
from app.desk.seat_work import Found, LoggedIn, Names, SeatWork, Seen
from app.desk.views import AgentView, LoginView, SeatState
from app.errors import as_known_error
from app.practice import PaintLog
from dialer_core.clock import Clock
from dialer_core.model.errors import NotAllowed, StoreTrouble
from sip import messages

if TYPE_CHECKING:  # the window is up before the database's library is loaded
    from dialer_core.store.seat import SeatStore

log = logging.getLogger("app.desk.agent")

SILENT = (
    "You were logged out, as this PC was asleep or off the network. Press Enter to log in again."
)
CLOCK_OFF_S = 5.0
WRONG_CLOCK = (
    "The clock of this PC is {off} the floor's. The floor's time is used; set this PC's right."
)
LOST = "The phone has stopped; it is being started again."
LOST_IN_CALL = "The phone has stopped; it is being started again, and the person hears music."
_EXAMINED = (
    messages.PhoneStatus,
    messages.PhoneQuality,
    messages.SoundChanged,
    messages.PhoneEnded,
)


class AgentDesk(QObject):
    """Everything the agent's window needs; lives on the GUI thread.

    `view_changed(AgentView)` and `login_changed(LoginView)` say what to draw. The other methods
    are the agent's verbs: each returns at once, its effect arrives as a view.
    """

    view_changed = Signal(object)
    login_changed = Signal(object)
    heard = Signal(int)  # practice only: the signature recognised on the line
    failed = Signal(object)  # an error that is a bug, for the crash dialog

    def __init__(
        self,
        open_store: Callable[[], SeatStore],
        make_phone: MakePhone,
        seat_name: str,
        clock: Clock,
        preferred_agent: str = "",
        paint_log: PaintLog | None = None,
        *,
        devices: DeviceChoice | None = None,
        keep_devices: Keep | None = None,
        journal: OutcomeJournal | None = None,
    ) -> None:
        """`devices` were chosen at this seat before; `keep_devices` is told of a new choice.

        `journal`: what was chosen here while the floor was away, also before this start.
        """
        super().__init__()
        self._seat_name = seat_name
        self._clock = clock = clock if isinstance(clock, FloorClock) else FloorClock(clock)
        self._paint_log = paint_log
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._cut_off = CutOff(clock, journal or OutcomeJournal())
        self._work = SeatWork(
            open_store, self._bridge, self._cut_off, clock, self._watch, preferred_agent
        )
        self._worker = self._work.later
        self._phone = SeatPhone(make_phone, self._worker, clock)
        self._phone.spoke.connect(self._hear)
        self._phone.lost.connect(self._phone_lost)
        self._phone.took_over.connect(self._phone_took_over)
        self.phone = PhoneSide(lambda message: self._phone.send(message), devices, keep_devices)
        self.calls = CallSide(self._worker, self._do, clock)
        self.phone.noticed.connect(self._sound_noticed)
        self.calls.trouble_changed.connect(self._draw)
        self._rejoining = Rejoining(self._still_talks, self._come_back)
        self._is_leaving = False
        self._sound_notice = ""
        self._login = LoginView(seat_name=seat_name, is_busy=True, progress="Opening the floor …")
        self._seen: Seen | None = None
        self._chosen: set[str] = set()
        self._notices: tuple[str, ...] = ()
        self._last_view: AgentView | None = None

    @property
    def phone_uri(self) -> str:
        """Where this seat's phone is; "" until it has said so."""
        return self._phone.uri

    @property
    def is_in_call(self) -> bool:
        """Whether the phone has a call now."""
        return self._phone.call.is_up

    # --- life -----------------------------------------------------------------------------

    def start(self) -> None:
        """Open the database and the phone in the background; the views say how it goes."""
        self.login_changed.emit(self._login)
        self._worker.start()
        self._worker.do(self._open)

    def stop(self, *, end_phone: bool) -> None:
        """Close in order; the phone may be left to the next window."""
        self._rejoining.stop()
        self._worker.do(self._work.close)
        self._worker.stop()
        self._phone.close(end_phone=end_phone)

    def _open(self) -> None:
        self._work.open()
        self._phone.open()

    def _watch(self, store: SeatStore) -> None:
        self.calls.look(store)

    # --- the agent's verbs ----------------------------------------------------------------

    def log_in(self, agent: str, password: str, is_relief: bool = False) -> None:
        """Open a session at this seat; the phone then answers by itself what carries its token.

        `is_relief`: to be called only when nobody else is free.
        """
        self._is_leaving = False
        self._show_login(error="", is_busy=True, progress="Logging in …")
        token = secrets.token_urlsafe(16)
        uri = self._phone.uri
        self._worker.do(self._work.log_in, agent, password, self._seat_name, uri, token, is_relief)

    def log_out(self) -> None:
        self._is_leaving = True
        self._do(lambda store: store.log_out(self._clock.now()))
        self._phone.close_session()

    def want_available(self) -> None:
        self._do(lambda store: store.want_available(self._clock.now()))

    def want_pause(self, reason: str, at_utc_s: float | None = None) -> None:
        """A pause as soon as nobody is on the line, or rings, for this seat; not before `at`."""
        at = None if at_utc_s is None else datetime.fromtimestamp(at_utc_s, UTC)
        self._do(lambda store: store.want_pause(reason, self._clock.now(), at))

    def reach_stage(self, attempt_id: str, stage: str) -> None:
        """The call has come so far; for the pacer's forecast of its end."""
        self._do(lambda store: store.reach_stage(attempt_id, stage, self._clock.now()))

    def dial(self, contact_id: int) -> None:
        """Dial the record of the preview now."""
        self._do(lambda store: store.preview_accept(contact_id, self._clock.now()))

    def skip(self, contact_id: int) -> None:
        """Pass on the record of the preview."""
        self._do(lambda store: store.preview_skip(contact_id, self._clock.now()))

    def choose_outcome(self, attempt_id: str, code: str, note: str) -> None:
        """The outcome of this call; a call that is still up is ended by it."""
        self._chosen.add(attempt_id)
        if self._phone.call.is_up and self._phone.attempt_id == attempt_id:
            self._phone.send(messages.HangUp())
        if self._cut_off.is_cut:  # at once: the worker may be waiting for the network
            self._work.keep(self._session_id, attempt_id, code, note)
        self._worker.do(self._work.choose, self._session_id, attempt_id, code, note)
        self._draw()

    def save_note(self, attempt_id: str, note: str) -> None:
        if self._cut_off.is_cut:
            self._work.keep(self._session_id, attempt_id, "", note)
        else:
            self._do(lambda store: store.save_note(attempt_id, note, self._clock.now()))

    @property
    def _session_id(self) -> int | None:
        row = None if self._seen is None else self._seen.row
        return None if row is None else row.session_id

    def set_mute(self, is_muted: bool) -> None:
        self._phone.send(messages.SetMute(is_muted=is_muted))

    def hang_up(self) -> None:
        self._phone.send(messages.HangUp())

    def record_painted(self, contact_id: int, attempt_id: str) -> None:
        """The record is really on the screen: a preview's countdown starts from here."""
        if self._paint_log is not None:
            self._paint_log.painted(contact_id, attempt_id, self._clock.now().mono_s)
        row = None if self._seen is None else self._seen.row
        if row is not None and row.state is SeatState.PREVIEW and row.contact_id == contact_id:
            self._do(lambda store: store.preview_drawn(contact_id, self._clock.now()))

    def _do(self, work: Callable[[SeatStore], object]) -> None:
        self._worker.do(self._work.do, work)

    # --- on the GUI thread ----------------------------------------------------------------

    @Slot(object)
    def _arrived(self, value: object) -> None:
        match value:
            case Names(names):
                self._show_login(agents=names, progress="Starting the phone …")
            case LoggedIn(session_id, token):
                self._phone.open_session(session_id, token)
            case Found():
                is_up = bool(self._phone.uri)
                self._show_login(error="", is_busy=not is_up, progress="" if is_up else None)
                self._draw()
            case Seen():
                self._see(value)

    def _see(self, seen: Seen) -> None:
        before = self._seen
        self._seen = seen if seen.row is not None else None
        if before is not None and self._seen is None:
            self._phone.close_session()
            self._show_logged_out(before)
        self._draw()

    def _show_logged_out(self, before: Seen) -> None:
        """Where nobody here wanted it, the window says why and has the name ready."""
        if self._is_leaving or before.row is None:
            self._show_login(is_busy=False, progress="")
            return
        name = before.row.agent_name
        others = tuple(one for one in self._login.agents if one != name)
        self._show_login(agents=(name, *others), error=SILENT, is_busy=False, progress="")

    @Slot(object)
    def _hear(self, message: messages.Message) -> None:
        """What the phone says, beyond the state of its call."""
        call, quality = self._phone.call, None
        match message:
            case messages.Devices() | messages.Levels():
                self.phone.hear(message)
                return
            case messages.PhoneStatus():
                self._phone_ready(message)
            case messages.PhoneRang():
                self._worker.do(self._work.read)  # the record is readable before the INVITE leaves
            case messages.PhoneQuality():
                quality = message
            case messages.PhoneEnded(by="far_end" | "network", attempt_id=attempt_id):
                self._rejoining.lost(attempt_id)
            case messages.SoundHeard():
                self.heard.emit(message.signature)
            case messages.Refused() | messages.EngineTrouble():
                self.tell(message.sentence)
        self.phone.call_changed(is_in_call=call.is_up)
        if isinstance(message, _EXAMINED):
            self.phone.examine(call, self._clock.now(), quality)
        self._draw()

    @Slot(str)
    def _sound_noticed(self, sentence: str) -> None:
        self._sound_notice = sentence
        self._draw()

    def _phone_ready(self, status: messages.PhoneStatus) -> None:
        self._notices = tuple(one for one in self._notices if one not in (LOST, LOST_IN_CALL))
        self.phone.phone_came(is_in_call=status.call is not None)
        if status.session_id is not None and self._seen is None:
            self._worker.do(self._work.resume, status.session_id)
        self._show_login(is_busy=False, progress="")

    @Slot()
    def _phone_lost(self) -> None:
        row = None if self._seen is None else self._seen.row
        is_in_call = row is not None and row.state is SeatState.TALKING
        self.tell(LOST_IN_CALL if is_in_call else LOST)

    def _still_talks(self, attempt_id: str) -> bool:
        row = None if self._seen is None else self._seen.row
        if row is None or self._phone.call.is_up or attempt_id in self._chosen:
            return False
        return row.state is SeatState.TALKING and row.attempt_id == attempt_id

    def _come_back(self) -> None:
        row = None if self._seen is None else self._seen.row
        if row is not None and not self._cut_off.is_cut:
            self._phone_took_over(row.phone_uri, row.token)

    @Slot(str, str)
    def _phone_took_over(self, uri: str, token: str) -> None:
        self._do(lambda store: store.phone_came(uri, token, self._clock.now()))

    def tell(self, sentence: str) -> None:
        """Say it in the window, first and once."""
        others = (one for one in self._notices if one != sentence)
        self._notices = (sentence, *others)[:3]
        self._draw()

    @Slot(object)
    def _failed(self, error: BaseException) -> None:
        known = as_known_error(error)
        if known is None:
            log.error("a job of the desk failed", exc_info=error)
            self.failed.emit(error)
            return
        if self._seen is None:
            self._show_login(error=known.sentence, is_busy=False, progress="")
        elif isinstance(error, StoreTrouble) and not isinstance(error, NotAllowed):
            self._draw()  # says that the floor is away
        else:
            self.tell(known.sentence)

    @property
    def _off(self) -> str:
        """What is said of a clock that is wrong; the floor's is used in its place."""
        ahead_s = self._clock.ahead_s
        return WRONG_CLOCK.format(off=clock_words(ahead_s)) if abs(ahead_s) > CLOCK_OFF_S else ""

    def _show_login(
        self,
        *,
        agents: tuple[str, ...] | None = None,
        error: str | None = None,
        is_busy: bool | None = None,
        progress: str | None = None,
    ) -> None:
        now = self._login
        self._login = LoginView(
            agents=now.agents if agents is None else agents,
            seat_name=now.seat_name,
            error=now.error if error is None else error,
            is_busy=now.is_busy if is_busy is None else is_busy,
            progress=now.progress if progress is None else progress,
        )
        if self._seen is None:
            self.login_changed.emit(self._login)

    def _draw(self) -> None:
        seen = self._seen
        if seen is None or seen.row is None or seen.today is None:
            return
        is_offered = seen.row.state is SeatState.PREVIEW
        self.phone.ring.offered(seen.row.contact_id if is_offered else None)
        self.calls.follow(seen.row.attempt_id or "", seen.row.control)
        self.calls.caller_id = seen.row.campaign.caller_id
        view = agent_view.build(
            seen.row,
            seen.record,
            seen.today,
            self._phone.call,
            ended=self._phone.ended,
            chosen=self._chosen,
            notices=tuple(n for n in (self._cut_off.notice, self._off, *self._notices) if n),
            now=self._clock.now(),
        )
        view = agent_view.with_telephone(
            view,
            seen.row,
            self.calls.since,
            self.calls.trouble,
            self._sound_notice,
            self.phone.advice,
            self.calls.trunk_trouble,
        )
        if view != self._last_view:
            self._last_view = view
            self.view_changed.emit(view)
