"""Back into a call that the phone has lost and the floor has not."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.desk.rejoining import TRIES, Rejoining


class Desk:
    """What the floor and the phone say, and how often the floor was told."""

    def __init__(self) -> None:
        self.talks_of = "A1"
        self.came = 0

    def still_talks(self, attempt_id: str) -> bool:
        return attempt_id == self.talks_of

    def come(self) -> None:
        self.came += 1


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk()


def test_the_floor_is_told_until_the_phone_is_in_the_call_again(desk: Desk) -> None:
    made = Rejoining(desk.still_talks, desk.come)
    made.look()
    assert desk.came == 0, "nothing was lost"
    made.lost("A1")
    made.look()
    made.look()
    assert desk.came == 2
    desk.talks_of = ""
    made.look()
    assert desk.came == 2
    assert not made._timer.isActive()


def test_a_call_that_the_floor_has_ended_is_left_alone(desk: Desk) -> None:
    made = Rejoining(desk.still_talks, desk.come)
    made.lost("A0")
    made.look()
    assert desk.came == 0
    assert not made._timer.isActive()


def test_it_is_given_up_in_the_end(desk: Desk) -> None:
    made = Rejoining(desk.still_talks, desk.come)
    made.lost("A1")
    for _ in range(TRIES + 5):
        made.look()
    assert desk.came == TRIES
    assert not made._timer.isActive()


def test_a_window_that_closes_asks_no_more(desk: Desk) -> None:
    made = Rejoining(desk.still_talks, desk.come)
    made.lost("A1")
    made.stop()
    assert not made._timer.isActive()
