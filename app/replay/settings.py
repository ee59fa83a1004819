"""What `--set NAME=VALUE` may change in a replay, and with which values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from app.errors import UsageError
from dialer_core.model.levers import NO_LEVERS, OFFICE_LEVERS, Levers
from dialer_core.model.states import Mode
from dialer_core.simulation.replay import ReplaySettings, levers_with

Change = Callable[[ReplaySettings], ReplaySettings]
_SWITCH = {"on": True, "off": False}


@dataclass(frozen=True, slots=True)
class Setting:
    """One name that can be set: what it takes, in words, and how it is read.

    `read` raises ValueError for a value that it does not take.
    """

    takes: str
    read: Callable[[str], Change]


def _share(text: str) -> float:
    is_percent = text.endswith("%")
    number = float(text.removesuffix("%"))
    return number / 100.0 if is_percent else number


def _within(number: float, low: float, high: float) -> float:
    if not low <= number <= high:
        raise ValueError(number)
    return number


def _target(text: str) -> Change:
    share = _within(_share(text), 0.0, 0.2)
    return lambda was: replace(was, target=share)


def _cap(text: str) -> Change:
    share = _within(_share(text), 0.0, 0.2)
    return lambda was: replace(was, cap=share, target=min(was.target, share))


def _mode(text: str) -> Change:
    mode = Mode(text.lower())
    return lambda was: replace(was, mode=mode)


def _connect_limit(text: str) -> Change:
    limit_s = _within(float(text), 0.5, 10.0)
    return lambda was: replace(was, connect_limit_s=limit_s)


def _max_ring(text: str) -> Change:
    limit_s = _within(float(text), 1.0, 120.0)
    return lambda was: replace(was, max_ring_s=limit_s)


def _lines(text: str) -> Change:
    number = int(_within(int(text), 1, 200))
    return lambda was: replace(was, lines=number)


def _seats(text: str) -> Change:
    if text[:1] not in ("+", "-"):
        raise ValueError(text)
    number = int(_within(int(text), -20, 20))
    return lambda was: replace(was, seats=number)


def _parked(text: str) -> Change:
    an_hour = int(_within(int(text), 0, 30))

    def change(was: ReplaySettings) -> ReplaySettings:
        levers = levers_with(was.levers, "parked_wrap_up", is_on=an_hour > 0)
        return replace(was, levers=levers, parked_an_hour=an_hour or was.parked_an_hour)

    return change


def _lever(name: str) -> Callable[[str], Change]:
    def read(text: str) -> Change:
        if text.lower() not in _SWITCH:
            raise ValueError(text)
        is_on = _SWITCH[text.lower()]
        return lambda was: replace(was, levers=levers_with(was.levers, name, is_on=is_on))

    return read


def _levers(text: str) -> Change:
    levers = {"all": Levers(), "office": OFFICE_LEVERS, "off": NO_LEVERS}.get(text.lower())
    if levers is None:
        raise ValueError(text)
    return lambda was: replace(was, levers=levers)


SETTINGS: Mapping[str, Setting] = {
    "target": Setting("a share of 0 to 0.2 (or 2%)", _target),
    "cap": Setting("a share of 0 to 0.2 (or 3%)", _cap),
    "mode": Setting(", ".join(Mode), _mode),
    "connect_limit": Setting("0.5 to 10 seconds", _connect_limit),
    "max_ring": Setting("1 to 120 seconds", _max_ring),
    "lines": Setting("1 to 200 lines", _lines),
    "seats": Setting("so many more or fewer, like +1 or -1", _seats),
    "parked": Setting("0 to 30 interrupted wrap-ups of a seat an hour", _parked),
    "hold_breaks": Setting("on or off", _lever("held_breaks")),
    **{
        one.name: Setting("on or off", _lever(one.name))
        for one in fields(Levers)
        if one.name in ("seat_forecast", "answer_chance", "choice")
    },
    "levers": Setting("off, office or all", _levers),
}


def what_can_be_set() -> str:
    """All names with what they take, in one sentence's worth of words."""
    return "; ".join(f"{name}: {one.takes}" for name, one in SETTINGS.items())


def names_in(words: Sequence[str]) -> tuple[str, ...]:
    """The names of `NAME=VALUE` words, whether or not there are such."""
    return tuple(word.partition("=")[0].strip().lower() for word in words)


def changed(was: ReplaySettings, words: Sequence[str]) -> ReplaySettings:
    """`was` with each `NAME=VALUE` of `words` carried out in their order.

    UsageError names what can be set, or what a name takes.
    """
    for change in parse(words):
        was = change(was)
    if was.target > was.cap:
        raise UsageError(
            f"The target of {was.target:.1%} lies above the cap of {was.cap:.1%}; "
            "set a lower target, or the cap as well."
        )
    return was


def parse(words: Sequence[str]) -> list[Change]:
    """The changes that `NAME=VALUE` words ask for; UsageError where one cannot be read."""
    found: list[Change] = []
    for word, name in zip(words, names_in(words), strict=True):
        _, has_value, value = word.partition("=")
        setting = SETTINGS.get(name)
        if setting is None or not has_value:
            raise UsageError(f"--set {word} cannot be done; there are {what_can_be_set()}.")
        try:
            found.append(setting.read(value.strip()))
        except (ValueError, OverflowError):
            raise UsageError(f"--set {name} takes {setting.takes}, not {value!r}.") from None
    return found
