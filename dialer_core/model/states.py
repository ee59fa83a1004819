"""States of seats and attempts, and every move that is allowed between them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from dialer_core.model.errors import IllegalTransition


class Mode(StrEnum):
    """How a campaign places its calls."""

    PREVIEW = "preview"
    PROGRESSIVE = "progressive"
    PREDICTIVE = "predictive"
    AGENTLESS = "agentless"  # a message with keys, no agent unless one is asked for
    MANUAL = "manual"  # nothing is dialled but what an agent dials by hand


class Direction(StrEnum):
    """Who called whom; saved by value."""

    OUT = "out"
    IN = "in"


class SeatState(StrEnum):
    """What an agent's session is doing; saved by value."""

    PAUSED = "paused"  # logged in, not to be given work; the reason stands beside it
    AVAILABLE = "available"  # waits for work and may be given it at any moment
    PREVIEW = "preview"  # a record is on the screen, its countdown runs, nothing is dialled yet
    RINGING = "ringing"  # held for one call that is being dialled for this seat
    CONNECTING = "connecting"  # chosen for an answered call, the agent's leg is being set up
    TALKING = "talking"  # bridged with the person
    WRAP_UP = "wrap_up"  # the call is over, the outcome or its time is outstanding
    LOGGED_OUT = "logged_out"  # the session is closed; a new one is needed


SEAT_MOVES: Mapping[SeatState, frozenset[SeatState]] = {
    SeatState.PAUSED: frozenset(
        {
            SeatState.AVAILABLE,
            SeatState.RINGING,  # dials by hand
            SeatState.CONNECTING,  # a colleague's call, or one that a supervisor takes over
            SeatState.LOGGED_OUT,
        }
    ),
    SeatState.AVAILABLE: frozenset(
        {
            SeatState.PAUSED,
            SeatState.PREVIEW,
            SeatState.RINGING,
            SeatState.CONNECTING,
            SeatState.LOGGED_OUT,
        }
    ),
    SeatState.PREVIEW: frozenset(
        {SeatState.AVAILABLE, SeatState.PAUSED, SeatState.RINGING, SeatState.LOGGED_OUT}
    ),
    SeatState.RINGING: frozenset(
        {
            SeatState.AVAILABLE,
            SeatState.PAUSED,
            SeatState.CONNECTING,
            SeatState.TALKING,
            SeatState.WRAP_UP,  # preview: the agent who heard it ring codes a failed call, too
            SeatState.LOGGED_OUT,
        }
    ),
    SeatState.CONNECTING: frozenset(
        {
            SeatState.TALKING,
            SeatState.AVAILABLE,
            SeatState.PAUSED,
            SeatState.WRAP_UP,
            SeatState.LOGGED_OUT,
        }
    ),
    SeatState.TALKING: frozenset(
        {
            SeatState.WRAP_UP,
            SeatState.AVAILABLE,  # gone before a word was said, or another agent's call: no code
            SeatState.PAUSED,  # the same, and a pause was due
            SeatState.LOGGED_OUT,
        }
    ),
    SeatState.WRAP_UP: frozenset(
        {
            SeatState.AVAILABLE,
            SeatState.PAUSED,
            SeatState.CONNECTING,  # parked: an answered call goes before, the wrap-up comes back
            SeatState.LOGGED_OUT,
        }
    ),
    SeatState.LOGGED_OUT: frozenset(),
}


class CallStage(StrEnum):
    """Where an attempt stands; saved by value."""

    COMMITTED = "committed"  # in the database, its INVITE may leave at any moment
    DIALLING = "dialling"  # the INVITE has left, nothing has come back
    RINGING = "ringing"  # 18x came back
    WAITING = "waiting"  # the person answered and no seat has been found yet
    CONNECTING = "connecting"  # the person answered, a seat is chosen, its leg is being set up
    TALKING = "talking"  # person and agent are bridged
    MESSAGE = "message"  # the person hears the recorded message: nobody was found, or agentless
    ENDED = "ended"  # over; the outcome is on the record


CALL_MOVES: Mapping[CallStage, frozenset[CallStage]] = {
    CallStage.COMMITTED: frozenset(
        {CallStage.DIALLING, CallStage.RINGING, CallStage.WAITING, CallStage.TALKING}
        | {CallStage.CONNECTING, CallStage.MESSAGE, CallStage.ENDED}
    ),
    CallStage.DIALLING: frozenset(
        {CallStage.RINGING, CallStage.WAITING, CallStage.CONNECTING, CallStage.TALKING}
        | {CallStage.MESSAGE, CallStage.ENDED}
    ),
    CallStage.RINGING: frozenset(
        {CallStage.WAITING, CallStage.CONNECTING, CallStage.TALKING, CallStage.MESSAGE}
        | {CallStage.ENDED}
    ),
    CallStage.WAITING: frozenset(
        {CallStage.CONNECTING, CallStage.TALKING, CallStage.MESSAGE, CallStage.ENDED}
    ),
    CallStage.CONNECTING: frozenset(
        {CallStage.TALKING, CallStage.WAITING, CallStage.MESSAGE, CallStage.ENDED}
    ),
    CallStage.TALKING: frozenset({CallStage.MESSAGE, CallStage.ENDED}),
    CallStage.MESSAGE: frozenset(
        {CallStage.WAITING, CallStage.ENDED}  # with a key of the message an agent is asked for
    ),
    CallStage.ENDED: frozenset(),
}


def move_seat(state: SeatState, to: SeatState) -> SeatState:
    """Return `to`, or raise IllegalTransition where the table has no such move."""
    if to not in SEAT_MOVES[state]:
        raise IllegalTransition(f"seat: {state} -> {to}")
    return to


def move_call(stage: CallStage, to: CallStage) -> CallStage:
    """Return `to`, or raise IllegalTransition where the table has no such move."""
    if to not in CALL_MOVES[stage]:
        raise IllegalTransition(f"call: {stage} -> {to}")
    return to


class Outcome(StrEnum):
    """How an attempt ended, as COMPLIANCE-style outcome words; saved by value."""

    CONNECTED = "CONNECTED"  # person and agent were bridged; the disposition says the rest
    ABANDONED = "ABANDONED"  # answered, nobody within the limit
    SHORT_HANGUP = "SHORT_HANGUP"  # the person hung up before the limit
    NO_ANSWER = "NO_ANSWER"
    BUSY = "BUSY"
    TEMP_UNAVAILABLE = "TEMP_UNAVAILABLE"
    INVALID_NUMBER = "INVALID_NUMBER"
    INVALID_FORMAT = "INVALID_FORMAT"
    CALLEE_DECLINED_CALL = "CALLEE_DECLINED_CALL"
    UNWANTED = "UNWANTED"
    REDIRECTED = "REDIRECTED"
    NO_PROGRESS = "NO_PROGRESS"  # no 18x in 12 s: the carrier's fault
    NETWORK_CONGESTION = "NETWORK_CONGESTION"
    NETWORK_FAILURE = "NETWORK_FAILURE"
    DESTINATION_FAULT = "DESTINATION_FAULT"
    CARRIER_REJECT = "CARRIER_REJECT"
    CARRIER_TIMEOUT = "CARRIER_TIMEOUT"
    AUTH_FAIL = "AUTH_FAIL"
    CODEC_MISMATCH = "CODEC_MISMATCH"
    ROUTING_ERROR = "ROUTING_ERROR"
    PROTOCOL_ERROR = "PROTOCOL_ERROR"
    DIALLER_CANCELLED = "DIALLER_CANCELLED"  # cancelled by us before the minimum ring
    LINE_LOST = "LINE_LOST"  # the line's process died and left no word; counts as dialled
    ANSWER_MACHINE_AGENT = "ANSWER_MACHINE_AGENT"  # coded by the agent
    ANSWER_MACHINE_AMD = "ANSWER_MACHINE_AMD"  # taken for one by detection, met no agent
    REFUSED_NOT_INTERESTED = "REFUSED_NOT_INTERESTED"  # coded by the agent
    DNC_REQUEST = "DNC_REQUEST"  # "never again"
    CALL_BACK = "CALL_BACK"
    SUCCESS = "SUCCESS"
    WRONG_NUMBER = "WRONG_NUMBER"
    FAX_MODEM = "FAX_MODEM"  # a machine that is no answering machine: nobody is to be had there
    NOT_AT_HOME = "NOT_AT_HOME"
    MESSAGE_HEARD = "MESSAGE_HEARD"  # agentless: the message began, and no agent was asked for


class FormulaClass(StrEnum):
    """Which count of the abandoned-rate formulas an attempt belongs to."""

    L = "L"  # connected to an agent within the limit, a person
    M = "M"  # connected to an agent, an answering machine
    AOBS = "AOBS"  # answered, no agent within the limit
    AMDET = "AMDET"  # taken for a machine by detection and not passed on
    SHORT_HANGUP = "SHORT_HANGUP"
    EXCLUDED = "EXCLUDED"
    UNANSWERED = "UNANSWERED"
