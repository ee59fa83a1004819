"""How often detection is right: the confusion table on the spoken corpus, for the command line."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.telephony.corpus import RATE, Clip, clips, plans
from app.telephony.greetings import Part
from sip.detection.goertzel import FRAME_S
from sip.detection.machine import Judgement, MachineDetector
from sip.detection.tones import ToneListener
from sip.messages.hearing import DetectionOrder

N_BYTES: Final = 2 * round(RATE * FRAME_S)
VERDICTS: Final = ("human", "machine", "not_sure")
ORDERS: Final[dict[str, DetectionOrder]] = {
    "two seconds from the answer": DetectionOrder(deadline_s=1.7),
    "two seconds from the greeting's end": DetectionOrder(deadline_s=5.0),
}
"""Deadlines as the rule profiles leave them: connect within 2 s, less 0.3 s to route."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One clip and what was made of it."""

    clip: Clip
    judgement: Judgement


def judge(sound: bytes, order: DetectionOrder) -> Judgement:
    """What a line would say of this answered call, frame by frame; never later than its end."""
    tones, detector = ToneListener(RATE), MachineDetector(order, RATE)
    for index in range(len(sound) // N_BYTES):
        frame = sound[index * N_BYTES : (index + 1) * N_BYTES]
        after_s = (index + 1) * FRAME_S
        found = tones.hear(frame)
        judged = detector.hear_tone(found.tone, after_s) if found is not None else None
        judged = judged or detector.hear(frame, after_s)
        if judged is not None:
            return judged
    judged = detector.expire(len(sound) / (2 * RATE))
    if judged is None:
        raise RuntimeError("a detector ends with a verdict")
    return judged


def bench(part: Part = "unseen", seed: int = 1, repeats: int = 6) -> dict[str, Any]:
    """The confusion table, times and cost for each order, ready for JSON.

    `part`: "tuned" holds the sentences and voices on which thresholds were chosen, "unseen" others.
    Raises KnownError without espeak-ng. About a minute at 6 repeats.
    """
    made = list(clips(plans(part, seed, repeats)))
    return {
        "part": part,
        "seed": seed,
        "clips": len(made),
        "seconds_of_sound": round(sum(len(clip.sound) for clip in made) / (2 * RATE)),
        "cost_ms_per_s": round(cost_ms_per_s(made[:20]), 3),
        "orders": {name: table(made, order) for name, order in ORDERS.items()},
    }


def table(made: Sequence[Clip], order: DetectionOrder) -> dict[str, Any]:
    """One order's confusion by truth, by kind, by noise, and when verdicts came."""
    heard = [Heard(clip, judge(clip.sound, order)) for clip in made]
    by_truth = {truth: _of(h for h in heard if h.clip.plan.truth == truth) for truth in _TRUTHS}
    machines = sum(counts["machine"] for counts in by_truth.values())
    people_lost = by_truth["human"]["machine"]
    people = sum(by_truth["human"].values())
    return {
        "deadline_s": order.deadline_s,
        "greeting_s": order.greeting_s,
        "confusion": by_truth,
        "people_taken_for_machines": people_lost,
        "share_of_people": round(people_lost / people, 4) if people else 0.0,
        "share_of_machine_verdicts": round(people_lost / machines, 4) if machines else 0.0,
        "machines_found": round(by_truth["machine"]["machine"] / max(1, machines_in(heard)), 4),
        "by_kind": {
            kind: _of(h for h in heard if h.clip.plan.kind == kind) for kind in _kinds(heard)
        },
        "by_noise": {
            noise: _of(h for h in heard if _noise(h) == noise)
            for noise in sorted({*map(_noise, heard)})
        },
        "causes": dict(Counter(h.judgement.cause for h in heard).most_common()),
        "after_s": {verdict: _times(heard, verdict) for verdict in VERDICTS},
    }


_TRUTHS: Final = ("human", "machine")


def machines_in(heard: Iterable[Heard]) -> int:
    return sum(h.clip.plan.truth == "machine" for h in heard)


def _kinds(heard: Iterable[Heard]) -> list[str]:
    return list(dict.fromkeys(h.clip.plan.kind for h in heard))


def _noise(heard: Heard) -> str:
    plan = heard.clip.plan
    return f"{plan.truth} {plan.noise} {plan.snr_db:.0f} dB"


def _of(heard: Iterable[Heard]) -> dict[str, int]:
    counts = Counter(h.judgement.verdict for h in heard)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def _times(heard: Sequence[Heard], verdict: str) -> dict[str, float]:
    times = sorted(h.judgement.after_s for h in heard if h.judgement.verdict == verdict)
    if not times:
        return {}
    return {
        "median": round(statistics.median(times), 2),
        "p95": round(times[int(0.95 * (len(times) - 1))], 2),
        "longest": round(times[-1], 2),
    }


def cost_ms_per_s(made: Sequence[Clip]) -> float:
    """Milliseconds of this processor for a second of one line's sound, all recognisers running."""
    order_waits = DetectionOrder(
        deadline_s=1e9, initial_silence_s=1e9, greeting_s=1e9, after_greeting_silence_s=1e9
    )
    frames = [
        clip.sound[at : at + N_BYTES] for clip in made for at in range(0, len(clip.sound), N_BYTES)
    ]
    tones, detector = ToneListener(RATE), MachineDetector(order_waits, RATE)
    started_s = time.process_time()
    for index, frame in enumerate(frames):
        tones.hear(frame)
        detector.judgement = None
        detector.hear(frame, index * FRAME_S)
    return (time.process_time() - started_s) * 1000 / (len(frames) * FRAME_S)
