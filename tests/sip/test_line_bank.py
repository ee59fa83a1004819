"""Lines that die: a new one at once, the engine told at once, and the other calls unmoved."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from app.dialler import line_bank
from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.model.states import CallStage, FormulaClass, Outcome
from sip import launch
from sip.client import EngineClient
from sip.errors import KnownError
from sip.messages import Ack, EndCall
from tests.sip.bank_kit import LINES, BankRig, run
from tests.sip.line_kit import callee
from tests.sip.practice_kit import PCMA, RtpPeer

pytestmark = [pytest.mark.sip, pytest.mark.timeout(60)]


@contextlib.contextmanager
def people(folder: Path, count: int) -> Iterator[list[tuple[str, RtpPeer]]]:
    """People who answer and listen: where they are reached, and what they hear."""
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(count):
            ear = stack.enter_context(RtpPeer(PCMA))
            sipp = stack.enter_context(callee(folder, "callee_hears_out", RTP_PORT=ear.port))
            found.append((sipp.address, ear))
        yield found


def test_a_dead_line_is_replaced_at_once_and_the_other_calls_do_not_notice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dead = LINES[0]
    with people(tmp_path, 3) as them:

        async def work(made: BankRig) -> None:
            calls = [made.dial(address) for address, _ in them]
            rig = made.rig
            await made.until(lambda: all(call.answered for call in rig.calls))
            await made.until(lambda: all(len(ear.packets) > 20 for _, ear in them))
            lives, ears = calls[1:], [one[1] for one in them[1:]]
            nonlocal dead
            dead = made.line_of(calls[0])
            began_s = time.monotonic()
            os.kill(made.pid(dead), signal.SIGKILL)
            await made.until(lambda: made.after(began_s, e.LineUp))
            told_s, up_s = made.after(began_s, e.LineLost), made.after(began_s, e.LineUp)
            assert told_s is not None
            assert up_s is not None
            assert told_s < 0.5
            assert up_s < 4.0
            (closed,) = rig.all_of(c.CloseAttempt)
            assert closed.attempt_id == calls[0]
            assert (closed.outcome, closed.formula_class) == (
                Outcome.ABANDONED,
                FormulaClass.AOBS,
            )
            assert dead in rig.dialler._floor.free_lines
            await asyncio.sleep(0.4)
            assert [call.attempt_id for call in rig.calls] == lives
            assert {call.stage for call in rig.calls} <= {CallStage.WAITING, CallStage.CONNECTING}
            for ear in ears:
                heard_s = [one.at_mono_s for one in ear.packets if one.at_mono_s > began_s - 0.2]
                assert heard_s[-1] > began_s + 0.4
                assert max(after - before for before, after in pairwise(heard_s)) < 0.1
            for attempt_id in lives:
                made.bank.send(made.line_of(attempt_id), EndCall(epoch=1, attempt_id=attempt_id))
            await made.until(lambda: not rig.calls)

        run(work, tmp_path)
    assert [one.message for one in caplog.records] == [f"{dead} is gone and will be replaced"]


def test_a_line_that_dies_young_again_and_again_is_not_started_without_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(made: BankRig) -> None:
        took_s = []
        for _ in range(3):
            began_s = time.monotonic()
            os.kill(made.pid(LINES[0]), signal.SIGKILL)
            await made.until(lambda since_s=began_s: made.after(since_s, e.LineUp))  # type: ignore[misc]
            took_s.append(made.after(began_s, e.LineUp) or 0.0)
        assert took_s[0] < 4.0
        assert took_s[1] > 0.3
        assert took_s[2] > 0.6

    run(work, tmp_path)
    assert len(caplog.records) == 3


def test_a_line_that_dies_while_it_is_attached_to_is_replaced_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A dying process may take the connection in its last moment: the loss is told once."""
    dying = 0

    class Dying(EngineClient):
        def __init__(self, *arguments: object, **words: object) -> None:
            nonlocal dying
            super().__init__(*arguments, **words)  # type: ignore[arg-type]  # passed on
            if dying:
                dying -= 1
                self.close()

    async def work(made: BankRig) -> None:
        nonlocal dying
        dying = 2  # once where it is looked whether it still lives, once in the new one
        began_s = time.monotonic()
        os.kill(made.pid(LINES[1]), signal.SIGKILL)
        await asyncio.to_thread(made.bank._launched[LINES[1]].wait, 2.0)
        await made.until(lambda: made.after(began_s, e.LineUp))
        assert [type(one) for at_s, one in made.told if at_s > began_s] == [e.LineLost, e.LineUp]
        assert made.bank.send(LINES[1], Ack(seq=0))

    monkeypatch.setattr(line_bank, "EngineClient", Dying)
    run(work, tmp_path)
    assert caplog.records[0].message == "line1 is gone and will be replaced"


@pytest.mark.parametrize(
    "error", [KnownError("No more processes."), OSError(28, "No space left on device")]
)
def test_what_hinders_a_start_is_overcome_when_it_is_over(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    real, tries = launch.start, 0

    def start(*arguments: object, **words: object) -> launch.Launched:
        nonlocal tries
        tries += 1
        if tries <= 2:
            raise error
        return real(*arguments, **words)  # type: ignore[arg-type]  # passed on as they come

    async def work(made: BankRig) -> None:
        monkeypatch.setattr(launch, "start", start)
        began_s = time.monotonic()
        os.kill(made.pid(LINES[0]), signal.SIGKILL)
        await made.until(lambda: made.after(began_s, e.LineUp))

    run(work, tmp_path)
    assert tries == 3
    assert len([one for one in caplog.records if "cannot be started" in one.message]) == 2
