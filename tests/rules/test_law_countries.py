"""A number falls under the rules of its own country as well; the stricter of both counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dialer_core.rules.countries import country_of, country_rules
from dialer_core.rules.facts import GateFacts, RefusalCode
from dialer_core.rules.gate import check, check_all
from dialer_core.rules.profiles import profile
from tests.rules.gate_facts import DE, FR, GB, NOON, REHEARSAL, US, facts


@pytest.mark.parametrize(
    ("number", "told", "country"),
    [
        ("+441614960001", "", "GB"),
        ("+441614960001", "GB-SCT", "GB-SCT"),
        ("+441614960001", "FR", "GB"),  # the list is wrong, the number is not
        ("+33199000001", "GB", "FR"),
        ("+262262000001", "", "FR"),  # Reunion lives under French law
        ("+12025550101", "", "US"),
        ("+12025550101", "US-FL", "US-FL"),
        ("+14165550101", "US", "CA"),
        ("+17875550101", "", "US"),  # Puerto Rico
        ("+393331234567", "", "IT"),
        ("+80012345678", "", ""),  # of no country
        ("+999", "GB", ""),
        ("", "GB", ""),
    ],
)
def test_a_numbers_country_is_told_by_the_number(number: str, told: str, country: str) -> None:
    assert country_of(number, told) == country


def test_whose_rules_count_beside_the_campaigns() -> None:
    assert country_rules(GB, "GB") is None
    assert country_rules(GB, "GB-SCT") is None
    assert country_rules(GB, "FR") == FR
    strictest = country_rules(GB, "ES")
    assert strictest is not None
    assert strictest.profile_id == "STRICT", "nobody knows the rules of Spain here"
    assert country_rules(REHEARSAL, "GB") is None, "fictitious people live under its rules alone"
    assert country_rules(profile("STRICT"), "GB") == GB, "a register of theirs counts"
    assert country_rules(profile("STRICT"), "ES") is None


def in_france(**changes: object) -> GateFacts:
    given: dict[str, object] = {
        "number": "+33199000001",
        "region": "FR",
        "zones": ("Europe/Paris",),
        "country_rules": FR,
        "has_consent": True,
        "caller_id": "+33162000001",
    }
    return facts(**(given | changes))


def test_a_british_campaign_keeps_french_hours_for_a_french_number() -> None:
    at = datetime(2026, 3, 3, 11, 0, tzinfo=UTC)  # noon in Paris
    assert check(in_france(), GB, at) is None
    lunch = datetime(2026, 3, 3, 12, 30, tzinfo=UTC)
    refusal = check(in_france(), GB, lunch)
    assert refusal is not None
    assert refusal.code is RefusalCode.OUT_OF_HOURS
    assert "France" in refusal.sentence
    assert refusal.retry_at == datetime(2026, 3, 3, 13, 0, tzinfo=UTC)


def test_both_must_be_open_and_the_later_opening_is_told() -> None:
    # Saturday: British rules allow calls from nine, French ones none before Monday at ten.
    refusal = check(in_france(), GB, datetime(2026, 3, 7, 8, 30, tzinfo=UTC))
    assert refusal is not None
    assert refusal.retry_at == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    # Easter Monday closes Britain; France, too: Tuesday at ten in Paris.
    refusal = check(in_france(), GB, datetime(2026, 4, 6, 10, 0, tzinfo=UTC))
    assert refusal is not None
    assert refusal.retry_at == datetime(2026, 4, 7, 8, 0, tzinfo=UTC)


def test_no_ring_goes_past_the_end_of_a_span() -> None:
    def open_at(hour: int, minute: int, second: int, ring_s: float | None = None) -> bool:
        at = datetime(2026, 3, 3, hour - 1, minute, second, tzinfo=UTC)  # Paris is an hour ahead
        return check(in_france(max_ring_s=ring_s), FR, at) is None

    assert open_at(12, 59, 15), "45 seconds of ringing end at one o'clock sharp"
    assert not open_at(12, 59, 16)
    assert open_at(19, 59, 15)
    assert not open_at(19, 59, 16)
    assert open_at(12, 59, 40, ring_s=20), "a campaign that rings for 20 seconds has more time"
    assert not open_at(12, 59, 41, ring_s=20)
    assert not open_at(12, 59, 10, ring_s=60)


def test_consent_and_trade_are_those_of_the_stricter_country() -> None:
    assert check(in_france(has_consent=False), GB, NOON) is not None
    assert check(facts(), GB, NOON) is None, "a British number needs none"
    refusal = check(in_france(sector="CPF_TRAINING"), GB, datetime(2026, 3, 3, 11, tzinfo=UTC))
    assert refusal is not None
    assert refusal.code is RefusalCode.NUMBERS_COUNTRY, "the campaign may go on with others"


def test_a_callers_number_that_only_the_numbers_country_forbids_stops_no_campaign() -> None:
    at = datetime(2026, 3, 3, 11, 0, tzinfo=UTC)
    refusal = check(in_france(caller_id="+441614960999"), GB, at)
    assert refusal is not None
    assert refusal.code is RefusalCode.NUMBERS_COUNTRY
    own = check(facts(caller_id=""), GB, at)
    assert own is not None
    assert own.code is RefusalCode.CALLER_ID


def test_a_foreign_register_is_asked() -> None:
    gb_number = facts(country_rules=GB, registry_age_days={}, has_consent=False)
    refusal = check(gb_number, US, NOON)
    assert refusal is not None
    assert refusal.code is RefusalCode.REGISTRY_STALE
    both = facts(
        country_rules=GB,
        registry_age_days={"GB-TPS": 1, "GB-CTPS": 1, "US-NDNCR": 1, "US-STATE": 1},
        registry_hits=("GB-CTPS",),
    )
    refusal = check(both, US, NOON)
    assert refusal is not None
    assert refusal.code is RefusalCode.REGISTRY_HIT


def test_every_reason_is_told_in_the_gates_order() -> None:
    all_wrong = facts(
        is_suppressed=True,
        registry_age_days={},
        caller_id="",
        has_reserved_agent=False,
        attempts_at=[NOON] * 5,
    )
    codes = [
        one.code.value for one in check_all(all_wrong, GB, datetime(2026, 3, 1, 3, tzinfo=UTC))
    ]
    assert codes == [
        "SUPPRESSED", "REGISTRY_STALE", "OUT_OF_HOURS", "ATTEMPT_LIMIT", "CALLER_ID",
        "NO_RESERVED_AGENT",
    ]  # fmt: skip
    assert check_all(facts(), GB, NOON) == []


def test_an_unknown_zone_means_the_hours_that_all_candidates_share() -> None:
    def open_at(hour: int) -> bool:
        given = facts(
            number="+12025550101",
            region="US",
            zones=(),
            registry_age_days={"US-NDNCR": 1, "US-STATE": 1},
        )
        return check(given, US, datetime(2026, 3, 3, hour, 0, tzinfo=UTC)) is None

    # From nine in Hawaii (Texas) to eight in Puerto Rico (Florida): the part is not known either.
    assert [hour for hour in range(24) if open_at(hour)] == [19, 20, 21, 22, 23]


def test_germany_is_asked_by_its_own_days_off() -> None:
    german = facts(
        number="+493023080001", region="DE", zones=("Europe/Berlin",), country_rules=DE,
        has_consent=True,
    )  # fmt: skip
    unity_day = datetime(2025, 10, 3, 10, 0, tzinfo=UTC)  # a Friday like any other in Britain
    refusal = check(german, GB, unity_day)
    assert refusal is not None
    assert refusal.code is RefusalCode.OUT_OF_HOURS
    assert "Germany" in refusal.sentence
