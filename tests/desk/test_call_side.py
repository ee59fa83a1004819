"""Wishes, numbers and colleagues on their way to the floor, and refusals on their way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.bridge import Bridge, Worker
from app.desk.call_side import TRUNK_S, CallSide
from app.desk.phone_view import Since, control_view, followed, worst
from app.desk.views import (
    AdviceView,
    Arrangement,
    CallAction,
    CallWish,
    ColleagueView,
    NumberAnswer,
    RecordingState,
    SeatState,
    ThirdStage,
)
from app.errors import KnownError
from dialer_core.clock import Instant, ManualClock
from dialer_core.model.call_control import CallControl
from dialer_core.model.ids import AttemptId
from dialer_core.store.seat import SeatStore

ATTEMPT = AttemptId("a-1")


class Floor:
    """What a seat's store is asked, kept; `refusal` is what it says to a number."""

    def __init__(self) -> None:
        self.wishes: list[CallWish] = []
        self.dialled: list[str] = []
        self.refusal = ""
        self.trunk = ""

    def want_call(self, wish: CallWish, _now: Instant) -> None:
        self.wishes.append(wish)

    def want_manual_dial(self, number: str, _now: Instant) -> None:
        if self.refusal:
            raise KnownError(self.refusal)
        self.dialled.append(number)

    def why_no_calls(self) -> str:
        return self.trunk

    def colleagues(self) -> list[tuple[int, str, SeatState]]:
        return [(2, "Ben Okafor", SeatState.TALKING)]


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.fixture
def side(floor: Floor, qapp: QObject) -> Iterator[CallSide]:
    store = cast(SeatStore, floor)
    bridge = Bridge()
    worker = Worker("test", bridge)
    worker.start()

    def do(work: Callable[[SeatStore], object]) -> None:
        worker.do(work, store)

    made = CallSide(worker, do, ManualClock())
    made.caller_id = "+441614960000"
    yield made
    worker.stop()


def test_a_wish_goes_with_its_number_in_the_networks_form(
    side: CallSide, floor: Floor, qtbot: QtBot
) -> None:
    side.wish(CallWish(CallAction.HOLD, ATTEMPT))
    side.wish(CallWish(CallAction.CONSULT, ATTEMPT, number="0161 496 0188"))
    qtbot.waitUntil(lambda: len(floor.wishes) == 2)
    assert [wish.number for wish in floor.wishes] == ["", "+441614960188"]


def test_a_number_that_is_none_never_leaves_the_window(
    side: CallSide, floor: Floor, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(side.trouble_changed):
        side.wish(CallWish(CallAction.CONSULT, ATTEMPT, number="112"))
    assert "too short" in side.trouble
    with qtbot.waitSignal(side.trouble_changed):
        side.wish(CallWish(CallAction.RESUME, ATTEMPT))  # the next wish takes it back
    assert side.trouble == ""
    qtbot.waitUntil(lambda: bool(floor.wishes))
    assert [wish.action for wish in floor.wishes] == [CallAction.RESUME]


def test_a_number_is_told_about_while_it_is_typed(side: CallSide, qtbot: QtBot) -> None:
    with qtbot.waitSignal(side.number_answered) as told:
        side.ask_number("+44 161 496 0188")
    assert told.args == [NumberAnswer("+44 161 496 0188", "0161 496 0188", can_dial=True)]
    with qtbot.waitSignal(side.number_answered) as told:
        side.ask_number("0161")
    assert told.args is not None
    assert not told.args[0].can_dial
    assert "too short" in told.args[0].sentence


def test_dialling_by_hand_and_its_refusal(side: CallSide, floor: Floor, qtbot: QtBot) -> None:
    side.dial("0161 496 0188")
    qtbot.waitUntil(lambda: floor.dialled == ["+441614960188"])
    floor.refusal = "You are logged out; log in again."
    with qtbot.waitSignal(side.number_answered) as told:
        side.dial("0161 496 0188")
    assert told.args == [NumberAnswer("0161 496 0188", floor.refusal)]


def test_colleagues_are_read_only_while_somebody_looks(
    side: CallSide, floor: Floor, qtbot: QtBot
) -> None:
    store = cast(SeatStore, floor)
    side.look(store)  # nobody looks yet
    side.watch_colleagues(True)

    def looked() -> bool:
        side.look(store)  # as the worker does, whenever it has nothing else to do
        return bool(told)

    told: list[object] = []
    side.colleagues_changed.connect(told.append)
    qtbot.waitUntil(looked)
    assert told == [(ColleagueView(2, "Ben Okafor", SeatState.TALKING),)]


def test_since_when_it_is_so() -> None:
    since = followed(Since(), "a-1", None, 10.0)
    assert (since.arranged_utc_s, since.recorded_utc_s) == (10.0, 10.0)
    held = CallControl(arrangement=Arrangement.HOLD, recording=RecordingState.RECORDING)
    since = followed(since, "a-1", held, 14.0)
    assert followed(since, "a-1", held, 20.0) == since
    paused = CallControl(arrangement=Arrangement.HOLD, recording=RecordingState.PAUSED)
    since = followed(since, "a-1", paused, 30.0)
    assert (since.arranged_utc_s, since.recorded_utc_s) == (14.0, 30.0)
    assert followed(since, "a-2", None, 40.0).arranged_utc_s == 40.0


def test_a_third_party_that_has_gone_is_none() -> None:
    gone = CallControl(third=ThirdStage.GONE, third_label="Chloë Rivers", trouble="No answer.")
    view = control_view(gone, Since(), "", 300.0)
    assert view.third is None
    assert view.trouble == "No answer."
    assert control_view(None, Since(), "Too short.", 300.0).trouble == "Too short."


def test_the_most_urgent_advice_is_the_one_shown() -> None:
    note = AdviceView("It may crackle.", "", "note")
    trouble = AdviceView("Nobody hears you.", "Unmute.", "trouble")
    assert worst([note, trouble]) == trouble
    assert worst([]) is None


def test_why_no_calls_go_out_is_told_while_it_is_so(
    side: CallSide, floor: Floor, qtbot: QtBot
) -> None:
    store, clock = cast(SeatStore, floor), ManualClock()
    side._clock = clock
    floor.trunk = "the trunk is full or out of order (503): fewer lines, or ask your provider"
    with qtbot.waitSignal(side.trouble_changed):
        side.look(store)
    assert side.trunk_trouble == (
        "The trunk is full or out of order (503): fewer lines, or ask your provider."
    )
    floor.trunk = ""
    side.look(store)  # too soon to look again
    assert side.trunk_trouble
    clock.advance(TRUNK_S)
    with qtbot.waitSignal(side.trouble_changed):
        side.look(store)
    assert side.trunk_trouble == ""
