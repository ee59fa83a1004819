"""Commands run in the tests' own process: what they begin for a process ends with the test."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app import cli
from app.logs import LogSession, start_logging


@pytest.fixture(autouse=True)
def closes_its_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    begun: list[LogSession] = []

    def start(*words: Any, **options: Any) -> LogSession:
        begun.append(start_logging(*words, **options))
        return begun[-1]

    monkeypatch.setattr(cli, "start_logging", start)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield
    for session in reversed(begun):
        session.close()
