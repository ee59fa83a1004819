"""Making what a floor needs before the first call: clients, campaigns, agents, lists, registers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from dialer_core.clock import Instant
from dialer_core.model.campaign import Disposition, PreviewTimeout
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import CampaignId
from dialer_core.model.states import Mode
from dialer_core.rules.facts import RefusalCode
from dialer_core.rules.profiles import RuleProfile
from dialer_core.store import audit, intents
from dialer_core.store.numbers import is_e164, number_hash, number_key
from dialer_core.store.owner import OneThread
from dialer_core.store.passwords import hash_password
from dialer_core.store.rows import insert_one
from dialer_core.store.schema import (
    AgentRow,
    CampaignRow,
    ClientRow,
    ContactListRow,
    ContactNumberRow,
    ContactRow,
    DispositionRow,
    ListImportRow,
    RegistryEntryRow,
    RegistryRow,
    RuleProfileRow,
    SuppressionRow,
)
from dialer_core.store.schema.base import ContactStatus, EventKind, Ground, NumberStatus

CHUNK: Final = 2000
SHOWN_REFUSALS: Final = 100


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
    is_running: bool = True
    preview_s: float = 12.0
    preview_timeout: PreviewTimeout = PreviewTimeout.DIAL
    skips_a_day: int = 5
    wrap_up_limit_s: float = 60.0
    abandon_target: float | None = None
    abandon_cap: float | None = None
    message_lead_s: float = 0.25
    max_call_s: float = 3600.0
    max_lines: int = 30


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person of a list. `numbers`: E.164 and kind, in the order in which they are tried."""

    name: str
    numbers: Sequence[tuple[str, str]]
    town: str = ""
    details: Sequence[tuple[str, str]] = ()  # label and value, as they are shown
    zones: Sequence[str] = ()
    region: str = "GB"
    grounds: Sequence[Ground] = field(default=())


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a list: `refused` holds row (from 1) and sentence, the first hundred."""

    list_id: int
    taken: int
    refused_count: int
    refused: tuple[tuple[int, str], ...]


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
            key = number_key(connection)
            taken, refused = _sorted_out(people)
            list_id, import_id = _new_list(
                connection, campaign_id, name, source, len(people), len(taken), refused, now
            )
            for start in range(0, len(taken), CHUNK):
                _insert_people(
                    connection,
                    key,
                    campaign_id,
                    list_id,
                    import_id,
                    taken[start : start + CHUNK],
                    now.utc,
                )
            detail: dict[str, object] = {"name": name, "taken": len(taken), "refused": len(refused)}
            audit.append(connection, who, "list imported", detail, now.utc)
        return Imported(list_id, len(taken), len(refused), tuple(refused[:SHOWN_REFUSALS]))

    def suppress(
        self, client: str, numbers: Iterable[str], reason: str, now: Instant, who: str = "set-up"
    ) -> int:
        """Put numbers (E.164) on a client's do-not-call list; how many were new."""
        with self._writing() as connection:
            key = number_key(connection)
            client_id = _client(connection, client)
            known = set(
                connection.scalars(
                    select(SuppressionRow.number_hash).where(SuppressionRow.client_id == client_id)
                )
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


def _client(connection: Connection, name: str) -> int:
    found = connection.scalar(select(ClientRow.id).where(ClientRow.name == name))
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
        "created_at": now.utc,
        "changed_at": now.utc,
    }


def _sorted_out(
    people: Sequence[NewPerson],
) -> tuple[list[NewPerson], list[tuple[int, str]]]:
    taken: list[NewPerson] = []
    refused: list[tuple[int, str]] = []
    for row, person in enumerate(people, start=1):
        if not person.numbers:
            refused.append((row, "There is no number; add one with its country code."))
        elif not all(is_e164(number) for number, _ in person.numbers):
            refused.append((row, "A number is not valid; write it as +441614960001."))
        elif not person.name.strip():
            refused.append((row, "There is no name; an agent must know whom to ask for."))
        else:
            taken.append(person)
    return taken, refused


def _new_list(
    connection: Connection,
    campaign_id: CampaignId,
    name: str,
    source: str,
    rows_read: int,
    rows_taken: int,
    refused: Sequence[tuple[int, str]],
    now: Instant,
) -> tuple[int, int]:
    list_id = connection.scalar(
        select(ContactListRow.id).where(
            ContactListRow.campaign_id == campaign_id, ContactListRow.name == name
        )
    )
    if list_id is None:
        made = insert_one(
            connection,
            insert(ContactListRow),
            {
                "campaign_id": campaign_id,
                "name": name,
                "is_active": True,
                "created_at": now.utc,
            },
        )
        list_id = made
    imported = insert_one(
        connection,
        insert(ListImportRow),
        {
            "list_id": list_id,
            "source": source,
            "at": now.utc,
            "rows_read": rows_read,
            "rows_taken": rows_taken,
            "refused": [list(one) for one in refused[:SHOWN_REFUSALS]],
        },
    )
    return list_id, imported


def _insert_people(
    connection: Connection,
    key: bytes,
    campaign_id: int,
    list_id: int,
    import_id: int,
    people: Sequence[NewPerson],
    at: datetime,
) -> None:
    common = {
        "campaign_id": campaign_id,
        "list_id": list_id,
        "import_id": import_id,
        "status": ContactStatus.FRESH,
        "status_reason": "",
        "attempts_count": 0,
        "created_at": at,
        "changed_at": at,
    }
    rows = [
        common
        | {
            "name": person.name,
            "town": person.town,
            "details": [list(detail) for detail in person.details],
            "zones": list(person.zones),
            "region": person.region,
            "grounds": [ground.value for ground in person.grounds],
        }
        for person in people
    ]
    ids = connection.scalars(
        insert(ContactRow).returning(ContactRow.id, sort_by_parameter_order=True),
        rows,
    ).all()
    connection.execute(
        insert(ContactNumberRow),
        [
            {
                "contact_id": contact_id,
                "rank": rank,
                "e164": number,
                "kind": kind,
                "status": NumberStatus.OPEN,
                "number_hash": number_hash(key, number),
            }
            for contact_id, person in zip(ids, people, strict=True)
            for rank, (number, kind) in enumerate(person.numbers, start=1)
        ],
    )
