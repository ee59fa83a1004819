"""Reading the growing logs of a view: what is new, and whether it can be true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class LogReader(Generic[Entry]):
    """Hands out the entries of a growing log that are new; starts over if the log was replaced.

    At most the last `longest` are handed out at once: after a restart the day's beginning has
    faded anyway, and a decision must not take long.
    """

    def __init__(self, longest: int | None = None) -> None:
        self._longest = longest
        self._read = 0
        self._last: Entry | None = None

    def new(self, log: Sequence[Entry], forget: Callable[[], None]) -> Sequence[Entry]:
        """The entries since the last call; `forget` is called first if the log is another one."""
        read = self._read
        length = len(log)
        if length == read and (read == 0 or log[-1] is self._last):
            return ()
        if length < read or (read and log[read - 1] != self._last):
            forget()
            read = 0
        if self._longest is not None:
            read = max(read, length - self._longest)
        fresh = log[read:] if read else log
        self._read = length
        self._last = log[-1] if length else None
        return fresh


def is_time(seconds: object) -> bool:
    """Whether a log's entry is a number of seconds that can be."""
    return isinstance(seconds, float | int) and 0.0 <= seconds < 1e9


def is_sound(entry: object, moment: str, *lengths: str) -> bool:
    """Whether the entry of a log has these fields, and each is a number of seconds that can be.

    A moment may be negative: a day that began before the clock did.
    """
    at = getattr(entry, moment, None)
    return (
        isinstance(at, float | int)
        and -1e12 < at < 1e12
        and all(is_time(getattr(entry, name, None)) for name in lengths)
    )
