"""Whether people who are kept in mind are still free, due and fit: one question for all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Dialect,
    Integer,
    Select,
    String,
    bindparam,
    case,
    false,
    func,
    literal_column,
    select,
)

from dialer_core.lists.mix import Kind, Place
from dialer_core.lists.order import Turn
from dialer_core.store.conditions import is_timed
from dialer_core.store.fronts import beside
from dialer_core.store.ready import Ready
from dialer_core.store.schema import ContactRow
from dialer_core.store.waiting import Pool

# Contacts and the numbers of their places: a file takes pairs in one text, a server two lists.
_PAIRS: Final = bindparam("pairs", type_=String)
_CONTACTS: Final = bindparam("contacts", type_=ARRAY(Integer))
_PLACES: Final = bindparam("places", type_=ARRAY(Integer))


class Recheck:
    """Asks about people of some pools, each by the condition of the place that they come from."""

    def __init__(self, pools: Sequence[Pool]) -> None:
        self._places: list[tuple[Pool, Kind]] = [(pool, kind) for pool in pools for kind in Kind]
        self._numbers: dict[Place, int] = {
            (pool.source.key, kind): number for number, (pool, kind) in enumerate(self._places)
        }
        self._is_timed = any(is_timed(pool.condition) for pool in pools if pool.condition)
        self._made: Ready | None = None
        self._made_for: datetime | None = None

    def ask(
        self, connection: Connection, now: datetime, found: Mapping[Place, Sequence[Turn]]
    ) -> set[int]:
        """The ids of those who are still there."""
        asked = [
            (turn.contact_id, self._numbers[place]) for place, own in found.items() for turn in own
        ]
        if not asked:
            return set()
        ready = self._ready(now, connection.dialect)
        return set(ready.ask(connection, _told(asked, now, connection.dialect)))

    def _ready(self, now: datetime, dialect: Dialect) -> Ready:
        """Made once, or once a minute where a condition goes by the clock: its parts are many."""
        minute = now.replace(second=0, microsecond=0)
        if self._made is None or (self._is_timed and self._made_for != minute):
            changing = _told([], now, dialect)
            self._made = Ready(self._make(minute, dialect.name), dialect, changing)
            self._made_for = minute
        return self._made

    def _make(self, now: datetime, dialect: str) -> Select[int]:
        contact: ColumnElement[int]
        place: ColumnElement[int]
        each: Any
        if dialect == "sqlite":
            each = func.json_each(_PAIRS).table_valued("value", name="asked")
            contact, place = (func.json_extract(each.c.value, f"$[{n}]") for n in (0, 1))
        else:
            pairs = func.unnest(_CONTACTS, _PLACES).table_valued("contact", "place")
            each = pairs.render_derived("asked")
            contact, place = each.c.contact, each.c.place
        is_there = case(
            *(
                (place == literal_column(str(number)), beside(pool.is_there(kind, now, dialect)))
                for number, (pool, kind) in enumerate(self._places)
            ),
            else_=false(),
        )
        return (
            select(ContactRow.id)
            .join_from(each, ContactRow, ContactRow.id == contact)
            .where(beside(is_there))
        )


def _told(asked: Sequence[tuple[int, int]], now: datetime, dialect: Dialect) -> dict[str, object]:
    if dialect.name == "sqlite":
        return {"pairs": json.dumps(asked), "now": now}
    contacts, places = [contact for contact, _ in asked], [place for _, place in asked]
    return {"contacts": contacts, "places": places, "now": now}
