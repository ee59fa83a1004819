"""The supervisor's own phone: started when it is first wanted, with a session that only listens."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.bridge import Bridge, Worker
from app.errors import as_known_error
from app.phone_link import PhoneLink, RestartPauses
from dialer_core.clock import Clock
from dialer_core.store.listening import SIGN_OF_LIFE_S, SupervisorPlace
from sip import messages

log = logging.getLogger("app.desk.own_phone")

SEAT: str = "supervisor"
MakePhone = Callable[[Callable[[messages.Message | None], None]], PhoneLink]
InStore = Callable[[Callable[[SupervisorPlace], None]], None]
"""Does work on the thread of the supervisor's store."""


@dataclass(frozen=True, slots=True)
class _Opened:
    session_id: int
    token: str


@dataclass(frozen=True, slots=True)
class _Gone:
    pass


class OwnPhone(QObject):
    """A phone and its session; lives on the GUI thread. `changed`: look at the properties again.

    `session_id` is 0 until both are there. `trouble`: why there is no phone, in a sentence.
    `attempt_id`: of the call that the phone is on now.
    """

    changed = Signal()
    failed = Signal(object)  # a bug

    def __init__(self, make_phone: MakePhone, in_store: InStore, name: str, clock: Clock) -> None:
        super().__init__()
        self._in_store = in_store
        self._name = name
        self._clock = clock
        self._bridge = Bridge(self)
        self._bridge.arrived.connect(self._arrived)
        self._bridge.failed.connect(self._failed)
        self._phone = make_phone(lambda message: self._bridge.post(message or _Gone()))
        self._worker = Worker("supervisor phone", self._bridge)
        self._pauses = RestartPauses()
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(lambda: self._worker.do(self._phone.open))
        self._is_started = False
        self._is_stopped = False
        self._uri = ""  # of the phone that is there
        self._beat_s = float("-inf")  # touched by the store's thread only
        self.session_id = 0
        self.is_coming = False
        self.trouble = ""
        self.attempt_id = ""

    def open(self) -> None:
        """Have the phone there soon; again is as good as once."""
        if self.session_id or self.is_coming or self._is_stopped:
            return
        if not self._is_started:
            self._is_started = True
            self._worker.start()
        self._say(is_coming=True, trouble="")
        if self._uri:
            self._log_in()
        else:
            self._worker.do(self._phone.open)

    def close(self) -> None:
        """Be gone, with the phone: its call loses the supervisor and goes on."""
        self._is_stopped = True
        self._again.stop()
        session_id = self.session_id
        if session_id:
            self._in_store(lambda store: store.close_session(session_id, self._clock.now()))
        if self._is_started:
            self._worker.stop()
            self._phone.close(end_phone=True)

    def hang_up(self) -> None:
        """End the call that was taken over."""
        self._phone.send(messages.HangUp())

    def keep(self, store: SupervisorPlace) -> str | None:
        """On the store's thread, often: a sign of life; why the last wish failed, None: no session.

        A session that somebody else has closed is given up.
        """
        session_id = self.session_id
        if not session_id:
            return None
        now = self._clock.now()
        if now.mono_s - self._beat_s >= SIGN_OF_LIFE_S:
            self._beat_s = now.mono_s
            store.beat(session_id, now)
        found = store.own_trouble(session_id)
        if found is None:
            self._bridge.post(_Opened(0, ""))
        return found

    # --- on the GUI thread ----------------------------------------------------------------

    @Slot(object)
    def _arrived(self, value: object) -> None:
        match value:
            case _Opened(session_id, token):
                self.session_id = session_id
                if session_id:
                    self._phone.send(messages.OpenSession(session_id=session_id, token=token))
                self._say(is_coming=False)
            case _Gone():
                self._gone()
            case messages.Message():
                self._hear(value)

    def _hear(self, message: messages.Message) -> None:
        seq = getattr(message, "seq", None)
        if isinstance(seq, int):
            self._phone.send(messages.Ack(seq=seq))
        match message:
            case messages.PhoneStatus():  # also the answer to a session that was opened
                is_new, self._uri = not self._uri, message.uri
                self._pauses.came(self._clock.now().mono_s)
                self.attempt_id = "" if message.call is None else message.call.attempt_id
                if is_new:
                    self._log_in()
            case messages.PhoneConnected():
                self.attempt_id = message.attempt_id
            case messages.PhoneEnded():
                self.attempt_id = ""
            case messages.Refused() | messages.EngineTrouble():
                self.trouble = message.sentence
            case _:
                return
        self.changed.emit()

    def _log_in(self) -> None:
        uri, token = self._uri, secrets.token_urlsafe(16)

        def work(store: SupervisorPlace) -> None:
            try:
                opened = store.open_session(self._name, SEAT, uri, token, self._clock.now())
            except Exception as error:  # belongs to who wanted to listen
                self._bridge.post_failure(error)
            else:
                self._bridge.post(_Opened(opened, token))

        self._in_store(work)

    def _gone(self) -> None:
        """It has died: another one goes on with the session."""
        self.session_id, self.attempt_id, self._uri = 0, "", ""
        if self._is_stopped:
            return
        log.warning("the supervisor's phone has stopped and is started again")
        self._say(is_coming=True)
        pause_s = self._pauses.next_s(self._clock.now().mono_s)
        self._again.start(round(1000 * pause_s))

    @Slot(object)
    def _failed(self, error: BaseException) -> None:
        known = as_known_error(error)
        sentence = "The phone could not be started; see the log." if known is None else ""
        self._say(is_coming=False, trouble=sentence or (known.sentence if known else ""))
        if known is None:
            log.error("the supervisor's phone failed", exc_info=error)
            self.failed.emit(error)

    def _say(self, *, is_coming: bool, trouble: str | None = None) -> None:
        self.is_coming = is_coming
        if trouble is not None:
            self.trouble = trouble
        self.changed.emit()
