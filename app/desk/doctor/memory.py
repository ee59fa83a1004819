"""The doctor over time: what lasts is told, what has gone stays for a while, nothing flickers."""

from __future__ import annotations

import re

from app.desk.doctor.facts import Advice, Facts
from app.desk.doctor.rules import RULES, SILENT_DBFS, Rule, symptoms

MOST = 3
"""More sentences at a time nobody reads."""
_FIGURE = re.compile(r"\d+(\.\d+)? (%|ms|s)\b|\d+ %")


class LineDoctor:
    """Advice on one call or seat over time.

    `keeps_s`: how long advice stays after its symptom was seen last, where that
    is a matter of measure. Give `examine` a moment
    that never runs backwards (monotonic seconds).
    """

    def __init__(self, keeps_s: float = 6.0) -> None:
        self._keeps_s = keeps_s
        self._since: dict[str, float] = {}
        self._seen: dict[str, tuple[float, Advice]] = {}
        self._told: tuple[str, ...] = ()
        self._has_spoken = False  # the microphone has given sound in this call

    def examine(self, facts: Facts, now_s: float) -> tuple[Advice, ...]:
        """At most `MOST` pieces of advice, the most important first."""
        level = facts.microphone_dbfs
        self._has_spoken = self._has_spoken or (level is not None and level > SILENT_DBFS)
        found = {one.code: one for one in symptoms(facts, frozenset(self._told))}
        self._since = {code: self._since.get(code, now_s) for code in found}
        for rule in RULES:
            advice = found.get(rule.code)
            if advice is not None:
                is_due = now_s - self._since[rule.code] >= self._after_s(rule)
                if is_due or rule.code in self._seen:
                    self._seen[rule.code] = (now_s, self._steady(rule.code, advice))
            elif rule.code in self._seen:
                keeps_s = 0.0 if rule.is_exact else self._keeps_s
                if now_s - self._seen[rule.code][0] >= keeps_s:
                    del self._seen[rule.code]
        hidden = {code for rule in RULES if rule.code in self._seen for code in rule.hides}
        ordered = [r.code for r in RULES if r.code in self._seen and r.code not in hidden]
        self._told = tuple(ordered[:MOST])
        return tuple(self._seen[code][1] for code in self._told)

    def _after_s(self, rule: Rule) -> float:
        if self._has_spoken and rule.after_sound_s is not None:
            return rule.after_sound_s
        return rule.after_s

    def _steady(self, code: str, new: Advice) -> Advice:
        """The words that stand already, where only a figure in them has moved a little."""
        if code not in self._seen:
            return new
        old = self._seen[code][1]
        return old if _without_figures(old.sentence) == _without_figures(new.sentence) else new

    def forget(self) -> None:
        """Another call begins: what was wrong with the last one is not its trouble."""
        self._since.clear()
        self._seen.clear()
        self._told = ()
        self._has_spoken = False


def _without_figures(sentence: str) -> str:
    return _FIGURE.sub("", sentence)
