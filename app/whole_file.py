"""Small files that are replaced in one step: whoever reads one finds the old or the new, whole."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import Final

LEFT_S: Final = 60.0  # after that nobody writes on it any more


def write_whole(path: Path, data: bytes) -> None:
    """Replace the file, and have it on the disk; its owner alone may read it.

    Makes its folder where there is none. Raises OSError, and has changed nothing then.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, fresh = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(fresh)
        raise
    _clear(path)


def _clear(path: Path) -> None:
    """What a process has left that was killed while it wrote may hold what is no longer kept."""
    for left in path.parent.glob(f"{path.name}.*.new"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFT_S:
                left.unlink()
