"""A carrier that refuses: the campaign pauses, tries with one call, and comes back."""

from __future__ import annotations

import pytest

from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.engine.calls import Call
from dialer_core.model.ids import ContactId
from dialer_core.model.states import Mode, SeatState
from dialer_core.simulation.day import DayPlan, Turn
from dialer_core.simulation.floor import SimulatedFloor
from dialer_core.simulation.public import B2C_COLD
from tests.engine.rig import CAMPAIGN, Launches, Rig
from tests.store.recorded_floor import plan_of_day


def refuse(rig: Rig, call: Call, status: int = 503) -> list[c.Command]:
    """The carrier says no before anything has rung."""
    facts = rig.facts(call, status, "network")
    now = rig.clock.now()
    plain = e.CallFacts(
        **{name: getattr(facts, name) for name in facts.__slots__}
        | {"invite": now, "progress": None, "ringing": None}
    )
    return rig.send(e.CallEnded(rig.line(call), call.attempt_id, plain))


def dialled(rig: Rig) -> int:
    return len(rig.all_of(c.Originate))


def test_one_to_one_pauses_tries_and_comes_back() -> None:
    rig = Rig(Mode.PROGRESSIVE, seats=1)
    for _ in range(3):
        refuse(rig, rig.call())
    assert (dialled(rig), rig.calls) == (3, [])
    assert rig.state(1) is SeatState.AVAILABLE
    assert rig.dialler.wake_at_s == rig.clock.now().mono_s + 1.0
    rig.wait(0.9)
    assert dialled(rig) == 3
    rig.wait(0.1)
    assert dialled(rig) == 4
    assert rig.dialler.trunk_trouble == ""
    refuse(rig, rig.call())
    assert "(503)" in rig.dialler.trunk_trouble
    rig.wait(1.0)  # what launches nothing is noted once a second at most
    note = rig.all_of(c.NoteDecision)[-1]
    assert note.reason == "The trunk refuses calls (503); next try in 1 s."
    rig.wait(1.0)
    assert dialled(rig) == 5
    rig.ring(rig.call())
    assert rig.dialler.trunk_trouble == ""


def test_the_stock_stays_and_nothing_is_leased_anew_in_a_pause() -> None:
    rig = Rig(Mode.PROGRESSIVE, seats=1)
    for _ in range(3):
        refuse(rig, rig.call())
    assert rig.all_of(c.ReturnRecord) == []
    assert len(rig.dialler.campaign(CAMPAIGN).stock) > 0


def test_ahead_only_one_call_tries_and_then_more_and_more() -> None:
    rig = Rig(Mode.PREDICTIVE, seats=6, lines=30, pacer=lambda _: Launches())
    rig.make_launch(6)
    for call in list(rig.calls):
        refuse(rig, call)
    assert rig.calls == []
    launched = []
    rig.wait(1.0)
    for _ in range(5):
        before = dialled(rig)
        rig.make_launch(30)
        launched.append(dialled(rig) - before)
        for call in [one for one in rig.calls if one.stage.value == "dialling"]:
            rig.ring(call)
    assert launched[:4] == [1, 2, 4, 8]
    assert launched[4] > 8


def test_a_pacer_that_asks_all_the_same_gets_nothing_in_a_pause() -> None:
    rig = Rig(Mode.PREDICTIVE, seats=4, lines=30)
    for _ in range(3):
        for call in list(rig.calls):
            refuse(rig, call)
    before = dialled(rig)
    assert rig.calls == []
    rig.wait(0.9)
    assert dialled(rig) == before
    rig.wait(0.1)
    refuse(rig, rig.call())
    rig.wait(1.0)
    assert rig.calls == []
    assert rig.all_of(c.NoteDecision)[-1].rule == "trunk"


def test_previews_wait_as_well() -> None:
    rig = Rig(Mode.PREVIEW, seats=1)
    for _ in range(3):
        rig.send(e.PreviewAccepted(rig.seat(1).session_id, _shown(rig)))
        refuse(rig, rig.call())
        if rig.state(1) is SeatState.WRAP_UP:
            pytest.fail("nobody was spoken to")
    assert rig.state(1) is SeatState.AVAILABLE
    rig.wait(1.0)
    assert rig.state(1) is SeatState.PREVIEW


def _shown(rig: Rig) -> ContactId:
    record = rig.seat(1).record
    assert record is not None
    return record.contact_id


@pytest.mark.parametrize("channels", [0, 3])
def test_a_bad_quarter_of_an_hour_burns_few_numbers(channels: int) -> None:
    plan = plan_of_day(6, 25.0, Mode.PROGRESSIVE, scenario=B2C_COLD)
    bad = DayPlan(
        **{name: getattr(plan, name) for name in plan.__slots__}
        | {"turns": (Turn(300.0, channels=channels), Turn(1200.0))}
    )
    plain, hard = SimulatedFloor(plan).run(), SimulatedFloor(bad).run()
    assert hard.dials < plain.dials * 1.2
    assert hard.talk_s > plain.talk_s * (0.3 if channels == 0 else 0.6)
