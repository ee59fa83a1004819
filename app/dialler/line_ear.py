"""What a line says, to the engine and to whom else it concerns; wherever the line stands."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from app.dialler import translate
from dialer_core.clock import Clock, Instant
from dialer_core.engine import events
from dialer_core.model.ids import LineId
from sip import messages

log = logging.getLogger("app.dialler.line_ear")


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Once the effects of an event are on the record: this line, up to this number."""

    line_id: LineId
    seq: int


Told = Callable[[events.Event, Instant, "Acknowledge | None"], None]
Aside = Callable[[LineId, messages.Message], None]
"""Takes what a line says that is no event of a call: quality, registrations, troubles."""


@dataclass(frozen=True, slots=True)
class LineEar:
    """Hears all lines of a bank. `acknowledge` takes at once what the engine need not know."""

    clock: Clock
    tell: Told
    aside: Aside | None
    acknowledge: Callable[[Acknowledge], None]

    def hear(self, line_id: LineId, message: messages.Message) -> bool:
        """Take a message in; True where it was the line's snapshot."""
        if self.aside is not None:
            self.aside(line_id, message)
        if isinstance(message, messages.LineStatus):
            self.tell(translate.line_up(line_id, message), self.clock.now(), None)
            return True
        if isinstance(message, messages.Refused):
            log.warning("%s refused %s: %s", line_id, message.command, message.sentence)
            if message.attempt_id:
                self._hear_refusal(line_id, message)
            return False
        if isinstance(message, messages.EngineTrouble):
            log.warning("%s: %s", line_id, message.sentence)
        if isinstance(message, messages.RegistrationChanged) and not message.is_registered:
            log.warning("%s: %s", message.gateway, message.sentence or "not registered")
        told = translate.line_event(line_id, message)
        seq = getattr(message, "seq", None)
        if told is not None and isinstance(seq, int):
            self.tell(told[0], told[1], Acknowledge(line_id, seq))
        elif isinstance(seq, int):
            self.acknowledge(Acknowledge(line_id, seq))
        return False

    def _hear_refusal(self, line_id: LineId, refused: messages.Refused) -> None:
        if refused.command in ("originate", "take_call"):
            event, at = translate.refused_originate(line_id, refused, self.clock.now())
            self.tell(event, at, None)
        elif refused.command in translate.WISHES:
            event, at = translate.refused_wish(line_id, refused, self.clock.now())
            self.tell(event, at, None)
