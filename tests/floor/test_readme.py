"""Each command that the README shows is run, but for the test suite itself."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.floor, pytest.mark.timeout(200)]

ROOT = Path(__file__).resolve().parents[2]


def commands() -> list[str]:
    """The lines of the README's code blocks that are commands."""
    blocks = re.findall(r"^```\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith(("python3 ", "callfloor "))]


def test_the_readme_shows_how_to_start_and_how_to_test() -> None:
    found = commands()
    assert "python3 bootstrap.py" in found
    assert "python3 bootstrap.py start" in found
    assert "python3 bootstrap.py test" in found


@pytest.mark.parametrize("line", [one for one in commands() if "--offscreen" in one])
def test_a_command_of_the_readme_does_what_it_says(line: str, tmp_path: Path) -> None:
    words = shlex.split(line)
    assert words[:2] == ["python3", "bootstrap.py"]
    done = subprocess.run(
        [sys.executable, "-m", "app", *words[2:]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["connected"] > 0
