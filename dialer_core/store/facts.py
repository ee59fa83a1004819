"""What the gate is told, read for many numbers at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, Connection, bindparam, func, or_, select

from dialer_core.clock import Instant
from dialer_core.model.states import CallStage, Direction, Mode
from dialer_core.rules.countries import country_of, country_rules
from dialer_core.rules.facts import GateFacts, Lockout
from dialer_core.rules.outcomes import counts_for_law
from dialer_core.rules.profiles import LockoutMode
from dialer_core.store.campaigns import CampaignSettings
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

_HASHES: BindParameter[bytes] = bindparam("hashes", expanding=True)
_SUPPRESSED = select(SuppressionRow.number_hash).where(
    or_(SuppressionRow.client_id.is_(None), SuppressionRow.client_id == bindparam("client")),
    SuppressionRow.number_hash.in_(_HASHES),
)
_REGISTRIES = select(RegistryRow.id, RegistryRow.as_of)
_REGISTERED = select(RegistryEntryRow.number_hash, RegistryEntryRow.registry_id).where(
    RegistryEntryRow.number_hash.in_(_HASHES)
)
_ATTEMPTS = select(
    AttemptRow.id,
    AttemptRow.client_id,
    AttemptRow.contact_id,
    AttemptRow.number_hash,
    AttemptRow.stage,
    AttemptRow.direction,
    AttemptRow.outcome,
    AttemptRow.progress_at,
    func.coalesce(AttemptRow.invite_at, AttemptRow.committed_at).label("at"),
).where(
    AttemptRow.committed_at > bindparam("since"),
    or_(
        AttemptRow.number_hash.in_(_HASHES),
        AttemptRow.contact_id.in_(bindparam("contacts", expanding=True)),
    ),
)
_LOCKOUTS = select(
    LockoutRow.number_hash, LockoutRow.mode, LockoutRow.until, LockoutRow.outcome
).where(
    LockoutRow.number_hash.in_(_HASHES),
    or_(LockoutRow.client_id.is_(None), LockoutRow.client_id == bindparam("client")),
    or_(LockoutRow.until.is_(None), LockoutRow.until > bindparam("now")),
)
_NUMBERS = select(
    ContactRow.id.label("contact_id"),
    ContactRow.status.label("contact_status"),
    ContactRow.zones,
    ContactRow.region,
    ContactRow.grounds,
    ContactRow.leased_by_epoch,
    ContactRow.lease_expires_at,
    ContactRow.next_rank,
    ContactNumberRow.rank,
    ContactNumberRow.id.label("number_id"),
    ContactNumberRow.e164,
    ContactNumberRow.status.label("number_status"),
    ContactNumberRow.number_hash,
).join(ContactNumberRow, ContactNumberRow.contact_id == ContactRow.id)
NUMBERS_OF = _NUMBERS.where(ContactRow.id.in_(bindparam("contacts", expanding=True))).order_by(
    ContactRow.id, ContactNumberRow.rank
)
ONE_NUMBER = _NUMBERS.where(
    ContactRow.id == bindparam("contact"), ContactNumberRow.id == bindparam("number")
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One number of one contact and what the gate is told of it before mode and seat are known."""

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
) -> list[Candidate]:
    """The gate's facts for rows of `NUMBERS_OF` or `ONE_NUMBER`, in their order."""
    if not rows:
        return []
    hashes = [row.number_hash for row in rows]
    suppressed = set(
        connection.scalars(_SUPPRESSED, {"client": settings.client_id, "hashes": hashes})
    )
    ages = {
        row.id: (now.utc - row.as_of).total_seconds() / 86_400
        for row in connection.execute(_REGISTRIES)
    }
    registered: dict[bytes, list[str]] = defaultdict(list)
    if ages:
        for row in connection.execute(_REGISTERED, {"hashes": hashes}):
            registered[row.number_hash].append(row.registry_id)
    lockouts: dict[bytes, list[Lockout]] = defaultdict(list)
    for one in connection.execute(
        _LOCKOUTS, {"client": settings.client_id, "hashes": hashes, "now": now.utc}
    ):
        lockouts[one.number_hash].append(Lockout(one.mode.value, one.until, one.outcome.value))
    attempts = connection.execute(
        _ATTEMPTS,
        {
            "since": now.utc - LOOK_BACK,
            "hashes": hashes,
            "contacts": list({row.contact_id for row in rows}),
        },
    ).all()
    return [
        _candidate(settings, row, suppressed, registered, ages, lockouts, _Past(row, attempts), now)
        for row in rows
    ]


class _Past:
    """The earlier attempts that concern one number: its own and its contact's."""

    def __init__(self, row: AnyRow, attempts: Iterable[AnyRow]) -> None:
        own = [
            attempt
            for attempt in attempts
            if attempt.contact_id == row.contact_id or attempt.number_hash == row.number_hash
        ]
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
    suppressed: set[bytes],
    registered: dict[bytes, list[str]],
    ages: dict[str, float],
    lockouts: dict[bytes, list[Lockout]],
    past: _Past,
    now: Instant,
) -> Candidate:
    against = list(lockouts.get(row.number_hash, ()))
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
        is_suppressed=row.number_hash in suppressed,
        registry_hits=tuple(registered.get(row.number_hash, ())),
        registry_age_days=ages,
        has_consent=Ground.CONSENT in grounds,
        has_hours_consent=Ground.HOURS in grounds or row.contact_status is ContactStatus.CALL_BACK,
        has_ongoing_contract=Ground.ONGOING_CONTRACT in grounds,
        is_in_public_directory=Ground.PUBLIC_DIRECTORY in grounds,
        is_sector_authorised=settings.is_sector_authorised,
        sector=settings.sector,
        is_marketing=settings.is_marketing,
        attempts_at=tuple(
            attempt.at for attempt in past.counting if attempt.client_id == settings.client_id
        ),
        lockouts=tuple(against),
        caller_id=settings.campaign.caller_id,
        country_rules=country_rules(settings.profile, country or row.region),
        max_ring_s=settings.campaign.max_ring_s,
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
