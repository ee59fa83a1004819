"""A line's commands: one attempt at a time, and each command only for the attempt in hand."""

from __future__ import annotations

import re

from sip.clock import awake_s
from sip.engine import Engine
from sip.errors import KnownError
from sip.line.announcing import AgentlessMessage, QueueKeys
from sip.line.call import LineCallInHand
from sip.line.inbound import Inbound, Offer, objection_of, order_of
from sip.line.listening import Listening
from sip.line.registration import Registrar
from sip.messages import (
    AcceptCalls,
    Arrange,
    ConnectAgent,
    DialThird,
    DropThird,
    EndCall,
    EndSupervise,
    LineStatus,
    Message,
    Originate,
    PlayMessage,
    RefuseCall,
    Register,
    SendDigits,
    SetRecording,
    Supervise,
    TakeCall,
    Unregister,
)

_NUMBER = re.compile(r"[+0-9A-Za-z*#._-]{1,64}")


InHand = (
    ConnectAgent
    | PlayMessage
    | EndCall
    | Arrange
    | DialThird
    | DropThird
    | SendDigits
    | SetRecording
    | Supervise
    | EndSupervise
)
"""The commands about the call in hand."""


def _pass_on(call: LineCallInHand, command: InHand) -> str:
    """Have the part of the call that it concerns carry `command` out; returns why not, or ""."""
    match command:
        case ConnectAgent():
            return call.agent_side.connect(command.agent)
        case PlayMessage():
            return call.play_message()
        case EndCall():
            call.end(is_now=command.now)
            return ""
        case Arrange():
            return call.arranging.arrange(command.how)
        case DialThird():
            return call.arranging.dial_third(command)
        case DropThird():
            return call.arranging.drop_third()
        case SendDigits():
            return call.keys.send(command)
        case SetRecording():
            return call.recording.set(command.how)
        case Supervise():
            return call.supervising.supervise(command.supervisor, command.how)
        case EndSupervise():
            return call.supervising.end_supervise()


class LineRole:
    """What a line process does; see `sip.line.call` for the life of a call."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call: LineCallInHand | None = None
        self._registrar = Registrar(engine)
        self._inbound = Inbound(engine, lambda: self._call is None, self._take)
        engine.endpoint.on_transport_end = self._connection_broke
        engine.endpoint.on_late_response = self._late_response

    def handle(self, command: Message) -> None:
        if isinstance(command, Originate):
            self._originate(command)
        elif isinstance(command, Register | Unregister):
            sentence = self._registrar.handle(command)
            if sentence:
                self._engine.wire.refuse(command, sentence)
            elif isinstance(command, Register):
                self._inbound.door.registered(command.gateway)
            else:
                self._inbound.door.unregistered(command.gateway)
        elif isinstance(command, AcceptCalls | TakeCall | RefuseCall):
            sentence = self._inbound.handle(command)
            if sentence:
                self._engine.wire.refuse(command, sentence)
        elif isinstance(command, InHand):
            call = self._call
            if call is None or call.order.attempt_id != command.attempt_id:
                self._engine.wire.refuse(command, "This line does not have that call in hand.")
                return
            sentence = _pass_on(call, command)
            if sentence:
                self._engine.wire.refuse(command, sentence)
        else:
            self._engine.wire.refuse(command, "A line does not know this command.")

    def _originate(self, order: Originate) -> None:
        sentence = self._objection(order)
        if sentence:
            self._engine.wire.refuse(order, sentence)
            return
        try:
            call = LineCallInHand(self._engine, order, self._forget)
        except KnownError as error:
            self._engine.wire.refuse(order, error.sentence)
            return
        if order.agentless_wav:
            call.in_charge = AgentlessMessage(call)
        call.hearing = Listening(call)
        self._call = call
        call.start()

    def _take(self, offer: Offer, command: TakeCall) -> str:
        """An offered call becomes the call in hand and is answered; returns why not, or ""."""
        order = order_of(command, offer)
        try:
            call = LineCallInHand(self._engine, order, self._forget, incoming=offer.leg)
        except KnownError as error:
            return error.sentence
        if order.menu is not None:
            QueueKeys(call, order.menu).begin()
        self._call = call
        call.start()
        return ""

    def _objection(self, order: Originate) -> str:
        """Why this order cannot be carried out, "" if it can."""
        if order.not_after_s is not None and awake_s() >= order.not_after_s:
            return "The order came too late: the dialler may not dial any more."
        if self._call is not None:
            return "This line has a call in hand."
        if self._inbound.is_ringing:
            return "Somebody calls this line just now."
        if not _NUMBER.fullmatch(order.number) or not _NUMBER.fullmatch(order.caller_id):
            return "The number or the caller's number has signs that no number has."
        if "{number}" not in order.gateway.uri_template:
            return "The gateway's address has no {number} in it."
        if order.agent_leg != "on_answer" and order.agent is None:
            return "This way of dialling needs the agent's address."
        seconds = (order.min_ring_s, order.max_ring_s, order.message_lead_s, order.max_call_s)
        if any(s < 0 for s in seconds) or order.connect_limit_s <= 0:
            return "The limits must not be negative."
        menu = order.menu
        wavs = [order.message_wav, order.agentless_wav]
        wavs += [] if menu is None else [menu.later_wav, menu.never_wav]
        words = next((words for words in map(objection_of, wavs) if words), "")
        return f"A message of this call cannot be played: {words}" if words else ""

    def _forget(self, call: LineCallInHand) -> None:
        if self._call is call:
            self._call = None

    def _connection_broke(self) -> None:
        if self._call is not None:
            self._call.connection_broke()

    def _late_response(self, sip_call_id: str, status: int) -> None:
        if self._call is not None:
            self._call.late_response(sip_call_id, status)

    def snapshot(self) -> Message:
        wire = self._engine.wire
        call = self._call.snapshot() if self._call is not None else None
        return LineStatus(epoch=wire.epoch, last_seq=wire.last_seq, call=call)

    def is_busy(self) -> bool:
        return self._call is not None or bool(self._engine.endpoint.legs)

    def stop(self) -> None:
        self._inbound.stop()
        if self._call is not None:
            self._call.stop()

    def close(self) -> None:
        """Write down how the call ended, even if the network has not said its last word."""
        if self._call is not None:
            self._call.give_up()
