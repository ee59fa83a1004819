"""Conditions as data: what may be asked, the words for it, and through JSON and back."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer_core.lists import segments
from dialer_core.lists.segments import Check, Field, Group, Match, Operator
from dialer_core.model.errors import KnownError
from dialer_core.store.schema.base import ContactStatus
from tests.lists.conditions import conditions

NEAR = Group(
    of=(
        Check(Field.TOWN, Operator.STARTS, "Man"),
        Group(
            Match.ANY,
            (
                Check(Field.ATTEMPTS, Operator.LESS, 3),
                Check(Field.DETAIL, Operator.BETWEEN, [2, 4.5], column="Contracts"),
            ),
        ),
    )
)


def test_a_condition_is_read_out() -> None:
    assert segments.words(NEAR) == (
        "town starts with “Man” and (attempts is less than 3 or Contracts is between 2 and 4.5)"
    )
    assert segments.words(segments.EVERYBODY) == "everybody"
    assert segments.words(Check(Field.CONSENT, Operator.IS, True)) == "consent is yes"


def test_the_statuses_are_those_of_the_contacts() -> None:
    assert set(segments.STATUSES) == {status.value for status in ContactStatus}


@given(conditions())
def test_a_condition_goes_through_json_and_back(condition: segments.Condition) -> None:
    stored = segments.to_store(condition)
    assert segments.read(stored) == condition
    assert segments.read(msgspec.json.encode(stored)) == condition
    assert segments.words(condition)


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (Check(Field.TOWN, Operator.LESS, 3), "“town” cannot be asked whether it is less than"),
        (Check(Field.TOWN, Operator.IS, 3), "“town” is compared with a text"),
        (Check(Field.TOWN, Operator.IS, "  "), "Give the text that “town” is compared with"),
        (Check(Field.TOWN, Operator.EMPTY, "x"), "Whether “town” is empty needs no value"),
        (Check(Field.TOWN, Operator.IS, "x", column="y"), "is no column of the list"),
        (Check(Field.DETAIL, Operator.IS, "x"), "Choose which column"),
        (Check(Field.ATTEMPTS, Operator.MORE, "x"), "“attempts” is compared with a number"),
        (Check(Field.ATTEMPTS, Operator.IS, float("nan")), "is compared with a number"),
        (Check(Field.ATTEMPTS, Operator.BETWEEN, [3, 1]), "lies between nothing: 3 and 1"),
        (Check(Field.ATTEMPTS, Operator.BETWEEN, [3]), "needs two numbers"),
        (Check(Field.LIST, Operator.IS, 0), "Choose a list that there is"),
        (Check(Field.CONSENT, Operator.IS, "yes"), "“consent” is yes or no"),
        (Check(Field.STATUS, Operator.IN, ["fresh", "stale"]), "“status” is never “stale”"),
        (Check(Field.STATUS, Operator.IN, []), "Give at least one value"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence(check: Check, sentence: str) -> None:
    (problem,) = segments.problems(check)
    assert sentence in problem
    with pytest.raises(KnownError, match=r"\S"):
        segments.to_store(Group(of=(check,)))


def test_too_deep_and_too_long_conditions_are_refused() -> None:
    deep: segments.Condition = Check(Field.TOWN, Operator.IS, "Leeds")
    for _ in range(segments.DEEPEST + 1):
        deep = Group(of=(deep,))
    assert "deep" in segments.problems(deep)[0]
    long = Group(of=(Check(Field.TOWN, Operator.IS, "Leeds"),) * (segments.MOST_CHECKS + 1))
    assert f"{segments.MOST_CHECKS} checks" in segments.problems(long)[0]


@given(st.text(max_size=40) | st.dictionaries(st.text(max_size=8), st.integers()))
def test_what_is_no_condition_is_refused_in_a_sentence(stored: object) -> None:
    with pytest.raises(KnownError, match="This condition cannot be read"):
        segments.read(stored)


def test_every_field_offers_what_its_checks_allow() -> None:
    for field in Field:
        assert segments.operators(field)
        assert len(set(segments.operators(field))) == len(segments.operators(field))
    assert Operator.LESS in segments.operators(Field.DETAIL)
    assert Operator.EMPTY not in segments.operators(Field.ATTEMPTS)
