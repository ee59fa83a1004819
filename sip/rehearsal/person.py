"""What the called person does once the call is answered: speak, listen, converse, hang up.

A pure machine of moments: `step` is called every 20 ms or so with the monotonic clock; it starts
and stops the person's sound and says when the person hangs up. What "someone speaks" means comes
from the `Listener`: a signature is a practice phone; other sound is a live voice or the recorded
message, and the message is known by its never leaving room for a reply.
"""

from __future__ import annotations

import enum
from typing import Final

from sip.messages import Behave
from sip.rehearsal.sound import Voice
from sip.signatures import Listener

RECORDING_S: Final = 30.0
"""How long a machine records before it hangs up."""
FOREIGN_MS: Final = 300.0
"""So much sound that is nobody's signature is speech, and no click."""
REPLY_PAUSE_S: Final = 1.5
"""After so much quiet a live speaker expects a reply; a message ends its call sooner."""
MESSAGE_PATIENCE: Final = 3.0
"""A message is listened to for so many times the person's patience."""


class Mood(enum.Enum):
    """Where the person is in the call."""

    GREETING = "greeting"  # first sound since the answer
    LISTENING = "listening"  # the greeting is over and nobody has spoken yet
    ATTENDING = "attending"  # something speaks that is no practice phone
    CONVERSING = "conversing"  # somebody spoke; both do
    RECORDING = "recording"  # a machine after its beep
    GONE = "gone"  # has hung up; nothing happens any more


class Person:
    """One called person or machine from the answer on.

    `behave` says how; `voice` is what they sound like and `listener` what they hear. `patience_s`
    of 0 hangs up at once, whatever is heard; `talk_s` of 0 hangs up at the first word.
    """

    def __init__(
        self, behave: Behave, voice: Voice, listener: Listener, answered_mono_s: float
    ) -> None:
        self._behave = behave
        self._voice = voice
        self._listener = listener
        self._answered_mono_s = answered_mono_s
        self._spoken_to_mono_s = 0.0
        self._recording_until_mono_s = 0.0
        self.mood = Mood.GREETING
        self.hung_up_unheard = False
        if behave.patience_s > 0 or behave.is_machine:
            voice.speak()

    def step(self, now_mono_s: float) -> bool:
        """What is due by now happens; True when the person hangs up, which they do once."""
        if self.mood is Mood.GONE:
            return False
        hangs_up = self._machine(now_mono_s) if self._behave.is_machine else self._human(now_mono_s)
        if hangs_up:
            self.mood = Mood.GONE
            self._voice.hush()
        return hangs_up

    def _machine(self, now_s: float) -> bool:
        if self.mood is Mood.GREETING and now_s >= self._answered_mono_s + self._behave.hello_s:
            self.mood = Mood.RECORDING
            self._voice.beep()
            self._recording_until_mono_s = now_s + RECORDING_S
        return self.mood is Mood.RECORDING and now_s >= self._recording_until_mono_s

    def _human(self, now_s: float) -> bool:
        if self._behave.patience_s <= 0:
            return True
        if self.mood in (Mood.GREETING, Mood.LISTENING):
            self._notice(now_s)
        if self.mood is Mood.CONVERSING:
            return now_s >= self._spoken_to_mono_s + self._behave.talk_s
        if self.mood is Mood.ATTENDING:
            return self._attend(now_s)
        self.hung_up_unheard = now_s >= self._limit_s(1.0) and not self._is_hearing(now_s)
        return self.hung_up_unheard

    def _notice(self, now_s: float) -> None:
        """Whether somebody speaks, and if not, whether the greeting is over."""
        if self._listener.has_signature:
            self._converse()
        elif self._listener.foreign_ms >= FOREIGN_MS:
            self.mood = Mood.ATTENDING
            self._voice.hush()
        elif self.mood is Mood.GREETING and now_s >= self._answered_mono_s + self._behave.hello_s:
            self.mood = Mood.LISTENING
            self._voice.hush()

    def _is_hearing(self, now_s: float) -> bool:
        """Whether sound comes in just now, too short yet to be called speech."""
        last_s = self._listener.last_sound_mono_s
        return last_s is not None and now_s - last_s < FOREIGN_MS / 1000

    def _attend(self, now_s: float) -> bool:
        last_s = self._listener.last_sound_mono_s
        if self._listener.has_signature or (last_s and now_s >= last_s + REPLY_PAUSE_S):
            self._converse()
            return False
        return now_s >= self._limit_s(MESSAGE_PATIENCE)

    def _converse(self) -> None:
        self.mood = Mood.CONVERSING
        self._spoken_to_mono_s = self._listener.first_sound_mono_s or self._answered_mono_s
        self._voice.speak()

    def _limit_s(self, patience: float) -> float:
        return self._answered_mono_s + patience * self._behave.patience_s
