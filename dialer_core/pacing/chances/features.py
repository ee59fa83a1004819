"""What is known of a call, as the columns of a logistic regression.

Every column is zero where its fact is not known, so that such a call gets the campaign's average
in that respect. Times and hours are piecewise linear ("hats" over a few nodes), so that the chance
does not jump at the turn of an hour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from dialer_core.pacing.chances.calls import MOST, Calls, Floats, Last

Part: TypeAlias = Floats | npt.NDArray[np.bool_]

HOURS: Final = (8.0, 10.0, 12.0, 14.0, 16.0, 18.0, 20.0)
GAPS: Final = tuple(math.log(hours) for hours in (0.5, 2.0, 8.0, 24.0, 72.0, 240.0))
ATTEMPTS: Final = (1, 2, 3, 5, 9)  # 1; 2; 3; 4 and 5; 6 to 9; more
SHARES: Final = (-2.0, -1.0, 0.0, 0.75, 1.5, 2.5)  # logits above the campaign's average
SHARE_WEIGHT: Final = 2.0  # calls that a contact's own share of answers is shrunk with
LISTS: Final = 24  # the largest lists have an effect of their own

# Standard deviations, in logits, that the columns' effects are believed to have.
SD_LAST: Final = 0.6
SD_ATTEMPTS: Final = 0.35
SD_GAP: Final = 0.35
SD_SHARE: Final = 0.7
SD_NEW_NUMBER: Final = 0.7
SD_HOUR: Final = 0.3
SD_WEEKEND: Final = 0.25
SD_LIST: Final = 0.35

_SPREADS: Final = (
    *((SD_LAST,) * len(Last)),
    *((SD_ATTEMPTS,) * (len(ATTEMPTS) + 1)),
    *((SD_GAP,) * len(GAPS)),
    *((SD_GAP,) * 2),
    *((SD_SHARE,) * len(SHARES)),
    SD_NEW_NUMBER,
    *((SD_HOUR,) * len(HOURS)),
    *((SD_WEEKEND,) * (len(HOURS) + 1)),
)


def spreads(lists: int) -> Floats:
    """The standard deviations of all columns but the first (the average), `lists` lists."""
    return np.array((*_SPREADS, *((SD_LIST,) * lists)))


def columns(calls: Calls, mean: float, lists: tuple[int, ...]) -> Floats:
    """One row a call: a one for the average, then what `spreads` tells the spread of.

    `mean`: the campaign's share of answers, which a contact's own share is shrunk to.
    """
    attempts = _count(calls.attempts)
    answered = np.minimum(_count(calls.answered), attempts)
    is_tried = attempts > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        gap_h = calls.gap_s / 3600.0
        log_gap = np.log(gap_h)
    # A last call in the future (a clock was set) says nothing of the time since.
    log_gap[~(np.isfinite(log_gap) & is_tried)] = np.nan
    hour = np.where((calls.hour >= 0.0) & (calls.hour <= 24.0), calls.hour, np.nan)
    hours = _HOUR_HATS.of(hour)
    is_weekend = (calls.is_weekend == 1.0)[:, None]
    share = (answered + SHARE_WEIGHT * mean) / (attempts + SHARE_WEIGHT)
    own = np.log(share / (1.0 - share)) - math.log(mean / (1.0 - mean))
    own[~is_tried] = np.nan
    return _side_by_side(
        len(calls),
        (
            _ONE,
            calls.last[:, None] == _LASTS,
            (np.searchsorted(_ATTEMPTS, attempts)[:, None] == _TIMES) & is_tried[:, None],
            _GAP_HATS.of(log_gap),
            _round_the_clock(gap_h, log_gap, calls),
            _SHARE_HATS.of(own),
            (calls.is_new_number == 1.0)[:, None],
            hours,
            is_weekend,
            hours * is_weekend,
            calls.list_id[:, None] == np.array(lists, np.int64),
        ),
    )


def _side_by_side(rows: int, parts: Sequence[Part]) -> Floats:
    """The parts as one table of numbers; a part of one row stands for all."""
    table: Floats = np.empty((rows, sum(part.shape[1] for part in parts)))
    left = 0
    for part in parts:
        table[:, left : left + part.shape[1]] = part
        left += part.shape[1]
    return table


def _count(numbers: Floats) -> Floats:
    """Counts as they can be: none below zero, none that is no number."""
    counts: Floats = np.fmin(np.fmax(numbers, 0.0), float(MOST))
    return counts


class _Hats:
    """Weights of the two nodes beside each value (one at and beyond the ends); none for NaN."""

    def __init__(self, nodes: tuple[float, ...]) -> None:
        self._at = np.asarray(nodes)
        self._width = np.diff(self._at)

    def of(self, values: Floats) -> Floats:
        at = self._at
        inside = np.fmin(np.fmax(values, at[0]), at[-1])
        left = np.minimum(np.searchsorted(at, inside, side="right") - 1, len(at) - 2)
        weight = (inside - at[left]) / self._width[left]
        hats = np.zeros((len(values), len(at)))
        rows = np.arange(len(values))
        hats[rows, left] = 1.0 - weight
        hats[rows, left + 1] = weight
        hats[np.isnan(values)] = 0.0
        return hats


_ONE: Final[Floats] = np.ones((1, 1))
_LASTS: Final = np.arange(len(Last))
_ATTEMPTS: Final = np.asarray(ATTEMPTS)
_TIMES: Final = np.arange(len(ATTEMPTS) + 1)
_HOUR_HATS: Final = _Hats(HOURS)
_GAP_HATS: Final = _Hats(GAPS)
_SHARE_HATS: Final = _Hats(SHARES)


def _round_the_clock(gap_h: Floats, log_gap: Floats, calls: Calls) -> Floats:
    """How near this hour of the day is to that of the last call: for failed ones, and others.

    Who did not answer at ten is a little less likely to answer at ten another day.
    """
    missing = np.isnan(log_gap)
    near = np.cos(np.where(missing, 0.0, gap_h) * (math.pi / 12.0))
    near[missing] = 0.0
    has_failed = (calls.last == Last.NO_ANSWER) | (calls.last == Last.MACHINE)
    both: Floats = np.empty((len(near), 2))
    both[:, 0] = near * has_failed
    both[:, 1] = near * ~has_failed
    return both
