"""The programs that may ask this floor: known by the hash of their token, with their rights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.store import audit, webhooks
from dialer_core.store.owner import OneThread
from dialer_core.store.rows import AnyRow, insert_one
from dialer_core.store.schema import ApiClientRow, WebhookDeliveryRow, WebhookRow
from dialer_core.store.webhooks import Happening, Webhook

MOST_CLIENTS: Final = 50
LONGEST_NAME: Final = 60
SEEN_EVERY: Final = timedelta(minutes=1)

_IN_USE = select(ApiClientRow.__table__).where(ApiClientRow.removed_at.is_(None))
_BY_HASH = _IN_USE.where(ApiClientRow.token_hash == bindparam("hash"))
_BY_NAME = _IN_USE.where(ApiClientRow.name == bindparam("name"))
_SEEN = update(ApiClientRow).where(ApiClientRow.id == bindparam("client")).values(
    used_at=bindparam("at")
)  # fmt: skip
_REMOVED = update(ApiClientRow).where(ApiClientRow.id == bindparam("client")).values(
    removed_at=bindparam("at")
)  # fmt: skip
_WAITING = select(WebhookDeliveryRow.client_id, func.count().label("number")).group_by(
    WebhookDeliveryRow.client_id
)


class Right(StrEnum):
    """What a token allows; saved by value."""

    CONTACTS = "contacts"  # add, change, close; the do-not-call list
    RESULTS = "results"  # read calls and live figures
    DIAL = "dial"  # have an agent's seat dial


@dataclass(frozen=True, slots=True)
class ApiClient:
    """A program that may ask; `used_at` to the minute, None: never."""

    id: int
    name: str
    rights: frozenset[Right]
    made_at: datetime
    used_at: datetime | None
    webhook: Webhook | None = None


def token_hash(token: str) -> bytes:
    """SHA-256 of a token, which is random enough to need no more."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


class ClientsStore(OneThread):
    """Adds, lists and removes programs, and says whose a token is."""

    def add(
        self, name: str, rights: Iterable[Right], hashed: bytes, now: Instant, who: str
    ) -> ApiClient:
        """A program of that name; KnownError where there is one, or the name is none."""
        called = " ".join(name.split())
        if not called or len(called) > LONGEST_NAME or not called.isprintable():
            raise KnownError(f"A program's name has 1 to {LONGEST_NAME} letters; choose another.")
        chosen = frozenset(rights)
        if not chosen:
            raise KnownError("A program without a right can do nothing; give it one.")
        with self._writing() as connection:
            known = connection.execute(_IN_USE).all()
            if any(row.name.casefold() == called.casefold() for row in known):
                raise KnownError(f"There is a program called {called} already; choose another.")
            if len(known) >= MOST_CLIENTS:
                raise KnownError(f"There are {MOST_CLIENTS} programs already; remove one first.")
            values: dict[str, object] = {
                "name": called,
                "token_hash": hashed,
                "rights": sorted(right.value for right in chosen),
                "made_at": now.utc,
            }
            made = insert_one(connection, insert(ApiClientRow), values)
            detail: dict[str, object] = {"program": called, "rights": values["rights"]}
            audit.append(connection, who, "program added", detail, now.utc)
        return ApiClient(made, called, chosen, now.utc, None)

    def remove(self, name: str, now: Instant, who: str) -> int:
        """Shut a program out, at once; its id. KnownError where there is none of that name."""
        with self._writing() as connection:
            found = named(connection, name)
            webhooks.drop(connection, found.id)
            connection.execute(_REMOVED, {"client": found.id, "at": now.utc})
            audit.append(connection, who, "program removed", {"program": found.name}, now.utc)
        return int(found.id)

    def clients(self) -> list[ApiClient]:
        """Who may ask, by name, each with its webhook."""
        with self._reading() as connection:
            waiting = {row.client_id: int(row.number) for row in connection.execute(_WAITING)}
            hooks = {
                row.client_id: webhooks.from_row(row, waiting.get(row.client_id, 0))
                for row in connection.execute(select(WebhookRow.__table__))
            }
            rows = connection.execute(_IN_USE.order_by(ApiClientRow.name)).all()
        return [_client(row, hooks.get(row.id)) for row in rows]

    def by_token(self, hashed: bytes, now: Instant) -> ApiClient | None:
        """Whose token that is; its last use is noted once a minute."""
        with self._reading() as connection:
            row = connection.execute(_BY_HASH, {"hash": hashed}).first()
        if row is None:
            return None
        if row.used_at is None or abs(now.utc - row.used_at) >= SEEN_EVERY:
            with self._writing(is_durable=False) as connection:
                connection.execute(_SEEN, {"client": row.id, "at": now.utc})
        return _client(row, None)

    def set_webhook(
        self,
        name: str,
        url: str,
        events: Iterable[Happening],
        now: Instant,
        who: str,
        *,
        is_private: bool = False,
    ) -> int:
        """Tell a program from now on what happens; its id. One that was stopped begins anew."""
        with self._writing() as connection:
            found = named(connection, name)
            while webhooks.enqueue(connection, now):
                pass  # what is booked already is no news to it
            chosen = frozenset(events)
            webhooks.put(connection, found.id, url, chosen, now, is_private=is_private)
            detail: dict[str, object] = {
                "program": found.name,
                "events": sorted(one.value for one in chosen),
            }
            audit.append(connection, who, "webhook set", detail, now.utc)
        return int(found.id)

    def drop_webhook(self, name: str, now: Instant, who: str) -> int:
        """Tell a program nothing any more; its id. What it had not heard is forgotten."""
        with self._writing() as connection:
            found = named(connection, name)
            webhooks.drop(connection, found.id)
            audit.append(connection, who, "webhook removed", {"program": found.name}, now.utc)
        return int(found.id)

    def restart_webhook(self, name: str, now: Instant, who: str) -> None:
        """Go on with one that was stopped, or try at once again; nothing was lost meanwhile."""
        with self._writing() as connection:
            found = named(connection, name)
            webhooks.restart(connection, found.id)
            audit.append(connection, who, "webhook restarted", {"program": found.name}, now.utc)


def named(connection: Connection, name: str) -> AnyRow:
    """The program of that name; KnownError where there is none."""
    row = connection.execute(_BY_NAME, {"name": " ".join(name.split())}).first()
    if row is None:
        raise KnownError(f"There is no program called {name}; callfloor api tokens list shows all.")
    return row


def _client(row: AnyRow, webhook: Webhook | None) -> ApiClient:
    rights = frozenset(Right(one) for one in row.rights)
    return ApiClient(row.id, row.name, rights, row.made_at, row.used_at, webhook)
