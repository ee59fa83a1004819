"""Room for one more leg: a process holds four, and one that is hung up on stays for a moment."""

from __future__ import annotations

from collections.abc import Callable

from sip.endpoint import NoRoom
from sip.errors import KnownError

ROOM_LIMIT_S = 2.0
"""How long the end of a leg is waited for before the next is dialled in its place."""
_LOOK_S = 0.05
Arm = Callable[[float, Callable[[], None]], None]


def once_there_is_room(
    dial: Callable[[], None],
    fail: Callable[[KnownError], None],
    arm: Arm,
    limit_s: float = ROOM_LIMIT_S,
) -> None:
    """Do `dial`, again and again for `limit_s` while there is no room; `fail(error)` otherwise.

    `arm(s, action)` has the action done later; whoever gives up stops it.
    """
    try:
        dial()
    except NoRoom as error:
        if limit_s <= 0:
            fail(error)
        else:
            arm(_LOOK_S, lambda: once_there_is_room(dial, fail, arm, limit_s - _LOOK_S))
    except KnownError as error:
        fail(error)
