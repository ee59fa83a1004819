"""The one hop to the GUI thread: background work in, values out. No other module changes threads.

A `Bridge` is made on the GUI thread. Threads post values to it; they arrive in order on the GUI
thread. A `Worker` is one thread that owns one resource (the window's database connection).
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

log = logging.getLogger("app.bridge")


class Bridge(QObject):
    """Carries values from any thread to the thread that made it; connect bound methods only."""

    arrived = Signal(object)
    failed = Signal(object)

    def post(self, value: object) -> None:
        """Hand `value` over; callable from any thread. After shutdown it is dropped silently."""
        try:
            self.arrived.emit(value)
        except RuntimeError:  # the object on the GUI side is gone: the window has closed
            log.debug("a value came after the window had closed")

    def post_failure(self, error: BaseException) -> None:
        """Hand an error over to the GUI thread."""
        try:
            self.failed.emit(error)
        except RuntimeError:
            log.debug("an error came after the window had closed")


class Worker:
    """One thread that does jobs one by one, and `idle` whenever `period_s` passed without one."""

    def __init__(
        self, name: str, bridge: Bridge, idle: Callable[[], None] | None = None, period_s: float = 1
    ) -> None:
        self._jobs: queue.SimpleQueue[tuple[Callable[..., object], tuple[Any, ...]] | None] = (
            queue.SimpleQueue()
        )
        self._bridge = bridge
        self._idle = idle
        self._period_s = period_s
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def do(self, job: Callable[..., object], *args: Any) -> None:
        """Queue `job(*args)`; its errors arrive through the bridge's `failed`."""
        self._jobs.put((job, args))

    def stop(self, timeout_s: float = 5.0) -> None:
        """Finish what is queued and end the thread."""
        self._jobs.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=self._period_s)
            except queue.Empty:
                self._attempt(self._idle, ())
                continue
            if job is None:
                return
            self._attempt(*job)

    def _attempt(self, job: Callable[..., object] | None, args: tuple[Any, ...]) -> None:
        if job is None:
            return
        try:
            job(*args)
        except Exception as error:  # every error of a job belongs to the person at the window
            self._bridge.post_failure(error)
