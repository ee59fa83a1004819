"""What a person hears of us in place of an agent: the agentless message, and the queue's keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sip.bridge import join
from sip.errors import KnownError
from sip.line.menu import KeyedMessage
from sip.line.sounds import Message
from sip.messages import KeyMeaning, KeyMenu, KeyPressed, MessageStarted, Stamp

if TYPE_CHECKING:
    from sip.line.call import LineCallInHand

TAIL_S = 0.2
"""From the end of a file until its last sound has left the line."""
REJOIN_S = 0.5
"""A re-INVITE may give the person another port: it is joined again so often."""
MOST_TRIES = 100
REASONS: dict[KeyMeaning, str] = {
    "": "the message was played",
    "later": "the person asked to be called later",
    "never": "the person asked never to be called again",
}


class PersonsEar:
    """Plays files to the person of one call, one at a time, beside what the call's mixing does."""

    def __init__(self, call: LineCallInHand) -> None:
        self._call = call
        self._message: Message | None = None

    def play(self, wav: str, on_end: Callable[[], None], *, is_looped: bool) -> bool:
        self.hush()
        call = self._call
        try:
            message = Message(
                call.engine.endpoint,
                Path(wav),
                lambda: self._ended(wav, on_end, is_looped=is_looped),
            )
        except KnownError as error:
            call.engine.trouble(error.sentence)
            return False
        self._message = message
        if not self._join():
            self.hush()
            return False
        return True

    def _join(self) -> bool:
        """Join, and keep joined."""
        person = self._call.person
        if self._message is None or person is None:
            return False
        self._call.timers.after("ear", REJOIN_S, self._join)
        return join(self._message, person.sound())

    def _ended(self, wav: str, on_end: Callable[[], None], *, is_looped: bool) -> None:
        def tail() -> None:
            self.hush()
            if is_looped:
                self.play(wav, on_end, is_looped=True)
            else:
                on_end()

        self._call.timers.after("ear tail", TAIL_S, tail)

    def hush(self) -> None:
        self._call.timers.cancel("ear")
        self._call.timers.cancel("ear tail")
        message, self._message = self._message, None
        if message is not None:
            message.let_go()


def tell_key(call: LineCallInHand, key: str, meaning: KeyMeaning) -> None:
    """The person's key and what the menu makes of it."""
    call.engine.wire.emit(
        KeyPressed(
            seq=0,
            at=call.engine.clock.now(),
            attempt_id=call.order.attempt_id,
            key=key,
            by="person",
            meaning=meaning,
        )
    )


class QueueKeys:
    """The keys of somebody who waits for an agent with music: call me later, never again.

    In charge of the person (see `sip.line.call.Announcement`) from such a wish on.
    """

    def __init__(self, call: LineCallInHand, menu: KeyMenu) -> None:
        self._call = call
        self._ear = PersonsEar(call)
        self._message = KeyedMessage(
            "",
            menu,
            self,
            call.engine.timers,
            lambda key, meaning: tell_key(call, key, meaning),
            self._over,
            is_looped=True,
        )

    def begin(self) -> None:
        """From now on the person's keys are listened to, until an agent is there."""
        self._call.on_key = self._message.key
        self._message.start()

    def play(self, wav: str, on_end: Callable[[], None], *, is_looped: bool) -> bool:
        """The queue's music is the call's own; a confirmation is heard in its stead."""
        if is_looped:
            return True
        self._call.in_charge = self
        self._call.timers.cancel("connect")
        self._call.remix()
        return self._ear.play(wav, on_end, is_looped=False)

    def hush(self) -> None:
        self._ear.hush()

    def _over(self, meaning: KeyMeaning) -> None:
        self._call.let_go("line", REASONS[meaning])

    def end(self) -> None:
        """An agent comes, or the call ends."""
        self._message.stop()


class AgentlessMessage:
    """In charge of whoever answers an agentless call (see `sip.line.call.Announcement`)."""

    def __init__(self, call: LineCallInHand) -> None:
        self._call = call
        self._began_at: Stamp | None = None
        self._is_for_agent = False
        self._tries = 0
        self._ear = PersonsEar(call)
        self._message = KeyedMessage(
            call.order.agentless_wav,
            call.order.menu,
            self._ear,
            call.engine.timers,
            lambda key, meaning: tell_key(call, key, meaning),
            self._over,
        )

    def begin(self) -> None:
        """The person has answered: play, from the first word on with their keys."""
        call = self._call
        call.on_key = self._message.key
        if self._began_at is not None:
            return
        person = call.person
        if person is None or person.sound() is None:
            # The answer is here before its sound: it comes within milliseconds, or not at all.
            call.timers.after("begin", 0.02, self._begin_late)
            self._tries += 1
            return
        self._play()

    def _begin_late(self) -> None:
        if self._tries < MOST_TRIES:
            self.begin()
        else:
            self._call.let_go("network", "no sound could be sent")

    def _play(self) -> None:
        call = self._call
        if not self._message.start():
            call.let_go("line", "the message could not be played")
            return
        self._began_at = now = call.engine.clock.now()
        call.engine.wire.emit(MessageStarted(seq=0, at=now, attempt_id=call.order.attempt_id))

    def _over(self, meaning: KeyMeaning) -> None:
        call = self._call
        if meaning != "agent":
            call.let_go("line", REASONS[meaning])
            return
        self._is_for_agent = True
        call.wait_for_agent(call.order.connect_limit_s)
        if call.order.menu is not None:
            QueueKeys(call, call.order.menu).begin()

    def end(self) -> None:
        """An agent comes, or the call ends."""
        call = self._call
        self._message.stop()
        if self._began_at is not None and not self._is_for_agent:
            call.record.message_at = call.record.message_at or self._began_at
