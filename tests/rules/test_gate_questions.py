"""The gate's other questions: numbers, registers, consent, trades, callers' numbers, seats."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from dialer_core.model.states import Mode
from dialer_core.rules.gate import check_all
from dialer_core.rules.profiles import RuleProfile
from tests.rules.gate_facts import (
    DE,
    FR,
    GB,
    GOOD,
    IT,
    NOON,
    REHEARSAL,
    US,
    code,
    facts,
)

AUTHORISED = {"sector": "PENSIONS", "has_consent": True, "is_sector_authorised": True}


# --- 1 to 4 -----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["", "+", "01614960123", "+44 161", "+1234567890123456", "+٤٤١"])
def test_a_number_that_is_none(number: str) -> None:
    assert code(facts(number=number)) == "NOT_DIALLABLE"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"registry_age_days": {"GB-TPS": 28.0, "GB-CTPS": 0.0}}, ""),
        ({"registry_age_days": {"GB-TPS": 28.1, "GB-CTPS": 0.0}}, "REGISTRY_STALE"),
        ({"registry_age_days": {"GB-TPS": 1.0}}, "REGISTRY_STALE"),
        ({"registry_age_days": {"GB-TPS": float("nan"), "GB-CTPS": 0.0}}, "REGISTRY_STALE"),
        ({"registry_age_days": {"GB-TPS": -5.0, "GB-CTPS": 0.0}}, "REGISTRY_STALE"),
        ({"registry_hits": ("GB-CTPS",)}, "REGISTRY_HIT"),
        ({"registry_hits": ("GB-CTPS",), "has_consent": True}, ""),
        ({"registry_age_days": {}, "has_consent": True}, ""),
        ({"registry_hits": ("US-NDNCR",)}, ""),  # not a register of this profile
    ],
)
def test_registers(changes: dict[str, Any], expected: str) -> None:
    assert code(facts(**changes)) == expected


def test_a_register_that_has_ended_is_asked_no_more() -> None:
    french = facts(
        zones=("Europe/Paris",),
        region="FR",
        has_consent=True,
        caller_id="+33162000000",
        registry_hits=("FR-BLOCTEL",),
    )
    after = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    before = datetime(2026, 7, 6, 14, 0, tzinfo=UTC)
    assert code(french, FR, after) == ""
    assert code(french, FR, before) == "REGISTRY_HIT"


def test_a_register_that_need_not_be_asked_is_never_stale() -> None:
    before = datetime(2026, 7, 6, 14, 0, tzinfo=UTC)
    french = facts(zones=("Europe/Paris",), region="FR", has_consent=True, caller_id="+33162000000")
    assert code(french, FR, before) == ""


@pytest.mark.parametrize(
    ("rules", "changes", "is_allowed"),
    [
        (GB, {}, True),
        (DE, {}, False),
        (DE, {"has_consent": True}, True),
        (IT, {}, False),
        (IT, {"is_in_public_directory": True}, True),
        (FR, {"has_ongoing_contract": True}, True),
        (FR, {"is_in_public_directory": True}, False),
        (DE, {"has_ongoing_contract": True}, False),
    ],
)
def test_consent(rules: RuleProfile, changes: dict[str, Any], is_allowed: bool) -> None:
    asked = facts(
        **{"registry_age_days": {**GOOD.registry_age_days, "IT-RPO": 1.0}, **changes},
    )
    assert (code(asked, rules) == "NO_CONSENT") is not is_allowed


@pytest.mark.parametrize(
    ("rules", "now", "changes", "is_banned"),
    [
        (GB, NOON, {"sector": "PENSIONS"}, True),
        (GB, NOON, {"sector": "PENSIONS", "has_consent": True}, True),
        (
            GB,
            NOON,
            {"sector": "PENSIONS", "has_consent": True, "is_sector_authorised": True},
            False,
        ),
        (GB, NOON, {"sector": "PENSIONS", "is_sector_authorised": True}, True),
        (GB, NOON, {"sector": " Claims_Management ", "has_consent": False}, True),
        (GB, NOON, {"sector": "CLAIMS_MANAGEMENT", "has_consent": True}, False),
        (GB, NOON, {"sector": "BAKERS"}, False),
        (FR, NOON, {"sector": "CPF_TRAINING", "has_consent": True}, True),
        (IT, NOON, {"sector": "ENERGY_RETAIL", "is_in_public_directory": True}, False),
        (
            IT,
            datetime(2026, 6, 22, 12, 0, tzinfo=UTC),
            {"sector": "ENERGY_RETAIL", "is_in_public_directory": True},
            True,
        ),
    ],
)
def test_sectors(
    rules: RuleProfile, now: datetime, changes: dict[str, Any], is_banned: bool
) -> None:
    ages = {**GOOD.registry_age_days, "IT-RPO": 1.0}
    assert (
        code(facts(registry_age_days=ages, **changes), rules, now) == "SECTOR_BANNED"
    ) is is_banned


def test_a_message_that_sells_needs_consent_under_any_rules() -> None:
    for rules in (GB, US, REHEARSAL):
        sells = facts(mode=Mode.AGENTLESS)
        refusal = next(one for one in check_all(sells, rules, NOON) if one.code == "NO_CONSENT")
        assert "consent beforehand" in refusal.sentence
    assert code(facts(mode=Mode.AGENTLESS, has_consent=True)) == ""
    assert code(facts(mode=Mode.AGENTLESS, is_marketing=False)) == "", "it informs, and sells not"
    assert code(facts(mode=Mode.PREDICTIVE)) == "", "a live call may be made until they object"


# --- 8 to 10 ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caller_id", "rules", "is_allowed"),
    [
        ("+441614960999", GB, True),
        ("01614960999", GB, True),
        ("+441184960999", GB, True),  # Reading is 0118, which is not 118
        ("+449011234567", GB, False),
        ("09011234567", GB, False),
        ("118500", GB, False),
        ("+447011234567", GB, False),
        ("+12025550100", GB, True),
        ("anonymous", GB, False),
        ("+", GB, False),
        ("+33162000000", FR, True),
        ("+33612345678", FR, False),
        ("+33140000000", FR, False),  # not of an allowed range
        ("+19005550100", US, False),
        ("+441614960999", REHEARSAL, True),
    ],
)
def test_caller_ids(caller_id: str, rules: RuleProfile, is_allowed: bool) -> None:
    asked = facts(
        caller_id=caller_id,
        has_consent=True,
        zones=("America/New_York",) if rules is US else GOOD.zones,
        registry_age_days={**GOOD.registry_age_days, "US-STATE": 1.0},
    )
    now = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
    assert (code(asked, rules, now) == "CALLER_ID") is not is_allowed


def test_a_profile_may_do_without_a_callers_number() -> None:
    assert code(facts(caller_id=""), msgspec.structs.replace(GB, cli_required=False)) == ""


@pytest.mark.parametrize(
    ("mode", "has_agent", "expected"),
    [
        (Mode.PREVIEW, False, "NO_RESERVED_AGENT"),
        (Mode.PROGRESSIVE, False, "NO_RESERVED_AGENT"),
        (Mode.PREDICTIVE, False, ""),
        (Mode.PREVIEW, True, ""),
        (Mode.PROGRESSIVE, True, ""),
    ],
)
def test_modes_that_need_a_seat(mode: Mode, has_agent: bool, expected: str) -> None:
    assert code(facts(mode=mode, has_reserved_agent=has_agent)) == expected


@pytest.mark.parametrize(
    ("is_overdial", "drops", "expected"),
    [(True, 0, "OVER_BUDGET"), (True, 1, ""), (False, 0, ""), (True, -3, "OVER_BUDGET")],
)
def test_the_budget_is_asked_of_overdialled_calls_only(
    is_overdial: bool, drops: int, expected: str
) -> None:
    asked = facts(mode=Mode.PREDICTIVE, is_overdial=is_overdial, drops_left=drops)
    assert code(asked) == expected
