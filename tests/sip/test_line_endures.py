"""Many calls through one line process: none is lost, and it does not grow."""

from __future__ import annotations

import pytest

from app.errors import KnownError
from app.telephony.endurance import MESSAGE_EVERY, endure
from tests import needs

HELD_KB = 40.0

pytestmark = [pytest.mark.sip, pytest.mark.timeout(180)]


def test_two_hundred_calls_leave_nothing_behind() -> None:
    needs.sipp()
    counted: list[int] = []
    found = endure(200, 60, warm_up_s=0.0, on_call=counted.append)
    assert found.wrong == []
    assert found.is_idle
    assert counted == list(range(1, 201))
    assert counted[-1] >= 5 * MESSAGE_EVERY, "some have heard the message"
    assert found.end.files <= found.warm.files, "no socket of a call stays open"
    assert found.end.threads <= found.warm.threads
    kb_a_call = (found.end.memory_kb - found.warm.memory_kb) / (200 - found.warm_up)
    assert kb_a_call < HELD_KB, "no more than SIP itself keeps of a call for half a minute"


def test_a_warm_up_that_is_no_part_of_the_run_is_refused() -> None:
    with pytest.raises(KnownError, match="warm-up"):
        endure(100, 100)


def test_a_run_that_is_over_before_the_warm_up_is_none() -> None:
    needs.sipp()
    with pytest.raises(KnownError, match="less than the warm-up of 60 s"):
        endure(4, 2, warm_up_s=60.0)
