"""Launching: keep a small stock, ask the pacer, place what it says."""

from __future__ import annotations

from dataclasses import replace

from dialer_core.clock import Instant
from dialer_core.engine import placing, previews
from dialer_core.engine.campaign_state import CampaignState
from dialer_core.engine.commands import LeaseRecords
from dialer_core.engine.events import RecordsLeased
from dialer_core.engine.floor import Floor
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import Mode
from dialer_core.pacing.view import Decision

LEAST_STOCK = 4


def leased(floor: Floor, event: RecordsLeased, now: Instant) -> None:
    """Take the list's answer in; a contact that the engine has in hand already is passed over."""
    fresh: list[LeasedRecord] = []
    for record in event.records:
        if record.contact_id not in floor.contacts:
            floor.contacts.add(record.contact_id)
            fresh.append(record)
    floor.campaign(event.campaign_id).stock.add(fresh, len(event.records), now.mono_s)


def launch_all(floor: Floor, now: Instant) -> None:
    """Give every campaign its turn, the one with the fewest calls a seat first."""
    if not floor.is_recovered:
        return
    states = list(floor.campaigns.values())
    if len(states) > 1:
        states.sort(key=lambda state: state.open_calls / max(1, len(state.seats)))
    for state in states:
        hindrance = floor.hindrance(state)
        if hindrance:
            _stand_down(floor, state)
            floor.note(state, Decision(0, reason=hindrance), now)
        else:
            _refill(floor, state, now)
            _launch(floor, state, now)


def _stand_down(floor: Floor, state: CampaignState) -> None:
    """Nothing may be dialled: records go back, so that they do not wait here."""
    for record in state.stock.clear():
        floor.return_record(record)


def _refill(floor: Floor, state: CampaignState, now: Instant) -> None:
    """Lease ahead twice the seats and what is in flight."""
    target = max(LEAST_STOCK, 2 * len(state.seats)) + state.open_calls
    wanted = state.stock.wanted(target, now.mono_s)
    if wanted:
        floor.tell(LeaseRecords(state.campaign.id, wanted))


def _launch(floor: Floor, state: CampaignState, now: Instant) -> None:
    decision = state.pacer.decide(state.view(now, len(floor.free_lines)))
    done = 0
    idle = len(state.idle)
    while done < decision.launch and _launch_one(floor, state, now):
        done += 1
        if state.campaign.mode is Mode.PREDICTIVE and len(state.idle) < idle:
            # A record that needs a held seat took one: the rest was reckoned with that seat.
            floor.note(state, replace(decision, launch=done), now)
            _launch(floor, state, now)
            return
    if done < decision.launch:
        lack = _lack(floor, state, now)
        decision = replace(decision, launch=done, reason=decision.reason + lack)
    floor.note(state, decision, now)


def _launch_one(floor: Floor, state: CampaignState, now: Instant) -> bool:
    mode = state.campaign.mode
    if mode is Mode.PREVIEW:
        return previews.offer(floor, state, now)
    if not floor.free_lines or state.open_calls >= state.campaign.max_lines:
        return False
    can_hold = state.unspoken > 0
    if mode is Mode.PROGRESSIVE and not can_hold:
        return False
    if not can_hold and now.mono_s < state.one_to_one_until_s:
        return False
    record = state.stock.take(with_reserved=can_hold)
    if record is None:
        return False
    seat = None
    if mode is Mode.PROGRESSIVE or record.reserved_only:
        session_id = state.longest_idle()
        seat = floor.seats[session_id] if session_id is not None else None
    return placing.place(floor, state, record, seat, now, mode=mode)


def _lack(floor: Floor, state: CampaignState, now: Instant) -> str:
    """What was missing when fewer calls left than the pacer wanted."""
    if now.mono_s < state.one_to_one_until_s:
        return " The budget lets nothing be dialled ahead for now."
    if state.stock.is_asking:
        return " Records are being fetched."
    if not len(state.stock):
        return " The list has no more records now."
    if not floor.free_lines or state.open_calls >= state.campaign.max_lines:
        return " No line is free."
    return ""
