"""Pacers of others, behind the same interface, to be measured beside ours; never offered."""

from dialer_core.simulation.comparators.adapt import Adapt
from dialer_core.simulation.comparators.expected_free import ExpectedFree
from dialer_core.simulation.comparators.open_loop import OpenLoop

__all__ = ["Adapt", "ExpectedFree", "OpenLoop"]
