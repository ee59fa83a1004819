from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from app import profile as profile_module
from app.errors import KnownError
from app.profile import RUN_DIR_MAX_BYTES, Profile, open_profile

posix_only = pytest.mark.skipif(os.name != "posix", reason="only on POSIX systems")
# Root may write anywhere, so that a refusal cannot be seen as root.
as_user_only = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="only on accounts that are not root"
)


@pytest.fixture(autouse=True)
def _sockets_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders for sockets that fall back to the temporary one stay among the test's own."""
    short = Path(os.environ["XDG_RUNTIME_DIR"])
    monkeypatch.setattr(tempfile, "tempdir", str(short))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_but_the_sockets_is_below_the_folder_that_was_named(profile: Profile) -> None:
    for path in (
        profile.settings_path,
        profile.database_path,
        profile.logs_dir,
        profile.certificates_dir,
        profile.recordings_dir,
    ):
        assert path.is_relative_to(profile.root)
    assert profile.database_path.parent.is_dir()
    assert profile.run_dir.is_dir()


@posix_only
def test_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    opened = open_profile(tmp_path / "new" / "floor")
    for folder in (opened.root, opened.logs_dir, opened.run_dir, opened.database_path.parent):
        assert mode(folder) == 0o700
    assert mode(tmp_path / "new") == 0o700


@posix_only
def test_a_folder_that_stood_open_is_closed_but_the_callers_own_is_left(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir(mode=0o755)
    before = mode(tmp_path)
    opened = open_profile(tmp_path)
    assert mode(opened.logs_dir) == 0o700
    assert mode(tmp_path) == before


def test_a_profile_opened_twice_is_the_same_and_another_is_another(tmp_path: Path) -> None:
    first = open_profile(tmp_path / "a")
    again = open_profile(tmp_path / "b" / ".." / "a")
    other = open_profile(tmp_path / "b")
    assert first == again
    assert {first.key, first.run_dir} & {other.key, other.run_dir} == set()


def test_sockets_fit_however_deep_the_profile_lies(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 8)
    long_runtime = tmp_path / ("r" * 90)
    long_runtime.mkdir()
    opened = open_profile(deep, {"XDG_RUNTIME_DIR": str(long_runtime)})
    assert len(os.fsencode(opened.run_dir)) <= RUN_DIR_MAX_BYTES
    assert not opened.run_dir.is_relative_to(long_runtime)


def test_a_runtime_folder_that_is_not_there_is_passed_over(tmp_path: Path) -> None:
    opened = open_profile(tmp_path, {"XDG_RUNTIME_DIR": str(tmp_path / "absent")})
    assert opened.run_dir.is_dir()


def test_the_users_own_profile_is_where_the_system_says() -> None:
    opened = open_profile(None)
    assert str(opened.settings_path).startswith((os.environ["XDG_CONFIG_HOME"], os.environ["HOME"]))
    assert str(opened.root).startswith((os.environ["XDG_DATA_HOME"], os.environ["HOME"]))


@pytest.mark.parametrize("below", [".", "deeper/still"])
def test_a_file_in_the_way_is_named(tmp_path: Path, below: str) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(KnownError, match="folder"):
        open_profile(file / below)
    assert file.read_text() == "mine"


@posix_only
def test_a_socket_folder_that_is_a_link_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / "run"
    link.symlink_to(elsewhere)
    monkeypatch.setattr(profile_module, "_run_dir", lambda _key, _environ: link)
    with pytest.raises(KnownError, match="belongs to somebody else"):
        open_profile(tmp_path / "profile")


@as_user_only
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(KnownError, match="choose another --profile"):
        open_profile(closed / "floor")
