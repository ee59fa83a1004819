"""One PC of lines as the dialler uses it: what the engine hears, and what the lines are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from app.clock import WallClock
from app.dialler.far_pc import FarPc
from app.dialler.line_ear import Acknowledge, LineEar
from app.profile import open_profile
from dialer_core.clock import Instant
from dialer_core.engine import events
from dialer_core.engine.control_events import RecordingMoved
from sip.clock import awake_s
from sip.messages import (
    Ack,
    AgentBridged,
    Attach,
    Hello,
    LineStatus,
    Originate,
    PlayMessage,
    RecordingChanged,
    RecordingOrder,
    Shutdown,
    Stamp,
)
from sip.messages.trunk import Gateway
from sip.wire import decode_command, encode
from tests.lines.relay_kit import FarKit, KnownCalls, LineSocket, far_pc

LINE = "line01@loft"


class Dialler:
    """What one PC's lines have told, and what was noted about them."""

    def __init__(self, kit: FarKit, home: Path) -> None:
        self.told: list[tuple[events.Event, Acknowledge | None]] = []
        self.news = asyncio.Event()
        self.kept: list[frozenset[str]] = []
        ear = LineEar(WallClock(), self._tell, None, lambda done: None)
        self.home = open_profile(home)
        self.pc = FarPc(
            kit.link(), self.home, 7, ear, lambda: ((), False), self._changed, KnownCalls()
        )
        self.line: LineSocket = kit.lines["line01"]

    def _tell(self, event: events.Event, _at: Instant, done: Acknowledge | None) -> None:
        self.told.append((event, done))
        self.news.set()

    def _changed(self) -> None:
        self.kept.append(self.pc.line_ids)

    async def hears(self, kind: type[events.Event]) -> tuple[Any, Acknowledge | None]:
        while True:
            for one in self.told:
                if isinstance(one[0], kind):
                    self.told.remove(one)
                    return one
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 8.0)

    def says(self, *messages: Any) -> None:
        self.line.writers[-1].writelines([encode(one) for one in messages])

    async def is_told(self, count: int) -> list[Any]:
        return [decode_command(one) for one in await self.line.wait_for(count)]

    async def comes(self, pid: int = 41) -> None:
        """The line is attached to, and has nothing in hand."""
        before = len(self.line.heard)
        (*_, attach) = await self.is_told(before + 1)
        assert attach == Attach(epoch=7)
        self.says(hello(pid), LineStatus(epoch=7, last_seq=0))
        up, _ = await self.hears(events.LineUp)
        assert up.line_id == LINE


def hello(pid: int) -> Hello:
    return Hello(role="line", engine_id="line01", pid=pid, version="1", has_tls=True)


def order(**more: Any) -> Originate:
    return Originate(
        epoch=7, attempt_id="abc", number="+441614960101", caller_id="+441614960000",
        gateway=Gateway(name="g", uri_template="sip:{number}@127.0.0.1"), min_ring_s=15,
        max_ring_s=30, connect_limit_s=2, message_lead_s=0.2, message_wav="", max_call_s=3600,
        agent_leg="silent", **more,
    )  # fmt: skip


def with_dialler(
    folder: Path, work: Callable[[Dialler, FarKit], Coroutine[Any, Any, None]]
) -> None:
    async def run() -> None:
        async with asyncio.timeout(25), far_pc(folder) as kit:
            dialler = Dialler(kit, folder / "home")
            running = asyncio.create_task(dialler.pc.run())
            try:
                await work(dialler, kit)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())


def test_the_engine_may_use_a_line_before_it_hears_of_it(tmp_path: Path) -> None:
    async def work(dialler: Dialler, _kit: FarKit) -> None:
        await dialler.comes()
        assert dialler.kept[0] == {LINE}
        assert dialler.pc.trouble == ""
        now = WallClock().now()
        at = Stamp(now.mono_s, now.utc.timestamp())
        dialler.says(AgentBridged(seq=3, at=at, attempt_id="abc", session_id=2))
        bridged, done = await dialler.hears(events.CallBridged)
        assert (bridged.line_id, bridged.session_id) == (LINE, 2)
        assert done == Acknowledge(bridged.line_id, 3)
        assert dialler.pc.send(bridged.line_id, Ack(seq=3))
        assert (await dialler.is_told(2))[-1] == Ack(seq=3)

    with_dialler(tmp_path, work)


def test_a_call_is_ordered_with_what_it_needs_over_there(tmp_path: Path) -> None:
    wav = tmp_path / "sorry.wav"
    wav.write_bytes(b"RIFF")

    async def work(dialler: Dialler, kit: FarKit) -> None:
        await dialler.comes()
        path = dialler.home.root / "recordings" / "2026-11-22" / "abc.wav"
        wanted = order(
            hold_wav=str(wav), not_after_s=awake_s() + 3.0,
            recording=RecordingOrder(path=str(path), starts="bridged"),
        )  # fmt: skip
        (line_id,) = dialler.pc.line_ids
        assert dialler.pc.send(line_id, wanted)
        assert dialler.pc.send(line_id, PlayMessage(epoch=7, attempt_id="abc"))
        _attach, originate, play = await dialler.is_told(3)
        assert Path(originate.hold_wav).read_bytes() == b"RIFF"
        assert Path(originate.hold_wav).is_relative_to(kit.shelf.sounds_dir)
        assert originate.recording.path == str(kit.recording)
        assert originate.not_after_s == pytest.approx(77.0 + 3.0, abs=1.0), "by that PC's clock"
        assert isinstance(play, PlayMessage), "after the call that it is about"
        now = WallClock().now()
        at = Stamp(now.mono_s, now.utc.timestamp())
        dialler.says(
            RecordingChanged(seq=1, at=at, attempt_id="abc", state="recording",
                             path=originate.recording.path, recorded_s=0.0)
        )  # fmt: skip
        moved, _ = await dialler.hears(RecordingMoved)
        assert moved.path == str(path), "where it will be once it has come home"

    with_dialler(tmp_path, work)


def test_a_sound_that_cannot_be_brought_ends_the_call_before_it_leaves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(dialler: Dialler, _kit: FarKit) -> None:
        await dialler.comes()
        (line_id,) = dialler.pc.line_ids
        dialler.pc.send(line_id, order(hold_wav=str(tmp_path / "gone.wav")))
        ended, _ = await dialler.hears(events.CallEnded)
        assert ended.facts.reason == "a sound could not be brought to loft"
        assert len(dialler.line.heard) == 1

    with_dialler(tmp_path, work)
    assert "could not be brought" in caplog.text


def test_another_process_in_a_lines_place_has_lost_the_call(tmp_path: Path) -> None:
    async def work(dialler: Dialler, _kit: FarKit) -> None:
        await dialler.comes(pid=41)
        dialler.line.writers[-1].close()
        await dialler.comes(pid=41)
        assert dialler.told == [], "the same line: nothing is lost"
        dialler.line.writers[-1].close()
        await dialler.is_told(3)
        dialler.says(hello(42), LineStatus(epoch=7, last_seq=0))
        await dialler.hears(events.LineLost)
        await dialler.hears(events.LineUp)

    with_dialler(tmp_path, work)


def test_a_pc_that_answers_no_more_has_lost_its_lines_and_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(dialler: Dialler, kit: FarKit) -> None:
        await dialler.comes()
        await kit.relay.close()
        await dialler.hears(events.LineLost)
        assert dialler.kept[-1] == frozenset()
        assert dialler.pc.trouble.startswith(
            f"The lines on loft are away: nothing answers at 127.0.0.1, port {kit.port}."
        )

    with_dialler(tmp_path, work)
    assert "the lines on loft are away" in caplog.text


def test_a_pc_that_leaves_is_used_no_more_and_its_lines_end_when_idle(tmp_path: Path) -> None:
    async def work(dialler: Dialler, kit: FarKit) -> None:
        await dialler.comes()
        kit.relay.is_leaving = True
        assert (await dialler.is_told(2))[-1] == Shutdown(drain=True)
        assert dialler.kept[-1] == frozenset()
        assert dialler.told == [], "the call in hand goes on"
        dialler.line.writers[-1].close()
        await dialler.hears(events.LineLost)
        assert not dialler.pc.has_lines

    with_dialler(tmp_path, work)
