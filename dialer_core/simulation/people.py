"""Fictitious British people for the rehearsal: nobody's name, nobody's number.

The numbers are those that Ofcom keeps free for drama ("Telephone numbers for use in TV and radio
drama programmes"): a thousand in each of the ranges below, none of them ever given to anybody.
Its ranges for Nottingham, for mobiles and for no area in particular are left out, because number
libraries hold them to be no numbers at all.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

TIME_ZONE = "Europe/London"

# Prefix in E.164 (three digits follow) and the town that the area code stands for.
DRAMA_RANGES: tuple[tuple[str, str], ...] = (
    ("+441134960", "Leeds"),
    ("+441144960", "Sheffield"),
    ("+441164960", "Leicester"),
    ("+441174960", "Bristol"),
    ("+441184960", "Reading"),
    ("+441214960", "Birmingham"),
    ("+441314960", "Edinburgh"),
    ("+441414960", "Glasgow"),
    ("+441514960", "Liverpool"),
    ("+441614960", "Manchester"),
    ("+441914980", "Newcastle upon Tyne"),
    ("+442079460", "London"),
    ("+442896496", "Belfast"),
    ("+442920180", "Cardiff"),
)
_FIRST = (
    *("Aisha", "Alun", "Amelia", "Andrzej", "Anjali", "Beatrice", "Bronwen", "Callum", "Catrin"),
    *("Chloë", "Conor", "Daisy", "Dafydd", "Eilidh", "Elif", "Emeka", "Emily", "Fergus", "Fiona"),
    *("Gareth", "George", "Grace", "Hamish", "Harpreet", "Imogen", "Isla", "Ivy", "Jasmine"),
    *("José", "Kwame", "Lily", "Llŷr", "Małgorzata", "Mohammed", "Niamh", "Nia", "Oisín"),
    *("Olivia", "Oscar", "Priya", "Rhys", "Róisín", "Rosie", "Saoirse", "Seán", "Siân", "Sinéad"),
    *("Sophie", "Tariq", "Thomas", "Wei", "William", "Yusuf", "Zoë"),
)
_LAST = (
    *("Adeyemi", "Ahmed", "Barnes", "Bennett", "Brontë", "Campbell", "Clarke", "Cooper", "Davies"),
    *("de Souza", "Edwards", "Evans", "Fitzgerald", "Forsyth", "Green", "Griffiths", "Hughes"),
    *("Jenkins", "Jones", "Kaur", "Khan", "Kowalczyk", "Lewis", "Llewellyn", "MacDonald"),
    *("McAllister", "Morgan", "Murphy", "Müller", "Ní Dhomhnaill", "Nowak", "O'Brien", "O'Neill"),
    *("Okafor", "Patel", "Pritchard", "Rees", "Rhys-Jones", "Robertson", "Shah", "Singh", "Smith"),
    *("St John", "Stewart", "Taylor", "Thomas", "Thompson", "Walker", "Williams", "Wilson"),
    *("Wójcik", "Wright"),
)
_TARIFFS = (
    "Fibre 80",
    "Fibre 150",
    "Fibre 500",
    "Full Fibre 900",
    "Evening & Weekend",
    "Anytime Saver",
    "SIM only 20 GB",
)
_NOTES = (
    "",
    "",
    "",
    "Prefers to be called after lunch.",
    "Asked about a price for two lines.",
    "Hard of hearing: speak slowly.",
    "Moved house in spring.",
    "Was not happy with the last engineer's visit; be kind.",
    "Works nights.",
    "Son answers in the afternoon.",
)
_NEWEST = date(2026, 2, 1)


@dataclass(frozen=True, slots=True)
class FictitiousPerson:
    """One line of a practice list."""

    first_name: str
    last_name: str
    number: str  # E.164, in a drama range
    town: str
    tariff: str
    contract_ends: date
    customer_since: date
    notes: str
    time_zone: str = TIME_ZONE

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


def fictitious_people(count: int, seed: int) -> tuple[FictitiousPerson, ...]:
    """`count` people with distinct numbers, the same ones for the same seed.

    ValueError where there are not so many numbers (14,000).
    """
    draw = random.Random(f"people|{seed}")
    numbers = [
        (f"{prefix}{last:03d}", town) for prefix, town in DRAMA_RANGES for last in range(1000)
    ]
    if not 0 <= count <= len(numbers):
        raise ValueError(f"{count} people are wanted, there are numbers for {len(numbers)}")
    _shuffle(numbers, draw.random)
    return tuple(_person(number, town, draw.random) for number, town in numbers[:count])


def _shuffle(items: list[tuple[str, str]], uniform: Callable[[], float]) -> None:
    """Fisher and Yates, by hand: the library's own way may change between versions."""
    for last in range(len(items) - 1, 0, -1):
        other = int(uniform() * (last + 1))
        items[last], items[other] = items[other], items[last]


def _person(number: str, town: str, uniform: Callable[[], float]) -> FictitiousPerson:
    def one_of(choices: tuple[str, ...]) -> str:
        return choices[int(uniform() * len(choices))]

    since = _NEWEST - timedelta(days=30 + int(uniform() * 4000))
    return FictitiousPerson(
        first_name=one_of(_FIRST),
        last_name=one_of(_LAST),
        number=number,
        town=town,
        tariff=one_of(_TARIFFS),
        contract_ends=_NEWEST + timedelta(days=int(uniform() * 540)),
        customer_since=since,
        notes=one_of(_NOTES),
    )
