"""Telephone numbers as people write them, and as the network wants them (E.164)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

# What stands before a number and belongs to no number: "tel:", "Tel.", "ph", "mobile:".
_LABEL = re.compile(
    r"^\s*(?:tel|telefon|telefono|phone|ph|mob|mobile|fax|handy|cell|t|m)\s*[.:]+\s*", re.I
)
_EXTENSION = re.compile(r"\s*(?:ext\.?|extension|x|#|int\.?|durchwahl|доб\.?)\s*\d{1,6}\s*$", re.I)
_ALLOWED = re.compile(r"[+\d\s().\-/\u00a0\u2010-\u2015\u202f\u2212'\u200e\u200f\u202a-\u202c]+")
_FLOAT = re.compile(r"^\s*[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+\s*$")
_ZERO_FRACTION = re.compile(r"^(\d{6,15})\.0+$")  # a spreadsheet's number, exported with decimals
_BETWEEN = re.compile(r"\s*(?:[/;,|\n]|\bor\b|\boder\b|\bo\b|\bили\b|\blub\b)\s*")
_PLAIN = re.compile(r"\+?[0-9]{6,17}")  # as most lists write it: nothing to take off
LONGEST = 40
_NO_COUNTRY = "001"  # libphonenumber's region of numbers that belong to no country


class Number(NamedTuple):
    """A cell as a number: in E.164 with its ISO country ("" where it has none), or why not.

    `zones`: candidate time zones, as libphonenumber's metadata knows them.
    """

    e164: str
    region: str
    why_not: str
    zones: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Number(region={self.region!r}, why_not={self.why_not!r})"


@lru_cache(maxsize=4096)
def read_number(text: str, region: str) -> Number:
    """What a cell holds. `region`: ISO country of the list, for numbers without a country code.

    A number that a spreadsheet has damaged (4.4E+11), cut, or that holds words is refused: a wrong
    number is a stranger's telephone.
    """
    stripped = text.strip().strip("\u200e\u200f\u202a\u202c\ufeff'\"")
    if not stripped or stripped in {"-", "--"}:
        return _none("no number")
    plain = stripped if _PLAIN.fullmatch(stripped) else _without_trimmings(stripped)
    if not plain:
        return _none(_no_number(stripped))
    found = _parsed(plain, region)
    if found is None:
        digits = re.sub(r"\D", "", plain)
        # spreadsheets drop the + and the 00 of a number that they take for a figure
        if "+" not in plain and digits.startswith(str(_calling_code(region))):
            found = _parsed(f"+{digits}", region)
    return found if found is not None else _none(_why_not(plain, region))


def _without_trimmings(text: str) -> str:
    """What is dialled of a number with words or an extension beside it; "" where it is none."""
    if _FLOAT.match(text):
        return ""
    whole = _ZERO_FRACTION.match(text)
    plain = _EXTENSION.sub("", _LABEL.sub("", whole.group(1) if whole else text))
    return plain if len(plain) <= LONGEST and _ALLOWED.fullmatch(plain) else ""


def _no_number(text: str) -> str:
    if _FLOAT.match(text):
        return "a spreadsheet has cut this number (as 4.4E+11): export the column as text"
    return "not a telephone number"


def read_numbers(text: str, region: str) -> list[Number]:
    """All numbers of a cell that holds one, or several with a sign between them; else the one why.

    "347/5551234" is one number of two parts, "0161 496 0001 / 0161 496 0002" are two.
    """
    whole = read_number(text, region)
    if whole.e164 or len(text) > LONGEST * 4:
        return [whole]
    parts = [read_number(part, region) for part in _BETWEEN.split(text)]
    found = [part for part in parts if part.e164]
    return found if len(parts) > 1 and found else [whole]


def _none(why: str) -> Number:
    return Number("", "", why)


def _parsed(text: str, region: str) -> Number | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    own, code = phonenumbers.region_code_for_number(number), number.country_code
    if own is None or code is None:
        return None
    zeros = "0" * (number.number_of_leading_zeros or 1) if number.italian_leading_zero else ""
    e164 = f"+{code}{zeros}{number.national_number}"
    zones, is_sure = _zones_by_digits(e164)
    if not _is_proved(code, own) and not phonenumbers.is_valid_number_for_region(number, own):
        return None
    if not is_sure:
        kind = phonenumbers.number_type(number)
        if not phonenumbers.is_number_type_geographical(kind, code):
            zones = TIMEZONE_DATA.get(str(code), ())
    return Number(e164, own if own != _NO_COUNTRY else "", "", zones)


@lru_cache(maxsize=512)
def _is_proved(code: int, region: str) -> bool:
    """Whether a number is valid merely because libphonenumber gives it to this region.

    Where regions share a calling code they are told apart by what is valid in each; or, for
    some, by the leading digits alone, and a code of one region proves nothing.
    """
    if len(phonenumbers.region_codes_for_country_code(code)) < 2:
        return False
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    return metadata is not None and metadata.leading_digits is None


def _zones_by_digits(e164: str) -> tuple[tuple[str, ...], bool]:
    """The zones of the longest prefix that is known, and whether its country says no others."""
    shortest = longest = 0
    for size in range(2, TIMEZONE_LONGEST_PREFIX + 2):
        if e164[1:size] in TIMEZONE_DATA:
            shortest = shortest or size
            longest = size
    if not longest:
        return (), True
    zones = TIMEZONE_DATA[e164[1:longest]]
    return zones, zones == TIMEZONE_DATA[e164[1:shortest]]


@lru_cache(maxsize=64)
def _calling_code(region: str) -> int:
    return phonenumbers.country_code_for_region(region)


def _why_not(text: str, region: str) -> str:
    digits = re.sub(r"\D", "", text)
    if len(digits) < 6:
        return "too short for a telephone number"
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return "not a telephone number"
    reason = phonenumbers.is_possible_number_with_reason(number)
    local = phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY
    if reason in (phonenumbers.ValidationResult.TOO_SHORT, local):
        return "too short for a telephone number: digits are missing"
    if reason == phonenumbers.ValidationResult.TOO_LONG:
        return "too long for a telephone number"
    return "no such number range exists"


def is_region(region: str) -> bool:
    """Whether numbers of this ISO country are known."""
    return region in phonenumbers.SUPPORTED_REGIONS


def regions() -> list[str]:
    """All ISO countries whose numbers are known, in order."""
    return sorted(phonenumbers.SUPPORTED_REGIONS)


def zones_of(number: str) -> tuple[str, ...]:
    """Candidate time zones of a number in E.164; () where nothing is known."""
    return read_number(number, "").zones
