"""Launching: keep a small stock, ask the pacer, place what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dialer_core.clock import Instant
from dialer_core.engine import breaks, connecting, deciding, placing, previews
from dialer_core.engine.campaign_state import CampaignState
from dialer_core.engine.commands import LeaseRecords
from dialer_core.engine.events import RecordsLeased
from dialer_core.engine.floor import Floor
from dialer_core.engine.stock import REST_S
from dialer_core.model.records import LeasedRecord
from dialer_core.model.states import Mode
from dialer_core.pacing.view import Decision

LEAST_STOCK = 4
LEAST_CHOICE = 24  # where the pacer may choose which record goes next
CHOICE_REFILL_AT = 0.75
TRUNK = "trunk"


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
        _take_turn(floor, state, now)


def _take_turn(floor: Floor, state: CampaignState, now: Instant) -> None:
    hindrance = floor.hindrance(state)
    if hindrance:
        state.is_at_rest = False
        _stand_down(floor, state)
        breaks.settle(floor, state, None, now)
        floor.note(state, Decision(0, reason=hindrance), now)
    else:
        _refill(floor, state, now)
        if not (state.is_at_rest and not state.idle and not state.leaving):
            _launch(floor, state, now)


def _stand_down(floor: Floor, state: CampaignState) -> None:
    """Nothing may be dialled: records go back, so that they do not wait here."""
    for record in state.stock.clear():
        floor.return_record(record)


def _refill(floor: Floor, state: CampaignState, now: Instant) -> None:
    """Lease ahead twice the seats and what is in flight; more where the pacer may choose.

    Whom it has not chosen for long makes room for others.
    """
    campaign = state.campaign
    for record in state.stock.passed_over(now.mono_s):
        floor.return_record(record, rest_s=REST_S)
    for record in state.stock.unclaimed(now.mono_s):
        floor.return_record(record)
    is_choice = campaign.mode is Mode.PREDICTIVE and campaign.levers.choice
    least, refill_at = (LEAST_CHOICE, CHOICE_REFILL_AT) if is_choice else (LEAST_STOCK, 0.5)
    target = max(least, 2 * len(state.seats)) + state.open_calls
    wanted = state.stock.wanted(target, now.mono_s, refill_at=refill_at)
    if wanted:
        floor.tell(LeaseRecords(state.campaign.id, wanted))


def _launch(floor: Floor, state: CampaignState, now: Instant) -> None:
    orders = deciding.ask(state.pacer, state.view(now, floor.ready_lines(now)))
    if state.leaving and breaks.settle(floor, state, orders.hold, now):
        _take_turn(floor, state, now)  # it was reckoned with a seat that has just gone
        return
    decision, done = orders.decision, 0
    state.may_park = orders.park
    if state.waiting and orders.park:
        connecting.match_waiting(floor, state, now)
    prefer: Sequence[LeasedRecord] = ()
    if decision.launch and orders.prefer and state.campaign.levers.choice:
        prefer = state.stock.pick(orders.prefer)
    idle = len(state.idle)
    while done < decision.launch and _launch_one(floor, state, now, prefer):
        done += 1
        if state.campaign.mode is Mode.PREDICTIVE and len(state.idle) < idle:
            # A record that needs a held seat took one: the rest was reckoned with that seat.
            floor.note(state, replace(decision, launch=done), now)
            _launch(floor, state, now)
            return
    if not done and floor.free_lines and floor.gateways.room(now.mono_s) == 0:
        decision = Decision(0, reason=floor.gateways.reason(now.mono_s), rule=TRUNK)
    elif done < decision.launch:
        lack = _lack(floor, state, now)
        rule = decision.rule and lack and f"{decision.rule}+lack"  # a rule of its own
        rule = rule or decision.rule
        decision = replace(decision, launch=done, reason=decision.reason + lack, rule=rule)
    floor.note(state, decision, now)
    # Who dials one to one has nothing to say while no seat is free, and has said so.
    is_one_to_one = state.campaign.mode in (Mode.PREVIEW, Mode.PROGRESSIVE)
    state.is_at_rest = is_one_to_one and state.noted.is_settled


def _launch_one(
    floor: Floor, state: CampaignState, now: Instant, prefer: Sequence[LeasedRecord]
) -> bool:
    mode = state.campaign.mode
    if floor.gateways.room(now.mono_s) == 0:
        return False
    if mode is Mode.PREVIEW:
        return previews.offer(floor, state, now)
    if not floor.free_lines or state.open_calls >= state.campaign.max_lines:
        return False
    can_hold = state.unspoken > 0 and mode is not Mode.AGENTLESS
    if mode is Mode.PROGRESSIVE and not can_hold:
        return False
    if not can_hold and mode is Mode.PREDICTIVE and now.mono_s < state.one_to_one_until_s:
        return False
    kept = state.stock.take_kept(state.free) if can_hold else None
    if kept is not None:
        return previews.begin(floor, state, kept[0], floor.seats[kept[1]], now)
    record = state.stock.take(now.mono_s, with_reserved=can_hold, prefer=prefer)
    if record is None:
        return False
    session_id = state.longest_idle() if mode is Mode.PROGRESSIVE or record.needs_seat else None
    if session_id is not None:
        return previews.begin(floor, state, record, floor.seats[session_id], now)
    return placing.place(floor, state, record, None, now, mode=mode)


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
    if floor.gateways.room(now.mono_s) == 0:
        return f" {floor.gateways.reason(now.mono_s)}"
    return ""
