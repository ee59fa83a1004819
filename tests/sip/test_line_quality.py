"""What a line tells of each leg's sound, held against what was really sent."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from sip.leg_numbers import LegNumbers
from sip.line.quality import _loss_in, _loss_out, level_dbfs
from sip.messages import CallArranged, CallQuality, LegQuality, Side
from tests.sip.control_kit import TONES_HZ, Stage, make_stage
from tests.sip.party import pair

pytestmark = pytest.mark.sip


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from make_stage(tmp_path_factory.mktemp("q"))


def qualities(stage: Stage, count: int) -> list[CallQuality]:
    until_s = time.monotonic() + 20
    while time.monotonic() < until_s:
        found = [q for q in stage.line.all(CallQuality) if q.attempt_id == stage.attempt_id]
        if len(found) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError("the line tells nothing of the quality")


def of(quality: CallQuality, side: Side) -> LegQuality:
    return next(leg for leg in quality.legs if leg.side == side)


def true_level_dbfs() -> float:
    sound = np.abs(np.frombuffer(pair(*TONES_HZ["person"], 1.0), dtype="<i2").astype(float)).mean()
    return 20 * math.log10(sound / (32768 * 2 / math.pi))


def test_every_two_seconds_each_leg_with_its_levels(stage: Stage) -> None:
    stage.talk()
    told = qualities(stage, 3)
    spaces_s = [b.at.mono_s - a.at.mono_s for a, b in pairwise(told)]
    assert all(1.9 < space_s < 2.4 for space_s in spaces_s)
    stage.end()
    last = told[-1]
    assert {leg.side for leg in last.legs} == {"person", "agent"}
    person = of(last, "person")
    assert person.codec == "PCMA"
    assert (person.loss_in, person.loss_out) in ((0.0, 0.0), (0.0, None))
    assert person.level_in_dbfs == pytest.approx(true_level_dbfs(), abs=1.5)
    assert person.level_out_dbfs == pytest.approx(true_level_dbfs(), abs=1.5)
    assert 250 < person.packets_in < 400
    assert person.heard_age_s is not None
    assert person.heard_age_s < 0.2
    assert person.jitter_ms is not None
    assert person.jitter_ms < 10
    host, _, _port = stage.addresses["person"].trunk.partition(":")
    assert person.address.startswith(host)


def test_on_hold_the_person_is_still_measured(stage: Stage) -> None:
    stage.talk()
    stage.arrange("hold")
    count = len(qualities(stage, 1))
    last = qualities(stage, count + 2)[-1]
    stage.end()
    assert of(last, "person").level_in_dbfs == pytest.approx(true_level_dbfs(), abs=1.5)
    assert of(last, "agent").level_out_dbfs is None, "the agent hears nothing"


def test_third_and_supervisor_are_told_as_well(stage: Stage) -> None:
    stage.talk()
    stage.dial_colleague()
    stage.wait(CallArranged, how="consult")
    count = len([q for q in stage.line.all(CallQuality) if q.attempt_id == stage.attempt_id])
    last = qualities(stage, count + 2)[-1]
    stage.end()
    assert {leg.side for leg in last.legs} == {"person", "agent", "third"}


def test_a_far_end_that_falls_silent_is_seen_by_its_age(stage: Stage) -> None:
    stage.talk()
    stage.pause("person", is_paused=True)
    try:
        count = len([q for q in stage.line.all(CallQuality) if q.attempt_id == stage.attempt_id])
        last = qualities(stage, count + 2)[-1]
    finally:
        stage.pause("person", is_paused=False)
    person = of(last, "person")
    assert person.heard_age_s is not None
    assert person.heard_age_s > 1.5
    assert person.loss_in is None, "nothing came: no share can be told"
    stage.end()


# --- the arithmetic ----------------------------------------------------------------------------


@pytest.mark.parametrize("dbfs", [-40.0, -30.0, -20.0, -10.0])
def test_a_level_survives_the_bridges_scale(dbfs: float) -> None:
    """PJSIP's own way there: mean magnitude, mu-law code, hundredths of 255."""
    magnitude = 10 ** (dbfs / 20) * 32768 * 2 / math.pi
    codes = [((c & 15) << 3) + 0x84 << (c >> 4) for c in range(128)]
    code = min(range(128), key=lambda c: abs(codes[c] - 0x84 - magnitude))
    assert level_dbfs(code * 100 // 255) == pytest.approx(dbfs, abs=1.5)


def test_silence_has_no_level() -> None:
    assert level_dbfs(0) is None


def numbers(packets: int, lost: int, lost_out: int | None) -> LegNumbers:
    return LegNumbers(
        codec="PCMA",
        address="",
        packets_in=packets,
        packets_out=packets,
        lost_in=lost,
        lost_out=lost_out,
        jitter_ms=None,
        round_trip_ms=None,
    )


def test_losses_are_shares_of_the_last_interval() -> None:
    before, now = numbers(1000, 50, 5), numbers(1090, 60, 25)
    assert _loss_in(before, now) == pytest.approx(0.1)
    assert _loss_out(before, now) == pytest.approx(20 / 90)
    assert _loss_in(now, now) is None
    assert _loss_out(before, numbers(1090, 60, None)) is None
    assert _loss_in(None, numbers(90, 10, None)) == pytest.approx(0.1)
