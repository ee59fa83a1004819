"""The limits of one call by name: setting one again replaces it."""

from __future__ import annotations

from collections.abc import Callable

from sip.clock import Timer, Timers


class NamedTimers:
    """Timers of one owner that are cancelled together."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._named: dict[str, Timer] = {}

    def after(self, name: str, seconds: float, action: Callable[[], object]) -> None:
        """Run `action` once, `seconds` from now, instead of what was to run under this name."""
        self.cancel(name)
        self._named[name] = self._timers.after(max(0.0, seconds), action)

    def cancel(self, name: str) -> None:
        timer = self._named.pop(name, None)
        if timer is not None:
            timer.cancel()

    def cancel_all(self) -> None:
        for name in list(self._named):
            self.cancel(name)
