"""The next people of lists by an index: a statement takes as many steps as it gives people.

Who is leased leaves the indexes at once, so the front of a list is always who is next, however many
were called before. Retries go by how long they are due: of the `WINDOW` that have waited longest
the order of the list says who is first, so that nobody with a low priority waits for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Result,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    literal_column,
    select,
    union_all,
)

from dialer_core.lists.mix import Kind
from dialer_core.lists.order import ListOrder, Turn, in_order
from dialer_core.store.schema import ContactRow
from dialer_core.store.schema.base import ContactStatus

WINDOW: Final = 128
AT_ONCE: Final = 40  # lists that one statement asks
STATUS_OF: Final = {Kind.FRESH: ContactStatus.FRESH, Kind.RETRY: ContactStatus.WAITING}
STRAIGHT: Final = frozenset({ListOrder.PRIORITY, ListOrder.LAST_CALLED, ListOrder.NEWEST})

TurnSelect = Select[int, int, datetime | None, datetime | None]
TurnRows = Result[int, int, datetime | None, datetime | None]
Branch = Callable[[BindParameter[int]], TurnSelect]
Keys = Callable[[Any], Sequence[ColumnElement[Any]]]

COLUMNS: Final = (
    ContactRow.id,
    ContactRow.priority,
    ContactRow.next_at,
    ContactRow.last_attempt_at,
)
IS_FREE: Final = ContactRow.leased_by_epoch.is_(None)
_ONE, _NONE = (literal_column(number, Integer) for number in "10")  # bound once, not each time
NOW: BindParameter[datetime] = bindparam("now", type_=ContactRow.next_at.type)


def is_of(kind: Kind) -> ColumnElement[bool]:
    """Free people of a kind whose time has come; asks for `now` of the retries.

    The fresh have no time: one who rests is given back to the front by `leasing` when it is over.
    """
    due = ContactRow.next_at.is_(None) if kind is Kind.FRESH else ContactRow.next_at <= NOW
    return and_(ContactRow.status == STATUS_OF[kind], IS_FREE, due)


def beside(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition as a plain question of each row that was found another way.

    Else SQLite, which knows nothing of how the values are spread, looks for rows by the condition.
    """
    return case((condition, _ONE), else_=_NONE) == _ONE


def front(
    connection: Connection,
    lists: Sequence[int],
    kind: Kind,
    order: ListOrder,
    now: datetime,
    count: int,
) -> list[Turn]:
    """The next `count` free people of a kind in the lists, in their order; `order` is straight."""
    if not lists or count < 1:
        return []
    ask = _Question(connection, lists, now, count)
    if kind is Kind.RETRY:
        return ask.read(_due, order, most=max(count, WINDOW))
    if order is ListOrder.NEWEST:
        return ask.read(_newest, order, most=count)
    # Two steps down the index give who is first by priority: the people above the last priority
    # that still fits are all in the first answer, the last priority's own come in the second.
    found = ask.read(_highest, ListOrder.PRIORITY, most=count)
    if not found:
        return []
    last = found[-1].priority
    above = [turn for turn in found if turn.priority > last]
    left = count - len(above)
    return above + ask.read(_of_priority, ListOrder.PRIORITY, most=left, level=last)[:left]


class _Question:
    """Asks some lists for their next people."""

    def __init__(
        self, connection: Connection, lists: Sequence[int], now: datetime, count: int
    ) -> None:
        self._connection, self._lists, self._now, self._count = connection, lists, now, count

    def read(self, branch: Branch, order: ListOrder, **more: int) -> list[Turn]:
        """The lists' answers to the branch in one order, at most as many as are wanted."""
        found: list[Turn] = []
        rest = iter(self._lists)
        asked = {"now": self._now, "count": self._count, **more}
        while some := list(islice(rest, AT_ONCE)):
            own = {f"list_{n}": list_id for n, list_id in enumerate(some)}
            rows = self._connection.execute(_together(branch, order, len(some)), asked | own)
            found += [Turn(row[0], row[1]) for row in rows]
        if len(self._lists) > AT_ONCE:
            found = in_order(found, order)
        return found[: self._count]


def turns(rows: TurnRows) -> list[Turn]:
    """Rows of `COLUMNS` as the orders want them."""
    return [Turn(row[0], row[1], row[2], row[3]) for row in rows]


@lru_cache(maxsize=256)
def _together(branch: Branch, order: ListOrder, count: int) -> Select[int, int]:
    """The branches of `count` lists as one, in the order."""
    all_: Subquery
    if count == 1:
        all_ = branch(bindparam("list_0")).subquery("people")
    else:
        each = (branch(bindparam(f"list_{n}")).subquery(f"of_{n}") for n in range(count))
        all_ = union_all(*(select(one) for one in each)).subquery("people")
    columns = all_.c
    keys: Sequence[ColumnElement[Any]] = (columns.priority.desc(), columns.next_at, columns.id)
    if order is ListOrder.LAST_CALLED:
        keys = (columns.last_attempt_at.nulls_first(), columns.id)
    elif order is ListOrder.NEWEST:
        keys = (columns.id.desc(),)
    return select(columns.id, columns.priority).order_by(*keys).limit(bindparam("count"))


def _due(list_id: BindParameter[int]) -> TurnSelect:
    return (
        select(*COLUMNS)
        .where(ContactRow.list_id == list_id, is_of(Kind.RETRY))
        .order_by(ContactRow.next_at, ContactRow.id)
        .limit(bindparam("most"))
    )


def _highest(list_id: BindParameter[int]) -> TurnSelect:
    return (
        select(*COLUMNS)
        .where(ContactRow.list_id == list_id, is_of(Kind.FRESH))
        .order_by(ContactRow.priority.desc(), ContactRow.id.desc())
        .limit(bindparam("most"))
    )


def _of_priority(list_id: BindParameter[int]) -> TurnSelect:
    """Those of the priority come first in the order of the index, from it on upwards.

    To "of that priority, by id" a server that keeps its plan for every value answers by the table's
    own key, and reads all lists that came in before.
    """
    people = (
        select(*COLUMNS)
        .where(
            ContactRow.list_id == list_id,
            is_of(Kind.FRESH),
            ContactRow.priority >= bindparam("level"),
        )
        .order_by(ContactRow.priority, ContactRow.id)
        .limit(bindparam("most"))
        .subquery("from_here")
    )
    found: TurnSelect = select(
        people.c.id, people.c.priority, people.c.next_at, people.c.last_attempt_at
    ).where(people.c.priority == bindparam("level"))
    return found


def _newest(list_id: BindParameter[int]) -> TurnSelect:
    return (
        select(*COLUMNS)
        .where(ContactRow.list_id == list_id, is_of(Kind.FRESH))
        .order_by(ContactRow.next_at.desc(), ContactRow.id.desc())
        .limit(bindparam("most"))
    )
