"""Run on an agent's PC that has joined: the desk and phone of its window, by its own role.

JSON lines out: each state of the seat and each notice; words in: what the agent does.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from app.clock import FloorClock, WallClock
from app.desk.agent import AgentDesk
from app.desk.outcome_journal import OutcomeJournal
from app.desk.views import AgentView, LoginView
from app.floor_place import floor_place
from app.phone_link import PhoneLink, Practice
from app.profile import open_profile
from dialer_core.store.seat import SeatStore


def tell(words: dict[str, object]) -> None:
    """A line for the test on the other side."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


class Desk(QObject):
    """Passes words from the test to the desk, and views back."""

    heard = Signal(str)

    def __init__(self, home: str, seat: str, signature: str, log: str) -> None:
        super().__init__()
        profile = open_profile(Path(home))
        self._journal = profile.root / "kept" / f"{seat}.json"
        practice = Practice(int(signature), Path(log))
        self._desk = AgentDesk(
            lambda: SeatStore(floor_place(profile)),
            lambda deliver: PhoneLink(profile, seat, deliver, sound="none", practice=practice),
            seat,
            FloorClock(WallClock()),
            journal=OutcomeJournal(self._journal),
        )
        self._view: AgentView | None = None
        self._told: dict[str, object] = {}
        self._desk.view_changed.connect(self._shows)
        self._desk.login_changed.connect(self._shows_login)
        self._desk.failed.connect(lambda error: tell({"crash": repr(error)}))
        self.heard.connect(self._obey)
        self._desk.start()

    @Slot(object)
    def _shows(self, view: AgentView) -> None:
        self._view = view
        said: dict[str, object] = {
            "state": view.state.value,
            "notices": list(view.notices),
            "call": self._desk.is_in_call,
        }
        if said != self._told:
            self._told = said
            tell(said)

    @Slot(object)
    def _shows_login(self, login: LoginView) -> None:
        tell({"agents": list(login.agents), "busy": login.is_busy, "error": login.error})

    @Slot(str)
    def _obey(self, line: str) -> None:
        word, *rest = line.split()
        if word == "login":
            self._desk.log_in(rest[0], "")
        elif word == "available":
            self._desk.want_available()
        elif word == "outcome" and self._view is not None:
            self._choose(rest[0], " ".join(rest[1:]))
        elif word == "journal":
            tell({"journal": self._journal.exists()})
        elif word == "end":
            self._desk.stop(end_phone=True)
            QCoreApplication.exit(0)

    def _choose(self, code: str, note: str) -> None:
        record = None if self._view is None else self._view.record
        if record is not None:
            self._desk.choose_outcome(record.attempt_id, code, note)

    def read(self) -> None:
        """In a thread of its own."""
        for line in sys.stdin:
            self.heard.emit(line.strip())
        self.heard.emit("end")


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QCoreApplication([])
    desk = Desk(*sys.argv[1:])
    threading.Thread(target=desk.read, daemon=True).start()
    sys.exit(app.exec())
