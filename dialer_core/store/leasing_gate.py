"""Asking the gate about contacts, and writing at once what is leased and what is refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from dialer_core.clock import Instant
from dialer_core.model.ids import ContactId, NumberId, SessionId
from dialer_core.model.records import LeasedRecord
from dialer_core.rules import gate
from dialer_core.rules.facts import Refusal, RefusalCode
from dialer_core.store import refusing, variants
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.facts import NUMBERS_OF, Candidate, Known, look_up
from dialer_core.store.many import among_numbers
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import ContactNumberRow, ContactRow
from dialer_core.store.schema.base import ContactStatus

CONTACT_LEASE: Final = timedelta(seconds=120)

_HOLD_NUMBERLESS = (
    update(ContactRow)
    .where(among_numbers(ContactRow.id, "contacts"))
    .values(status=ContactStatus.HELD, status_reason=RefusalCode.NOT_DIALLABLE.value)
)
# One statement for all: for each of its own the database and the language under it take turns.
_LEASE = (
    update(ContactRow)
    .where(among_numbers(ContactRow.id, "contacts"))
    .values(
        leased_by_epoch=bindparam("epoch"),
        lease_expires_at=bindparam("expires"),
        leased_number_id=select(ContactNumberRow.id)
        .where(
            ContactNumberRow.contact_id == ContactRow.id,
            among_numbers(ContactNumberRow.id, "numbers"),
        )
        .scalar_subquery(),
    )
)


class Lease:
    """One command's work: asks the gate about contacts and remembers what is to be written."""

    def __init__(
        self,
        connection: Connection,
        settings: CampaignSettings,
        epoch: int,
        now: Instant,
        *,
        is_trying: bool,
    ) -> None:
        self._connection, self._settings = connection, settings
        self._epoch, self._now = epoch, now
        self.found: list[LeasedRecord] = []
        self.asked = 0
        self.reached = 0  # of the contacts that were last handed in
        self.is_refused = False  # the whole campaign is
        self._refused: list[tuple[Candidate, Refusal]] = []
        self._asides: list[refusing.Aside] = []
        self._numberless: list[int] = []
        self._arms = variants.Arms(connection, settings, is_any=is_trying)
        self._early: list[tuple[int, datetime]] = []  # whose variant's hours are others

    def ask(self, whom: Sequence[tuple[int, SessionId | None]], need: int) -> set[int]:
        """Lease those that pass, `need` at most, in their order; whom was leased."""
        self.reached = 0
        ids = [contact_id for contact_id, _ in whom]
        if not ids:
            return set()
        rows = self._connection.execute(NUMBERS_OF, {"contacts": ids}).all()
        known = look_up(self._connection, self._settings, rows, self._now)
        own: dict[int, list[AnyRow]] = {contact_id: [] for contact_id in ids}
        for row in rows:
            own[row.contact_id].append(row)
        taken: set[int] = set()
        for contact_id, session_id in whom:
            if len(taken) == need or self.is_refused:
                break
            self.reached += 1
            self.asked += 1
            mine = self._in_turn(known, own[contact_id])
            candidate = self._first_that_passes(contact_id, mine)
            if candidate is not None:
                taken.add(contact_id)
                self.found.append(self._record(candidate, session_id))
        self._hold(taken)
        return taken

    def _in_turn(self, known: Known, rows: Sequence[AnyRow]) -> list[Candidate]:
        """A contact's numbers: from the one whose turn it is on, then the ones before it."""
        begin = rows[0].next_rank if rows else None
        if begin is not None:
            rows = sorted(rows, key=lambda row: (row.rank < begin, row.rank))
        mode = self._settings.campaign.mode
        return [known.candidate(row, mode=mode, is_reserved=True) for row in rows]

    def _first_that_passes(self, contact_id: int, own: Sequence[Candidate]) -> Candidate | None:
        """The first number that passes; else the contact is set aside with the reasons."""
        refused: list[tuple[Candidate, Refusal]] = []
        until = self._waits_until(contact_id, own)
        if until is not None:
            self._early.append((contact_id, until))
            return None
        caller_id = self._arms.terms(contact_id).get("caller_id")
        for candidate in own:
            facts = candidate.asked_for(self._settings.campaign.mode, is_reserved=True)
            if caller_id is not None:
                facts = replace(facts, caller_id=caller_id)
            refusal = gate.check(facts, self._settings.profile, self._now.utc)
            if refusal is None:
                return candidate
            refused.append((candidate, refusal))
        if not refused:
            self._numberless.append(contact_id)
            return None
        candidate, first = refused[0]
        if first.code in refusing.OF_THE_CAMPAIGN:
            self.is_refused = True
            if not refusing.was_said_lately(
                self._connection, self._settings, first.code, self._now
            ):
                self._refused.append((candidate, first))
            return None
        self._refused += refused
        times = [one.retry_at for _, one in refused if one.retry_at is not None]
        is_call_back = candidate.is_promised
        self._asides.append(
            refusing.Aside(contact_id, first, min(times, default=None), is_call_back)
        )
        return None

    def _waits_until(self, contact_id: int, own: Sequence[Candidate]) -> datetime | None:
        """When an experiment calls this person; None: now. A promise is kept before anything."""
        if not own or own[0].is_promised:
            return None
        facts = own[0].facts
        return self._arms.waits_until(contact_id, facts.zones, facts.region, self._now.utc)

    def _record(self, candidate: Candidate, session_id: SessionId | None) -> LeasedRecord:
        return LeasedRecord(
            ContactId(candidate.contact_id),
            self._settings.campaign.id,
            NumberId(candidate.number_id),
            candidate.facts.number,
            candidate.needs_reserved(self._now.utc),
            is_promised=candidate.is_promised,
            for_session=session_id,
            **self._arms.terms(candidate.contact_id),
        )

    def _hold(self, taken: Collection[int]) -> None:
        """Write leases and refusals, so that the next question does not find the same people."""
        leased = [record for record in self.found if record.contact_id in taken]
        if leased:
            terms = {"epoch": self._epoch, "expires": self._now.utc + CONTACT_LEASE}
            contacts = [record.contact_id for record in leased]
            numbers = [record.number_id for record in leased]
            whom = {"contacts": contacts, "numbers": numbers}
            self._connection.execute(_LEASE, terms | whom)
        refusing.set_aside(self._connection, self._asides, self._now)
        variants.set_aside(self._connection, self._early, self._now.utc)
        if self._numberless:
            self._connection.execute(_HOLD_NUMBERLESS, {"contacts": self._numberless})
        self._asides, self._numberless, self._early = [], [], []

    def write(self) -> None:
        """Put the refusals on the record."""
        refusing.record_all(self._connection, self._settings, self._refused, self._now)
