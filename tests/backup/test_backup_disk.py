"""A disk that is full: a sentence, no half file, and the floor as it was."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.backup import folder
from app.errors import KnownError
from dialer_core.model import errors as core_errors
from tests.backup.kit import Home, everything

pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="a small disk is root's to make"
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 32 KB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(disk)], capture_output=True
    )
    if made.returncode != 0:
        pytest.skip("this system lets nobody mount a disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_backup_to_a_full_disk(
    home: Home, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "free_bytes", lambda _place: 10**12)  # it fills up meanwhile
    present = everything(home.profile.database_path)
    old = small_disk / "old.callfloor"
    old.write_bytes(b"the last good one")
    with pytest.raises(KnownError, match="disk is full"):
        home.back_up(small_disk / "one.callfloor")
    assert list(small_disk.iterdir()) == [old]
    assert old.read_bytes() == b"the last good one"
    assert everything(home.profile.database_path) == present


def test_a_restore_on_a_full_disk(
    home: Home, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = home.back_up(tmp_path / "one.callfloor")
    present = everything(home.profile.database_path)
    monkeypatch.setattr(folder, "free_bytes", lambda _place: 10**12)
    real = home.profile.database_path.parent
    kept = home.profile.root / "kept"
    real.rename(kept)
    (small_disk / "data").mkdir(mode=0o700)
    real.symlink_to(small_disk / "data")
    with pytest.raises(core_errors.KnownError, match="disk is full"):
        home.restore(made.path)
    assert list((small_disk / "data").iterdir()) == []
    assert everything(kept / "callfloor.sqlite3") == present
    assert [path for path in home.profile.root.iterdir() if path.name.startswith(".")] == []
