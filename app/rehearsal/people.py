"""The campaign of fictitious people that the demo dials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dialer_core.clock import Instant
from dialer_core.model.campaign import Disposition
from dialer_core.model.ids import CampaignId
from dialer_core.model.levers import OFFICE_LEVERS, Levers
from dialer_core.model.states import Mode, Outcome
from dialer_core.rules.profiles import RuleProfile
from dialer_core.simulation.people import FictitiousPerson, fictitious_people
from dialer_core.store.setup import NewCampaign, NewPerson, SetupStore

CALLER_ID = "+441614960000"  # of a range that is set aside for fiction
PREVIEW_S = 12.0
WRAP_UP_LIMIT_S = 60.0
SCRIPT = """\
# Greeting
Good afternoon, this is {agent} from {company}. May I speak to {name}, please?

If they ask why: their contract ends soon and there is a better tariff for two lines.

# Reason
Your contract ends soon. May I take three minutes to show you what would be better for two lines?

# Offer
With two lines together you pay four pounds less a month than for one today, and you can \
leave every month. How does that sound?

Wait. Let them ask.

# Close
Shall I send it to you by letter or by e-mail?

# Objections
Too expensive: The two lines together cost less than the one does today.
No time now: When may I call you again? It takes four minutes.
Has another provider: Then we can compare both offers, without any obligation.
Where did you get my number?: You are our customer; I can take you off the list at once.
"""
_ENDS = (
    ("Renewed", "1", Outcome.SUCCESS, True),
    ("Call back", "2", Outcome.CALL_BACK, False),
    ("Not interested", "3", Outcome.REFUSED_NOT_INTERESTED, True),
    ("Not at home", "4", Outcome.NOT_AT_HOME, False),
    ("Wrong number", "5", Outcome.WRONG_NUMBER, True),
    ("Machine", "6", Outcome.ANSWER_MACHINE_AGENT, False),
    ("Never again", "9", Outcome.DNC_REQUEST, True),
)
DISPOSITIONS = tuple(
    Disposition(
        outcome.value,
        label,
        key,
        outcome,
        is_final=is_final,
        is_success=outcome is Outcome.SUCCESS,
        is_danger=outcome is Outcome.DNC_REQUEST,
    )
    for label, key, outcome, is_final in _ENDS
)


@dataclass(frozen=True, slots=True)
class DemoFloor:
    """What was made."""

    campaign_id: CampaignId
    people: int


def make_demo_floor(
    database: Path,
    *,
    mode: Mode,
    rules: RuleProfile,
    agents: Sequence[str],
    people: int,
    seed: int,
    now: Instant,
    speed: float,
    lines: int,
    levers: Levers = OFFICE_LEVERS,
) -> DemoFloor:
    """One campaign, its agents and its list, in an empty database.

    `speed` divides the preview's countdown and the wrap-up's limit; ring times come with `rules`.
    """
    store = SetupStore(database)
    try:
        campaign_id = store.add_campaign(
            NewCampaign(
                name="Spring renewals",
                client="Northern Light",
                company_name="Northern Light",
                mode=mode,
                profile=rules,
                caller_id=CALLER_ID,
                dispositions=DISPOSITIONS,
                script=SCRIPT,
                preview_s=PREVIEW_S / speed,
                wrap_up_limit_s=WRAP_UP_LIMIT_S / speed,
                max_lines=lines,
                levers=levers,
            ),
            now,
        )
        for registry in rules.dnc_registries:
            # Nobody fictitious is on a register, but a register that was never read stops dialling.
            store.load_registry(registry.id, now.utc, [], now)
        for name in agents:
            store.add_agent(name, now)
        listed = [_person(one) for one in fictitious_people(people, seed)]
        store.add_list(campaign_id, "Customers of 2025", listed, now, source="the demo")
    finally:
        store.close()
    return DemoFloor(campaign_id, people)


def _person(one: FictitiousPerson) -> NewPerson:
    details = [
        ("Contract ends", f"{one.contract_ends.day} {one.contract_ends:%B %Y}"),
        ("Tariff", one.tariff),
        ("Customer since", str(one.customer_since.year)),
    ]
    if one.notes:
        details.append(("Note", one.notes))
    return NewPerson(
        name=one.name,
        numbers=[(one.number, "mobile" if one.number.startswith("+447") else "home")],
        town=one.town,
        details=details,
        zones=[one.time_zone],
    )
