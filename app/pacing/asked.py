"""The words of the command line: scenarios, floors, seeds and pacers that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.errors import UsageError
from app.pacing.entrants import BASE, ENTRANTS, LEVER_GROUPS, Entrant
from dialer_core.model.errors import KnownError
from dialer_core.simulation.benchmark import (
    OTHER_SCENARIOS,
    DayFields,
    ScenarioFile,
    hard_days,
    scenario_from_toml,
)
from dialer_core.simulation.public import SCENARIOS

MOST_SEATS = 20
MOST_SEEDS = 10_000
_NAMED = {**SCENARIOS, **OTHER_SCENARIOS}
FITTING_SEEDS = range(1000, 2000)  # constants are fitted on these, and never reported from
FITTED_ON = ("b2c_cold", "low_answer", "b2b_warm")


def seats_of(words: str) -> list[int]:
    """ "3,5,10" as numbers; UsageError for a floor that cannot be."""
    floors = [_whole(word, "--seats", "3,5,10") for word in words.split(",")]
    if not all(1 <= seats <= MOST_SEATS for seats in floors):
        raise UsageError(f"--seats takes floors of 1 to {MOST_SEATS} seats, e.g. 3,5,10.")
    return sorted(set(floors))


def seeds_of(words: str) -> list[int]:
    """ "10" is 1 to 10, "21-40" is 21 to 40; UsageError otherwise."""
    first, dash, last = words.partition("-")
    low = _whole(first, "--seeds", "10 or 21-40") if dash else 1
    high = _whole(last if dash else first, "--seeds", "10 or 21-40")
    if not 0 <= low <= high or high - low >= MOST_SEEDS:
        raise UsageError(
            "--seeds takes how many days (10) or from which to which (21-40), at most "
            f"{MOST_SEEDS}."
        )
    return list(range(low, high + 1))


def hours_of(hours: float) -> float:
    """Hours of a simulated day; UsageError for a day that cannot be."""
    if not 0.0 < hours <= 24.0:
        raise UsageError("--hours takes more than 0 and at most 24.")
    return hours


def scenarios_of(words: Sequence[str]) -> list[ScenarioFile]:
    """Names or files; none: those of the published table. UsageError for one that is not there."""
    if not words:
        return [ScenarioFile(one, DayFields()) for one in SCENARIOS.values()]
    found = {one.scenario.name: one for one in map(scenario_of, words)}
    if len(found) < len(set(words)):
        raise UsageError("Two of the scenarios have the same name; give each its own.")
    return list(found.values())


def scenario_of(word: str) -> ScenarioFile:
    """A scenario by its name or from a TOML file."""
    known = _NAMED.get(word)
    if known is not None:
        return ScenarioFile(known, DayFields())
    path = Path(word)
    if path.suffix != ".toml" and not path.exists():
        names = ", ".join(SCENARIOS)
        raise UsageError(f"There is no scenario {word!r}; choose {names} or a TOML file.")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UsageError(f"The scenario {word} cannot be read: {reason}.") from error
    try:
        found = scenario_from_toml(text)
    except KnownError as error:
        raise UsageError(f"{word}: {error.sentence}") from error
    name = found.scenario.name
    if name in _NAMED and _NAMED[name] != found.scenario:
        raise UsageError(f"{word} is another scenario than the known {name!r}; give it a name.")
    return found


def hard_named(word: str) -> str:
    """The name of a hard day, or none; UsageError for one that nobody knows."""
    if word and word not in hard_days():
        raise UsageError(f"There is no hard day {word!r}; choose {', '.join(hard_days())}.")
    return word


def fitting_scenarios() -> list[str]:
    """The names of the scenarios that constants are fitted on."""
    return [*FITTED_ON]


def entrants_of(pacers: str, levers: str) -> list[Entrant]:
    """Who takes part: those named, or the base and the groups of levers."""
    if pacers:
        names = [word.strip() for word in pacers.split(",")]
        unknown = [name for name in names if name not in ENTRANTS]
        if unknown:
            raise UsageError(
                f"There is no pacer {unknown[0]!r}; choose from {', '.join(ENTRANTS)}."
            )
        return [one for one in ENTRANTS.values() if one.name in names]
    groups = [word.strip() for word in levers.split(",")]
    if groups == ["off"]:
        groups = []
    elif groups == ["all"]:
        groups = list(LEVER_GROUPS)
    unknown = [group for group in groups if group not in LEVER_GROUPS]
    if unknown:
        raise UsageError(
            f"--levers takes off, all or some of {', '.join(LEVER_GROUPS)}, not {unknown[0]!r}."
        )
    return [one for one in ENTRANTS.values() if one.group in (BASE, *groups)]


def _whole(word: str, option: str, example: str) -> int:
    if not word.strip().isdecimal():
        raise UsageError(f"{option} takes whole numbers, e.g. {example}, not {word.strip()!r}.")
    return int(word)
