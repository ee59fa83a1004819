"""What a check finds, in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

_PARTS = re.compile(r"(.{20,}?)(?:\. |: |; )(?=[A-Za-z])(.+)", re.DOTALL)


class Verdict(StrEnum):
    """How a check went; printed by value."""

    GOOD = "good"
    NOTE = "note"  # it works, or is not needed here; worth knowing
    TROUBLE = "trouble"
    SKIPPED = "skipped"  # it could not be tried, because of an earlier one


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and one on what to do where there is something to be done."""

    verdict: Verdict
    sentence: str
    what_to_do: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at. `look` blocks for seconds at most."""

    key: str
    title: str
    look: Callable[[], Finding]


@dataclass(frozen=True, slots=True)
class Checked:
    """One that was looked at."""

    key: str
    title: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class CheckupView:
    """All that is known so far. `running`: the title of what is being looked at; "" at the end."""

    rows: tuple[Checked, ...] = ()
    running: str = ""
    count: int = 0  # of all checks
    is_given_up: bool = False

    @property
    def troubles(self) -> int:
        """How many things are wrong."""
        return sum(one.finding.verdict is Verdict.TROUBLE for one in self.rows)

    @property
    def words(self) -> str:
        """How it stands, in one line."""
        if self.running:
            return f"{self.running} …"
        if self.is_given_up:
            return "Given up; what was looked at stands here."
        if not self.rows:
            return ""
        if not self.troubles:
            return "Nothing is wrong, as far as can be told from this PC."
        return "1 thing is wrong." if self.troubles == 1 else f"{self.troubles} things are wrong."


def good(sentence: str) -> Finding:
    """All is well."""
    return Finding(Verdict.GOOD, sentence)


def note(sentence: str, what_to_do: str = "") -> Finding:
    """Nothing is wrong, but somebody may want to know."""
    return Finding(Verdict.NOTE, sentence, what_to_do)


def skipped(sentence: str) -> Finding:
    """It could not be tried."""
    return Finding(Verdict.SKIPPED, sentence)


def trouble(sentence: str) -> Finding:
    """What is wrong, parted from what to do about it where the sentence holds both."""
    text = sentence.strip()
    found = _PARTS.match(text)
    if found is None:
        return Finding(Verdict.TROUBLE, text)
    to_do = found[2]
    return Finding(Verdict.TROUBLE, f"{found[1]}.", to_do[0].upper() + to_do[1:])
