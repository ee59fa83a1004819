"""A gateway that refuses, one that answers, and real lines between them and the engine."""

from __future__ import annotations

import asyncio
import re
from itertools import pairwise
from pathlib import Path

import pytest

from dialer_core.engine import commands as c
from dialer_core.model.states import Outcome
from dialer_core.rules.gateways import GatewayLimits
from tests.sip.bank_kit import BankRig, run
from tests.sip.practice_kit import Sipp, wait_for

pytestmark = [pytest.mark.sip, pytest.mark.timeout(60)]

WORDS = {"RING_MS": 0, "PROGRESS": "", "PHRASE": "No", "HEADER": "Server: peer"}


def refuser(folder: Path, status: int) -> Sipp:
    """A gateway that refuses all calls with this status."""
    sipp = Sipp(folder, "callee_says_no", "-m", "50", words={**WORDS, "STATUS": status})
    assert wait_for(sipp.is_listening)
    return sipp


def invites(sipp: Sipp) -> list[float]:
    """When each INVITE came, in seconds of the day."""
    blocks = re.split(r"-{20,} ", sipp.messages)
    came = [block for block in blocks if "message received" in block and "\nINVITE sip:" in block]
    found = [re.match(r"\S+ (\d+):(\d+):([\d.]+)", block) for block in came]
    return [3600.0 * int(at[1]) + 60.0 * int(at[2]) + float(at[3]) for at in found if at]


def test_a_503_sends_the_next_call_by_the_other_gateway_and_tells_nothing_of_the_person(
    tmp_path: Path,
) -> None:
    with refuser(tmp_path, 503) as full, refuser(tmp_path, 486) as well:

        async def work(made: BankRig) -> None:
            ways = {"full": full.address, "well": well.address}
            for count in range(1, 4):
                made.dial(ways)
                await made.until(lambda n=count: len(made.rig.closed) == n)  # type: ignore[misc]
            found = [
                (close.outcome, close.facts.gateway if close.facts is not None else "")
                for close in made.rig.closed
            ]
            assert found[0][0] is Outcome.NETWORK_CONGESTION
            assert found[1:] == [(Outcome.BUSY, "peer")] * 2
            assert made.rig.ways == ["full", "well", "well"]
            state = made.rig.dialler.campaign(made.rig.campaign.id)
            assert len(state.ring_log) == 2
            await asyncio.sleep(1.0)
            made.dial(ways)
            await made.until(lambda: len(made.rig.closed) == 4)
            assert made.rig.ways[3] == "full", "after the pause one call tries it again"

        run(work, tmp_path, [GatewayLimits("full"), GatewayLimits("well")])
        assert (len(invites(full)), len(invites(well))) == (2, 2)


def test_no_more_calls_a_second_leave_than_the_gateway_takes(tmp_path: Path) -> None:
    with refuser(tmp_path, 486) as peer:

        async def work(made: BankRig) -> None:
            ready = made.rig.dialler._floor.ready_lines
            for _ in range(8):
                await made.until(lambda: ready(made.rig.clock.now()))
                made.dial(peer.address)
            await made.until(lambda: len(made.rig.closed) == 8)
            assert {close.outcome for close in made.rig.closed} == {Outcome.BUSY}
            assert len(made.rig.all_of(c.Originate)) == 8

        run(work, tmp_path, [GatewayLimits("one", 3, 5.0)])
        came = invites(peer)
        assert len(came) == 8
        spaces = [after - before for before, after in pairwise(came)]
        assert min(spaces) > 0.15
        assert came[-1] - came[0] > 7 * 0.19
