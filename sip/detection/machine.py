"""Is it a person or a machine? By how long and how it speaks; in doubt it is a person.

The order of the questions is that of Asterisk's app_amd, with other answers where those take
people for machines: long silence after the answer is no machine but `not_sure`; a long greeting
is one only if it is made of several words that stand clear of the noise behind them; and the
deadline ends it all. A machine's beep and its information tones are certain.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sip.detection.beep import BeepFinder
from sip.detection.goertzel import FRAME_S
from sip.detection.levels import samples
from sip.detection.voice import Voice
from sip.messages.hearing import DetectionOrder, Tone, Verdict

LEAST_DENSITY: Final = 0.4
"""Of a greeting's length must be voice: single sounds over noise are no greeting."""
LEAST_CLEAR_DB: Final = 32.0
"""Of a greeting over the quiet behind it: other people's talk in the room is no announcement."""
LEAST_EVEN: Final = 0.9
"""Of a greeting's stretches are about as loud as its loudest: announcements are spoken evenly."""
_MACHINES: Final[frozenset[Tone]] = frozenset(
    {"sit", "sit_no_circuit", "sit_intercept", "sit_vacant", "sit_reorder", "fax", "modem"}
)


class Judgement(NamedTuple):
    """A verdict, the rule behind it, and its moments in seconds since the answer.

    `cause`: "greeting_over", "long_greeting", "beep", "silence", "deadline" or a tone's name.
    """

    verdict: Verdict
    cause: str
    after_s: float
    speech_start_s: float | None
    greeting_end_s: float | None


class MachineDetector:
    """Listens to one answered call, frame by frame, until it gives its one verdict."""

    def __init__(self, order: DetectionOrder, clock_rate: int) -> None:
        self._order = order
        self._voice = Voice()
        self._beep = BeepFinder(clock_rate)
        self._n_bytes = 2 * int(clock_rate * FRAME_S)
        self.judgement: Judgement | None = None

    def hear(self, pcm16: bytes, after_s: float) -> Judgement | None:
        """Take the next 20 ms, which end `after_s` after the answer; returns the verdict, once."""
        if self.judgement is not None:
            return None
        if len(pcm16) != self._n_bytes:
            pcm16 = pcm16[: self._n_bytes].ljust(self._n_bytes, b"\x00")
        sound = samples(pcm16)
        self._voice.hear(sound, after_s)
        if self._beep.hear(sound):
            return self._judge("machine", "beep", after_s)
        return self._decide(after_s)

    def hear_tone(self, tone: Tone, after_s: float) -> Judgement | None:
        """A tone was recognised after the answer: some are a machine's beyond doubt."""
        if self.judgement is not None or tone not in _MACHINES:
            return None
        return self._judge("machine", tone, after_s)

    def expire(self, after_s: float) -> Judgement | None:
        """The deadline has come, with or without sound."""
        return None if self.judgement else self._judge("not_sure", "deadline", after_s)

    def _decide(self, after_s: float) -> Judgement | None:
        order, voice = self._order, self._voice
        if after_s >= order.deadline_s:
            return self._judge("not_sure", "deadline", after_s)
        if voice.speech_start_s is None:
            if after_s >= order.initial_silence_s:
                return self._judge("not_sure", "silence", after_s)
            return None
        if after_s - voice.rests_since_s >= order.after_greeting_silence_s:
            return self._judge("human", "greeting_over", after_s)
        is_long = voice.lasted_s >= order.greeting_s
        is_clear = voice.density >= LEAST_DENSITY and voice.clear_db >= LEAST_CLEAR_DB
        is_even = voice.evenness >= LEAST_EVEN
        if is_long and voice.words > order.most_words and is_clear and is_even:
            return self._judge("machine", "long_greeting", after_s)
        return None

    def _judge(self, verdict: Verdict, cause: str, after_s: float) -> Judgement:
        voice = self._voice
        is_over = after_s - voice.rests_since_s >= self._order.after_greeting_silence_s
        is_spoken = voice.speech_start_s is not None
        self.judgement = Judgement(
            verdict=verdict,
            cause=cause,
            after_s=after_s,
            speech_start_s=voice.speech_start_s,
            greeting_end_s=voice.rests_since_s if is_spoken and is_over else None,
        )
        return self.judgement
