"""The life of one customer call on a line, from the INVITE to `CallEnded`.

Every way through this file ends with the person either talking to somebody, hearing the message
(or music, for as long as somebody is being brought), or being hung up; no way waits for a word
from the dialler. What the people of the call do with each other stands in `arranging`,
`agent_side`, `supervising`, `recorded` and `keys`; who hears whom is computed in `mixing`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sip.engine import Engine
from sip.errors import KnownError
from sip.leg import Leg, LegEnd, LegResponse
from sip.line.agent_side import EARLY_AGENT_LIMIT_S, LEAST_CHANCE_S, AgentSide
from sip.line.arranging import Arranging
from sip.line.joining import Joining
from sip.line.keys import Keys
from sip.line.named_timers import NamedTimers
from sip.line.quality import QualityWatch
from sip.line.record import CallRecord, EndedBy
from sip.line.recorded import CallRecording
from sip.line.scene import snapshot_of
from sip.line.sounds import TAIL_S, CallSounds, Message
from sip.line.supervising import Supervising
from sip.line.trunk_dial import customer_dial
from sip.messages import (
    CallAnswered,
    CallProgress,
    LineCall,
    MessageStarted,
    Originate,
    Side,
    Stamp,
    Verdict,
)

NO_PROGRESS_S = 12.0
"""Without any 18x for so long the carrier has failed, not the person (COMPLIANCE, early media)."""
CROSSING_LIMIT_S = 4.0
"""How long the final response to a cancelled INVITE is waited for."""


class Hearing(Protocol):
    """Who listens to the person's side before anybody talks: tones, machines."""

    def media(self, person: Leg) -> None:
        """The person's sound is active, early or after the answer; comes again."""

    def answered(self, at: Stamp) -> None:
        """The person has answered; a verdict, if one was ordered, comes as `call.judged`."""

    def end(self) -> None:
        """Nobody listens any more: the call is bridged, plays its message, or ends."""


class Announcement(Protocol):
    """Who has charge of the person from the answer on, in place of an agent (see `in_charge`)."""

    def begin(self) -> None:
        """The person has answered: play, and listen to `call.on_key`."""

    def end(self) -> None:
        """An agent comes, or the call ends: stop."""


class LineCallInHand:
    """One attempt. `on_done(self)` comes once, after `CallEnded` was emitted.

    With `incoming` it is that leg which is answered as the person's, instead of dialling one; such
    a person hears the queue's sound until an agent is there. `hearing` and `in_charge` may be set
    before `start`. Raises KnownError if the order's message cannot be played.
    """

    def __init__(
        self,
        engine: Engine,
        order: Originate,
        on_done: Callable[[LineCallInHand], None],
        incoming: Leg | None = None,
    ) -> None:
        self.order = order
        self.engine = engine
        self._on_done = on_done
        self.message: Message | None = None
        if order.message_wav:
            self.message = Message(engine.endpoint, Path(order.message_wav), self._message_over)
        self.sounds = CallSounds(engine.endpoint, order, engine.trouble)
        self.record = CallRecord(order, engine.clock.now())
        self.timers = NamedTimers(engine.timers)
        self.person: Leg | None = incoming
        self.agent_side = AgentSide(self)
        self.arranging = Arranging(self)
        self.supervising = Supervising(self)
        self.recording = CallRecording(self)
        self.keys = Keys(self)
        self.hearing: Hearing | None = None
        self.in_charge: Announcement | None = None
        self.on_key: Callable[[str], None] | None = None
        self.is_queued = incoming is not None
        self.is_judging = False
        self._quality = QualityWatch(self)
        self.joining = Joining(self)
        self._is_end_asked = False
        self._is_done = False
        self._held_end: LegEnd | None = None

    # --- dialling ----------------------------------------------------------------------------

    def start(self) -> None:
        """Send the INVITE (or answer the incoming one), and the agent's where it is due at once."""
        order, record = self.order, self.record
        record.invite_at = self.engine.clock.now()
        if self.person is not None:
            self.person.listener = self
            self.person.reply(200)
            return
        try:
            self.person = self.engine.endpoint.dial(customer_dial(order), self)
        except KnownError as error:
            self._finish(LegEnd(0, error.sentence, None, "network", self.engine.clock.now()))
            return
        record.sip_call_id = self.person.sip_call_id
        self.timers.after("progress", NO_PROGRESS_S, self._no_progress)
        if order.agent_leg != "on_answer" and order.agent is not None:
            self.agent_side.dial(order.agent, EARLY_AGENT_LIMIT_S)

    def leg_response(self, _leg: Leg, response: LegResponse) -> None:
        record = self.record
        record.has_response = True
        is_provisional = 100 < response.status < 200
        if not is_provisional or record.answered_at is not None or record.is_cancelled:
            return
        self.timers.cancel("progress")
        if record.note_progress(response):
            self._arm_ring_limit()
            self.engine.wire.emit(
                CallProgress(
                    seq=0,
                    at=response.at,
                    attempt_id=self.order.attempt_id,
                    status=response.status,
                    early_media=response.has_sdp,
                )
            )

    def _arm_ring_limit(self) -> None:
        since = self.record.ring_since
        if since is None:
            return
        order = self.order
        if self._is_end_asked:
            limit_s, action = order.min_ring_s, self._end_for_dialler
        else:
            limit_s, action = max(order.max_ring_s, order.min_ring_s), self._ring_limit
        self.timers.after("ring", since.mono_s + limit_s - self.engine.clock.now().mono_s, action)

    def heard_ringing(self, at: Stamp) -> None:
        """It was heard to ring, in sound that came before the answer: the ring's time begins."""
        record = self.record
        if record.ringing_at is None and record.answered_at is None and not self.is_ending:
            record.ringing_at = at
            self._arm_ring_limit()

    def _no_progress(self) -> None:
        self.let_go("line" if self.record.has_response else "network", "no progress")

    def _ring_limit(self) -> None:
        self.let_go("line", "nobody answered")

    def _end_for_dialler(self) -> None:
        self.let_go("dialler", "ended by the dialler")

    # --- answered ----------------------------------------------------------------------------

    def leg_answered(self, leg: Leg, at: Stamp) -> None:
        record, order = self.record, self.order
        record.answered_at = at
        if record.is_cancelled:
            record.is_crossed = True
            return
        record.sip_call_id = record.sip_call_id or leg.sip_call_id
        self.timers.cancel("progress")
        self.timers.cancel("ring")
        self.engine.wire.emit(CallAnswered(seq=0, at=at, attempt_id=order.attempt_id))
        waited_s = self.engine.clock.now().mono_s - at.mono_s
        self.timers.after("longest", order.max_call_s, self._too_long)
        if self.in_charge is None:
            limit_s = order.connect_limit_s - order.message_lead_s - waited_s
            self.timers.after("connect", limit_s, self.start_message)
        self._quality.start()
        self.is_judging = order.detection is not None and self.hearing is not None
        self.remix()
        if self.hearing is not None:
            self.hearing.answered(at)
        if self.in_charge is not None:
            self.in_charge.begin()

    def leg_media(self, leg: Leg) -> None:
        if self.hearing is not None:
            self.hearing.media(leg)
        self.remix()

    def judged(self, verdict: Verdict) -> None:
        """What took the call was judged: an agent who waits is joined, unless it is a machine.

        Then the dialler decides; if it says nothing, it is treated as a person.
        """
        if verdict == "machine":
            self.timers.after("judging", LEAST_CHANCE_S, lambda: self.judged("not_sure"))
            return
        self.timers.cancel("judging")
        self.is_judging = False
        self.remix()

    def wait_for_agent(self, limit_s: float) -> None:
        """Whoever had charge is through: the person hears the queue's sound
        until an agent or the message."""
        self._end_charge()
        self.is_queued = True
        self.timers.after("connect", limit_s, self.start_message)
        self.remix()

    def _end_charge(self) -> None:
        charge, self.in_charge = self.in_charge, None
        self.on_key = None
        if charge is not None:
            charge.end()

    def _too_long(self) -> None:
        self.let_go("line", "the longest time for a call was over")

    # --- who hears whom ----------------------------------------------------------------------

    def remix(self) -> None:
        """Bring the bridge into line with what is known now; may be repeated at any time."""
        if self._is_done:
            return
        if self.joining.apply():
            self._end_hearing()
            self._end_charge()
            self.agent_side.bridged()

    def legs(self) -> dict[Side, Leg]:
        """The legs that exist just now, up or not."""
        third, agent, supervisor = self.arranging.third, self.agent_side.leg, self.supervising.leg
        found: dict[Side, Leg | None] = {
            "person": self.person if self.arranging.has_person else None,
            "agent": agent.leg if agent is not None else None,
            "third": third.leg if third is not None else None,
            "supervisor": supervisor.leg if supervisor is not None else None,
        }
        return {side: leg for side, leg in found.items() if leg is not None}

    def connection_broke(self) -> None:
        """A connection of this engine broke; it may have been any phone's."""
        self.agent_side.connection_broke()
        self.supervising.connection_broke()
        if self.arranging.third is not None:
            self.arranging.third.connection_broke()

    # --- the message -------------------------------------------------------------------------

    def play_message(self) -> str:
        """Play the message now; returns why not, "" if it plays."""
        if self.record.answered_at is None or self.is_ending:
            return "Nobody is on the line to hear the message."
        if self.agent_side.talking is not None or self.arranging.third is not None:
            return "Somebody is talking to this person."
        self.start_message()
        return ""

    def start_message(self) -> None:
        """Nobody is there for the person: the recorded message, then the end."""
        if self.record.message_at is not None or self.is_ending:
            return
        self.timers.cancel("connect")
        self._end_hearing()
        self._end_charge()
        self._drop_all()
        now = self.engine.clock.now()
        person = self.person.sound() if self.person is not None else None
        if self.message is None or person is None:
            self.let_go("line", "nobody was free, and no message could be played")
            return
        self.record.message_at = now
        self.remix()
        self.engine.wire.emit(MessageStarted(seq=0, at=now, attempt_id=self.order.attempt_id))

    def _message_over(self) -> None:
        self.timers.after("message", TAIL_S, lambda: self.let_go("line", "the message was played"))

    # --- the end -----------------------------------------------------------------------------

    @property
    def is_ending(self) -> bool:
        return self.record.ended_by is not None or self._is_done

    def end(self, *, is_now: bool) -> None:
        """Hang up for the dialler; ringing is cancelled after its minimum unless `is_now`."""
        if self.is_ending:
            return
        self._is_end_asked = True
        record = self.record
        if record.answered_at is not None or is_now or record.progress_at is None:
            self._end_for_dialler()
        else:
            self._arm_ring_limit()

    def stop(self) -> None:
        """Hang up because this process leaves."""
        self.let_go("line", "the line was stopped")

    def give_up(self) -> None:
        """The process ends now: book what is known."""
        now = self.engine.clock.now()
        self._finish(self._held_end or LegEnd(0, "the line was stopped", None, "us", now))

    def let_go(self, by: EndedBy, reason: str) -> None:
        """End the call: everybody is hung up on. Does nothing if it is ending already."""
        if self.is_ending:
            return
        record, leg = self.record, self.person
        if not self.arranging.has_person and self._held_end is not None:
            self._finish(self._held_end)
            return
        record.ended_by, record.reason = by, reason
        self._shut_down()
        if leg is None:
            return
        if not leg.is_answered:
            record.is_cancelled, record.cancelled_at = True, self.engine.clock.now()
            self.engine.endpoint.watch(leg.sip_call_id)
        leg.end()

    def _shut_down(self) -> None:
        """Nobody talks any more: recording, timers and all legs but the person's."""
        self.recording.stop()
        self.timers.cancel_all()
        self._end_hearing()
        self._end_charge()
        self.keys.stop()
        self._drop_all()

    def _drop_all(self) -> None:
        self.agent_side.drop()
        self.arranging.end()
        self.supervising.end()

    def _end_hearing(self) -> None:
        hearing, self.hearing = self.hearing, None
        self.is_judging = False
        if hearing is not None:
            hearing.end()

    def leg_ended(self, _leg: Leg, end: LegEnd) -> None:
        record = self.record
        is_open = record.is_cancelled and not record.is_crossed and record.has_response
        if end.by == "us" and is_open:
            # PJSIP is done with the call, the network is not: a 200 may still cross our CANCEL.
            self._held_end = end
            self.timers.after("crossing", CROSSING_LIMIT_S, lambda: self._finish(end))
        elif not self.is_ending and self.arranging.person_left():
            self._held_end = end
        else:
            self._finish(end)

    def late_response(self, sip_call_id: str, status: int) -> None:
        """The final response to an INVITE that was cancelled."""
        if self.record.sip_call_id != sip_call_id or self._is_done:
            return
        if status // 100 == 2:
            self.record.is_crossed = True
            self.record.answered_at = self.engine.clock.now()
        if self._held_end is not None:
            self._finish(self._held_end)

    def _finish(self, end: LegEnd) -> None:
        if self._is_done:
            return
        self._shut_down()
        self._is_done = True
        if self.message is not None:
            self.message.let_go()
            self.message = None
        self.sounds.let_go()
        self.engine.endpoint.unwatch(self.record.sip_call_id)
        self.engine.wire.emit(self.record.ended(end, self.engine.clock.now()))
        self._on_done(self)

    # --- for whoever asks --------------------------------------------------------------------

    def snapshot(self) -> LineCall:
        return snapshot_of(self)
