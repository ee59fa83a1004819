"""What an agent chose while the floor could not be reached: kept on this PC, delivered once.

One file a seat, written whole and flushed to the disk before anything is tried, so that neither a
cut network nor a closed window takes an outcome. It can hold a person's words: only this user may
read it, and what is delivered is out of it at once.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import msgspec

from app.whole_file import write_whole

log = logging.getLogger("app.desk.outcome_journal")


class KeptOutcome(msgspec.Struct, frozen=True):
    """What was chosen of one call, and when; `code` empty: so far there is a note only."""

    attempt_id: str
    session_id: int
    code: str
    note: str
    at_utc_s: float
    call_back_utc_s: float | None = None
    is_mine: bool = False

    def __repr__(self) -> str:
        return f"KeptOutcome(attempt_id={self.attempt_id!r})"


class OutcomeJournal:
    """The outcomes of one seat that the floor does not have yet; safe from any thread.

    `path` None keeps them in memory alone (a seat without a folder of its own).
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._kept: dict[str, KeptOutcome] = {}
        if path is not None:
            self._kept = _read(path)

    @property
    def kept(self) -> tuple[KeptOutcome, ...]:
        """What is still to be delivered, in the order in which it was chosen."""
        with self._lock:
            return tuple(self._kept.values())

    def keep(self, chosen: KeptOutcome) -> None:
        """Keep it, in place of a note of the same call; the first outcome stands. OSError."""
        with self._lock:
            before = self._kept.get(chosen.attempt_id)
            if before is not None and before.code:
                return
            self._kept[chosen.attempt_id] = chosen
            self._write()

    def delivered(self, sent: KeptOutcome) -> None:
        """It is on the record: forget it, unless more was chosen meanwhile."""
        with self._lock:
            if self._kept.get(sent.attempt_id) == sent:
                del self._kept[sent.attempt_id]
                self._write()

    def _write(self) -> None:
        path = self._path
        if path is None:
            return
        if not self._kept:
            path.unlink(missing_ok=True)
            return
        write_whole(path, msgspec.json.encode(list(self._kept.values())))


def _read(path: Path) -> dict[str, KeptOutcome]:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=list[KeptOutcome])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError):
        log.warning("%s cannot be read; what was kept in it is not delivered", path.name)
        return {}
    return {one.attempt_id: one for one in found}
