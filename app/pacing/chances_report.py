"""What `callfloor bench chances` finds."""

from __future__ import annotations

import msgspec

from dialer_core.pacing.chances import Calibration


class Judged(msgspec.Struct, frozen=True):
    """One history: fitted on the calls before each judged day, judged on that day's.

    `held_out` says what was held back; `people` leaves out calls of which nobody knows whether a
    person answered.
    """

    name: str
    calls_before: int
    held_out: str
    answered: Calibration
    people: Calibration


class Weak(msgspec.Struct, frozen=True):
    """What comes of a history of few calls, judged on those that follow it."""

    calls: int
    brier: float
    brier_of_average: float  # that of the shrunk average given to all
    error: float
    least: float  # chance given
    most: float


class ChanceReport(msgspec.Struct, frozen=True):
    """All that one run of the command found."""

    what: str
    made: str  # day, UTC
    source: str
    seed: int | None
    chosen_on: str  # what the model's constants were chosen on
    main: Judged
    others: list[Judged]
    weak: list[Weak]
