"""A canary for the binding: some versions let each emitted signal drop a reference to True."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

EMITS = 1000


class Bell(QObject):
    rung = Signal(bool)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="only on Python 3.11, which counts True")
def test_a_thousand_emits_leave_true_its_references(qtbot: QtBot) -> None:
    bell = Bell()
    heard: list[bool] = []
    bell.rung.connect(heard.append)
    before = sys.getrefcount(True)
    for _time in range(EMITS):
        bell.rung.emit(True)
    after = sys.getrefcount(True)
    assert len(heard) == EMITS
    # `heard` itself holds a thousand; a binding that drops one at each emit would end near zero.
    assert abs(after - before - EMITS) < 100
