"""The dialler's process, from its start to its end: begun anew where the floor asks for it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Final

from app.clock import WallClock
from app.dialler.process import DiallerProcess
from app.errors import KnownError
from app.profile import Profile
from dialer_core.clock import Instant
from dialer_core.model.errors import FateUnknown
from dialer_core.store.lease import LeaseLost

log = logging.getLogger("app.dialler.starting")

TAKEN_OVER: Final = (
    "Another dialler has taken this floor over; this one has stopped and left it the calls."
)


def new_attempt_ids(clock: Callable[[], Instant]) -> Callable[[], str]:
    """Names for attempts: sortable by time, unique on the floor, 26 characters."""

    def make() -> str:
        milliseconds = int(clock().utc.timestamp() * 1000)
        return f"{milliseconds:012x}{os.urandom(7).hex()}"

    return make


def run_dialler(profile: Profile, *, stands_by: bool = False) -> None:
    """Dial for this floor until told to end.

    `stands_by`: it waits until the floor has no dialler, and again after it has lost the floor.
    """
    clock = WallClock()
    while True:
        process = DiallerProcess(profile, new_attempt_ids(clock.now), clock, stands_by=stands_by)
        try:
            asyncio.run(process.run())
        except LeaseLost:
            log.warning("another dialler has taken the floor over")
            if not stands_by:
                raise KnownError(TAKEN_OVER) from None
        except FateUnknown as unknown:
            log.warning("what is in progress is read anew: %s", unknown.sentence)
        else:
            if not process.has_floor_moved:
                return
