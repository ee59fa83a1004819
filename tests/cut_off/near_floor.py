"""Run on the supervisor's PC: a campaign on the shared floor, its public, its dialler.

JSON lines out: when it is ready, what the public heard, what stands on the record; words in.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.clock import WallClock
from app.floor_place import floor_place
from app.practice import read_lines
from app.profile import Profile, open_profile
from app.rehearsal.carrier import RehearsalCarrier
from app.rehearsal.people import DISPOSITIONS
from app.trunk import Trunk, write_trunk
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile as rules
from dialer_core.simulation.public import Behaviour, Kind, Public
from dialer_core.store.address import Place
from dialer_core.store.opening import open_database
from dialer_core.store.schema.base import Ground
from dialer_core.store.setup import NewCampaign, NewPerson, SetupStore
from sip.messages import CarrierRecord

AGENTS = ("Anna", "Ben")


def tell(words: dict[str, object]) -> None:
    """A line for the test on the other side."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


class Patient(Public):
    """Everybody answers, speaks, and hangs up after so many seconds."""

    def __init__(self, talk_s: float) -> None:
        """Nothing is drawn."""
        self._talk_s = talk_s

    def person(self, number: str, attempt: int) -> Behaviour:
        return Behaviour(Kind.HUMAN, 200, 0.3, False, 0.8, 6.0, self._talk_s, 1.0)


def main(home: str, talk_s: str, people: str) -> None:
    profile = open_profile(Path(home))
    place = floor_place(profile)
    logs = profile.root / "practice"
    logs.mkdir()
    carrier = RehearsalCarrier(profile, Patient(float(talk_s)), 1, logs)
    carrier.start()
    write_trunk(
        profile.root / "trunk.toml", Trunk(gateways=carrier.places, lines=min(2, int(people)))
    )
    _campaign(place, int(people))
    words = [sys.executable, "-m", "app", "dialler", "--profile", home]
    dialler = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    tell({"ready": True})
    try:
        for line in sys.stdin:
            if line.strip() == "heard":
                tell({"heard": _patiently(lambda: _heard(logs), int(people))})
            elif line.strip() == "record":
                tell({"record": _patiently(lambda: _record(place), int(people))})
    finally:
        dialler.terminate()
        try:
            said = dialler.communicate(timeout=15)[1]
        except subprocess.TimeoutExpired:
            dialler.kill()
            said = dialler.communicate()[1]
        carrier.stop()
        sys.stderr.write(said + _troubles(profile))


def _campaign(place: Place, people: int) -> None:
    clock = WallClock()
    with contextlib.closing(SetupStore(place)) as store:
        campaign = store.add_campaign(
            NewCampaign(
                "Spring", "Rosewood", "Rosewood", Mode.PROGRESSIVE, rules("REHEARSAL"),
                "+441614960000", DISPOSITIONS,
            ),
            clock.now(),
        )  # fmt: skip
        listed = [
            NewPerson(f"Person {n}", [(f"+4416149601{n:02d}", "")], zones=["Europe/London"],
                      grounds=(Ground.CONSENT,))
            for n in range(1, people + 1)
        ]  # fmt: skip
        store.add_list(campaign, "List", listed, clock.now(), source="a test")
        for name in AGENTS:
            store.add_agent(name, clock.now())


def _patiently(found: Callable[[], list[Any]], count: int) -> list[Any]:
    """What is found, as soon as it is that many; else what there is after a while."""
    until = time.monotonic() + 30
    while len(found()) < count and time.monotonic() < until:
        time.sleep(0.1)
    return found()


def _heard(logs: Path) -> list[Any]:
    return [
        {
            "status": one.sent_status,
            "by": one.ended_by,
            "heard_ms": {str(key): value for key, value in one.sounds.heard_ms.items()},
            "gap_ms": one.longest_gap_ms,
        }
        for file in logs.glob("*.jsonl")
        for one in read_lines(file, CarrierRecord)
    ]


def _record(place: Place) -> list[Any]:
    """Code, note, agent and how often the dialler was told, of each call that has an outcome."""
    database = open_database(place)
    try:
        with database.reading() as connection:
            rows = connection.exec_driver_sql(
                "SELECT a.disposition_code, a.note, g.name, (SELECT count(*) FROM agent_events e"
                " WHERE e.attempt_id = a.id AND e.kind = 'outcome') FROM attempts a"
                " JOIN agents g ON g.id = a.agent_id WHERE a.disposed_at IS NOT NULL"
            ).all()
            return [list(row) for row in rows]
    finally:
        database.close()


def _troubles(profile: Profile) -> str:
    return "\n".join(str(file) for file in profile.logs_dir.glob("*"))


if __name__ == "__main__":
    main(*sys.argv[1:])
