"""A list as the office hands it over, into a campaign's list: looked at, taken in, undone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import msgspec

from app import holder
from app.clock import WallClock
from app.errors import KnownError, UsageError
from app.floor_place import floor_place, is_there
from app.lists.house import CLIENT, new_campaign
from app.lists.rejected_file import RejectedFile, separator_for
from app.profile import Profile
from dialer_core.lists.columns import Mapping, asked, guess
from dialer_core.lists.numbers import is_region
from dialer_core.lists.opening import open_list
from dialer_core.lists.people import ListedPerson, Rejected, people_of
from dialer_core.lists.sieve import Counts, Duplicates, Sieve
from dialer_core.lists.table import ListError, Row, Table
from dialer_core.model import errors as core_errors
from dialer_core.model.ids import CampaignId
from dialer_core.store.files import FileKind
from dialer_core.store.import_undo import ImportedList, Undone
from dialer_core.store.importing import ImportDone, ImportOrder, ImportStore
from dialer_core.store.opening import migrate
from dialer_core.store.privacy import PrivacyStore
from dialer_core.store.setup import SetupStore

LOOKED_AT = 200  # rows that are looked at to find the columns
REST_S = 0.005  # for those who wait for the database's lock
CHUNK = 500  # people between two words of progress where only is counted

Tell = Callable[[float], bool]
People = Iterator[ListedPerson | Rejected]


class ImportReport(msgspec.Struct, frozen=True):
    """What an import found; the names are those of the command's JSON."""

    file: str
    list: str
    campaign: str
    region: str
    rows: int
    distinct_valid: int
    duplicate_rows: int
    invalid_rows: int
    contacts_on_dnc: int
    known_elsewhere: int
    taken: int
    updated: int
    reasons: dict[str, int]
    columns: dict[str, str]
    encoding: str
    separator: str
    sheet: str
    has_header: bool
    seconds: float
    import_id: int | None
    rejected_file: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; what is empty or None is found."""

    file: Path
    list_name: str
    campaign: str
    region: str
    mapping: Sequence[str] = ()
    duplicates: Duplicates = Duplicates.SKIP
    encoding: str = ""
    separator: str = ""
    has_header: bool | None = None
    sheet: str = ""
    rejects: Path | None = None
    is_dry: bool = False


class GivenUp(Exception):
    """The import was cancelled; nothing of it is left."""


def import_list(profile: Profile, wanted: Wanted, tell: Tell = lambda _share: True) -> ImportReport:
    """Read the file and take it in; `tell(share)` hears how far it is, False gives it up.

    Raises KnownError where the file cannot be read and GivenUp where it was given up: nothing is
    changed then.
    """
    _check(wanted)
    began_s = time.perf_counter()
    table = opened(wanted)
    rows, mapping = understood(table, wanted)
    people = people_of(rows, mapping, wanted.region)
    separator = separator_for(table.separator, wanted.region)
    rejected = RejectedFile(wanted.file, wanted.rejects, table.header, separator)
    is_written = not wanted.is_dry or wanted.rejects is not None
    reject = rejected.add if is_written else _ignore

    def goes_on(_counts: Counts) -> bool:
        return tell(min(1.0, table.read[0] / max(1, table.size)))

    try:
        if wanted.is_dry:
            done = _count(profile, wanted, people, reject, goes_on)
        else:
            done = _take_in(profile, wanted, table.encoding, people, reject, goes_on)
        if done.is_given_up:
            raise GivenUp
        rejected_file = rejected.keep()
        if rejected_file is not None and done.import_id:
            _note(profile, rejected_file, done.import_id)
    finally:
        rejected.drop()
    return _report(wanted, table, mapping, done, rejected_file, time.perf_counter() - began_s)


def undo_import(profile: Profile, import_id: int) -> Undone:
    """Take an import out again. KnownError where there is none of that number."""
    with closing(_existing(profile)) as store:
        return store.undo(import_id, WallClock().now())


def imports(profile: Profile) -> list[ImportedList]:
    """All imports of this profile, the newest first; what a dead process left is cleared first."""
    if not is_there(profile):
        return []
    with closing(open_imports(profile)) as store:
        with suppress(core_errors.KnownError):  # on a full disk they can still be read
            store.clear_dead(WallClock().now())
        return store.imports()


def campaign_names(profile: Profile) -> list[str]:
    """The campaigns of this profile; none where it has no database yet."""
    if not is_there(profile):
        return []
    with closing(open_imports(profile)) as store:
        return store.campaign_names()


def open_setup(profile: Profile) -> SetupStore:
    """The profile's database, made where there is none yet."""
    if not is_there(profile):
        migrate(floor_place(profile))
    return SetupStore(floor_place(profile))


def open_imports(profile: Profile) -> ImportStore:
    """The profile's imports; its database must be there."""
    return ImportStore(
        floor_place(profile),
        holder.describe_self(),
        holder.is_dead,
        lambda: time.sleep(REST_S),
    )


def opened(wanted: Wanted) -> Table:
    """The file as a table, read as it was asked for."""
    return open_list(
        wanted.file,
        wanted.region,
        encoding=wanted.encoding,
        separator=wanted.separator,
        has_header=wanted.has_header,
        sheet=wanted.sheet,
    )


def understood(table: Table, wanted: Wanted) -> tuple[Iterator[Row], Mapping]:
    """All rows, and what their columns hold."""
    head = list(islice(table.rows, LOOKED_AT))
    guessed: Mapping | None = None
    try:
        guessed = guess(table.header, head, wanted.region, has_header=table.has_header)
    except ListError:
        if not any(wish.startswith("phone=") for wish in wanted.mapping):
            raise
    mapping = guessed
    if mapping is None or wanted.mapping:
        mapping = asked(table.header, wanted.mapping, guessed)
    return chain(head, table.rows), mapping


def _check(wanted: Wanted) -> None:
    if not is_region(wanted.region):
        raise UsageError(f"--region is an ISO country such as GB, not {wanted.region!r}.")
    if not wanted.list_name.strip():
        raise UsageError("--list is the name of a list; give it one.")
    if not wanted.campaign.strip():
        raise UsageError("--campaign is the name of a campaign; give it one.")


def _ignore(_rejected: Rejected) -> None:
    """A dry run writes no file that nobody asked for."""


def _existing(profile: Profile) -> ImportStore:
    if not is_there(profile):
        raise KnownError("Nothing was imported here yet; choose another --profile.")
    return open_imports(profile)


def _count(
    profile: Profile,
    wanted: Wanted,
    people: People,
    reject: Callable[[Rejected], None],
    goes_on: Callable[[Counts], bool],
) -> ImportDone:
    """What an import would find. No database is made for it."""
    if is_there(profile):
        with closing(open_imports(profile)) as store:
            return store.count(
                wanted.campaign, CLIENT, people, wanted.duplicates, reject=reject, goes_on=goes_on
            )
    sieve = Sieve(wanted.duplicates, str.encode, lambda _number: None, lambda _number: False)
    while chunk := list(islice(people, CHUNK)):
        for rejected in sieve.sort_out(chunk).turned_away:
            reject(rejected)
        if not goes_on(sieve.counts):
            return ImportDone(0, 0, sieve.counts, is_given_up=True)
    return ImportDone(0, 0, sieve.counts)


def _take_in(
    profile: Profile,
    wanted: Wanted,
    encoding: str,
    people: People,
    reject: Callable[[Rejected], None],
    goes_on: Callable[[Counts], bool],
) -> ImportDone:
    clock = WallClock()
    with (
        closing(open_setup(profile)) as setup,
        closing(open_imports(profile)) as importing,
    ):
        campaign_id, is_new = _campaign(setup, wanted, clock)
        order = ImportOrder(
            campaign_id,
            wanted.list_name.strip(),
            wanted.file.name,
            wanted.region,
            encoding,
            wanted.duplicates,
            makes_campaign=is_new,
        )
        return importing.take_in(order, people, clock.now, reject=reject, goes_on=goes_on)


def _note(profile: Profile, path: Path, import_id: int) -> None:
    """A file with people's data can be found again, to take a person out of it."""
    with closing(PrivacyStore(floor_place(profile))) as store:
        store.note_file(FileKind.REJECTS, path, WallClock().now(), import_id=import_id)


def _campaign(setup: SetupStore, wanted: Wanted, clock: WallClock) -> tuple[CampaignId, bool]:
    """The campaign of that name, and whether it was made for this list: then it is stopped."""
    name = wanted.campaign.strip()
    found = setup.campaign_named(name)
    if found is not None:
        return found, False
    try:
        made = setup.add_campaign(new_campaign(name, wanted.region), clock.now(), who="import")
    except core_errors.KnownError:
        found = setup.campaign_named(name)  # another import has just made it
        if found is None:
            raise
        return found, False
    return made, True


def _report(
    wanted: Wanted,
    table: Table,
    mapping: Mapping,
    done: ImportDone,
    rejected_file: Path | None,
    took_s: float,
) -> ImportReport:
    counts = done.counts
    return ImportReport(
        file=wanted.file.name,
        list=wanted.list_name.strip(),
        campaign=wanted.campaign.strip(),
        region=wanted.region,
        rows=counts.rows,
        distinct_valid=counts.distinct_valid,
        duplicate_rows=counts.duplicate_rows,
        invalid_rows=counts.invalid_rows,
        contacts_on_dnc=counts.contacts_on_dnc,
        known_elsewhere=counts.known_elsewhere,
        taken=counts.taken,
        updated=counts.updated,
        reasons=dict(counts.reasons.most_common()),
        columns=dict(zip(mapping.header, [kind.value for kind in mapping.kinds], strict=True)),
        encoding=table.encoding,
        separator=table.separator,
        sheet=table.sheet,
        has_header=table.has_header,
        seconds=round(took_s, 3),
        import_id=done.import_id or None,
        rejected_file=None if rejected_file is None else str(rejected_file),
    )
