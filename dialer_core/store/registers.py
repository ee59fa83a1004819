"""National registers and "never again": who must not be called, and how old that knowledge is.

A new copy of a register comes in beside a floor at work, in small transactions: first what is new
is added, then what is gone is taken out, last the copy's date counts. So at every moment all of
the old or all of the new copy stands against a call, and a copy that breaks off changes no date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, bindparam, case, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.rules.countries import country_rules
from dialer_core.rules.facts import RefusalCode
from dialer_core.rules.profiles import Registry, profiles
from dialer_core.store import audit, feed_words
from dialer_core.store.address import Place
from dialer_core.store.campaigns import changes, load_campaigns
from dialer_core.store.database import Database
from dialer_core.store.numbers import number_hash, number_key
from dialer_core.store.objections import hashes_of, never_again
from dialer_core.store.owner import OneThread
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    ClientRow,
    ContactRow,
    ListImportRow,
    RegistryEntryRow,
    RegistryRow,
    SuppressionRow,
)
from dialer_core.store.schema.base import ContactStatus

CHUNK: Final = 2000  # numbers of one transaction: some 20 ms in a file
SERVER_CHUNK: Final = 200  # and on a server, where all other writers wait for it
LEAST_SHARE: Final = 0.5  # of the copy before; a smaller one is rather a broken download
_AHEAD: Final = timedelta(days=1)  # a copy from tomorrow is a clock that is wrong

_COPY = select(RegistryRow.copy, RegistryRow.entries, RegistryRow.as_of).where(
    RegistryRow.id == bindparam("register")
)
_NEXT = (
    select(RegistryEntryRow.number_hash, RegistryEntryRow.copy, RegistryEntryRow.since_copy)
    .where(
        RegistryEntryRow.registry_id == bindparam("register"),
        RegistryEntryRow.number_hash > bindparam("after"),
    )
    .order_by(RegistryEntryRow.number_hash)
    .limit(CHUNK * 4)
)
_DROP = delete(RegistryEntryRow).where(
    RegistryEntryRow.registry_id == bindparam("register"),
    RegistryEntryRow.number_hash == bindparam("gone"),
)
_ASK_AGAIN = (
    update(ContactRow)
    .where(
        ContactRow.status == ContactStatus.HELD,
        ContactRow.status_reason.in_(bindparam("codes", expanding=True)),
    )
    .values(
        status=case(
            (ContactRow.attempts_count == 0, ContactStatus.FRESH.value),
            else_=ContactStatus.WAITING.value,
        ),
        status_reason="",
        next_at=bindparam("at"),
    )
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a copy: how many numbers it holds, how many are new, how many have gone."""

    entries: int
    new: int
    gone: int


@dataclass(frozen=True, slots=True)
class RegisterAge:
    """A register that some rules ask for; `as_of` None: no copy was ever loaded.

    `stops`: campaigns that dial nobody of that country while the copy is too old; `asked_by`: all
    that need it, which it stops once it is.
    """

    id: str
    country: str
    as_of: datetime | None
    age_days: float | None
    max_age_days: float
    entries: int
    is_required: bool
    is_fresh: bool
    stops: tuple[str, ...]
    asked_by: tuple[str, ...] = ()

    @property
    def due(self) -> datetime | None:
        """When the copy is too old."""
        return None if self.as_of is None else self.as_of + timedelta(days=self.max_age_days)


def known_registers() -> dict[str, tuple[str, Registry]]:
    """Every register that a shipped profile names: id to the profile's country and its rule."""
    return {
        registry.id: (rules.country or "", registry)
        for rules in profiles().values()
        for registry in rules.dnc_registries
    }


class RegisterStore(OneThread):
    """Takes registers in, tells how old they are, and writes down who must never be called."""

    def __init__(self, source: Place | Database) -> None:
        super().__init__(source)
        self._chunk = CHUNK if isinstance(self._database.place, Path) else SERVER_CHUNK
        self._asked: dict[str, list[str]] = {}
        self._asked_of: object = None  # the lists and campaigns of which that is true

    def load(
        self,
        register: str,
        as_of: datetime,
        numbers: Iterable[str],
        now: Callable[[], Instant],
        *,
        who: str = "set-up",
        is_small_meant: bool = False,
        goes_on: Callable[[int], bool] = lambda _count: True,
    ) -> Loaded:
        """Take in a copy of a register as of a moment; `numbers`: E.164, read once, in chunks.

        `goes_on(count)` is asked after each chunk; False gives the copy up (KeyboardInterrupt).
        KnownError, with the copy before still in force, for a copy that is empty, older than that
        one, from the future, or of less than half its size unless that is meant.
        """
        with self._reading() as connection:
            key = number_key(connection)
            before = connection.execute(_COPY, {"register": register}).first()
        _refuse_date(as_of, now(), None if before is None else before.as_of)
        copy = self._open(register, now(), None if before is None else before.copy)
        coming, count = iter(numbers), 0
        while chunk := list(islice(coming, self._chunk)):
            hashes = sorted({number_hash(key, number) for number in chunk})
            self._put(register, hashes, copy)
            count += len(chunk)
            if not goes_on(count):
                self._sweep(register, lambda row: row.since_copy == copy)
                raise KeyboardInterrupt
        entries, new = self._counted(register, copy)
        least = LEAST_SHARE * (0 if before is None else before.entries)
        if not is_small_meant and (entries == 0 or entries < least):
            self._sweep(register, lambda row: row.since_copy == copy)
            raise KnownError(
                f"This copy of {register} holds {entries} numbers, the one before "
                f"{0 if before is None else before.entries}; it was not taken. If that is meant, "
                "say so and load it again."
            )
        gone = self._sweep(register, lambda row: row.copy < copy)
        self._close(register, as_of, entries, now(), who)
        return Loaded(entries, new, gone)

    def ages(self, now: Instant) -> list[RegisterAge]:
        """Each register that the rules in use ask for or that was loaded, the oldest first.

        The rules in use are those of the campaigns and of the countries of the people on them.
        """
        return [one for one in self.all_ages(now) if one.asked_by or one.as_of is not None]

    def all_ages(self, now: Instant) -> list[RegisterAge]:
        """The same, and every other register that any shipped rules know."""
        with self._reading() as connection:
            loaded = {row.id: row for row in connection.execute(select(RegistryRow.__table__))}
            asked = self._asked_now(connection)
        found: list[RegisterAge] = []
        today = now.utc.date().isoformat()
        for register, (country, rule) in known_registers().items():
            row = loaded.get(register)
            age = None if row is None else (now.utc - row.as_of).total_seconds() / 86_400
            is_fresh = age is not None and -1 <= age <= rule.max_age_days
            is_required = rule.required and (rule.valid_to is None or today <= rule.valid_to)
            found.append(
                RegisterAge(
                    register,
                    country,
                    None if row is None else row.as_of,
                    age,
                    rule.max_age_days,
                    0 if row is None else row.entries,
                    is_required,
                    is_fresh,
                    () if is_fresh or not is_required else tuple(asked.get(register, ())),
                    tuple(asked.get(register, ())),
                )
            )
        return sorted(found, key=lambda one: (one.age_days is not None, -(one.age_days or 0.0)))

    def clients(self) -> list[str]:
        """All clients, by name."""
        with self._reading() as connection:
            return list(connection.scalars(select(ClientRow.name).order_by(ClientRow.name)))

    def own_count(self) -> int:
        """How many numbers stand on the office's own list, those of single clients included."""
        with self._reading() as connection:
            distinct = func.count(SuppressionRow.number_hash.distinct())
            return connection.scalar(select(distinct)) or 0

    def never_again(
        self,
        client: str | None,
        reason: str,
        now: Instant,
        *,
        numbers: Iterable[str] = (),
        contact_id: int | None = None,
        who: str = "supervisor",
    ) -> int:
        """A person's objection that came by e-mail, letter or word; how many numbers were new.

        `numbers`: E.164; `contact_id`: all numbers of that record as well. `client` None: for
        every client of the office. KnownError where there is no such client or record.
        """
        with self._writing() as connection:
            key = number_key(connection)
            client_id = _client_id(connection, client)
            hashes = {number_hash(key, number) for number in numbers}
            if contact_id is not None:
                own = hashes_of(connection, contact_id)
                if not own:
                    raise KnownError("There is no such record any more; name the number instead.")
                hashes.update(own)
            new = never_again(connection, client_id, hashes, reason, now.utc)
            detail: dict[str, object] = {"count": new, "client": client, "contact": contact_id}
            audit.append(connection, who, "never again", detail, now.utc)
        return new

    def _asked_now(self, connection: Connection) -> dict[str, list[str]]:
        """Registers that the campaigns need; a walk over all people, so only where it has to be."""
        newest = select(func.max(ListImportRow.id), func.max(ListImportRow.beat_at))
        of = (tuple(connection.execute(newest).one()), changes(connection))
        if of != self._asked_of:
            self._asked, self._asked_of = _asked(connection), of
        return self._asked

    # --- one copy ---------------------------------------------------------------------------

    def _open(self, register: str, now: Instant, last_copy: int | None) -> int:
        """The number of the copy that begins; one that breaks off keeps its own.

        A register that was never loaded gets its row before its numbers; it counts as old.
        """
        with self._writing() as connection:
            if last_copy is None:
                never = datetime.fromtimestamp(0, UTC)
                row = {"id": register, "as_of": never, "loaded_at": now.utc, "entries": 0}
                connection.execute(insert(RegistryRow), row | {"copy": 1})
                return 1
            connection.execute(
                update(RegistryRow)
                .where(RegistryRow.id == register)
                .values(copy=RegistryRow.copy + 1)
            )
        return last_copy + 1

    def _put(self, register: str, hashes: Sequence[bytes], copy: int) -> None:
        with self._writing() as connection:
            feed_words.concerns(connection)
            kind = postgresql if connection.dialect.name == "postgresql" else sqlite
            put = kind.insert(RegistryEntryRow)
            put = put.on_conflict_do_update(
                index_elements=["number_hash", "registry_id"], set_={"copy": put.excluded.copy}
            )
            connection.execute(
                put,
                [
                    {
                        "number_hash": one,
                        "registry_id": register,
                        "since_copy": copy,
                        "copy": copy,
                    }
                    for one in hashes
                ],
            )

    def _counted(self, register: str, copy: int) -> tuple[int, int]:
        of = RegistryEntryRow.registry_id == register
        with self._reading() as connection:
            whole = connection.scalar(select(func.count()).where(of, RegistryEntryRow.copy == copy))
            new = connection.scalar(
                select(func.count()).where(of, RegistryEntryRow.since_copy == copy)
            )
        return int(whole or 0), int(new or 0)

    def _sweep(self, register: str, is_gone: Callable[[AnyRow], bool]) -> int:
        """Take out the numbers of which that is true; how many."""
        after, swept = b"", 0
        while True:
            with self._reading() as connection:
                rows = connection.execute(_NEXT, {"register": register, "after": after}).all()
            if not rows:
                return swept
            after = rows[-1].number_hash
            gone = [{"register": register, "gone": row.number_hash} for row in rows if is_gone(row)]
            for start in range(0, len(gone), self._chunk):
                with self._writing() as connection:
                    feed_words.concerns(connection)
                    connection.execute(_DROP, gone[start : start + self._chunk])
            swept += len(gone)

    def _close(self, register: str, as_of: datetime, entries: int, now: Instant, who: str) -> None:
        """From now on this copy's date counts; who waited for it is asked about again."""
        with self._writing() as connection:
            connection.execute(
                update(RegistryRow)
                .where(RegistryRow.id == register)
                .values(as_of=as_of, loaded_at=now.utc, entries=entries)
            )
            ask_again(connection, (RefusalCode.REGISTRY_STALE, RefusalCode.REGISTRY_HIT), now)
            detail: dict[str, object] = {
                "id": register,
                "entries": entries,
                "as_of": as_of.isoformat(),
            }
            audit.append(connection, who, "register loaded", detail, now.utc)


def ask_again(connection: Connection, codes: Sequence[RefusalCode], now: Instant) -> int:
    """Contacts that were held for one of these reasons come up again; how many."""
    asked = {"codes": [code.value for code in codes], "at": now.utc}
    return connection.execute(_ASK_AGAIN, asked).rowcount


def _refuse_date(as_of: datetime, now: Instant, before: datetime | None) -> None:
    if as_of > now.utc + _AHEAD:
        raise KnownError("The copy's date lies in the future; give the day on which it was made.")
    if before is not None and as_of < before:
        raise KnownError(
            f"A copy of {before:%d %b %Y} is loaded already, which is newer; load the latest one."
        )


def _client_id(connection: Connection, client: str | None) -> int | None:
    if client is None:
        return None
    found = connection.scalar(select(ClientRow.id).where(ClientRow.name == client))
    if found is None:
        raise KnownError(f"There is no client {client!r}; leave it out for the whole office.")
    return found


def _asked(connection: Connection) -> dict[str, list[str]]:
    """Registers that the campaigns need, each with the names of those campaigns."""
    regions: dict[int, set[str]] = {}
    pairs = select(ContactRow.campaign_id, ContactRow.region).distinct()
    for row in connection.execute(pairs):
        regions.setdefault(row.campaign_id, set()).add(row.region)
    asked: dict[str, list[str]] = {}
    for campaign_id, settings in load_campaigns(connection).items():
        rules = {settings.profile.profile_id: settings.profile}
        for region in regions.get(campaign_id, ()):
            there = country_rules(settings.profile, region)
            if there is not None:
                rules[there.profile_id] = there
        for registry in {one.id for each in rules.values() for one in each.dnc_registries}:
            asked.setdefault(registry, []).append(settings.campaign.name)
    return asked
