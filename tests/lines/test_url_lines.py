"""A floor at somebody else's server: another PC lends it lines, and calls go through them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from app.practice import AGENT_SIGNATURES
from tests.lines.test_far_call import (
    a_dialler_that_is_killed_keeps_the_call,
    an_agent_begins,
    end_all,
    leaves_in_order,
    lend,
    office,
    recordings_come_home,
    speech_both_ways,
)
from tests.sharing.hosts_kit import ONLY_ROOT, Host
from tests.sharing.test_sharing_calls import far
from tests.sharing.test_sharing_url_calls import at_server

pytestmark = [pytest.mark.floor, ONLY_ROOT, pytest.mark.timeout(200)]
VOICE = AGENT_SIGNATURES[3]


def test_lines_of_another_pc_at_a_server_by_url(hosts: list[Host], tmp_path: Path) -> None:
    floor, server, desk, loft = hosts
    log, home = tmp_path / "phone.jsonl", str(desk.home / "profile")
    with contextlib.ExitStack() as stack:
        stack.enter_context(at_server(server, (floor, desk, loft), tmp_path))
        there = stack.enter_context(office(floor, loft))
        there.say("start")
        keeper = lend(loft, "--name", "loft", "--lines", "2")
        stack.callback(end_all, loft, keeper)
        phone = stack.enter_context(far(desk, "far_phone", home, "front-1", str(VOICE), str(log)))
        an_agent_begins(there, phone)
        assert floor.run("share", "seats", *profile_of(floor)).stdout == (
            "PCs of lines: loft (lends 2 lines).\n"
        )
        call = a_dialler_that_is_killed_keeps_the_call(there)
        speech_both_ways(there, call, log)
        recordings_come_home(there, call, floor, loft)
        leaves_in_order(there, keeper)
        assert (
            "loft (lends no lines just now)"
            in floor.run("share", "seats", *profile_of(floor)).stdout
        )
        there.leave()


def profile_of(host: Host) -> tuple[str, str]:
    return "--profile", str(host.home / "profile")
