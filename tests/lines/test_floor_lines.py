"""Lines of the own PC and of others, as one dialler speaks to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from app.clock import WallClock
from app.dialler.far_lines import FarLines, FloorLines
from app.dialler.line_bank import LineBank, LineFiles
from app.dialler.line_ear import LineEar
from app.profile import open_profile
from app.seat_place import SeatPlace
from dialer_core.engine import events
from dialer_core.model.ids import LineId
from dialer_core.store.lending import LinesOffer
from sip.messages import EndCall, LineStatus
from sip.wire import encode
from tests.lines.relay_kit import FarKit, far_pc
from tests.lines.test_far_pc import hello

NEAR, FAR = LineId("line01"), LineId("line01@loft")


class Floor:
    """Both kinds of lines; the offers are the test's."""

    def __init__(self, kit: FarKit, folder: Path) -> None:
        profile, clock = open_profile(folder), WallClock()
        self.put: list[events.Event] = []
        self.offers: list[LinesOffer] = []
        near = LineBank(LineFiles(profile, ()), clock, 7, self._tell)
        ear = LineEar(clock, self._tell, None, lambda done: self.lines.acknowledge(done))
        self.far = FarLines(profile, 7, ear, self._ask, lambda: ((), False))
        self.lines = FloorLines(near, self.far, self.put.append)
        self.kit = kit

    def _tell(self, event: events.Event, *_rest: object) -> None:
        self.put.append(event)

    async def _ask(self) -> list[LinesOffer]:
        return self.offers

    async def answer(self) -> None:
        """The line over there says that it has nothing in hand."""
        line = self.kit.lines["line01"]
        await line.wait_for(1)
        line.writers[-1].writelines([encode(hello(5)), encode(LineStatus(epoch=7, last_seq=0))])


def with_floor(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[[Floor], Coroutine[Any, Any, None]],
) -> None:
    async def run() -> None:
        async with asyncio.timeout(25), far_pc(folder) as kit:
            place = SeatPlace("127.0.0.1", kit.certificates.of("dialler"))
            monkeypatch.setattr("app.dialler.far_lines.seat_place", lambda *_words: place)
            floor = Floor(kit, folder / "home")
            try:
                await work(floor)
            finally:
                await floor.lines.close(shut_lines=False)

    asyncio.run(run())


def test_a_pc_is_used_once_it_offers_and_left_once_it_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(floor: Floor) -> None:
        await floor.lines.open([])
        assert floor.put == []
        floor.offers = [floor.kit.link().offer]
        answering = asyncio.create_task(floor.answer())
        await floor.far.open()
        await answering
        assert floor.put == [events.LinesKept(frozenset({FAR})), events.LineUp(FAR)]
        assert floor.lines.far_addresses == {FAR: f"tls:127.0.0.1:{floor.kit.port}"}
        assert floor.lines.send(FAR, EndCall(epoch=7, attempt_id="a"))
        await floor.kit.lines["line01"].wait_for(2)
        floor.put.clear()
        floor.offers = []
        await floor.far.look()
        assert floor.put == [events.LineLost(FAR), events.LinesKept(frozenset())]
        assert not floor.lines.send(FAR, EndCall(epoch=7, attempt_id="a"))

    with_floor(tmp_path, monkeypatch, work)


def test_a_changed_trunk_does_not_take_the_lines_of_other_pcs_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(floor: Floor) -> None:
        floor.offers = [floor.kit.link().offer]
        answering = asyncio.create_task(floor.answer())
        await floor.lines.open([])
        await answering
        floor.put.clear()
        floor.lines.keep(frozenset({NEAR}))
        floor.lines.keep(frozenset({NEAR}))
        assert floor.put == [events.LinesKept(frozenset({NEAR, FAR}))]

    with_floor(tmp_path, monkeypatch, work)


def test_one_that_is_away_does_not_keep_the_others_waiting_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(floor: Floor) -> None:
        await floor.kit.relay.close()
        monkeypatch.setattr("app.dialler.far_lines.FIRST_S", 0.2)
        floor.offers = [floor.kit.link().offer]
        await floor.lines.open([])
        assert list(floor.lines.troubles) == ["lines:loft"]

    with_floor(tmp_path, monkeypatch, work)
    assert "loft" in caplog.text
