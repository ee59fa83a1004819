"""What a rule profile says in its own short words, as a supervisor reads it."""

from __future__ import annotations

from typing import Final

_WORDS: Final = {
    # since when abandoned calls are counted
    "CALENDAR_DAY_CALLER_TZ": "a calendar day at the office",
    "CALENDAR_DAY_CALLEE_TZ": "a calendar day where people are",
    "ROLLING_P30D": "the last 30 days",
    "CAMPAIGN_PERIOD_P30D": "each 30 days of the campaign",
    # how their share is reckoned
    "STRICT_WORST": "the strictest way of all countries",
    "OFCOM_AUTO": "of calls that a person answered, machines estimated, as Ofcom has it",
    "US_LIVE_ANSWERED": "of calls that a person answered",
    "IT_PER_SUCCESSFUL": "of calls that reached an agent",
    # what a message says where nobody is free
    "COMPANY_NAME": "who called",
    "PURPOSE": "why",
    "OPTOUT_NUMBER": "a number to object at",
    "OPTOUT_FREE_NUMBER": "a free number to object at",
    "KEYPRESS_OPTOUT": "a key to object with",
    "CALLBACK_NUMBER": "a number to call back",
    "TELEMARKETING_PURPOSE": "that it sells something",
    # after what a person rests
    "ANSWER_MACHINE_AGENT": "machine, by the agent",
    "ANSWER_MACHINE_AMD": "machine, as detected",
    "ABANDONED": "nobody was free",
    "CALLEE_DECLINED_CALL": "declined",
    "CARRIER_REJECT": "refused by the network",
    "FAX_MODEM": "fax or modem",
    "INVALID_NUMBER": "no such number",
    "REFUSED_NOT_INTERESTED": "not interested",
    "DNC_REQUEST": "asked never to be called",
    # consent
    "OPT_IN": "consent is needed before the call",
    "OPT_OUT_LIVE_CALLS": "an agent may call who has not objected",
    "OPT_OUT_LIVE_CALLS; WRITTEN_OPT_IN_FOR_PRERECORDED_OR_ATDS": (
        "an agent may call who has not objected; recorded messages and automatic dialling need "
        "consent in writing"
    ),
    "OPT_IN_OR_PUBLIC_DIRECTORY_NOT_IN_RPO": (
        "consent is needed, or a public directory and no entry in the register"
    ),
    "OPT_IN_EXCEPT_ONGOING_CONTRACT": "consent is needed, or a contract that runs",
    # recording
    "EXPLICIT_ALL_PARTY": "recorded only where everybody agrees",
    "ANNOUNCE": "recorded only where it is announced",
    # trades
    "OPT_IN_ONLY": "consent only",
    "OPT_IN_OR_REQUEST_ONLY": "consent or the person's own request only",
    "FCA_OR_TRUSTEE_AND_CONSENT": "firms authorised by the FCA or trustees, and consent",
    "BANNED": "not at all",
    "CPF_TRAINING": "training accounts (CPF)",
}


def said(word: str) -> str:
    """That word in plain English; one that is not known here as it is, without its underscores."""
    return _WORDS.get(word, word.replace("_", " ").lower())
