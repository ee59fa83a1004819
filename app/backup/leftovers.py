"""What a backup or restore that was killed left behind: whole databases in clear, on no list.

Whoever is erased from the floor would live on in them, so the next one takes them away.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.profile import Profile
from sip.launch import is_running

log = logging.getLogger("app.backup")

_STAGE: Final = re.compile(r"\.restore-(\d+)")


def sweep(profile: Profile) -> int:
    """Take away what dead processes left of a floor's copies; how many files and folders."""
    count = 0
    for path in (*_copies(profile.database_path), *_stages(profile.root)):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        count += not path.exists()
    if count:
        log.info("%d leftovers of backups that were cut off are gone", count)
    return count


def of_dead(folder: Path, pattern: re.Pattern[str]) -> Iterator[Path]:
    """What in a folder is called so and names, as its first group, a process that is gone."""
    try:
        paths = list(folder.iterdir())
    except OSError:
        return
    for path in paths:
        found = pattern.fullmatch(path.name)
        if found is not None and os.name == "posix" and not is_running(int(found[1])):
            yield path  # elsewhere nobody can be asked whether a process lives


def _copies(database: Path) -> Iterator[Path]:
    """`.NAME.PID.copy` of a backup, `.NAME.PID.restored` of a restore with its log."""
    name = re.escape(database.name)
    return of_dead(database.parent, re.compile(rf"\.{name}\.(\d+)\.(?:copy|restored)(?:[-.].*)?"))


def _stages(root: Path) -> Iterator[Path]:
    return of_dead(root, _STAGE)
