"""Erasures and objections that a backup does not know: told to a list, and done again after it.

The list names nobody: numbers are in it as the floor's keyed hashes, people by their number in the
database. It is kept beside the backups, as what it guards against is in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import func, select

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.store import audit, settings
from dialer_core.store.address import Place
from dialer_core.store.objections import never_again
from dialer_core.store.owner import OneThread
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.schema import ClientRow, ContactNumberRow, ErasureRow, SuppressionRow

AGAIN: Final = "erased again after a restore"


class Wish(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person's wish that outlives every backup; `people` empty: an objection alone.

    `at`: ISO 8601, when it was said. `client`: whom it binds, None all.
    """

    at: str
    hashes: tuple[str, ...]
    people: tuple[int, ...] = ()
    reason: str = ""
    client: int | None = None


class Marks(msgspec.Struct, frozen=True):
    """How far the two tables have been read."""

    erasure: int = 0
    objection: int = 0


class WishStore(OneThread):
    """Reads wishes out of a database, and does them again in another one."""

    def since(self, marks: Marks) -> tuple[list[Wish], Marks]:
        """Those after the marks, and the marks after them."""
        with self._reading() as connection:
            erased = connection.execute(
                select(ErasureRow.__table__)
                .where(ErasureRow.id > marks.erasure)
                .order_by(ErasureRow.id)
            ).all()
            refused = connection.execute(
                select(SuppressionRow.__table__)
                .where(SuppressionRow.id > marks.objection)
                .order_by(SuppressionRow.id)
            ).all()
        found = [
            Wish(one.at.isoformat(), tuple(one.number_hashes), tuple(one.contact_ids), one.reason)
            for one in erased
        ]
        found += [
            Wish(one.at.isoformat(), (one.number_hash.hex(),), (), one.reason, one.client_id)
            for one in refused
        ]
        last = Marks(
            max((one.id for one in erased), default=marks.erasure),
            max((one.id for one in refused), default=marks.objection),
        )
        return found, last

    def ends(self) -> Marks:
        """Where the two tables end now."""
        with self._reading() as connection:
            return Marks(
                connection.scalar(select(func.max(ErasureRow.id))) or 0,
                connection.scalar(select(func.max(SuppressionRow.id))) or 0,
            )

    def objections_again(self, wishes: Iterable[Wish], now: Instant) -> int:
        """Numbers that must not be called, suppressed again; how many were new."""
        new = 0
        with self._writing() as connection:
            clients = set(connection.scalars(select(ClientRow.id)))
            for wish in wishes:
                # A client who is not in this database yet: then nobody may call.
                client = wish.client if wish.client in clients else None
                hashes = [bytes.fromhex(one) for one in wish.hashes]
                reason = wish.reason or AGAIN
                new += never_again(connection, client, hashes, reason, now.utc)
        return new

    def log_restore(self, detail: dict[str, object], now: Instant) -> None:
        """An entry of the log."""
        with self._writing() as connection:
            audit.append(connection, "supervisor", "floor restored", detail, now.utc)

    def note_backup(self, at: datetime) -> None:
        """From now on the receipts of erasures tell of backups."""
        with self._writing() as connection:
            settings.write(connection, settings.BACKUPS, at.isoformat(), Instant(0.0, at))

    def still_here(self, wish: Wish) -> list[int]:
        """People of an erasure who are in this database with one of their numbers."""
        hashes = [bytes.fromhex(one) for one in wish.hashes]
        with self._reading() as connection:
            return list(
                connection.scalars(
                    select(ContactNumberRow.contact_id)
                    .distinct()
                    .where(
                        ContactNumberRow.contact_id.in_(wish.people),
                        ContactNumberRow.number_hash.in_(hashes),
                    )
                )
            )


def note_restore(place: Place, detail: dict[str, object], now: Instant) -> None:
    """Have it in the log that the floor was put back."""
    store = WishStore(place)
    try:
        store.log_restore(detail, now)
    finally:
        store.close()


def erase_again(place: Place, wishes: Sequence[Wish], now: Instant) -> tuple[int, int]:
    """Erase in the database at `place` who is in it all the same; how many, and who has to wait.

    Who is in a call there has to wait. Doing it twice changes nothing.
    """
    store, privacy = WishStore(place), PrivacyStore(place)
    erased = left = 0
    try:
        for wish in wishes:
            for contact in store.still_here(wish) if wish.people else ():
                try:
                    privacy.erase(now, contact_id=contact, reason=AGAIN, who="restore")
                    erased += 1
                except KnownError:
                    left += 1
        return erased, left
    finally:
        store.close()
        privacy.close()


def refuse_again(place: Place, wishes: Sequence[Wish], now: Instant) -> int:
    """Never call those numbers, in the database at `place` as well; how many were new."""
    store = WishStore(place)
    try:
        return store.objections_again(wishes, now)
    finally:
        store.close()
