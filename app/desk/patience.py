"""A floor that is not there yet: whatever keeps a window from it is waited for, not given up at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from app.errors import as_known_error
from dialer_core.model.errors import StoreTrouble

T = TypeVar("T")


def patiently(open_it: Callable[[], T]) -> T:
    """What `open_it` opens. Where the world is in the way, StoreTrouble: to be tried again soon.

    A keyring that is locked, a supervisor's PC that is off, a database that is being brought up
    to date: each is mended by somebody while the window stands open.
    """
    try:
        return open_it()
    except StoreTrouble:
        raise
    except Exception as error:
        known = as_known_error(error)
        if known is None:
            raise
        raise StoreTrouble(known.sentence) from error
