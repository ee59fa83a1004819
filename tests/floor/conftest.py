"""A whole floor of real processes, run as a user would: from the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

Report = dict[str, Any]


@dataclass
class RunningDemo:
    """One `callfloor demo` and where its things are."""

    process: subprocess.Popen[str]
    profile: Path
    report_file: Path

    def pids(self, *words: str) -> list[int]:
        """Processes of this demo whose command line has all of `words`."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                line = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            texts = [part.decode(errors="replace") for part in line]
            if any(str(self.profile) in t for t in texts) and all(w in texts for w in words):
                found.append(int(entry.name))
        return found

    def wait_for(self, condition: Callable[[], object], timeout_s: float, what: str) -> None:
        """Wait until `condition()` is true; fails naming `what`."""
        until = time.monotonic() + timeout_s
        while not condition():
            assert self.process.poll() is None, self.end()
            assert time.monotonic() < until, f"{what} did not come within {timeout_s} s"
            time.sleep(0.05)

    def end(self, timeout_s: float = 150) -> str:
        """Wait for the end of the run; what it said on standard error."""
        _, err = self.process.communicate(timeout=timeout_s)
        return err

    def report(self) -> Report:
        found: Report = json.loads(self.report_file.read_text())
        return found


Start = Callable[..., RunningDemo]


@pytest.fixture
def start_demo(tmp_path: Path) -> Iterator[Start]:
    """Start a demo with these words; what is left of it is ended after the test.

    With `is_patient` everybody who is called answers at once: see patient_demo.py.
    """
    running: list[RunningDemo] = []

    def start(*words: object, is_patient: bool = False) -> RunningDemo:
        profile = tmp_path / f"floor{len(running)}"
        report = tmp_path / f"report{len(running)}.json"
        program = ["tests.floor.patient_demo"] if is_patient else ["app", "demo"]
        command = [sys.executable, "-m", *program, "--offscreen", "--profile", str(profile)]
        command += ["--report", str(report), *map(str, words)]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        demo = RunningDemo(process, profile, report)
        running.append(demo)
        return demo

    yield start
    for demo in running:
        if demo.process.poll() is None:
            demo.process.terminate()
            try:
                demo.process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                demo.process.kill()
                demo.process.communicate()
        for pid in demo.pids():
            os.kill(pid, signal.SIGKILL)


def assert_sound(report: Report) -> None:
    """What must be true of every run: nothing lost, nobody twice, everybody heard."""
    assert report["errors"] == []
    assert report["open_attempts"] == 0
    assert report["dialled_twice_within_lockout"] == 0
    assert report["speech_both_ways"] == report["connected"], report["speech_missing"]
    assert report["dispositions"] == report["connected"]
    for name in ("dialled", "answered", "connected"):
        assert report[name] > 0
