"""How an attempt ended, from what the line saw of it.

The table is that of the facts sheet, 6.4. A Q.850 cause is preferred over the SIP status, since
gateways often hide the cause behind a status of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dialer_core.model.states import FormulaClass, Outcome
from dialer_core.rules import detection

NO_PROGRESS_S = 12.0  # no 18x in this time is the carrier's fault, not "no answer"
SHORT_TALK_S = 1.0
"""A conversation that the person ends sooner was none: nothing was said, nobody has to code it."""


@dataclass(frozen=True, slots=True)
class CallEnd:
    """What is known of a finished call; seconds, None where the moment never came.

    `ended_by`: person, agent, line, dialler or network, as the line says it.
    """

    sip_status: int
    ended_by: str
    q850: int | None = None
    reason: str = ""  # status text and any Reason header
    setup_s: float = 0.0  # INVITE to the end, or to the answer
    had_progress: bool = False  # 18x was received
    ring_s: float = 0.0  # first 180, ringback or else 18x, to the answer or the end
    is_answered: bool = False
    is_bridged: bool = False
    answer_to_bridge_s: float | None = None
    answer_to_end_s: float | None = None
    is_crossed: bool = False  # a 200 crossed our CANCEL
    is_cancelled: bool = False  # we gave the ringing up
    message_played: bool = False
    is_detected_machine: bool = False  # detection took it for a machine and kept it from agents
    tone: str = ""  # heard on it: before the answer if there was none, else after it


_CAUSES: dict[int, Outcome] = {
    1: Outcome.INVALID_NUMBER,
    22: Outcome.INVALID_NUMBER,
    28: Outcome.INVALID_FORMAT,
    17: Outcome.BUSY,
    20: Outcome.TEMP_UNAVAILABLE,
    27: Outcome.DESTINATION_FAULT,
    38: Outcome.NETWORK_FAILURE,
}
_CAUSES |= dict.fromkeys((2, 3, 25), Outcome.ROUTING_ERROR)
_CAUSES |= dict.fromkeys((34, 41, 42, 44, 47, 63), Outcome.NETWORK_CONGESTION)
_CAUSES |= dict.fromkeys((50, 52, 55, 57), Outcome.CARRIER_REJECT)
_CAUSES |= dict.fromkeys((58, 65, 70, 88), Outcome.CODEC_MISMATCH)
_CAUSES |= dict.fromkeys((29, 95, 96, 97, 98, 99, 100, 101, 111), Outcome.PROTOCOL_ERROR)

_STATUSES: dict[int, Outcome] = {
    401: Outcome.AUTH_FAIL,
    403: Outcome.CARRIER_REJECT,
    404: Outcome.INVALID_NUMBER,
    407: Outcome.AUTH_FAIL,
    410: Outcome.INVALID_NUMBER,
    483: Outcome.ROUTING_ERROR,
    484: Outcome.INVALID_FORMAT,
    485: Outcome.INVALID_NUMBER,
    486: Outcome.BUSY,
    488: Outcome.CODEC_MISMATCH,
    500: Outcome.NETWORK_FAILURE,
    501: Outcome.PROTOCOL_ERROR,
    502: Outcome.DESTINATION_FAULT,
    503: Outcome.NETWORK_CONGESTION,
    504: Outcome.NETWORK_FAILURE,
    505: Outcome.PROTOCOL_ERROR,
    600: Outcome.BUSY,
    604: Outcome.INVALID_NUMBER,
    606: Outcome.CODEC_MISMATCH,
    607: Outcome.UNWANTED,
    608: Outcome.UNWANTED,
}

# A final answer that crossed our CANCEL and says what the number was.
_TOLD = frozenset({404, 410, 486, 600, 603, 604})

# Attempts that never were one to reach the person: trunk, network or settings stood in the way.
NO_CONTACT = frozenset(
    {
        Outcome.NETWORK_CONGESTION,
        Outcome.NETWORK_FAILURE,
        Outcome.NO_PROGRESS,
        Outcome.CARRIER_REJECT,
        Outcome.CARRIER_TIMEOUT,
        Outcome.AUTH_FAIL,
        Outcome.CODEC_MISMATCH,
        Outcome.ROUTING_ERROR,
        Outcome.PROTOCOL_ERROR,
    }
)

_Q850 = re.compile(r"q\.850\s*;[^,]*?\bcause\s*=\s*(\d{1,3})\b", re.IGNORECASE)


def cause_in(reason: str) -> int | None:
    """The Q.850 cause in a Reason header (RFC 3326), or None."""
    found = _Q850.search(reason)
    return int(found.group(1)) if found else None


def classify(
    end: CallEnd,
    *,
    min_ring_s: float,
    connect_limit_s: float,
    no_progress_s: float = NO_PROGRESS_S,
) -> tuple[Outcome, FormulaClass]:
    """The attempt's outcome and the count that it belongs to; never raises.

    What cannot be told (a time that is missing or not a number) is held against us: late, lost.
    """
    if end.is_answered or end.is_crossed:
        return _answered(end, connect_limit_s)
    return _unanswered(end, min_ring_s, no_progress_s), FormulaClass.UNANSWERED


def after_disposition(formula_class: FormulaClass, outcome: Outcome) -> FormulaClass:
    """The count of a connected call once the agent has said what it was.

    A machine that met an agent in time moves from the live calls to the machines; nothing else
    does, a late connection least of all.
    """
    if formula_class is FormulaClass.L and outcome is Outcome.ANSWER_MACHINE_AGENT:
        return FormulaClass.M
    if formula_class is FormulaClass.M and outcome is not Outcome.ANSWER_MACHINE_AGENT:
        return FormulaClass.L  # the agent has corrected the outcome
    return formula_class


def counts_for_law(outcome: Outcome, *, had_progress: bool) -> bool:
    """Whether the attempt counts towards the legal limits: carrier faults only if it rang."""
    return had_progress or outcome not in NO_CONTACT


def counts_for_kpi(outcome: Outcome) -> bool:
    """Whether the attempt counts as one to reach the person, in the caller's own figures."""
    return outcome not in NO_CONTACT


def _answered(end: CallEnd, connect_limit_s: float) -> tuple[Outcome, FormulaClass]:
    if end.is_bridged:
        took_s = end.answer_to_bridge_s
        if took_s is not None and took_s <= connect_limit_s:
            if _left_at_once(end):
                return Outcome.SHORT_HANGUP, FormulaClass.SHORT_HANGUP
            return Outcome.CONNECTED, FormulaClass.L
        return Outcome.CONNECTED, FormulaClass.AOBS  # late counts as lost
    if end.is_detected_machine and not end.is_crossed:
        return detection.kept_from_agents(end.tone)
    lasted_s = end.answer_to_end_s
    if (
        end.ended_by == "person"
        and not end.message_played
        and not end.is_crossed
        and lasted_s is not None
        and lasted_s < connect_limit_s
    ):
        return Outcome.SHORT_HANGUP, FormulaClass.SHORT_HANGUP
    return Outcome.ABANDONED, FormulaClass.AOBS


def _left_at_once(end: CallEnd) -> bool:
    """The person was gone before anybody could have said a word to the other."""
    if end.ended_by != "person" or end.message_played:
        return False
    if end.answer_to_end_s is None or end.answer_to_bridge_s is None:
        return False
    return end.answer_to_end_s - end.answer_to_bridge_s < SHORT_TALK_S


def _unanswered(end: CallEnd, min_ring_s: float, no_progress_s: float) -> Outcome:
    has_rung = end.had_progress and end.ring_s >= min_ring_s
    by_tone = _by_tone(end)
    if by_tone is not None:
        return by_tone
    if end.is_cancelled and end.sip_status not in _TOLD:
        if has_rung:
            return Outcome.NO_ANSWER
        if not end.had_progress and end.setup_s >= no_progress_s:
            return Outcome.NO_PROGRESS
        return Outcome.DIALLER_CANCELLED
    if end.sip_status in (401, 407):
        return Outcome.AUTH_FAIL  # gateways dress it up as cause 21
    cause = end.q850 if end.q850 is not None else cause_in(end.reason)
    by_cause = _by_cause(cause, end, has_rung)
    return by_cause if by_cause is not None else _by_status(end, has_rung)


def _by_tone(end: CallEnd) -> Outcome | None:
    """What the network said in sound; None where it said nothing, or more clearly in words."""
    if end.q850 is not None or cause_in(end.reason) is not None:
        return None
    if end.sip_status in _TOLD or end.sip_status in (401, 407):
        return None
    return detection.early_outcome(end.tone)


def _by_cause(cause: int | None, end: CallEnd, has_rung: bool) -> Outcome | None:
    """The outcome that the cause tells; None where the status knows better."""
    if cause == 18:
        return Outcome.NO_ANSWER if end.had_progress else Outcome.CARRIER_TIMEOUT
    if cause == 19:
        return Outcome.NO_ANSWER if has_rung else Outcome.TEMP_UNAVAILABLE
    if cause == 21 and end.sip_status not in (403, 603, 607, 608):
        return Outcome.CALLEE_DECLINED_CALL
    return _CAUSES.get(cause) if cause is not None else None


def _by_status(end: CallEnd, has_rung: bool) -> Outcome:
    status = end.sip_status
    if status in (480, 487):
        return Outcome.NO_ANSWER if has_rung else Outcome.TEMP_UNAVAILABLE
    if status == 408:
        return Outcome.NO_ANSWER if end.had_progress else Outcome.CARRIER_TIMEOUT
    if status == 603 and "network blocked" in end.reason.lower():
        return Outcome.UNWANTED  # "603+": a network's analytics, not the person
    if status in _STATUSES:
        return _STATUSES[status]
    if 300 <= status < 400:
        return Outcome.REDIRECTED
    if 400 <= status < 500:
        return Outcome.PROTOCOL_ERROR
    if 500 <= status < 600:
        return Outcome.NETWORK_FAILURE
    if 600 <= status < 700:
        return Outcome.CALLEE_DECLINED_CALL
    if status == 0 and end.ended_by == "network" and not end.had_progress:
        return Outcome.CARRIER_TIMEOUT  # it could not even be sent
    return Outcome.LINE_LOST  # no final answer came and nobody cancelled: its line broke
