"""The people of a recorded day: what is known is kept, the rest is drawn from the same day."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer_core.model.recorded import RecordedCall
from dialer_core.model.states import Outcome
from dialer_core.simulation.public import Kind
from dialer_core.simulation.replay_people import (
    JITTER_S,
    Fate,
    KnownCall,
    RecordedPeople,
    known_calls,
    limit_of,
    wraps_of,
)
from tests.simulation.recorded_days import NINE, A, T, W, call, session, talk

# --- what the record says of a call -------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "fate", "kind"),
    [
        (call(0.0), Fate.NO_ANSWER, Kind.NO_ANSWER),
        (call(0.0, ended_s=10.0, ended_by="dialler"), Fate.CUT_SHORT, Kind.NO_ANSWER),
        (
            call(0.0, ended_s=9.0, outcome=Outcome.NETWORK_CONGESTION, sip_status=503),
            Fate.CUT_SHORT,
            Kind.NO_ANSWER,
        ),
        (call(0.0, outcome=Outcome.LINE_LOST), Fate.CUT_SHORT, Kind.NO_ANSWER),
        (call(0.0, outcome=None, ended_s=None), Fate.CUT_SHORT, Kind.NO_ANSWER),
        (call(5.0, ended_s=1.0), Fate.CUT_SHORT, Kind.NO_ANSWER),  # ends before it began
        (
            call(0.0, ended_s=3.0, ended_by="network", sip_status=486, outcome=Outcome.BUSY),
            Fate.REFUSED,
            Kind.BUSY,
        ),
        (
            call(0.0, ended_s=20.0, ended_by="network", sip_status=480),
            Fate.REFUSED,
            Kind.NO_ANSWER,
        ),
        (call(0.0, outcome=Outcome.INVALID_NUMBER, sip_status=404), Fate.REFUSED, Kind.INVALID),
        (call(0.0, outcome=Outcome.ROUTING_ERROR, sip_status=404), Fate.REFUSED, Kind.OVERLOADED),
        (talk(0.0), Fate.PERSON, Kind.HUMAN),
        (replace(talk(0.0), said=None), Fate.PERSON, Kind.HUMAN),
        (replace(talk(0.0), said=Outcome.ANSWER_MACHINE_AGENT), Fate.MACHINE, Kind.MACHINE),
        (
            replace(talk(0.0), bridged_s=None, session=None, outcome=Outcome.ABANDONED, said=None),
            Fate.SOMEBODY,
            Kind.HUMAN,
        ),
        (
            replace(
                talk(0.0, talk_s=0.4),
                bridged_s=None,
                said=None,
                outcome=Outcome.SHORT_HANGUP,
            ),
            Fate.HUNG_UP,
            Kind.HANGS_UP,
        ),
    ],
)
def test_every_end_of_a_call_has_its_fate(one: RecordedCall, fate: Fate, kind: Kind) -> None:
    (known,) = known_calls([one], {}, 25.0)
    assert (known.fate, known.kind) == (fate, kind)
    assert known.ring_s >= 0.0


def test_a_conversation_that_a_restart_cut_off_is_not_whole() -> None:
    whole, cut, running = known_calls(
        [
            talk(0.0, talk_s=60.0),
            replace(talk(0.0, talk_s=60.0), ended_by=None),
            replace(talk(0.0), ended_s=None, outcome=None, said=None),
        ],
        {0: 12.0, 1: 12.0},
        25.0,
    )
    assert (whole.talk_s, whole.wrap_s) == (60.0, 12.0)
    assert (cut.talk_s, cut.wrap_s, cut.least_talk_s) == (None, None, 60.0)
    assert (running.talk_s, running.least_talk_s) == (None, 0.0)


def test_wrap_ups_belong_to_the_conversation_before_them() -> None:
    calls = [talk(0.0, talk_s=20.0), talk(100.0, talk_s=20.0), talk(50.0, session=2)]
    stretches = session(
        (A, 0, 5), (T, 5, 25), (W, 25, 30), (W, 30, 40), (A, 40, 105), (T, 105, 125), (W, 125, 130)
    ).stretches
    found = wraps_of(calls, {1: stretches})
    assert found == {0: 15.0}, "two stretches are one wrap-up, the session's last may be cut off"


def test_the_limit_of_ringing_is_taken_from_the_calls() -> None:
    assert limit_of([call(0.0, ended_s=26.0), call(1.0, ended_s=28.0)], 25.0) == 26.5
    assert limit_of([talk(0.0)], 25.0) == 25.0


# --- people -------------------------------------------------------------------------------------


def people_of_day() -> list[KnownCall]:
    """Persons who rang 1 to 40 s, a refusal, one cut short after 30 s, and one lost after 20 s."""
    known = [
        KnownCall(NINE + n, Fate.PERSON, float(n), Kind.HUMAN, 200, talk_s=100.0 + n, wrap_s=n / 2)
        for n in range(1, 41)
    ]
    known.append(KnownCall(NINE + 50, Fate.REFUSED, 3.0, Kind.BUSY, 486))
    known.append(KnownCall(NINE + 51, Fate.CUT_SHORT, 30.0, Kind.NO_ANSWER))
    known.append(KnownCall(NINE + 52, Fate.SOMEBODY, 20.0, Kind.HUMAN, 200))
    known.append(KnownCall(NINE + 53, Fate.PERSON, 5.0, Kind.HUMAN, 200, least_talk_s=130.0))
    return known


def test_who_is_known_behaves_as_they_did_whatever_the_seed() -> None:
    for seed in range(5):
        people = RecordedPeople(people_of_day(), seed, NINE)
        one = people.behaviour(7, "", 1, 5_000.0)
        assert (one.kind, one.talk_s, one.wrap_s) == (Kind.HUMAN, 107.0, 3.5)
        assert one.ring_s == pytest.approx(7.0, abs=JITTER_S)
        assert people.behaviour(41, "", 1, 0.0).final_status == 486
        assert (people.asked, people.drawn, people.guessed) == (2, 0, 0)


def test_what_is_not_known_is_drawn_from_those_of_whom_it_is() -> None:
    rings, talks, ends = set(), set(), set()
    for seed in range(200):
        people = RecordedPeople(people_of_day(), seed, NINE)
        cut = people.behaviour(42, "", 1, 51.0)
        assert cut.ring_s >= 30.0 - JITTER_S, "drawn from those that rang at least as long"
        rings.add(round(cut.ring_s))
        lost = people.behaviour(43, "", 1, 52.0)
        assert lost.ring_s == pytest.approx(20.0, abs=JITTER_S)
        talks.add(lost.talk_s)
        ends.add(people.behaviour(44, "", 1, 53.0).talk_s)
        assert (people.asked, people.drawn, people.guessed) == (3, 0, 3)
    assert len(rings) == 11
    assert talks == {100.0 + n for n in range(8, 33)}, "the 25 that rang about as long"
    assert ends == {100.0 + n for n in range(30, 41)}, "never shorter than it was"


def test_people_who_were_not_called_are_drawn_and_counted() -> None:
    known = people_of_day()
    afternoon = [replace(one, at_s=one.at_s + 4 * 3600.0, talk_s=500.0) for one in known[:40]] * 2
    people = RecordedPeople([*known, *afternoon], 3, NINE)
    count = len(known) + len(afternoon)
    drawn = [people.behaviour(count + n, "", 1, 4 * 3600.0 + 600.0) for n in range(1, 61)]
    assert {one.talk_s for one in drawn} == {500.0}, "people of the same hour"
    assert (people.asked, people.drawn) == (60, 60)
    again = RecordedPeople([*known, *afternoon], 3, NINE)
    assert again.behaviour(count + 9, "", 1, 4 * 3600.0 + 600.0) == drawn[8]
