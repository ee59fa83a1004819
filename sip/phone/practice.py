"""The practice voice: a phone that speaks a signature and writes down what it hears."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import msgspec

from sip.clock import Clock
from sip.errors import KnownError
from sip.messages import PhoneRecord
from sip.signatures import Listener, SignatureSource

log = logging.getLogger("sip.phone")


class PracticeVoice:
    """Speaks and listens in one call at a time. Raises KnownError for an unknown signature.

    `on_heard(signature)` is called on the media thread when a signature is first recognised.
    """

    def __init__(
        self,
        signature: int,
        clock_rate: int,
        record_file: Path | None,
        clock: Clock,
        on_heard: Callable[[int], None],
    ) -> None:
        try:
            self._source = SignatureSource(signature, clock_rate)
        except ValueError as error:
            raise KnownError(f"The practice phone cannot speak: {error}.") from error
        self._signature = signature
        self._clock_rate = clock_rate
        self._record_file = record_file
        self._clock = clock
        self._on_heard = on_heard
        self._listener = Listener(clock_rate)

    def take(self, n_bytes: int) -> bytes:
        """The next sound of the voice, PCM16."""
        return self._source.frame(n_bytes // 2)

    def hear(self, pcm16: bytes) -> None:
        """Take in what the far end said; on the media thread."""
        self._listener.hear(pcm16, self._clock.now().mono_s)
        while (new := self._listener.first_new()) is not None:
            self._on_heard(new)

    def start(self) -> None:
        """A call has connected: forget the last one and speak."""
        self._listener = Listener(self._clock_rate)
        self._source.start()

    def stop(
        self, attempt_id: str, session_id: int | None, connected_mono_s: float | None
    ) -> PhoneRecord:
        """The call is over: be silent, and write down what was heard."""
        # A fresh voice begins its next call at its own beginning; this one would go on mid-way.
        self._source = SignatureSource(self._signature, self._clock_rate)
        record = PhoneRecord(
            attempt_id=attempt_id,
            session_id=session_id,
            own_signature=self._signature,
            connected_mono_s=connected_mono_s,
            ended_mono_s=self._clock.now().mono_s,
            sounds=self._listener.sounds(connected_mono_s),
            longest_gap_ms=self._listener.longest_gap_ms,
        )
        if self._record_file is not None:
            try:
                with self._record_file.open("ab") as file:
                    file.write(msgspec.json.encode(record) + b"\n")
            except OSError as error:
                log.error("the practice log cannot be written: %s", error.strerror)
        return record
