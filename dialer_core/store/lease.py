"""Who may dial: one row with an epoch that fences off every dialler before.

It runs by the database's own clock: on a server by the server's, whatever the PCs' clocks say; a
file is used by one PC alone, whose clock it is. Who takes it over waits his turn as every writer
does; who renews it waits for nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from dialer_core.clock import Instant
from dialer_core.store.address import Place
from dialer_core.store.database import Database
from dialer_core.store.owner import OneThread
from dialer_core.store.schema import DiallerLeaseRow

LEASE_S: Final = 3.0

_ONE = DiallerLeaseRow.id == 1
_READ = select(DiallerLeaseRow.__table__).where(_ONE)
_CHECK = select(DiallerLeaseRow.epoch, DiallerLeaseRow.expires_at).where(_ONE)
_CHECK_ON_SERVER = _CHECK.add_columns(func.clock_timestamp().label("clock"))  # one way there less
_TAKE = (
    update(DiallerLeaseRow)
    .where(
        _ONE,
        # A renewal that came in between is seen here, by the row as it is then.
        or_(
            DiallerLeaseRow.expires_at <= bindparam("now"),
            DiallerLeaseRow.holder.in_(["", bindparam("to_holder"), bindparam("dead")]),
        ),
    )
    .values(
        epoch=DiallerLeaseRow.epoch + 1,
        holder=bindparam("to_holder"),
        renewed_at=bindparam("now"),
        expires_at=bindparam("expires"),
    )
)
_RENEW = (
    update(DiallerLeaseRow)
    .where(_ONE, DiallerLeaseRow.epoch == bindparam("of_epoch"))
    .values(renewed_at=bindparam("now"), expires_at=bindparam("expires"))
)
_RELEASE = (
    update(DiallerLeaseRow)
    .where(_ONE, DiallerLeaseRow.epoch == bindparam("of_epoch"))
    .values(holder="", expires_at=DiallerLeaseRow.renewed_at)
)
_MOVE_CURSOR = (
    update(DiallerLeaseRow)
    .where(_ONE, DiallerLeaseRow.epoch == bindparam("of_epoch"))
    .values(cursor=bindparam("to_cursor"))
)


class LeaseLost(Exception):
    """Another dialler has taken the floor over; this one must stop at once."""

    def __init__(self) -> None:
        super().__init__("another dialler has taken this floor over")


def clock_of(connection: Connection, now: Instant) -> datetime:
    """The database's own time."""
    if connection.dialect.name == "sqlite":
        return now.utc
    found = connection.scalar(select(func.clock_timestamp()))
    assert isinstance(found, datetime)
    return found


def holder(connection: Connection, now: Instant) -> str:
    """Who holds the lease and has not let it run out; empty: nobody."""
    row = connection.execute(_READ).first()
    if row is None or row.expires_at <= clock_of(connection, now):
        return ""
    return str(row.holder)


def take(
    connection: Connection,
    to_holder: str,
    now: Instant,
    ttl_s: float,
    holder_is_dead: Callable[[str], bool],
) -> int | None:
    """The new epoch, or None while another dialler's lease runs and it is not known to be dead."""
    at = clock_of(connection, now)
    expires = at + timedelta(seconds=ttl_s)
    row = connection.execute(_READ).first()
    if row is None:
        first = {"id": 1, "epoch": 1, "holder": to_holder, "cursor": 0}
        connection.execute(
            insert(DiallerLeaseRow), first | {"renewed_at": at, "expires_at": expires}
        )
        return 1
    is_held = bool(row.holder) and row.holder != to_holder and row.expires_at > at
    if is_held and not holder_is_dead(row.holder):
        return None
    taken = connection.execute(
        _TAKE,
        {
            "to_holder": to_holder,
            "dead": row.holder if is_held else "",
            "now": at,
            "expires": expires,
        },
    )
    if taken.rowcount != 1:
        return None
    return int(connection.execute(_READ).one().epoch)


def renew(connection: Connection, epoch: int, now: Instant, ttl_s: float) -> bool:
    """Hold on to the lease; False where it is no longer ours."""
    at = clock_of(connection, now)
    expires = at + timedelta(seconds=ttl_s)
    found = connection.execute(_RENEW, {"of_epoch": epoch, "now": at, "expires": expires})
    return found.rowcount == 1


def release(connection: Connection, epoch: int) -> None:
    """Let the next dialler take over at once."""
    connection.execute(_RELEASE, {"of_epoch": epoch})


def check(
    connection: Connection, epoch: int, cursor: int | None = None, now: Instant | None = None
) -> None:
    """Raise LeaseLost unless the epoch is still ours; move the cursor where one is given.

    For a transaction that waits its turn: whoever would take over waits until it is committed, so
    what is found here holds for all that it writes. Where `now` is given, a lease that has run out
    while nobody took it is drawn out in the same transaction: nothing is dialled without one.
    """
    is_file = connection.dialect.name == "sqlite"
    row = connection.execute(_CHECK if is_file else _CHECK_ON_SERVER).first()
    if row is None or row.epoch != epoch:
        raise LeaseLost
    if now is not None and row.expires_at <= (now.utc if is_file else row.clock):
        renew(connection, epoch, now, LEASE_S)
    if cursor is not None:
        connection.execute(_MOVE_CURSOR, {"of_epoch": epoch, "to_cursor": cursor})


class LeaseStore(OneThread):
    """The lease alone, on a connection of its own, which no other writer holds up on a server."""

    def __init__(self, source: Place | Database, busy_s: float = 1.0) -> None:
        super().__init__(source if isinstance(source, Database) else Database(source, busy_s))
        self._is_opened_here = not isinstance(source, Database)

    def close(self) -> None:
        """Give the connection back; the store is not used again."""
        super().close()
        if self._is_opened_here:
            self._database.close()

    def holder(self, now: Instant) -> str:
        """Who dials; empty: nobody, or one whose lease has run out."""
        with self._reading() as connection:
            return holder(connection, now)

    def renew(self, epoch: int, now: Instant, ttl_s: float = LEASE_S) -> bool:
        """Hold on to the lease; False where it is no longer ours. StoreTrouble: try again."""
        with self._database.aside(self._own()) as connection:
            return renew(connection, epoch, now, ttl_s)
