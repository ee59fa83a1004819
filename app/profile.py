"""Where a floor keeps its files on this PC: the user's own folders, or a throwaway home."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from app.errors import KnownError

APPLICATION = "callfloor"
# A Unix socket's path may have 107 bytes (103 on macOS); names of sockets get the rest.
RUN_DIR_MAX_BYTES = 70


@dataclass(frozen=True, slots=True)
class Profile:
    """The folders and files of one floor on this PC; every path is absolute.

    `key` names the profile in the keyring and in `run_dir`: a hash of `root`, so that two
    profiles never share a secret or a socket.
    """

    root: Path
    key: str
    settings_path: Path
    database_path: Path
    logs_dir: Path
    run_dir: Path
    certificates_dir: Path
    recordings_dir: Path


def open_profile(root: Path | None, environ: Mapping[str, str] | None = None) -> Profile:
    """The profile below `root`, or the user's own if None; makes folders that only they may read.

    Raises KnownError where a folder cannot be made or belongs to somebody else.
    """
    environ = os.environ if environ is None else environ
    if root is None:
        base = platformdirs.user_data_path(APPLICATION, appauthor=False)
        settings_dir = platformdirs.user_config_path(APPLICATION, appauthor=False)
        logs_dir = platformdirs.user_log_path(APPLICATION, appauthor=False)
    else:
        base = settings_dir = Path(os.path.abspath(root.expanduser()))
        logs_dir = base / "logs"
    key = hashlib.sha256(os.fsencode(os.path.realpath(base))).hexdigest()[:12]
    profile = Profile(
        root=base,
        key=key,
        settings_path=settings_dir / "settings.toml",
        database_path=base / "data" / "callfloor.sqlite3",
        logs_dir=logs_dir,
        run_dir=_run_dir(key, environ),
        certificates_dir=base / "certificates",
        recordings_dir=base / "recordings",
    )
    for folder in (base, settings_dir):
        _make_folder(folder)
    for folder in (
        profile.database_path.parent,
        profile.logs_dir,
        profile.run_dir,
        profile.certificates_dir,
        profile.recordings_dir,
    ):
        _make_folder(folder)
        _close_to_others(folder)
    return profile


def _run_dir(key: str, environ: Mapping[str, str]) -> Path:
    """A short folder for sockets: the session's own where there is one, else the temporary one."""
    name = f"{APPLICATION}-{key}"
    places = [environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir()]
    if os.name == "posix":
        places.append("/tmp")
    for place in places:
        path = os.path.join(place, name)
        if not os.path.isabs(place) or not os.access(place, os.W_OK | os.X_OK):
            continue
        if os.name != "posix" or len(os.fsencode(path)) <= RUN_DIR_MAX_BYTES:
            return Path(path)
    raise KnownError(
        "No folder for sockets could be found: set XDG_RUNTIME_DIR or TMPDIR to a short folder "
        "that you may write to."
    )


def _make_folder(path: Path) -> None:
    try:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
        if not path.is_dir():
            raise NotADirectoryError
        usable = os.access(path, os.W_OK | os.X_OK)
    except (FileExistsError, NotADirectoryError):
        raise KnownError(
            f"{path} is a file where a folder is needed: move it or choose another --profile."
        ) from None
    except OSError as error:
        raise KnownError(
            f"The folder {path} cannot be made ({_reason(error)}): choose another --profile."
        ) from error
    if not usable:
        raise KnownError(f"The folder {path} may not be written to: choose another --profile.")


def _close_to_others(path: Path) -> None:
    """Refuse a folder of somebody else (a shared /tmp invites it), close one of ours."""
    if os.name != "posix":
        return
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode) or found.st_uid != os.getuid():
        raise KnownError(f"{path} belongs to somebody else: remove it or choose another --profile.")
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
