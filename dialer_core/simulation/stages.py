"""What agents tell of their end: the pages of the script, the outcome, the notes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from dialer_core.model.ids import ContactId
from dialer_core.simulation.draw import Draws
from dialer_core.simulation.public import Behaviour

_NORMAL = NormalDist()
# The agent turns a page when this much of the talk is left, as far as agents can tell.
TALK_LEFT = ((40.0, "script:2"), (20.0, "script:3"), (8.0, "script:4"))
WRAP_LEFT = ((10.0, "outcome"), (4.0, "notes"))
OPENING = "script:1"
OPENING_S = 4.0  # it is a person: the script begins
VOICEMAIL = "machine"
VOICEMAIL_S = 3.0  # it is a machine: the agent reaches for the key


class Stages:
    """When an agent reaches which stage, in seconds from the start of the talk or wrap-up.

    A page stands for so many seconds that are left; when it is turned the true ones are those times
    a log-normal of mean one and this coefficient of variation. What would have been reached
    before the talk began is passed over. So the forecast that can be learnt from the stages is
    off by as much, and nothing is known that agents do not show.
    """

    def __init__(self, seed: int, error: float) -> None:
        self._draws = Draws(seed, purpose=3)
        variance = math.log(1.0 + error * error)
        self._mean, self._sd = -variance / 2, math.sqrt(variance)

    def of_talk(self, contact_id: ContactId, person: Behaviour) -> Sequence[tuple[float, str]]:
        """The stages of a conversation with that person."""
        row = self._draws.row(contact_id, 0)
        first_s = VOICEMAIL_S if person.is_machine else OPENING_S
        reached: list[tuple[float, str]] = []
        if person.talk_s > first_s:
            reached.append((first_s, VOICEMAIL if person.is_machine else OPENING))
        if not person.is_machine:
            reached += self._reached(person.talk_s, TALK_LEFT, row, first_s)
        return reached

    def of_wrap_up(self, contact_id: ContactId, left_s: float) -> Sequence[tuple[float, str]]:
        """The stages of a wrap-up that takes so long."""
        row = self._draws.row(contact_id, 1)
        return self._reached(left_s, WRAP_LEFT, row, 0.0)

    def _reached(
        self, length_s: float, plan: Sequence[tuple[float, str]], row: list[float], least_s: float
    ) -> list[tuple[float, str]]:
        # In order, whatever the errors: nobody turns pages backwards.
        errors = (self._error(u) for u in row)
        lefts = sorted((left_s * next(errors) for left_s, _ in plan), reverse=True)
        return [
            (length_s - left_s, stage)
            for left_s, (_, stage) in zip(lefts, plan, strict=True)
            if length_s - left_s > least_s
        ]

    def _error(self, u: float) -> float:
        return math.exp(self._mean + self._sd * _NORMAL.inv_cdf(u))
