"""Reading the logs, and what the ring model learns of them."""

from __future__ import annotations

import numpy as np
import pytest

from dialer_core.pacing import HandleEnd, RingEnd
from dialer_core.pacing.reader import LogReader, is_sound, is_time
from dialer_core.pacing.rings import BINS, LEVELS, RECENT, RingModel
from tests.pacing.views import HANDLED, INF, NAN, RINGS


def learnt(rings: list[RingEnd], handles: list[HandleEnd] | None = None) -> RingModel:
    model = RingModel()
    model.read(rings, handles or [], 2.0)
    return model


# --- logs ---------------------------------------------------------------------------------------


def test_a_log_is_read_once_and_again_if_it_is_another() -> None:
    reader: LogReader[int] = LogReader()
    forgotten: list[str] = []
    log = [1, 2, 3]

    def forget() -> None:
        forgotten.append("all")

    assert list(reader.new(log, forget)) == [1, 2, 3]
    log.append(4)
    assert list(reader.new(log, forget)) == [4]
    assert list(reader.new(log, forget)) == []
    assert list(reader.new([1, 2, 3, 4], forget)) == []  # a copy
    assert forgotten == []
    assert list(reader.new([9], forget)) == [9]
    assert list(reader.new([7, 8], forget)) == [7, 8]
    assert list(reader.new([], forget)) == []
    assert len(forgotten) == 3
    assert list(LogReader[int](longest=2).new([1, 2, 3], forget)) == [2, 3]


@pytest.mark.parametrize("seconds", [NAN, INF, -INF, -0.001, 1e9, "3", None, [1.0], 3 + 0j])
def test_what_is_no_length_of_time(seconds: object) -> None:
    assert not is_time(seconds)
    assert not is_sound(RingEnd(1.0, seconds, True), "launched", "ring_s")  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [0, 0.0, 12, 3.5, np.float64(4.0)])
def test_what_is_a_length_of_time(seconds: float) -> None:
    assert is_time(seconds)


@pytest.mark.parametrize("entry", [None, 5, "ring", (1.0, 2.0, True), object()])
def test_an_entry_without_its_fields_is_not_sound(entry: object) -> None:
    assert not is_sound(entry, "launched", "ring_s")


def test_a_moment_before_the_clock_began_is_sound() -> None:
    assert is_sound(RingEnd(-3000.0, 8.0, True), "launched", "ring_s")
    assert not is_sound(RingEnd(-INF, 8.0, True), "launched", "ring_s")
    assert not is_sound(RingEnd(1.0, -8.0, True), "launched", "ring_s")


# --- rings --------------------------------------------------------------------------------------


def test_it_learns_who_answers_and_when() -> None:
    model = learnt(
        [RingEnd(float(i), 10.2 if i % 4 == 0 else 25.0, i % 4 == 0) for i in range(1400)]
    )
    assert model.chance == pytest.approx(0.25, abs=0.02)
    assert model.worth_all[0] == pytest.approx(0.25, abs=0.02)
    assert model.worth[30] < 0.02  # after 15 s nobody answers here
    assert model.horizons[1] == pytest.approx(10.5, abs=0.5)
    model.read([RingEnd(0.0, 500.0, True)], [], 2.0)  # another log, and a very long ring
    assert model.seen == 1


def test_its_tables_are_chances() -> None:
    model = learnt(RINGS, HANDLED)
    assert len(model.horizons) == len(LEVELS)
    assert list(model.horizons) == sorted(model.horizons)
    assert model.both.shape == (len(LEVELS), BINS)
    assert np.all((model.both >= 0.0) & (model.both <= 1.0))
    assert np.all(np.diff(model.people, axis=0) >= -1e-12)  # later horizons, more people
    assert np.all(model.people[-1] <= model.worth + 1e-9)
    assert np.all(model.worth <= model.worth_all + 1e-9)
    assert 0.0 < model.person_chance < model.chance < 1.0


def test_without_a_call_there_is_a_prior() -> None:
    model = learnt([])
    assert 0.05 < model.chance < 0.8
    assert 0.5 < model.person_share(5.0) < 1.0
    one = learnt([RingEnd(0.0, 9.0, True)])
    assert model.chance < one.chance < 0.9  # one call is no certainty


def test_machines_are_known_by_their_late_answers() -> None:
    handles = [
        HandleEnd(float(i), 6.0 if i % 2 else 90.0, 4.0, bool(i % 2), 18.0 if i % 2 else 8.0)
        for i in range(400)
    ]
    rings = [RingEnd(float(i), 18.0 if i % 2 else 8.0, True) for i in range(400)]
    model = learnt(rings, handles)
    assert model.person_share(8.0) > 0.95
    assert model.person_share(18.0) < 0.05
    assert model.person_share(NAN) == model.person_share(-1.0)
    assert 0.0 < model.person_share(1e6) < 1.0
    assert model.machine_s == pytest.approx(10.0, abs=0.5)
    assert model.person_chance == pytest.approx(0.5, abs=0.05)
    # after 12 s of ringing only machines are left
    assert model.worth[26] < 0.1 < model.worth_all[26]


@pytest.mark.parametrize("overlap_s", [0.0, 4.0])
def test_the_person_share_is_well_calibrated(overlap_s: float) -> None:
    draw = np.random.default_rng(5)
    is_machine = draw.random(4000) < 0.4
    ring_s = np.where(
        is_machine, draw.normal(18.0 - overlap_s, 3.0, 4000), 2.0 + draw.lognormal(2.0, 0.5, 4000)
    ).clip(1.0, 40.0)
    handles = [
        HandleEnd(float(i), 20.0, 5.0, bool(m), float(s))
        for i, (m, s) in enumerate(zip(is_machine, ring_s, strict=True))
    ]
    model = RingModel()
    told, true = [], []
    for place in range(600, 4000, 10):  # each said before its outcome is known
        model.read([], handles[:place], 2.0)
        for one in handles[place : place + 10]:
            told.append(model.person_share(one.ring_s))
            true.append(not one.was_machine)
    order = np.argsort(told)
    for part in np.array_split(order, 5):
        said, came = float(np.mean(np.array(told)[part])), float(np.mean(np.array(true)[part]))
        assert said == pytest.approx(came, abs=0.06)


def test_worth_is_reliable_for_calls_that_ring_on() -> None:
    draw = np.random.default_rng(11)
    answered = draw.random(6000) < 0.4
    ring_s = np.where(answered, 2.0 + draw.lognormal(2.0, 0.5, 6000), 25.0).clip(0.0, 25.0)
    model = learnt(
        [
            RingEnd(float(i), float(s), bool(a))
            for i, (a, s) in enumerate(zip(answered, ring_s, strict=True))
        ]
    )
    for age_s in (0.0, 4.0, 8.0, 12.0):
        rings_on = ring_s > age_s
        true = float(answered[rings_on].mean())
        assert float(model.worth_all[int(age_s * 2)]) == pytest.approx(true, abs=0.06)


def test_a_level_that_has_plainly_changed_is_forgotten_fast() -> None:
    log = [RingEnd(float(i), 8.0, i % 5 == 0) for i in range(1000)]
    model = learnt(log)
    assert model.chance == pytest.approx(0.2, abs=0.03)
    for i in range(2 * RECENT):
        log.append(RingEnd(1000.0 + i, 8.0, i % 5 < 3))
        model.read(log, [], 2.0)
    # plain fading alone would still stand at about 0.3
    assert model.chance == pytest.approx(0.6, abs=0.1)


def test_a_level_that_stays_is_not_forgotten() -> None:
    draw = np.random.default_rng(3)
    log = [RingEnd(float(i), 8.0, bool(draw.random() < 0.3)) for i in range(3000)]
    model = RingModel()
    told = []
    for place in range(600, 3000, 4):
        model.read(log[:place], [], 2.0)
        told.append(model.chance)
    assert float(np.std(told)) < 0.04
    assert float(np.mean(told)) == pytest.approx(0.3, abs=0.03)


def test_all_calls_answered_and_none_answered_stay_chances() -> None:
    for is_answered in (True, False):
        log = [RingEnd(float(i), 6.0, is_answered) for i in range(900)]
        log += [RingEnd(float(i), 6.0, not is_answered) for i in range(900, 1100)]
        model = RingModel()
        for place in range(100, 1101, 50):
            model.read(log[:place], [], 2.0)
            assert 0.0 < model.chance < 1.0
            assert np.all(np.isfinite(model.both))


def test_it_stays_finite_over_a_long_day() -> None:
    model = RingModel()
    log: list[RingEnd] = []
    handles: list[HandleEnd] = []
    for i in range(12_000):
        log.append(RingEnd(float(i), 5.0 + i % 3, i % 3 == 0))
        handles.append(HandleEnd(float(i), 60.0, 10.0, i % 4 == 0, 5.0))
        if i % 20 == 0:
            model.read(log, handles, 2.0)
    assert model.chance == pytest.approx(1 / 3, abs=0.03)
    assert model.person_share(5.0) == pytest.approx(0.75, abs=0.05)
    assert np.all(np.isfinite(model.both))


def test_entries_that_make_no_sense_are_counted_and_left_out() -> None:
    bad = [RingEnd(1.0, NAN, True), RingEnd(NAN, 4.0, True), RingEnd(1.0, -4.0, True)]
    model = learnt([*RINGS, *bad, None])  # type: ignore[list-item]
    assert model.nonsense == 4
    assert model.seen == len(RINGS)
    assert model.chance == learnt(RINGS).chance
    model.read(RINGS[:50], [], 2.0)  # another log: its own sins only
    assert model.nonsense == 0
    assert model.seen == 50
