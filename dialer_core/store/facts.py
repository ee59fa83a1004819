"""What the gate is told, read for many numbers at once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    LargeBinary,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator

from dialer_core.clock import Instant
from dialer_core.model.states import CallStage, Direction, Mode
from dialer_core.rules.countries import country_of, country_rules
from dialer_core.rules.facts import GateFacts, Lockout
from dialer_core.rules.outcomes import counts_for_law
from dialer_core.rules.profiles import LockoutMode
from dialer_core.store.campaigns import CampaignSettings
from dialer_core.store.many import among_hashes, among_numbers
from dialer_core.store.rows import AnyRow
from dialer_core.store.schema import (
    AttemptRow,
    ContactNumberRow,
    ContactRow,
    LockoutRow,
    RegistryEntryRow,
    RegistryRow,
    SuppressionRow,
)
from dialer_core.store.schema.base import ContactStatus, Ground, NumberStatus

LOOK_BACK = timedelta(days=31)
IN_CALL = "IN_CALL"  # stands where a lock-out names its outcome
IN_CALL_REST = timedelta(seconds=60)

_Column = ColumnElement[Any] | InstrumentedAttribute[Any] | None


class Words(TypeDecorator[tuple[str, ...]]):
    """The words of a JSON column; read from the text, since most people have the same few."""

    impl = String
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        del dialect
        return _words(value or "[]")


@lru_cache(maxsize=1024)
def _words(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


class _Against(StrEnum):
    """What a row of `_AGAINST` tells."""

    REGISTER = "register"  # there is one: `word`, as of `at`
    SUPPRESSED = "suppressed"
    REGISTERED = "registered"  # on the register `word`
    LOCKED = "locked"  # in the mode `word` until `at` after the outcome `why`


def _told(
    kind: _Against,
    number_hash: _Column = None,
    word: _Column = None,
    at: _Column = None,
    why: _Column = None,
) -> Select[Any]:
    """A row of `_AGAINST`; all have the same columns."""
    return select(
        literal(kind.value).label("kind"),
        (cast(null(), LargeBinary) if number_hash is None else number_hash).label("number_hash"),
        (null() if word is None else cast(word, String)).label("word"),
        (cast(null(), LockoutRow.until.type) if at is None else at).label("at"),
        (null() if why is None else cast(why, String)).label("why"),
    )


# One question for all that may stand against numbers, and for how old the registers are.
_AGAINST = union_all(
    _told(_Against.REGISTER, word=RegistryRow.id, at=RegistryRow.as_of),
    _told(_Against.SUPPRESSED, SuppressionRow.number_hash).where(
        or_(SuppressionRow.client_id.is_(None), SuppressionRow.client_id == bindparam("client")),
        among_hashes(SuppressionRow.number_hash, "hashes"),
    ),
    _told(_Against.REGISTERED, RegistryEntryRow.number_hash, RegistryEntryRow.registry_id).where(
        among_hashes(RegistryEntryRow.number_hash, "hashes")
    ),
    _told(
        _Against.LOCKED,
        LockoutRow.number_hash,
        LockoutRow.mode,
        LockoutRow.until,
        LockoutRow.outcome,
    ).where(
        among_hashes(LockoutRow.number_hash, "hashes"),
        or_(LockoutRow.client_id.is_(None), LockoutRow.client_id == bindparam("client")),
        or_(LockoutRow.until.is_(None), LockoutRow.until > bindparam("now")),
    ),
)
_SINCE = select(
    AttemptRow.id,
    AttemptRow.client_id,
    AttemptRow.contact_id,
    AttemptRow.number_hash,
    AttemptRow.stage,
    AttemptRow.direction,
    AttemptRow.outcome,
    AttemptRow.progress_at,
    func.coalesce(AttemptRow.invite_at, AttemptRow.committed_at).label("at"),
).where(AttemptRow.committed_at > bindparam("since"))
_ATTEMPTS = _SINCE.where(
    or_(
        among_hashes(AttemptRow.number_hash, "hashes"),
        among_numbers(AttemptRow.contact_id, "contacts"),
    )
)
_NUMBERS = select(
    ContactRow.id.label("contact_id"),
    ContactRow.status.label("contact_status"),
    cast(ContactRow.zones, Words).label("zones"),
    ContactRow.region,
    cast(ContactRow.grounds, Words).label("grounds"),
    ContactRow.leased_by_epoch,
    ContactRow.lease_expires_at,
    ContactRow.next_rank,
    ContactNumberRow.rank,
    ContactNumberRow.id.label("number_id"),
    ContactNumberRow.e164,
    ContactNumberRow.status.label("number_status"),
    ContactNumberRow.number_hash,
).join(ContactNumberRow, ContactNumberRow.contact_id == ContactRow.id)
NUMBERS_OF = _NUMBERS.where(among_numbers(ContactRow.id, "contacts")).order_by(
    ContactRow.id, ContactNumberRow.rank
)
ONE_NUMBER = _NUMBERS.where(
    ContactRow.id == bindparam("contact"), ContactNumberRow.id == bindparam("number")
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One number of one contact and what the gate is told of it."""

    contact_id: int
    number_id: int
    number_hash: bytes
    leased_by_epoch: int | None
    is_in_call: bool  # of its own: an attempt of this contact is open
    is_promised: bool  # a call-back that was promised
    facts: GateFacts

    def needs_reserved(self, now: datetime) -> bool:
        """Whether a lock-out in force leaves it to a reserved agent."""
        return any(
            lockout.mode == LockoutMode.RESERVED_AGENT_ONLY
            and (lockout.until is None or lockout.until > now)
            for lockout in self.facts.lockouts
        )

    def asked_for(
        self, mode: Mode, *, is_reserved: bool, is_overdial: bool = False, drops_left: int = 0
    ) -> GateFacts:
        """The facts for a call of that mode, with or without a held agent."""
        known = self.facts
        if (known.mode, known.has_reserved_agent, known.is_overdial, known.drops_left) == (
            mode,
            is_reserved,
            is_overdial,
            drops_left,
        ):
            return known
        return replace(
            self.facts,
            mode=mode,
            has_reserved_agent=is_reserved,
            is_overdial=is_overdial,
            drops_left=drops_left,
        )


def candidates(
    connection: Connection,
    settings: CampaignSettings,
    rows: Sequence[AnyRow],
    now: Instant,
    *,
    mode: Mode = Mode.PREVIEW,
    is_reserved: bool = False,
) -> list[Candidate]:
    """The gate's facts for rows of `NUMBERS_OF` or `ONE_NUMBER`, in their order.

    For a call of that mode, with a held agent or without; `asked_for` changes that.
    """
    known = look_up(connection, settings, rows, now)
    return [known.candidate(row, mode=mode, is_reserved=is_reserved) for row in rows]


def look_up(
    connection: Connection, settings: CampaignSettings, rows: Sequence[AnyRow], now: Instant
) -> Known:
    """What is known of the numbers of these rows, of `NUMBERS_OF` or `ONE_NUMBER`."""
    known = Known(settings, now)
    if not rows:
        return known
    own = [row.number_hash for row in rows]
    asked = {"client": settings.client_id, "hashes": own, "now": now.utc}
    for kind, number_hash, word, at, why in connection.execute(_AGAINST, asked).all():
        known.add(kind, number_hash, word, at, why)
    past = {
        "since": now.utc - LOOK_BACK,
        "hashes": own,
        "contacts": {row.contact_id for row in rows},
    }
    for attempt in connection.execute(_ATTEMPTS, past).all():
        known.of_contact[attempt.contact_id].append(attempt)
        known.of_number[attempt.number_hash].append(attempt)
    return known


@dataclass(slots=True)
class Known:
    """What was read of many numbers at once."""

    settings: CampaignSettings
    now: Instant
    suppressed: set[bytes] = field(default_factory=set)
    ages: dict[str, float] = field(default_factory=dict)  # days, of the registers
    registered: defaultdict[bytes, list[str]] = field(default_factory=lambda: defaultdict(list))
    lockouts: defaultdict[bytes, list[Lockout]] = field(default_factory=lambda: defaultdict(list))
    of_contact: defaultdict[int, list[AnyRow]] = field(default_factory=lambda: defaultdict(list))
    of_number: defaultdict[bytes, list[AnyRow]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: str, number_hash: bytes, word: str, at: datetime | None, why: str) -> None:
        """A row of `_AGAINST`."""
        match _Against(kind):
            case _Against.REGISTER:
                assert at is not None
                self.ages[word] = (self.now.utc - at).total_seconds() / 86_400
            case _Against.SUPPRESSED:
                self.suppressed.add(number_hash)
            case _Against.REGISTERED:
                self.registered[number_hash].append(word)
            case _Against.LOCKED:
                self.lockouts[number_hash].append(Lockout(word, at, why))

    def candidate(self, row: AnyRow, *, mode: Mode, is_reserved: bool) -> Candidate:
        """The number of one row."""
        return _candidate(self.settings, row, self, self.now, mode=mode, is_reserved=is_reserved)

    def past(self, row: AnyRow) -> _Past:
        """The earlier attempts that concern one number: its own and its contact's."""
        own = self.of_contact.get(row.contact_id, [])
        others = self.of_number.get(row.number_hash, ())
        return _Past(row, [*own, *(one for one in others if one.contact_id != row.contact_id)])


class _Past:
    """Earlier attempts as the gate asks about them."""

    def __init__(self, row: AnyRow, own: Sequence[AnyRow]) -> None:
        self.is_in_call = any(
            attempt.stage is not CallStage.ENDED and attempt.contact_id == row.contact_id
            for attempt in own
        )
        self.is_number_in_call = any(attempt.stage is not CallStage.ENDED for attempt in own)
        self.counting = [
            attempt
            for attempt in own
            if attempt.direction is Direction.OUT
            and (
                attempt.outcome is None
                or counts_for_law(attempt.outcome, had_progress=attempt.progress_at is not None)
            )
        ]


def _candidate(
    settings: CampaignSettings,
    row: AnyRow,
    facts_of: Known,
    now: Instant,
    *,
    mode: Mode,
    is_reserved: bool,
) -> Candidate:
    past = facts_of.past(row)
    against = list(facts_of.lockouts.get(row.number_hash, ()))
    if past.is_number_in_call:
        against.append(Lockout(LockoutMode.BLOCK.value, now.utc + IN_CALL_REST, IN_CALL))
    grounds = {Ground(word) for word in row.grounds}
    country = country_of(row.e164, row.region)
    facts = GateFacts(
        number=row.e164,
        is_diallable=row.contact_status not in (ContactStatus.CLOSED, ContactStatus.UNCODED)
        and row.number_status is NumberStatus.OPEN,
        zones=tuple(row.zones),
        region=country or row.region,
        is_suppressed=row.number_hash in facts_of.suppressed,
        registry_hits=tuple(facts_of.registered.get(row.number_hash, ())),
        registry_age_days=facts_of.ages,
        has_consent=Ground.CONSENT in grounds,
        has_hours_consent=Ground.HOURS in grounds or row.contact_status is ContactStatus.CALL_BACK,
        has_ongoing_contract=Ground.ONGOING_CONTRACT in grounds,
        is_in_public_directory=Ground.PUBLIC_DIRECTORY in grounds,
        is_sector_authorised=settings.is_sector_authorised,
        sector=settings.sector,
        is_marketing=settings.campaign.is_marketing,
        attempts_at=tuple(
            attempt.at for attempt in past.counting if attempt.client_id == settings.client_id
        ),
        lockouts=tuple(against),
        caller_id=settings.campaign.caller_id,
        country_rules=country_rules(settings.profile, country or row.region),
        max_ring_s=settings.campaign.max_ring_s,
        mode=mode,
        has_reserved_agent=is_reserved,
    )
    return Candidate(
        row.contact_id,
        row.number_id,
        row.number_hash,
        row.leased_by_epoch,
        past.is_in_call,
        row.contact_status is ContactStatus.CALL_BACK,
        facts,
    )
