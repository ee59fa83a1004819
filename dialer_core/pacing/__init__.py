"""How many calls to launch now, and why. Pure functions of a view of the floor."""

from dialer_core.pacing.make import make_pacer
from dialer_core.pacing.view import (
    AnswerEnd,
    Budget,
    Decision,
    FloorView,
    HandleEnd,
    Pacer,
    RingEnd,
)

__all__ = [
    "AnswerEnd",
    "Budget",
    "Decision",
    "FloorView",
    "HandleEnd",
    "Pacer",
    "RingEnd",
    "make_pacer",
]
