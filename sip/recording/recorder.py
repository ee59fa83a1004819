"""Two ears in the bridge whose frames go side by side to a file, written by a thread of its own.

The bridge hands its frames out 50 times a second, to all ports one after the other in the order
of their numbers: so the ear with the higher number closes each 20 ms, and both channels stay
aligned whatever comes or goes. The media thread only appends to a list.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from sip.endpoint import Endpoint
from sip.errors import KnownError
from sip.recording.wav import TwoChannelWav

log = logging.getLogger("sip.recording")
FRAME_US = 20_000
WRITE_S = 0.25
BACKLOG_FRAMES = 50 * 60
"""A disk that takes nothing for a minute has failed."""
FINISH_S = 0.5
"""What is left to write is written in a millisecond; a disk that hangs must not hold a line up."""


class Channels:
    """Pairs the frames of two ears, and puts silence where one gave none or all is paused.

    `is_left_last`: the left ear closes a frame, not the right one. `put(left, right)` takes a
    frame of each; both run on the media thread.
    """

    def __init__(self, n_bytes: int, put: Callable[[bytes, bytes], None]) -> None:
        self.is_paused = False
        self.is_left_last = False
        self._silence = bytes(n_bytes)
        self._n_bytes = n_bytes
        self._put = put
        self._held = self._silence

    def hear_left(self, pcm16: bytes) -> None:
        sound = self._fitted(pcm16)
        if self.is_left_last:
            self._close(sound, self._held)
        else:
            self._held = sound

    def hear_right(self, pcm16: bytes) -> None:
        sound = self._fitted(pcm16)
        if self.is_left_last:
            self._held = sound
        else:
            self._close(self._held, sound)

    def _fitted(self, pcm16: bytes) -> bytes:
        n_bytes = self._n_bytes
        return pcm16 if len(pcm16) == n_bytes else pcm16[:n_bytes].ljust(n_bytes, b"\x00")

    def _close(self, left: bytes, right: bytes) -> None:
        self._held = self._silence
        if self.is_paused:
            left = right = self._silence
        self._put(left, right)


class Recorder:
    """One recording from its start to `finish`. Raises KnownError if the file cannot be made.

    `left` and `right` are joined by whoever knows who talks. `on_failed(sentence)` comes on the
    engine's thread, once; the recorder then takes no more sound.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        path: Path,
        on_failed: Callable[[str], None],
        *,
        is_continued: bool = False,
        recorded_s: float = 0.0,
    ) -> None:
        rate = endpoint.options.clock_rate
        self._endpoint = endpoint
        self._on_failed = on_failed
        self._frame_s = FRAME_US / 1e6
        self._before_s = recorded_s
        self._n_frames = 0
        self._pairs: deque[tuple[bytes, bytes]] = deque()
        self._must_finish = threading.Event()
        self._has_failed = False
        self._file = TwoChannelWav(path, rate, is_continued=is_continued)
        self._channels = Channels(rate * 2 * FRAME_US // 1_000_000, self._put)
        self.left = endpoint.ears.lend(rate, self._channels.hear_left)
        self.right = endpoint.ears.lend(rate, self._channels.hear_right)
        self._channels.is_left_last = self.left.getPortId() > self.right.getPortId()
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    @property
    def recorded_s(self) -> float:
        """Seconds of the file, pauses included."""
        return self._before_s + self._n_frames * self._frame_s

    def pause(self, *, is_paused: bool) -> None:
        """From the next frame on the file gets silence, or sound again."""
        self._channels.is_paused = is_paused

    def _put(self, left: bytes, right: bytes) -> None:
        if self._must_finish.is_set() or self._has_failed:
            return
        self._n_frames += 1
        self._pairs.append((left, right))

    def _run(self) -> None:
        try:
            is_last = False
            while not is_last:
                is_last = self._must_finish.wait(WRITE_S)
                if len(self._pairs) > BACKLOG_FRAMES:
                    raise KnownError(
                        "The recording's disk is too slow to keep up: the call goes on unrecorded."
                    )
                self._write()
            self._file.close()
        except KnownError as error:
            sentence = error.sentence
            self._has_failed = True
            self._pairs.clear()
            self._endpoint.post(lambda: self._on_failed(sentence))

    def _write(self) -> None:
        pairs = [self._pairs.popleft() for _ in range(len(self._pairs))]
        if pairs:
            lefts, rights = zip(*pairs, strict=True)
            self._file.write(b"".join(lefts), b"".join(rights))

    def finish(self) -> None:
        """Take no more sound, see the file whole, give the ears back."""
        self._must_finish.set()
        self._thread.join(FINISH_S)
        for ear in (self.left, self.right):
            self._endpoint.ears.take_back(ear)
