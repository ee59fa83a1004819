"""Promised calls: seen, moved, given to somebody else, taken back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.desk.asking import Asking
from app.desk.callback_view import ANYONE, CallBackRow, CallBacksView, Urgency
from app.desk.why_desk import moment
from app.errors import KnownError
from dialer_core.clock import Clock, Instant
from dialer_core.lists.call_backs import ALERT_BEFORE, Whose
from dialer_core.rules.hours import zone_named
from dialer_core.store.address import Place
from dialer_core.store.promises import Promise, PromiseStore

EVERY_MS: Final = 15_000  # a window that stays open follows the clock
LATE_S: Final = 300.0
NEXT_FREE: Final = "The next free agent gets it"


class CallBackDesk(QObject):
    """What the window needs; lives on the GUI thread, works on a thread of its own."""

    listed = Signal(object)  # CallBacksView
    said = Signal(str)  # what was done, as a sentence
    refused = Signal(str)
    failed = Signal(object)  # a bug

    def __init__(self, path: Place, clock: Clock, who: str) -> None:
        super().__init__()
        self._path, self._clock, self._who = path, clock, who
        self._asking = Asking("call-backs")
        self._asking.setParent(self)
        self._asking.refused.connect(self.refused)
        self._asking.failed.connect(self.failed)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.list)

    @Slot()
    def start(self) -> None:
        """`listed` follows, now and every few seconds."""
        self._timer.start()
        self.list()

    @Slot()
    def stop(self) -> None:
        """End the thread."""
        self._timer.stop()
        self._asking.stop()

    @Slot()
    def list(self) -> None:
        """`listed` follows."""
        self._asking.ask(self._view, self.listed.emit)

    @Slot(int, str, str)
    def move(self, contact_id: int, day: str, at: str) -> None:
        """Promise it for another day and time by the person's clock, as 2026-03-03 and 14:30."""

        def work(store: PromiseStore, now: Instant) -> str:
            found = store.move(contact_id, _day(day), _time(at), now, self._who)
            told = f"Moved to {moment(found.at, now.utc, found.zone)} their time."
            return f"{told} {found.sentence}".strip()

        self._change(work)

    @Slot(int, int)
    def give(self, contact_id: int, agent_id: int) -> None:
        """Make it this agent's, or `ANYONE`'s."""

        def work(store: PromiseStore, now: Instant) -> str:
            to = None if agent_id == ANYONE else agent_id
            store.hand_over(contact_id, to, now, self._who)
            return "It is anyone's now." if to is None else "It has another owner now."

        self._change(work)

    @Slot(int)
    def cancel(self, contact_id: int) -> None:
        """Take the promise back."""

        def work(store: PromiseStore, now: Instant) -> str:
            store.cancel(contact_id, now, self._who)
            return "The promise is taken back; the person stays on the list."

        self._change(work)

    def _change(self, work: Callable[[PromiseStore, Instant], str]) -> None:
        def job() -> tuple[str, CallBacksView]:
            with closing(PromiseStore(self._path)) as store:
                sentence = work(store, self._clock.now())
            return sentence, self._view()

        def then(done: tuple[str, CallBacksView]) -> None:
            self.listed.emit(done[1])
            self.said.emit(done[0])

        self._asking.ask(job, then)

    def _view(self) -> CallBacksView:
        now = self._clock.now()
        with closing(PromiseStore(self._path)) as store:
            found, agents = store.all_promised(now)
        return CallBacksView(tuple(call_back_row(one, now.utc) for one in found), tuple(agents))


def call_back_row(one: Promise, now: datetime) -> CallBackRow:
    """A promise in words, by both clocks."""
    zone = (zone_named(one.zone) if one.zone else None) or ZoneInfo("UTC")
    local = one.at.astimezone(zone)
    here = one.at.astimezone().tzinfo
    here_local, here_now = one.at.astimezone(here), now.astimezone(here)
    day = "" if here_local.date() == here_now.date() else f"{here_local:%a} {here_local.day} "
    return CallBackRow(
        int(one.contact_id),
        one.campaign,
        one.name,
        moment(one.at, now, zone),
        f"{day}{here_local:%H:%M}",
        zone.key.rpartition("/")[2].replace("_", " "),
        one.at.timestamp(),
        f"{local:%Y-%m-%d}",
        f"{local:%H:%M}",
        one.owner_id or ANYONE,
        one.owner or "Anyone",
        _whose(one),
        urgency(one.overdue_s),
        one.is_running,
        one.is_held,
    )


def urgency(overdue_s: float) -> Urgency:
    """How near the time is; soon: within the alert's time."""
    if overdue_s >= LATE_S:
        return "late"
    if overdue_s >= 0:
        return "due"
    return "soon" if overdue_s >= -ALERT_BEFORE.total_seconds() else "later"


def _whose(one: Promise) -> str:
    if not one.is_running:
        return "Kept while the campaign is stopped"
    if one.is_held:
        return "In hand just now"
    if one.overdue_s < 0:
        rest = f"{one.hand_over_s / 60:.0f} min"
        return f"Anyone's {rest} late, if its owner is away" if one.owner_id else NEXT_FREE
    words = {
        Whose.OWNER: "Its owner is there and has it first",
        Whose.ANYONE: "Anyone's: the next free agent gets it",
        Whose.NOBODY_YET: f"Its owner is away; anyone's {_left(one)}",
    }
    return words[one.whose]


def _left(one: Promise) -> str:
    minutes = max(1, round((one.hand_over_s - one.overdue_s) / 60))
    return f"in {minutes} min"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise KnownError(f"{text!r} is no day; write it as 2026-03-01.") from None


def _time(text: str) -> time:
    try:
        found = time.fromisoformat(text.strip())
    except ValueError:
        raise KnownError(f"{text!r} is no time; write it as 14:30.") from None
    return found.replace(tzinfo=None)
