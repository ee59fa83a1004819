"""When a call is recorded: by its order and its commands, with pauses, an alarm, and failure told.

Recorded is what the people of the call say to each other: the person left; the agent, the third
party and a supervisor who is heard by all right. Neither music, notices, keys, whispers, nor a
person on hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from sip.errors import KnownError
from sip.messages import RecordingChanged, RecordingState
from sip.recording.recorder import Recorder
from sip.recording.wav import TwoChannelWav

if TYPE_CHECKING:
    from sip.line.call import LineCallInHand

HEARING_HZ: Final = 8000
"""Of what detection hears, and so of what is kept of a machine."""


class CallRecording:
    """The recording of one call, if its order has one."""

    def __init__(self, call: LineCallInHand) -> None:
        self._call = call
        self._order = call.order.recording
        self.recorder: Recorder | None = None
        self.state: RecordingState | None = None
        self._recorded_s = 0.0
        self._greeting = b""

    @property
    def is_on(self) -> bool:
        return self.recorder is not None

    def bridged(self) -> None:
        """Person and agent have been joined: the notice first, then the recording."""
        call = self._call
        if self.state is not None or call.joining.has_notice:
            return
        notice = call.order.notice_wav
        if not (notice and call.joining.play_notice(notice)):
            self.notice_over()

    def notice_over(self) -> None:
        """The notice was heard (or there is none): what is said from now on may be recorded."""
        order = self._order
        if order is not None and order.starts == "bridged" and self.state is None:
            self._start()

    def set(self, how: Literal["start", "pause", "resume", "stop"]) -> str:
        """Carry a command out; returns why not, or ""."""
        call = self._call
        if self._order is None:
            return "No recording was ordered for this call."
        if call.is_ending or call.agent_side.talking is None:
            return "There is no talk to record."
        if how == "start":
            return self._asked_to_start()
        if self.recorder is None:
            return "The call is not being recorded."
        if how == "stop":
            self.stop()
        elif (how == "pause") != (self.state == "paused"):
            self._pause(is_paused=how == "pause")
        return ""

    def _asked_to_start(self) -> str:
        if self._call.joining.has_notice:
            return "The notice is still playing."
        if self.state == "failed":
            return "The recording has failed; the call goes on unrecorded."
        if self.state == "paused":
            self._pause(is_paused=False)
        elif self.recorder is None:
            self._start()
        return ""

    def _start(self) -> None:
        assert self._order is not None
        try:
            self.recorder = Recorder(
                self._call.engine.endpoint,
                Path(self._order.path),
                self._failed,
                is_continued=self.state == "stopped",
                recorded_s=self._recorded_s,
            )
        except KnownError as error:
            self._failed(error.sentence)
            return
        self._tell("recording")
        self._call.remix()

    def _pause(self, *, is_paused: bool) -> None:
        assert self.recorder is not None
        assert self._order is not None
        self.recorder.pause(is_paused=is_paused)
        timers = self._call.timers
        if is_paused:
            timers.after("pause", self._order.longest_pause_s, self._paused_too_long)
        else:
            timers.cancel("pause")
        self._tell("paused" if is_paused else "recording")

    def _paused_too_long(self) -> None:
        """An alarm and no more: nobody's card number is recorded by a timer."""
        assert self._order is not None
        sentence = (
            f"The recording has been paused for {self._order.longest_pause_s:g} s: "
            "resume it, unless a payment is still being taken."
        )
        self._call.engine.trouble(sentence)
        self._tell("paused", sentence)

    def stop(self) -> None:
        """The recording ends; the file is whole when this returns."""
        if self._close():
            self._tell("stopped")
        elif self._greeting and self.state is None:
            self._write_greeting()

    @property
    def keeps_machines(self) -> bool:
        return self._order is not None and self._order.keeps_machines

    def keep_greeting(self, pcm16: bytes) -> None:
        """Detection took this for a machine: kept if nobody comes to talk to it after all."""
        self._greeting = pcm16

    def _write_greeting(self) -> None:
        assert self._order is not None
        greeting, self._greeting = self._greeting, b""
        try:
            file = TwoChannelWav(Path(self._order.path), HEARING_HZ)
            file.write(greeting, bytes(len(greeting)))
            file.close()
        except KnownError as error:
            self._failed(error.sentence)
            return
        self._recorded_s = len(greeting) / 2 / HEARING_HZ
        self._tell("stopped")

    def _close(self) -> bool:
        recorder, self.recorder = self.recorder, None
        self._call.timers.cancel("pause")
        if recorder is None:
            return False
        self._recorded_s = recorder.recorded_s
        self._call.remix()  # before the ears go: the bridge must let go of them first
        recorder.finish()
        return True

    def _failed(self, sentence: str) -> None:
        self._close()
        self._tell("failed", sentence)
        self._call.engine.trouble(sentence)

    def _tell(self, state: RecordingState, sentence: str = "") -> None:
        assert self._order is not None
        self.state = state
        call = self._call
        recorded_s = self.recorder.recorded_s if self.recorder is not None else self._recorded_s
        call.engine.wire.emit(
            RecordingChanged(
                seq=0,
                at=call.engine.clock.now(),
                attempt_id=call.order.attempt_id,
                state=state,
                path=self._order.path,
                recorded_s=round(recorded_s, 2),
                sentence=sentence,
            )
        )
