"""A PC that lends its lines: calls through it, its cable pulled, it killed, and it back again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.practice import AGENT_SIGNATURES, read_lines
from sip.messages import PhoneRecord
from tests.ports import free_port
from tests.sharing.hosts_kit import ONLY_ROOT, Host, ip
from tests.sharing.test_sharing_calls import Far, far

pytestmark = [pytest.mark.floor, ONLY_ROOT, pytest.mark.timeout(300)]
VOICE = AGENT_SIGNATURES[3]
TALK_S = "2.5"


class Office:
    """The supervisor's PC, asked and told in lines."""

    def __init__(self, process: subprocess.Popen[str], home: Path) -> None:
        self._process = process
        self.home = home

    def say(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()

    def ask(self, words: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        self.say(words)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("now 0")["now"]
        return found

    def wait(self, what: Callable[[], Any], timeout_s: float = 60.0) -> Any:
        """The first answer that is true."""
        until = time.monotonic() + timeout_s
        while not (found := what()):
            assert time.monotonic() < until, (self.ask("floor 0"), self.calls())
            time.sleep(0.1)
        return found

    def wait_for_lines(self, count: int, *, is_away: bool = False) -> str:
        """Until the window shows so many, and says so where the other PC is away: its sentence."""

        def seen() -> list[str] | None:
            floor = self.ask("floor 0")
            told = [one for one in floor["troubles"] if one.startswith("The lines on loft")]
            return [*told, ""] if floor["lines"] == count and bool(told) is is_away else None

        return str(self.wait(seen)[0])

    def leave(self) -> None:
        """Dialler, lines and public end in order."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(40)


@contextlib.contextmanager
def office(host: Host, public: Host) -> Iterator[Office]:
    port, home = str(free_port()), str(host.home / "profile")
    logs = host.home / "profile" / "practice" / "far"
    logs.mkdir(parents=True)
    run = ("-m", "tests.lines.far_office")
    there = subprocess.Popen(
        public.words(*run, "public", str(public.home / "public"), TALK_S, port, str(logs)),
        env=public.environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    here = subprocess.Popen(
        host.words(*run, home, "progressive", TALK_S, port),
        env=host.environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Office(here, host.home)
    finally:
        for process in (here, there):
            assert process.stdin is not None
            with contextlib.suppress(OSError):
                process.stdin.close()
        for process in (here, there):
            assert process.stdout is not None
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
            process.stdout.close()


def lend(host: Host, *words: str) -> subprocess.Popen[bytes]:
    """`callfloor lines` on that PC."""
    profile = ("--profile", str(host.home / "profile"))
    return subprocess.Popen(host.words("-m", "app", "lines", *words, *profile),
                            env=host.environment, stderr=subprocess.DEVNULL)  # fmt: skip


def end_all(host: Host, keeper: subprocess.Popen[bytes]) -> None:
    """The PC is switched off, as far as its lines and their keeper are concerned."""
    keeper.kill()
    keeper.wait(10)
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            if b"sip.line" in words and str(host.home).encode() in b" ".join(words):
                os.kill(int(entry.name), signal.SIGKILL)


def on_loft(call: dict[str, Any]) -> bool:
    return str(call["line_id"]).endswith("@loft")


def talks_on_loft(there: Office) -> str:
    """The attempt that is in talk through the other PC just now, or ""."""
    return next(
        (c["id"] for c in there.calls() if on_loft(c) and c["joined"] and not c["over"]), ""
    )


def test_calls_go_through_a_pc_that_lends_its_lines(hosts: list[Host], tmp_path: Path) -> None:
    floor, desk, loft = hosts[0], hosts[2], hosts[3]
    floor.tell("share", "start", "--name", "North")
    log, home = tmp_path / "phone.jsonl", str(desk.home / "profile")
    with contextlib.ExitStack() as stack:
        there = stack.enter_context(office(floor, loft))  # it gets ready while the others join
        desk.tell("join", str(floor.tell("share", "code")["code"]), "--name", "front-1")
        there.say("start")
        keeper = lend(loft, "--join", there.ask("code")["code"], "--name", "loft", "--lines", "2")
        stack.callback(end_all, loft, keeper)
        phone = stack.enter_context(far(desk, "far_phone", home, "front-1", str(VOICE), str(log)))
        an_agent_begins(there, phone)
        call = a_dialler_that_is_killed_keeps_the_call(there)
        speech_both_ways(there, call, log)
        a_pulled_cable(there, loft)
        recordings_come_home(there, call, floor, loft)
        keeper = killed_and_back(there, loft, keeper)
        stack.callback(end_all, loft, keeper)
        leaves_in_order(there, keeper)
        there.leave()


def an_agent_begins(there: Office, phone: Far) -> None:
    """At that phone; it dials, with the lines of both PCs."""
    uri = phone.wait(lambda one: "uri" in one)["uri"]
    session = there.ask(f"sit {uri} token-of-anna")["session"]
    phone.tell(f"session {session} token-of-anna")
    there.say("dial")
    there.wait_for_lines(3)


def a_dialler_that_is_killed_keeps_the_call(there: Office) -> dict[str, Any]:
    attempt = there.wait(lambda: talks_on_loft(there))
    assert there.ask("kill") == {"killed": True}
    there.say("start")
    call = ended(there, attempt)
    assert (call["sip_status"], call["ended_by"]) == (200, "person"), "it went on, and was adopted"
    return call


def speech_both_ways(there: Office, call: dict[str, Any], log: Path) -> None:
    """The call in which the dialler was killed: neither end noticed."""

    def on_record() -> dict[str, Any] | None:
        """Once the public has written down what it heard."""
        (found,) = [c for c in there.calls() if c["id"] == call["id"]]
        return found if found["own"] else None

    call = there.wait(on_record)
    assert call["outcome"] == "CONNECTED"
    assert call["heard_ms"].get(str(VOICE), 0) > 1200, call
    (at_desk,) = there.wait(
        lambda: [one for one in read_lines(log, PhoneRecord) if one.attempt_id == call["id"]]
    )
    assert at_desk.sounds.heard_ms.get(call["own"], 0) > 1200, at_desk
    assert max(call["gap_ms"], at_desk.longest_gap_ms) < 200
    assert 0 <= call["join_ms"] < 2000, "the moments of two PCs, on one clock"


def recordings_come_home(there: Office, call: dict[str, Any], floor: Host, loft: Host) -> None:
    path = Path(call["path"])
    assert path.is_relative_to(floor.home), "on the record stands where it will be"
    there.wait(path.exists)
    assert path.stat().st_size > 44 + 1.2 * 8000 * 4
    assert path.stat().st_mode & 0o777 == 0o600
    lent = loft.home / "profile" / "lent" / "recordings"
    there.wait(lambda: not list(lent.rglob(path.name)))


def a_pulled_cable(there: Office, loft: Host) -> None:
    there.wait_for_lines(3)

    def is_cut(attempt: str) -> bool:
        """The cable is pulled while they talk; put back where the call was over already."""
        ip("-n", loft.space, "link", "set", "eth0", "down")
        if not any(c["id"] == attempt and c["over"] for c in there.calls()):
            return True
        ip("-n", loft.space, "link", "set", "eth0", "up")
        return False

    attempt = there.wait(lambda: talks_on_loft(there))
    while not is_cut(attempt):
        attempt = there.wait(lambda: talks_on_loft(there))
    sentence = there.wait_for_lines(1, is_away=True)
    assert sentence.startswith(f"The lines on loft are away: nothing answers at {loft.address}")
    call = ended(there, attempt)
    assert (call["outcome"], call["sip_status"]) == ("CONNECTED", None), "with what is known"
    count = len(there.calls())
    there.wait(lambda: [c for c in there.calls()[count:] if c["joined"] and not on_loft(c)])
    assert there.ask(f"erase {attempt}") == {"erased": attempt}
    recordings = loft.home / "profile" / "lent" / "recordings"
    assert list(recordings.rglob(f"{attempt}.wav")), "else the erasure below proves nothing"
    ip("-n", loft.space, "link", "set", "eth0", "up")
    there.wait_for_lines(3)
    there.wait(lambda: ended(there, attempt)["sip_status"] == 200)  # from the line's journal
    there.wait(lambda: not list(recordings.rglob(f"{attempt}.wav")))
    assert ended(there, attempt)["path"] is None, "an erased person gets no new entry"
    assert not list(there.home.rglob(f"{attempt}.wav")), "nor does their recording come home"


def killed_and_back(
    there: Office, loft: Host, keeper: subprocess.Popen[bytes]
) -> subprocess.Popen[bytes]:
    attempt = there.wait(lambda: talks_on_loft(there))
    end_all(loft, keeper)
    sentence = there.wait_for_lines(1, is_away=True)
    assert "The lines on loft are away" in sentence
    assert ended(there, attempt)["outcome"] == "CONNECTED"
    before = {c["id"] for c in there.calls()}
    again = lend(loft)  # without a code
    there.wait(lambda: talks_on_loft(there) not in {"", *before})
    there.wait_for_lines(3)
    return again


def leaves_in_order(there: Office, keeper: subprocess.Popen[bytes]) -> None:
    """What is in hand is finished first."""
    attempt = there.wait(lambda: talks_on_loft(there))
    there.say("pause")
    keeper.send_signal(signal.SIGTERM)
    assert keeper.wait(40) == 0
    there.wait_for_lines(1)
    call = ended(there, attempt)
    assert (call["sip_status"], call["ended_by"]) == (200, "person")


def ended(there: Office, attempt: str) -> dict[str, Any]:
    found: dict[str, Any] = there.wait(
        lambda: next((c for c in there.calls() if c["id"] == attempt and c["over"]), None)
    )
    return found
