"""The line doctor: each symptom in its words, causes before effects, and no flicker."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk.doctor import (
    MOST,
    RULES,
    Advice,
    Facts,
    LegFacts,
    LineDoctor,
    facts_of_call,
    symptoms,
)
from sip.messages import (
    CallQuality,
    LegQuality,
    Stamp,
)

GOOD_LEG = LegFacts(
    address="192.0.2.7",
    loss_in=0.0,
    loss_out=0.0,
    jitter_ms=4.0,
    round_trip_ms=40.0,
    level_in_dbfs=-20.0,
    packets_in=900,
    heard_age_s=0.02,
)
GOOD = Facts(
    is_in_call=True,
    call_age_s=20.0,
    sound="Headset",
    microphone_dbfs=-18.0,
    heard_dbfs=-22.0,
    seat=GOOD_LEG,
    person=GOOD_LEG,
)


def leg(**changes: object) -> LegFacts:
    return replace(GOOD_LEG, **changes)  # type: ignore[arg-type]  # names are the test's own


CASES: tuple[tuple[str, Facts, str, str], ...] = (
    (
        "muted_by_system",
        replace(GOOD, is_muted_by_system=True, microphone_dbfs=-100.0),
        "Your microphone is muted by the system.",
        "Unmute it",
    ),
    (
        "person_unheard",
        replace(GOOD, person=leg(packets_in=0, heard_age_s=None)),
        "No packets arrive from 192.0.2.7: a firewall?",
        "Let UDP",
    ),
    (
        "person_unheard",
        replace(GOOD, person=leg(heard_age_s=7.0)),
        "Packets from 192.0.2.7 have stopped.",
        "hang up and call once more",
    ),
    (
        "seat_unheard",
        replace(GOOD, seat=leg(packets_in=0, heard_age_s=None)),
        "No packets arrive between your PC and 192.0.2.7: a firewall?",
        "firewall of this PC",
    ),
    (
        "microphone_silent",
        replace(GOOD, microphone_dbfs=-100.0),
        "The person cannot hear you: your microphone gives no sound.",
        "switch on the headset",
    ),
    (
        "loss_to_you",
        replace(GOOD, seat=leg(loss_in=0.08)),
        "Many packets are lost on the way to you (8 %).",
        "cable instead of Wi-Fi",
    ),
    (
        "loss_from_you",
        replace(GOOD, seat=leg(loss_out=0.2)),
        "So many packets are lost that words are missing on the way from you (20 %).",
        "cable instead of Wi-Fi",
    ),
    (
        "loss_from_person",
        replace(GOOD, person=leg(loss_in=0.06)),
        "Many packets are lost on the way from the provider (6 %).",
        "internet connection",
    ),
    (
        "loss_to_person",
        replace(GOOD, person=leg(loss_out=0.06)),
        "Many packets are lost on the way to the provider (6 %).",
        "internet connection",
    ),
    (
        "clipping",
        replace(GOOD, microphone_dbfs=-0.1),
        "Your voice is distorted: the microphone is too loud.",
        "down",
    ),
    (
        "jitter",
        replace(GOOD, seat=leg(jitter_ms=75.4)),
        "Packets arrive unevenly between your phone and the line (75 ms).",
        "cable",
    ),
    (
        "delay",
        replace(GOOD, seat=leg(round_trip_ms=200.0), person=leg(round_trip_ms=330.0)),
        "Words are long on their way: 0.5 s there and back.",
        "Let the person finish",
    ),
    (
        "microphone_quiet",
        replace(GOOD, microphone_dbfs=-50.0),
        "Your voice is very quiet.",
        "closer",
    ),
    (
        "person_silent",
        replace(GOOD, person=leg(level_in_dbfs=-100.0)),
        "Nothing but silence comes from the person, though the line is up.",
        "muted",
    ),
    (
        "echo",
        replace(GOOD, heard_dbfs=-8.0, microphone_dbfs=-25.0),
        "The person may hear an echo: the microphone picks the loud ear up.",
        "headset down",
    ),
    (
        "no_sound",
        replace(GOOD, has_sound=False, sound="the headset is not plugged in."),
        "Your phone has no sound: the headset is not plugged in.",
        "Plug the headset in",
    ),
)


@pytest.mark.parametrize(("code", "facts", "sentence", "to_do"), CASES)
def test_a_symptom_has_its_words_and_a_way_out(
    code: str, facts: Facts, sentence: str, to_do: str
) -> None:
    (found,) = symptoms(facts)
    assert (found.code, found.sentence) == (code, sentence)
    assert to_do in found.what_to_do


def test_every_rule_is_tried_here() -> None:
    assert {code for code, *_ in CASES} == {rule.code for rule in RULES}


def test_a_good_call_and_an_idle_seat_need_no_advice() -> None:
    assert symptoms(GOOD) == []
    assert symptoms(Facts()) == []
    assert symptoms(replace(GOOD, is_muted=True, microphone_dbfs=-100.0)) == []


def test_a_young_call_is_given_time() -> None:
    unheard = replace(GOOD, person=leg(packets_in=0, heard_age_s=None), call_age_s=1.0)
    assert symptoms(unheard) == []


def test_a_cause_hides_what_it_explains() -> None:
    silent = leg(packets_in=0, heard_age_s=None, level_in_dbfs=-100.0, loss_in=1.0, jitter_ms=90.0)
    assert [one.code for one in symptoms(replace(GOOD, person=silent))] == ["person_unheard"]


def test_somebody_else_reads_of_the_agent_by_name() -> None:
    facts = replace(GOOD, name="Anna", is_muted_by_system=True, seat=leg(loss_in=0.08))
    assert [one.sentence for one in symptoms(facts)] == [
        "Anna's microphone is muted by the system.",
        "Many packets are lost on the way to Anna (8 %).",
    ]


# --- over time ------------------------------------------------------------------------------


def codes(advice: tuple[Advice, ...]) -> list[str]:
    return [one.code for one in advice]


def test_loss_must_last_and_stays_for_a_while() -> None:
    doctor, lossy = LineDoctor(keeps_s=6.0), replace(GOOD, seat=leg(loss_in=0.08))
    assert codes(doctor.examine(lossy, 0.0)) == []
    assert codes(doctor.examine(lossy, 2.0)) == ["loss_to_you"]
    assert codes(doctor.examine(GOOD, 4.0)) == ["loss_to_you"]
    assert codes(doctor.examine(GOOD, 7.9)) == ["loss_to_you"]
    assert codes(doctor.examine(GOOD, 8.1)) == []


def test_loss_about_its_limit_does_not_flicker() -> None:
    doctor = LineDoctor()
    told = []
    for second in range(0, 120, 2):
        share = 0.055 if second % 4 == 0 or second < 6 else 0.03
        facts = replace(GOOD, seat=leg(loss_in=share))
        told.append(tuple(one.sentence for one in doctor.examine(facts, float(second))))
    assert len(set(told)) == 2  # nothing, then one sentence that stays word for word
    assert told[-1] == ("Many packets are lost on the way to you (6 %).",)


def test_what_the_system_says_is_told_and_taken_back_at_once() -> None:
    doctor = LineDoctor()
    assert codes(doctor.examine(replace(GOOD, is_muted_by_system=True), 0.0)) == ["muted_by_system"]
    assert codes(doctor.examine(GOOD, 0.1)) == []


def test_a_headset_that_cuts_noise_off_is_not_taken_for_dead() -> None:
    doctor, silent = LineDoctor(), replace(GOOD, microphone_dbfs=-100.0)
    doctor.examine(GOOD, 0.0)
    assert all(codes(doctor.examine(silent, float(s))) == [] for s in range(2, 30, 2))
    assert codes(doctor.examine(silent, 33.0)) == ["microphone_silent"]
    fresh = LineDoctor()
    fresh.examine(silent, 0.0)
    assert codes(fresh.examine(silent, 6.0)) == ["microphone_silent"]


def test_another_address_is_another_sentence() -> None:
    doctor = LineDoctor()
    for address in ("192.0.2.7", "192.0.2.9"):
        facts = replace(GOOD, person=leg(packets_in=0, heard_age_s=None, address=address))
        assert address in doctor.examine(facts, 0.0)[0].sentence


def test_a_new_call_is_examined_afresh() -> None:
    doctor, lossy = LineDoctor(), replace(GOOD, seat=leg(loss_in=0.08))
    doctor.examine(lossy, 0.0)
    doctor.examine(lossy, 2.0)
    doctor.forget()
    assert codes(doctor.examine(GOOD, 2.1)) == []


numbers = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))
legs = st.one_of(
    st.none(),
    st.builds(
        LegFacts,
        address=st.text(max_size=20),
        loss_in=numbers,
        loss_out=numbers,
        jitter_ms=numbers,
        round_trip_ms=numbers,
        level_in_dbfs=numbers,
        packets_in=st.one_of(st.none(), st.integers(-5, 2**63)),
        heard_age_s=numbers,
    ),
)
any_facts = st.builds(
    Facts,
    name=st.sampled_from(["", "Anna", "Quentin Bartholomew-Ashcroft", "{you}", "{"]),
    is_in_call=st.booleans(),
    call_age_s=st.floats(allow_nan=True),
    has_sound=st.booleans(),
    sound=st.text(max_size=30),
    is_muted=st.booleans(),
    is_muted_by_system=st.booleans(),
    microphone_dbfs=numbers,
    heard_dbfs=numbers,
    seat=legs,
    person=legs,
)


@given(seen=st.lists(st.tuples(any_facts, st.floats(0.0, 30.0)), max_size=12))
def test_whatever_is_measured_advice_is_short_ordered_and_whole(
    seen: list[tuple[Facts, float]],
) -> None:
    order = [rule.code for rule in RULES]
    doctor, now_s = LineDoctor(), 0.0
    for facts, later_s in seen:
        now_s += later_s
        told = doctor.examine(facts, now_s)
        assert len(told) <= MOST
        places = [order.index(one.code) for one in told]
        assert places == sorted(set(places))
        for one in told:
            assert one.sentence
            assert one.what_to_do.endswith(".")
            assert one.severity in ("trouble", "warning", "note")
            assert "nan" not in one.sentence.split("(")[-1]


@given(facts=any_facts, pause_s=st.floats(0.01, 5.0))
def test_what_does_not_change_is_told_in_the_same_words(facts: Facts, pause_s: float) -> None:
    doctor = LineDoctor()
    doctor.examine(facts, 0.0)
    settled = doctor.examine(facts, 100.0)
    assert doctor.examine(facts, 100.0 + pause_s) == settled


# --- from what engines report ---------------------------------------------------------------

NOW = Stamp(50.0, 1000.0)


def test_a_lines_report_is_turned_round_for_the_agents_leg() -> None:
    def quality(side: str, loss_in: float) -> LegQuality:
        return LegQuality(
            side="agent" if side == "agent" else "person",
            codec="PCMA",
            loss_in=loss_in,
            loss_out=0.0,
            jitter_ms=1.0,
            round_trip_ms=2.0,
            level_in_dbfs=-20.0,
            level_out_dbfs=-20.0,
            packets_in=100,
            packets_out=100,
            heard_age_s=0.0,
        )

    call = CallQuality(
        at=NOW, attempt_id="a", legs=(quality("agent", 0.10), quality("person", 0.12))
    )
    facts = facts_of_call(call, name="Anna", answered_utc_s=900.0)
    assert [one.code for one in symptoms(facts)] == ["loss_from_you", "loss_from_person"]
    assert facts.call_age_s == 100.0
    assert symptoms(facts_of_call(call, name="Anna", answered_utc_s=None)) == []


def test_every_fact_may_be_left_out() -> None:
    assert all(math.isfinite(GOOD.call_age_s) and one.name for one in fields(Facts))
    assert symptoms(Facts(is_in_call=True, call_age_s=60.0)) == []
