"""The headset: Qt Multimedia between a microphone, a loudspeaker, a ringer and two short rings.

Imported only where sound is wanted: Qt Multimedia takes a second to load.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtMultimedia import QAudioDevice, QMediaDevices

from sip.clock import Clock
from sip.messages import ChooseDevices, Devices, SoundDevice
from sip.ring import Ring
from sip.sound.chimes import EchoLine, Tune, check_notes, mixed, ring_sound
from sip.sound.choice import Failing, choose
from sip.sound.level import PeakMeter
from sip.sound.streams import SECOND_START_S, START_S, Loudspeaker, Microphone, id_of
from sip.sound.system_mute import SystemMute
from sip.sound.words import DeviceChange, in_use, sentence

log = logging.getLogger("sip.sound")
Stream = TypeVar("Stream", Microphone, Loudspeaker)
RING_MS = 240
SPARE_MS = 40
ECHO_S = 1.0
TELL_AFTER_S = 0.15
"""A headset goes in two halves: what both have done is told in one sentence."""
LOOK_EVERY_S = 0.02
TRY_AGAIN_S = 2.0


class QtSound:
    """Devices by name, opened once and kept; the next best where one goes, silence without any.

    All methods belong to one thread, which calls `pump` every few milliseconds. Where a device is
    unplugged, fails, or stands still without a word, that half alone is opened anew.
    """

    def __init__(self, clock_rate: int, clock: Clock) -> None:
        self._app = QCoreApplication.instance() or QCoreApplication(["callfloor-phone"])
        self._rate, self._clock = clock_rate, clock
        limit = clock_rate * 2 * RING_MS // 1000
        spare = clock_rate * 2 * SPARE_MS // 1000
        self.microphone = Ring(limit, is_steady=True, spare=spare)
        self.speaker = Ring(limit, spare=spare)
        self._watcher = QMediaDevices()
        self._watcher.audioInputsChanged.connect(self._list_changed)
        self._watcher.audioOutputsChanged.connect(self._list_changed)
        self._inputs: list[QAudioDevice] = []
        self._outputs: list[QAudioDevice] = []
        self._wishes = ChooseDevices()
        self._mic: Microphone | None = None
        self._ear: Loudspeaker | None = None
        self._ringer: Loudspeaker | None = None
        self._failing = Failing()
        self._mute = SystemMute(shutil.which("pactl"))
        self._mic_meter, self._ear_meter = PeakMeter(), PeakMeter()
        self._tune: Tune | None = None
        self._ring_tune: Tune | None = None
        self._echo: EchoLine | None = None
        self._is_open = False
        self._must_resolve = False
        self._next_look_s = 0.0
        self._retry_s: float | None = None
        self._missed: set[str] = set()
        self._change = DeviceChange()
        self._changed_s: float | None = None
        self._list_devices()

    # --- what is plugged in -------------------------------------------------------------------

    def _list_changed(self) -> None:
        self._must_resolve = True
        self._changed_s = self._clock.now().mono_s

    def _list_devices(self) -> None:
        self._inputs = list(QMediaDevices.audioInputs())
        self._outputs = list(QMediaDevices.audioOutputs())
        self._failing.keep_only((*_named(self._inputs), *_named(self._outputs)))

    def devices(self) -> Devices:
        if not self._is_open:
            self._list_devices()
        inputs, outputs, wishes = _named(self._inputs), _named(self._outputs), self._wishes
        ringer = choose(wishes.ringers, outputs)
        microphone: Microphone | SoundDevice | None = self._mic
        speaker: Loudspeaker | SoundDevice | None = self._ear
        if not self._is_open:  # what would be used: nobody has missed a headset yet
            microphone, speaker = (
                choose(wishes.microphones, inputs),
                choose(wishes.speakers, outputs),
            )
        return Devices(
            microphones=tuple(inputs),
            speakers=tuple(outputs),
            microphone=microphone.name if microphone else "",
            speaker=speaker.name if speaker else "",
            ringer=ringer.name if ringer else "",
        )

    @property
    def words(self) -> str:
        if not self._is_open:
            return "The headset is not open."
        return in_use(self._ear.name if self._ear else "", self._mic.name if self._mic else "")

    @property
    def has_sound(self) -> bool:
        return self._mic is not None and self._ear is not None

    @property
    def is_muted_by_system(self) -> bool:
        return self._mute.is_muted

    @property
    def is_playing(self) -> bool:
        return bool(self._echo or self._tune or self._ring_tune or self._ringer)

    # --- open, choose, close ------------------------------------------------------------------

    def open(self) -> None:
        """Open what is wished for; stays open until `close`. What is missing is told in words."""
        self._is_open = True
        self._list_devices()
        self._resolve()
        self._change, self._changed_s = DeviceChange(), None

    def choose(self, wishes: ChooseDevices) -> None:
        self._wishes = wishes
        self._missed.clear()
        if self._is_open:
            self._resolve()
            self._changed_s = self._clock.now().mono_s - TELL_AFTER_S
        if self._ringer is not None:
            self._ringer.close()
            self._ringer = None

    def close(self) -> None:
        """Give the devices back."""
        self._is_open = False
        self._echo = self._tune = self._ring_tune = None
        for stream in (self._mic, self._ear, self._ringer):
            if stream is not None:
                stream.close()
        self._mic = self._ear = self._ringer = None
        self._mute.opened("")
        self.microphone.clear()
        self.speaker.clear()

    def _resolve(self) -> None:
        """Open what should be in use where it is not; the other half plays on."""
        now_s = self._clock.now().mono_s
        failing = self._failing.at(now_s)
        old_mic, old_ear = self._mic, self._ear
        wanted = choose(self._wishes.speakers, _named(self._outputs), failing)
        self._ear = self._half(old_ear, wanted, self._outputs, Loudspeaker)
        if self._ear is not old_ear:
            self.speaker.skip()
        wanted = choose(self._wishes.microphones, _named(self._inputs), failing)
        self._mic = self._half(old_mic, wanted, self._inputs, Microphone)
        if self._mic is not old_mic:
            self.microphone.clear()
            self._mute.opened(self._mic.device_id if self._mic else "")
        self._retry_s = self._failing.next_retry_s(now_s)
        if not self.has_sound and (self._inputs or self._outputs):
            self._retry_s = now_s + TRY_AGAIN_S

    def _half(
        self,
        old: Stream | None,
        wanted: SoundDevice | None,
        present: list[QAudioDevice],
        make: Callable[[QAudioDevice, int, float, float], Stream],
    ) -> Stream | None:
        """The stream that should be open; the old one if nothing speaks against it."""
        is_same = old is not None and wanted is not None and old.device_id == wanted.id
        if is_same and old is not None and not old.has_failed:
            return old
        if old is not None:
            old.close()
            if all(id_of(device) != old.device_id for device in present):
                self._note(unplugged=old.name)
        if wanted is None:
            return None
        device = next(device for device in present if id_of(device) == wanted.id)
        start_s = SECOND_START_S if self._failing.has(wanted.id) else START_S
        opened = make(device, self._rate, self._clock.now().mono_s, start_s)
        if not opened.is_open:
            self._failing.note(wanted.id, self._clock.now().mono_s)
            log.warning("a device could not be opened: %s", wanted.name)
            return None
        if opened.name in self._missed:
            self._note(back=opened.name)
        return opened

    # --- what has happened --------------------------------------------------------------------

    def _note(self, *, unplugged: str = "", silent: str = "", back: str = "") -> None:
        """Keep what happened until it is told, each device once."""
        if (unplugged or silent) in self._missed and not back:
            return
        self._changed_s = self._clock.now().mono_s
        change = self._change
        if back:
            self._missed.discard(back)
        else:
            self._missed.add(unplugged or silent)
        self._change = DeviceChange(
            unplugged=_with(change.unplugged, unplugged, without=back),
            silent=_with(change.silent, silent, without=back),
            back=_with(change.back, back, without=unplugged or silent),
        )

    def take_sentence(self, *, is_in_call: bool) -> str:
        change, self._change = self._change, DeviceChange()
        now_used = DeviceChange(
            unplugged=change.unplugged,
            silent=tuple(name for name in change.silent if name not in change.unplugged),
            back=change.back,
            speaker=self._ear.name if self._ear else "",
            microphone=self._mic.name if self._mic else "",
        )
        return sentence(now_used, is_in_call=is_in_call)

    def take_levels(self) -> tuple[float | None, float | None]:
        return self._mic_meter.take(), self._ear_meter.take()

    # --- what the phone plays by itself -------------------------------------------------------

    def set_echo(self, *, is_on: bool) -> None:
        self._echo = EchoLine(self._rate, ECHO_S) if is_on else None

    def play_notes(self) -> None:
        self._tune = Tune(check_notes(self._rate), is_endless=False)

    def ring(self, *, is_on: bool, is_endless: bool = True) -> None:
        self._ring_tune = Tune(ring_sound(self._rate), is_endless=is_endless) if is_on else None
        if not is_on and self._ringer is not None:
            self._ringer.close()
            self._ringer = None

    # --- the pump -----------------------------------------------------------------------------

    def pump(self) -> bool:
        now_s = self._clock.now().mono_s
        if now_s >= self._next_look_s:
            self._next_look_s = now_s + LOOK_EVERY_S
            self._app.processEvents()
            self._mute.tick(now_s)
        if self._must_resolve or (self._retry_s is not None and now_s >= self._retry_s):
            self._must_resolve = False
            self._list_devices()
            if self._is_open:
                self._resolve()
        self._pump_microphone(now_s)
        self._pump_speaker(now_s)
        self._pump_ringer(now_s)
        is_due = self._changed_s is not None and now_s - self._changed_s >= TELL_AFTER_S
        if is_due:
            self._changed_s = None
        return is_due

    def _pump_microphone(self, now_s: float) -> None:
        if self._mic is None:
            return
        pcm16 = self._mic.read(now_s)
        if pcm16:
            self._mute.hear(self._mic_meter.hear(pcm16), now_s)
            self.microphone.put(pcm16)
            if self._echo is not None:
                self._echo.put(pcm16)
        if self._mic.has_failed:
            self._failed(self._mic, now_s)

    def _pump_speaker(self, now_s: float) -> None:
        if self._ear is None:
            return
        room = self._ear.room(now_s)
        own = self._tune.take_most(room) if self._tune is not None else b""
        pcm16 = mixed(self.speaker.take_most(room), own)
        if pcm16:
            self._ear_meter.hear(pcm16)
            self._ear.write(pcm16)
        if self._echo is not None:
            self.speaker.put(self._echo.take_due())
        if self._tune is not None and self._tune.is_over:
            self._tune = None
        if self._ear.has_failed:
            self._failed(self._ear, now_s)

    def _pump_ringer(self, now_s: float) -> None:
        if self._ring_tune is None:
            if self._ringer is not None and self._ringer.is_played:
                self._ringer.close()
                self._ringer = None
            return
        if self._ringer is None:
            self._ringer = self._open_ringer(now_s)
        if self._ringer is None:
            self._ring_tune = None
            return
        self._ringer.write(self._ring_tune.take_most(self._ringer.room(now_s)))
        if self._ring_tune.is_over:
            self._ring_tune = None
        elif self._ringer.has_failed:
            self._failing.note(self._ringer.device_id, now_s)
            self._ringer.close()
            self._ringer = None

    def _open_ringer(self, now_s: float) -> Loudspeaker | None:
        self._list_devices()
        wanted = choose(self._wishes.ringers, _named(self._outputs), self._failing.at(now_s))
        for device in self._outputs:
            if wanted is not None and id_of(device) == wanted.id:
                opened = Loudspeaker(device, self._rate, now_s, START_S)
                return opened if opened.is_open else None
        return None

    def _failed(self, stream: Microphone | Loudspeaker, now_s: float) -> None:
        """It has gone, or says nothing any more: take the next best."""
        self._list_devices()
        present = (*self._inputs, *self._outputs)
        if any(id_of(device) == stream.device_id for device in present):
            self._failing.note(stream.device_id, now_s)
            self._note(silent=stream.name)
            log.warning("a device gives no sound: %s", stream.name)
        self._resolve()


def _named(devices: list[QAudioDevice]) -> list[SoundDevice]:
    return [
        SoundDevice(id=id_of(d), name=d.description(), is_default=d.isDefault()) for d in devices
    ]


def _with(names: tuple[str, ...], name: str, *, without: str) -> tuple[str, ...]:
    kept = tuple(one for one in names if one != without or not without)
    return kept if not name or name in kept else (*kept, name)
