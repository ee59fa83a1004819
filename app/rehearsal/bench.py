"""Measurements of this machine: the figures that the product promises, as JSON."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import msgspec

from app.rehearsal.demo import Demo, DemoOptions
from app.rehearsal.report import Spread, failure
from dialer_core.model.states import Mode


class LatencyFigures(msgspec.Struct, frozen=True):
    """What `callfloor bench latency` measured, and on what."""

    agents: int
    lines: int
    seconds: float
    speed: float
    cores: int
    python: str
    answer_to_agent_audio_ms: Spread
    answer_to_pop_painted_ms: Spread
    waited_for_seat_ms: Spread
    abandoned_rate: float
    connected: int
    speech_both_ways: int
    longest_gap_ms: float
    errors: list[str]


def run_latency(
    agents: int,
    lines: int,
    seconds: float,
    speed: float,
    seed: int,
    json_file: Path | None,
    profile: Path | None,
) -> int:
    """A predictive floor of robots; prints the figures and writes them to `json_file`."""
    options = DemoOptions(
        agents=agents,
        mode=Mode.PREDICTIVE,
        seconds=seconds,
        seed=seed,
        offscreen=True,
        speed=speed,
        lines=lines,
        profile=profile,
        progress=lambda text: print(text, file=sys.stderr, flush=True),  # noqa: T201
    )
    demo = Demo(options)
    try:
        found = demo.run()
    finally:
        demo.forget()
    figures = LatencyFigures(
        agents=agents,
        lines=lines,
        seconds=seconds,
        speed=speed,
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        answer_to_agent_audio_ms=found.answer_to_agent_audio_ms,
        answer_to_pop_painted_ms=found.answer_to_pop_painted_ms,
        waited_for_seat_ms=found.waited_for_seat_ms,
        abandoned_rate=found.abandoned_rate,
        connected=found.connected,
        speech_both_ways=found.speech_both_ways,
        longest_gap_ms=found.longest_gap_ms,
        errors=found.errors,
    )
    text = msgspec.json.format(msgspec.json.encode(figures), indent=2)
    print(text.decode())  # noqa: T201
    if json_file is not None:
        json_file.write_bytes(text)
    return 1 if failure(found) else 0
