"""Short runs of the whole floor in each mode."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.floor.conftest import Start, assert_sound

pytestmark = [pytest.mark.floor, pytest.mark.timeout(240)]


@pytest.mark.parametrize("mode", ["predictive", "progressive", "preview"])
def test_a_short_run_in_each_mode(start_demo: Start, mode: str, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    demo = start_demo(
        "--agents", 3, "--mode", mode, "--seconds", 30, "--speed", 8, "--screenshots", pictures
    )
    said = demo.end()
    report = demo.report()
    assert demo.process.returncode == 0, said
    assert_sound(report)
    assert report["pops"] >= report["connected"]
    assert len(report["agents"]) == 3
    assert sum(agent["talk_s"] for agent in report["agents"]) > 0
    if mode == "preview":
        assert report["previews"] >= report["connected"]
        assert report["abandoned"] == 0
    if mode == "progressive":
        assert report["overdialled"] == 0
        assert report["abandoned"] == 0
    if mode == "predictive":
        assert report["answer_to_agent_audio_ms"]["n"] > 0
        assert report["answer_to_pop_painted_ms"]["n"] > 0
    names = {path.name for path in pictures.glob("*.png")}
    assert "supervisor-end.png" in names
    assert "agent-seat01-end.png" in names
    assert len([name for name in names if name.startswith("agent-seat01-")]) >= 4
    assert any("talking" in name for name in names)
    assert demo.pids() == []


def test_everyone_pauses_while_lines_ring(start_demo: Start) -> None:
    demo = start_demo(
        "--agents", 6, "--seconds", 20, "--speed", 1, "--pause-after", 9, "--lines", 6,
        "--seed", 29,  # five of the first six people answer, after 9 to 22 s
    )  # fmt: skip
    said = demo.end()
    report = demo.report()
    assert report["errors"] == [], said
    assert report["open_attempts"] == 0
    assert report["abandoned"] == report["answered"] > 0
    assert report["abandoned"] == report["message_heard_within_limit"]
    assert report["dialled_twice_within_lockout"] == 0
    connection = sqlite3.connect(demo.profile / "data" / "callfloor.sqlite3")
    locked = connection.execute(
        "SELECT count(*) FROM lockouts WHERE outcome = 'ABANDONED' AND mode = 'RESERVED_AGENT_ONLY'"
        " AND julianday(until) - julianday(begins_at) BETWEEN 2.99 AND 3.01"
    ).fetchone()
    connection.close()
    assert locked == (report["abandoned"],)


def test_a_second_demo_in_the_same_home_begins_afresh(start_demo: Start, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for _ in range(2):
        demo = start_demo(
            "--agents", 2, "--mode", "progressive", "--seconds", 15, "--speed", 8, "--profile", home
        )
        said = demo.end()
        report = demo.report()
        assert report["errors"] == [], said
        assert 0 < report["dialled"] < 40
        assert report["dialled_twice_within_lockout"] == 0
