"""`callfloor bench calls`: many bridged calls at once, who hears whom, and what they cost."""

from __future__ import annotations

import threading
import time
import wave
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from rich.console import Console

from app.bench_figures import Machine, tell, this_machine
from app.errors import KnownError
from app.pacing.crew import progress_bar
from app.telephony.floor import BenchFloor, Talk, wait_until
from sip import messages
from sip.signatures import Listener

TARGET_SHARE = 0.99
TARGET_CORES = 1.3
BRIDGE_LIMIT_S = 20.0
SETTLE_S = 2.0
RATE_HZ = 8000


@dataclass(frozen=True, slots=True)
class CallsOptions:
    """The words of the command line."""

    calls: int = 20
    lines: int = 30
    seconds: float = 60.0
    is_recorded: bool = True
    json_file: Path | None = None


class CallsFigures(msgspec.Struct, frozen=True):
    """What was heard and what it cost. Cores: processor seconds a second, over the whole talk."""

    calls: int
    lines: int
    seconds: float
    is_recorded: bool
    bridged: int
    bursts_spoken: int
    bursts_heard: int
    heard_share: float
    heard_share_at_persons: float
    heard_share_at_phones: float
    longest_gap_ms: float
    cores_of_lines: float
    cores_of_phones: float
    cores: float
    recordings_whole: int
    meets_targets: bool
    machine: Machine
    errors: list[str]


class _Talks:
    """Connects each answered call with its seat, and remembers how far each call is."""

    def __init__(self, floor: BenchFloor, seat_of: dict[str, int]) -> None:
        self._floor = floor
        self._seat_of = seat_of
        self._lock = threading.Lock()
        self.bridged: set[str] = set()
        self.ended: set[str] = set()
        self.errors: list[str] = []
        floor.on_message = self._said

    def _said(self, line: str, message: messages.Message) -> None:
        match message:
            case messages.CallAnswered(attempt_id=attempt_id):
                agent = self._floor.agent(self._seat_of[attempt_id])
                self._floor.send(
                    line, messages.ConnectAgent(epoch=1, attempt_id=attempt_id, agent=agent)
                )
            case messages.AgentBridged(attempt_id=attempt_id):
                with self._lock:
                    self.bridged.add(attempt_id)
            case messages.CallEnded(attempt_id=attempt_id):
                with self._lock:
                    self.ended.add(attempt_id)
            case messages.Refused() | messages.EngineTrouble() | messages.AgentUnreachable():
                with self._lock:
                    self.errors.append(f"{line}: {message.sentence}")


def run_calls(options: CallsOptions) -> int:
    """Measure, tell, and return the exit status: 0 if the targets are met."""
    if options.calls < 1 or options.lines < options.calls or options.seconds < 6:
        raise KnownError("Give at least as many lines as calls, and at least 6 seconds.")
    machine = this_machine()
    console = Console(stderr=True)
    console.print(f"Starting {options.lines} lines and {options.calls} phones …")
    forever = Talk(ring_s=0.2, talk_s=options.seconds + 3600)
    floor = BenchFloor(options.calls, options.lines, lambda _n: forever)
    try:
        with floor:
            talks, cores = _talk(floor, options, console)
            errors = [*talks.errors, *floor.dead()]
        figures = _figures(floor, options, talks, cores, errors, machine)
    finally:
        floor.forget()
    tell(figures, options.json_file)
    return 0 if figures.meets_targets else 1


def _talk(
    floor: BenchFloor, options: CallsOptions, console: Console
) -> tuple[_Talks, tuple[float, float]]:
    seat_of = {f"bench-{n}": n for n in range(options.calls)}
    talks = _Talks(floor, seat_of)
    for attempt_id, n in seat_of.items():
        floor.dial(floor.lines[n], attempt_id, _recording(floor, attempt_id, options))
    wait_until(lambda: len(talks.bridged) == options.calls, BRIDGE_LIMIT_S)
    time.sleep(SETTLE_S)
    before = (floor.cpu_s("lines"), floor.cpu_s("phones"))
    began_s = time.monotonic()
    with progress_bar(f"{options.calls} calls", options.seconds, console) as done:
        while (left_s := began_s + options.seconds - time.monotonic()) > 0:
            pause_s = min(1.0, left_s)
            time.sleep(pause_s)
            done(pause_s)
    whole_s = time.monotonic() - began_s
    after = (floor.cpu_s("lines"), floor.cpu_s("phones"))
    for attempt_id, n in seat_of.items():
        floor.send(floor.lines[n], messages.EndCall(epoch=1, attempt_id=attempt_id, now=True))
    wait_until(lambda: len(talks.ended) == options.calls, BRIDGE_LIMIT_S)
    return talks, ((after[0] - before[0]) / whole_s, (after[1] - before[1]) / whole_s)


def _recording(
    floor: BenchFloor, attempt_id: str, options: CallsOptions
) -> messages.RecordingOrder | None:
    if not options.is_recorded:
        return None
    path = floor.profile.recordings_dir / f"{attempt_id}.wav"
    return messages.RecordingOrder(path=str(path), starts="bridged")


def _sum(sounds: Iterable[messages.Sounds]) -> tuple[int, int]:
    """Bursts heard and spoken over all calls."""
    heard = spoken = 0
    for one in sounds:
        for whole, meanwhile in one.bursts.values():
            heard, spoken = heard + whole, spoken + meanwhile
    return heard, spoken


def _figures(
    floor: BenchFloor,
    options: CallsOptions,
    talks: _Talks,
    cores: tuple[float, float],
    errors: list[str],
    machine: Machine,
) -> CallsFigures:
    people, phones = floor.carrier_records(), floor.phone_records()
    at_people = _sum(one.sounds for one in people)
    at_phones = _sum(one.sounds for one in phones)
    gaps = [one.longest_gap_ms for one in people] + [one.longest_gap_ms for one in phones]
    heard, spoken = at_people[0] + at_phones[0], at_people[1] + at_phones[1]
    # Whoever was heard by nobody at all leaves no burst behind: what had to be spoken is known.
    least = round(2 * options.calls * (options.seconds / 1.5 - 2))
    share = heard / max(spoken, least, 1)
    whole = sum(
        _is_whole(floor.profile.recordings_dir / f"bench-{n}.wav", options.seconds)
        for n in range(options.calls if options.is_recorded else 0)
    )
    is_good = len(talks.bridged) == options.calls and not errors
    is_good = is_good and share >= TARGET_SHARE and sum(cores) <= TARGET_CORES
    return CallsFigures(
        calls=options.calls,
        lines=options.lines,
        seconds=options.seconds,
        is_recorded=options.is_recorded,
        bridged=len(talks.bridged),
        bursts_spoken=max(spoken, least),
        bursts_heard=heard,
        heard_share=round(share, 5),
        heard_share_at_persons=round(at_people[0] / max(1, at_people[1]), 5),
        heard_share_at_phones=round(at_phones[0] / max(1, at_phones[1]), 5),
        longest_gap_ms=max([*gaps, 0.0]),
        cores_of_lines=round(cores[0], 3),
        cores_of_phones=round(cores[1], 3),
        cores=round(sum(cores), 3),
        recordings_whole=whole,
        meets_targets=is_good and whole == (options.calls if options.is_recorded else 0),
        machine=machine,
        errors=errors,
    )


def _is_whole(path: Path, seconds: float) -> bool:
    """Two channels of so many seconds, the person alone on the left, the agent on the right."""
    try:
        with wave.open(str(path)) as file:
            rate_hz, length = file.getframerate(), file.getnframes()
            if file.getnchannels() != 2 or length / rate_hz < seconds:
                return False
            sound = np.frombuffer(file.readframes(length), dtype="<i2").reshape(-1, 2)
    except (OSError, EOFError, wave.Error, ValueError):
        return False
    left, right = (_signatures(sound[:, side].tobytes(), rate_hz) for side in (0, 1))
    return len(left) == len(right) == 1 and min(left) > 100 >= max(right)


def _signatures(pcm16: bytes, rate_hz: int) -> set[int]:
    """Who is heard in the first ten seconds."""
    listener, size = Listener(rate_hz), 2 * rate_hz // 50
    for n in range(min(500, len(pcm16) // size)):
        listener.hear(pcm16[n * size : (n + 1) * size], n * 0.02)
    return set(listener.sounds().heard_ms)
