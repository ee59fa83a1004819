"""The agent's desk: what one person at one seat can see and do.

Joins three truths into one view: the session as the floor has it (database), the call as the
phone has it (engine process), and the record on the screen. Where the phone knows more than the
database (the call has just ended and no dialler lives to say so), the phone is believed.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge import Bridge, Worker
from app.desk import agent_view
from app.desk.call_side import CallSide
from app.desk.phone_side import Keep, PhoneSide
from app.desk.phone_view import DeviceChoice
from app.desk.views import AgentView, CallView, LoginView, SeatState
from app.errors import as_known_error
from app.phone_link import PhoneLink
from app.practice import PaintLog
from dialer_core.clock import Clock
from sip import messages

if TYPE_CHECKING:  # the window is up before the database's library is loaded
    from dialer_core.store.seat import Record, SeatRow, SeatStore, Today

log = logging.getLogger("app.desk.agent")

FEED_S = 0.05
TODAY_S = 5.0  # the agent's own figures, and the window's sign of life


@dataclass(frozen=True, slots=True)
class _Agents:
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _LoggedIn:
    session_id: int
    token: str


@dataclass(frozen=True, slots=True)
class _Seen:
    row: SeatRow | None
    record: Record | None
    today: Today | None


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
        make_phone: Callable[[Callable[[messages.Message | None], None]], PhoneLink],
        seat_name: str,
        clock: Clock,
        preferred_agent: str = "",
        paint_log: PaintLog | None = None,
        *,
        devices: DeviceChoice | None = None,
        keep_devices: Keep | None = None,
    ) -> None:
        """`devices` were chosen at this seat before; `keep_devices` is told of a new choice."""
        super().__init__()
        self._open_store = open_store
        self._seat_name = seat_name
        self._clock = clock
        self._preferred_agent = preferred_agent
        self._paint_log = paint_log
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._worker = Worker("agent store", self._bridge, self._look, FEED_S)
        self._phone = make_phone(lambda message: self._bridge.post(message or _PhoneGone()))
        self.phone = PhoneSide(lambda message: self._phone.send(message), devices, keep_devices)
        self.calls = CallSide(self._worker, self._do, clock)
        self.phone.noticed.connect(self._sound_noticed)
        self.calls.trouble_changed.connect(self._draw)
        self._sound_notice = ""
        self._login = LoginView(seat_name=seat_name, is_busy=True, progress="Opening the floor …")
        self._store: SeatStore | None = None  # touched by the worker's thread only
        self._row: SeatRow | None = None  # likewise, as the next three
        self._record: Record | None = None
        self._today: Today | None = None
        self._today_s = -TODAY_S
        self._uri = ""
        self._seen: _Seen | None = None
        self._call = CallView()
        self._call_attempt = ""
        self._ended_attempt = ""
        self._ended_utc_s = 0.0
        self._chosen: set[str] = set()
        self._notices: tuple[str, ...] = ()
        self._last_view: AgentView | None = None

    # --- life -----------------------------------------------------------------------------

    def start(self) -> None:
        """Open the database and the phone in the background; the views say how it goes."""
        self.login_changed.emit(self._login)
        self._worker.start()
        self._worker.do(self._open)

    def stop(self, *, end_phone: bool) -> None:
        """Close in order; the phone may be left to the next window."""
        self._worker.do(self._close)
        self._worker.stop()
        self._phone.close(end_phone=end_phone)

    def _open(self) -> None:
        self._store = self._open_store()
        names = sorted(self._store.agents(), key=lambda name: name != self._preferred_agent)
        self._bridge.post(_Agents(tuple(names)))
        self._phone.open()

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    # --- the agent's verbs ----------------------------------------------------------------

    def log_in(self, agent: str, password: str, is_relief: bool = False) -> None:
        """Open a session at this seat; the phone then answers by itself what carries its token.

        `is_relief`: to be called only when nobody else is free.
        """
        self._show_login(error="", is_busy=True, progress="Logging in …")
        token = secrets.token_urlsafe(16)
        self._worker.do(self._log_in, agent, password, self._uri, token, is_relief)

    def log_out(self) -> None:
        self._do(lambda store: store.log_out(self._clock.now()))
        self._phone.send(messages.CloseSession())

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
        if self._call.is_up and self._call_attempt == attempt_id:
            self._phone.send(messages.HangUp())
        self._do(lambda store: store.choose_outcome(attempt_id, code, note, self._clock.now()))
        self._draw()

    def save_note(self, attempt_id: str, note: str) -> None:
        self._do(lambda store: store.save_note(attempt_id, note, self._clock.now()))

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
        self._worker.do(self._in_store, work)

    # --- on the worker's thread -----------------------------------------------------------

    def _in_store(self, work: Callable[[SeatStore], object]) -> None:
        if self._store is not None:
            work(self._store)
            self._read()

    def _look(self) -> None:
        if self._store is None:
            return
        self.calls.look(self._store)
        is_due = self._clock.now().mono_s - self._today_s >= TODAY_S
        if self._store.changed() or is_due:
            self._read()

    def _read(self) -> None:
        store = self._store
        if store is None:
            return
        now = self._clock.now()
        row = store.read()
        if row is None:
            self._row, self._record = None, None
            self._bridge.post(_Seen(None, None, None))
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
        self._bridge.post(_Seen(row, self._record, self._today))

    def _log_in(self, agent: str, password: str, uri: str, token: str, is_relief: bool) -> None:
        if self._store is None:
            return
        session_id = self._store.log_in(
            agent,
            password or None,
            self._seat_name,
            uri,
            token,
            self._clock.now(),
            is_relief=is_relief,
        )
        self._bridge.post(_LoggedIn(session_id, token))
        self._read()

    def _resume(self, session_id: int) -> None:
        if self._store is not None and self._store.resume(session_id):
            self._read()

    # --- on the GUI thread ----------------------------------------------------------------

    @Slot(object)
    def _arrived(self, value: object) -> None:
        match value:
            case _Agents(names):
                self._show_login(agents=names, progress="Starting the phone …")
            case _LoggedIn(session_id, token):
                self._phone.send(messages.OpenSession(session_id=session_id, token=token))
            case _Seen():
                self._see(value)
            case _PhoneGone():
                self._phone_gone()
            case messages.Message():
                self._hear(value)

    def _see(self, seen: _Seen) -> None:
        before = self._seen
        self._seen = seen if seen.row is not None else None
        if before is not None and self._seen is None:
            self._show_login(is_busy=False, progress="")
        self._draw()

    def _hear(self, message: messages.Message) -> None:
        match message:
            case messages.PhoneStatus():
                self._phone_ready(message)
                self.phone.examine(self._call, self._clock.now())
            case messages.PhoneRang():
                self._worker.do(self._read)  # the record is readable before the INVITE leaves
            case messages.PhoneConnected():
                self._call_attempt = message.attempt_id
                self._call = replace(
                    self._call, is_up=True, is_connected=True, since_utc_s=message.at.utc_s
                )
            case messages.PhoneEnded():
                self._ended_attempt, self._ended_utc_s = message.attempt_id, message.at.utc_s
                self._call_attempt = ""
                self._call = replace(
                    self._call, is_up=False, is_connected=False, since_utc_s=None, is_muted=False
                )
            case messages.MuteChanged():
                self._call = replace(self._call, is_muted=message.is_muted)
            case messages.SoundChanged():
                self._call = replace(self._call, sound=message.sound, has_sound=message.has_sound)
            case messages.Devices() | messages.Levels():
                self.phone.hear(message)
                return
            case messages.PhoneQuality():
                self.phone.examine(self._call, self._clock.now(), message)
            case messages.SoundHeard():
                self.heard.emit(message.signature)
            case messages.Refused() | messages.EngineTrouble():
                self._notices = (message.sentence, *self._notices)[:3]
        seq = getattr(message, "seq", None)
        if isinstance(seq, int):
            self._phone.send(messages.Ack(seq=seq))
        self.phone.call_changed(is_in_call=self._call.is_up)
        if isinstance(message, messages.SoundChanged | messages.PhoneEnded):
            self.phone.examine(self._call, self._clock.now())
        self._draw()

    @Slot(str)
    def _sound_noticed(self, sentence: str) -> None:
        self._sound_notice = sentence
        self._draw()

    def _phone_ready(self, status: messages.PhoneStatus) -> None:
        self._uri = status.uri
        call = status.call
        self._call_attempt = call.attempt_id if call is not None else ""
        self._call = CallView(
            is_up=call is not None,
            is_connected=call is not None and call.is_connected,
            since_utc_s=None if call is None else call.since.utc_s,
            is_muted=status.is_muted,
            has_sound=status.has_sound,
            sound=status.sound,
        )
        self.phone.phone_came(is_in_call=call is not None)
        if status.session_id is not None and self._seen is None:
            self._worker.do(self._resume, status.session_id)
        self._show_login(is_busy=False, progress="")

    def _phone_gone(self) -> None:
        self._notices = ("The phone has stopped; it is being started again.", *self._notices)[:3]
        self._call = CallView(sound="no phone")
        self._worker.do(self._phone.open)
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
        else:
            self._notices = (known.sentence, *self._notices)[:3]
            self._draw()

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
        self.calls.follow(seen.row.attempt_id or "", seen.row.control)
        self.calls.caller_id = seen.row.campaign.caller_id
        view = agent_view.build(
            seen.row,
            seen.record,
            seen.today,
            self._call,
            ended=(self._ended_attempt, self._ended_utc_s),
            chosen=self._chosen,
            notices=self._notices,
            now=self._clock.now(),
        )
        view = agent_view.with_telephone(
            view,
            seen.row,
            self.calls.since,
            self.calls.trouble,
            self._sound_notice,
            self.phone.advice,
        )
        if view != self._last_view:
            self._last_view = view
            self.view_changed.emit(view)


@dataclass(frozen=True, slots=True)
class _PhoneGone:
    pass
