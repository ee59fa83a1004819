"""This PC's own data on their way into the shared floor: once, whole, and with the file kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.errors import KnownError
from app.holder import is_dead
from dialer_core.store import moving_out
from dialer_core.store.address import FloorAddress

Tell = Callable[[str, float], bool]
"""(what is being moved, share of the whole) -> whether to go on."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: rows by table, and where the file is kept (None: there was none)."""

    rows: dict[str, int]
    kept: Path | None


def move_over(path: Path, address: FloorAddress, tell: Tell, now: datetime) -> Moved | None:
    """Move the SQLite file at `path` into the floor's empty database; None where it was given up.

    Nobody can write to the file meanwhile. Afterwards it lies beside its old place under a name
    that says when it was moved, and nothing opens it by mistake. Raises KnownError while a
    dialler is at work, where the floor holds data already, or where counts differ; then nothing
    has changed.
    """
    if not path.exists():
        return Moved({}, None)
    rows = moving_out.move(path, address, tell, _refuse_busy, now)
    if rows is None:
        return None
    kept = _kept_name(path, now)
    try:
        moving_out.put_away(path, kept)
    except OSError as error:
        raise KnownError(
            f"The data were moved, but {path} could not be renamed ({error.strerror}): close what "
            f"else uses it and rename it to {kept.name}."
        ) from error
    return Moved(rows, kept)


def _refuse_busy(holder: str, is_leased: bool, sessions: int) -> None:
    """Refuse while somebody dials or sits at this floor; `sessions`: how many are open."""
    if holder and is_leased and not is_dead(holder):
        raise KnownError(
            "The dialler is at work on this PC: stop the floor, then share it. Nothing has changed."
        )
    if sessions:
        agents = "an agent is" if sessions == 1 else f"{sessions} agents are"
        raise KnownError(
            f"{agents.capitalize()} logged in on this PC: log out, then share the floor. Nothing "
            "has changed."
        )


def _kept_name(path: Path, now: datetime) -> Path:
    return path.with_name(f"{path.stem}.moved-{now:%Y%m%d-%H%M%S}{path.suffix}")
