"""The line doctor for the whole floor: every call that its line has told of, and what to say."""

from __future__ import annotations

import logging
from typing import Final

import msgspec

from app.desk.doctor import Advice, LineDoctor, facts_of_call
from app.desk.supervising import seat_advice
from app.desk.views import SeatAdviceView
from dialer_core.clock import Instant
from dialer_core.store.watch import Snapshot, WatchedSeat
from sip.messages import CallQuality, LegQuality, Stamp

log = logging.getLogger("app.desk.floor_doctor")

STALE_S: Final = 45.0  # a line that has said nothing for so long is not believed any more


class FloorDoctor:
    """One doctor a call, which forgets nothing between two looks; used on one thread."""

    def __init__(self) -> None:
        self._doctors: dict[str, LineDoctor] = {}

    def examine(self, snapshot: Snapshot, now: Instant) -> tuple[SeatAdviceView, ...]:
        """What is to be said of the seats' calls at this moment, the worst first."""
        found = []
        here = set()
        for seat in snapshot.seats:
            quality = _quality(seat, now)
            if quality is None or seat.call is None or seat.call.answered_at is None:
                continue
            here.add(quality.attempt_id)
            doctor = self._doctors.setdefault(quality.attempt_id, LineDoctor())
            answered = seat.call.answered_at.timestamp()
            facts = facts_of_call(quality, name=seat.agent_name, answered_utc_s=answered)
            advice: tuple[Advice, ...] = doctor.examine(facts, now.mono_s)
            found.append((int(seat.session_id), seat.agent_name, advice))
        for gone in self._doctors.keys() - here:
            del self._doctors[gone]
        return seat_advice(found)


def _quality(seat: WatchedSeat, now: Instant) -> CallQuality | None:
    """The line's last word, as of now; None where there is none or it is old."""
    call = seat.call
    if call is None or call.told_at is None or not call.legs:
        return None
    if (now.utc - call.told_at).total_seconds() > STALE_S:
        return None
    try:
        legs = msgspec.convert(list(call.legs), tuple[LegQuality, ...])
    except msgspec.ValidationError as error:  # another version's dialler wrote it
        log.debug("a call's quality cannot be read: %s", error)
        return None
    at = Stamp(mono_s=now.mono_s, utc_s=now.utc.timestamp())
    return CallQuality(at=at, attempt_id=call.attempt_id, legs=legs)
