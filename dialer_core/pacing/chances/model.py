"""The chance that a call is answered: two logistic regressions that lean on the average.

The first is of a person who answers, the second of a machine where no person does; together they
make the answer: P = p + (1 - p) m. One regression of the answer alone is worse, since the hour
moves people and leaves machines as they are. Both are fitted by Newton's method (iteratively
reweighted least squares) with a normal prior on each effect (ridge), so that there is always one
finite answer: with no history the prior's, with a weak one nearly the campaign's average, with
data that separate no infinities. See Hastie, Tibshirani and Friedman, The Elements of Statistical
Learning, 4.4.1 and 18.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from dialer_core.pacing.chances import features
from dialer_core.pacing.chances.calls import Calls, Floats, History

HALF_LIFE_S: Final = 14 * 86_400.0  # a call that is so much older than the newest weighs half
PRIOR_CALLS: Final = 20.0  # that the prior's average is worth
WEEK_S: Final = 7 * 86_400.0
LONGEST_WEEKS: Final = 8.0
SD_TREND: Final = 0.1  # logits a week
STEPS: Final = 40
BLOCK: Final = 48  # rows
CLOSE: Final = 1e-9  # of the penalised log likelihood a call
FAR: Final = 30.0  # logits beyond which nothing changes any more
LEAST, MOST = 0.001, 0.999


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of a campaign without calls: shares of dials that are answered, and of
    the answered that are people."""

    answered: float = 0.35
    people: float = 0.65


@dataclass(frozen=True, slots=True)
class AnswerModel:
    """Chances of calls. `calls`: how many it was fitted on; `rate`: the average that it shrinks to.

    The same history gives the same model.
    """

    calls: int
    rate: float
    people_rate: float  # of all dials
    mean: float  # that contacts' own shares are shrunk to
    lists: tuple[int, ...]
    average: Floats  # of the columns: effects are of what differs from the average call
    of_person: Floats
    of_machine: Floats

    def chances(self, calls: Calls) -> Floats:
        """That somebody or something answers, for each call."""
        table = self._table(calls)
        person = _share(_times(table, self.of_person))
        machine = _share(_times(table, self.of_machine))
        return _within(person + (1.0 - person) * machine)

    def people(self, calls: Calls) -> Floats:
        """That a person answers; never more than `chances`."""
        return _within(_share(_times(self._table(calls), self.of_person)))

    def _table(self, calls: Calls) -> Floats:
        table: Floats = features.columns(calls, self.mean, self.lists) - self.average
        return table


def fit(
    history: History, prior: Prior | None = None, pause: Callable[[], None] = lambda: None
) -> AnswerModel:
    """The model of a campaign's calls; with an empty history that of the prior alone.

    Entries that make no sense (an outcome that is neither, a time that is no number) are left out.
    `pause` is called before each step, for who fits beside others' work.
    """
    pause()
    plain = Prior()
    prior = prior or plain
    answered_prior = _inside(prior.answered, plain.answered)
    people_share = _inside(prior.people, plain.people)
    people_prior = answered_prior * people_share
    history = history.take(np.isin(history.answered, (0.0, 1.0)) & np.isfinite(history.at_s))
    weight = _weights(history.at_s)
    whole = float(weight.sum())
    rate = (float(weight @ history.answered) + PRIOR_CALLS * answered_prior) / (whole + PRIOR_CALLS)
    person = _people(history, weight, people_share)
    people_rate = (float(weight @ person) + PRIOR_CALLS * people_prior) / (whole + PRIOR_CALLS)
    lists = _largest(history.calls)
    table = features.columns(history.calls, rate, lists)
    average = _average(table, weight)
    table = np.hstack((table - average, _weeks(history.at_s)))
    spread = np.append(features.spreads(len(lists)), SD_TREND)
    machine_prior = (answered_prior - people_prior) / (1.0 - people_prior)
    # where a person answered, nothing is seen of a machine: such calls weigh nothing there
    left = 1.0 - person
    machine = np.where(left > 0.0, (history.answered - person) / np.maximum(left, 1e-9), 0.0)
    return AnswerModel(
        calls=len(history),
        rate=rate,
        people_rate=people_rate,
        mean=rate,
        lists=lists,
        average=average,
        of_person=_regression(table, person, weight, spread, people_prior, pause)[:-1],
        of_machine=_regression(table, machine, weight * left, spread, machine_prior, pause)[:-1],
    )


def _within(chances: Floats) -> Floats:
    inside: Floats = np.minimum(np.maximum(chances, LEAST), MOST)
    return inside


def _inside(share: float, otherwise: float) -> float:
    return min(0.98, max(0.02, share)) if math.isfinite(share) else otherwise


def _weights(at_s: Floats) -> Floats:
    """Newer calls weigh more; seconds on the scale of the history."""
    if len(at_s) == 0:
        return np.zeros(0)
    weights: Floats = 0.5 ** ((float(at_s.max()) - at_s) / HALF_LIFE_S)
    return weights


def _average(table: Floats, weight: Floats) -> Floats:
    """Of each column but the first, which stays the one that stands for the average itself."""
    whole = max(float(weight.sum()), 1e-9)
    average: Floats = np.einsum("ij,i->j", table, weight) / whole
    average[0] = 0.0
    return average


def _weeks(at_s: Floats) -> Floats:
    """Weeks before the newest call, as a column: the trend, which stands at nought now."""
    newest = float(at_s.max()) if len(at_s) else 0.0
    weeks: Floats = np.minimum((newest - at_s) / WEEK_S, LONGEST_WEEKS)[:, None]
    return weeks


def _people(history: History, weight: Floats, prior: float) -> Floats:
    """1 for a person, 0 for none; what answered and was not heard counts as the others were."""
    is_told = np.isfinite(history.person)
    answered = (history.answered == 1.0) & is_told
    share = (float(weight[answered] @ history.person[answered]) + PRIOR_CALLS * prior) / (
        float(weight[answered].sum()) + PRIOR_CALLS
    )
    told: Floats = np.where(is_told, np.clip(np.nan_to_num(history.person), 0.0, 1.0), share)
    return told * history.answered


def _largest(calls: Calls) -> tuple[int, ...]:
    ids, sizes = np.unique(calls.list_id, return_counts=True)
    order = np.argsort(-sizes, kind="stable")[: features.LISTS]
    return tuple(int(one) for one in np.sort(ids[order]))


def _regression(
    table: Floats,
    outcome: Floats,
    weight: Floats,
    spread: Floats,
    prior: float,
    pause: Callable[[], None],
) -> Floats:
    """The effects with the highest posterior; the first column's is believed to be the prior's."""
    precision = np.concatenate(([PRIOR_CALLS * prior * (1.0 - prior)], spread**-2.0))
    centre = np.zeros(len(precision))
    centre[0] = math.log(prior / (1.0 - prior))
    effects = centre.copy()
    if len(outcome) == 0:
        return effects

    rows = _blocks(table)

    def worth(of: Floats) -> float:
        logit = _times(table, of)
        likelihood = float(weight @ (outcome * logit - np.logaddexp(0.0, logit)))
        return likelihood - 0.5 * float(precision @ (of - centre) ** 2)

    now = worth(effects)
    for _ in range(STEPS):
        pause()
        share = _share(_times(table, effects))
        missed = weight * (outcome - share)
        slope = np.einsum("ij,i->j", table, missed) - precision * (effects - centre)
        bend = _squares(rows, weight * share * (1.0 - share))
        step = np.linalg.solve(bend + np.diag(precision), slope)
        size = 1.0
        while (then := worth(effects + size * step)) < now and size > 1e-6:
            size /= 2.0
        if then <= now:
            break
        effects = effects + size * step
        gained, now = then - now, then
        if gained < CLOSE * len(outcome):
            break
    return effects


def _times(table: Floats, effects: Floats) -> Floats:
    logits: Floats = np.einsum("ij,j->i", table, effects)
    return logits


def _blocks(table: Floats) -> Floats:
    """The rows in blocks, the last one filled up with nothing.

    So small that the linear algebra stays in this thread: its own ones would fight the floor's
    other processes for the cores, and take ten times as long.
    """
    count = -(-len(table) // BLOCK)
    padded = np.zeros((count * BLOCK, table.shape[1]))
    padded[: len(table)] = table
    return padded.reshape(count, BLOCK, table.shape[1])


def _squares(rows: Floats, weight: Floats) -> Floats:
    """X' W X over the blocks."""
    padded = np.zeros(rows.shape[0] * BLOCK)
    padded[: len(weight)] = weight
    weighted = rows * padded.reshape(-1, BLOCK, 1)
    squares: Floats = np.matmul(weighted.transpose(0, 2, 1), rows).sum(axis=0)
    return squares


def _share(logit: Floats) -> Floats:
    shares: Floats = 1.0 / (1.0 + np.exp(-np.minimum(np.maximum(logit, -FAR), FAR)))
    return shares
