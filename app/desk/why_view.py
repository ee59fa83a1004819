"""Why a person is not called, as the window shows it; plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mark = Literal["pass", "fail", "wait"]


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A person who was looked for; `place`: list and campaign in words."""

    contact_id: int
    name: str
    place: str

    def __repr__(self) -> str:
        return f"PersonFound(contact_id={self.contact_id})"


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule and its answer: passed, a no, or a no that ends; `until` as "from 14:30 on"."""

    name: str
    mark: Mark
    words: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """The rules that are asked of the person, or of one of the numbers (`title` is its number)."""

    title: str
    lines: tuple[RuleLine, ...]

    def __repr__(self) -> str:
        return f"RuleGroup(lines={len(self.lines)})"


@dataclass(frozen=True, slots=True)
class PastLine:
    """A call or a refusal of before."""

    at: str
    what: str
    words: str
    is_refusal: bool = False


@dataclass(frozen=True, slots=True)
class WhyView:
    """All of one person: the answer in a sentence, when a call could come, rules, the past."""

    person: PersonFound
    mark: Mark
    headline: str
    next_words: str
    groups: tuple[RuleGroup, ...]
    past: tuple[PastLine, ...]
