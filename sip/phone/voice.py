"""Everything of a phone that sounds: headset, notes, practice voice, and the joins to the call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pjsua2 as pj

from sip.bridge import hears, join, part
from sip.engine import Engine
from sip.leg import Leg
from sip.phone.ports import Ear, Mouth, notes, play_notes
from sip.phone.practice import PracticeVoice
from sip.silence import NoSound, Sound

PUMP_S = 0.005


class PhoneOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`wants_sound`: use a headset if there is one. `signature`: practice voice, None for none."""

    wants_sound: bool = True
    has_notes: bool = True
    signature: int | None = None
    practice_log: Path | None = None


class Voice:
    """Joins microphone, ear, notes and practice voice to the call in hand.

    `on_heard(signature)` comes on the engine's thread, `on_sound()` when a device came or went.
    """

    def __init__(
        self,
        engine: Engine,
        options: PhoneOptions,
        on_heard: Callable[[int], None],
        on_sound: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._on_sound = on_sound
        rate = engine.endpoint.options.clock_rate
        self.sound: Sound = _headset(options, rate)
        self.practice: PracticeVoice | None = None
        if options.signature is not None:
            post = engine.endpoint.post
            self.practice = PracticeVoice(
                options.signature,
                rate,
                options.practice_log,
                engine.clock,
                lambda signature: post(lambda: on_heard(signature)),
            )
        self._mouths: list[Mouth] = [Mouth("microphone", rate, self.sound.microphone)]
        if self.practice is not None:
            self._mouths.append(Mouth("practice voice", rate, self.practice))
        self._ear = Ear("ear", rate, self._hear)
        self._notes = notes(rate) if options.has_notes and options.wants_sound else None
        for port in (*self._mouths, self._ear, self._notes):
            if port is not None:
                engine.endpoint.keep(port)
        self._is_pumping = False

    def _hear(self, pcm16: bytes) -> None:
        if self.sound.has_sound:
            self.sound.speaker.put(pcm16)
        if self.practice is not None and pcm16:
            self.practice.hear(pcm16)

    def open(self) -> None:
        """An agent is here: open the headset and keep it open."""
        self.sound.open()
        if not self._is_pumping and not isinstance(self.sound, NoSound):
            self._is_pumping = True
            self._pump()

    def _pump(self) -> None:
        if self._is_pumping:
            if self.sound.pump():
                self._on_sound()
            self._engine.timers.after(PUMP_S, self._pump)

    def close(self) -> None:
        """The agent has gone: give the devices back."""
        self._is_pumping = False
        self.sound.close()

    def join(self, leg: Leg, *, is_muted: bool) -> None:
        """Connect the call to what is heard and said here; may be repeated."""
        far = leg.sound()
        # Without this a muted phone would send no packets, and the line would count it as lost.
        join(self._engine.endpoint.silence(), far)
        join(far, self._ear)
        self.cut(leg, is_muted=is_muted)

    def greet(self) -> None:
        """The call is up: let the agent hear the notes, and the practice voice speak."""
        if self._notes is not None and self.sound.has_sound:
            play_notes(self._notes)
            join(self._notes, self._ear)
        if self.practice is not None:
            self.practice.start()

    def cut(self, leg: Leg, *, is_muted: bool) -> None:
        """Cut the microphone off from the call, or join it again."""
        for mouth in self._mouths:
            (part if is_muted else join)(mouth, leg.sound())

    def is_cut(self, leg: Leg) -> bool:
        """What the bridge says: nothing that is said here reaches the call."""
        far: pj.AudioMedia | None = leg.sound()
        return not any(hears(mouth, far) for mouth in self._mouths)


def _headset(options: PhoneOptions, rate: int) -> Sound:
    if not options.wants_sound:
        return NoSound("Sound was switched off for this phone.")
    try:
        # Qt Multimedia takes a second to load: only a phone that wants sound pays for it.
        from sip.sound import QtSound  # noqa: PLC0415
    except ImportError as error:
        return NoSound(f"Sound is not available: {error}.")
    return QtSound(rate)
