"""Taking a list in: in small transactions beside a floor at work, whole or not at all.

Rows land held and are freed once the last one is in; an import that was given up, or whose process
died, is taken out again. So nobody is dialled from half a list, and no transaction keeps the
dialler waiting.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from dialer_core.clock import Instant
from dialer_core.lists.people import ListedPerson, Rejected
from dialer_core.lists.sieve import Counts, Duplicates, Sieve, Sorted
from dialer_core.model.errors import KnownError
from dialer_core.rules.facts import RefusalCode
from dialer_core.store import audit, feed_words, import_undo
from dialer_core.store.address import Place
from dialer_core.store.database import Database
from dialer_core.store.import_undo import (
    IMPORTING,
    ImportedList,
    ImportState,
    Undone,
)
from dialer_core.store.importing_run import Run, insert_chunk, look_up, update_chunk
from dialer_core.store.numbers import number_key
from dialer_core.store.owner import OneThread
from dialer_core.store.people import SHOWN_REFUSALS, begin_import
from dialer_core.store.schema import (
    CampaignRow,
    ClientRow,
    ListImportRow,
)
from dialer_core.store.schema.base import ContactStatus

CHUNK: Final = 300  # people of one transaction: some 10 ms in a file
SERVER_CHUNK: Final = 50  # and on a server, where each index costs more

_BEAT = (
    update(ListImportRow)
    .where(ListImportRow.id == bindparam("own"), ListImportRow.state == ImportState.RUNNING)
    .values(beat_at=bindparam("to_beat_at"))
)


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """Into which list of which campaign, and what becomes of people who are known already."""

    campaign_id: int
    list_name: str
    source: str  # name of the file
    region: str
    encoding: str
    duplicates: Duplicates = Duplicates.SKIP
    who: str = "import"
    makes_campaign: bool = False  # the campaign was made for this list, and goes with it


@dataclass(slots=True)
class ImportDone:
    """What came of it."""

    import_id: int
    list_id: int
    counts: Counts
    is_given_up: bool = False


class ImportStore(OneThread):
    """Takes lists in and out again.

    `holder`: this process, in words by which `is_dead` tells another one for certain that it has
    gone; where it cannot tell, an import that is silent for `import_undo.DEAD` counts as dead.
    `rest` is called between two transactions that would follow each other at once: somebody who
    waits for the lock asks again only after a few milliseconds.
    """

    def __init__(
        self,
        source: Place | Database,
        holder: str = "",
        is_dead: Callable[[str], bool] = lambda _holder: False,
        rest: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(source)
        self._holder, self._is_dead, self._rest = holder, is_dead, rest
        is_file = isinstance(self._database.place, Path)
        self._chunk = CHUNK if is_file else SERVER_CHUNK

    @contextlib.contextmanager
    def _some(self) -> Iterator[Connection]:
        """One of many transactions that write: a power cut may take the last of them along.

        What a dead import has left is cleared from whatever stands there.
        """
        with self._writing(is_durable=False) as connection:
            yield connection
        self._rest()

    def take_in(
        self,
        order: ImportOrder,
        people: Iterable[ListedPerson | Rejected],
        now: Callable[[], Instant],
        *,
        reject: Callable[[Rejected], None],
        goes_on: Callable[[Counts], bool],
        hear: Callable[[Sorted], None] = lambda _sorted: None,
    ) -> ImportDone:
        """Import people; `reject` hears of each row that is not taken and why.

        `hear` is told what becomes of the rows of each chunk, before it is written.

        `goes_on` is asked after each chunk: False gives the import up and leaves nothing of it.
        Errors leave nothing either, or where even that is not possible (a full disk) people who
        are held until `clear_dead` takes them out.
        """
        self.clear_dead(now())
        run, done, sieve = self._begin(order, now())
        coming = iter(people)
        try:
            while chunk := list(islice(coming, self._chunk)):
                self._take_chunk(order, run, done, sieve, chunk, now(), reject, hear)
                if not goes_on(done.counts):
                    done.is_given_up = True
                    break
            else:
                self._finish(order, run, done, now())
        except BaseException:
            with contextlib.suppress(KnownError):  # the first trouble is the one to tell
                self._give_up(run.own, now())
            raise
        if done.is_given_up:
            self._give_up(run.own, now())
        else:
            import_undo.free(self._some, run.own)
        return done

    def count(
        self,
        campaign: str,
        client: str,
        people: Iterable[ListedPerson | Rejected],
        duplicates: Duplicates,
        *,
        reject: Callable[[Rejected], None],
        goes_on: Callable[[Counts], bool],
    ) -> ImportDone:
        """What an import into that campaign would find, or into a new one of `client`.

        Writes nothing.
        """
        with self._reading() as connection:
            named = select(CampaignRow.client_id).where(CampaignRow.name == campaign)
            client_id = connection.scalar(named)
            if client_id is None:
                by_name = select(ClientRow.id).where(ClientRow.name == client)
                client_id = connection.scalar(by_name)
            key = number_key(connection)
        run = Run(client_id or 0, key, duplicates)
        sieve = run.sieve()
        done = ImportDone(0, 0, sieve.counts)
        coming = iter(people)
        while chunk := list(islice(coming, CHUNK)):
            look_up(self._reading, run, chunk)
            for rejected in sieve.sort_out(chunk).turned_away:
                reject(rejected)
            if not goes_on(sieve.counts):
                done.is_given_up = True
                break
        return done

    def undo(self, import_id: int, now: Instant, who: str = "import") -> Undone:
        """Take an import out again. People who were called stay on the record, closed.

        KnownError where there is none of that number, or it is still running.
        """
        self.clear_dead(now)
        with self._reading() as connection:
            state = connection.scalar(
                select(ListImportRow.state).where(ListImportRow.id == import_id)
            )
        if state is None:
            raise KnownError(f"There is no import {import_id}; callfloor lists shows them.")
        if state in (ImportState.RUNNING, ImportState.FREEING):
            raise KnownError("This import is still running; cancel it where it runs.")
        if state == ImportState.UNDONE:
            raise KnownError(f"Import {import_id} was undone already; nothing was changed.")
        return import_undo.undo(self._some, import_id, now, who)

    def imports(self) -> list[ImportedList]:
        """All imports, the newest first."""
        with self._reading() as connection:
            return import_undo.imports(connection)

    def campaign_names(self) -> list[str]:
        """All campaigns, by name."""
        with self._reading() as connection:
            return list(connection.scalars(select(CampaignRow.name).order_by(CampaignRow.name)))

    def clear_dead(self, now: Instant) -> int:
        """Finish what a process has left that died in the middle; how many imports those were.

        To be called when a floor is started: what was half in is taken out, what was whole is
        freed, what was half undone is undone.
        """
        return import_undo.clear_dead(self._reading, self._some, now, self._is_dead)

    # --- one import -------------------------------------------------------------------------

    def _begin(self, order: ImportOrder, now: Instant) -> tuple[Run, ImportDone, Sieve]:
        with self._writing() as connection:
            client_id = connection.scalar(
                select(CampaignRow.client_id).where(CampaignRow.id == order.campaign_id)
            )
            if client_id is None:
                raise KnownError("There is no such campaign any more; choose another.")
            list_id, own = begin_import(
                connection, order.campaign_id, order.list_name, order.source[:200], now
            )
            connection.execute(
                update(ListImportRow)
                .where(ListImportRow.id == own)
                .values(
                    state=ImportState.RUNNING,
                    region=order.region,
                    encoding=order.encoding[:32],
                    made_campaign=order.makes_campaign,
                    beat_at=now.utc,
                    holder=self._holder,
                )
            )
            key = number_key(connection)
        run = Run(client_id, key, order.duplicates, own)
        sieve = run.sieve()
        return run, ImportDone(own, list_id, sieve.counts), sieve

    def _take_chunk(
        self,
        order: ImportOrder,
        run: Run,
        done: ImportDone,
        sieve: Sieve,
        chunk: Sequence[ListedPerson | Rejected],
        now: Instant,
        reject: Callable[[Rejected], None],
        hear: Callable[[Sorted], None],
    ) -> None:
        look_up(self._reading, run, chunk)
        found = sieve.sort_out(chunk)
        hear(found)
        for rejected in found.turned_away:
            reject(rejected)
            if len(run.first_refusals) < SHOWN_REFUSALS:
                run.first_refusals.append([rejected.row, rejected.reason])
        common: dict[str, object] = {
            "campaign_id": order.campaign_id,
            "list_id": done.list_id,
            "import_id": run.own,
            "status": ContactStatus.HELD,
            "attempts_count": 0,
            "created_at": now.utc,
            "changed_at": now.utc,
        }
        with self._writing(is_durable=False) as connection:
            feed_words.concerns(connection)
            if not connection.execute(_BEAT, {"own": run.own, "to_beat_at": now.utc}).rowcount:
                raise KnownError(
                    "The import stood still for too long and was taken out; start it again."
                )
            insert_chunk(connection, run, common | {"status_reason": IMPORTING}, found.new)
            held = common | {"status_reason": RefusalCode.SUPPRESSED.value}
            insert_chunk(connection, run, held, found.held)
            if found.updates or found.again:
                update_chunk(connection, run, found.updates, found.again, now)

    def _finish(self, order: ImportOrder, run: Run, done: ImportDone, now: Instant) -> None:
        counts = done.counts
        with self._writing() as connection:
            is_ours = connection.execute(
                update(ListImportRow)
                .where(ListImportRow.id == run.own, ListImportRow.state == ImportState.RUNNING)
                .values(
                    state=ImportState.FREEING,
                    rows_read=counts.rows,
                    rows_taken=counts.taken,
                    duplicates=counts.duplicate_rows,
                    invalid=counts.invalid_rows,
                    on_dnc=counts.contacts_on_dnc,
                    known_elsewhere=counts.known_elsewhere,
                    updated=counts.updated,
                    refused=run.first_refusals,
                )
            ).rowcount
            if not is_ours:
                raise KnownError("The import stood still for too long; start it again.")
            detail: dict[str, object] = {
                "import": run.own,
                "list": order.list_name,
                "rows": counts.rows,
                "taken": counts.taken,
                "invalid": counts.invalid_rows,
            }
            audit.append(connection, order.who, "list imported", detail, now.utc)

    def _give_up(self, import_id: int, now: Instant) -> None:
        import_undo.give_up(self._some, import_id, now)
