"""The phone of a seat: kept alive, given its session, and its call followed."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.bridge import Bridge, Worker
from app.desk.views import CallView
from app.phone_link import PhoneLink, RestartPauses
from dialer_core.clock import Clock
from sip import messages

log = logging.getLogger("app.desk.seat_phone")
MakePhone = Callable[[Callable[[messages.Message | None], None]], PhoneLink]


@dataclass(frozen=True, slots=True)
class _Gone:
    pass


@dataclass(frozen=True, slots=True)
class _NotThere:
    pass


class SeatPhone(QObject):
    """Lives on the GUI thread; starts the phone on the thread of `worker`.

    `spoke(message)`: what the phone said, once it was taken in here. `lost()`: its process has
    gone, another is started at once. `took_over(uri, token)`: that other one answers for the
    session now. `call` is the call as the phone has it, `attempt_id` whose, `ended` the attempt
    whose end was seen last and when (UTC s).
    """

    spoke = Signal(object)
    lost = Signal()
    took_over = Signal(str, str)

    def __init__(self, make_phone: MakePhone, worker: Worker, clock: Clock) -> None:
        super().__init__()
        self._worker = worker
        self._clock = clock
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._link = make_phone(lambda message: self._bridge.post(message or _Gone()))
        self._pauses = RestartPauses()
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(lambda: self._worker.do(self.open))
        self._is_closed = False
        self._session_id: int | None = None
        self._token = ""  # given to a phone that took another's place, and not confirmed yet
        self.uri = ""
        self.call = CallView()
        self.attempt_id = ""
        self.ended = ("", 0.0)

    # --- its process ----------------------------------------------------------------------

    def open(self) -> None:
        """On the worker's thread: find or start the phone; what fails is raised and tried anew."""
        try:
            self._link.open()
        except Exception:
            self._bridge.post(_NotThere())
            raise

    def close(self, *, end_phone: bool) -> None:
        """Leave it to the next window, or end it."""
        self._is_closed = True
        self._again.stop()
        self._link.close(end_phone=end_phone)

    def send(self, message: messages.Message) -> bool:
        """Tell the phone; False where it is gone."""
        return self._link.send(message)

    def _start_again(self) -> None:
        if not self._is_closed:
            pause_s = self._pauses.next_s(self._clock.now().mono_s)
            self._again.start(round(1000 * pause_s))

    # --- its session ----------------------------------------------------------------------

    def open_session(self, session_id: int, token: str) -> None:
        """From now on it answers what carries this token, and so does one that takes its place."""
        self._session_id, self._token = session_id, ""
        self.send(messages.OpenSession(session_id=session_id, token=token))

    def close_session(self) -> None:
        """It answers nobody any more."""
        self._session_id, self._token = None, ""
        self.send(messages.CloseSession())

    def _keep_session(self, status: messages.PhoneStatus) -> None:
        """A phone that was started in a session's middle gets a token of its own."""
        if self._session_id is None:
            self._session_id = status.session_id
        elif status.session_id is None:
            self._token = secrets.token_urlsafe(16)
            self.send(messages.OpenSession(session_id=self._session_id, token=self._token))
        elif self._token and status.session_id == self._session_id:
            token, self._token = self._token, ""
            self.took_over.emit(status.uri, token)

    # --- what it says ---------------------------------------------------------------------

    @Slot(object)
    def _arrived(self, value: object) -> None:
        match value:
            case _Gone() if not self._is_closed:
                log.warning("the phone has stopped and is started again")
                self.call, self.attempt_id = CallView(sound="no phone"), ""
                self._start_again()
                self.lost.emit()
            case _NotThere():
                self._start_again()
            case messages.Message():
                self._take_in(value)
                self.spoke.emit(value)
                seq = getattr(value, "seq", None)
                if isinstance(seq, int):
                    self.send(messages.Ack(seq=seq))

    def _take_in(self, message: messages.Message) -> None:
        match message:
            case messages.PhoneStatus():
                self._take_status(message)
            case messages.PhoneConnected():
                self.attempt_id = message.attempt_id
                if self.ended[0] == message.attempt_id:  # asked again, or called back into it
                    self.ended = ("", 0.0)
                self.call = replace(
                    self.call, is_up=True, is_connected=True, since_utc_s=message.at.utc_s
                )
            case messages.PhoneEnded():
                self.ended, self.attempt_id = (message.attempt_id, message.at.utc_s), ""
                self.call = replace(
                    self.call, is_up=False, is_connected=False, since_utc_s=None, is_muted=False
                )
            case messages.MuteChanged():
                self.call = replace(self.call, is_muted=message.is_muted)
            case messages.SoundChanged():
                self.call = replace(self.call, sound=message.sound, has_sound=message.has_sound)

    def _take_status(self, status: messages.PhoneStatus) -> None:
        self.uri = status.uri
        call = status.call
        self.attempt_id = "" if call is None else call.attempt_id
        self.call = CallView(
            is_up=call is not None,
            is_connected=call is not None and call.is_connected,
            since_utc_s=None if call is None else call.since.utc_s,
            is_muted=status.is_muted,
            has_sound=status.has_sound,
            sound=status.sound,
        )
        self._pauses.came(self._clock.now().mono_s)
        self._keep_session(status)
