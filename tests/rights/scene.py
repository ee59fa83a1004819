"""The scene of the crimes: two agents at work, and one seat's role without our program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg import errors

from dialer_core.model.ids import AttemptId, ContactId
from dialer_core.store.seat import SeatStore
from tests.rights.floor_of_seats import ANNA, BEN, FloorOfSeats

Plain = psycopg.Connection[Any]


@dataclass
class Scene:
    """Anna at seat one has coded one call and wraps up another; Ben at seat two wraps up his.

    `plain`: the way in of seat one, without our program.
    """

    floor: FloorOfSeats
    plain: Plain
    anna: SeatStore
    ben: SeatStore
    annas_call: AttemptId
    annas_person: ContactId
    bens_call: AttemptId
    bens_person: ContactId


def set_scene(floor: FloorOfSeats) -> Scene:
    """Both agents at work, each with a person on the screen."""
    anna = floor.sit_down(floor.one, ANNA)
    coded, _ = floor.call(anna)
    anna.choose_outcome(coded, "SALE", "", floor.clock.now())
    floor.after_wrap_up(anna)
    ben = floor.sit_down(floor.two, BEN)
    bens_call, bens_person = floor.call(ben)
    annas_call, annas_person = floor.call(anna)
    return Scene(
        floor, floor.one.intruder(), anna, ben, annas_call, annas_person, bens_call, bens_person
    )


def rows(plain: Plain, query: str, *values: object) -> list[tuple[Any, ...]]:
    return plain.execute(query.encode(), values or None).fetchall()


def refused(plain: Plain, statement: str, *values: object) -> str:
    """What the server says to a statement that it does not carry out for lack of a right."""
    with pytest.raises(errors.InsufficientPrivilege) as caught:
        plain.execute(statement.encode(), values or None)
    return caught.value.diag.message_primary or ""


def changed(plain: Plain, statement: str, *values: object) -> int:
    """How many rows a statement has found that it might change."""
    return plain.execute(statement.encode(), values or None).rowcount
