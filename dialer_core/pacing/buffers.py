"""Seats behind the free ones: wrap-ups that a call may interrupt, and relief seats.

A pacer may only rely on a parked wrap-up where the floor really does it. Either the view says
which wrap-ups are parkable, or it is learnt from what became of the wrap-ups that were offered.
"""

from __future__ import annotations

from collections.abc import Collection

from dialer_core.pacing.view import FloorView

PARK_PRICE = 0.03  # of a lost call: what a parked wrap-up costs the people at the seats
RELIEF_PRICE = 0.1  # of a lost call: what the relief seat's time is worth
TOLD_CHANCE = 0.97  # that a wrap-up takes the call, where the view names it as parkable
REFUSED_S = 600.0  # a seat that let a call be lost is not counted on for so long
MISSES = 4  # in a row after which nothing is believed any more


class ParkWatch:
    """Whether offered wrap-ups take calls: an offered seat that talks without having been free."""

    def __init__(self) -> None:
        self._offered: dict[int, float] = {}
        self._refused: dict[int, float] = {}
        self._taken = 0
        self._misses = 0
        self._answers = 0
        self._is_told = False

    @property
    def chance(self) -> float:
        """Chance that a seat in wrap-up takes a call in need; 0 where it was never seen."""
        if self._is_told:
            return TOLD_CHANCE
        if not self._taken or self._misses >= MISSES:
            return 0.0
        return self._taken / (self._taken + self._misses + 0.5)

    def watch(self, view: FloorView) -> None:
        """See what became of the last offer."""
        self._is_told = view.parkable is not None
        log = view.answer_log
        fresh = log[self._answers :] if len(log) > self._answers else ()
        self._answers = len(log)
        if self._is_told or not self._offered:
            return
        for seat, since in self._offered.items():
            talks_since = view.talking.get(seat)
            if talks_since is not None and talks_since > since:
                self._taken, self._misses = min(self._taken + 1, 50), 0
        if any(end.was_abandoned for end in fresh):
            refused = [seat for seat in self._offered if seat in view.wrapping]
            self._misses += bool(refused)
            for seat in refused:
                self._refused[seat] = view.now + REFUSED_S

    def offer(self, seats: Collection[int], view: FloorView) -> tuple[int, ...]:
        """Remember what is offered now."""
        self._offered = {seat: view.wrapping[seat] for seat in seats}
        return tuple(seats)

    def counted_on(self, view: FloorView) -> int:
        """How many of the offered seats may be counted on."""
        if self._is_told:
            return len(self._offered)
        if self.chance <= 0.0:
            return 0
        return sum(1 for seat in self._offered if self._refused.get(seat, view.now) <= view.now)
