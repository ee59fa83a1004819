"""Numbers as providers want them dialled."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.model.errors import KnownError
from dialer_core.rules.dial_format import (
    NUMBER_FORMATS,
    NumberFormat,
    caller_to_show,
    check_format,
    digits_to_dial,
)

DRAMA = "+441614960001"


@pytest.mark.parametrize(
    ("number", "number_format", "home", "prefix", "dialled"),
    [
        (DRAMA, "e164", "GB", "", "+441614960001"),
        (DRAMA, "e164_no_plus", "GB", "", "441614960001"),
        (DRAMA, "e164_no_plus", "GB", "1234#", "1234#441614960001"),
        (DRAMA, "international_00", "GB", "", "00441614960001"),
        (DRAMA, "international_00", "US", "9", "900441614960001"),
        (DRAMA, "national", "GB", "", "01614960001"),
        (DRAMA, "national", "GB", "9", "901614960001"),
        ("+442079460123", "national", "GB", "", "02079460123"),
        ("+447700900123", "national", "GB", "", "07700900123"),
        # Guernsey shares the plan of +44.
        (DRAMA, "national", "GG", "", "01614960001"),
        # Abroad: the exit code of where the trunk stands.
        (DRAMA, "national", "DE", "0", "000441614960001"),
        (DRAMA, "national", "US", "", "011441614960001"),
        (DRAMA, "national", "AU", "", "0011441614960001"),
        # Numbers reserved for fiction in other plans; Italy keeps its zero, America dials ten.
        ("+12025550123", "national", "US", "", "2025550123"),
        ("+12025550123", "national", "CA", "", "2025550123"),
        ("+493023125000", "national", "DE", "", "03023125000"),
        ("+390655512345", "national", "IT", "", "0655512345"),
        ("+33199001234", "national", "FR", "", "0199001234"),
    ],
)
def test_each_format(
    number: str, number_format: NumberFormat, home: str, prefix: str, dialled: str
) -> None:
    assert digits_to_dial(number, number_format, home_region=home, prefix=prefix) == dialled


@pytest.mark.parametrize(
    "number",
    [
        *("", "+", "01614960001", "441614960002", "+44 161 496 0001", "+441614960001;x=y"),
        *("+0161", "+٤٤١٦١٤٩٦٠٠٠١", "+999999999999", "+4416149600011111", "+4412345"),
    ],
)
def test_what_is_no_number_is_refused_without_saying_it(number: str) -> None:
    with pytest.raises(KnownError) as caught:
        digits_to_dial(number, "national")
    assert caught.value.sentence.endswith(".")
    assert len(number) < 3 or number not in caught.value.sentence


@pytest.mark.parametrize(
    ("number_format", "home", "prefix", "word"),
    [
        ("e165", "GB", "", "e164_no_plus"),
        ("national", "gb", "", "capital letters"),
        ("national", "XX", "", "region"),
        ("national", "GB", "9,", "prefix"),
        ("national", "GB", "9" * 13, "prefix"),
        ("e164", "GB", "9", "plus"),
    ],
)
def test_what_cannot_go_together_is_said(
    number_format: str, home: str, prefix: str, word: str
) -> None:
    with pytest.raises(KnownError, match=word):
        check_format(number_format, home, prefix)


@pytest.mark.parametrize(
    ("caller", "number_format", "shown"),
    [
        (DRAMA, "national", "01614960001"),
        (DRAMA, "e164_no_plus", "441614960001"),
        ("201", "national", "201"),
        ("acme-trunk", "international_00", "acme-trunk"),
    ],
)
def test_the_callers_number_follows_the_format(
    caller: str, number_format: NumberFormat, shown: str
) -> None:
    assert caller_to_show(caller, number_format) == shown


def _has_no_exit_code(home: str, country_code: int | None) -> bool:
    """Where one chooses a carrier with the exit code, as in Brazil."""
    plan = phonenumbers.PhoneMetadata.metadata_for_region(home)
    assert plan is not None
    is_one_code = str(plan.international_prefix).isdigit() or plan.preferred_international_prefix
    return not is_one_code and country_code != plan.country_code


@given(
    st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)),
    # In Hong Kong an exit code can be read in two ways.
    st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS - {"HK"})),
    st.sampled_from(NUMBER_FORMATS),
)
def test_whatever_is_dialled_leads_back_to_the_number(
    region: str, home: str, number_format: NumberFormat
) -> None:
    example = phonenumbers.example_number(region)
    assert example is not None
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    if number_format == "national" and _has_no_exit_code(home, example.country_code):
        with pytest.raises(KnownError, match="abroad"):
            digits_to_dial(number, number_format, home_region=home)
        return
    dialled = digits_to_dial(number, number_format, home_region=home)
    assert dialled.removeprefix("+").isdigit()
    if number_format == "e164_no_plus":
        dialled = "+" + dialled
    elif number_format == "international_00":
        dialled = "+" + dialled.removeprefix("00")
    found = phonenumbers.parse(dialled, home)
    back = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    assert back == number
