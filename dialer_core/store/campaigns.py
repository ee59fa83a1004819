"""Reading campaigns with the rule profile under which they dial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.engine import RowMapping

from dialer_core.lists import recycling
from dialer_core.lists.recycling import Recycling
from dialer_core.model.campaign import Campaign, Disposition
from dialer_core.model.errors import KnownError
from dialer_core.model.ids import CampaignId
from dialer_core.model.levers import OFFICE_LEVERS, Levers
from dialer_core.rules.hours import calling_end
from dialer_core.rules.profiles import RuleProfile
from dialer_core.store import tightenings
from dialer_core.store.schema import CampaignRow, ClientRow, DispositionRow, RuleProfileRow

_CAMPAIGNS = (
    select(CampaignRow.__table__, ClientRow.name.label("client"))
    .join(ClientRow, ClientRow.id == CampaignRow.client_id)
    .order_by(CampaignRow.id)
)
_CHANGES = select(CampaignRow.id, CampaignRow.changed_at)
_DISPOSITIONS = select(DispositionRow.__table__).order_by(
    DispositionRow.campaign_id, DispositionRow.position
)
_PROFILES = select(RuleProfileRow.profile_id, RuleProfileRow.version, RuleProfileRow.body)


ROUTING_S: Final = 0.3  # of the limit that a verdict leaves for finding an agent
TELEPHONE: Final = (
    "recording", "recording_pause_limit_s", "machine_message", "hold_wav", "notice_wav",
    "queue_wav", "agentless_wav", "longest_wait_s", "key_agent", "key_later", "key_never",
    "menu_repeats", "menu_pause_s", "is_marketing",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CampaignSettings:
    """A campaign as the store knows it: the engine's view of it and what the gate asks for."""

    campaign: Campaign
    client_id: int
    company_name: str
    script: str
    zone: ZoneInfo
    sector: str
    is_sector_authorised: bool
    profile: RuleProfile
    changed_at: datetime
    recycling: Recycling = field(default_factory=Recycling)
    retry_share: float | None = None  # of what is leased; None: who is due goes first
    hand_over_s: float = 600.0  # after which an agent's call-back is anyone's
    _ends: dict[date, datetime | None] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def day(self, moment: datetime) -> date:
        """The day of the abandoned rate's window: the campaign's own calendar day."""
        return moment.astimezone(self.zone).date()

    def calling_ends(self, moment: datetime) -> datetime | None:
        """When calling ends on the day of `moment`, in UTC: by the law or when the floor goes home.

        None where that day has no calling hours.
        """
        day = self.day(moment)
        if day not in self._ends:
            self._ends[day] = self._end_of(day)
        return self._ends[day]

    def campaign_on(self, moment: datetime) -> Campaign:
        """The campaign as the engine sees it on the day of `moment`."""
        return replace(self.campaign, calling_ends=self.calling_ends(moment))

    def _end_of(self, day: date) -> datetime | None:
        by_law = calling_end(self.profile, self.zone, day)
        goes_home = self.campaign.day_ends
        if by_law is None or goes_home is None:
            return by_law
        return min(by_law, datetime.combine(day, goes_home, self.zone).astimezone(UTC))


def load_campaigns(connection: Connection) -> dict[CampaignId, CampaignSettings]:
    """All campaigns of the floor by id."""
    profiles = {
        (row.profile_id, row.version): msgspec.convert(row.body, RuleProfile)
        for row in connection.execute(_PROFILES)
    }
    dispositions: dict[int, list[Disposition]] = {}
    for row in connection.execute(_DISPOSITIONS):
        dispositions.setdefault(row.campaign_id, []).append(
            Disposition(
                row.code,
                row.label,
                row.key,
                row.outcome,
                row.is_final,
                row.is_success,
                row.is_danger,
            )
        )
    tighter = tightenings.in_force(connection)
    return {
        CampaignId(row["id"]): _settings(
            row, tuple(dispositions.get(row["id"], ())), profiles, tighter
        )
        for row in connection.execute(_CAMPAIGNS).mappings()
    }


def changes(connection: Connection) -> dict[CampaignId, datetime]:
    """When each campaign was last changed; cheaper than reading them."""
    return {CampaignId(row.id): row.changed_at for row in connection.execute(_CHANGES)}


def load_campaign(connection: Connection, campaign_id: int) -> CampaignSettings:
    """One campaign; KnownError where there is none of that id."""
    found = load_campaigns(connection).get(CampaignId(campaign_id))
    if found is None:
        raise KnownError("There is no such campaign any more; choose another.")
    return found


def levers_of(stored: Mapping[str, bool]) -> Levers:
    """The levers by their stored names; one that is not named is as in a new campaign."""
    usual = asdict(OFFICE_LEVERS)
    return Levers(**{name: bool(stored.get(name, usual[name])) for name in usual})


def stored_time(moment: time | None) -> str | None:
    """A time of day as the table has it; None stays None."""
    return None if moment is None else moment.strftime("%H:%M")


def _settings(
    row: RowMapping,
    dispositions: tuple[Disposition, ...],
    profiles: Mapping[tuple[str, str], RuleProfile],
    tighter: tightenings.InForce,
) -> CampaignSettings:
    profile = profiles[row["profile_id"], row["profile_version"]]
    profile = tightenings.applied(profile, tighter, row["client_id"], row["id"])
    campaign = Campaign(
        id=CampaignId(row["id"]),
        name=row["name"],
        mode=row["mode"],
        profile_id=row["profile_id"],
        profile_version=row["profile_version"],
        caller_id=row["caller_id"],
        client=row["client"],
        is_running=row["is_running"],
        preview_s=row["preview_s"],
        preview_timeout=row["preview_timeout"],
        skips_a_day=row["skips_a_day"],
        wrap_up_limit_s=row["wrap_up_limit_s"],
        abandon_target=min(row["abandon_target"], profile.abandon_target),
        abandon_cap=min(row["abandon_cap"], profile.abandon_cap),
        abandon_formula=profile.abandon_formula.value,
        connect_limit_s=min(row["connect_limit_s"], profile.connect_limit_s),
        message_lead_s=row["message_lead_s"],
        min_ring_s=max(row["min_ring_s"], profile.min_ring_s),
        max_ring_s=row["max_ring_s"],
        max_call_s=row["max_call_s"],
        max_lines=row["max_lines"],
        message_wav=row["message_wav"],
        levers=levers_of(row["levers"]),
        parked_an_hour=row["parked_an_hour"],
        borrows_ahead=row["borrows_ahead"],
        day_ends=None if row["day_ends"] is None else time.fromisoformat(row["day_ends"]),
        dispositions=dispositions,
        # The rules have the last word on machines that judge.
        detection=row["detection"] and profile.amd_allowed,
        detection_deadline_s=max(0.0, row["connect_limit_s"] - ROUTING_S),
        **{name: row[name] for name in TELEPHONE},
    )
    return CampaignSettings(
        campaign=campaign,
        client_id=row["client_id"],
        company_name=row["company_name"],
        script=row["script"],
        zone=ZoneInfo(row["zone"]),
        sector=row["sector"],
        is_sector_authorised=row["is_sector_authorised"],
        profile=profile,
        changed_at=row["changed_at"],
        recycling=recycling.read(row["recycling"]),
        retry_share=row["retry_share"],
        hand_over_s=row["hand_over_s"],
    )
