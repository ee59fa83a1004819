"""What a new campaign is before anybody has set it up: stopped, careful, with plain outcomes."""

from __future__ import annotations

from dialer_core.model.campaign import Disposition
from dialer_core.model.states import Mode, Outcome
from dialer_core.rules.profiles import RuleProfile, profiles
from dialer_core.store.setup import NewCampaign

CLIENT = "Our own"
_ZONES = {
    "GB": "Europe/London", "US": "America/New_York", "IT": "Europe/Rome", "PL": "Europe/Warsaw",
    "DE": "Europe/Berlin", "FR": "Europe/Paris", "ES": "Europe/Madrid", "RU": "Europe/Moscow",
}  # fmt: skip
OUTCOMES = (
    Disposition("success", "Success", "1", Outcome.SUCCESS, is_final=True, is_success=True),
    Disposition("callback", "Call back", "2", Outcome.CALL_BACK, is_final=False),
    Disposition(
        "not_interested", "Not interested", "3", Outcome.REFUSED_NOT_INTERESTED, is_final=True
    ),
    Disposition("not_home", "Not at home", "4", Outcome.NOT_AT_HOME, is_final=False),
    Disposition("machine", "Answering machine", "5", Outcome.ANSWER_MACHINE_AGENT, is_final=False),
    Disposition("wrong", "Wrong number", "6", Outcome.WRONG_NUMBER, is_final=True),
    Disposition("never", "Never again", "0", Outcome.DNC_REQUEST, is_final=True, is_danger=True),
)


def rules_for(region: str) -> RuleProfile:
    """The rule profile of a country; where none is known the strictest."""
    known = profiles()
    return known.get(region, known["STRICT"])


def new_campaign(name: str, region: str) -> NewCampaign:
    """A campaign that dials nobody until a supervisor has looked at it."""
    return NewCampaign(
        name=name,
        client=CLIENT,
        company_name=CLIENT,
        mode=Mode.PREVIEW,
        profile=rules_for(region),
        caller_id="",
        dispositions=OUTCOMES,
        zone=_ZONES.get(region, "UTC"),
        is_running=False,
    )
