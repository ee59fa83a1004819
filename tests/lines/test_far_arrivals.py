"""Recordings on a PC that was away: home, or deleted where nobody may keep them any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.clock import WallClock
from app.dialler.far_arrivals import EARLY_S, UNKNOWN_S, Arrivals, FloorRecord
from app.profile import open_profile
from dialer_core.store.arriving import Arrival
from tests.lines.relay_kit import FarKit, KnownCalls, far_pc

NAME = "2026-11-22/abc.wav"


@dataclass
class Way:
    """One recording lies over there; what becomes of it."""

    kit: FarKit
    home: Path
    calls: KnownCalls = field(default_factory=KnownCalls)
    now_s: float = 100.0

    def __post_init__(self) -> None:
        self.arrivals = Arrivals("loft", self.home, self.kit.link(), self.calls, lambda: self.now_s)
        self.kit.recording.parent.mkdir()
        self.kit.recording.write_bytes(bytes(300_000))

    @property
    def is_there(self) -> bool:
        return self.kit.recording.exists()

    @property
    def is_home(self) -> bool:
        return (self.home / NAME).exists()

    async def look(self) -> None:
        """What the dialler does each second."""
        for name in self.arrivals.due(self.kit.shelf.recordings(), set()):
            await self.arrivals.deal_with(name)


def with_way(folder: Path, work: Callable[[Way], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(20), far_pc(folder) as kit:
            await work(Way(kit, folder / "home"))

    asyncio.run(run())


def test_what_stands_on_the_record_comes_home(tmp_path: Path) -> None:
    async def work(way: Way) -> None:
        await way.look()
        assert (way.is_home, way.is_there) == (True, False)
        assert way.calls.deleted == []

    with_way(tmp_path, work)


def test_that_of_an_erased_person_is_deleted_and_not_even_sent(tmp_path: Path) -> None:
    async def work(way: Way) -> None:
        way.calls.said["abc"] = Arrival.OVER
        (way.home / NAME).parent.mkdir(parents=True)
        (way.home / NAME).write_bytes(b"half a year ago")  # it came, and its link broke
        await way.look()
        assert (way.is_home, way.is_there) == (False, False)
        assert way.calls.deleted == [("abc", "loft")]

    with_way(tmp_path, work)


def test_who_is_erased_while_it_is_on_its_way_is_erased(tmp_path: Path) -> None:
    async def work(way: Way) -> None:
        way.calls.later["abc"] = Arrival.OVER
        await way.look()
        assert way.calls.asked == ["abc", "abc"]
        assert (way.is_home, way.is_there) == (False, False)
        assert list(way.home.rglob("*.*")) == []
        assert way.calls.deleted == [("abc", "loft")]

    with_way(tmp_path, work)


@pytest.mark.parametrize(
    ("said", "wait_s", "told"),
    [
        (Arrival.EARLY, EARLY_S, []),
        (
            Arrival.UNKNOWN,
            UNKNOWN_S,
            ["a recording on loft is of no call of this floor; it stays"],
        ),
        (OSError("no floor"), 1.0, ["a recording stays on loft for now: no floor"]),
    ],
)
def test_what_cannot_be_decided_yet_stays_and_is_asked_again(
    tmp_path: Path,
    said: Arrival | OSError,
    wait_s: float,
    told: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work(way: Way) -> None:
        way.calls.said["abc"] = said
        await way.look()
        assert (way.is_home, way.is_there) == (False, True)
        way.calls.said.clear()
        await way.look()
        assert way.calls.asked == ["abc"], "not each second"
        way.now_s += wait_s
        await way.look()
        assert (way.is_home, way.is_there) == (True, False)

    with_way(tmp_path, work)
    assert caplog.messages == told


def test_a_recording_that_cannot_be_judged_twice_stays_there_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(way: Way) -> None:
        asked = way.calls.look

        async def look(attempt_id: str) -> Arrival:
            if way.calls.asked:
                way.calls.look = asked  # type: ignore[method-assign]  # the floor is back
                raise OSError("no floor")
            return await asked(attempt_id)

        way.calls.look = look  # type: ignore[method-assign]  # the floor goes in between
        await way.look()
        assert way.is_there, "else nobody would ask again"
        way.now_s += 1.0
        way.calls.said["abc"] = Arrival.OVER
        await way.look()
        assert (way.is_home, way.is_there) == (False, False)

    with_way(tmp_path, work)
    assert len(caplog.messages) == 1


def test_calls_in_progress_and_two_at_a_time(tmp_path: Path) -> None:
    record, link = KnownCalls(), None
    arrivals = Arrivals("loft", tmp_path, link, record, lambda: 0.0)  # type: ignore[arg-type]
    names = [f"2026-11-22/{one}.wav" for one in "abcd"]
    assert arrivals.due(["../x.wav", *names], {"a"}) == names[1:3]
    assert arrivals.due(names, set()) == []


def test_a_floor_that_cannot_be_opened_is_no_reason_to_delete(tmp_path: Path) -> None:
    async def run() -> None:
        profile = open_profile(tmp_path)
        profile.database_path.parent.mkdir(parents=True, exist_ok=True)
        profile.database_path.mkdir()
        record = FloorRecord(profile, WallClock())
        with pytest.raises(OSError, match=r"\w"):
            await record.look("abc")
        await record.close()

    asyncio.run(run())
