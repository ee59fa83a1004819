"""What the commands of the law have in common: their options, and what is meant by them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from app.errors import UsageError
from app.floor_place import floor_place, is_there
from app.profile import Profile
from dialer_core.lists.numbers import is_region, read_number
from dialer_core.store.address import Place
from dialer_core.store.database import Database
from dialer_core.store.opening import migrate, open_database

JsonOption = Annotated[bool, typer.Option("--json", help="Only JSON on standard output.")]
RegionOption = Annotated[str, typer.Option(help="ISO country of numbers without one.")]
WhoOption = Annotated[str, typer.Option(help="Who asks for it; stands in the log.")]
PersonArgument = Annotated[
    str, typer.Argument(help="A number, or the number of a record with a # before it: #17.")
]


def person_named(text: str, region: str) -> tuple[str, int | None]:
    """A number in E.164, or the id of a record."""
    if text.startswith("#"):
        if not text[1:].isdigit():
            raise UsageError(f"{text!r} is no record; write it as #17.")
        return "", int(text[1:])
    if not is_region(region.upper()):
        raise UsageError(f"--region is an ISO country such as GB, not {region!r}.")
    number = read_number(text, region.upper())
    if not number.e164:
        raise UsageError(f"That is no telephone number ({number.why_not}).")
    return number.e164, None


def made(home: Profile) -> Place:
    """Where the profile's database is; a file is made where there is none yet."""
    place = floor_place(home)
    if not is_there(home):
        migrate(place)
    return place


@contextmanager
def database_of(home: Profile) -> Iterator[Database]:
    """The profile's database, open."""
    database = open_database(made(home))
    try:
        yield database
    finally:
        database.close()


def print_json(found: object) -> None:
    """Everything as JSON, for programs."""
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())  # noqa: T201


def day_of(text: str) -> datetime:
    """A day as a command's option has it; UsageError for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day; write it as 2026-03-01.") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
