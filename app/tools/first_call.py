"""The first call: a dialler and an agent's phone on this PC, and one number, through the gate."""

from __future__ import annotations

import contextlib
import functools

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.clock import WallClock
from app.desk.agent import AgentDesk
from app.desk.asking import Asking
from app.desk.first_run_view import FirstCallView
from app.desk.views import AgentView, LoginView, NumberAnswer, SeatState
from app.errors import KnownError
from app.floor import Keeper, callfloor
from app.floor_place import floor_place, is_there
from app.links import parse_number, region_of
from app.lists.asked import database_of
from app.phone_link import PhoneLink, Practice
from app.phone_window import keep_devices, remembered_devices
from app.profile import Profile
from app.tools.first_work import CAMPAIGN, FIRST_AGENT
from dialer_core.engine import by_hand
from dialer_core.store import first_run
from dialer_core.store.seat import SeatStore
from dialer_core.store.watch import WatchStore

SEAT = "seat01"
WATCH_MS = 200
TRIES = 75  # so often is the dialler looked for
NOT_YET = frozenset({by_hand.STOPPED, by_hand.NO_LINE})
_STATES = {
    "": "Asking your provider …",
    SeatState.RINGING: "Your mobile rings: answer it.",
    SeatState.TALKING: "You are through: say something, and listen.",
}


class FirstCall(QObject):
    """Lives on the GUI thread while the page is open. `changed(FirstCallView)` as it goes."""

    changed = Signal(object)
    failed = Signal(object)  # a bug

    def __init__(
        self, profile: Profile, sound: str = "auto", practice: Practice | None = None
    ) -> None:
        super().__init__()
        log_file = profile.logs_dir / "dialler.out"
        words = callfloor(["dialler", "--profile", str(profile.root)])
        self._dialler = Keeper("dialler", words, log_file)
        self._watch = QTimer(self)
        self._watch.setInterval(WATCH_MS)
        self._watch.timeout.connect(self._look)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(WATCH_MS)
        self._again.timeout.connect(self._try)
        self.desk = AgentDesk(
            lambda: SeatStore(floor_place(profile)),
            lambda deliver: PhoneLink(profile, SEAT, deliver, sound=sound, practice=practice),
            SEAT,
            WallClock(),
            FIRST_AGENT,
            devices=remembered_devices(profile, SEAT),
            keep_devices=functools.partial(keep_devices, profile, SEAT),
        )
        self.desk.view_changed.connect(self._draw)
        self.desk.login_changed.connect(self._log_in)
        self.desk.calls.number_answered.connect(self._answered)
        self.desk.calls.trouble_changed.connect(self._troubled)
        self.desk.failed.connect(self.failed)
        self._asking = Asking("first call")
        self._asking.failed.connect(self.failed)
        self._asking.refused.connect(lambda _sentence: None)  # not there yet: it is asked again
        self._profile = profile
        self._tries = 0
        self._attempt_id = ""
        self._number = ""
        self._is_started = self._is_in = self._has_talked = self._is_heard = False
        self._shown = FirstCallView("")

    @Slot(str)
    def call(self, number: str) -> None:
        """Dial it as soon as phone and dialler are there; `changed` follows."""
        self._number = number
        self._has_talked = self._is_heard = False
        if not self._is_started:
            self._is_started = True
            self._dialler.start()
            self._watch.start()
            self.desk.start()
            self._say("Starting the telephone …", is_up=True)
        elif self._is_in:
            self._code_last()
            self._dial()

    @Slot()
    def hang_up(self) -> None:
        """End the call."""
        self.desk.hang_up()

    def stop(self) -> None:
        """End phone and dialler, in order; a call that is up ends with them."""
        if not self._is_started:
            return
        self._watch.stop()
        self._again.stop()
        self.desk.hang_up()
        self._code_last()
        self.desk.log_out()
        self.desk.stop(end_phone=True)
        self._dialler.ask_to_leave()
        self._dialler.wait_or_kill(15.0)
        self._asking.stop()
        self._is_started = self._is_in = False

    # --- how it goes ------------------------------------------------------------------------

    def _log_in(self, view: LoginView) -> None:
        if view.is_busy or self._is_in:
            return
        if view.error:
            self._say(view.error, is_trouble=True)
        elif view.agents:
            self.desk.log_in(FIRST_AGENT, "")

    def _dial(self) -> None:
        """Once the dialler is there; until then it is looked for."""
        self._tries = TRIES
        self._try()

    def _try(self) -> None:
        if self._tries <= 0:
            self._say("The dialler does not come up; see its log.", is_trouble=True, is_over=True)
        elif self._is_started:
            self._tries -= 1
            self._asking.ask(self._is_dialler_there, self._there)

    def _is_dialler_there(self) -> bool:
        if not is_there(self._profile):
            return False
        with contextlib.closing(WatchStore(floor_place(self._profile))) as store:
            is_alive = store.snapshot(WallClock().now()).is_dialler_alive
        if is_alive:
            self._note_own()
        return is_alive

    def _note_own(self) -> None:
        """Before it is dialled; a number that is none is told by whoever dials it."""
        with database_of(self._profile) as database, database.writing() as connection:
            found = first_run.company_of(connection, CAMPAIGN)
            if found is None:
                return
            with contextlib.suppress(KnownError):
                number = parse_number(self._number, region_of(found[1])).e164
                now = WallClock().now()
                first_run.note_own_number(connection, CAMPAIGN, number, "first run", now)

    def _there(self, is_there: bool) -> None:
        if not is_there:
            self._again.start()
            return
        self._say(_STATES[""], is_up=True)
        self.desk.calls.dial(self._number)

    def _draw(self, view: AgentView) -> None:
        if view.record is not None and view.record.attempt_id:
            self._attempt_id = view.record.attempt_id
        if not self._is_in:
            self._is_in = True
            self._dial()
            return
        if view.state is SeatState.TALKING and view.call.is_connected:
            self._has_talked = True
            self._say(_STATES[SeatState.TALKING], is_up=True, is_heard=True)
        elif view.state is SeatState.RINGING:
            self._say(_STATES[SeatState.RINGING], is_up=True)
        elif view.state is SeatState.WRAP_UP:
            self._over(view)
        elif self._shown.is_up and not self._has_talked:
            self._troubled_by(view.control.trouble or next(iter(view.notices), ""))

    def _over(self, view: AgentView) -> None:
        if self._has_talked:
            self._say("That was your first call: everything works.", is_over=True, is_heard=True)
        elif not self._shown.is_over:
            why = view.notices[0] if view.notices else "Nobody answered: try again."
            self._say(why, is_over=True, is_trouble=True)
        self._code_last()

    def _code_last(self) -> None:
        """A trial is nobody's outcome: it is coded as an ordinary success at once."""
        if self._attempt_id:
            self.desk.choose_outcome(self._attempt_id, "success", "The first call.")
            self._attempt_id = ""

    def _answered(self, answer: NumberAnswer) -> None:
        if answer.sentence and not answer.can_dial:
            self._say(answer.sentence, is_trouble=True, is_over=True)

    def _troubled(self) -> None:
        self._troubled_by(self.desk.calls.trouble or self.desk.calls.trunk_trouble)

    def _troubled_by(self, trouble: str) -> None:
        """Why it is not dialled: by the dialler, by the gate, or before either was asked."""
        if trouble in NOT_YET and self._tries > 0:
            self._again.start()  # its lines are on their way
        elif trouble and not self._has_talked:
            self._say(trouble, is_trouble=True, is_over=True)

    def _look(self) -> None:
        sentence = self._dialler.watch()
        if sentence:
            self._say(sentence, is_trouble=True, is_over=True)

    def _say(
        self,
        words: str,
        *,
        is_up: bool = False,
        is_heard: bool = False,
        is_over: bool = False,
        is_trouble: bool = False,
    ) -> None:
        view = FirstCallView(words, is_up, is_heard, is_over, is_trouble)
        if view != self._shown:
            self._shown = view
            self.changed.emit(view)
