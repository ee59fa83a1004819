"""The busy seats of this moment: what each is likely busy with, and when it will be free."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dialer_core.pacing.handles import STEPS, SeatModel
from dialer_core.pacing.hints import ForecastTrust
from dialer_core.pacing.rings import RingModel
from dialer_core.pacing.view import FloorView

Floats = npt.NDArray[np.float64]

LAST_ANSWERS = 8  # of the log, among which a new conversation's is looked for


class Spell(NamedTuple):
    """One conversation of a seat: since when, and how likely it is with a machine."""

    since: float
    machine: float


class BusySeats:
    """Follows the seats from view to view; knows of each conversation how long the call rang."""

    def __init__(self, rings: RingModel, seats: SeatModel) -> None:
        self._rings = rings
        self._seats = seats
        self._spells: dict[int, Spell] = {}
        self._wraps: dict[int, float] = {}

    def watch(self, view: FloorView) -> None:
        """Take note of conversations that are new and of wrap-ups that have ended."""
        spells = self._spells
        for seat, since in view.talking.items():
            spell = spells.get(seat)
            if spell is None or spell.since != since:
                spells[seat] = Spell(since, self._machine_share(view, since))
        wraps = self._wraps
        if wraps.keys() != view.wrapping.keys():
            for seat in [seat for seat in wraps if seat not in view.wrapping]:
                since = wraps.pop(seat)
                spell = spells.get(seat)
                idle_since = view.idle.get(seat)
                if idle_since is not None and spell is not None and since - spell.since > 15.0:
                    self._seats.pace_seen(seat, idle_since - since)
            for seat, since in view.wrapping.items():
                wraps.setdefault(seat, since)

    def _machine_share(self, view: FloorView, since: float) -> float:
        """How likely the conversation that began then is with a machine, by how long it rang."""
        log = view.answer_log
        for index in range(len(log) - 1, max(-1, len(log) - 1 - LAST_ANSWERS), -1):
            end = log[index]
            if not end.was_abandoned and -0.01 <= since - end.at <= view.connect_limit + 0.5:
                return 1.0 - self._rings.person_share(end.ring_s)
        rings = self._rings
        return 1.0 - rings.person_chance / max(rings.chance, 1e-9)

    def free_by(
        self,
        view: FloorView,
        times: tuple[float, ...],
        trust: ForecastTrust | None,
        park_chance: float = 0.0,
        parkable: int = 0,
    ) -> Floats:
        """Rows by time from now, columns by busy seat: the chance to be free.

        Seats that go on a break when they are done are left out. `trust`: use what seats tell.
        `park_chance`: a seat whose talk is over counts as free with this chance; where wrap-ups are
        `parkable`, seats that wrap up now are counted elsewhere and have no chance here.
        """
        tables = self._seats.tables(times)
        now, column, pace = view.now, self._seats.column, self._seats.pace
        until = now + times[-1]
        due = view.breaks_due
        names = [*view.talking, *view.wrapping]
        if due:
            names = [seat for seat in names if not due.get(seat, until + 1.0) <= until]
        talks = [seat for seat in names if seat in view.talking]
        wraps = [seat for seat in names if seat not in view.talking]
        one = [pace(s) * STEPS + column(now - view.talking[s]) for s in talks]
        two = [pace(s) * STEPS + column(now - view.wrapping[s]) for s in wraps]
        plain = [place % STEPS for place in one]
        machine = np.array([self._spells[seat].machine for seat in talks])
        is_machine = machine * tables.still_machine[plain]
        is_person = (1.0 - machine) * tables.still_talk[one] + 1e-9
        share = is_machine / (is_machine + is_person)
        person = tables.talk_free[:, one]
        if park_chance > 0.0:
            person = np.maximum(person, park_chance * tables.talk_over[:, one])
        talking = share * tables.machine_free[:, plain] + (1.0 - share) * person
        wrapping = tables.wrap_free[:, two]
        if parkable:
            wrapping = np.zeros_like(wrapping)
        chances = np.concatenate((talking, wrapping), axis=1)
        if trust is not None:
            for place, seat in enumerate([*talks, *wraps]):
                told_s = view.seat_ends.get(seat)
                told = trust.chances(told_s, times) if told_s is not None else None
                if told is not None and not (parkable and place >= len(talks)):
                    chances[:, place] = told
        return chances
