"""Which lock-outs follow from an outcome, under a profile, at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dialer_core.model.states import Outcome
from dialer_core.rules.facts import Lockout
from dialer_core.rules.hours import day_end
from dialer_core.rules.profiles import LockoutMode, LockoutRule, RuleProfile

CERTAINLY_INVALID = frozenset({410, 485, 604})  # a single one retires; 404 may be the trunk's fault
FIRST_INVALID_S = 3600  # a first 404: not again within the hour

_BLOCK = LockoutMode.BLOCK


def _common(outcome: Outcome, seconds: int | None, mode: LockoutMode = _BLOCK) -> LockoutRule:
    return LockoutRule(outcome.value, seconds, mode, "number")


# The next action that the facts sheet (6.4) gives where a profile has no lock-out of its own.
COMMON: dict[str, LockoutRule] = {
    rule.outcome: rule
    for rule in (
        _common(Outcome.SHORT_HANGUP, 7200),
        _common(Outcome.NOT_AT_HOME, 7200),
        _common(Outcome.DIALLER_CANCELLED, 7200),
        _common(Outcome.LINE_LOST, 7200),  # it may have rung
        _common(Outcome.TEMP_UNAVAILABLE, 1800),
        _common(Outcome.CARRIER_TIMEOUT, 600),
        _common(Outcome.NO_PROGRESS, 600),
        _common(Outcome.NETWORK_FAILURE, 600),
        _common(Outcome.AUTH_FAIL, 600),
        _common(Outcome.CODEC_MISMATCH, 600),
        _common(Outcome.ROUTING_ERROR, 600),
        _common(Outcome.PROTOCOL_ERROR, 600),
        _common(Outcome.DESTINATION_FAULT, 3600),
        _common(Outcome.REDIRECTED, 86400),
        _common(Outcome.UNWANTED, None),
        _common(Outcome.INVALID_FORMAT, None, LockoutMode.RETIRE),
        _common(Outcome.WRONG_NUMBER, None, LockoutMode.RETIRE),
        _common(Outcome.FAX_MODEM, None, LockoutMode.RETIRE),
    )
}


@dataclass(frozen=True, slots=True)
class NewLockout:
    """A lock-out to be written; `until` None is for ever.

    `scope`: number, number+client or client_global. `ends_on_connect`: it is over once a
    reserved agent has spoken with the person.
    """

    outcome: str
    mode: LockoutMode
    until: datetime | None
    scope: str
    ends_on_connect: bool = False

    def in_force(self) -> Lockout:
        """The same as the gate is told of it."""
        return Lockout(self.mode.value, self.until, self.outcome)


def lockouts_after(
    outcome: Outcome | str,
    profile: RuleProfile,
    ended_at: datetime,
    *,
    prior_invalid: int = 0,
    sip_status: int = 404,
    zones: Sequence[ZoneInfo] = (),
) -> list[NewLockout]:
    """What follows from `outcome` at `ended_at` (aware); an empty list where nothing does.

    `prior_invalid`: earlier INVALID_NUMBER outcomes of this number; `sip_status`: of this one;
    `zones`: the person's candidate zones, for lock-outs that last to the end of their day.
    A time that is followed by another mode gives two entries, both in force from now on.
    """
    word = str(outcome)
    if word == Outcome.INVALID_NUMBER and not prior_invalid and sip_status not in CERTAINLY_INVALID:
        until = ended_at + timedelta(seconds=FIRST_INVALID_S)
        return [NewLockout(word, _BLOCK, until, "number")]
    rules = [rule for rule in profile.lockouts if rule.outcome == word]
    if not rules and word in COMMON:
        rules = [COMMON[word]]
    new: list[NewLockout] = []
    for rule in rules:
        new.append(NewLockout(word, rule.mode, _until(rule, ended_at, zones), rule.scope))
        if rule.then is not None:
            new.append(NewLockout(word, rule.then, None, rule.scope, ends_on_connect=True))
    return new


def _until(rule: LockoutRule, ended_at: datetime, zones: Sequence[ZoneInfo]) -> datetime | None:
    if rule.seconds is None:
        return None
    until = ended_at + timedelta(seconds=rule.seconds)
    if rule.until == "END_OF_CALENDAR_DAY_MIN":
        until = max([until, *(day_end(ended_at, zone) for zone in zones)])
    return until
