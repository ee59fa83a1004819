"""Lock-outs: what each outcome brings on, under each profile, and that the gate obeys it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialer_core.model.states import Mode, Outcome
from dialer_core.rules.facts import GateFacts
from dialer_core.rules.gate import check
from dialer_core.rules.lockouts import NewLockout, lockouts_after
from dialer_core.rules.profiles import LockoutMode, profile, profiles

GB, IT, REHEARSAL = (profile(p) for p in ("GB", "IT", "REHEARSAL"))
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
M = LockoutMode


def after(outcome: Outcome, profile_id: str = "GB") -> list[NewLockout]:
    return lockouts_after(outcome, profile(profile_id), NOON)


@pytest.mark.parametrize(
    ("outcome", "minutes", "mode"),
    [
        (Outcome.BUSY, 15, M.BLOCK),
        (Outcome.NO_ANSWER, 120, M.BLOCK),
        (Outcome.ANSWER_MACHINE_AGENT, 240, M.BLOCK),
        (Outcome.NETWORK_CONGESTION, 10, M.BLOCK),
        (Outcome.CARRIER_REJECT, 60, M.BLOCK),
        (Outcome.CALLEE_DECLINED_CALL, 24 * 60, M.BLOCK),
        (Outcome.ABANDONED, 72 * 60, M.RESERVED_AGENT_ONLY),
        (Outcome.REFUSED_NOT_INTERESTED, 90 * 24 * 60, M.BLOCK),
        (Outcome.ANSWER_MACHINE_AMD, 24 * 60, M.RESERVED_AGENT_ONLY),
        (Outcome.TEMP_UNAVAILABLE, 30, M.BLOCK),
        (Outcome.CARRIER_TIMEOUT, 10, M.BLOCK),
        (Outcome.NETWORK_FAILURE, 10, M.BLOCK),
        (Outcome.DESTINATION_FAULT, 60, M.BLOCK),
        (Outcome.LINE_LOST, 120, M.BLOCK),
        (Outcome.SHORT_HANGUP, 120, M.BLOCK),
        (Outcome.DNC_REQUEST, None, M.SUPPRESS),
        (Outcome.INVALID_FORMAT, None, M.RETIRE),
        (Outcome.WRONG_NUMBER, None, M.RETIRE),
        (Outcome.UNWANTED, None, M.BLOCK),
    ],
)
def test_gb(outcome: Outcome, minutes: int | None, mode: LockoutMode) -> None:
    (lockout,) = after(outcome)
    until = None if minutes is None else NOON + timedelta(minutes=minutes)
    assert (lockout.until, lockout.mode) == (until, mode)
    assert lockout.outcome == outcome


@pytest.mark.parametrize(
    "outcome", [Outcome.CONNECTED, Outcome.SUCCESS, Outcome.CALL_BACK, "SOMETHING_NEW"]
)
def test_some_outcomes_bring_nothing_on(outcome: Outcome | str) -> None:
    assert lockouts_after(outcome, GB, NOON) == []


def test_every_way_to_fail_rests_the_number_so_that_no_loop_can_hammer_it() -> None:
    quiet = {Outcome.CONNECTED, Outcome.SUCCESS, Outcome.CALL_BACK, Outcome.MESSAGE_HEARD}
    for rules in profiles().values():
        for outcome in set(Outcome) - quiet:
            assert lockouts_after(outcome, rules, NOON), (rules.profile_id, outcome)


def test_italy_blocks_for_five_days_and_then_asks_for_a_held_agent() -> None:
    first, then = after(Outcome.ABANDONED, "IT")
    assert (first.mode, first.until) == (M.BLOCK, NOON + timedelta(days=5))
    assert (then.mode, then.until, then.ends_on_connect) == (M.RESERVED_AGENT_ONLY, None, True)
    assert not first.ends_on_connect


def test_a_number_that_does_not_exist_is_retired_at_the_second_hit() -> None:
    (first,) = lockouts_after(Outcome.INVALID_NUMBER, GB, NOON)
    assert (first.mode, first.until) == (M.BLOCK, NOON + timedelta(hours=1))
    (second,) = lockouts_after(Outcome.INVALID_NUMBER, GB, NOON, prior_invalid=1)
    assert (second.mode, second.until) == (M.RETIRE, None)
    for status in (410, 485, 604):
        (certain,) = lockouts_after(Outcome.INVALID_NUMBER, GB, NOON, sip_status=status)
        assert certain.mode is M.RETIRE


def test_a_machine_rests_at_least_to_the_end_of_the_persons_day() -> None:
    # the day of 25 hours: 24 hours from its first minute end an hour before it does
    start = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
    (lockout,) = lockouts_after(
        Outcome.ANSWER_MACHINE_AMD, GB, start, zones=[ZoneInfo("Europe/London")]
    )
    assert lockout.until == datetime(2026, 10, 26, 0, 0, tzinfo=UTC)


def asked(lockouts: list[NewLockout], *, has_agent: bool) -> GateFacts:
    return GateFacts(
        number="+441614960123",
        is_diallable=True,
        zones=("Europe/London",),
        region="GB",
        is_suppressed=False,
        lockouts=[lockout.in_force() for lockout in lockouts],
        caller_id="+441614960999",
        mode=Mode.PREDICTIVE,
        has_reserved_agent=has_agent,
    )


def test_the_gate_obeys_what_an_abandoned_call_brings_on() -> None:
    locked = lockouts_after(Outcome.ABANDONED, REHEARSAL, NOON)
    for hours, has_agent, is_allowed in ((1, False, False), (1, True, True), (72, False, True)):
        later = NOON + timedelta(hours=hours)
        refusal = check(asked(locked, has_agent=has_agent), REHEARSAL, later)
        assert (refusal is None) is is_allowed
    italian = lockouts_after(Outcome.ABANDONED, IT, NOON)
    for days, has_agent, is_allowed in ((4, True, False), (5, False, False), (5, True, True)):
        later = NOON + timedelta(days=days)
        refusal = check(asked(italian, has_agent=has_agent), REHEARSAL, later)
        assert (refusal is None) is is_allowed
