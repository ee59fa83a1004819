"""An order to dial that reaches a line when its moment is over: no INVITE leaves."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sip.clock import awake_s
from sip.messages import Refused
from tests.sip.line_kit import LineProcess, first_words, order
from tests.sip.practice_kit import wait_for
from tests.sip.raw_callee import RawCallee

pytestmark = pytest.mark.sip
MOMENT_S = 0.4  # the lease that is left when the order is given


@pytest.fixture
def line(tmp_path: Path) -> Iterator[LineProcess]:
    made = LineProcess(tmp_path)
    yield made
    made.close()


@pytest.fixture
def person() -> Iterator[RawCallee]:
    made = RawCallee()
    yield made
    made.close()


def test_what_a_line_that_stood_still_finds_too_late_is_not_dialled(
    line: LineProcess, person: RawCallee, tmp_path: Path
) -> None:
    dial = order(f"127.0.0.1:{person.port}", first_words(tmp_path), attempt_id="a-late")
    # The order waits in the line's socket until the lease that stood behind it is over.
    os.kill(line.pid, signal.SIGSTOP)
    try:
        until_s = awake_s() + MOMENT_S
        line.send(msgspec.structs.replace(dial, not_after_s=until_s))
        time.sleep(MOMENT_S + 0.1)
    finally:
        os.kill(line.pid, signal.SIGCONT)
    assert wait_for(lambda: line.first(Refused) is not None)
    refused = line.first(Refused)
    assert refused is not None
    assert (refused.command, refused.attempt_id) == ("originate", "a-late")
    assert "too late" in refused.sentence
    # The line is free, and what is ordered in time leaves.
    timely = msgspec.structs.replace(
        dial, attempt_id="a-timely", not_after_s=awake_s() + 30.0, max_ring_s=0.5
    )
    line.send(timely)
    assert person.wait_for("INVITE")
    assert len(person.invited) == 1, "the first order's call never left"
    assert not [one for one in line.said if isinstance(one, Refused) and one is not refused]
