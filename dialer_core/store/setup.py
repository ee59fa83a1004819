"""Making what a floor needs before the first call: clients, campaigns, agents, lists, registers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from dialer_core.clock import Instant
from dialer_core.model.call_control import RecordingPolicy
from dialer_core.model.campaign import NO_LIMIT, Disposition, PreviewTimeout
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import CampaignId
from dialer_core.model.levers import OFFICE_LEVERS, Levers
from dialer_core.model.states import Mode
from dialer_core.rules.facts import RefusalCode
from dialer_core.rules.profiles import RuleProfile
from dialer_core.store import audit, intents
from dialer_core.store.campaigns import TELEPHONE, stored_time
from dialer_core.store.numbers import number_hash, number_key
from dialer_core.store.owner import OneThread
from dialer_core.store.passwords import hash_password
from dialer_core.store.people import Imported, NewPerson, add_people
from dialer_core.store.rows import insert_one
from dialer_core.store.schema import (
    AgentRow,
    CampaignRow,
    ClientRow,
    ContactRow,
    DispositionRow,
    RegistryEntryRow,
    RegistryRow,
    RuleProfileRow,
    SuppressionRow,
)
from dialer_core.store.schema.base import ContactStatus, EventKind

CHUNK: Final = 2000

__all__ = ["Imported", "NewCampaign", "NewPerson", "SetupStore"]


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """What a campaign is made of; times in seconds, None: as the rule profile says."""

    name: str
    client: str
    company_name: str
    mode: Mode
    profile: RuleProfile
    caller_id: str
    dispositions: Sequence[Disposition]
    script: str = ""
    message_wav: str = "abandoned.wav"
    zone: str = "Europe/London"
    sector: str = ""
    is_sector_authorised: bool = False
    is_marketing: bool = True
    is_running: bool = True
    preview_s: float = 12.0
    preview_timeout: PreviewTimeout = PreviewTimeout.DIAL
    skips_a_day: int = 5
    wrap_up_limit_s: float = 60.0
    abandon_target: float | None = None
    abandon_cap: float | None = None
    message_lead_s: float = 0.25
    max_call_s: float = 3600.0
    max_lines: int = NO_LIMIT
    levers: Levers = OFFICE_LEVERS
    parked_an_hour: int = 6
    borrows_ahead: bool = True
    recording: RecordingPolicy = RecordingPolicy.OFF
    recording_pause_limit_s: float = 300.0
    detection: bool = False
    machine_message: bool = False
    hold_wav: str = ""
    notice_wav: str = ""
    queue_wav: str = ""
    agentless_wav: str = ""
    longest_wait_s: float = 120.0
    key_agent: str = ""
    key_later: str = ""
    key_never: str = ""
    menu_repeats: int = 2
    menu_pause_s: float = 4.0
    day_ends: time | None = None  # where the campaign is; None: as the law ends


class SetupStore(OneThread):
    """Adds what the wizard, the editors and the demo make; each call is one transaction."""

    def add_campaign(self, new: NewCampaign, now: Instant, who: str = "set-up") -> CampaignId:
        """A campaign with its outcomes, its client, and its rule profile as it is today.

        KnownError where the name is taken, or a key or code stands twice.
        """
        _check_dispositions(new.dispositions)
        with self._writing() as connection:
            if _id_of(connection, CampaignRow, new.name) is not None:
                raise KnownError(f"There is a campaign {new.name!r} already; choose another name.")
            _keep_profile(connection, new.profile, now)
            client_id = _client(connection, new.client)
            made = insert_one(
                connection, insert(CampaignRow), _campaign_values(new, client_id, now)
            )
            campaign_id = CampaignId(made)
            connection.execute(
                insert(DispositionRow),
                [
                    {
                        "campaign_id": campaign_id,
                        "position": position,
                        "code": one.code,
                        "label": one.label,
                        "key": one.key,
                        "outcome": one.outcome,
                        "is_final": one.is_final,
                        "is_success": one.is_success,
                        "is_danger": one.is_danger,
                    }
                    for position, one in enumerate(new.dispositions)
                ],
            )
            intents.write(
                connection, EventKind.CAMPAIGN, now.utc, payload={"campaign_id": campaign_id}
            )
            audit.append(connection, who, "campaign added", {"name": new.name}, now.utc)
        return campaign_id

    def add_agent(
        self, name: str, now: Instant, password: str | None = None, who: str = "set-up"
    ) -> int:
        """A person who makes calls; without a password none is asked for."""
        stored = None if password is None else hash_password(password)
        with self._writing() as connection:
            if _id_of(connection, AgentRow, name) is not None:
                raise KnownError(f"There is an agent {name!r} already; choose another name.")
            made = insert_one(
                connection,
                insert(AgentRow),
                {"name": name, "password": stored, "is_active": True, "created_at": now.utc},
            )
            audit.append(connection, who, "agent added", {"name": name}, now.utc)
            return made

    def add_list(
        self,
        campaign_id: CampaignId,
        name: str,
        people: Sequence[NewPerson],
        now: Instant,
        source: str = "",
        who: str = "set-up",
    ) -> Imported:
        """A list of people. One without a valid number is refused, with a sentence, and counted."""
        with self._writing() as connection:
            found = add_people(connection, campaign_id, name, people, source, now)
            detail: dict[str, object] = {
                "name": name,
                "taken": found.taken,
                "refused": found.refused_count,
            }
            audit.append(connection, who, "list imported", detail, now.utc)
        return found

    def suppress(
        self,
        client: str | None,
        numbers: Iterable[str],
        reason: str,
        now: Instant,
        who: str = "set-up",
    ) -> int:
        """Put numbers (E.164) on the do-not-call list of a client, or of the whole office (None).

        Returns how many were new.
        """
        with self._writing() as connection:
            key = number_key(connection)
            client_id = None if client is None else _client(connection, client)
            known = set(
                connection.scalars(select(SuppressionRow.number_hash).where(_is_of(client_id)))
            )
            new = {number_hash(key, number) for number in numbers} - known
            if new:
                connection.execute(
                    insert(SuppressionRow),
                    [
                        {
                            "client_id": client_id,
                            "number_hash": one,
                            "reason": reason,
                            "attempt_id": None,
                            "at": now.utc,
                        }
                        for one in sorted(new)
                    ],
                )
            audit.append(connection, who, "numbers suppressed", {"count": len(new)}, now.utc)
            return len(new)

    def suppressed(self, client: str | None, number: str) -> tuple[datetime, str] | None:
        """Since when a number (E.164) may not be called for a client, and why; None where it may.

        None for the client asks for the office's own list alone.
        """
        with self._reading() as connection:
            client_id = None if client is None else _known_client(connection, client)
            row = connection.execute(
                select(SuppressionRow.at, SuppressionRow.reason)
                .where(
                    SuppressionRow.number_hash == number_hash(number_key(connection), number),
                    or_(SuppressionRow.client_id.is_(None), SuppressionRow.client_id == client_id),
                )
                .order_by(SuppressionRow.at)
            ).first()
        return None if row is None else (row.at, row.reason)

    def campaign_named(self, name: str) -> CampaignId | None:
        """The campaign of that name, None where there is none."""
        with self._reading() as connection:
            found = _id_of(connection, CampaignRow, name)
        return None if found is None else CampaignId(found)

    def drop_campaign(self, campaign_id: CampaignId) -> None:
        """Take a campaign away that has neither a list nor a call yet."""
        with self._writing() as connection:
            own = DispositionRow.campaign_id == campaign_id
            connection.execute(delete(DispositionRow).where(own))
            connection.execute(delete(CampaignRow).where(CampaignRow.id == campaign_id))

    def load_registry(
        self,
        registry_id: str,
        as_of: datetime,
        numbers: Iterable[str],
        now: Instant,
        who: str = "set-up",
    ) -> int:
        """Replace a national register's copy; contacts that waited for a newer one are asked again.

        `as_of`: the day of the copy; `numbers`: E.164. Returns how many it holds.
        """
        with self._writing() as connection:
            key = number_key(connection)
            hashes = sorted({number_hash(key, number) for number in numbers})
            connection.execute(
                delete(RegistryEntryRow).where(RegistryEntryRow.registry_id == registry_id)
            )
            connection.execute(delete(RegistryRow).where(RegistryRow.id == registry_id))
            connection.execute(
                insert(RegistryRow),
                {
                    "id": registry_id,
                    "as_of": as_of,
                    "loaded_at": now.utc,
                    "entries": len(hashes),
                },
            )
            for start in range(0, len(hashes), CHUNK):
                connection.execute(
                    insert(RegistryEntryRow),
                    [
                        {"number_hash": one, "registry_id": registry_id}
                        for one in hashes[start : start + CHUNK]
                    ],
                )
            _ask_again(connection, (RefusalCode.REGISTRY_STALE, RefusalCode.REGISTRY_HIT))
            detail: dict[str, object] = {"id": registry_id, "entries": len(hashes)}
            audit.append(connection, who, "register loaded", detail, now.utc)
        return len(hashes)


def _ask_again(connection: Connection, codes: Sequence[RefusalCode]) -> None:
    connection.execute(
        update(ContactRow)
        .where(
            ContactRow.status == ContactStatus.HELD,
            ContactRow.status_reason.in_([code.value for code in codes]),
        )
        .values(status=ContactStatus.FRESH, status_reason="", next_at=None)
    )


def _id_of(
    connection: Connection, table: type[CampaignRow] | type[AgentRow], name: str
) -> int | None:
    return connection.scalar(select(table.id).where(table.name == name))


def _is_of(client_id: int | None) -> ColumnElement[bool]:
    column = SuppressionRow.client_id
    return column.is_(None) if client_id is None else column == client_id


def _known_client(connection: Connection, name: str) -> int | None:
    return connection.scalar(select(ClientRow.id).where(ClientRow.name == name))


def _client(connection: Connection, name: str) -> int:
    found = _known_client(connection, name)
    if found is not None:
        return found
    return insert_one(connection, insert(ClientRow), {"name": name})


def _check_dispositions(dispositions: Sequence[Disposition]) -> None:
    for what, values in (
        ("code", [one.code for one in dispositions]),
        ("key", [one.key for one in dispositions]),
    ):
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise KnownError(f"Two outcomes have the {what} {twice[0]!r}; change one of them.")
    if not dispositions:
        raise KnownError("A campaign needs at least one outcome that an agent can choose.")


def _keep_profile(connection: Connection, profile: RuleProfile, now: Instant) -> None:
    is_there = connection.scalar(
        select(func.count()).where(
            RuleProfileRow.profile_id == profile.profile_id,
            RuleProfileRow.version == profile.version,
        )
    )
    if is_there:
        return
    since = now.utc
    if profile.effective_from is not None:
        since = datetime.fromisoformat(profile.effective_from)
        since = since if since.tzinfo is not None else since.replace(tzinfo=UTC)
    connection.execute(
        insert(RuleProfileRow),
        {
            "profile_id": profile.profile_id,
            "version": profile.version,
            "body": msgspec.to_builtins(profile),
            "effective_from": since,
        },
    )


def _campaign_values(new: NewCampaign, client_id: int, now: Instant) -> dict[str, object]:
    rules = new.profile
    target = rules.abandon_target if new.abandon_target is None else new.abandon_target
    cap = rules.abandon_cap if new.abandon_cap is None else new.abandon_cap
    return {
        "client_id": client_id,
        "name": new.name,
        "company_name": new.company_name,
        "script": new.script,
        "message_wav": new.message_wav,
        "caller_id": new.caller_id,
        "zone": new.zone,
        "sector": new.sector,
        "is_sector_authorised": new.is_sector_authorised,
        "is_marketing": new.is_marketing,
        "mode": new.mode,
        "profile_id": rules.profile_id,
        "profile_version": rules.version,
        "is_running": new.is_running,
        "preview_s": new.preview_s,
        "preview_timeout": new.preview_timeout,
        "skips_a_day": new.skips_a_day,
        "wrap_up_limit_s": new.wrap_up_limit_s,
        # A campaign may only be stricter than the law under which it dials.
        "abandon_target": min(target, rules.abandon_target),
        "abandon_cap": min(cap, rules.abandon_cap),
        "connect_limit_s": rules.connect_limit_s,
        "message_lead_s": new.message_lead_s,
        "min_ring_s": rules.min_ring_s,
        "max_ring_s": rules.max_ring_s,
        "max_call_s": new.max_call_s,
        "max_lines": new.max_lines,
        "levers": asdict(new.levers),
        "parked_an_hour": new.parked_an_hour,
        "borrows_ahead": new.borrows_ahead,
        "day_ends": stored_time(new.day_ends),
        "detection": new.detection,
        **{name: getattr(new, name) for name in TELEPHONE},
        "created_at": now.utc,
        "changed_at": now.utc,
    }
