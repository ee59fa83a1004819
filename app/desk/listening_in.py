"""Listening in from the supervisor's desk: wishes, the own phone, and the call as it is shown."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.desk.own_phone import OwnPhone
from app.desk.supervising import Supervising, WantSupervise
from app.desk.views import Listening, SupervisedView, SupervisorView
from dialer_core.clock import Clock
from dialer_core.model import errors as core_errors


class ListeningIn(QObject):
    """One call at a time, with the phone of this PC. `changed`: ask for the view again."""

    changed = Signal()

    def __init__(self, phone: OwnPhone, want: WantSupervise, clock: Clock) -> None:
        super().__init__()
        self.phone = phone
        self._supervising = Supervising(want, clock)
        self._waiting: tuple[str, Listening] | None = None  # for the phone
        self._asked: tuple[str, Listening] | None = None
        self._last: SupervisedView | None = None
        self._sentence = ""  # why the wish could not even be written
        self._refused = ""  # what dialler or line said of the last wish
        phone.changed.connect(self._phone_changed)

    @property
    def taken(self) -> str:
        """The attempt of a call that was taken over and is this phone's own; "" for none."""
        if self._asked is None or self._asked[1] is not Listening.TAKE_OVER:
            return ""
        return self._asked[0] if self.phone.attempt_id == self._asked[0] else ""

    @property
    def taken_session_id(self) -> int:
        """The seat that had that call; 0: there is none."""
        return self._last.session_id if self.taken and self._last is not None else 0

    def ask(self, attempt_id: str, how: str) -> None:
        """Take part in a call, change how, or leave; a value of `Listening`."""
        wanted = Listening(how)
        self._sentence = self._refused = ""
        if wanted is Listening.LEAVE and self.taken == attempt_id:
            self.phone.hang_up()
        elif self.phone.session_id:
            self._write(attempt_id, wanted)
        elif wanted is Listening.LEAVE:
            self._waiting = None
        else:
            self._waiting = (attempt_id, wanted)
            self.phone.open()
        self.changed.emit()

    def refused(self, sentence: str) -> None:
        """What the record says of the last wish; "" for nothing."""
        if sentence != self._refused:
            self._refused = sentence
            self.changed.emit()

    def view(self, floor: SupervisorView, session_id: int) -> SupervisedView | None:
        """The call of this seat as it is now; None where the seat has gone."""
        found = self._supervising.view(floor, session_id)
        last, taken = self._last, self.taken
        is_own = bool(taken) and (found is None or found.attempt_id != taken)
        if is_own and last is not None and last.session_id == session_id:
            own = replace(last, attempt_id=taken, listening=Listening.TAKE_OVER)
            return replace(own, is_up=True, is_joining=False, trouble="", advice=())
        if found is None:
            return None
        phone = self.phone
        is_waiting = self._waiting is not None and self._waiting[0] == found.attempt_id
        is_asked = self._asked is not None and self._asked[0] == found.attempt_id
        refused = self._refused if is_asked else ""
        trouble = self._sentence or phone.trouble or refused or found.trouble
        found = replace(
            found,
            has_phone=bool(phone.session_id) or phone.is_coming,
            is_joining=(found.is_joining or is_waiting) and not trouble,
            trouble=trouble,
        )
        self._last = found
        return found

    def _write(self, attempt_id: str, how: Listening) -> None:
        try:
            self._supervising.ask(attempt_id, how, self.phone.session_id)
        except core_errors.KnownError as error:
            self._sentence = error.sentence
        else:
            self._asked = (attempt_id, how)

    def _phone_changed(self) -> None:
        if self._waiting is not None and self.phone.session_id:
            (attempt_id, how), self._waiting = self._waiting, None
            self._write(attempt_id, how)
        elif self._waiting is not None and not self.phone.is_coming:
            self._waiting = None
        self.changed.emit()
