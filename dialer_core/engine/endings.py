"""The end of a call: what it was, for the record, and what its seat does next."""

from __future__ import annotations

from dataclasses import replace

from dialer_core.clock import Instant
from dialer_core.engine import connecting, meaning, supervising, thirds, wrapping
from dialer_core.engine.calls import Call
from dialer_core.engine.events import CallEnded, CallFacts, LineLost
from dialer_core.engine.floor import Floor
from dialer_core.model.campaign import Campaign
from dialer_core.model.states import CallStage, FormulaClass, Outcome, SeatState
from dialer_core.rules.detection import kept_from_agents
from dialer_core.rules.outcomes import CallEnd, after_disposition, classify

_OURS = frozenset({"dialler", "line", "agent"})


def ended(floor: Floor, event: CallEnded, now: Instant) -> None:
    """The line says that the call is over."""
    call = floor.calls.get(event.attempt_id)
    if call is None:
        floor.release_line(event.line_id, event.attempt_id)
        return
    facts = event.facts
    if call.is_handed_over or call.taken is not None:
        facts = replace(facts, session_id=call.session_id)  # the record has whose it was
    if call.answered is None and facts.answered is not None:
        call.answered = facts.answered
        floor.log_ring(call, facts.answered, is_answered=True)
    if call.bridged is None and facts.bridged is not None:
        call.bridged = facts.bridged
    campaign = floor.campaign(call.campaign_id).campaign
    end = _call_end(call, facts)
    outcome, formula_class = classify(
        end, min_ring_s=campaign.min_ring_s, connect_limit_s=campaign.connect_limit_s
    )
    outcome, formula_class = meaning.of_kind(call, facts, outcome, formula_class)
    if floor.gateways.ended(
        call.attempt_id,
        outcome,
        facts.sip_status,
        rang=end.had_progress or end.is_answered,
        now_s=now.mono_s,
    ):
        call.launched = None  # it reached nobody: nothing for the pacer to learn of people
    if not facts.gateway:
        facts = replace(facts, gateway=floor.gateways.of(call.attempt_id))
    _close(floor, call, outcome, formula_class, facts.ended, facts, now)


def line_lost(floor: Floor, event: LineLost, now: Instant) -> None:
    """The line's process is gone; the call it had in hand is over without a word."""
    attempt_id = floor.lines.pop(event.line_id, None)
    floor.free_lines.pop(event.line_id, None)
    call = floor.calls.get(attempt_id) if attempt_id is not None else None
    if call is not None and call.is_on_record:
        close_lost(floor, call, now)


def close_lost(floor: Floor, call: Call, now: Instant) -> None:
    """Close an attempt of which no line has anything more to say."""
    campaign = floor.campaign(call.campaign_id).campaign
    outcome, formula_class = meaning.of_kind(call, None, *_lost(call, campaign))
    _close(floor, call, outcome, formula_class, now, None, now)


def _lost(call: Call, campaign: Campaign) -> tuple[Outcome, FormulaClass]:
    """The outcome from the engine's own knowledge; what is in doubt is held against us."""
    if call.is_machine and call.bridged is None:
        return kept_from_agents(call.tone)
    is_bridged = call.bridged is not None or call.stage is CallStage.TALKING
    if is_bridged:
        took_s = (
            call.bridged.mono_s - call.answered.mono_s if call.bridged and call.answered else 0.0
        )
        is_late = took_s > campaign.connect_limit_s
        return Outcome.CONNECTED, FormulaClass.AOBS if is_late else FormulaClass.L
    was_answered = call.answered is not None or call.stage in (
        CallStage.WAITING,
        CallStage.CONNECTING,
        CallStage.MESSAGE,
    )
    if was_answered:
        return Outcome.ABANDONED, FormulaClass.AOBS
    return Outcome.LINE_LOST, FormulaClass.EXCLUDED


def _close(
    floor: Floor,
    call: Call,
    outcome: Outcome,
    formula_class: FormulaClass,
    at: Instant,
    facts: CallFacts | None,
    now: Instant,
) -> None:
    seat = floor.seat_of(call)
    thirds.over(floor, call, now)
    supervising.over(floor, call, now)
    disposition = floor.campaign(call.campaign_id).campaign.disposition(call.coded)
    if disposition is not None:
        formula_class = after_disposition(formula_class, disposition.outcome)
    was_bridged = call.bridged is not None or call.stage is CallStage.TALKING
    floor.close_call(call, outcome, formula_class, at, facts)
    if seat is None or seat.state is SeatState.WRAP_UP:
        return
    if was_bridged and seat.state in (SeatState.RINGING, SeatState.CONNECTING):
        floor.set_seat(seat, SeatState.TALKING, now)
    if seat.state is not SeatState.TALKING:
        connecting.release_seat(floor, call, now)
    elif outcome is Outcome.SHORT_HANGUP:
        wrapping.no_talk(floor, seat, now)
    else:
        wrapping.end_talk(floor, call, seat, now)


def _call_end(call: Call, facts: CallFacts) -> CallEnd:
    """The line's moments as the durations that the rules ask for."""
    since = call.asked or facts.answered
    over = facts.answered or facts.cancelled or facts.ended
    rang = facts.ringing or facts.early_media or facts.progress
    is_answered = facts.answered is not None
    return CallEnd(
        sip_status=facts.sip_status,
        ended_by=facts.ended_by,
        q850=facts.q850,
        reason=facts.reason,
        setup_s=_between(facts.invite, over) or 0.0,
        had_progress=facts.progress is not None or rang is not None,
        ring_s=_between(rang, over) or 0.0,
        is_answered=is_answered,
        is_bridged=facts.bridged is not None,
        answer_to_bridge_s=_between(since, facts.bridged),
        answer_to_end_s=_between(since, facts.ended),
        is_crossed=facts.crossed,
        is_cancelled=not is_answered and facts.ended_by in _OURS,
        message_played=facts.message_played,
        is_detected_machine=call.is_machine,
        tone=call.tone if is_answered else call.early_tone,
    )


def _between(start: Instant | None, end: Instant | None) -> float | None:
    return end.mono_s - start.mono_s if start is not None and end is not None else None
