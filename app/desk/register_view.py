"""What the window of do-not-call registers shows, and the notices of registers that grow old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from dialer_core.clock import Instant
from dialer_core.store.registers import RegisterAge

SOON_DAYS = 5.0  # before a copy is too old, its notice comes up
NAMES = {
    "GB-TPS": "Telephone Preference Service",
    "GB-CTPS": "Corporate Telephone Preference Service",
    "US-NDNCR": "National Do Not Call Registry",
    "US-STATE": "Do-not-call lists of the states",
    "IT-RPO": "Registro pubblico delle opposizioni",
    "FR-BLOCTEL": "Bloctel",
}
COUNTRIES = {
    "GB": "the United Kingdom", "US": "the United States", "IT": "Italy", "PL": "Poland",
    "DE": "Germany", "FR": "France",
}  # fmt: skip

RegisterState = Literal["fresh", "soon", "stale", "idle"]


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One register. `state`: stale stops calls, soon will in days, idle is asked by nobody."""

    id: str
    name: str
    country: str
    state: RegisterState
    copy: str  # of which day, in words
    age: str  # in words, and how old it may be
    entries: int | None
    needed_by: tuple[str, ...]
    sentence: str  # what that means, and what to do


@dataclass(frozen=True, slots=True)
class RegistersView:
    """All registers, the most urgent first, and the office's own list."""

    rows: tuple[RegisterRow, ...]
    clients: tuple[str, ...] = ()
    regions: tuple[str, ...] = ("GB",)
    region: str = "GB"
    own_numbers: int = 0
    today: str = ""  # ISO


@dataclass(frozen=True, slots=True)
class CopyChoice:
    """A newer copy of a register: its file and its day (ISO)."""

    register: str
    file: str
    as_of: str
    is_small_meant: bool = False


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """A number as it was typed; `client` empty: for the whole office."""

    number: str
    region: str
    client: str = ""

    def __repr__(self) -> str:
        return f"OwnNumber(region={self.region!r}, client={self.client!r})"


def state_of(age: RegisterAge, now: Instant) -> RegisterState:
    """How urgent a newer copy is."""
    if not age.is_required or not age.asked_by:
        return "idle"
    if not age.is_fresh or age.due is None:
        return "stale"
    return "soon" if age.due - now.utc <= timedelta(days=SOON_DAYS) else "fresh"


def register_row(age: RegisterAge, now: Instant) -> RegisterRow:
    """A register as the window shows it."""
    state = state_of(age, now)
    country = COUNTRIES.get(age.country, age.country)
    if age.as_of is None or age.due is None:
        copy, old = "There is no copy yet.", f"never loaded, {age.max_age_days:g} days at most"
    else:
        copy = f"The copy is of {age.as_of:%d %B %Y}."
        old = f"{_days(age)} old, {age.max_age_days:g} at most"
    match state:
        case "stale":
            sentence = f"Nobody in {country} is dialled until a newer copy is loaded."
        case "soon":
            sentence = f"Too old after {age.due:%a %d %b}; nobody in {country} is dialled then."
        case "fresh":
            sentence = f"Good until {age.due:%A %d %b}."
        case _:
            sentence = "No campaign needs it now."
    return RegisterRow(
        age.id,
        NAMES.get(age.id, age.id),
        country,
        state,
        copy,
        old,
        None if age.as_of is None else age.entries,
        age.asked_by,
        sentence,
    )


def notices(ages: Sequence[RegisterAge], now: Instant) -> tuple[str, ...]:
    """What the floor's window says before a register stops calls, and while one does."""
    found = []
    for state in ("stale", "soon"):
        by_country: dict[str, list[RegisterAge]] = {}
        for age in ages:
            if state_of(age, now) == state:
                by_country.setdefault(age.country, []).append(age)
        found += [_notice(state, country, those) for country, those in by_country.items()]
    return tuple(found)


def _notice(state: str, country: str, ages: Sequence[RegisterAge]) -> str:
    where = COUNTRIES.get(country, country)
    who = _listed(sorted({name for age in ages for name in age.asked_by}))
    names = _listed(sorted(age.id for age in ages))
    is_one = len(ages) == 1
    its = "its copy is" if is_one else "their copies are"
    now, then = ("is", "was") if is_one else ("are", "were")
    if state == "stale":
        return (
            f"Nobody in {where} is dialled for {who}: {names} {now} too old or {then} "
            "never loaded. Load a newer copy (Manage, Do-not-call registers)."
        )
    due = min(age.due for age in ages if age.due is not None)
    return (
        f"{names}: {its} good until {due:%A %d %b}; after that nobody in {where} is dialled for "
        f"{who}. Load a newer copy (Manage, Do-not-call registers)."
    )


def _days(age: RegisterAge) -> str:
    days = max(0, round(age.age_days or 0.0))
    return "a day" if days == 1 else f"{days} days"


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
