"""Asking the pacer, so that nothing it does can end the dialler or dial beyond reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import index
from typing import NamedTuple

from dialer_core.pacing.one_to_one import one_to_one
from dialer_core.pacing.view import Decision, FloorView, Pacer

REWORD_S = 1.0  # how often a mere change of rule is noted
FAILED, SENSELESS = "failed", "senseless"
_FIGURES = re.compile(r"[\d.,]*\d(?: (\w+?)s?\b)?")  # "1 seat" and "2 seats" alike


class Orders(NamedTuple):
    """A decision that has been looked over."""

    decision: Decision
    hold: frozenset[int] = frozenset()
    park: tuple[int, ...] = ()  # best first where the pacer gave an order
    prefer: tuple[int, ...] = ()


def ask(pacer: Pacer, view: FloorView) -> Orders:
    """The pacer's decision; one call per free seat where it fails, none where it makes no sense."""
    try:
        return _looked_over(pacer.decide(view), view)
    except Exception as error:  # a pacer is a plug-in: whatever it does, people are being called
        kind = type(error).__name__
        launch = max(0, one_to_one(view).launch)
        reason = f"The pacer failed ({kind}); one call per free seat."
        return Orders(Decision(launch, reason=reason, rule=f"{FAILED}:{kind}"))


def _looked_over(decision: Decision, view: FloorView) -> Orders:
    launch = int(index(decision.launch))  # TypeError for what is not a whole number
    if launch < 0:
        reason = f"Nothing is launched: the pacer asked for {launch} calls."
        return Orders(Decision(0, reason=reason, rule=SENSELESS))
    if not (isinstance(decision.reason, str) and isinstance(decision.figures, Mapping)):
        raise TypeError("a decision without words")
    if launch is not decision.launch:
        decision = replace(decision, launch=launch)
    if not (decision.hold_breaks or decision.may_park or decision.prefer):
        return Orders(decision)
    park, wrapping = decision.may_park, view.wrapping
    if isinstance(park, Sequence):
        park = tuple(seat for seat in park if seat in wrapping)
    else:  # no order was given: who has been at it longest
        named = frozenset(park)
        park = tuple(seat for seat in wrapping if seat in named)
    return Orders(decision, frozenset(decision.hold_breaks), park, tuple(decision.prefer))


class DecisionLog:
    """Which decisions go on the record: launches, and changes of the rule behind them."""

    def __init__(self) -> None:
        self._rule: str | None = None
        self._at_s = float("-inf")
        self._last = Decision(0)
        self._last_rule = ""
        self.is_settled = False  # the record has the rule that spoke last, which launched nothing

    def is_new(self, decision: Decision, now_s: float) -> bool:
        """Whether the decision is to be noted (and remember it).

        A pacer that names no rule is known by its words without their figures. Changes that launch
        nothing are noted once a second at most; the one that stands then is.
        """
        rule = self._rule_of(decision)
        if decision.launch == 0 and (rule == self._rule or now_s - self._at_s < REWORD_S):
            self.is_settled = rule == self._rule
            return False
        self._rule, self._at_s = rule, now_s
        self.is_settled = decision.launch == 0
        return True

    def _rule_of(self, decision: Decision) -> str:
        if decision.rule:
            return decision.rule
        if decision.reason != self._last.reason:  # most ticks say the same again
            self._last, self._last_rule = decision, _FIGURES.sub(r"# \1", decision.reason)
        return self._last_rule
