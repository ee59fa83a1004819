"""A backup or restore that is killed: the next one takes away what it left in clear."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.backup.leftovers import sweep
from tests.backup.kit import Home, everything

pytestmark = pytest.mark.skipif(os.name != "posix", reason="asks the system about processes")

_DIES = """
import os, signal, sys
from pathlib import Path
from tests.backup import kit

home = kit.open_home(Path(sys.argv[1]))
def tell(step, share):
    if share >= float(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    return True
if sys.argv[4] == "backup":
    home.back_up(Path(sys.argv[2]), tell)
else:
    home.restore(Path(sys.argv[2]), tell)
"""


def killed(home: Home, file: Path, what: str, share: float) -> None:
    """That work by a process that is killed once so much of it is done."""
    words = [sys.executable, "-c", _DIES, str(home.profile.root), str(file), str(share), what]
    root = Path(__file__).parents[2]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, timeout=60)
    assert done.returncode == -9, done.stderr


def hidden(home: Home) -> list[str]:
    """What lies about of copies of the floor."""
    places = (home.profile.root, home.profile.database_path.parent)
    return [path.name for place in places for path in place.glob(".*")]


def test_the_copy_of_a_killed_backup_goes_with_the_next_one(home: Home, tmp_path: Path) -> None:
    present = everything(home.profile.database_path)
    killed(home, tmp_path / "to" / "one.callfloor", "backup", 0.6)
    assert any(name.endswith(".copy") for name in hidden(home))
    made = home.back_up(tmp_path / "to" / "two.callfloor")
    assert hidden(home) == []
    assert made.rows > 0
    assert everything(home.profile.database_path) == present


def test_what_a_killed_restore_had_begun_goes_with_the_next_one(home: Home, tmp_path: Path) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    present = everything(home.profile.database_path)
    killed(home, made.path, "restore", 0.9)
    left = hidden(home)
    assert any(name.endswith(".restored") for name in left)
    assert any(name.startswith(".restore-") for name in left)
    assert everything(home.profile.database_path) == present
    home.restore(made.path)
    assert hidden(home) == []


def test_what_belongs_to_a_process_that_runs_stays(home: Home) -> None:
    data = home.profile.database_path
    own, other = (data.with_name(f".{data.name}.{word}.copy") for word in (os.getpid(), "x"))
    own.write_text("at work")
    other.write_text("somebody else's")
    assert sweep(home.profile) == 0
    assert own.exists()
    assert other.exists()
