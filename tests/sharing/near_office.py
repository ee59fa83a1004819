"""Run on the supervisor's PC: a campaign on the shared floor, the public, and the dialler.

The session is that of a phone on another PC. JSON on standard output: what the public heard.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from app.clock import WallClock
from app.floor_place import floor_place
from app.profile import open_profile
from app.rehearsal.carrier import RehearsalCarrier
from app.trunk import Trunk, write_trunk
from dialer_core.store.seat import SeatStore
from tests import office_kit

TALK_S = 3.0


def main(home: str, uri: str, token: str) -> None:
    profile, clock = open_profile(Path(home)), WallClock()
    place = floor_place(profile)
    logs = profile.root / "practice"
    logs.mkdir()
    carrier = RehearsalCarrier(profile, office_kit.Patient(TALK_S), 1, logs)
    carrier.start()
    write_trunk(profile.root / "trunk.toml", Trunk(gateways=carrier.places, lines=1))
    campaign = office_kit.set_up(place, people=1)
    seat = SeatStore(place)
    session = seat.log_in("Anna", None, "front-1", uri, token, clock.now(), campaign)
    office_kit.tell({"session": session})
    sys.stdin.readline()
    try:
        with office_kit.dialler(home) as dialler:
            seat.want_available(clock.now())
            until = time.monotonic() + 30
            while not (heard := office_kit.heard(logs)) and time.monotonic() < until:
                if dialler.poll() is not None:
                    break
                time.sleep(0.1)
            office_kit.tell({"heard": heard})
    finally:
        seat.close()
        carrier.stop()


main(*sys.argv[1:])
