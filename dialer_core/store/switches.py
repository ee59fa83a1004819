"""What a supervisor changes of a campaign: one column, with its intent and its trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import time
from typing import Final

from sqlalchemy import Connection, select, update

from dialer_core.clock import Instant
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import CampaignId
from dialer_core.model.levers import Levers
from dialer_core.rules import telephone
from dialer_core.store import audit, intents
from dialer_core.store.campaigns import levers_of, load_campaign, stored_time
from dialer_core.store.schema import CampaignRow
from dialer_core.store.schema.base import EventKind

MOST_PARKED: Final = 30  # interrupted wrap-ups of one seat in an hour that may be allowed
LEVERS: Final = tuple(field.name for field in fields(Levers))

_GONE = "There is no such campaign any more; choose another."


def change(
    connection: Connection,
    campaign_id: CampaignId,
    name: str,
    value: object,
    who: str,
    now: Instant,
) -> None:
    """Set one column of the campaign; nothing where it has that value. KnownError: it is gone."""
    before = _read(connection, campaign_id, name)
    if before != value:
        _write(connection, campaign_id, name, value, now)
        _trace(connection, campaign_id, (name, before, value), who, now)


def change_lever(
    connection: Connection, campaign_id: CampaignId, name: str, is_on: bool, who: str, now: Instant
) -> None:
    """Switch one of the pacer's levers; KnownError for one that does not exist."""
    if name not in LEVERS:
        raise KnownError(f"There is no lever {name!r}; choose one of {', '.join(LEVERS)}.")
    stored = _read(connection, campaign_id, "levers")
    levers = asdict(levers_of(stored if isinstance(stored, dict) else {}))
    if levers[name] != is_on:
        _write(connection, campaign_id, "levers", levers | {name: is_on}, now)
        _trace(connection, campaign_id, (f"levers.{name}", levers[name], is_on), who, now)


def change_parked(
    connection: Connection, campaign_id: CampaignId, an_hour: int, who: str, now: Instant
) -> None:
    """How many wrap-ups of one seat may be interrupted in an hour; KnownError beyond reason."""
    if not 1 <= an_hour <= MOST_PARKED:
        raise KnownError(f"Interrupted wrap-ups an hour must lie between 1 and {MOST_PARKED}.")
    change(connection, campaign_id, "parked_an_hour", an_hour, who, now)


def change_day_end(
    connection: Connection, campaign_id: CampaignId, ends: time | None, who: str, now: Instant
) -> None:
    """When the floor goes home, where the campaign is; None: calling ends as the law says."""
    change(connection, campaign_id, "day_ends", stored_time(ends), who, now)


def change_telephone(
    connection: Connection,
    campaign_id: CampaignId,
    wanted: Mapping[str, object],
    who: str,
    now: Instant,
) -> None:
    """Set some of the telephone's columns (names of `rules.telephone.TelephoneSettings`).

    Each with its own trace. KnownError, with nothing changed, where they cannot stand beside those
    that are not named, or the rules do not allow them.
    """
    unknown = wanted.keys() - set(telephone.SETTINGS)
    if unknown:
        raise KnownError(f"There is no setting {', '.join(sorted(unknown))} of the telephone.")
    columns = [CampaignRow.__table__.c[name] for name in telephone.SETTINGS]
    found = connection.execute(select(*columns).where(CampaignRow.id == campaign_id)).first()
    if found is None:
        raise KnownError(_GONE)
    whole = telephone.TelephoneSettings(**{**found._mapping, **wanted})
    objection = telephone.objection(whole)
    if objection is not None:
        raise KnownError(objection.sentence)
    if wanted.get("detection"):
        rules = load_campaign(connection, campaign_id).profile
        if not rules.amd_allowed:
            raise KnownError(f"The rules for {rules.name} do not allow answers to be judged.")
    for name, value in wanted.items():
        change(connection, campaign_id, name, value, who, now)


def _read(connection: Connection, campaign_id: CampaignId, name: str) -> object:
    column = CampaignRow.__table__.c[name]
    row = connection.execute(select(column).where(CampaignRow.id == campaign_id)).first()
    if row is None:
        raise KnownError(_GONE)
    return row[0]


def _write(
    connection: Connection, campaign_id: CampaignId, name: str, value: object, now: Instant
) -> None:
    columns = CampaignRow.__table__.c
    connection.execute(
        update(CampaignRow)
        .where(CampaignRow.id == campaign_id)
        .values({columns[name]: value, columns.changed_at: now.utc})
    )


def _trace(
    connection: Connection,
    campaign_id: CampaignId,
    what: tuple[str, object, object],
    who: str,
    now: Instant,
) -> None:
    payload: dict[str, object] = {"campaign_id": campaign_id}
    intents.write(connection, EventKind.CAMPAIGN, now.utc, payload=payload)
    setting, before, after = what
    detail = payload | {"setting": setting, "before": before, "after": after}
    audit.append(connection, who, "campaign changed", detail, now.utc)
