"""The call's side of an agent's desk: wishes about the call in hand, colleagues, manual dialling.

All of it goes through the database to the dialler; why a wish was refused comes back as a
sentence, either at once (the gate) or with the call's own state (the line).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.bridge import Bridge, Worker
from app.desk.phone_view import Since, followed
from app.desk.views import CallWish, ColleagueView, NumberAnswer
from app.errors import KnownError, as_known_error
from app.links import parse_number, region_of
from dialer_core.clock import Clock
from dialer_core.model.call_control import CallControl

if TYPE_CHECKING:  # the window is up before the database's library is loaded
    from dialer_core.store.seat import SeatStore

COLLEAGUES_S, TRUNK_S = 1.0, 2.0
Do = Callable[[Callable[["SeatStore"], object]], None]


class CallSide(QObject):
    """Lives on the GUI thread; `do` runs a job on the thread that owns the store.

    `colleagues_changed(tuple of ColleagueView)`, `number_answered(NumberAnswer)` about a number
    that was typed, `trouble_changed()` when a wish was refused before it reached the dialler or
    `trunk_trouble`, why no calls come (this phone is out of reach, the trunk refuses), is another.
    """

    colleagues_changed = Signal(object)
    number_answered = Signal(object)
    trouble_changed = Signal()

    def __init__(self, worker: Worker, do: Do, clock: Clock) -> None:
        super().__init__()
        self._worker = worker
        self._do = do
        self._clock = clock
        self._answers = Bridge(self)
        self._answers.arrived.connect(self._arrived)
        self.since = Since()
        self.trouble = ""
        self.caller_id = ""  # of the campaign: where numbers without a country are at home
        self._is_watching = False  # touched by the worker's thread only, as the next
        self._looked_s = -COLLEAGUES_S
        self._trunk_s, self._trunk_seen = -TRUNK_S, ""
        self.trunk_trouble = ""

    # --- wishes ---------------------------------------------------------------------------

    def wish(self, wish: CallWish) -> None:
        """Ask for something with the call in hand; a number is first brought into its form."""
        if self.trouble:
            self.trouble = ""
            self.trouble_changed.emit()
        self._do(lambda store: self._send_wish(store, wish))

    def _send_wish(self, store: SeatStore, wish: CallWish) -> None:
        try:
            if wish.number:
                number = parse_number(wish.number, region_of(self.caller_id)).e164
                wish = CallWish(wish.action, wish.attempt_id, number=number)
            store.want_call(wish, self._clock.now())
        except Exception as error:
            self._answers.post(_Refused(_sentence(error)))

    def dial(self, text: str) -> None:
        """Dial by hand, through the same gate as every other call."""
        self._do(lambda store: self._dial(store, text))

    def _dial(self, store: SeatStore, text: str) -> None:
        try:
            number = parse_number(text, region_of(self.caller_id)).e164
            store.want_manual_dial(number, self._clock.now())
        except Exception as error:
            self._answers.post(NumberAnswer(text, _sentence(error)))

    def ask_number(self, text: str) -> None:
        """What is to be said of a number while it is being typed."""
        self._worker.do(self._look_at, text)

    def _look_at(self, text: str) -> None:
        region = region_of(self.caller_id)
        try:
            found = parse_number(text, region)
        except KnownError as error:
            self._answers.post(NumberAnswer(text, error.sentence))
            return
        words = "" if found.words == text else found.words
        if found.extension:
            words = f"{found.words}, then {found.extension} on the keypad"
        self._answers.post(NumberAnswer(text, words, can_dial=True))

    # --- colleagues -----------------------------------------------------------------------

    def watch_colleagues(self, is_on: bool) -> None:
        """Somebody looks at the list of colleagues, or no longer does."""
        self._worker.do(self._watch, is_on)

    def _watch(self, is_on: bool) -> None:
        self._is_watching = is_on
        self._looked_s = -COLLEAGUES_S

    def look(self, store: SeatStore) -> None:
        """On the worker's thread, often: the trunk, and colleagues while they are looked at."""
        now_s = self._clock.now().mono_s
        if now_s - self._trunk_s >= TRUNK_S:
            self._trunk_s = now_s
            self._look_at_trunk(store.why_no_calls())
        if not self._is_watching or now_s - self._looked_s < COLLEAGUES_S:
            return
        self._looked_s = now_s
        found = store.colleagues()
        self._answers.post(tuple(ColleagueView(*one) for one in found))

    def _look_at_trunk(self, trouble: str) -> None:
        if trouble != self._trunk_seen:
            self._trunk_seen = trouble
            self._answers.post(_Trunk(trouble))

    # --- what is known --------------------------------------------------------------------

    def follow(self, attempt_id: str, control: CallControl | None) -> None:
        """Take the call's state from the floor; since when it is so is what this window saw."""
        if attempt_id != self.since.attempt_id:
            self.trouble = ""
        self.since = followed(self.since, attempt_id, control, self._clock.now().utc.timestamp())

    @Slot(object)
    def _arrived(self, value: object) -> None:
        match value:
            case _Refused():
                self.trouble = value.sentence
                self.trouble_changed.emit()
            case _Trunk():
                self.trunk_trouble = _as_sentence(value.trouble)
                self.trouble_changed.emit()
            case NumberAnswer():
                self.number_answered.emit(value)
            case tuple():
                self.colleagues_changed.emit(value)


class _Refused:
    def __init__(self, sentence: str) -> None:
        self.sentence = sentence


class _Trunk:
    def __init__(self, trouble: str) -> None:
        self.trouble = trouble


def _as_sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _sentence(error: Exception) -> str:
    """What a person is told; a bug is raised on, to the log and the crash dialog."""
    known = as_known_error(error)
    if known is None:
        raise error
    return known.sentence
