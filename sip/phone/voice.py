"""Everything of a phone that sounds: headset, notes, practice voice, and the joins to the call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
import pjsua2 as pj

from sip.bridge import hears, join, part
from sip.clock import Clock, Timer
from sip.engine import Engine
from sip.leg import Leg
from sip.phone.ports import Ear, Mouth, notes, play_notes
from sip.phone.practice import PracticeVoice
from sip.silence import NoSound, Sound
from sip.sound.level import PeakMeter

PUMP_S = 0.005
IDLE_PUMP_S = 0.05
"""While nobody speaks: often enough to empty the microphone and to see a device come."""
Reason = Literal["session", "levels", "echo", "check", "ring"]
Who = Literal["meter", "quality"]
Pair = tuple[float | None, float | None]


class PhoneOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`wants_sound`: use a headset if there is one. `signature`: practice voice, None for none."""

    wants_sound: bool = True
    has_notes: bool = True
    signature: int | None = None
    practice_log: Path | None = None


class Voice:
    """Joins microphone, ear, notes and practice voice to the call in hand.

    `on_heard(signature)` comes on the engine's thread, `on_sound()` when a device came or went.
    The devices are open while there is any reason for it.
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
        self.sound: Sound = _headset(options, rate, engine.clock)
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
        self._heard_meter = PeakMeter()
        self._levels: dict[Who, Pair] = {"meter": (None, None), "quality": (None, None)}
        self._reasons: set[Reason] = set()
        self._is_in_call = False
        self._pump_timer: Timer | None = None
        if not isinstance(self.sound, NoSound):
            self._pump()

    def _hear(self, pcm16: bytes) -> None:
        if not pcm16:
            return
        self._heard_meter.hear(pcm16)
        if self.sound.has_sound:
            self.sound.speaker.put(pcm16)
        if self.practice is not None:
            self.practice.hear(pcm16)

    # --- the devices --------------------------------------------------------------------------

    def need(self, reason: Reason) -> None:
        """Somebody wants to hear or speak: open the devices, and keep them open for it."""
        if not self._reasons:
            self.sound.open()
        self._reasons.add(reason)
        self._pump_soon()

    def need_no_more(self, reason: Reason) -> None:
        """Give the devices back unless there is another reason."""
        if reason in self._reasons:
            self._reasons.discard(reason)
            if not self._reasons:
                self.sound.close()

    def close(self) -> None:
        """The phone ends."""
        if self._pump_timer is not None:
            self._pump_timer.cancel()
        self._reasons.clear()
        self.sound.close()

    def _pump_soon(self) -> None:
        if self._pump_timer is not None:
            self._pump_timer.cancel()
            self._pump_timer = self._engine.timers.after(0.0, self._pump)

    def _pump(self) -> None:
        is_in_use = self._is_in_call or self.sound.is_playing
        pause_s = PUMP_S if is_in_use else IDLE_PUMP_S
        # First of all: a fault in what follows must not leave the call without sound.
        self._pump_timer = self._engine.timers.after(pause_s, self._pump)
        if self.sound.pump():
            self._on_sound()

    def take_levels(self, who: Who) -> Pair:
        """Loudest moment of microphone and loudspeaker in dBFS since `who` last asked."""
        new = self.sound.take_levels()
        for name, before in self._levels.items():
            self._levels[name] = (_louder(before[0], new[0]), _louder(before[1], new[1]))
        taken, self._levels[who] = self._levels[who], (None, None)
        return taken

    def take_heard_dbfs(self) -> float | None:
        """Loudest moment of what came from the far end since the last time."""
        return self._heard_meter.take()

    # --- the call -----------------------------------------------------------------------------

    def join(self, leg: Leg, *, is_muted: bool) -> None:
        """Connect the call to what is heard and said here; may be repeated."""
        far = leg.sound()
        if not self._is_in_call:
            self._is_in_call = True
            self.sound.speaker.skip()
            self._pump_soon()
        # Without this a muted phone would send no packets, and the line would count it as lost.
        join(self._engine.endpoint.silence(), far)
        join(far, self._ear)
        self.cut(leg, is_muted=is_muted)

    def left(self) -> None:
        """The call is over."""
        self._is_in_call = False

    def greet(self) -> None:
        """The call is up: let the agent hear the notes, and the practice voice speak."""
        if self._notes is not None and self.sound.has_sound:
            play_notes(self._notes)
            join(self._notes, self._ear)
        if self.practice is not None:
            self.practice.start()

    def cut(self, leg: Leg, *, is_muted: bool) -> None:
        """Cut the microphone off from the call, or join it again."""
        if not is_muted and self.is_cut(leg):
            # What was said before belongs to nobody: not to the call, which was cut off from it.
            self.sound.microphone.skip()
        for mouth in self._mouths:
            (part if is_muted else join)(mouth, leg.sound())

    def is_cut(self, leg: Leg) -> bool:
        """What the bridge says: nothing that is said here reaches the call."""
        far: pj.AudioMedia | None = leg.sound()
        return not any(hears(mouth, far) for mouth in self._mouths)


def _louder(one: float | None, other: float | None) -> float | None:
    return max((level for level in (one, other) if level is not None), default=None)


def _headset(options: PhoneOptions, rate: int, clock: Clock) -> Sound:
    if not options.wants_sound:
        return NoSound("Sound was switched off for this phone.")
    try:
        # Qt Multimedia takes a second to load: only a phone that wants sound pays for it.
        from sip.sound.headset import QtSound  # noqa: PLC0415
    except ImportError as error:
        return NoSound(f"Sound is not available: {error}.")
    return QtSound(rate, clock)
