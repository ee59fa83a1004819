"""A number as a provider wants it dialled: from E.164 to the digits that go into the INVITE."""

from __future__ import annotations

import re
from typing import Literal, get_args

import phonenumbers

from dialer_core.model.errors import KnownError

NumberFormat = Literal["e164", "e164_no_plus", "national", "international_00"]
NUMBER_FORMATS: tuple[NumberFormat, ...] = get_args(NumberFormat)
PREFIX = re.compile(r"[0-9*#]{0,12}", re.ASCII)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_NOT_DIGITS = re.compile(r"[^0-9]", re.ASCII)


def digits_to_dial(
    number: str, number_format: NumberFormat, *, home_region: str = "GB", prefix: str = ""
) -> str:
    """What is dialled for `number` (E.164, as +441614960001).

    "e164": +441614960001; "e164_no_plus": 441614960001; "international_00": 00441614960001;
    "national": 01614960001 inside the home region's numbering plan, and from there abroad with
    the exit code of that region (00, 011 …). `home_region` is where the trunk stands (ISO 3166,
    two letters). `prefix` (digits, * and #) goes before all: a PBX's 9 for an outside line.
    Raises KnownError for what cannot be dialled so.
    """
    parsed = _parsed(number)
    check_format(number_format, home_region, prefix)
    if number_format == "e164":
        return number
    bare = number.removeprefix("+")
    if number_format == "national":
        return prefix + _national(parsed, home_region)
    return prefix + ("00" if number_format == "international_00" else "") + bare


def caller_to_show(caller_id: str, number_format: NumberFormat, *, home_region: str = "GB") -> str:
    """The caller's number in the same format, without the prefix.

    What is no E.164 number (an extension of a PBX, a provider's account) is left as it is.
    """
    if _E164.fullmatch(caller_id) is None:
        return caller_id
    return digits_to_dial(caller_id, number_format, home_region=home_region)


def check_format(number_format: str, home_region: str, prefix: str) -> None:
    """Raises KnownError, with what to do, where these three cannot go together."""
    if number_format not in NUMBER_FORMATS:
        raise KnownError(
            f"{number_format} is no way to write a number: use {', '.join(NUMBER_FORMATS)}."
        )
    if home_region not in phonenumbers.SUPPORTED_REGIONS:
        raise KnownError(f"{home_region} is no region: use two capital letters, as GB or DE.")
    if PREFIX.fullmatch(prefix) is None:
        raise KnownError(
            "A prefix is at most twelve digits, * or #, such as 9 for an outside line."
        )
    if prefix and number_format == "e164":
        raise KnownError("A prefix cannot stand before a plus: choose a format without the plus.")


def _parsed(number: str) -> phonenumbers.PhoneNumber:
    if _E164.fullmatch(number) is None:
        raise KnownError("This is no number in the form +441614960001: mend it in the list.")
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        raise KnownError("This number belongs to no country: mend it in the list.") from None
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise KnownError("This number is too long or too short for its country: mend it.")
    return parsed


def _national(number: phonenumbers.PhoneNumber, home_region: str) -> str:
    if number.country_code == phonenumbers.country_code_for_region(home_region):
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    else:
        written = phonenumbers.format_out_of_country_calling_number(number, home_region)
        if written.startswith("+"):  # where a carrier is chosen with the exit code
            raise KnownError(
                f"There is no one way to dial abroad from {home_region}: choose a format with the "
                "country's code."
            )
    return _NOT_DIGITS.sub("", written)
