"""One call at a practice gateway, from its INVITE to its record."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, Literal
from urllib.parse import unquote

from sip.clock import Clock, Timer, Timers
from sip.leg import Invite, Leg, LegEnd, LegResponse
from sip.messages import Behave, CarrierCall, CarrierRecord, Sounds, Stamp
from sip.rehearsal.ear import Ear, challenge_leg
from sip.rehearsal.person import Person
from sip.rehearsal.sound import CLOCK_RATE, Voice
from sip.signatures import Listener

log = logging.getLogger("sip.rehearsal")

BEHAVE_LIMIT_S: Final = 1.0
"""So long the gateway waits to be told who is called; then 480."""
PROGRESS_S: Final = 0.05
"""From the INVITE to 180, as a network takes its moment to find the person."""
STEP_S: Final = 0.02
ATTEMPT_HEADER: Final = "X-Callfloor-Attempt"

EndedBy = Literal["person", "caller", "cancelled", "refused", "network"]
_BEFORE_ANSWER: Final[dict[str, EndedBy]] = {
    "us": "refused",
    "them": "cancelled",
    "network": "network",
}
_AFTER_ANSWER: Final[dict[str, EndedBy]] = {
    "us": "person",
    "them": "caller",
    "network": "network",
}


class PracticeCall:
    """Plays one called person. All methods belong to the engine's thread.

    `lend_ear()` gives a free media port; `on_ended(call, record)` comes once, last.
    """

    def __init__(
        self,
        call_ref: str,
        leg: Leg,
        invite: Invite,
        clock: Clock,
        timers: Timers,
        lend_ear: Callable[[], Ear | None],
        on_ended: Callable[[PracticeCall, CarrierRecord], None],
    ) -> None:
        self.call_ref = call_ref
        self.number = unquote(invite.number)
        self.attempt_id = invite.header(ATTEMPT_HEADER)
        self._invite_at = invite.at
        self._leg = leg
        self._clock = clock
        self._timers = timers
        self._lend_ear = lend_ear
        self._on_ended = on_ended
        self._behave: Behave | None = None
        self._person: Person | None = None
        self._voice: Voice | None = None
        self._listener: Listener | None = None
        self._ear: Ear | None = None
        self._sent_status = 0
        self._answered_mono_s: float | None = None
        self._acknowledged_at: Stamp | None = None
        self._wants_to_leave = False
        self._is_failing = False
        self._next: Timer = timers.after(BEHAVE_LIMIT_S, lambda: self.refuse(480))
        leg.listener = self

    def question(self) -> CarrierCall:
        """What the client is asked."""
        return CarrierCall(
            call_ref=self.call_ref,
            number=self.number,
            attempt_id=self.attempt_id,
            at=self._invite_at,
        )

    # --- before the answer --------------------------------------------------------------------

    def behave(self, behave: Behave) -> str:
        """Take up the person's behaviour; returns what is wrong with it in a sentence, or ""."""
        if self._behave is not None or self._sent_status >= 200:
            return "This call has its behaviour already."
        if behave.final_status not in (0, 200) and not 400 <= behave.final_status <= 699:
            return f"A call cannot end with status {behave.final_status}."
        try:
            self._voice = Voice(behave.signature)
        except ValueError as error:
            return f"Nobody sounds like that: {error}."
        self._behave = behave
        self._next.cancel()
        self._next = self._timers.after(PROGRESS_S, self._ring)
        return ""

    def _ring(self) -> None:
        behave = self._behave
        assert behave is not None
        if behave.sends_180:
            self._sent_status = 180
            self._leg.reply(180)
        if behave.final_status:
            self._next = self._timers.after(behave.ring_s, self._decide)

    def _decide(self) -> None:
        behave = self._behave
        assert behave is not None
        if behave.final_status == 200:
            self._answer(behave)
        else:
            self.refuse(behave.final_status)

    def refuse(self, status: int) -> None:
        """End the call before it is answered."""
        self._next.cancel()
        self._sent_status = status
        self._leg.reply(status)

    def refuse_with_challenge(self, challenge: str) -> None:
        """Refuse with 401 for lack of (good) credentials; `challenge` says what is asked for."""
        self._next.cancel()
        self._sent_status = 401
        challenge_leg(self._leg, challenge)

    def fail(self) -> None:
        """The gateway shuts down: 503 before the answer, BYE after it."""
        self._is_failing = True
        if self._answered_mono_s is None:
            self.refuse(503)
        else:
            self._next.cancel()
            self._leg.end()

    # --- from the answer on -------------------------------------------------------------------

    def _answer(self, behave: Behave) -> None:
        if self._leg.is_over or self._voice is None:
            return
        self._listener = Listener(CLOCK_RATE)
        self._sent_status = 200
        self._answered_mono_s = self._clock.now().mono_s
        self._person = Person(behave, self._voice, self._listener, self._answered_mono_s)
        self._leg.reply(200)
        self._next = self._timers.after(STEP_S, self._step)

    def _step(self) -> None:
        if self._person is None or self._leg.is_over:
            return
        if self._person.step(self._clock.now().mono_s):
            self._wants_to_leave = True
            if self._acknowledged_at is not None:
                self._leg.end()
            return
        self._next = self._timers.after(STEP_S, self._step)

    def leg_response(self, leg: Leg, response: LegResponse) -> None:
        """Nothing comes here: the leg is an incoming one."""

    def leg_answered(self, leg: Leg, at: Stamp) -> None:
        """The caller's ACK is here; a BYE before it would be against RFC 3261 (15)."""
        self._acknowledged_at = at
        if self._wants_to_leave:
            leg.end()

    def leg_media(self, leg: Leg) -> None:
        if self._voice is None or self._listener is None:
            return
        sound = leg.sound()
        if self._ear is None:
            self._ear = self._lend_ear()
        if sound is None or self._ear is None:
            return
        self._ear.give(self._voice, self._listener)
        sound.startTransmit(self._ear)
        self._ear.startTransmit(sound)

    # --- the end ------------------------------------------------------------------------------

    def leg_ended(self, leg: Leg, end: LegEnd) -> None:
        self._next.cancel()
        if self._ear is not None:
            self._ear.take_back()
        if self._answered_mono_s is None and end.by == "them":
            self._sent_status = 487
        self._on_ended(self, self._record(leg, end))

    def _ended_by(self, end: LegEnd) -> EndedBy:
        if self._is_failing:
            return "network"
        return (_BEFORE_ANSWER if self._answered_mono_s is None else _AFTER_ANSWER)[end.by]

    def _record(self, leg: Leg, end: LegEnd) -> CarrierRecord:
        behave, listener = self._behave, self._listener
        silence = Sounds(
            heard_ms={}, first_mono_s={}, first_sound_mono_s=None, first_sound_after_ms=None
        )
        return CarrierRecord(
            call_ref=self.call_ref,
            number=self.number,
            attempt_id=self.attempt_id,
            sip_call_id=leg.sip_call_id,
            is_machine=behave is not None and behave.is_machine,
            signature=behave.signature if behave is not None else 0,
            invite_mono_s=self._invite_at.mono_s,
            invite_utc_s=self._invite_at.utc_s,
            sent_status=self._sent_status,
            answered_mono_s=self._answered_mono_s,
            ended_mono_s=end.at.mono_s,
            ended_by=self._ended_by(end),
            hung_up_unheard=self._person is not None and self._person.hung_up_unheard,
            sounds=listener.sounds(self._answered_mono_s) if listener else silence,
            other_sound_ms=listener.foreign_ms if listener else 0.0,
            longest_gap_ms=listener.longest_gap_ms if listener else 0.0,
        )
