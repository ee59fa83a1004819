"""Who may dial: one row with an epoch that fences off every dialler before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from dialer_core.clock import Instant
from dialer_core.store.schema import DiallerLeaseRow

_ONE = DiallerLeaseRow.id == 1
_READ = select(DiallerLeaseRow.__table__).where(_ONE)
_EPOCH = select(DiallerLeaseRow.epoch).where(_ONE)
_TAKE = (
    update(DiallerLeaseRow)
    .where(_ONE)
    .values(
        epoch=bindparam("to_epoch"),
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


def take(
    connection: Connection,
    holder: str,
    now: Instant,
    ttl_s: float,
    holder_is_dead: Callable[[str], bool],
) -> int | None:
    """The new epoch, or None while another dialler's lease runs and it is not known to be dead."""
    expires = now.utc + timedelta(seconds=ttl_s)
    row = connection.execute(_READ).first()
    if row is None:
        connection.execute(
            insert(DiallerLeaseRow),
            {
                "id": 1,
                "epoch": 1,
                "holder": holder,
                "renewed_at": now.utc,
                "expires_at": expires,
                "cursor": 0,
            },
        )
        return 1
    is_held = bool(row.holder) and row.holder != holder and row.expires_at > now.utc
    if is_held and not holder_is_dead(row.holder):
        return None
    epoch = int(row.epoch) + 1
    connection.execute(
        _TAKE, {"to_epoch": epoch, "to_holder": holder, "now": now.utc, "expires": expires}
    )
    return epoch


def renew(connection: Connection, epoch: int, now: Instant, ttl_s: float) -> bool:
    """Hold on to the lease; False where it is no longer ours."""
    expires = now.utc + timedelta(seconds=ttl_s)
    found = connection.execute(_RENEW, {"of_epoch": epoch, "now": now.utc, "expires": expires})
    return found.rowcount == 1


def release(connection: Connection, epoch: int) -> None:
    """Let the next dialler take over at once."""
    connection.execute(_RELEASE, {"of_epoch": epoch})


def check(connection: Connection, epoch: int, cursor: int | None) -> None:
    """Raise LeaseLost unless the epoch is still ours; move the cursor where one is given."""
    if cursor is None:
        is_ours = connection.scalar(_EPOCH) == epoch
    else:
        moved = connection.execute(_MOVE_CURSOR, {"of_epoch": epoch, "to_cursor": cursor})
        is_ours = moved.rowcount == 1
    if not is_ours:
        raise LeaseLost
