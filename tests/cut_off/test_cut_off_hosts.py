"""Seats on PCs of their own, by their own roles, in real calls: the network goes, speech stays."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.desk.cut_off import CUT_OFF, KEPT
from app.practice import AGENT_SIGNATURES, read_lines
from sip.messages import PhoneRecord
from tests.sharing.hosts_kit import ONLY_ROOT, Host, ip, office_hosts
from tests.sharing.test_sharing_calls import Far, far

pytestmark = [pytest.mark.floor, ONLY_ROOT, pytest.mark.timeout(300)]
TALK_S = 90.0  # at most: the agents end their calls
SPEECH_S = 3.0
OUTAGE_S = 5.0
LIMIT_S = 60.0


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Host]]:
    with office_hosts(tmp_path_factory) as made:
        yield made


def desk_of(host: Host, seat: str, voice: int, log: Path) -> contextlib.AbstractContextManager[Far]:
    """An agent's desk on that PC; its log holds what its phone has heard."""
    home = str(host.home / "profile")
    return far(host, "tests.cut_off.far_desk", home, seat, str(voice), str(log))


def sit_down(desk: Far, agent: str) -> None:
    desk.wait(lambda one: agent in one.get("agents", ()) and not one["busy"], LIMIT_S)
    desk.tell(f"login {agent}")
    desk.wait(lambda one: one.get("state") == "paused", LIMIT_S)
    desk.tell("available")


def no_way_to(host: Host, port: int) -> tuple[str, ...]:
    """The rule that drops what this PC sends to that port of other PCs."""
    ip("-n", host.space, "route", "replace", "blackhole", "default", "table", "100")
    return ("-n", host.space, "rule", "add", "ipproto", "tcp", "dport", str(port), "lookup", "100")


def test_two_seats_work_by_their_own_roles_and_one_loses_its_network_in_the_call(
    hosts: list[Host], tmp_path: Path
) -> None:
    floor, desks = hosts[0], (hosts[2], hosts[3])
    port = int(str(floor.tell("share", "start", "--name", "North")["port"]))
    logs = [tmp_path / "anna.jsonl", tmp_path / "ben.jsonl"]
    office = str(floor.home / "profile")
    with contextlib.ExitStack() as stack:
        near = stack.enter_context(far(floor, "tests.cut_off.near_floor", office, str(TALK_S), "2"))
        for number, desk in enumerate(desks):  # a new code closes the one before
            code = str(floor.tell("share", "code")["code"])
            desk.tell("join", code, "--name", f"front-{number}")
        near.wait(lambda one: "ready" in one, LIMIT_S)
        anna, ben = (
            stack.enter_context(desk_of(*told))
            for told in zip(desks, ("front-0", "front-1"), AGENT_SIGNATURES[3:5], logs, strict=True)
        )
        sit_down(anna, "Anna")
        sit_down(ben, "Ben")
        for one in (anna, ben):
            one.wait(lambda said: said.get("state") == "talking", LIMIT_S)
        time.sleep(SPEECH_S)

        # Anna's PC loses everything for five seconds, and is back in the call by itself.
        ip("-n", desks[0].space, "link", "set", "eth0", "down")
        time.sleep(OUTAGE_S)
        anna.said.clear()
        ip("-n", desks[0].space, "link", "set", "eth0", "up")
        anna.wait(lambda said: said.get("call") is False, LIMIT_S)
        anna.said.clear()
        anna.wait(lambda said: said.get("call") is True, LIMIT_S)
        # Then it loses the floor's database, and not the line.
        rule = no_way_to(desks[0], port)
        ip(*rule)
        anna.wait(lambda said: CUT_OFF in said.get("notices", ()), LIMIT_S)
        time.sleep(SPEECH_S)
        assert anna.said[-1]["call"] is True, "the line is not what was lost"
        anna.said.clear()
        anna.tell("outcome SUCCESS by Friday")  # which ends the call
        anna.wait(lambda said: said.get("call") is False and "notices" in said, LIMIT_S)
        anna.wait(lambda said: KEPT in said.get("notices", ()), LIMIT_S)
        ben.tell("outcome REFUSED_NOT_INTERESTED")
        near.tell("heard")
        heard = near.wait(lambda one: "heard" in one, LIMIT_S)["heard"]
        assert ben.said[-1]["state"] != "talking"
        ip(*(word if word != "add" else "delete" for word in rule))
        near.tell("record")
        record = near.wait(lambda one: "record" in one, LIMIT_S)["record"]
        anna.said.clear()
        anna.tell("journal")
        assert anna.wait(lambda said: "journal" in said)["journal"] is False
        assert not [one for one in (*anna.said, *ben.said) if "crash" in one]

    assert sorted(record, key=str) == [
        ["REFUSED_NOT_INTERESTED", "", "Ben", 1], ["SUCCESS", "by Friday", "Anna", 1],
    ]  # fmt: skip
    ours, others = (str(voice) for voice in AGENT_SIGNATURES[3:5])
    for voice in (ours, others):
        (public,) = (one for one in heard if voice in one["heard_ms"])
        assert (public["status"], public["by"]) == (200, "caller"), public
        is_annas = voice == ours
        assert public["heard_ms"][voice] > 1000 * 0.4 * 2 * SPEECH_S, public
        assert (public["gap_ms"] > 1000 * 0.5 * OUTAGE_S) is is_annas, "her way was really gone"
    # At her desk the person is heard in both parts of the call, and longer in the second.
    parts = read_lines(logs[0], PhoneRecord)
    assert len(parts) == 2
    assert all(sum(one.sounds.heard_ms.values()) > 1000 for one in parts), parts
