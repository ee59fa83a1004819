"""Processes that die at the worst moment: nothing is lost and nobody notices on the phone."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time

import pytest

from tests.floor.conftest import RunningDemo, Start, assert_sound

pytestmark = [pytest.mark.floor, pytest.mark.timeout(420)]
# A conversation that hung on what is killed would be silent until it is back: a second and more.
LONGEST_GAP_MS = 400


def talking(demo: RunningDemo) -> int:
    """How many seats talk at this moment, read by a stranger to the program."""
    path = demo.profile / "data" / "callfloor.sqlite3"
    if not path.exists():
        return 0
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    try:
        row = connection.execute("SELECT count(*) FROM sessions WHERE state = 'talking'").fetchone()
        return int(row[0])
    except sqlite3.OperationalError:
        return 0  # the tables are still being made
    finally:
        connection.close()


def test_the_dialler_dies_ten_times(start_demo: Start) -> None:
    demo = start_demo("--agents", 4, "--seconds", 80, "--speed", 4, "--lines", 8, "--seed", 3)
    demo.wait_for(lambda: talking(demo), 60, "the first conversation")
    moments = random.Random(20)
    killed = 0
    for _ in range(10):
        time.sleep(moments.uniform(2.0, 6.5))
        if demo.process.poll() is not None:
            break
        for pid in demo.pids("dialler"):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    said = demo.end()
    report = demo.report()
    assert killed == 10, said
    assert_sound(report)
    assert report["longest_gap_ms"] < LONGEST_GAP_MS


def test_a_window_dies_in_a_call_and_comes_back_into_it(start_demo: Start) -> None:
    demo = start_demo(
        "--agents", 2, "--seconds", 60, "--speed", 2, "--mode", "progressive", "--seed", 4
    )
    demo.wait_for(lambda: talking(demo), 60, "the first conversation")
    for pid in demo.pids("agent"):
        os.kill(pid, signal.SIGKILL)
    said = demo.end()
    report = demo.report()
    assert demo.process.returncode == 0, said
    assert_sound(report)
    assert report["longest_gap_ms"] < LONGEST_GAP_MS
