"""A labelled corpus of answered calls, spoken by espeak-ng when it is wanted; nothing is kept.

Each clip begins with the answer and is what a line would hear: 8 kHz, band of a telephone, noise
of a kind and strength, once through G.711. Same seed, same clips.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

import numpy as np

from app.errors import KnownError
from app.telephony.greetings import (
    HUMAN_KINDS,
    MACHINE_KINDS,
    TEXTS,
    VOICES,
    Kind,
    Part,
)
from sip.detection import drawn
from sip.detection.drawn import Wave

RATE: Final = 8000
CLIP_S: Final = 9.0
BAND_HZ: Final = (280.0, 3450.0)
Noise = Literal["none", "white", "babble", "hum"]
Truth = Literal["human", "machine"]
_NOISES: Final[tuple[tuple[Noise, float], ...]] = (
    ("none", 60.0),
    ("white", 30.0),
    ("white", 15.0),
    ("babble", 20.0),
    ("babble", 12.0),
    ("hum", 15.0),
)
_BEEP_HZ: Final = (440.0, 620.0, 850.0, 1000.0, 1400.0)
_SIT: Final = ((950.0, 0.33), (1400.0, 0.33), (1800.0, 0.33))
_LIMIT_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a clip is made of; `seed` draws its times and noise."""

    kind: Kind
    language: str
    text: str
    voice: str
    words_a_minute: int
    pitch: int
    level_dbfs: float
    noise: Noise
    snr_db: float
    seed: int

    @property
    def truth(self) -> Truth:
        return "human" if self.kind in HUMAN_KINDS else "machine"


@dataclass(frozen=True, slots=True)
class Clip:
    """A plan and its sound: PCM16 of 8 kHz from the answer on; `has_beep` within it."""

    plan: Plan
    sound: bytes
    has_beep: bool


def plans(part: Part, seed: int, repeats: int) -> list[Plan]:
    """Each text of a part `repeats` times, with voices, speeds, levels and noises in turn."""
    draw = Random(f"{part} {seed}")
    made: list[Plan] = []
    for kind in (*HUMAN_KINDS, *MACHINE_KINDS):
        # One-word answers are many texts and few machines' texts are long: weigh them alike.
        for language, texts in TEXTS[part][kind].items():
            for text in texts:
                for _ in range(repeats):
                    noise, snr_db = draw.choice(_NOISES)
                    made.append(
                        Plan(
                            kind=kind,
                            language=language,
                            text=text,
                            voice=draw.choice(VOICES[part]),
                            words_a_minute=draw.randrange(135, 216),
                            pitch=draw.randrange(25, 76),
                            level_dbfs=draw.uniform(-32.0, -16.0),
                            noise=noise,
                            snr_db=snr_db,
                            seed=draw.randrange(2**32),
                        )
                    )
    return made


def clips(wanted: Iterable[Plan], workers: int = 2) -> Iterator[Clip]:
    """The sounds of plans, in order. Raises KnownError without espeak-ng."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise KnownError("espeak-ng is missing, which speaks the corpus: install it and try again.")
    planned = list(wanted)
    babble = _babble(program)
    with ThreadPoolExecutor(workers) as pool:
        spoken = pool.map(lambda plan: _spoken(program, plan), planned)
        for plan, speech in zip(planned, spoken, strict=True):
            yield _clip(plan, speech, babble)


def _spoken(program: str, plan: Plan) -> Wave:
    return speak(
        program,
        plan.text,
        f"{plan.language}+{plan.voice}",
        words_a_minute=plan.words_a_minute,
        pitch=plan.pitch,
    )


def speak(program: str, text: str, voice: str, *, words_a_minute: int, pitch: int) -> Wave:
    """A text as sound of 8 kHz in the telephone's band, without silence around it."""
    command = [program, "--stdout", "-v", voice, "-s", str(words_a_minute), "-p", str(pitch), text]
    done = subprocess.run(command, capture_output=True, check=False, timeout=_LIMIT_S)
    if done.returncode or not done.stdout:
        raise KnownError(f"espeak-ng could not speak with the voice {voice}: is it complete?")
    with wave.open(io.BytesIO(done.stdout)) as file:
        rate = file.getframerate()
        # On a pipe the header's length is a guess: take what there is.
        raw = np.frombuffer(done.stdout[44:], dtype="<i2", count=(len(done.stdout) - 44) // 2)
    sound = drawn.resampled(raw / 32768.0, rate, RATE, BAND_HZ)
    loud = np.nonzero(np.abs(sound) > 0.01 * float(np.abs(sound).max()))[0]
    return sound[loud[0] : loud[-1] + 1]


def _babble(program: str) -> Wave:
    """Several people talking at once, somewhere behind."""
    texts = [
        text
        for language in TEXTS["tuned"]["mailbox"]
        for text in TEXTS["tuned"]["mailbox"][language]
    ]
    total = np.zeros(round(CLIP_S * RATE))
    for index, text in enumerate(texts):
        voice = f"en-gb+{VOICES['tuned'][index % len(VOICES['tuned'])]}"
        speech = speak(program, text, voice, words_a_minute=150 + 10 * index, pitch=35 + 6 * index)
        repeated = np.resize(drawn.scaled(speech, -20.0), len(total))
        total += np.roll(repeated, 3571 * index)
    return total


def _clip(plan: Plan, speech: Wave, babble: Wave) -> Clip:
    draw = Random(plan.seed)
    parts, has_beep = _as_human(plan, speech, draw), False
    if plan.truth == "machine":
        parts, has_beep = _as_machine(plan, speech, draw)
    whole = np.concatenate(parts)[: round(CLIP_S * RATE)]
    sound = np.zeros(round(CLIP_S * RATE))
    sound[: len(whole)] = whole
    sound += _noise(plan, len(sound), babble)
    return Clip(plan, drawn.through_a_law(drawn.pcm16(sound)), has_beep)


def _as_human(plan: Plan, speech: Wave, draw: Random) -> list[Wave]:
    """A pause, the greeting, and some time later a "hello?" into the silence."""
    said = drawn.scaled(speech, plan.level_dbfs)
    wait = drawn.silence(draw.uniform(0.1, 1.2), RATE)
    again = drawn.silence(draw.uniform(1.2, 2.5), RATE)
    return [wait, said, again, said]


def _as_machine(plan: Plan, speech: Wave, draw: Random) -> tuple[list[Wave], bool]:
    """A pause, perhaps an information tone, the announcement, and mostly a beep."""
    parts = [drawn.silence(draw.uniform(0.1, 1.0), RATE)]
    if plan.kind == "after sit":
        parts += [
            drawn.information_tone(_SIT, RATE, -24.0),
            drawn.silence(draw.uniform(0.1, 0.5), RATE),
        ]
    parts.append(drawn.scaled(speech, plan.level_dbfs))
    has_beep = plan.kind in ("mailbox", "brief mailbox") and draw.random() < 0.8
    if has_beep:
        parts += [
            drawn.silence(draw.uniform(0.15, 1.0), RATE),
            drawn.tone(
                [draw.choice(_BEEP_HZ)], draw.uniform(0.2, 0.8), RATE, draw.uniform(-28, -14)
            ),
        ]
    return parts, has_beep


def _noise(plan: Plan, n: int, babble: Wave) -> Wave:
    rng = np.random.default_rng(plan.seed)
    level_dbfs = plan.level_dbfs - plan.snr_db
    match plan.noise:
        case "babble":
            return drawn.scaled(np.roll(babble, int(rng.integers(len(babble))))[:n], level_dbfs)
        case "hum":
            return drawn.hum(n, RATE, level_dbfs, rng) + drawn.white(n, level_dbfs - 15, rng)
        case _:
            return drawn.white(n, level_dbfs, rng)
