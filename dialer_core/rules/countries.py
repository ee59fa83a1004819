"""Whose rules a number falls under: those of its own country beside those of the campaign."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

from dialer_core.model.errors import KnownError
from dialer_core.rules.profiles import REHEARSAL, RuleProfile, profile, profiles

STRICTEST = "STRICT"
KNOWN_NUMBERS = 65_536  # of countries that share a calling code

_REGIONS: dict[str, tuple[str, ...]] = {
    str(code): regions for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
}
# Overseas parts with a code of their own that live under the law of the whole.
_PART_OF = dict.fromkeys(("BL", "GF", "GP", "MF", "MQ", "PM", "RE", "YT"), "FR") | dict.fromkeys(
    ("AS", "GU", "MP", "PR", "VI"), "US"
)
_PART_OF["001"] = ""  # libphonenumber's region of numbers that belong to no country


def country_of(number: str, region: str = "") -> str:
    """The ISO country of a number in E.164, "" where it has none.

    `region`: what the list says ("GB", "GB-SCT"); it stands where the number agrees with it, and
    keeps its part. Jersey, Guernsey and Man are GB here: they have no rules of their own.
    """
    regions = next((_REGIONS[number[1:end]] for end in (2, 3, 4) if number[1:end] in _REGIONS), ())
    told = region.partition("-")[0].upper()
    country = regions[0] if regions else ""
    if country == "US":
        country = _among(number)
    country = _PART_OF.get(country, country)
    return region.upper() if told and told == country else country


@lru_cache(maxsize=KNOWN_NUMBERS)
def _among(number: str) -> str:
    """Of +1: the United States, Canada, or an island of the Caribbean, told by the area code."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:
        return ""


@lru_cache(maxsize=512)
def _rules_of(country: str) -> RuleProfile | None:
    found = profiles().get(country)
    try:
        return found if found is not None else profile(STRICTEST)
    except KnownError:
        return None


def country_rules(own: RuleProfile, country: str) -> RuleProfile | None:
    """The rules that count for a number of `country` beside the campaign's `own`; None: no others.

    A country of which no rules are known has the strictest. The rehearsal's fictitious people live
    under its rules alone.
    """
    place = country.partition("-")[0].upper()
    if own.profile_id == REHEARSAL or (own.country or "").upper() == place:
        return None
    found = _rules_of(place)
    return None if found is None or found.profile_id == own.profile_id else found
