"""The dialler's database: what cannot be done is tried again, beside what can."""

from __future__ import annotations

import asyncio

import pytest

from app.dialler import store_thread
from app.dialler.store_thread import GIVE_UP_S, StoreThread
from dialer_core.clock import ManualClock
from dialer_core.model.errors import StoreTrouble


def test_a_writer_that_waits_is_told_of_once_though_readers_do_not(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store_thread, "AGAIN_S", 0.0)
    caplog.set_level("INFO")
    tries = 0

    def write() -> str:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise StoreTrouble("The disk is full.")
        return "written"

    async def whole() -> None:
        thread = StoreThread(ManualClock(), lambda: False)
        writing = asyncio.create_task(thread.do(write))
        while not writing.done():
            assert await thread.do(lambda: "read") == "read"
            if not writing.done() and tries > 1:
                assert "there again" not in caplog.text
        assert writing.result() == "written"
        thread.close()

    asyncio.run(whole())
    assert [one.message for one in caplog.records] == [
        "nothing is dialled until this is mended: The disk is full.",
        "the floor's database is there again",
    ]


def test_who_is_to_end_gives_up_though_readers_are_served(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store_thread, "AGAIN_S", 0.0)
    clock = ManualClock()

    def write() -> None:
        clock.advance(GIVE_UP_S / 4)
        raise StoreTrouble("Locked.")

    async def whole() -> None:
        thread = StoreThread(clock, lambda: True)
        writing = asyncio.create_task(thread.do(write))
        while not writing.done():
            await thread.do(lambda: None)
        with pytest.raises(StoreTrouble):
            await writing
        thread.close()

    asyncio.run(whole())
    assert "Locked." in caplog.text
