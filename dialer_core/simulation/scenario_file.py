"""A scenario and its day from a TOML file, every mistake in one sentence that names the key."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

from dialer_core.model.errors import KnownError
from dialer_core.simulation.day import Turn
from dialer_core.simulation.public import B2C_COLD, SCENARIOS, Scenario

SHARES = ("human", "machine", "busy", "invalid", "declined", "hangs_up", "overloaded")
_MOST_SEATS = 200
_LONGEST_S = 86_400.0
_MOST_FACTOR = 100.0


@dataclass(frozen=True, slots=True)
class DayFields:
    """What a file says of the day; None where it is silent. `breaks`: of each seat."""

    seats: int | None = None
    hours: float | None = None
    lines: int | None = None
    breaks: int | None = None
    drift: float | None = None
    turns: tuple[Turn, ...] = ()


class ScenarioFile(NamedTuple):
    """A scenario and what the file says of the day besides."""

    scenario: Scenario
    day: DayFields


def scenario_from_toml(text: str) -> ScenarioFile:
    """Read a scenario: its fields at the top level, the day in [day], changes in [[turn]].

    `base` names a scenario whose values hold where the file is silent (b2c_cold otherwise). A
    turn's moment is `at_h`, hours from the start. KnownError for what cannot be.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KnownError(f"The scenario is no TOML: {error}.") from error
    day = found.pop("day", {})
    turns = found.pop("turn", [])
    if not isinstance(day, dict):
        raise KnownError('"day" must be a table: [day].')
    if not isinstance(turns, list) or not all(isinstance(one, dict) for one in turns):
        raise KnownError('"turn" must be a list of tables: [[turn]].')
    read = tuple(_turn(one) for one in turns)
    return ScenarioFile(_scenario(found), _day(day, read))


def _scenario(found: Mapping[str, object]) -> Scenario:
    known = [one.name for one in fields(Scenario)]
    _only(found, [*known, "base"], "The scenario")
    base = _base(found.get("base"))
    name = found.get("name", "own")
    if not isinstance(name, str) or not name.strip():
        raise KnownError('"name" must be a word.')
    values: dict[str, float] = {}
    for key in known[1:]:
        if key not in found:
            continue
        if key in SHARES:
            values[key] = _number(key, found[key], 0.0, 1.0)
        elif key.endswith("_cv"):
            values[key] = _number(key, found[key], 0.0, 10.0)
        else:
            values[key] = _number(key, found[key], 0.0, _LONGEST_S)
    scenario = replace(base, name=name.strip(), **values)
    total = math.fsum(getattr(scenario, key) for key in SHARES)
    if total > 1.0 + 1e-9:
        raise KnownError(f"The shares ({', '.join(SHARES)}) add up to {total:.2f}, more than 1.")
    if scenario.no_answer_s < 1.0:
        raise KnownError('"no_answer_s" must be at least 1.')
    return scenario


def _base(name: object) -> Scenario:
    if name is None:
        return B2C_COLD
    if not isinstance(name, str) or name not in SCENARIOS:
        raise KnownError(f'"base" must be one of {", ".join(SCENARIOS)}.')
    return SCENARIOS[name]


def _day(found: Mapping[str, object], turns: tuple[Turn, ...]) -> DayFields:
    _only(found, [one.name for one in fields(DayFields) if one.name != "turns"], "[day]")
    return DayFields(
        seats=_whole("seats", found, 1, _MOST_SEATS),
        hours=_number("hours", found["hours"], 0.05, 24.0) if "hours" in found else None,
        lines=_whole("lines", found, 1, 10 * _MOST_SEATS),
        breaks=_whole("breaks", found, 0, 20),
        drift=_number("drift", found["drift"], 0.0, 0.95) if "drift" in found else None,
        turns=turns,
    )


def _turn(found: Mapping[str, object]) -> Turn:
    factors = ("answers", "machines", "invalid", "talk", "wrap", "ring")
    counts = ("lines", "channels")
    _only(found, ["at_h", *factors, *counts, "delay_s"], "[[turn]]")
    if "at_h" not in found:
        raise KnownError('"at_h" is missing in a [[turn]]: the hours from the start of the day.')

    def factor(key: str) -> float:
        return _number(key, found.get(key, 1.0), 0.0, _MOST_FACTOR)

    return Turn(
        3600.0 * _number("at_h", found["at_h"], 0.0, 24.0),
        answers=factor("answers"),
        machines=factor("machines"),
        invalid=factor("invalid"),
        talk=factor("talk"),
        wrap=factor("wrap"),
        ring=factor("ring"),
        delay_s=_number("delay_s", found.get("delay_s", 0.0), 0.0, 60.0),
        lines=_whole("lines", found, 0, 10 * _MOST_SEATS),
        channels=_whole("channels", found, 0, 10 * _MOST_SEATS),
    )


def _only(found: Mapping[str, object], known: list[str], where: str) -> None:
    for key in found:
        if key not in known:
            raise KnownError(f'{where} has no "{key}"; known are {", ".join(known)}.')


def _number(key: str, value: object, least: float, most: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not isinstance(value, int | float) or not least <= value <= most:
        raise KnownError(f'"{key}" must be a number from {least:g} to {most:g}.')
    return float(value)


def _whole(key: str, found: Mapping[str, object], least: int, most: int) -> int | None:
    if key not in found:
        return None
    value = found[key]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise KnownError(f'"{key}" must be a whole number from {least} to {most}.')
    return value
