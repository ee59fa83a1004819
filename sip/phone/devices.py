"""What an agent may do with the devices: choose, look at levels, try them, let them ring."""

from __future__ import annotations

from collections.abc import Callable

from sip.clock import Timer
from sip.engine import Engine
from sip.messages import (
    AskDevices,
    AskLevels,
    ChooseDevices,
    EchoTest,
    Levels,
    Message,
    RingAlert,
    SoundCheck,
)
from sip.phone.voice import Voice
from sip.silence import NoSound
from sip.sound.level import SILENCE_DBFS

LEVELS_S = 0.1
ALONE_CHECK_S = 1.0
CHECK_LASTS_S = 4.0
"""How long the devices stay open for a check when nothing else needs them."""


class DeviceDesk:
    """Carries out the commands about devices. `has_call` says whether a call is up.

    What a window has switched on (levels, echo, ring) ends when the window goes: one that crashed
    must not leave a phone that rings for ever.
    """

    def __init__(self, engine: Engine, voice: Voice, has_call: Callable[[], bool]) -> None:
        self._engine = engine
        self._voice = voice
        self._has_call = has_call
        self._has_asked = False
        self._levels_timer: Timer | None = None
        self._check_timer: Timer | None = None
        self._alone_timer: Timer | None = None
        self._is_ringing = self._is_echoing = False

    def handle(self, command: Message) -> bool:
        """False where it is not a command about devices."""
        if isinstance(command, ChooseDevices):
            self._voice.sound.choose(command)
        elif isinstance(command, AskDevices):
            self._has_asked = True
            self.list_changed()
        elif isinstance(command, AskLevels):
            self._set_levels(is_on=command.is_on)
        elif isinstance(command, EchoTest):
            self._echo_test(command)
        elif isinstance(command, SoundCheck):
            self._check(command)
        elif isinstance(command, RingAlert):
            self._ring(command)
        else:
            return False
        return True

    def list_changed(self) -> None:
        """A device came or went, or another is in use."""
        if self._has_asked:
            self._engine.wire.tell(self._voice.sound.devices())

    def call_came(self) -> None:
        """A call ends an echo test; the ring stays until it is told to stop."""
        self._set_echo(is_on=False)

    # --- levels -------------------------------------------------------------------------------

    def _set_levels(self, *, is_on: bool) -> None:
        if self._levels_timer is not None:
            self._levels_timer.cancel()
            self._levels_timer = None
        if is_on:
            self._voice.need("levels")
            self.list_changed()  # a device that does not open is known by now
            self._voice.take_levels("meter")
            self._levels_timer = self._engine.timers.after(LEVELS_S, self._tell_levels)
            self._watch_window()
        else:
            self._voice.need_no_more("levels")

    def _tell_levels(self) -> None:
        self._levels_timer = self._engine.timers.after(LEVELS_S, self._tell_levels)
        microphone, speaker = self._voice.take_levels("meter")
        self._engine.wire.tell(
            Levels(
                microphone_dbfs=SILENCE_DBFS if microphone is None else round(microphone, 1),
                speaker_dbfs=SILENCE_DBFS if speaker is None else round(speaker, 1),
                is_muted_by_system=self._voice.sound.is_muted_by_system,
            )
        )

    # --- echo, check, ring --------------------------------------------------------------------

    def _echo_test(self, command: EchoTest) -> None:
        if command.is_on and self._has_call():
            self._engine.wire.refuse(command, "A call is up: try the echo after it.")
        elif command.is_on and not self._can_play(command, needs_microphone=True):
            return
        else:
            self._set_echo(is_on=command.is_on)

    def _set_echo(self, *, is_on: bool) -> None:
        if is_on == self._is_echoing:
            return
        self._is_echoing = is_on
        self._voice.sound.set_echo(is_on=is_on)
        if is_on:
            self._voice.need("echo")
            self._watch_window()
        else:
            self._voice.need_no_more("echo")

    def _check(self, command: SoundCheck) -> None:
        if not self._can_play(command):
            return
        self._voice.need("check")
        if self._check_timer is not None:
            self._check_timer.cancel()
        self._check_timer = self._engine.timers.after(CHECK_LASTS_S, self._check_over)
        if command.where == "headset":
            self._voice.sound.play_notes()
        elif not self._is_ringing:
            self._voice.sound.ring(is_on=True, is_endless=False)

    def _check_over(self) -> None:
        self._voice.need_no_more("check")

    def _ring(self, command: RingAlert) -> None:
        if command.is_on and not self._can_play(command):
            return
        if command.is_on == self._is_ringing:
            return
        self._is_ringing = command.is_on
        if command.is_on:
            self._voice.need("ring")
            self._watch_window()
        self._voice.sound.ring(is_on=command.is_on)
        if not command.is_on:
            self._voice.need_no_more("ring")

    def _can_play(self, command: Message, *, needs_microphone: bool = False) -> bool:
        """Whether there is anything to play on; refuses the command in words where not."""
        sound = self._voice.sound
        found = sound.devices()
        if isinstance(sound, NoSound):
            self._engine.wire.refuse(command, sound.words)
        elif not found.speakers:
            self._engine.wire.refuse(command, "No loudspeaker was found: plug in a headset.")
        elif needs_microphone and not found.microphones:
            self._engine.wire.refuse(command, "No microphone was found: plug in a headset.")
        else:
            return True
        return False

    # --- a window that went -------------------------------------------------------------------

    def _watch_window(self) -> None:
        if self._alone_timer is None:
            self._alone_timer = self._engine.timers.after(ALONE_CHECK_S, self._look_for_window)

    def _look_for_window(self) -> None:
        self._alone_timer = None
        if not self._engine.wire.has_client:
            self._set_levels(is_on=False)
            self._set_echo(is_on=False)
            if self._is_ringing:
                self._ring(RingAlert(is_on=False))
        elif self._levels_timer is not None or self._is_echoing or self._is_ringing:
            self._watch_window()
