"""Scenarios from TOML, and each mistake in a sentence that names the key."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from dialer_core.model.errors import KnownError
from dialer_core.simulation.benchmark import scenario_from_toml
from dialer_core.simulation.day import Turn
from dialer_core.simulation.public import B2B_WARM, B2C_COLD, Scenario
from dialer_core.simulation.scenario_file import DayFields

FULL = """
name = "Winter list"
human = 0.3
machine = 0.2
busy = 0.05
invalid = 0.1
talk_mean_s = 90
talk_cv = 1.1
machine_talk_s = 5.0
no_answer_s = 30

[day]
seats = 7
hours = 6.5
lines = 20
breaks = 2
drift = 0.1

[[turn]]
at_h = 2
answers = 0.5
lines = 10

[[turn]]
at_h = 4.5
talk = 2.0
delay_s = 3
channels = 6
"""


def test_all_that_a_file_can_say() -> None:
    scenario, day = scenario_from_toml(FULL)
    assert scenario == replace(
        B2C_COLD,
        name="Winter list",
        human=0.3,
        machine=0.2,
        busy=0.05,
        invalid=0.1,
        talk_mean_s=90.0,
        talk_cv=1.1,
        machine_talk_s=5.0,
        no_answer_s=30.0,
    )
    turns = (
        Turn(7200.0, answers=0.5, lines=10),
        Turn(16200.0, talk=2.0, delay_s=3.0, channels=6),
    )
    assert day == DayFields(7, 6.5, 20, 2, 0.1, turns)


def test_what_a_file_leaves_out_is_the_bases() -> None:
    assert scenario_from_toml("") == (replace(B2C_COLD, name="own"), DayFields())
    scenario, _ = scenario_from_toml('base = "b2b_warm"\nname = "w"\nwrap_mean_s = 9')
    assert scenario == replace(B2B_WARM, name="w", wrap_mean_s=9.0)


def test_every_field_of_a_scenario_can_be_said() -> None:
    for one in fields(Scenario)[1:]:
        scenario, _ = scenario_from_toml(f"{one.name} = {1.0 if one.name == 'no_answer_s' else 0}")
        assert getattr(scenario, one.name) in (0.0, 1.0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("human = ", "no TOML"),
        ("humans = 0.3", 'The scenario has no "humans"; known are name, human'),
        ("human = 1.2", '"human" must be a number from 0 to 1'),
        ("human = -0.1", '"human" must be a number from 0 to 1'),
        ("human = nan", '"human" must be a number from 0 to 1'),
        ("human = true", '"human" must be a number'),
        ('human = "many"', '"human" must be a number'),
        ("human = 0.6\nmachine = 0.5", "add up to 1.30, more than 1"),
        ("talk_mean_s = inf", '"talk_mean_s" must be a number from 0 to 86400'),
        ("talk_cv = 11", '"talk_cv" must be a number from 0 to 10'),
        ("no_answer_s = 0", '"no_answer_s" must be at least 1'),
        ("name = 3", '"name" must be a word'),
        ('name = "  "', '"name" must be a word'),
        ('base = "mars"', '"base" must be one of b2c_cold'),
        ("day = 3", '"day" must be a table'),
        ("turn = 3", '"turn" must be a list of tables'),
        ("turn = [3]", '"turn" must be a list of tables'),
        ("[turn]\nat_h = 3", '"turn" must be a list of tables'),
        ("[day]\nseat = 3", r'\[day\] has no "seat"; known are seats, hours'),
        ("[day]\nseats = 0", '"seats" must be a whole number from 1 to 200'),
        ("[day]\nseats = 2.5", '"seats" must be a whole number'),
        ("[day]\nseats = true", '"seats" must be a whole number'),
        ("[day]\nhours = 25", '"hours" must be a number from 0.05 to 24'),
        ("[day]\ndrift = 1", '"drift" must be a number from 0 to 0.95'),
        ("[day]\nbreaks = -1", '"breaks" must be a whole number from 0'),
        ("[[turn]]\nanswers = 2", '"at_h" is missing'),
        ("[[turn]]\nat_h = 1\nanswer = 2", r'\[\[turn\]\] has no "answer"; known are at_h'),
        ("[[turn]]\nat_h = 1\nanswers = -2", '"answers" must be a number from 0 to 100'),
        ("[[turn]]\nat_h = 99", '"at_h" must be a number from 0 to 24'),
        ("[[turn]]\nat_h = 1\nlines = 1.5", '"lines" must be a whole number'),
        ("[[turn]]\nat_h = 1\ndelay_s = 90", '"delay_s" must be a number from 0 to 60'),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(KnownError, match=sentence):
        scenario_from_toml(text)
