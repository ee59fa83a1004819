"""One open microphone and one open loudspeaker, and whether they still give or take sound."""

from __future__ import annotations

from abc import ABC, abstractmethod

from PySide6.QtCore import QIODevice
from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSink, QAudioSource, QtAudio

from sip.sound.rates import FromDevice, ToDevice

DEVICE_RATE = 48000
SPEAKER_BUFFER_MS = 40
MICROPHONE_BUFFER_MS = 200
"""Room for what a device gives at a time; emptied at once, it adds no delay."""
START_S = 3.0
"""How long a device may take to wake up (2 s were seen) before it counts as dead."""
SECOND_START_S = 0.5
"""The same for one that has failed before: it is not waited for in the midst of a call."""
STALL_S = 0.25
PUMP_GAP_S = 0.15
"""Where the pump itself was late by so much, a device cannot be blamed for it."""
_BAD = (QtAudio.Error.IOError, QtAudio.Error.FatalError, QtAudio.Error.OpenError)


def formats(clock_rate: int) -> list[QAudioFormat]:
    """The formats that are tried with a device, best first."""
    rates = [rate for rate in (DEVICE_RATE, clock_rate) if rate % clock_rate == 0]
    found = []
    for rate in dict.fromkeys(rates):
        for channels in (1, 2):
            one = QAudioFormat()
            one.setSampleRate(rate)
            one.setChannelCount(channels)
            one.setSampleFormat(QAudioFormat.SampleFormat.Int16)
            found.append(one)
    return found


class Watch:
    """Since when a stream has not moved. Times in monotonic seconds."""

    def __init__(self, now_s: float, start_s: float) -> None:
        self._start_s = start_s
        self._opened_s = now_s
        self._moved_s: float | None = None
        self._looked_s = now_s

    def look(self, now_s: float, *, has_moved: bool) -> bool:
        """Whether it stands still for too long; to be asked at every turn of the pump."""
        was_late = now_s - self._looked_s > PUMP_GAP_S
        self._looked_s = now_s
        if has_moved or (was_late and self._moved_s is not None):
            self._moved_s = now_s
        if self._moved_s is None:
            return now_s - self._opened_s > self._start_s
        return now_s - self._moved_s > STALL_S


class _Stream(ABC):
    """An open device, in the first format that it takes; `is_open` False: it would not."""

    def __init__(self, device: QAudioDevice, clock_rate: int, now_s: float, start_s: float) -> None:
        self.device_id = id_of(device)
        self.name = device.description()
        self.has_failed = False
        self._watch = Watch(now_s, start_s)
        self._io: QIODevice | None = None
        for audio_format in formats(clock_rate):
            if not device.isNull() and device.isFormatSupported(audio_format):
                self._io = self._opened(device, audio_format, clock_rate)
            if self.is_open:
                break

    @abstractmethod
    def _opened(
        self, device: QAudioDevice, audio_format: QAudioFormat, clock_rate: int
    ) -> QIODevice | None:
        """Try this format."""

    @property
    def is_open(self) -> bool:
        return self._io is not None


class Microphone(_Stream):
    """An open microphone; reads PCM16 mono at the bridge's rate. `is_open` False: it would not."""

    def _opened(
        self, device: QAudioDevice, audio_format: QAudioFormat, clock_rate: int
    ) -> QIODevice | None:
        rate, channels = audio_format.sampleRate(), audio_format.channelCount()
        source = QAudioSource(device, audio_format)
        source.setBufferSize(rate * channels * 2 * MICROPHONE_BUFFER_MS // 1000)
        opened = source.start()
        self._source = source
        self._convert = FromDevice(rate // clock_rate, channels)
        return opened if source.error() == QtAudio.Error.NoError else None

    def read(self, now_s: float) -> bytes:
        """What was said since the last read; sets `has_failed` where the device is dead."""
        if self._io is None:
            return b""
        data = bytes(self._io.readAll().data())
        is_stalled = self._watch.look(now_s, has_moved=bool(data))
        self.has_failed = is_stalled or self._source.error() in _BAD
        return self._convert.convert(data)

    def close(self) -> None:
        if self._io is not None:
            self._io = None
            self._source.stop()


class Loudspeaker(_Stream):
    """An open loudspeaker; takes PCM16 mono at the bridge's rate. `is_open` False: it would not."""

    _is_full = False  # until something was written

    def _opened(
        self, device: QAudioDevice, audio_format: QAudioFormat, clock_rate: int
    ) -> QIODevice | None:
        rate, channels = audio_format.sampleRate(), audio_format.channelCount()
        sink = QAudioSink(device, audio_format)
        sink.setBufferSize(rate * channels * 2 * SPEAKER_BUFFER_MS // 1000)
        opened = sink.start()
        self._sink = sink
        self._convert = ToDevice(rate // clock_rate, channels)
        return opened if sink.error() == QtAudio.Error.NoError else None

    def room(self, now_s: float) -> int:
        """How many bytes of the bridge it takes now; sets `has_failed` where it is dead."""
        if self._io is None:
            return 0
        room = self._sink.bytesFree() // self._convert.bytes_per_byte // 2 * 2
        # It stands still only if it was given something and does not play it.
        is_stalled = self._watch.look(now_s, has_moved=room > 0 or not self._is_full)
        self._is_full = self._is_full and room == 0
        self.has_failed = is_stalled or self._sink.error() in _BAD
        return room

    def write(self, pcm16: bytes) -> None:
        """Play this; not more than there is room for."""
        if self._io is not None and pcm16:
            self._io.write(self._convert.convert(pcm16))
            self._is_full = self._sink.bytesFree() < 2 * self._convert.bytes_per_byte

    @property
    def is_played(self) -> bool:
        """Whether all that was written has been played, or nearly."""
        return self._io is None or self._sink.bytesFree() >= self._sink.bufferSize()

    def close(self) -> None:
        if self._io is not None:
            self._io = None
            self._sink.stop()


def id_of(device: QAudioDevice) -> str:
    """The system's own name of a device."""
    return bytes(device.id().data()).decode(errors="replace")
