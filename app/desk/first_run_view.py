"""What the first run asks and shows: values alone, in the order of its steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.desk.trunk_form import GatewayForm


class Role(StrEnum):
    """What this PC is."""

    NONE = ""  # not asked yet
    EVERYTHING = "everything"  # the floor and an agent's seat
    SUPERVISOR = "supervisor"  # the floor; agents sit at other PCs
    AGENT = "agent"  # a seat of a floor on another PC


class Step(StrEnum):
    """One page."""

    ROLE = "role"
    COMPANY = "company"
    TRUNK = "trunk"
    SOUND = "sound"
    LIST = "list"
    CALL = "call"
    JOIN = "join"


TITLES = {
    Step.ROLE: "This PC",
    Step.COMPANY: "Company",
    Step.TRUNK: "Telephone line",
    Step.SOUND: "Sound",
    Step.LIST: "First list",
    Step.CALL: "First call",
    Step.JOIN: "Join the floor",
}
_OF_FLOOR = (Step.ROLE, Step.COMPANY, Step.TRUNK, Step.SOUND, Step.LIST, Step.CALL)
_OF_SEAT = (Step.ROLE, Step.JOIN, Step.SOUND)


def steps_of(role: Role) -> tuple[Step, ...]:
    """The pages of this PC's first run, in order."""
    return _OF_SEAT if role is Role.AGENT else _OF_FLOOR


@dataclass(frozen=True, slots=True)
class Company:
    """Who calls: `country` as two letters, `caller_id` the number that people see."""

    name: str = ""
    country: str = "GB"
    caller_id: str = ""


@dataclass(frozen=True, slots=True)
class FirstRunView:
    """How far it is. `people`: how many are on lists; `seat`: what this PC is on a joined floor."""

    role: Role = Role.NONE
    step: Step = Step.ROLE
    done: frozenset[Step] = frozenset()
    company: Company = Company()
    countries: tuple[tuple[str, str], ...] = ()
    gateway: GatewayForm = field(default_factory=GatewayForm)
    people: int = 0
    seat: str = ""


@dataclass(frozen=True, slots=True)
class FoundFloorView:
    """A floor that answers on this network."""

    name: str
    place: str


@dataclass(frozen=True, slots=True)
class FirstCallView:
    """The first call as it goes. `is_heard`: both ends are joined and sound has come."""

    words: str
    is_up: bool = False
    is_heard: bool = False
    is_over: bool = False
    is_trouble: bool = False
