"""How far today's budget of lost calls may be spent ahead of the answers that earn it.

The law's window is the day, not the moment: a strict running share stops a floor at every cluster
of losses, which costs 1 to 4 points of utilisation. So what the coming hour is sure to bring may
be borrowed, once the day has earned its first drop.
"""

from __future__ import annotations

import math

PACE_S = 3600.0  # people of so long make the pace
LEAST_PACE_S = 600.0  # what is younger would tell too little
AHEAD_S = 3600.0  # how far ahead answers are counted on
PEOPLE_AHEAD = 150.0  # small floors look further: about four drops' worth of people
SURE = 0.7  # share of the answers expected ahead that is counted on for the limit
OVERDRAWN = 0.33  # the running share is never planned further above the cap than this share of it
FIRST_DROPS = 1.9  # and so many drops, since few drops come in whole ones
EPSILON = 1e-9


def pace(people: float, age_s: float) -> float:
    """People a second, of those of the last hour, or of the day where it is younger.

    `people`: of the last PACE_S; `age_s`: how old the day is.
    """
    return people / min(PACE_S, max(LEAST_PACE_S, age_s))


def coming(people_a_second: float, left_s: float) -> float:
    """People who are likely to answer in the time that budgets look ahead.

    `people_a_second`: at the present pace; `left_s`: seconds until the end of calling. Never
    beyond the end, and 0 where a number makes no sense.
    """
    if not (math.isfinite(people_a_second) and people_a_second > 0.0 and left_s > 0.0):
        return 0.0
    today = people_a_second * left_s
    return min(today, max(people_a_second * AHEAD_S, PEOPLE_AHEAD))


def may_be_lost(earned: float, lost: float, share: float, ahead: float) -> int:
    """How many more may be lost now; nothing before the day has earned its first drop.

    `earned`: drops that the people met so far allow (fractional); `lost`: so far; `share`: the cap
    on lost over all; `ahead`: people likely to come, of whom SURE are counted on. However many
    come, the day may end early: so what is lent is bounded by what was earned.
    """
    if earned < 1.0 - EPSILON:
        return 0
    lent = min(share * SURE * max(0.0, ahead), OVERDRAWN * earned + FIRST_DROPS)
    return max(0, math.floor(earned + lent - lost + EPSILON))
