"""What a pacer may use beyond the plain counts of the floor; each can be switched off."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Levers:
    """Which of its levers a campaign's pacer uses.

    `seat_forecast`: what seats tell of their end; `answer_chance`: the records' own chances;
    `choice`: which record goes next; `held_breaks`: breaks wait until the lines that ring for them
    are resolved; `parked_wrap_up`: an answered person may interrupt a wrap-up.
    """

    seat_forecast: bool = True
    answer_chance: bool = True
    choice: bool = True
    held_breaks: bool = True
    parked_wrap_up: bool = True


NO_LEVERS = Levers(
    seat_forecast=False, answer_chance=False, choice=False, held_breaks=False, parked_wrap_up=False
)
OFFICE_LEVERS = Levers(parked_wrap_up=False)  # a new campaign's: nobody's wrap-up is interrupted
