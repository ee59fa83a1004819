"""A list of any length, made by the database itself in seconds, to measure the choice on.

All numbers are of Ofcom's range for drama and stand many times; what tells people apart for the
law, the hash of the number, is different for each.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    LargeBinary,
    String,
    Subquery,
    case,
    cast,
    func,
    insert,
    literal,
    select,
)

from dialer_core.clock import Instant
from dialer_core.model.states import CallStage, Direction, FormulaClass, Mode, Outcome
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.people import begin_import
from dialer_core.store.schema import (
    AttemptRow,
    ContactNumberRow,
    ContactRow,
    RegistryEntryRow,
    SuppressionRow,
)
from dialer_core.store.schema.base import ContactStatus, NumberStatus

TOWNS: Final = ("Manchester", "Leeds", "Bristol", "York", "Derby", "Bath", "Hull", "Poole")
CONTRACTS: Final = ("to May", "to June", "to March", "none")
LISTS: Final = 4
AT_ONCE: Final = 50_000


def fill(
    connection: Connection, settings: CampaignSettings, people: int, registry: str, now: Instant
) -> tuple[int, ...]:
    """Put `people` on `LISTS` lists of the campaign, as if it had run for weeks; the lists' ids.

    Of a hundred 70 are fresh, 25 were tried once to four times (8 of them are due), 5 are done
    with; one in twenty stands on the register, one in fifty must not be called at all. Each who
    was tried has an attempt on the record.
    """
    lists: list[int] = []
    imports: list[int] = []
    for number in range(1, LISTS + 1):
        list_id, import_id = begin_import(
            connection, settings.campaign.id, f"List {number}", "made to measure", now
        )
        lists.append(list_id)
        imports.append(import_id)
    for first in range(1, people + 1, AT_ONCE):
        last = min(people, first + AT_ONCE - 1)
        n = _numbers(first, last)
        _people(connection, settings, n, lists, imports, now)
        _lawful(connection, settings, n, registry, now)
    return tuple(lists)


def _numbers(first: int, last: int) -> Subquery:
    """The whole numbers from `first` to `last` as a table of one column."""
    start = select(literal(first).label("n")).cte("numbers", recursive=True)
    return start.union_all(select(start.c.n + 1).where(start.c.n < last)).select().subquery("of")


def _hash(connection: Connection, n: ColumnElement[int]) -> ColumnElement[bytes]:
    if connection.dialect.name == "sqlite":
        return cast(func.printf("%032d", n), LargeBinary)
    return func.convert_to(func.lpad(cast(n, String), 32, "0"), "UTF8", type_=LargeBinary)


def _one_of(n: ColumnElement[int], words: tuple[str, ...]) -> ColumnElement[str]:
    return case(
        *((n % len(words) == at, word) for at, word in enumerate(words[:-1])), else_=words[-1]
    )


def _people(
    connection: Connection,
    settings: CampaignSettings,
    numbers: Subquery,
    lists: list[int],
    imports: list[int],
    now: Instant,
) -> None:
    n = numbers.c.n
    part = n * 37 % 100  # scatters the kinds over the list
    is_fresh, is_tried = part < 70, part < 95
    status = case(
        (is_fresh, ContactStatus.FRESH.value),
        (is_tried, ContactStatus.WAITING.value),
        else_=ContactStatus.CLOSED.value,
    )
    never = literal(None, ContactRow.next_at.type)
    moments = [now.utc + timedelta(minutes=minutes) for minutes in (-90, 300, 1500)]
    next_at = case(
        (is_fresh, never),
        (part < 78, _moment(moments[0])),
        (part < 86, _moment(moments[1])),
        (is_tried, _moment(moments[2])),
        else_=never,
    )
    tries = case((is_fresh, 0), else_=1 + n % 4)
    details = literal('[["Contract", "') + _one_of(n // 3, CONTRACTS) + '"], ["Since", "2019"]]'
    values: dict[str, Any] = {
        "id": n,
        "campaign_id": literal(int(settings.campaign.id)),
        "list_id": _of_lists(n, lists),
        "import_id": _of_lists(n, imports),
        "name": literal("Person ") + cast(n, String),
        "town": _one_of(n // 7, TOWNS),
        "details": _json(connection, details),
        "zones": _json(connection, literal('["Europe/London"]')),
        "region": literal("GB"),
        "grounds": _json(connection, literal("[]")),
        "status": status,
        "status_reason": literal(""),
        "next_at": next_at,
        "last_outcome": case((is_fresh, None), else_=Outcome.NO_ANSWER.value),
        "last_attempt_at": case((is_fresh, never), else_=_moment(now.utc - timedelta(days=2))),
        "attempts_count": tries,
        "priority": n % 3,
        "created_at": _moment(now.utc),
        "changed_at": _moment(now.utc),
    }
    _insert(connection, ContactRow, values, numbers)


def _lawful(
    connection: Connection,
    settings: CampaignSettings,
    numbers: Subquery,
    registry: str,
    now: Instant,
) -> None:
    """The numbers, who must not be called, and an attempt of each who was tried."""
    n, hashed = numbers.c.n, _hash(connection, numbers.c.n)
    drama = literal("+441614960") + func.substr(cast(1000 + n % 1000, String), 2)
    rows: dict[str, Any] = {
        "id": n,
        "contact_id": n,
        "rank": literal(1),
        "e164": drama,
        "kind": literal("landline"),
        "status": literal(NumberStatus.OPEN.value),
        "number_hash": hashed,
    }
    _insert(connection, ContactNumberRow, rows, numbers)
    at = _moment(now.utc)
    entries = {"number_hash": hashed, "registry_id": literal(registry)}
    _insert(connection, RegistryEntryRow, entries, numbers, n % 20 == 0)
    suppressed: dict[str, Any] = {
        "client_id": literal(settings.client_id),
        "number_hash": hashed,
        "reason": literal("asked"),
        "at": at,
    }
    _insert(connection, SuppressionRow, suppressed, numbers, n % 50 == 7)
    began = _moment(now.utc - timedelta(days=2))
    attempt: dict[str, Any] = {
        "id": literal("A") + func.substr(cast(10**9 + n, String), 2),
        "campaign_id": literal(int(settings.campaign.id)),
        "client_id": literal(settings.client_id),
        "contact_id": n,
        "number_id": n,
        "number_hash": hashed,
        "mode": literal(Mode.PREDICTIVE.value),
        "is_overdial": literal(False),
        "reserved_only": literal(False),
        "profile_id": literal(settings.profile.profile_id),
        "profile_version": literal(settings.profile.version),
        "line_id": literal("line01"),
        "lease_epoch": literal(0),
        "stage": literal(CallStage.ENDED.value),
        "committed_at": began,
        "invite_at": began,
        "progress_at": began,
        "crossed": literal(False),
        "message_played": literal(False),
        "outcome": literal(Outcome.NO_ANSWER.value),
        "formula_class": literal(FormulaClass.UNANSWERED.value),
        "direction": literal(Direction.OUT.value),
        "note": literal(""),
    }
    tried = (n * 37 % 100 >= 70) & (n * 37 % 100 < 95)
    _insert(connection, AttemptRow, attempt, numbers, tried)


def _insert(
    connection: Connection,
    table: type[Any],
    values: dict[str, Any],
    numbers: Subquery,
    where: ColumnElement[bool] | None = None,
) -> None:
    chosen = select(*values.values()).select_from(numbers)
    if where is not None:
        chosen = chosen.where(where)
    connection.execute(insert(table.__table__).from_select(list(values), chosen))


def _of_lists(n: ColumnElement[int], ids: list[int]) -> ColumnElement[int]:
    return case(*((n % len(ids) == at, one) for at, one in enumerate(ids[:-1])), else_=ids[-1])


def _moment(moment: datetime) -> ColumnElement[Any]:
    return literal(moment, ContactRow.next_at.type)


def _json(connection: Connection, text: ColumnElement[str]) -> ColumnElement[Any]:
    """A text that is JSON already, as the column wants it."""
    return text if connection.dialect.name == "sqlite" else cast(text, JSON)
