"""The limit: a pacer that knows every outcome and every finishing time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dialer_core.engine import events
from dialer_core.model.campaign import Campaign
from dialer_core.model.ids import ContactId
from dialer_core.pacing.view import Decision, FloorView, Pacer
from dialer_core.simulation.day import SeatPlan
from dialer_core.simulation.lines import LEG_S
from dialer_core.simulation.public import Behaviour

if TYPE_CHECKING:
    from dialer_core.simulation.floor import SimulatedFloor

HORIZON_S = 90.0  # how far ahead calls are planned; longer than anything rings
SLACK_S = 0.02  # the answer comes this long after its seat is free


class Clairvoyant:
    """Launches each call such that it is answered at the very moment at which a seat is free.

    Who will not answer is passed over at no cost (but counted as dialled). It looks into the
    simulated people and agents, so it is no pacer for a floor but the bound of all of them: near
    100 % utilisation, nobody lost. Use it by `simulate_day(plan, clairvoyant=True)`.

    How: the list gives nothing by itself (`Roster.is_closed`); for each seat a chain of calls is
    planned up to `HORIZON_S` ahead, and at a call's moment its record is pushed into the engine
    (RecordsLeased), which asks the pacer, which says: launch what is in stock.
    """

    def __init__(self, floor: SimulatedFloor) -> None:
        self._floor = floor
        self._pushed = 0
        self._chains = {
            seat.number: _Chain(seat) for seat in floor.plan.seats if not seat.is_relief
        }
        self._meant_for: dict[ContactId, _Chain] = {}

    def begin(self) -> None:
        """Plan every seat's day as it comes."""
        for chain in list(self._chains.values()):
            self._look(chain)

    def pacer(self, campaign: Campaign) -> Pacer:
        """Itself, in the place of the campaign's pacer."""
        del campaign
        return self

    def decide(self, view: FloorView) -> Decision:
        """Launch all that was pushed."""
        del view
        launch, self._pushed = self._pushed, 0
        return Decision(launch, reason=f"{launch} that will be answered when a seat is free.")

    def bridged(self, contact_id: ContactId, seat_number: int) -> None:
        """A call has met a seat: where it was meant for another, the two change places."""
        meant = self._meant_for.pop(contact_id, None)
        other = self._chains.get(seat_number)
        if meant is None or other is None or meant is other:
            return
        meant.seat, other.seat = other.seat, meant.seat
        meant.rests, other.rests = other.rests, meant.rests
        self._chains[meant.seat.number] = meant
        self._chains[other.seat.number] = other

    def _look(self, chain: _Chain) -> None:
        """Plan this seat's calls up to the horizon, and look again before it is reached."""
        floor = self._floor
        now_s, end_s = floor.kernel.now_s, floor.plan.length_s
        while chain.free_s < min(now_s + HORIZON_S, end_s, chain.seat.goes_s):
            self._plan_call(chain, now_s)
        if chain.free_s < min(end_s, chain.seat.goes_s):
            again_s = max(1.0, chain.free_s - HORIZON_S - now_s)
            floor.kernel.after(again_s, lambda: self._look(chain))

    def _plan_call(self, chain: _Chain, now_s: float) -> None:
        contact_id, person = self._next_who_answers(chain.free_s)
        earliest_s = max(now_s, chain.seat.comes_s) + SLACK_S + person.ring_s
        answered_s = max(earliest_s, chain.free_s + SLACK_S)
        while chain.rests_before(answered_s):
            answered_s = max(earliest_s, chain.free_s + SLACK_S)
        if answered_s >= chain.seat.goes_s:
            chain.free_s = chain.seat.goes_s
            return
        self._meant_for[contact_id] = chain
        self._floor.kernel.after(answered_s - person.ring_s - now_s, self._push(contact_id))
        chain.free_s = answered_s + LEG_S + person.talk_s + person.wrap_s

    def _next_who_answers(self, at_s: float) -> tuple[ContactId, Behaviour]:
        floor = self._floor
        while True:
            contact_id = floor.roster.next_contact()
            person = floor.people.behaviour(contact_id, "", 1, at_s)
            if person.final_status == 200 and person.ring_s < floor.campaign.max_ring_s:
                return contact_id, person
            floor.tally.dialled(floor.kernel.now_s)

    def _push(self, contact_id: ContactId) -> Callable[[], None]:
        def push() -> None:
            floor = self._floor
            record = floor.roster.fresh(contact_id, floor.kernel.now_s)
            self._pushed += 1
            floor.send(events.RecordsLeased(floor.campaign.id, [record]))

        return push


class _Chain:
    """When a seat will be free after all that is planned for it."""

    def __init__(self, seat: SeatPlan) -> None:
        self.seat = seat
        self.free_s = seat.comes_s
        self.rests = sorted(seat.rests, key=lambda rest: rest.at_s)

    def rests_before(self, answered_s: float) -> bool:
        """Take the next break if it is due before that moment; whether there was one."""
        if not self.rests or self.rests[0].at_s > answered_s + SLACK_S:
            return False
        rest = self.rests.pop(0)
        self.free_s = max(self.free_s, rest.at_s) + rest.length_s
        while self.rests and self.rests[0].at_s - (self.rests[0].announced_s or 0.0) < self.free_s:
            self.rests.pop(0)  # the agent is away already
        return True
