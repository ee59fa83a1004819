"""The shipped profiles are whole, damaged ones are refused in a sentence."""

from __future__ import annotations

import json
import math
from pathlib import Path

import msgspec
import pytest

import resources
from dialer_core.model.errors import KnownError
from dialer_core.model.states import Outcome
from dialer_core.rules import profiles as module
from dialer_core.rules.profiles import (
    LockoutMode,
    RegionOverride,
    minutes,
    profile,
    profiles,
    read_profiles,
    rehearsal_at_speed,
)

COUNTRIES = ("STRICT", "GB", "US", "IT", "PL", "DE", "FR")


def raw() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(
        resources.path("rule_profiles.json").read_text()
    )
    return found


def test_all_profiles_are_there_with_their_stamp() -> None:
    assert set(profiles()) == {*COUNTRIES, "REHEARSAL"}
    assert profile("GB").stamp == "GB@2026-11-21"


@pytest.mark.parametrize("profile_id", COUNTRIES)
def test_strict_is_at_least_as_strict(profile_id: str) -> None:
    strict, other = profile("STRICT"), profile(profile_id)
    assert strict.abandon_cap <= other.abandon_cap
    assert strict.abandon_target <= other.abandon_target
    assert strict.connect_limit_ms <= other.connect_limit_ms
    assert strict.min_ring_s >= other.min_ring_s


@pytest.mark.parametrize("profile_id", [*COUNTRIES, "REHEARSAL"])
def test_a_person_who_was_abandoned_is_locked_out_under_every_profile(profile_id: str) -> None:
    assert any(rule.outcome == Outcome.ABANDONED for rule in profile(profile_id).lockouts)


def test_rings_and_seconds_must_both_be_met() -> None:
    assert profile("GB").min_ring_s == 15
    assert profile("US").min_ring_s == 20  # four rings of 5 s are longer than 15 s
    assert profile("GB").connect_limit_s == 2
    assert profile("GB").max_ring_s == 45


def test_rehearsal_runs_at_any_hour_and_keeps_the_rest_of_gb() -> None:
    rehearsal, gb = profile("REHEARSAL"), profile("GB")
    hours = rehearsal.calling_hours
    assert {*hours.week(), hours.holiday} == {(("00:00", "24:00"),)}
    assert rehearsal.lockouts == gb.lockouts
    assert rehearsal.attempt_limits == gb.attempt_limits
    assert (rehearsal.abandon_cap, rehearsal.abandon_target) == (0.03, gb.abandon_target)
    assert (rehearsal.min_ring_s, rehearsal.max_ring_s) == (15, 30)
    assert rehearsal.connect_clock == "ANSWER"
    assert rehearsal.dnc_registries == ()
    assert rehearsal.cli_required
    abandoned = next(rule for rule in rehearsal.lockouts if rule.outcome == Outcome.ABANDONED)
    assert (abandoned.seconds, abandoned.mode) == (72 * 3600, LockoutMode.RESERVED_AGENT_ONLY)


def test_speed_divides_ringing_and_never_the_connect_limit() -> None:
    fast = rehearsal_at_speed(profile("REHEARSAL"), 6)
    assert (fast.min_ring_s, fast.max_ring_s) == (2.5, 5)
    assert fast.connect_limit_s == 2
    assert fast.message_start_limit_ms == 2000
    assert fast.lockouts == profile("REHEARSAL").lockouts
    assert fast.stamp == "REHEARSAL@2026-11-21/x6"
    assert rehearsal_at_speed(profile("REHEARSAL"), 1) is profile("REHEARSAL")


@pytest.mark.parametrize("factor", [0.0, -1.0, 0.5, math.nan, math.inf])
def test_a_speed_that_makes_no_sense_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        rehearsal_at_speed(profile("REHEARSAL"), factor)


def test_the_law_of_real_people_is_not_sped_up() -> None:
    with pytest.raises(ValueError, match="GB"):
        rehearsal_at_speed(profile("GB"), 6)


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(KnownError, match=r"no rule profile 'XX'; choose one of DE, FR, GB"):
        profile("XX")


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"\xff\xfe", b'{"GB": {}}', b'{"GB": null}', b"null"]
)
def test_a_damaged_file_is_told_in_one_sentence(text: bytes) -> None:
    with pytest.raises(KnownError, match=r"^The file of rule profiles is damaged.*again\.$"):
        read_profiles(text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("abandon_cap", "3 %"),
        ("abandon_cap", 1.5),
        ("abandon_target", 0.04),
        ("abandon_target", -0.1),
        ("abandon_formula", "GUESS"),
        ("connect_limit_ms", 0),
        ("min_ring_ms", 60000),
        ("calling_hours", {}),
        ("region_overrides", [{"region": "GB-SCT", "hours": "in the morning"}]),
        ("region_overrides", [{"region": "GB-SCT", "hours": "21:00-08:00"}]),
        ("region_overrides", [{"region": "GB-SCT", "attempts": "often"}]),
        ("lockouts", [{"outcome": "BUSY", "seconds": -1, "mode": "BLOCK", "scope": "number"}]),
        ("profile_id", "US"),
        ("a_field_of_tomorrow", 1),
    ],
)
def test_a_profile_with_one_wrong_field_is_refused(field: str, value: object) -> None:
    data = raw()
    data["GB"][field] = value
    with pytest.raises(KnownError, match="damaged"):
        read_profiles(json.dumps(data))


@pytest.mark.parametrize("span", [["21:00", "08:00"], ["8", "9"], ["08:00", "24:01"]])
def test_hours_that_are_none_are_refused(span: list[str]) -> None:
    data = raw()
    hours = data["GB"]["calling_hours"]
    assert isinstance(hours, dict)
    hours["mon"] = [span]
    with pytest.raises(KnownError, match="damaged"):
        read_profiles(json.dumps(data))


def test_a_missing_file_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    module.profiles.cache_clear()
    monkeypatch.setattr(module, "SHIPPED", "gone.json")
    with pytest.raises(KnownError, match="missing"):
        profiles()
    module.profiles.cache_clear()


@pytest.mark.parametrize("text", ["", "8", "8:5", "ab:cd", "08:60", "-1:00"])
def test_a_time_of_day_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="time of day"):
        minutes(text)


def test_the_hours_of_a_region_are_read() -> None:
    texas = RegionOverride("US-TX", hours="Mon-Sat 09:00-21:00, Sun 12:00-21:00").week()
    assert texas == ((("09:00", "21:00"),),) * 6 + ((("12:00", "21:00"),),)
    assert RegionOverride("US-FL", hours="08:00-20:00 daily").week() == ((("08:00", "20:00"),),) * 7
    assert RegionOverride("US-FL").week() is None
    limit = RegionOverride("US-FL", attempts="3/PT24H same subject").limit()
    assert limit is not None
    assert (limit.count, limit.window) == (3, "ROLLING_PT24H")
    assert RegionOverride("US-TX").limit() is None


def test_a_profile_is_a_frozen_value() -> None:
    gb = profile("GB")
    with pytest.raises(AttributeError):
        gb.abandon_cap = 0.5  # type: ignore[misc]  # the point of the test
    assert msgspec.structs.replace(gb, abandon_target=0.01) != gb
    assert hash(gb) == hash(profile("GB"))


def test_resources_are_found_and_do_not_lead_out() -> None:
    assert isinstance(resources.path("rule_profiles.json"), Path)
    for name in ("../pyproject.toml", "gone.json", "/etc/passwd"):
        with pytest.raises(FileNotFoundError):
            resources.path(name)
