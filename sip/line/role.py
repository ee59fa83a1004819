"""A line's commands: one attempt at a time, and each command only for the attempt in hand."""

from __future__ import annotations

import re
from pathlib import Path

from sip.engine import Engine
from sip.errors import KnownError
from sip.line.call import LineCallInHand
from sip.messages import (
    ConnectAgent,
    EndCall,
    LineStatus,
    Message,
    Originate,
    PlayMessage,
)

_NUMBER = re.compile(r"[+0-9A-Za-z*#._-]{1,64}")


class LineRole:
    """What a line process does; see `sip.line.call` for the life of a call."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call: LineCallInHand | None = None
        engine.endpoint.on_transport_end = self._connection_broke
        engine.endpoint.on_late_response = self._late_response

    def handle(self, command: Message) -> None:
        if isinstance(command, Originate):
            self._originate(command)
        elif isinstance(command, ConnectAgent | PlayMessage | EndCall):
            call = self._call
            if call is None or call.order.attempt_id != command.attempt_id:
                self._engine.wire.refuse(command, "This line does not have that call in hand.")
                return
            sentence = self._pass_on(call, command)
            if sentence:
                self._engine.wire.refuse(command, sentence)
        else:
            self._engine.wire.refuse(command, "A line does not know this command.")

    @staticmethod
    def _pass_on(call: LineCallInHand, command: ConnectAgent | PlayMessage | EndCall) -> str:
        if isinstance(command, ConnectAgent):
            return call.connect(command.agent)
        if isinstance(command, PlayMessage):
            return call.play_message()
        call.end(is_now=command.now)
        return ""

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
        self._call = call
        call.start()

    def _objection(self, order: Originate) -> str:
        """Why this order cannot be carried out, "" if it can."""
        if self._call is not None:
            return "This line has a call in hand."
        if not _NUMBER.fullmatch(order.number) or not _NUMBER.fullmatch(order.caller_id):
            return "The number or the caller's number has signs that no number has."
        if "{number}" not in order.gateway.uri_template:
            return "The gateway's address has no {number} in it."
        if order.agent_leg != "on_answer" and order.agent is None:
            return "This way of dialling needs the agent's address."
        seconds = (order.min_ring_s, order.max_ring_s, order.message_lead_s, order.max_call_s)
        if any(s < 0 for s in seconds) or order.connect_limit_s <= 0:
            return "The limits must not be negative."
        if order.message_wav and not Path(order.message_wav).is_file():
            return "The recorded message's file is not there."
        return ""

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
        if self._call is not None:
            self._call.stop()

    def close(self) -> None:
        """Write down how the call ended, even if the network has not said its last word."""
        if self._call is not None:
            self._call.give_up()
