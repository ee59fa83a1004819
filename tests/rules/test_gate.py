"""The gate: its order, that it only ever gets stricter, and hours, attempts, lock-outs."""

from __future__ import annotations

import dataclasses
import string
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.model.states import Mode
from dialer_core.rules.facts import GateFacts, Lockout, Refusal, RefusalCode
from dialer_core.rules.gate import check, recheck
from dialer_core.rules.profiles import AttemptLimit, AttemptWindow, RuleProfile, profile
from tests.rules.gate_facts import (
    FR,
    GB,
    GOOD,
    HOUR,
    NOON,
    REHEARSAL,
    SUNDAY_0300,
    US,
    code,
    facts,
    refused,
)

# One fault for each code, in the gate's order.
FAULTS: Mapping[RefusalCode, Mapping[str, Any]] = {
    RefusalCode.NOT_DIALLABLE: {"is_diallable": False},
    RefusalCode.SUPPRESSED: {"is_suppressed": True},
    RefusalCode.REGISTRY_HIT: {"registry_hits": ("GB-TPS",)},
    RefusalCode.REGISTRY_STALE: {"registry_age_days": {}},
    RefusalCode.SECTOR_BANNED: {"sector": "pensions"},
    RefusalCode.OUT_OF_HOURS: {"zones": ("Pacific/Auckland",)},
    RefusalCode.ATTEMPT_LIMIT: {"attempts_at": (NOON - HOUR,) * 3},
    RefusalCode.LOCKED_OUT: {"lockouts": (Lockout("BLOCK", NOON + HOUR, "BUSY"),)},
    RefusalCode.CALLER_ID: {"caller_id": ""},
    RefusalCode.NO_RESERVED_AGENT: {"has_reserved_agent": False},
    RefusalCode.OVER_BUDGET: {"is_overdial": True, "drops_left": 0},
}


def test_nothing_stands_against_a_good_number() -> None:
    assert check(GOOD, GB, NOON) is None
    assert recheck(GOOD, GB, NOON) is None


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_refused_with_its_code_and_a_sentence(fault: RefusalCode) -> None:
    refusal = refused(facts(**FAULTS[fault]))
    assert refusal.code is fault
    assert refusal.sentence.endswith(".")
    assert refusal.sentence[0].isupper()
    assert "_" not in refusal.sentence


@given(st.sets(st.sampled_from(list(FAULTS)), min_size=1))
def test_the_first_fault_in_order_is_the_answer(faults: set[RefusalCode]) -> None:
    changes: dict[str, Any] = {}
    for fault in faults:
        changes.update(FAULTS[fault])
    order = [fault for fault in RefusalCode if fault in faults]
    assert code(facts(**changes)) == order[0].value
    last_moment = (RefusalCode.SUPPRESSED, RefusalCode.OUT_OF_HOURS, RefusalCode.LOCKED_OUT)
    again = recheck(facts(**changes), GB, NOON)
    expected = next((fault for fault in last_moment if fault in faults), None)
    assert (None if again is None else again.code) is expected


FACTS = st.builds(
    GateFacts,
    number=st.sampled_from(["+441614960123", "0161", ""]),
    is_diallable=st.booleans(),
    zones=st.sampled_from([(), ("Europe/London",), ("Asia/Tokyo", "Europe/London"), ("x",)]),
    region=st.sampled_from(["GB", "GB-SCT", "US", ""]),
    is_suppressed=st.booleans(),
    registry_hits=st.sampled_from([(), ("GB-TPS",), ("OTHER",)]),
    registry_age_days=st.sampled_from([{}, {"GB-TPS": 1.0, "GB-CTPS": 1.0}]),
    has_consent=st.booleans(),
    attempts_at=st.lists(
        st.integers(-40 * 24, 2).map(lambda hours: NOON + hours * HOUR), max_size=5
    ),
    lockouts=st.lists(
        st.builds(
            Lockout,
            mode=st.sampled_from(["BLOCK", "RESERVED_AGENT_ONLY", "RETIRE", "SUPPRESS", "?"]),
            until=st.sampled_from([None, NOON - HOUR, NOON, NOON + HOUR]),
            outcome=st.sampled_from(["BUSY", "ABANDONED", "SOMETHING_NEW"]),
        ),
        max_size=3,
    ),
    caller_id=st.sampled_from(["", "+441614960999", "+449011234567"]),
    mode=st.sampled_from(list(Mode)),
    has_reserved_agent=st.booleans(),
    is_overdial=st.booleans(),
    drops_left=st.integers(-1, 2),
)


@given(
    FACTS,
    st.sampled_from([GB, US, REHEARSAL, profile("STRICT")]),
    st.sampled_from(["BLOCK", "RESERVED_AGENT_ONLY", "RETIRE", "SUPPRESS"]),
)
def test_more_against_a_number_never_allows_it(
    before: GateFacts, rules: RuleProfile, mode: str
) -> None:
    was_refused = check(before, rules, NOON) is not None
    worse = [
        dataclasses.replace(
            before, lockouts=[*before.lockouts, Lockout(mode, NOON + HOUR, "ABANDONED")]
        ),
        dataclasses.replace(before, is_suppressed=True),
        dataclasses.replace(before, attempts_at=[*before.attempts_at, NOON]),
        dataclasses.replace(before, registry_hits=(*before.registry_hits, "GB-TPS")),
        dataclasses.replace(before, has_reserved_agent=False),
        dataclasses.replace(before, drops_left=0),
        dataclasses.replace(before, zones=(*before.zones, "Asia/Tokyo")) if before.zones else None,
    ]
    for after in worse:
        if was_refused and after is not None:
            assert check(after, rules, NOON) is not None


@given(FACTS, st.sampled_from([GB, US, REHEARSAL]))
def test_no_refusal_says_the_number_and_the_last_moment_asks_no_more_than_the_gate(
    given_facts: GateFacts, rules: RuleProfile
) -> None:
    refusal = check(given_facts, rules, NOON)
    if refusal is None:
        assert recheck(given_facts, rules, NOON) is None
        return
    digits = "".join(c for c in refusal.sentence if c in string.digits)
    assert "4960123" not in digits
    assert refusal.retry_at is None or refusal.retry_at > NOON


def test_a_moment_without_a_zone_is_a_bug() -> None:
    with pytest.raises(ValueError, match="zone"):
        check(GOOD, GB, NOON.replace(tzinfo=None))


# --- 5 hours ----------------------------------------------------------------------------------


def test_sunday_at_three_in_the_morning_under_gb() -> None:
    refusal = refused(GOOD, GB, SUNDAY_0300)
    assert refusal.code is RefusalCode.OUT_OF_HOURS
    assert refusal.retry_at == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert refusal.sentence == (
        "It is Sun 1 Mar 03:00 where this person is, and the rules for United Kingdom allow no "
        "call then; the next may start Mon 2 Mar 08:00 their time."
    )
    assert recheck(GOOD, GB, SUNDAY_0300) == refusal
    assert check(GOOD, REHEARSAL, SUNDAY_0300) is None


def test_consent_to_calls_is_not_consent_to_calls_at_night() -> None:
    assert code(facts(has_consent=True), GB, SUNDAY_0300) == "OUT_OF_HOURS"
    assert code(facts(has_hours_consent=True), GB, SUNDAY_0300) == ""
    french = facts(has_consent=True, has_hours_consent=True, caller_id="+33162000000")
    assert code(french, FR, SUNDAY_0300) == "OUT_OF_HOURS"  # there it waives nothing


def test_a_holiday_is_named() -> None:
    assert "(Christmas Day)" in refused(GOOD, GB, datetime(2026, 12, 25, 12, tzinfo=UTC)).sentence


def test_a_person_who_may_be_anywhere_is_told_in_utc_or_asked_for() -> None:
    somewhere = facts(region="US", zones=(), registry_age_days={"US-NDNCR": 1.0, "US-STATE": 1.0})
    refusal = refused(somewhere, US, NOON)
    assert "may be" in refusal.sentence
    assert "UTC" in refusal.sentence
    nowhere = facts(zones=(), region="", has_consent=True)
    refusal = refused(nowhere, profile("STRICT"), NOON)
    assert refusal.retry_at is None
    assert "add their address or zone" in refusal.sentence


# --- 6 attempts -------------------------------------------------------------------------------


def limited(count: int, window: AttemptWindow) -> RuleProfile:
    limit = AttemptLimit(count, window, "ATTEMPTS", "number+client")
    return msgspec.structs.replace(REHEARSAL, attempt_limits=(limit,))


@pytest.mark.parametrize(
    ("window", "hours_ago", "retry_in_hours"),
    [
        (AttemptWindow.CALENDAR_DAY, (1, 2), 12),  # to midnight
        (AttemptWindow.CALENDAR_DAY, (1, 12), 12),  # midnight itself belongs to today
        (AttemptWindow.CALENDAR_DAY, (1, 12.1), None),  # that was yesterday
        (AttemptWindow.CALENDAR_DAY, (1,), None),
        (AttemptWindow.CALENDAR_DAY, (-5, 1), 12),  # a clock that is ahead
        (AttemptWindow.ROLLING_PT24H, (3, 23), 1),
        (AttemptWindow.ROLLING_PT24H, (3, 24), None),
        (AttemptWindow.ROLLING_PT24H, (1, 2, 5), 22),  # the second last must fall out
        (AttemptWindow.ROLLING_P30D, (24, 29 * 24), 24),
        (AttemptWindow.ROLLING_P30D, (24, 30 * 24), None),
    ],
)
def test_attempt_limits(
    window: AttemptWindow, hours_ago: tuple[float, ...], retry_in_hours: float | None
) -> None:
    asked = facts(attempts_at=[NOON - h * HOUR for h in hours_ago])
    refusal = check(asked, limited(2, window), NOON)
    if retry_in_hours is None:
        assert refusal is None
        return
    assert refusal is not None
    assert refusal.code is RefusalCode.ATTEMPT_LIMIT
    assert refusal.retry_at == NOON + retry_in_hours * HOUR
    assert "2 times" in refusal.sentence


def test_a_day_is_the_persons_day() -> None:
    early = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)  # still 2 March in New York
    rules = limited(1, AttemptWindow.CALENDAR_DAY)
    tried = {"attempts_at": [early - 4 * HOUR]}
    assert code(facts(**tried, zones=("Europe/London",)), rules, early) == ""
    american = refused(facts(**tried, zones=("America/New_York",)), rules, early)
    assert american.retry_at == datetime(2026, 3, 3, 5, 0, tzinfo=UTC)
    both = facts(**tried, zones=("Europe/London", "America/New_York"))
    assert refused(both, rules, early).retry_at == american.retry_at
    assert "(once a day)" in american.sentence


def test_a_limit_of_nought_allows_nothing() -> None:
    assert code(GOOD, limited(0, AttemptWindow.CALENDAR_DAY)) == "ATTEMPT_LIMIT"


def test_the_limit_of_a_state_counts_where_the_person_may_be_in_it() -> None:
    rules = msgspec.structs.replace(US, attempt_limits=())
    evening = datetime(2026, 3, 3, 20, 0, tzinfo=UTC)
    base = {
        "zones": ("America/New_York",),
        "registry_age_days": {"US-NDNCR": 1.0, "US-STATE": 1.0},
        "attempts_at": [evening - 20 * HOUR] * 3,
        "caller_id": "+12025550100",
    }
    assert code(facts(region="US-NY", **base), rules, evening) == ""
    assert code(facts(region="US-FL", **base), rules, evening) == "ATTEMPT_LIMIT"
    assert code(facts(region="US", **base), rules, evening) == "ATTEMPT_LIMIT"


def test_of_several_full_limits_the_last_to_free_up_is_told() -> None:
    rules = msgspec.structs.replace(
        FR, calling_hours=REHEARSAL.calling_hours, consent_basis="OPT_OUT"
    )
    asked = facts(attempts_at=[NOON - HOUR] * 4)
    assert refused(asked, rules).retry_at == NOON - HOUR + timedelta(days=30)


# --- 7 lock-outs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "until", "has_agent", "is_refused", "words"),
    [
        ("BLOCK", NOON + HOUR, True, True, "rests until Tue 3 Mar 13:00 their time"),
        ("BLOCK", None, True, True, "rests for good"),
        ("BLOCK", NOON, True, False, ""),
        ("RESERVED_AGENT_ONLY", NOON + HOUR, True, False, ""),
        ("RESERVED_AGENT_ONLY", NOON + HOUR, False, True, "held for this person"),
        ("RESERVED_AGENT_ONLY", None, False, True, "held for this person"),
        ("RETIRE", None, True, True, "retired"),
        ("SUPPRESS", None, True, True, "not called again"),
        ("A_MODE_OF_TOMORROW", NOON + HOUR, True, True, "rests until"),
    ],
)
def test_lockouts(
    mode: str, until: datetime | None, has_agent: bool, is_refused: bool, words: str
) -> None:
    asked = facts(
        lockouts=[Lockout(mode, until, "ABANDONED")],
        has_reserved_agent=has_agent,
        mode=Mode.PREDICTIVE,
    )
    refusal = check(asked, REHEARSAL, NOON)
    assert (refusal is not None) is is_refused
    if refusal is not None:
        assert refusal.code is RefusalCode.LOCKED_OUT
        assert refusal.retry_at == until
        assert words in refusal.sentence
        assert "a call that nobody could take" in refusal.sentence


def test_the_lockout_that_lasts_longest_is_told() -> None:
    short, long = NOON + HOUR, NOON + 5 * HOUR
    locks = [Lockout("BLOCK", short, "BUSY"), Lockout("BLOCK", long, "SOMETHING_NEW")]
    refusal = refused(facts(lockouts=locks), REHEARSAL)
    assert refusal.retry_at == long
    assert "something new" in refusal.sentence
    for_ever = refused(facts(lockouts=[*locks, Lockout("RETIRE", None, "BUSY")]), REHEARSAL)
    assert for_ever.retry_at is None


_CHECKS: tuple[Callable[..., Refusal | None], ...] = (check, recheck)


@pytest.mark.parametrize("ask", _CHECKS)
def test_the_gate_is_quick_enough_to_ask_at_the_last_moment(
    ask: Callable[..., Refusal | None],
) -> None:
    assert ask(GOOD, GB, NOON) is None
    assert repr(GOOD) == "GateFacts(...)"  # no number in a log line by accident
