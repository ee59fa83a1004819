"""What is known of a call, as the columns of a logistic regression.

Every column is zero where its fact is not known, so that such a call gets the campaign's average
in that respect. Times and hours are piecewise linear ("hats" over a few nodes), so that the chance
does not jump at the turn of an hour.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from dialer_core.pacing.chances.calls import MOST, Calls, Floats, Last

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
    hours = _hats(hour, HOURS)
    is_weekend = (calls.is_weekend == 1.0).astype(np.float64)[:, None]
    share = (answered + SHARE_WEIGHT * mean) / (attempts + SHARE_WEIGHT)
    own = np.log(share / (1.0 - share)) - math.log(mean / (1.0 - mean))
    own[~is_tried] = np.nan
    return np.hstack(
        (
            np.ones((len(calls), 1)),
            _one_of(calls.last, range(len(Last))),
            _one_of(np.searchsorted(ATTEMPTS, attempts), range(len(ATTEMPTS) + 1))
            * is_tried[:, None],
            _hats(log_gap, GAPS),
            _round_the_clock(gap_h, log_gap, calls),
            _hats(own, SHARES),
            (calls.is_new_number == 1.0).astype(np.float64)[:, None],
            hours,
            is_weekend,
            hours * is_weekend,
            _one_of(calls.list_id, lists),
        )
    )


def _count(numbers: Floats) -> Floats:
    """Counts as they can be: none below zero, none that is no number."""
    return np.clip(np.nan_to_num(numbers, nan=0.0, posinf=MOST, neginf=0.0), 0.0, MOST)


def _one_of(values: Floats | np.ndarray[tuple[int, ...], np.dtype[np.int64]], of: object) -> Floats:
    kinds = np.asarray(tuple(of), np.int64)  # type: ignore[arg-type]
    found: Floats = (np.asarray(values)[:, None] == kinds[None, :]).astype(np.float64)
    return found


def _hats(values: Floats, nodes: tuple[float, ...]) -> Floats:
    """Weights of the two nodes beside each value (one at and beyond the ends); none for NaN."""
    at = np.asarray(nodes)
    inside = np.clip(np.where(np.isnan(values), at[0], values), at[0], at[-1])
    left = np.clip(np.searchsorted(at, inside, side="right") - 1, 0, len(at) - 2)
    weight = (inside - at[left]) / (at[left + 1] - at[left])
    hats = np.zeros((len(values), len(at)))
    rows = np.arange(len(values))
    hats[rows, left] = 1.0 - weight
    hats[rows, left + 1] = weight
    hats[np.isnan(values)] = 0.0
    return hats


def _round_the_clock(gap_h: Floats, log_gap: Floats, calls: Calls) -> Floats:
    """How near this hour of the day is to that of the last call: for failed ones, and others.

    Who did not answer at ten is a little less likely to answer at ten another day.
    """
    near = np.where(np.isnan(log_gap), 0.0, np.cos(np.nan_to_num(gap_h) * (math.pi / 12.0)))
    has_failed = (calls.last == Last.NO_ANSWER) | (calls.last == Last.MACHINE)
    return np.stack((near * has_failed, near * ~has_failed), axis=1)
