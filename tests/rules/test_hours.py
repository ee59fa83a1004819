"""Calling hours: weekdays, holidays and eves, changed clocks, unknown zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.rules.hours import (
    HoursVerdict,
    candidate_zones,
    check_hours,
    day_end,
    holiday_name,
    spans_of_day,
)
from dialer_core.rules.profiles import profile

GB, US, IT, STRICT, REHEARSAL = (profile(p) for p in ("GB", "US", "IT", "STRICT", "REHEARSAL"))
LONDON, ROME = "Europe/London", "Europe/Rome"
MOMENTS = st.integers(0, 2 * 365 * 86400).map(
    lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)


def at(text: str, zone: str = LONDON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def gb(text: str, region: str = "GB") -> HoursVerdict:
    return check_hours(GB, [LONDON], region, at(text))


@pytest.mark.parametrize(
    ("moment", "is_open", "next_local"),
    [
        ("2026-03-01T03:00", False, "2026-03-02T08:00"),  # Sunday, three in the morning
        ("2026-03-02T07:59:59", False, "2026-03-02T08:00"),
        ("2026-03-02T08:00", True, None),
        ("2026-03-02T20:59:15", True, None),  # rings 45 s and ends with the hours
        ("2026-03-02T20:59:16", False, "2026-03-03T08:00"),
        ("2026-03-07T08:30", False, "2026-03-07T09:00"),  # Saturday
        ("2026-12-24T20:00", True, None),  # no rule for eves in GB
        ("2026-12-25T12:00", False, "2026-12-29T08:00"),  # feast, Boxing Day, Sunday, its Monday
        ("2026-03-28T21:00", False, "2026-03-30T08:00"),  # the clock goes forward that Sunday
        ("2026-10-24T21:00", False, "2026-10-26T08:00"),  # and back
    ],
)
def test_gb(moment: str, is_open: bool, next_local: str | None) -> None:
    verdict = gb(moment)
    assert verdict.is_open is is_open
    expected = None if next_local is None else at(next_local)
    assert verdict.opens_at == expected


def test_an_open_hour_says_when_the_last_dial_may_start() -> None:
    assert gb("2026-03-02T12:00").closes_at == at("2026-03-02T20:59:15")


def test_summer_time_moves_the_hours_in_utc() -> None:
    assert check_hours(GB, [LONDON], "GB", datetime(2026, 3, 30, 7, 0, tzinfo=UTC)).is_open
    assert not check_hours(GB, [LONDON], "GB", datetime(2026, 3, 27, 7, 0, tzinfo=UTC)).is_open
    # US: Sunday of the change, 8:00 there is one hour earlier in UTC than the day before
    new_york = ["America/New_York"]
    first = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
    assert check_hours(US, new_york, "US-NY", first).is_open
    assert not check_hours(US, new_york, "US-NY", first - timedelta(seconds=1)).is_open


def test_a_holiday_of_one_nation_closes_for_it_and_for_those_of_unknown_nation() -> None:
    saint_andrew = "2026-11-30T12:00"
    assert not gb(saint_andrew, "GB-SCT").is_open
    assert gb(saint_andrew, "GB-ENG").is_open
    unknown = gb(saint_andrew, "GB")
    assert not unknown.is_open
    assert "Andrew" in unknown.because


def test_an_eve_narrows_the_day_and_a_holiday_replaces_it() -> None:
    eve = date(2026, 12, 24)  # a Thursday
    assert spans_of_day(IT, "IT", eve) == ((10 * 60, 19 * 60),)
    assert spans_of_day(IT, "IT", date(2026, 12, 25)) == ()
    assert spans_of_day(IT, "IT", date(2026, 12, 22)) == ((9 * 60, 20 * 60),)
    verdict = check_hours(IT, [ROME], "IT", at("2026-12-24T19:30", ROME))
    assert not verdict.is_open
    assert verdict.because.startswith("eve of ")
    strict_eve = spans_of_day(STRICT, "FR", date(2026, 12, 31))  # the 24th is a feast in Poland
    assert strict_eve == ((600, 780), (840, 1140))


def test_a_holiday_that_changes_nothing_is_not_blamed() -> None:
    christmas = check_hours(
        US, ["America/New_York"], "US-NY", at("2026-12-25T07:00", "America/New_York")
    )
    assert not christmas.is_open
    assert christmas.because == ""


def test_states_narrow_the_hours_and_an_unknown_state_takes_them_all() -> None:
    assert spans_of_day(US, "US-FL", date(2026, 3, 1)) == ((480, 1200),)
    assert spans_of_day(US, "US-TX", date(2026, 3, 1)) == ((720, 1260),)  # Sunday
    assert spans_of_day(US, "US-NY", date(2026, 3, 1)) == ((480, 1260),)
    assert spans_of_day(US, "US", date(2026, 3, 1)) == ((720, 1200),)


def test_with_several_zones_all_must_agree() -> None:
    zones = ["America/New_York", "America/Los_Angeles"]
    morning = at("2026-03-03T10:59", "America/New_York")
    assert not check_hours(US, zones, "US-NY", morning).is_open  # 7:59 in Los Angeles
    verdict = check_hours(US, zones, "US-NY", morning)
    assert verdict.opens_at == at("2026-03-03T08:00", "America/Los_Angeles")
    assert verdict.zone.key == "America/Los_Angeles"
    assert check_hours(US, zones, "US-NY", morning + timedelta(minutes=1)).is_open


@pytest.mark.parametrize("zones", [[], ["Etc/Unknown"], ["Mars/Olympus"], ["", "../etc/passwd"]])
def test_unknown_zones_fall_back_on_profile_country_or_the_whole_world(zones: list[str]) -> None:
    assert [z.key for z in candidate_zones(GB, zones, "GB")] == [LONDON]
    assert len(candidate_zones(US, zones, "US")) == 8
    assert len(candidate_zones(profile("FR"), zones, "FR")) == 6
    assert len(candidate_zones(STRICT, zones, "")) == 27


def test_one_bad_zone_among_good_ones_is_not_passed_over() -> None:
    assert len(candidate_zones(US, ["America/New_York", "Mars/Olympus"], "US")) == 8


def test_nobody_knows_where_means_never_under_strict_and_ever_in_rehearsal() -> None:
    noon = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
    strict = check_hours(STRICT, [], "", noon)
    assert not strict.is_open
    assert strict.opens_at is None
    assert check_hours(REHEARSAL, [], "", noon).is_open


@given(MOMENTS, st.sampled_from([LONDON, ROME]))
def test_rehearsal_is_open_at_every_moment(moment: datetime, zone: str) -> None:
    verdict = check_hours(REHEARSAL, [zone], "GB", moment)
    assert verdict.is_open
    assert verdict.closes_at is None


@given(MOMENTS, st.sampled_from(["GB", "IT"]))
def test_what_is_promised_as_the_next_opening_is_open_and_nothing_before(
    moment: datetime, profile_id: str
) -> None:
    rules = profile(profile_id)
    verdict = check_hours(rules, [], profile_id, moment)
    if verdict.is_open:
        assert verdict.opens_at is None
        return
    assert verdict.opens_at is not None
    assert check_hours(rules, [], profile_id, verdict.opens_at).is_open
    just_before = verdict.opens_at - timedelta(microseconds=1)
    assert not check_hours(rules, [], profile_id, just_before).is_open


@given(MOMENTS)
def test_an_open_call_never_rings_out_of_hours(moment: datetime) -> None:
    if check_hours(GB, [], "GB", moment).is_open:
        local = (moment + timedelta(seconds=GB.max_ring_s)).astimezone(ZoneInfo(LONDON))
        assert (local.hour, local.minute, local.second, local.microsecond) <= (21, 0, 0, 0)
        assert moment.astimezone(ZoneInfo(LONDON)).hour >= 8
        assert local.weekday() != 6


def test_a_profile_that_never_opens_gives_no_moment() -> None:
    never = msgspec.structs.replace(
        GB,
        calling_hours=msgspec.structs.replace(
            GB.calling_hours, **dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat"), ())
        ),
    )
    assert check_hours(never, [], "GB", at("2026-03-03T12:00")).opens_at is None


def test_spans_that_touch_at_midnight_are_one_and_a_span_in_a_lost_hour_is_none() -> None:
    late = msgspec.structs.replace(
        GB, calling_hours=msgspec.structs.replace(GB.calling_hours, sun=(("01:00", "02:00"),))
    )
    lost_hour = at("2026-03-29T00:59")  # 01:00 to 02:00 does not exist that night in London
    verdict = check_hours(late, [LONDON], "GB", lost_hour)
    assert not verdict.is_open
    assert verdict.opens_at == at("2026-03-30T08:00")


def test_holidays_by_calendar() -> None:
    assert holiday_name("IT-national", "IT", date(2026, 8, 15))
    assert holiday_name("DE-national(+Land)", "DE", date(2026, 1, 6)) == ""
    assert holiday_name("DE-national(+Land)", "DE-BY", date(2026, 1, 6))
    assert holiday_name("NONE", "GB", date(2026, 12, 25)) == ""
    assert holiday_name("ALL_CONFIGURED", "", date(2026, 7, 14))  # France
    assert holiday_name("a calendar of tomorrow", "", date(2026, 7, 14))


def test_the_day_ends_at_the_midnight_of_its_zone() -> None:
    moment = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # a day of 25 hours in London
    assert day_end(moment, ZoneInfo(LONDON)) == datetime(2026, 10, 26, 0, 0, tzinfo=UTC)
    assert day_end(moment, ZoneInfo("America/New_York")) == datetime(2026, 10, 25, 4, tzinfo=UTC)
