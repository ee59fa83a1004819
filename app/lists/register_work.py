"""What the registers' window has done on its thread: the same as the commands, in its values."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from app.clock import WallClock
from app.desk import register_view
from app.desk.register_view import CopyChoice, OwnNumber, RegistersView
from app.lists import dnc
from app.lists.asked import day_of, made
from app.lists.register_file import RegisterFile
from app.profile import Profile
from dialer_core.clock import Clock
from dialer_core.lists.numbers import regions
from dialer_core.model.errors import KnownError
from dialer_core.rules.profiles import profiles
from dialer_core.store.registers import RegisterStore, known_registers

_URGENCY = ("stale", "soon", "fresh", "idle")
REASON = "asked not to be called"


class RegistersOf:
    """The `RegisterWork` of a profile; `region`: ISO country that is offered first."""

    def __init__(
        self, profile: Profile, who: str, region: str = "GB", clock: Clock | None = None
    ) -> None:
        self._profile, self._who, self._region = profile, who, region
        self._clock = clock or WallClock()

    def view(self) -> RegistersView:
        """Registers that are asked for or loaded, the most urgent first; then all others."""
        now = self._clock.now()
        with closing(RegisterStore(made(self._profile))) as store:
            ages = store.all_ages(now)
            clients, count = store.clients(), store.own_count()
        rows = [register_view.register_row(age, now) for age in ages]
        rows.sort(key=lambda row: (_URGENCY.index(row.state), row.id))
        first = [name for name in profiles() if name in set(regions())]
        return RegistersView(
            tuple(rows),
            tuple(clients),
            tuple(first),
            self._region,
            count,
            now.utc.date().isoformat(),
        )

    def load(self, choice: CopyChoice, tell: Callable[[float], bool]) -> str | None:
        """Load a copy beside the floor at work; None where it was given up."""
        known = known_registers()
        if choice.register not in known:
            raise KnownError(f"There is no register {choice.register}; choose one of the list.")
        day = day_of(choice.as_of)
        opened = RegisterFile(Path(choice.file), known[choice.register][0])
        with closing(RegisterStore(made(self._profile))) as store:
            try:
                loaded = store.load(
                    choice.register,
                    day,
                    opened.numbers(),
                    self._clock.now,
                    who=self._who,
                    is_small_meant=choice.is_small_meant,
                    goes_on=lambda _count: tell(opened.share_read()),
                )
            except KeyboardInterrupt:  # given up by `tell`; the copy before stays in force
                return None
        without = f" {opened.invalid_rows:,} rows held no number." if opened.invalid_rows else ""
        return (
            f"{choice.register} is loaded: {loaded.entries:,} numbers as of {day:%d %b %Y}, "
            f"{loaded.new:,} new, {loaded.gone:,} gone.{without}"
        )

    def add(self, number: OwnNumber) -> str:
        """On the office's own list, at once and for good."""
        (e164,) = dnc.numbers_of([number.number], number.region)
        added = dnc.add(self._profile, [e164], REASON, number.client, self._who)
        if not added.new:
            return f"{number.number} stands on the list already; it is never called."
        return f"{number.number} is never called again, from this moment on."

    def check(self, number: OwnNumber) -> str:
        """Whether it stands on the own list."""
        (e164,) = dnc.numbers_of([number.number], number.region)
        found = dnc.check(self._profile, e164, number.client)
        if not found.is_on_dnc:
            return f"{number.number} is not on your own list."
        since = (found.since or "")[:10]
        return f"{number.number} is on your own list since {since}: {found.reason}."

    def add_file(self, file: str, region: str, client: str) -> str:
        """All numbers of a file, at once and for good."""
        added = dnc.add_file(self._profile, Path(file), region, "imported", client, self._who)
        without = f" {added.invalid_rows:,} rows held no number." if added.invalid_rows else ""
        return f"{added.numbers:,} numbers are never called again, {added.new:,} new.{without}"
