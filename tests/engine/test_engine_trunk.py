"""The floor's gateways: shared by its campaigns, kept within their limits, failed over."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from dialer_core.engine import commands as c
from dialer_core.engine import events as e
from dialer_core.model.ids import CampaignId, LineId, SessionId
from dialer_core.model.states import CallStage, FormulaClass, Mode, Outcome, SeatState
from dialer_core.rules.gateways import GatewayLimits
from dialer_core.rules.outcomes import counts_for_kpi
from tests.engine.rig import CAMPAIGN, Launches, Rig, record_of
from tests.engine.trunk_rig import TrunkRig

ONE, TWO = GatewayLimits("one"), GatewayLimits("two")


def ahead(*limits: GatewayLimits, lines: int = 30, seats: int = 6) -> TrunkRig:
    return TrunkRig(limits, Mode.PREDICTIVE, seats=seats, lines=lines, pacer=lambda _: Launches())


def test_the_call_is_named_its_gateway_on_the_record_and_to_the_line() -> None:
    rig = TrunkRig((replace(ONE, channels=1), TWO), Mode.PROGRESSIVE, seats=2)
    assert [commit.gateway for commit in rig.all_of(c.CommitAttempt)] == ["one", "two"]
    assert rig.ways == ["one", "two"]
    rig.end(rig.call(), 486, "person")
    facts = rig.closed[0].facts
    assert facts is not None
    assert facts.gateway == "one"


def test_what_the_line_says_of_the_gateway_stands() -> None:
    rig = TrunkRig((ONE, TWO), Mode.PROGRESSIVE, seats=1)
    call = rig.call()
    facts = replace(rig.facts(call, 486, "person"), gateway="two")
    rig.send(e.CallEnded(rig.line(call), call.attempt_id, facts))
    assert rig.closed[0].facts == facts


def test_a_refusal_sends_the_very_next_call_by_the_other_gateway() -> None:
    rig = TrunkRig((ONE, TWO), Mode.PROGRESSIVE, seats=1)
    rig.fail(rig.call())
    assert rig.ways == ["one", "two"]
    while rig.calls:
        rig.fail(rig.call())
    assert Counter(rig.ways) == {"one": 3, "two": 3}, "a run at each, then a pause"
    rig.wait(1.0)
    assert len(rig.ways) == 7


def test_a_healthy_second_gateway_takes_all_while_one_call_at_a_time_tries_the_first() -> None:
    rig = ahead(ONE, TWO)
    rig.make_launch(1)
    rig.fail(rig.call())
    for _ in range(12):
        rig.make_launch(3)
        for call in [one for one in rig.calls if one.stage is CallStage.DIALLING]:
            way = rig.all_of(c.Originate)
            name = next(one.gateway for one in way if one.attempt_id == call.attempt_id)
            if name == "one":
                rig.fail(call)
            else:
                rig.ring(call)
                rig.end(call, 486, "person")
        rig.wait(1.0)
    used = Counter(rig.ways)
    assert used["two"] > 30
    assert used["one"] == 4, "at 0, 1, 3 and 7 s: a pause that doubles"
    assert rig.dialler.trunk_trouble.startswith("Calls go through two instead: the trunk one ")


def test_a_refusal_of_the_trunk_is_no_attempt_no_busy_and_teaches_nothing_of_people() -> None:
    rig = ahead(ONE)
    rig.make_launch(1)
    rig.fail(rig.call())
    close = rig.closed[-1]
    assert (close.outcome, close.formula_class) == (
        Outcome.NETWORK_CONGESTION,
        FormulaClass.UNANSWERED,
    )
    assert not counts_for_kpi(close.outcome)
    assert rig.dialler.campaign(CAMPAIGN).ring_log == []
    rig.make_launch(1)
    rig.ring(rig.call())
    rig.end(rig.call(), 503, "network")
    assert len(rig.dialler.campaign(CAMPAIGN).ring_log) == 1, "this one rang"


def test_a_busy_behind_a_503_is_the_persons() -> None:
    rig = TrunkRig((ONE, TWO), Mode.PROGRESSIVE, seats=1)
    for _ in range(6):
        rig.fail(rig.call(), 503, q850=17)
    assert {close.outcome for close in rig.closed} == {Outcome.BUSY}
    assert set(rig.ways) == {"one"}
    assert len(rig.dialler.campaign(CAMPAIGN).ring_log) == 6


def test_calls_a_second_are_kept_and_the_engine_wakes_for_each() -> None:
    rig = ahead(replace(ONE, channels=20, calls_a_second=4.0))
    start_s = rig.clock.now().mono_s
    left: list[float] = []
    for _ in range(8):
        before = len(rig.ways)
        rig.make_launch(9)
        left += [rig.clock.now().mono_s - start_s] * (len(rig.ways) - before)
        due_s = rig.dialler.wake_at_s
        assert due_s is not None
        rig.clock.advance(due_s - rig.clock.now().mono_s)
    assert left == pytest.approx([0.25 * n for n in range(8)])


def test_the_pacer_sees_no_more_lines_than_the_trunk_takes_now() -> None:
    rig = ahead(replace(ONE, channels=3, calls_a_second=10.0, burst=2))
    now = rig.clock.now()
    floor = rig.dialler._floor
    state = rig.dialler.campaign(CAMPAIGN)
    assert state.view(now, floor.ready_lines(now)).max_lines == 2
    rig.make_launch(9)
    assert len(rig.calls) == 2
    rig.clock.advance(1.0)
    now = rig.clock.now()
    assert state.view(now, floor.ready_lines(now)).max_lines == 3
    rig.make_launch(9)
    assert len(rig.calls) == 3
    note = rig.all_of(c.NoteDecision)[-1]
    assert note.launch == 1
    assert note.reason.endswith("Every channel of the trunk is in use.")
    rig.end(rig.call(), 486, "person")
    assert state.view(now, floor.ready_lines(now)).max_lines == 3


def test_who_dials_one_to_one_goes_on_at_the_pace_of_the_trunk() -> None:
    rig = TrunkRig((replace(ONE, calls_a_second=2.0),), Mode.PROGRESSIVE, seats=3)
    assert len(rig.ways) == 1
    rig.wait(0.5)
    assert len(rig.ways) == 2
    rig.wait(0.1)
    assert len(rig.ways) == 2
    rig.wait(0.4)
    assert len(rig.ways) == 3


def test_a_call_that_the_gate_refuses_takes_nothing_of_the_trunk() -> None:
    rig = TrunkRig((replace(ONE, channels=1, calls_a_second=1.0),), Mode.PROGRESSIVE)
    rig.refuse = {record_of(number).contact_id for number in range(3)}
    rig.seat_in(1)
    assert len(rig.all_of(c.CommitAttempt)) == 4
    assert rig.ways == ["one"]


def test_an_accepted_preview_waits_a_moment_for_the_trunk_and_is_dialled() -> None:
    rig = TrunkRig((replace(ONE, calls_a_second=1.0),), Mode.PREVIEW, seats=2)
    for number in (1, 2):
        record = rig.seat(number).record
        assert record is not None
        rig.send(e.PreviewDrawn(SessionId(number), record.contact_id))
        rig.send(e.PreviewAccepted(SessionId(number), record.contact_id))
    assert [rig.state(1), rig.state(2)] == [SeatState.RINGING, SeatState.PREVIEW]
    assert rig.dialler.wake_at_s == rig.clock.now().mono_s + 1.0
    rig.wait(0.9)
    assert rig.state(2) is SeatState.PREVIEW
    rig.wait(0.1)
    assert rig.state(2) is SeatState.RINGING
    assert rig.all_of(c.ReturnRecord) == []


def test_campaigns_share_the_gateways_and_what_is_known_of_them() -> None:
    rig = TrunkRig((replace(ONE, channels=2),), Mode.PROGRESSIVE, seats=1, lines=8)
    other = CampaignId(2)
    rig.send(e.CampaignSet(replace(rig.campaign, id=other)))
    rig.list.extend(replace(record_of(n), campaign_id=other) for n in range(200, 220))
    for number in (11, 12):
        rig.list.rotate(20)  # the other campaign's records come first
        rig.send(e.SeatOpened(SessionId(number), other, f"Agent {number}"))
        rig.send(e.AvailableWanted(SessionId(number)))
    assert len(rig.calls) == 2, "two channels for three seats"
    mine = next(one for one in rig.calls if one.campaign_id == CAMPAIGN)
    theirs = next(one for one in rig.calls if one.campaign_id == other)
    rig.fail(theirs)
    rig.fail(mine)
    while rig.calls and len(rig.closed) < 5:
        rig.fail(rig.call())
    assert rig.calls == [], "a pause for both: nobody tries it anew for himself"
    before = len(rig.ways)
    rig.wait(0.9)
    assert len(rig.ways) == before
    rig.wait(0.1)
    assert len(rig.ways) == before + 1, "one call tries for all"


def test_a_restarted_dialler_counts_the_calls_that_its_lines_still_have() -> None:
    rig = TrunkRig((replace(ONE, channels=1), TWO), Mode.PROGRESSIVE, is_recovered=False)
    old = record_of(70)
    rig.send(
        e.AttemptRestored(
            Rig.call_id("old"), CAMPAIGN, old, Mode.PROGRESSIVE, CallStage.RINGING, None, None, None
        )
    )
    rig.send(e.LineUp(LineId("line0"), Rig.call_id("old"), CallStage.RINGING, None, "one"))
    rig.send(e.Recovered())
    rig.seat_in(1)
    assert rig.ways == ["two"]


def test_ringing_that_ended_with_our_cancel_is_not_lengthened_by_the_wait_for_its_answer() -> None:
    rig = TrunkRig((ONE,), Mode.PROGRESSIVE, seats=1, settings={"min_ring_s": 15.0})
    call = rig.call()
    facts = rig.facts(call, 487, "dialler")
    assert facts.ringing is not None
    rig.clock.advance(3.0)
    late = replace(facts, ended=rig.clock.now(), cancelled=facts.ringing.after(14.0))
    rig.send(e.CallEnded(rig.line(call), call.attempt_id, late))
    assert rig.closed[0].outcome is Outcome.DIALLER_CANCELLED


def test_a_changed_trunk_holds_from_the_next_call_on() -> None:
    rig = TrunkRig((replace(ONE, channels=1), TWO), Mode.PROGRESSIVE, seats=1)
    first = rig.call()
    rig.send(e.TrunkSet((replace(TWO, name="three"),)))
    rig.seat_in(2)
    assert rig.ways == ["one", "three"]
    rig.talk(1)
    assert first.stage is CallStage.TALKING, "it goes on by a gateway that is gone"


def test_a_line_that_is_not_kept_goes_once_it_is_idle() -> None:
    rig = TrunkRig((ONE,), Mode.PROGRESSIVE, seats=1)
    call = rig.call()
    busy = rig.line(call)
    others = frozenset(rig.dialler.lines) - {busy}
    kept = frozenset(sorted(others)[:1])
    rig.send(e.LinesKept(kept))
    assert frozenset(rig.dialler.lines) == kept | {busy}
    assert call.attempt_id in rig.dialler.calls
    rig.end(call, 486, by="network")
    assert frozenset(rig.dialler.lines) == kept
    gone = min(others - kept)
    rig.send(e.LineUp(gone))
    assert gone not in rig.dialler.lines, "one that comes back late is not taken again"
