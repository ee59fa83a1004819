"""Run on the supervisor's PC: public, campaign and dialler, with an agent's phone elsewhere.

The practice carrier speaks on loopback alone, so each PC with lines has one of its own, at the
same port. The agent's robot gives each call its outcome. On standard input: code (for lines),
`sit URI TOKEN` (where the agent's phone is), start, dial, pause, `calls N` (waits for so many that
are over), `now`, `floor`, `erase ATTEMPT` (its person), kill (the dialler). JSON out.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any

from sqlalchemy import text

from app.clock import WallClock
from app.floor_place import floor_place
from app.profile import Profile, open_profile
from app.rehearsal.carrier import RehearsalCarrier
from app.rehearsal.people import DISPOSITIONS
from app.secrets import open_secrets
from app.sharing.floor_share import FloorShare
from app.trunk import Trunk, write_trunk
from dialer_core.model.call_control import RecordingPolicy
from dialer_core.model.states import Mode, SeatState
from dialer_core.store.database import Database
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.seat import SeatStore
from dialer_core.store.watch import WatchStore
from tests.office_kit import Patient, records, set_up, tell

PEOPLE = 60
_CALLS = text(
    "SELECT a.id, a.line_id, a.outcome, a.sip_status, a.ended_by, r.path, r.state,"
    " (extract(epoch FROM a.bridged_at - a.answered_at) * 1000)::float8 AS join_ms,"
    " a.bridged_at IS NOT NULL AS joined, a.ended_at IS NOT NULL AS over,"
    " (extract(epoch FROM a.answered_at - a.committed_at) * 1000)::float8 AS answer_ms"
    " FROM attempts a LEFT JOIN recordings r ON r.attempt_id = a.id ORDER BY a.id"
)
_PERSON = text("SELECT contact_id FROM attempts WHERE id = :attempt")


class Office:
    """One floor with one agent."""

    def __init__(self, home: str, mode: str, talk_s: str, port: str) -> None:
        self.home = home
        self.profile: Profile = open_profile(Path(home))
        self.clock = WallClock()
        self.place = floor_place(self.profile)
        self.logs = self.profile.root / "practice"
        self.logs.mkdir(exist_ok=True)
        self.carrier = RehearsalCarrier(
            self.profile, Patient(float(talk_s)), 1, self.logs, first_port=int(port)
        )
        self.carrier.start()
        write_trunk(self.profile.root / "trunk.toml", Trunk(gateways=self.carrier.places, lines=1))
        self.campaign = set_up(self.place, PEOPLE, mode=Mode(mode), recording=RecordingPolicy.ALL)
        self.session = 0
        self.over = Event()
        self.dials = Event()
        self.ready = Event()
        self.robot: Thread | None = None
        self.dialler: subprocess.Popen[bytes] | None = None
        self.database = Database(self.place)

    def code_for_lines(self) -> str:
        """A join code for a PC of lines."""
        share = FloorShare(
            self.profile, lambda: open_secrets(self.profile.key), lambda: self.clock.now().utc
        )
        return share.new_code(lends=True).text

    def sit_down(self, uri: str, token: str) -> int:
        """The agent logs in; the session."""
        self.robot = Thread(target=self._sit, args=(uri, token), daemon=True)
        self.robot.start()
        self.ready.wait(20)
        return self.session

    def _sit(self, uri: str, token: str) -> None:
        """The agent: free when asked to dial, an outcome for each call."""
        seat = SeatStore(self.place)
        now = self.clock.now
        self.session = seat.log_in("Anna", None, "front-1", uri, token, now(), self.campaign)
        self.ready.set()
        while not self.over.wait(0.05):
            row = seat.read()
            if row is None:
                break
            if row.state is SeatState.WRAP_UP and row.attempt_id is not None:
                seat.choose_outcome(row.attempt_id, DISPOSITIONS[0].code, "", now())
                if not self.dials.is_set():
                    seat.want_pause("break", now())
            elif row.state is SeatState.PAUSED and self.dials.is_set():
                seat.want_available(now())
                time.sleep(0.3)
            elif row.state is SeatState.AVAILABLE and not self.dials.is_set():
                seat.want_pause("break", now())
                time.sleep(0.3)
            seat.beat(now())
        seat.close()

    def start_dialler(self) -> None:
        log = (self.profile.root / "dialler.out").open("ab")
        words = [sys.executable, "-m", "app", "dialler", "--profile", self.home]
        self.dialler = subprocess.Popen(words, stdout=log, stderr=log)

    def calls(self) -> list[dict[str, Any]]:
        with self.database.connect() as connection:
            rows = [dict(row) for row in connection.execute(_CALLS).mappings()]
        heard = {one.attempt_id: one for one in records(self.logs)}
        for row in rows:
            one = heard.get(row["id"])
            row["heard_ms"] = {} if one is None else one.sounds.heard_ms
            row["own"] = None if one is None else one.signature
            row["gap_ms"] = None if one is None else one.longest_gap_ms
            row["first_ms"] = None if one is None else one.sounds.first_sound_after_ms
        return rows

    def erase(self, attempt_id: str) -> None:
        """The person of this call wants to be forgotten."""
        with self.database.connect() as connection:
            contact = connection.execute(_PERSON, {"attempt": attempt_id}).scalar_one()
        with contextlib.closing(PrivacyStore(self.place)) as store:
            store.erase(self.clock.now(), contact_id=contact)

    def wait_for_calls(self, count: int, timeout_s: float = 60.0) -> list[dict[str, Any]]:
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            over = [one for one in self.calls() if one["over"]]
            if len(over) >= count:
                return over
            time.sleep(0.1)
        return self.calls()

    def close(self) -> None:
        if self.dialler is not None:  # it waits for the outcome of a call in hand
            self.dialler.terminate()
            try:
                self.dialler.wait(20)
            except subprocess.TimeoutExpired:
                self.dialler.kill()
        self.over.set()
        if self.robot is not None:
            self.robot.join(5)
        self.database.close()
        self.carrier.stop()


def public(home: str, talk_s: str, port: str, logs: str) -> None:
    """Another PC's own public, on its loopback at the same port as the office's."""
    carrier = RehearsalCarrier(
        open_profile(Path(home)), Patient(float(talk_s)), 1, Path(logs), first_port=int(port)
    )
    carrier.start()
    tell({"public": True})
    sys.stdin.read()
    carrier.stop()


def main(*words: str) -> None:
    if words[0] == "public":
        public(*words[1:])
        return
    office = Office(*words)
    try:
        for line in sys.stdin:
            word, *rest = line.split()
            if word == "start":
                office.start_dialler()
            elif word == "code":
                tell({"code": office.code_for_lines()})
            elif word == "sit":
                tell({"session": office.sit_down(*rest)})
            elif word == "dial":
                office.dials.set()
            elif word == "pause":
                office.dials.clear()
            elif word == "calls":
                tell({"calls": office.wait_for_calls(int(rest[0])), "asked": rest[0]})
            elif word == "now":
                tell({"now": office.calls(), "asked": rest[0]})
            elif word == "floor":
                with contextlib.closing(WatchStore(office.place)) as watch:
                    found = watch.snapshot(office.clock.now())
                tell({"troubles": list(found.line_troubles), "lines": found.lines, "n": rest[0]})
            elif word == "erase":
                office.erase(rest[0])
                tell({"erased": rest[0]})
            elif word == "kill" and office.dialler is not None:
                office.dialler.kill()
                office.dialler.wait(5)
                tell({"killed": True})
    finally:
        office.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
