"""Who takes part in the comparison: every pacer and every setting of the levers, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from dialer_core.model.campaign import Campaign
from dialer_core.model.levers import NO_LEVERS, Levers
from dialer_core.model.states import Mode
from dialer_core.pacing.fixed_ratio import FixedRatio
from dialer_core.pacing.view import Pacer
from dialer_core.simulation.comparators import Adapt, ExpectedFree, OpenLoop
from dialer_core.simulation.day import Hints

# What the floor knows in the rows with hints: forecasts off by a third, people who differ by 0.9
# logits, of which the estimate misses 0.5.
HINTS = Hints(forecast_error=0.35, chance_spread=0.9, chance_noise=0.5)
NO_HINTS = Hints()
_ALL = Levers()
_HINTS_ONLY = replace(_ALL, parked_wrap_up=False)
_PARKED_ONLY = replace(NO_LEVERS, parked_wrap_up=True)

BASE = "base"
LEVER_GROUPS = ("hints", "parked", "relief", "ablation")


@dataclass(frozen=True, slots=True)
class Entrant:
    """One row: how the floor is paced and what it knows.

    `pacer` None: the product's own for the mode. `against`: the entrant whose same days it is
    compared with; `hints` change the people (they differ), so that both must have the same.
    """

    name: str
    label: str
    group: str = BASE
    mode: Mode = Mode.PREDICTIVE
    pacer: Callable[[Campaign], Pacer] | None = None
    is_clairvoyant: bool = False
    levers: Levers = NO_LEVERS
    hints: Hints = NO_HINTS
    relief: int = 0
    against: str = "progressive"


def _fixed_ratio(_: Campaign) -> Pacer:
    return FixedRatio()


def _adapt(campaign: Campaign) -> Pacer:
    return Adapt(campaign.abandon_target)


def _expected_free(campaign: Campaign) -> Pacer:
    return ExpectedFree(campaign.abandon_target)


def _open_loop(campaign: Campaign) -> Pacer:
    return OpenLoop(campaign.abandon_target)


def _without(name: str, label: str, levers: Levers) -> Entrant:
    return Entrant(name, label, "ablation", levers=levers, hints=HINTS, against="levers")


_ENTRANTS = (
    Entrant("progressive", "progressive", mode=Mode.PROGRESSIVE, against=""),
    Entrant("fixed_ratio", "fixed ratio 2 : 1", pacer=_fixed_ratio),
    Entrant("adapt", "adaptive dial level", pacer=_adapt),
    Entrant("expected_free", "expected-free", pacer=_expected_free),
    Entrant("open_loop", "open-loop rate", pacer=_open_loop),
    Entrant("predictive", "predictive, no levers"),
    Entrant("clairvoyant", "clairvoyant (the limit)", is_clairvoyant=True),
    Entrant("parked", "predictive + parked wrap-up", "parked", levers=_PARKED_ONLY,
            against="predictive"),
    Entrant("blind", "predictive, no levers, people who differ", "hints", hints=HINTS, against=""),
    Entrant("hints", "+ hints and held breaks", "hints", levers=_HINTS_ONLY, hints=HINTS,
            against="blind"),
    Entrant("levers", "+ hints + parked wrap-up", "parked", levers=_ALL, hints=HINTS,
            against="hints"),
    Entrant("relief", "+ hints + parked wrap-up + relief seat", "relief", levers=_ALL, hints=HINTS,
            relief=1, against="levers"),
    _without("no_forecast", "all levers but the seats' forecast",
             replace(_ALL, seat_forecast=False)),
    _without("no_chance", "all levers but the records' chances and their choice",
             replace(_ALL, answer_chance=False, choice=False)),
    _without("no_choice", "all levers but the choice of the record", replace(_ALL, choice=False)),
    _without("no_held_breaks", "all levers but held breaks", replace(_ALL, held_breaks=False)),
)  # fmt: skip
ENTRANTS: Mapping[str, Entrant] = MappingProxyType({one.name: one for one in _ENTRANTS})
