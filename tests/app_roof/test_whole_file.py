"""Small files that are replaced in one step."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.whole_file import write_whole

pytestmark = pytest.mark.qt  # of the house, not of the core


def test_a_file_is_replaced_and_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "kept.json"
    write_whole(path, b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_written_changes_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.mkdir()
    with pytest.raises((IsADirectoryError, PermissionError)):
        write_whole(path, b"new")
    assert path.is_dir()
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_has_left_goes_with_the_next(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    old, young = tmp_path / "kept.json.abc.new", tmp_path / "kept.json.def.new"
    for one in (old, young):
        one.write_bytes(b"half")
    os.utime(old, (1.0, 1.0))
    write_whole(path, b"new")
    assert sorted(tmp_path.iterdir()) == [path, young], "another one may just be writing"
