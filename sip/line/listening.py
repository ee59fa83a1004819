"""What a line hears on the person's side before anybody talks: tones, and who has answered.

An ear in the bridge takes the person's sound, early and after the answer. Its callback on the
media thread only puts frames aside; they are judged on the engine's thread.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from sip.bridge import join, part
from sip.clock import later
from sip.detection.goertzel import FRAME_S
from sip.detection.machine import Judgement, MachineDetector
from sip.detection.tones import ToneFound, ToneListener
from sip.ears import Ear
from sip.leg import Leg
from sip.line.recorded import HEARING_HZ
from sip.messages import Stamp, ToneHeard, VerdictReached

if TYPE_CHECKING:
    from sip.line.call import LineCallInHand

RATE: Final = HEARING_HZ
"""What a telephone's band needs; the bridge converts."""
TONES_AFTER_ANSWER_S: Final = 15.0
"""A calling fax has been heard twice by then; later sounds belong to a message or to music."""
_BACKLOG_FRAMES: Final = 250
"""Five seconds: an engine that hangs for longer has lost the call's beginning anyway."""
_EARLY_FRAMES: Final = 5
"""Before the answer nothing is urgent: frames judged together cost half as much."""
_HOLE_S: Final = 0.2
"""Frames come 50 times a second, in bursts on a busy machine; more than this is a hole."""


class FrameTimes:
    """The moment at which each frame's sound ends: even steps, as long as arrivals agree."""

    def __init__(self) -> None:
        self._end_s: float | None = None

    def of(self, arrived_s: float) -> float:
        """The next frame's end on the clock that `arrived_s` is read from."""
        even_s = arrived_s if self._end_s is None else self._end_s + FRAME_S
        self._end_s = arrived_s if abs(arrived_s - even_s) > _HOLE_S else even_s
        return self._end_s


class Listening:
    """The hearing of one call (`sip.line.call.Hearing`); judges only what the order asks for.

    Tones are told as `ToneHeard`, each kind once before and once after the answer. With
    `order.detection` there is one `VerdictReached`, by the deadline at the latest; none comes if
    the hearing ends before.
    """

    def __init__(self, call: LineCallInHand) -> None:
        self._call = call
        self._endpoint = call.engine.endpoint
        self._ear: Ear | None = None
        self._person: Leg | None = None
        self._frames: deque[tuple[float, bytes]] = deque(maxlen=_BACKLOG_FRAMES)
        self._is_posted = False
        self._is_over = False
        self._times = FrameTimes()
        self._tones = ToneListener(RATE)
        self._detector: MachineDetector | None = None
        self._answered_at: Stamp | None = None
        self._kept: list[bytes] = []  # since the answer, where a machine is to be kept

    # --- told by the call ------------------------------------------------------------------------

    def media(self, person: Leg) -> None:
        """The person's sound is there: hear it. May be repeated."""
        if self._is_over:
            return
        self._person = person
        if self._ear is None:
            self._ear = self._endpoint.ears.lend(RATE, self._take)
        join(person.sound(), self._ear)

    def answered(self, at: Stamp) -> None:
        """From here on tones are the person's side, and whoever answers is judged if ordered."""
        call = self._call
        self._answered_at = at
        self._tones = ToneListener(RATE)
        order = call.order.detection
        if order is None or self._is_over:
            return
        self._detector = MachineDetector(order, RATE)
        waited_s = call.engine.clock.now().mono_s - at.mono_s
        call.timers.after("verdict", order.deadline_s - waited_s, self._expire)

    def end(self) -> None:
        """Hear nothing any more: from here on the call pays nothing for it."""
        self._is_over = True
        self._detector = None
        self._call.timers.cancel("verdict")
        self._frames.clear()
        self._kept.clear()
        ear, self._ear = self._ear, None
        if ear is None:
            return
        if self._person is not None:
            part(self._person.sound(), ear)
        self._endpoint.ears.take_back(ear)

    # --- sound -----------------------------------------------------------------------------------

    def _take(self, pcm16: bytes) -> None:
        """The media thread: put the frame aside, and have it looked at."""
        if not pcm16 or self._is_over:
            return
        self._frames.append((self._endpoint.now().mono_s, pcm16))
        wanted = 1 if self._detector is not None else _EARLY_FRAMES
        if len(self._frames) >= wanted and not self._is_posted:
            self._is_posted = True
            self._endpoint.post(self._hear_all)

    def _hear_all(self) -> None:
        self._is_posted = False
        while self._frames and not self._is_over:
            arrived_s, pcm16 = self._frames.popleft()
            self._hear(self._times.of(arrived_s), pcm16)

    def _hear(self, end_s: float, pcm16: bytes) -> None:
        found = self._tones.hear(pcm16)
        answered_at = self._answered_at
        if answered_at is None:
            if found is not None:
                self._tell_tone(found, end_s, is_early=True)
            return
        after_s = end_s - answered_at.mono_s
        if found is not None:
            self._tell_tone(found, end_s, is_early=False)
        detector = self._detector
        if detector is not None and after_s > 0.0:
            if self._call.recording.keeps_machines:
                self._kept.append(pcm16)
            judged = detector.hear_tone(found.tone, after_s) if found is not None else None
            self._tell(judged or detector.hear(pcm16, after_s), answered_at)
        elif detector is None and after_s > TONES_AFTER_ANSWER_S:
            self.end()

    def _expire(self) -> None:
        """The deadline by the clock, whether sound comes or not."""
        if self._detector is None or self._answered_at is None:
            return
        after_s = self._call.engine.clock.now().mono_s - self._answered_at.mono_s
        self._tell(self._detector.expire(after_s), self._answered_at)

    # --- what was heard --------------------------------------------------------------------------

    def _tell_tone(self, found: ToneFound, end_s: float, *, is_early: bool) -> None:
        call = self._call
        now = call.engine.clock.now()
        call.engine.wire.emit(
            ToneHeard(
                seq=0,
                at=now,
                attempt_id=call.order.attempt_id,
                tone=found.tone,
                is_early=is_early,
            )
        )
        if is_early and found.tone == "ringback":
            began_s = end_s - (found.known_s - found.start_s)
            call.heard_ringing(later(now, began_s - now.mono_s))

    def _tell(self, judged: Judgement | None, answered_at: Stamp) -> None:
        if judged is None:
            return
        call = self._call
        self._detector = None
        call.timers.cancel("verdict")
        if judged.verdict == "machine":
            call.recording.keep_greeting(b"".join(self._kept))
        self._kept.clear()
        call.engine.wire.emit(
            VerdictReached(
                seq=0,
                at=call.engine.clock.now(),
                attempt_id=call.order.attempt_id,
                verdict=judged.verdict,
                cause=judged.cause,
                after_s=round(judged.after_s, 3),
                speech_start_at=_moment(answered_at, judged.speech_start_s),
                greeting_end_at=_moment(answered_at, judged.greeting_end_s),
            )
        )
        call.judged(judged.verdict)


def _moment(answered_at: Stamp, after_s: float | None) -> Stamp | None:
    return None if after_s is None else later(answered_at, after_s)
