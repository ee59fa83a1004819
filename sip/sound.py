"""The headset: Qt Multimedia between a microphone, an ear and two short rings of sound.

Imported only where sound is wanted: Qt Multimedia takes a second to load.
"""

from __future__ import annotations

import logging

from PySide6.QtCore import QCoreApplication, QIODevice
from PySide6.QtMultimedia import (
    QAudioDevice,
    QAudioFormat,
    QAudioSink,
    QAudioSource,
    QMediaDevices,
    QtAudio,
)

from sip.ring import Ring

log = logging.getLogger("sip.sound")
SPEAKER_BUFFER_MS = 40
MICROPHONE_BUFFER_MS = 200
"""Room for what a device gives at a time (64 ms were seen); emptied at once, it adds no delay."""
RING_MS = 240


class QtSound:
    """The system's default headset, opened once and kept; silence while there is none.

    All methods belong to one thread, which calls `pump` every few milliseconds.
    """

    def __init__(self, clock_rate: int) -> None:
        self._app = QCoreApplication.instance() or QCoreApplication(["callfloor-phone"])
        limit = clock_rate * 2 * RING_MS // 1000
        self.microphone = Ring(limit, is_steady=True)
        self.speaker = Ring(limit)
        self._format = QAudioFormat()
        self._format.setSampleRate(clock_rate)
        self._format.setChannelCount(1)
        self._format.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        self._bytes_per_ms = clock_rate * 2 // 1000
        self._devices = QMediaDevices()
        self._devices.audioInputsChanged.connect(self._devices_changed)
        self._devices.audioOutputsChanged.connect(self._devices_changed)
        self._source: QAudioSource | None = None
        self._sink: QAudioSink | None = None
        self._from_microphone: QIODevice | None = None
        self._to_ear: QIODevice | None = None
        self._is_open = False
        self._must_reopen = False
        self._words = "The headset is not open yet."
        self._told = ("", False)

    @property
    def words(self) -> str:
        return self._words

    @property
    def has_sound(self) -> bool:
        return self._from_microphone is not None and self._to_ear is not None

    def open(self) -> None:
        """Open the default devices; stays open until `close`. What is missing is told in words."""
        self._is_open = True
        self._open_devices()
        self._told = (self.words, self.has_sound)

    def _open_devices(self) -> None:
        self._close_devices()
        speaker = QMediaDevices.defaultAudioOutput()
        microphone = QMediaDevices.defaultAudioInput()
        self._open_speaker(speaker)
        self._open_microphone(microphone)
        missing = [
            name
            for name, device in (
                ("loudspeaker", self._to_ear),
                ("microphone", self._from_microphone),
            )
            if device is None
        ]
        if missing:
            self._words = f"No {' and no '.join(missing)} was found: plug in a headset."
        else:
            self._words = f"{speaker.description()}, {microphone.description()}"

    def _open_speaker(self, device: QAudioDevice) -> None:
        if device.isNull() or not device.isFormatSupported(self._format):
            return
        sink = QAudioSink(device, self._format)
        sink.setBufferSize(self._bytes_per_ms * SPEAKER_BUFFER_MS)
        opened = sink.start()
        if opened is not None and sink.error() == QtAudio.Error.NoError:
            self._sink, self._to_ear = sink, opened

    def _open_microphone(self, device: QAudioDevice) -> None:
        if device.isNull() or not device.isFormatSupported(self._format):
            return
        source = QAudioSource(device, self._format)
        source.setBufferSize(self._bytes_per_ms * MICROPHONE_BUFFER_MS)
        opened = source.start()
        if opened is not None and source.error() == QtAudio.Error.NoError:
            self._source, self._from_microphone = source, opened

    def close(self) -> None:
        """Give the devices back."""
        self._is_open = False
        self._close_devices()
        self._words = "The headset is not open."

    def _close_devices(self) -> None:
        self._from_microphone = self._to_ear = None
        if self._source is not None:
            self._source.stop()
            self._source = None
        if self._sink is not None:
            self._sink.stop()
            self._sink = None
        self.microphone.clear()
        self.speaker.clear()

    def _devices_changed(self) -> None:
        self._must_reopen = True

    def pump(self) -> bool:
        self._app.processEvents()
        if self._is_open:
            if self._must_reopen or self._has_failed():
                self._must_reopen = False
                self._open_devices()
            if self._from_microphone is not None:
                self.microphone.put(bytes(self._from_microphone.readAll().data()))
            if self._sink is not None and self._to_ear is not None:
                self._to_ear.write(self.speaker.take_most(self._sink.bytesFree()))
        state = (self.words, self.has_sound)
        is_changed = self._is_open and state != self._told
        self._told = state
        return is_changed

    def _has_failed(self) -> bool:
        """A device that was open has gone: open what there is now."""
        bad = (QtAudio.Error.IOError, QtAudio.Error.FatalError, QtAudio.Error.OpenError)
        return (self._source is not None and self._source.error() in bad) or (
            self._sink is not None and self._sink.error() in bad
        )
