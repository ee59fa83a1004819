"""Run on the supervisor's PC: a campaign on the shared floor, the public, and the dialler.

The session is that of a phone on another PC. JSON on standard output: what the public heard.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path

from app.clock import WallClock
from app.floor_place import floor_place
from app.practice import read_lines
from app.profile import open_profile
from app.rehearsal.carrier import RehearsalCarrier
from app.rehearsal.people import DISPOSITIONS
from app.trunk import Trunk, write_trunk
from dialer_core.model.states import Mode
from dialer_core.rules.profiles import profile as rules
from dialer_core.simulation.public import Behaviour, Kind, Public
from dialer_core.store.schema.base import Ground
from dialer_core.store.seat import SeatStore
from dialer_core.store.setup import NewCampaign, NewPerson, SetupStore
from sip.messages import CarrierRecord

TALK_S = 3.0


def tell(words: dict[str, object]) -> None:
    """A line for the test on the other side."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


class Patient(Public):
    """Everybody answers, speaks, and hangs up after TALK_S."""

    def __init__(self) -> None:
        """Nothing is drawn."""

    def person(self, number: str, attempt: int) -> Behaviour:
        return Behaviour(Kind.HUMAN, 200, 0.3, False, 0.8, 6.0, TALK_S, 1.0)


def main(home: str, uri: str, token: str) -> None:
    profile, clock = open_profile(Path(home)), WallClock()
    place = floor_place(profile)
    logs = profile.root / "practice"
    logs.mkdir()
    carrier = RehearsalCarrier(profile, Patient(), 1, logs)
    carrier.start()
    write_trunk(profile.root / "trunk.toml", Trunk(gateways=carrier.places, lines=1))
    with contextlib.closing(SetupStore(place)) as store:
        campaign = store.add_campaign(
            NewCampaign(
                "Spring", "Rosewood", "Rosewood", Mode.PROGRESSIVE, rules("REHEARSAL"),
                "+441614960000", DISPOSITIONS,
            ),
            clock.now(),
        )  # fmt: skip
        people = [
            NewPerson("Ada", [("+441614960101", "")], zones=["Europe/London"],
                      grounds=(Ground.CONSENT,))
        ]  # fmt: skip
        store.add_list(campaign, "List", people, clock.now(), source="a test")
        store.add_agent("Anna", clock.now())
    seat = SeatStore(place)
    session = seat.log_in("Anna", None, "front-1", uri, token, clock.now(), campaign)
    tell({"session": session})
    sys.stdin.readline()
    words = [sys.executable, "-m", "app", "dialler", "--profile", home]
    dialler = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    try:
        seat.want_available(clock.now())
        until = time.monotonic() + 30
        while not (heard := _heard(logs)) and time.monotonic() < until and dialler.poll() is None:
            time.sleep(0.1)
        tell({"heard": heard})
    finally:
        seat.close()
        dialler.terminate()
        try:
            said = dialler.communicate(timeout=15)[1]
        except subprocess.TimeoutExpired:
            dialler.kill()
            said = dialler.communicate()[1]
        carrier.stop()
        sys.stderr.write(said)


def _heard(logs: Path) -> list[dict[str, object]]:
    return [
        {
            "own": one.signature,
            "status": one.sent_status,
            "by": one.ended_by,
            "heard_ms": {str(key): value for key, value in one.sounds.heard_ms.items()},
            "gap_ms": one.longest_gap_ms,
        }
        for file in logs.glob("*.jsonl")
        for one in read_lines(file, CarrierRecord)
    ]


main(*sys.argv[1:])
