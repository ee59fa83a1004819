"""A client or a campaign can make a rule tighter, and never looser."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.model.errors import KnownError
from dialer_core.rules.gate import check
from dialer_core.rules.profiles import AttemptLimit, AttemptWindow, CallingHours, RuleProfile
from dialer_core.rules.tightening import Tightening, loosens, tightened
from tests.rules.gate_facts import GB, NOON, facts

NONE: tuple[tuple[str, str], ...] = ()
OFFICE = (("10:00", "12:00"), ("14:00", "17:00"))
LATE = (("07:00", "22:00"),)
OFFICE_HOURS = CallingHours(OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, NONE, NONE, NONE)


def test_hours_meet_and_the_version_names_the_row() -> None:
    rules = tightened(GB, Tightening(calling_hours=OFFICE_HOURS), "/t7")
    assert rules.calling_hours.mon == OFFICE
    assert rules.calling_hours.sat == ()
    assert rules.version == f"{GB.version}/t7"
    assert check(facts(), rules, NOON.replace(hour=11)) is None
    assert check(facts(), rules, NOON.replace(hour=13)) is not None
    late = (("20:00", "23:00"),)
    evening = CallingHours(late, late, late, late, late, late, late, late)
    assert tightened(GB, Tightening(calling_hours=evening)).calling_hours.mon == (
        ("20:00", "21:00"),
    )


def test_each_rule_keeps_the_stricter_value() -> None:
    wish = Tightening(
        abandon_cap=0.01, abandon_target=0.5, connect_limit_ms=9000, min_ring_ms=20_000,
        recording_retention_days=30, rests_s={"NO_ANSWER": 86_400, "BUSY": 1},
        attempt_limits=(AttemptLimit(1, AttemptWindow.CALENDAR_DAY, "ATTEMPTS", "number+client"),),
    )  # fmt: skip
    rules = tightened(GB, wish)
    assert (rules.abandon_cap, rules.abandon_target) == (0.01, 0.01)
    assert rules.connect_limit_ms == GB.connect_limit_ms
    assert rules.min_ring_ms == 20_000
    assert rules.recording_retention_days == 30
    rests = {rule.outcome: rule.seconds for rule in rules.lockouts}
    law = {rule.outcome: rule.seconds for rule in GB.lockouts}
    assert rests["NO_ANSWER"] == 86_400
    assert rests["BUSY"] == law["BUSY"]
    assert rests["DNC_REQUEST"] is None
    assert check(facts(attempts_at=[NOON]), GB, NOON) is None
    assert check(facts(attempts_at=[NOON]), rules, NOON) is not None


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Tightening(abandon_cap=0.05), "3 % at most"),
        (Tightening(connect_limit_ms=3000), "2 s at most"),
        (Tightening(min_ring_ms=1000), "15 seconds"),
        (Tightening(recording_retention_days=365), "90 days at most"),
        (
            Tightening(
                attempt_limits=(
                    AttemptLimit(4, AttemptWindow.CALENDAR_DAY, "ATTEMPTS", "number+client"),
                )
            ),
            "3 calls a day at most",
        ),
        (
            Tightening(calling_hours=CallingHours(LATE, LATE, LATE, LATE, LATE, LATE, LATE, NONE)),
            "outside",
        ),
    ],
)
def test_what_would_be_looser_is_told(wish: Tightening, words: str) -> None:
    assert words in loosens(GB, wish)
    assert loosens(GB, Tightening(calling_hours=OFFICE_HOURS, abandon_cap=0.01)) == ""


def test_rules_that_cannot_be_are_refused_in_a_sentence() -> None:
    with pytest.raises(KnownError, match="cannot be"):
        tightened(GB, Tightening(min_ring_ms=60_000))


def test_a_wish_goes_through_json_unchanged() -> None:
    wish = Tightening(calling_hours=OFFICE_HOURS, rests_s={"BUSY": 60})
    assert msgspec.json.decode(msgspec.json.encode(wish), type=Tightening) == wish


def _clock(quarter: int) -> str:
    return f"{quarter // 4:02d}:{quarter % 4 * 15:02d}"


# Two different quarters of an hour of the day, the earlier first.
_span = st.lists(st.integers(0, 24 * 4), min_size=2, max_size=2, unique=True).map(
    lambda pair: (_clock(min(pair)), _clock(max(pair)))
)
_spans = st.lists(_span, max_size=3).map(tuple)


@given(
    hours=st.lists(_spans, min_size=8, max_size=8).map(lambda days: CallingHours(*days)),
    cap=st.one_of(st.none(), st.floats(0, 0.5)),
    minute=st.integers(0, 7 * 24 * 60),
    calls=st.integers(0, 5),
    limit=st.integers(1, 6),
)
def test_nothing_that_the_law_refuses_is_ever_allowed(
    hours: CallingHours, cap: float | None, minute: int, calls: int, limit: int
) -> None:
    wish = Tightening(
        calling_hours=hours,
        abandon_cap=cap,
        attempt_limits=(AttemptLimit(limit, AttemptWindow.CALENDAR_DAY, "A", "number+client"),),
    )
    rules: RuleProfile = tightened(GB, wish)
    at = datetime.fromtimestamp(NOON.timestamp() + minute * 60, UTC)
    given_facts = facts(attempts_at=[at] * calls)
    if check(given_facts, GB, at) is not None:
        assert check(given_facts, rules, at) is not None
    assert rules.abandon_cap <= GB.abandon_cap
