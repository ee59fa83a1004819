"""After an outcome: how long a person rests, how often it is tried, which number is next.

The law's rests and limits are asked besides and always win: this only says what the office wants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from dialer_core.model.errors import KnownError
from dialer_core.model.states import Outcome

LEAST_WAIT_S: Final = 60.0
LONGEST_WAIT_S: Final = 366 * 86_400.0
MOST_TRIES: Final = 99
USUAL_WAIT_S: Final = 3600.0


class NextNumber(StrEnum):
    """Which of a person's numbers is tried next; saved by value."""

    SAME = "same"
    NEXT = "next"  # the person's next number that may still be tried, after the last the first
    FIRST = "first"  # from the first number on


class Recycle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What follows an outcome. `most`: tries that may end so; after the last the person is done.

    None for `most`: as often as it takes, for ends that are not the person's doing.
    """

    wait_s: float = USUAL_WAIT_S
    most: int | None = 10
    number: NextNumber = NextNumber.SAME


_MINUTE, _HOUR = 60.0, 3600.0

_FAULTS: Final = (
    Outcome.NETWORK_CONGESTION,
    Outcome.NETWORK_FAILURE,
    Outcome.NO_PROGRESS,
    Outcome.CARRIER_TIMEOUT,
    Outcome.AUTH_FAIL,
    Outcome.CODEC_MISMATCH,
    Outcome.ROUTING_ERROR,
    Outcome.PROTOCOL_ERROR,
    Outcome.DIALLER_CANCELLED,
    Outcome.LINE_LOST,
)
# Waits are those of the facts sheet (6.4), from which the law's rests come too.
USUAL: Final[Mapping[Outcome, Recycle]] = {
    Outcome.NO_ANSWER: Recycle(2 * _HOUR, 8, NextNumber.NEXT),
    Outcome.BUSY: Recycle(15 * _MINUTE, 10, NextNumber.SAME),
    Outcome.ANSWER_MACHINE_AGENT: Recycle(4 * _HOUR, 6, NextNumber.NEXT),
    Outcome.ANSWER_MACHINE_AMD: Recycle(4 * _HOUR, 6, NextNumber.NEXT),
    Outcome.NOT_AT_HOME: Recycle(2 * _HOUR, 8, NextNumber.FIRST),
    Outcome.TEMP_UNAVAILABLE: Recycle(30 * _MINUTE, 8, NextNumber.NEXT),
    Outcome.CALLEE_DECLINED_CALL: Recycle(24 * _HOUR, 3, NextNumber.SAME),
    Outcome.SHORT_HANGUP: Recycle(2 * _HOUR, 4, NextNumber.SAME),
    Outcome.ABANDONED: Recycle(_HOUR, 3, NextNumber.SAME),
    Outcome.INVALID_NUMBER: Recycle(_HOUR, 3, NextNumber.NEXT),
    Outcome.WRONG_NUMBER: Recycle(_HOUR, 3, NextNumber.NEXT),
    Outcome.FAX_MODEM: Recycle(_HOUR, 3, NextNumber.NEXT),
    Outcome.DESTINATION_FAULT: Recycle(_HOUR, 6, NextNumber.NEXT),
    Outcome.REDIRECTED: Recycle(24 * _HOUR, 3, NextNumber.SAME),
    Outcome.CARRIER_REJECT: Recycle(_HOUR, None),
    **dict.fromkeys(_FAULTS, Recycle(10 * _MINUTE, None)),
}
NEVER_RECYCLED: Final = frozenset(
    {
        Outcome.CONNECTED,
        Outcome.DNC_REQUEST,
        Outcome.UNWANTED,
        Outcome.SUCCESS,
        Outcome.CALL_BACK,
        Outcome.MESSAGE_HEARD,
        Outcome.INVALID_FORMAT,
    }
)

# Ends that say something of the number, not of the person: the rest of that number is its own.
OF_THE_NUMBER: Final = frozenset(
    {
        Outcome.NO_ANSWER,
        Outcome.BUSY,
        Outcome.TEMP_UNAVAILABLE,
        Outcome.INVALID_NUMBER,
        Outcome.WRONG_NUMBER,
        Outcome.FAX_MODEM,
        Outcome.NOT_AT_HOME,
        Outcome.ANSWER_MACHINE_AGENT,
        Outcome.ANSWER_MACHINE_AMD,
        Outcome.DESTINATION_FAULT,
    }
)


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a person; the lowest rank is the first."""

    rank: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Next:
    """What the office wants next. `wait_s` None: the person is done with; `rank` None: the first.

    `is_other_number`: the rest of the number that was called is no rest of the person.
    """

    wait_s: float | None
    rank: int | None = None
    is_other_number: bool = False


class Recycling:
    """A campaign's recycling: the usual one and what differs from it."""

    def __init__(self, own: Mapping[Outcome, Recycle] | None = None) -> None:
        self.own: dict[Outcome, Recycle] = dict(own or {})

    def of(self, outcome: Outcome) -> Recycle:
        """The rule after that outcome."""
        return self.own.get(outcome) or USUAL.get(outcome) or Recycle()

    def after(self, outcome: Outcome, tries: int, rank: int, numbers: Sequence[Number]) -> Next:
        """What follows a call that ended with `outcome` for the `tries`-th time.

        `rank`: of the number that was called; `numbers`: all of the person.
        """
        rule = self.of(outcome)
        if rule.most is not None and tries >= rule.most:
            return Next(None)
        to = next_rank(rule.number, rank, numbers)
        is_other = outcome in OF_THE_NUMBER and to is not None and to != rank
        return Next(rule.wait_s, to, is_other_number=is_other)


def next_rank(how: NextNumber, rank: int, numbers: Iterable[Number]) -> int | None:
    """The rank with which the next call begins; None: the first that is open."""
    ranks = sorted(number.rank for number in numbers if number.is_open)
    if how is NextNumber.FIRST or not ranks:
        return None
    if how is NextNumber.SAME:
        return rank if rank in ranks else None
    return next((one for one in ranks if one > rank), ranks[0])


def read(stored: Mapping[str, object]) -> Recycling:
    """The recycling as a campaign has it stored; KnownError names what is wrong."""
    own: dict[Outcome, Recycle] = {}
    for word, body in stored.items():
        try:
            outcome = Outcome(word)
        except ValueError:
            raise KnownError(f"There is no outcome {word!r}; recycling cannot name it.") from None
        try:
            own[outcome] = msgspec.convert(body, Recycle)
        except msgspec.ValidationError as problem:
            raise KnownError(
                f"The recycling after {word} cannot be read ({problem}); set it anew."
            ) from problem
    return Recycling(own)


def to_store(recycling: Recycling) -> dict[str, object]:
    """What `read` reads; KnownError where a rule makes no sense."""
    for outcome, rule in recycling.own.items():
        for problem in problems(outcome, rule):
            raise KnownError(problem)
    return {outcome.value: msgspec.to_builtins(rule) for outcome, rule in recycling.own.items()}


def problems(outcome: Outcome, rule: Recycle) -> list[str]:
    """What is wrong with a rule, in sentences; empty where nothing is."""
    word = outcome.value.replace("_", " ").lower()
    found: list[str] = []
    if outcome in NEVER_RECYCLED:
        found.append(f"After {word} nobody is called again by recycling; leave that rule out.")
    if not LEAST_WAIT_S <= rule.wait_s <= LONGEST_WAIT_S:
        found.append(f"The wait after {word} must be between a minute and a year.")
    if rule.most is not None and not 0 <= rule.most <= MOST_TRIES:
        found.append(f"The tries after {word} must be between 0 and {MOST_TRIES}.")
    return found
