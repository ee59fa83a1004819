"""What the windows of a person's data and of retention have done on their threads."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec

from app.clock import WallClock
from app.desk.privacy_view import (
    PersonView,
    PersonWish,
    ReceiptView,
    RetentionRow,
    RetentionView,
)
from app.errors import KnownError
from app.lists import person_file
from app.lists.asked import made, person_named
from app.lists.copies_commands import copy_names
from app.profile import Profile
from dialer_core.clock import Clock
from dialer_core.rules.profiles import profiles
from dialer_core.store.daily import DailyStore, DayPurge
from dialer_core.store.files import FileKind
from dialer_core.store.person import Section
from dialer_core.store.privacy import REASON, PrivacyStore
from dialer_core.store.retention import AT_MOST, FREE, Due, Kind, RetentionStore, Term


class PersonOf:
    """The `PersonWork` of a profile; `who` stands in the log."""

    def __init__(self, profile: Profile, who: str, clock: Clock | None = None) -> None:
        self._profile, self._who = profile, who
        self._clock = clock or WallClock()

    def regions(self) -> tuple[str, ...]:
        """Countries with rules of their own."""
        return tuple(one.country for one in profiles().values() if one.country)

    def find(self, wish: PersonWish) -> PersonView:
        """What is stored about the person; nothing is changed."""
        number, contact_id = person_named(wish.who, wish.region)
        with closing(PrivacyStore(made(self._profile))) as store:
            sections = store.look(number=number, contact_id=contact_id)
        records = sections["records"]
        return PersonView(
            wish,
            str(records[0]["name"]),
            _facts(sections),
            tuple((name, len(rows)) for name, rows in sections.items()),
            bool(sections["do not call"]),
        )

    def export(self, wish: PersonWish, to: str) -> str:
        """Everything as one file, noted so that an erasure takes it away as well."""
        number, contact_id = person_named(wish.who, wish.region)
        now, path = self._clock.now(), Path(to)
        with closing(PrivacyStore(made(self._profile))) as store:
            found = store.export(now, number=number, contact_id=contact_id, who=self._who)
            missing = person_file.write_person(found, path)
            records = found.person.contact_ids
            store.note_file(FileKind.EXPORT, path, now, contact_ids=records, who=self._who)
        without = f" {len(missing)} recordings are not on this PC." if missing else ""
        return f"Everything is in {path.name}.{without}"

    def erase(self, wish: PersonWish, reason: str) -> ReceiptView:
        """Erase them everywhere; never called again."""
        number, contact_id = person_named(wish.who, wish.region)
        with closing(PrivacyStore(made(self._profile))) as store:
            done = store.erase(
                self._clock.now(),
                number=number,
                contact_id=contact_id,
                reason=reason or REASON,
                who=self._who,
                copies=copy_names(self._profile),
            )
        return ReceiptView(
            done.id,
            done.at,
            done.reason,
            done.records,
            tuple(done.tables.items()),
            done.files,
            done.stays,
            done.shared_with,
            done.audit_hash[:16],
            done.is_finished,
            msgspec.json.format(msgspec.json.encode(done), indent=2),
        )

    def save_receipt(self, receipt: ReceiptView, to: str) -> str:
        """The receipt as JSON; it names nobody."""
        try:
            Path(to).write_bytes(receipt.json)
        except OSError as error:
            raise KnownError(
                f"The receipt cannot be written there ({error.strerror}); choose another folder."
            ) from error
        return f"The receipt is in {Path(to).name}."


def _facts(sections: dict[str, Section]) -> tuple[tuple[str, str], ...]:
    """What tells one person from another."""

    def distinct(section: str, *columns: str) -> str:
        rows = sections[section]
        found = [" ".join(str(row[one]) for one in columns if row.get(one)) for row in rows]
        return ", ".join(dict.fromkeys(one for one in found if one))

    return tuple(
        (label, text)
        for label, text in (
            ("Numbers", distinct("numbers", "e164")),
            ("Town", distinct("records", "town")),
            ("Your reference", distinct("records", "reference")),
            ("Campaigns", distinct("records", "campaign")),
            ("Lists", distinct("records", "list")),
        )
        if text
    )


class RetentionOf:
    """The `RetentionWork` of a profile."""

    def __init__(self, profile: Profile, who: str, clock: Clock | None = None) -> None:
        self._profile, self._who = profile, who
        self._clock = clock or WallClock()

    def view(self) -> RetentionView:
        """Terms, what is due, the last purge."""
        now = self._clock.now()
        path = made(self._profile)
        with closing(RetentionStore(path)) as store:
            terms, due = store.terms(), store.due(now)
        with closing(DailyStore(path)) as daily:
            last, waiting = daily.last(), daily.waiting()
        waits = ""
        if waiting:
            subject = "An erasure waits" if waiting == 1 else f"{waiting} erasures wait"
            waits = f"{subject} for a file that was in use; it is tried again with every purge."
        view = RetentionView(tuple(_row(one, terms) for one in due), _last_words(last), waits)
        return view if last is None else replace(view, stuck=last.stuck)

    def wish(self, kind: str, days: int) -> None:
        """The office's own days of a kind."""
        with closing(RetentionStore(made(self._profile))) as store:
            store.wish(Kind(kind), days, self._clock.now(), self._who)

    def purge(self) -> str:
        """Take all that is due, now."""
        with closing(DailyStore(made(self._profile))) as daily:
            done = daily.purge(self._clock.now(), who=self._who)
        count = 0 if done is None else sum(done.taken.values())
        if done is not None and done.stuck:
            return f"{count:,} entries went. In use, and tried again: {', '.join(done.stuck)}."
        return f"{count:,} entries went." if count else "Nothing was due."


def _row(due: Due, terms: list[Term]) -> RetentionRow:
    why = dict.fromkeys(term.why for term in terms if term.kind is due.kind)
    return RetentionRow(
        due.kind.value,
        due.days,
        ", ".join(why),
        due.count,
        "" if due.oldest is None else f"{due.oldest:%d %b %Y}",
        due.kind in AT_MOST,
        due.kind in FREE,
    )


def _last_words(last: DayPurge | None) -> str:
    if last is None:
        return "No purge has been yet; the dialler does one each day."
    count = sum(last.taken.values())
    what = f"{count:,} entries went" if count else "nothing was due"
    return f"Last purge {last.at.astimezone():%a %d %b %Y, %H:%M}: {what}. The next is tomorrow."
