"""Run on an agent's PC: log in, work a little, and tell how long each step took. JSON out."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from app.clock import WallClock
from app.floor_place import floor_place
from app.profile import open_profile
from dialer_core.store.seat import SeatStore
from tests.office_kit import tell


def main(home: str, uri: str) -> None:
    now = WallClock().now
    seat = SeatStore(floor_place(open_profile(Path(home))))
    began_s = time.monotonic()
    seat.log_in("Anna", None, "front-1", uri, "token-of-anna", now())
    logged_in_s = time.monotonic() - began_s
    wishes, longest_s = 0, 0.0
    for turn in range(6):
        began_s = time.monotonic()
        if turn % 2:
            seat.want_pause("break", now())
        else:
            seat.want_available(now())
        seat.beat(now())
        wishes += seat.read() is not None
        longest_s = max(longest_s, time.monotonic() - began_s)
    seat.close()
    tell({"logged_in_s": logged_in_s, "longest_s": longest_s, "wishes": wishes})


main(*sys.argv[1:])
