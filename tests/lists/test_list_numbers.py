"""Numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.lists.numbers import read_number, read_numbers, zones_of

UK = "+441614960123"


@pytest.mark.parametrize(
    "text",
    [
        "+441614960123",
        "01614960123",
        "00441614960123",
        "0161 496 0123",
        "(0161) 4960123",
        "+44 (0)161 496 0123",
        "016-1496-0123",
        "tel: 01614960123",
        "Tel. 0161 4960123",
        "1614960123",
        " 01614 960123 ",
        "441614960123",
        "1614960123.0",
        "0161 496 0123 ext 12",
        "0161\u00a0496\u20110123",
        "'01614960123",
    ],
)
def test_one_number_in_the_ways_of_an_office(text: str) -> None:
    number = read_number(text, "GB")
    assert (number.e164, number.region, number.why_not) == (UK, "GB", "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no number"),
        (" - ", "no number"),
        ("n/a", "not a telephone number"),
        ("ask for Anna", "not a telephone number"),
        ("4.47701E+11", "a spreadsheet has cut"),
        ("1,63296E+09", "a spreadsheet has cut"),
        ("=1+1", "not a telephone number"),
        ("#N/A", "not a telephone number"),
        ("+44", "too short"),
        ("+441614", "too short"),
        ("000000000", "no such number range"),
        ("0" * 18, "too long"),
        ("1" * 60, "not a telephone number"),
    ],
)
def test_what_cannot_be_dialled_says_why(text: str, why: str) -> None:
    number = read_number(text, "GB")
    assert number.e164 == ""
    assert why in number.why_not


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("06 698 12345", "IT", "+3906 69812345".replace(" ", "")),
        ("347/5551234", "IT", "+393475551234"),
        ("8 (495) 234-56-78", "RU", "+74952345678"),
        ("601 234 567", "PL", "+48601234567"),
        ("+1 202-555-0143", "GB", "+12025550143"),
    ],
)
def test_other_countries_write_otherwise(text: str, region: str, e164: str) -> None:
    assert read_number(text, region).e164 == e164


@given(st.text(max_size=60), st.sampled_from(["GB", "IT", "RU", "PL", "US", "DE"]))
def test_any_text_gives_a_number_or_a_reason(text: str, region: str) -> None:
    number = read_number(text, region)
    assert bool(number.e164) != bool(number.why_not)
    if number.e164:
        assert number.e164[0] == "+"
        assert number.e164[1:].isdigit()


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("0161 496 0123 / 0161 496 0124", "GB", ["+441614960123", "+441614960124"]),
        ("01614960123 or 01614960124", "GB", ["+441614960123", "+441614960124"]),
        ("347/5551234", "IT", ["+393475551234"]),
        ("01614960123, ask for Anna", "GB", ["+441614960123"]),
        ("nothing / here", "GB", [""]),
    ],
)
def test_a_cell_may_hold_several_numbers(text: str, region: str, found: list[str]) -> None:
    assert [number.e164 for number in read_numbers(text, region)] == found


def test_zones_are_candidates_and_no_number_stands_in_a_repr() -> None:
    assert zones_of(UK) == ("Europe/London",)
    assert len(zones_of("+18005550100")) > 1
    assert "161" not in repr(read_number(UK, "GB"))
