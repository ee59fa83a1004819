"""Which pacer belongs to which mode."""

from __future__ import annotations

from dialer_core.model.errors import KnownError
from dialer_core.model.levers import Levers
from dialer_core.pacing.agentless import Agentless
from dialer_core.pacing.fixed_ratio import FixedRatio
from dialer_core.pacing.one_to_one import OneToOne
from dialer_core.pacing.predictive import Predictive
from dialer_core.pacing.view import Pacer

MODES = ("preview", "progressive", "predictive", "agentless", "manual")


def make_pacer(
    mode: str, *, target: float = 0.03, seed: int = 0, levers: Levers | None = None
) -> Pacer:
    """A new pacer for one campaign; `target` is the share of live answers that may be lost.

    A target that makes no sense gives a pacer that never goes above one call per free seat.
    KnownError for an unknown mode. None of today's pacers draws numbers, so `seed` changes nothing.
    """
    del seed
    if mode in ("preview", "progressive", "manual"):  # by hand nobody asks it
        return OneToOne()
    if mode == "agentless":
        return Agentless()
    if mode == "fixed_ratio":  # for comparison; never offered
        return FixedRatio(target=target)
    if mode == "predictive":
        return Predictive(target, levers)
    raise KnownError(f"There is no dialling mode {mode!r}; choose one of {', '.join(MODES)}.")
