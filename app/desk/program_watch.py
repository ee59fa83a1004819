"""Beside the floor's window: tells of programs that do not take what they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from app.desk.notice_watch import NoticeWatch, OnFloor
from dialer_core.clock import Clock
from dialer_core.store.address import Place
from dialer_core.store.clients_api import ApiClient, ClientsStore

LOOK_S: Final = 60.0
PATIENCE: Final = timedelta(hours=1)  # a program may be restarted without anybody being told


class ProgramWatch(NoticeWatch):
    """Tells the notices of webhooks."""

    def __init__(self, where: Callable[[], Place], clock: Clock) -> None:
        """`where` tells the floor's place whenever it is opened."""
        floor = OnFloor(
            where, ClientsStore, lambda store: notices(store.clients(), clock.now().utc)
        )
        super().__init__("programs", LOOK_S, floor.find, floor.close)


def notices(programs: Iterable[ApiClient], now: datetime) -> tuple[str, ...]:
    """A sentence for each webhook that was stopped, or has failed for longer than PATIENCE."""
    return tuple(sentence for one in programs if (sentence := _notice(one, now)))


def _notice(program: ApiClient, now: datetime) -> str:
    hook = program.webhook
    if hook is None:
        return ""
    if hook.stopped_at is not None:
        return (
            f"{program.name} is told nothing any more: for days its webhook took nothing "
            f"({_why(hook.trouble)}). Nothing is lost: mend it there, then Manage, Other "
            "programs, Try again now."
        )
    if hook.failing_since is not None and now - hook.failing_since >= PATIENCE:
        since = hook.failing_since.astimezone()
        return (
            f"{program.name} has taken nothing since {since:%a %H:%M} ({_why(hook.trouble)}). "
            "It is tried again by itself; see Manage, Other programs."
        )
    return ""


def _why(trouble: str) -> str:
    words = trouble.rstrip(".")
    return words[:1].lower() + words[1:] or "no reason is known"
