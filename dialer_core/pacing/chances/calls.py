"""What is known of a call before it is dialled, and what came of those that were."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from dialer_core.model.states import Outcome

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

NO_NUMBER = -1
MOST = 1_000_000  # attempts of one contact; more is nonsense


class Last(IntEnum):
    """What the contact's last call came to, in the few kinds that foretell something."""

    NEVER = 0  # nobody has called yet
    NO_ANSWER = 1
    BUSY = 2
    MACHINE = 3
    PERSON = 4
    CALL_BACK = 5  # a promise
    LOST = 6  # answered, and met nobody: person or machine, not known
    DECLINED = 7
    UNREACHABLE = 8  # switched off, out of order
    INVALID = 9
    FAULT = 10  # ours or the network's: tells nothing of the person


_LAST = {
    Outcome.NO_ANSWER: Last.NO_ANSWER,
    Outcome.BUSY: Last.BUSY,
    Outcome.ANSWER_MACHINE_AGENT: Last.MACHINE,
    Outcome.ANSWER_MACHINE_AMD: Last.MACHINE,
    Outcome.CONNECTED: Last.PERSON,
    Outcome.SUCCESS: Last.PERSON,
    Outcome.REFUSED_NOT_INTERESTED: Last.PERSON,
    Outcome.DNC_REQUEST: Last.PERSON,
    Outcome.WRONG_NUMBER: Last.PERSON,
    Outcome.NOT_AT_HOME: Last.PERSON,
    Outcome.CALL_BACK: Last.CALL_BACK,
    Outcome.ABANDONED: Last.LOST,
    Outcome.SHORT_HANGUP: Last.LOST,
    Outcome.CALLEE_DECLINED_CALL: Last.DECLINED,
    Outcome.UNWANTED: Last.DECLINED,
    Outcome.TEMP_UNAVAILABLE: Last.UNREACHABLE,
    Outcome.DESTINATION_FAULT: Last.UNREACHABLE,
    Outcome.INVALID_NUMBER: Last.INVALID,
    Outcome.INVALID_FORMAT: Last.INVALID,
    Outcome.FAX_MODEM: Last.INVALID,
}
# We gave them up or lost them ourselves: whether they would have been answered is not known.
_OURS = frozenset({Outcome.DIALLER_CANCELLED, Outcome.LINE_LOST})


def last_of(outcome: Outcome | None) -> Last:
    """The kind of an outcome (that of the agent, where there is one); None: never called."""
    return Last.NEVER if outcome is None else _LAST.get(outcome, Last.FAULT)


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls that may be dialled, one an entry of each column; whatever is no number counts as
    not known.

    `attempts`, `answered`: calls of the contact so far, and those that somebody or something
    answered; `last`: values of Last; `gap_s`: since the last one, NaN for none; `hour`: 0 to 24
    where the person is; `list_id`: of the contact; `is_new_number`: 1 where the contact has been
    called, but not at this number.
    """

    attempts: Floats
    answered: Floats
    last: Ints
    gap_s: Floats
    hour: Floats
    is_weekend: Floats
    list_id: Ints
    is_new_number: Floats

    @classmethod
    def of(
        cls,
        attempts: Sequence[float],
        answered: Sequence[float],
        last: Sequence[int],
        gap_s: Sequence[float],
        hour: Sequence[float],
        is_weekend: Sequence[float],
        list_id: Sequence[int],
        is_new_number: Sequence[float],
    ) -> Calls:
        """From plain columns of one length (ValueError otherwise)."""
        columns = (attempts, answered, last, gap_s, hour, is_weekend, list_id, is_new_number)
        if len({len(column) for column in columns}) != 1:
            raise ValueError("the columns of calls must have one length")
        return cls(
            np.asarray(attempts, np.float64),
            np.asarray(answered, np.float64),
            np.asarray(last, np.int64),
            np.asarray(gap_s, np.float64),
            np.asarray(hour, np.float64),
            np.asarray(is_weekend, np.float64),
            np.asarray(list_id, np.int64),
            np.asarray(is_new_number, np.float64),
        )

    def __len__(self) -> int:
        return len(self.attempts)

    def take(self, chosen: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Calls:
        """Those entries alone."""
        return Calls(
            self.attempts[chosen],
            self.answered[chosen],
            self.last[chosen],
            self.gap_s[chosen],
            self.hour[chosen],
            self.is_weekend[chosen],
            self.list_id[chosen],
            self.is_new_number[chosen],
        )


@dataclass(frozen=True, slots=True)
class History:
    """Calls that were made, in the order of their time.

    `answered`: 1 or 0; `person`: 1 for a person, 0 for nobody or a machine, NaN where something
    answered and nobody knows what; `at_s`: seconds on any scale.
    """

    calls: Calls
    answered: Floats
    person: Floats
    at_s: Floats

    def __len__(self) -> int:
        return len(self.calls)

    def take(self, chosen: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> History:
        """Those entries alone."""
        return History(
            self.calls.take(chosen), self.answered[chosen], self.person[chosen], self.at_s[chosen]
        )


class PastCall(NamedTuple):
    """A call that has ended. `outcome`: what the agent says, else what the line says.

    `at_s`: when it was dialled; `hour` and `is_weekend` at that moment where the person is.
    """

    contact: int
    number: int
    list_id: int
    at_s: float
    hour: float
    is_weekend: bool
    outcome: Outcome
    is_answered: bool


class _Contact:
    """What has come of a contact's calls up to now."""

    __slots__ = ("answered", "at_s", "attempts", "last", "numbers")

    def __init__(self) -> None:
        self.attempts = 0
        self.answered = 0
        self.last = Last.NEVER
        self.at_s = math.nan
        self.numbers: tuple[int, ...] = ()


class HistoryMaker:
    """Plays past calls in the order of their time and notes what was known before each."""

    def __init__(self) -> None:
        self._contacts: dict[int, _Contact] = {}
        # Plain buffers: turning lists of tuples into arrays would hold every other thread up.
        self._known = [array("d") for _ in range(8)]
        self._answered = array("d")
        self._person = array("d")
        self._at_s = array("d")

    def __len__(self) -> int:
        return len(self._at_s)

    def add(self, call: PastCall) -> None:
        """The next call; one that says nothing of the person is remembered, and no example."""
        contact = self._contacts.get(call.contact)
        if contact is None:
            contact = self._contacts[call.contact] = _Contact()
        if call.outcome not in _OURS:
            for column, value in zip(self._known, _known(contact, call), strict=True):
                column.append(value)
            self._answered.append(float(call.is_answered))
            self._person.append(_person(call))
            self._at_s.append(call.at_s)
        contact.attempts += 1
        contact.answered += call.is_answered
        contact.last = last_of(call.outcome)
        contact.at_s = call.at_s
        if call.number not in contact.numbers:
            contact.numbers += (call.number,)

    def known(self, contact: int, number: int, list_id: int, at_s: float, hour: float,
              is_weekend: bool) -> Calls:  # fmt: skip
        """One call that is about to be made, as it would be noted."""
        plan = PastCall(contact, number, list_id, at_s, hour, is_weekend, Outcome.NO_ANSWER, False)
        row = _known(self._contacts.get(contact, _Contact()), plan)
        return Calls.of(*([value] for value in row))  # type: ignore[arg-type]

    def history(self, most: int | None = None) -> History:
        """What was noted, the newest `most` calls of it."""
        at_s = np.array(self._at_s)
        order = np.argsort(at_s, kind="stable")
        if most is not None:
            order = order[max(0, len(order) - most) :]
        columns = [np.array(column) for column in self._known]
        columns[2], columns[6] = columns[2].astype(np.int64), columns[6].astype(np.int64)
        made = History(Calls(*columns), np.array(self._answered), np.array(self._person), at_s)
        return made.take(order)


def _known(
    contact: _Contact, call: PastCall
) -> tuple[float, float, int, float, float, float, int, float]:
    is_new = contact.attempts > 0 and call.number not in contact.numbers
    return (
        contact.attempts,
        contact.answered,
        int(contact.last),
        call.at_s - contact.at_s,
        call.hour,
        float(call.is_weekend),
        call.list_id,
        float(is_new),
    )


def _person(call: PastCall) -> float:
    if not call.is_answered:
        return 0.0
    last = last_of(call.outcome)
    if last is Last.MACHINE:
        return 0.0
    return 1.0 if last in (Last.PERSON, Last.CALL_BACK) else math.nan
