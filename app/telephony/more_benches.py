"""The benches that last long or need a system of their own, with a bar and figures as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec
from rich.console import Console

from app.bench_figures import tell
from app.pacing.crew import progress_bar

MOUTH_TO_EAR_MS = 150.0
SOUND_BACK_MS = 500.0


def run_endurance(calls: int, warm_up: int, json_file: Path | None) -> int:
    """Many calls through one line; status 0 if nothing grew and nothing leaked."""
    from app.telephony.endurance import endure  # noqa: PLC0415  loads the SIP side of it

    with progress_bar(f"{calls} calls", calls, Console(stderr=True)) as done:
        figures = endure(calls, warm_up, on_call=lambda _count: done(1))
    tell(figures, json_file)
    return 0 if figures.meets_target else 1


def run_detection(
    part: Literal["tuned", "unseen"], seed: int, repeats: int, json_file: Path | None
) -> int:
    """The confusion table of machine detection."""
    from app.telephony.detection_bench import bench  # noqa: PLC0415  makes speech as it loads

    console = Console(stderr=True)
    with console.status("Speaking and judging …"):
        found = bench(part, seed, repeats)
    _tell_table(found, json_file)
    return 0


def run_malformed(count: int, seed: int, json_file: Path | None) -> int:
    """Faulty SIP at a line and a phone; status 0 if both live on and a call goes through."""
    from app.telephony.malformed import fire_at_engines  # noqa: PLC0415  starts engines

    found = fire_at_engines(count, seed, Console(stderr=True).print)
    tell(found, json_file)
    is_alive = found.call_afterwards and not found.line.deaths and not found.phone.deaths
    return 0 if is_alive else 1


def run_sound(seconds: float, unplug: int, json_file: Path | None) -> int:
    """Mouth to ear, and unplugging; status 0 if the targets are met."""
    from app.telephony.sound_bench import measure_sound  # noqa: PLC0415  starts a sound server

    console = Console(stderr=True)
    found = measure_sound(seconds, unplug, progress=console.print)
    _tell_table(found, json_file)
    return 0 if _meets_sound_targets(found) else 1


def _meets_sound_targets(found: Mapping[str, object]) -> bool:
    """Mouth to ear within 150 ms in the median, sound back within 500 ms each time."""
    delay, back = found.get("mouth_to_ear_median_ms"), found.get("sound_back_worst_ms")
    if not isinstance(delay, int | float) or not isinstance(back, int | float):
        return False
    return delay <= MOUTH_TO_EAR_MS and back <= SOUND_BACK_MS


class _Found(msgspec.Struct, frozen=True):
    """Figures that a bench gives as a table of its own."""

    figures: Mapping[str, object]


def _tell_table(found: Mapping[str, object], json_file: Path | None) -> None:
    tell(_Found(found), json_file)
