"""The dialler's process speaks to the lines about seats that may be gone by then."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from app.dialler.process import DiallerProcess
from app.profile import Profile, open_profile
from dialer_core.clock import ManualClock
from dialer_core.engine import commands, events
from dialer_core.engine.dialler import Dialler
from dialer_core.model.campaign import Campaign, Disposition
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import AttemptId, CampaignId, LineId, SessionId
from dialer_core.model.states import Mode, Outcome
from dialer_core.rules.profiles import profile as rules
from dialer_core.store.floor import FloorStore, LeaseLost
from dialer_core.store.opening import migrate
from dialer_core.store.outdated import UPDATE
from dialer_core.store.setup import NewCampaign, SetupStore
from sip import messages

ATTEMPT, LINE, SEAT = AttemptId("a1"), LineId("line01"), SessionId(7)
CAMPAIGN = Campaign(
    CampaignId(1), "Test", Mode.PREDICTIVE, "GB", "1", caller_id="+441614960000", client="Client"
)
TRUNK = """
[[gateways]]
name = "main"
uri = "sip:{number}@127.0.0.1:5080"
channels = 4
"""


class HeardLines:
    """Lines that hear everything and do nothing."""

    epoch = 3

    def __init__(self) -> None:
        self.heard: list[messages.Message] = []

    def send(self, line_id: LineId, message: messages.Message) -> bool:
        self.heard.append(message)
        return True


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = open_profile(tmp_path)
    (made.root / "trunk.toml").write_text(TRUNK)
    made.database_path.parent.mkdir(parents=True, exist_ok=True)
    migrate(made.database_path)
    return made


def spoken(
    profile: Profile, wanted: Sequence[commands.LineCommand]
) -> tuple[list[messages.Message], list[events.Event]]:
    """What the lines hear of these commands, and what the engine will be told."""
    process = DiallerProcess(profile, lambda: "a2", ManualClock())
    lines = HeardLines()

    async def speak() -> None:
        process._store = await process._thread.do(FloorStore, profile.database_path)
        process._lines = lines  # type: ignore[assignment]  # no process is started
        process._batches.campaigns[CAMPAIGN.id] = CAMPAIGN
        for command in wanted:
            await process._speaker.speak(command)
        await process._thread.do(process._store.close)
        process._thread.close()

    asyncio.run(speak())
    return lines.heard, process._batches.take_all()


def test_connecting_a_seat_that_has_logged_out_is_told_as_unreachable(profile: Profile) -> None:
    heard, told = spoken(profile, [commands.ConnectAgent(LINE, ATTEMPT, SEAT)])
    assert heard == []
    (event,) = told
    assert isinstance(event, events.SeatUnreachable)
    assert (event.line_id, event.attempt_id, event.session_id) == (LINE, ATTEMPT, SEAT)
    assert "logged out" in event.sentence


def test_dialling_for_a_seat_that_has_logged_out_ends_the_call_at_once(profile: Profile) -> None:
    held = commands.Originate(LINE, ATTEMPT, CAMPAIGN.id, "+441614960001", "silent", SEAT)
    heard, told = spoken(profile, [held])
    assert heard == []
    (event,) = told
    assert isinstance(event, events.CallEnded)
    assert (event.line_id, event.attempt_id) == (LINE, ATTEMPT)
    assert event.facts.answered is None


def test_dialling_for_nobody_in_particular_leaves(profile: Profile) -> None:
    free = commands.Originate(LINE, ATTEMPT, CAMPAIGN.id, "+441614960001", "on_answer", None)
    heard, told = spoken(profile, [free])
    assert told == []
    (message,) = heard
    assert isinstance(message, messages.Originate)
    assert (message.epoch, message.agent) == (3, None)


def run_with_store(profile: Profile, work: Callable[[DiallerProcess], Awaitable[None]]) -> None:
    """A dialler's process with its database and no lines."""
    process = DiallerProcess(profile, lambda: "a2", ManualClock())

    async def whole() -> None:
        process._store = await process._thread.do(FloorStore, profile.database_path)
        await process._turn.take(process._store, lambda: False)
        await work(process)
        await process._thread.do(process._store.close)
        process._thread.close()

    asyncio.run(whole())


def test_what_the_day_has_taught_follows_what_is_restored(profile: Profile) -> None:
    setup = SetupStore(profile.database_path)
    setup.add_campaign(
        NewCampaign(
            "Spring",
            "Client",
            "Client",
            Mode.PREDICTIVE,
            rules("GB"),
            "+441614960000",
            [Disposition("sale", "Sale", "1", Outcome.SUCCESS, is_final=True)],
        ),
        ManualClock().now(),
    )
    setup.close()
    told: list[events.Event] = []

    async def restore(process: DiallerProcess) -> None:
        await process._restore()
        told.extend(process._batches.take_all())

    run_with_store(profile, restore)
    assert [type(event) for event in told] == [
        events.CampaignSet,
        events.CountsRead,
        events.HistoryRead,
    ]
    assert isinstance(told[0], events.CampaignSet)
    assert told[0].campaign.calling_ends is not None


def test_trouble_of_the_trunk_is_recorded_once_and_taken_back(
    profile: Profile, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    written: list[str] = []
    troubles = iter(["", "full", "full", "", ""])
    monkeypatch.setattr(
        FloorStore, "set_trunk_trouble", lambda _self, text, _at: written.append(text)
    )
    monkeypatch.setattr(Dialler, "trunk_trouble", property(lambda _self: next(troubles)))

    async def learn(process: DiallerProcess) -> None:
        for _ in range(5):
            await process._learn_of_trunk()

    run_with_store(profile, learn)
    assert [one.message for one in caplog.records if one.levelname == "WARNING"] == ["full"]
    assert written == ["", "full", ""]  # what an earlier dialler left there is taken back, too


@pytest.mark.parametrize("is_lost", [False, True])
def test_who_loses_the_floor_while_it_ends_leaves_the_lines_to_the_next(
    profile: Profile, is_lost: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def drain(process: DiallerProcess) -> None:
        async def keep() -> None:
            if is_lost:
                raise LeaseLost
            await asyncio.Event().wait()

        process._stop.set()
        task = asyncio.create_task(keep())
        await asyncio.sleep(0)
        draining = asyncio.create_task(process._drain([task]))
        while not draining.done():
            process._batches.take_all()
            await asyncio.sleep(0.01)
        assert draining.result() is not is_lost
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run_with_store(profile, drain)
    assert ("ends early" in caplog.text) is is_lost


def test_a_dialler_that_is_older_than_the_floor_ends_in_order_and_says_so(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.dialler.process.LOOK_S", 0.0)
    process = DiallerProcess(profile, lambda: "a2", ManualClock())

    async def dial() -> None:
        await process._turn.take(process._store, lambda: False)
        looking = asyncio.create_task(process._look_after())
        while process._clock_watch._looked_s < 0:  # it has looked, and found nothing
            await asyncio.sleep(0)
        assert not process._stop.is_set()
        with closing(sqlite3.connect(profile.database_path)) as plain, plain:
            plain.execute("UPDATE alembic_version SET version_num = '9999'")
        await process._stop.wait()  # which is the orderly end
        looking.cancel()

    monkeypatch.setattr(process, "_dial", dial)
    with pytest.raises(KnownError) as told:
        asyncio.run(process.run())
    assert told.value.sentence == UPDATE
