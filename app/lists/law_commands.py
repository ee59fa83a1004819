"""The command lines of the law: why, penetration; register, gdpr and purge hang beside them."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from app.clock import WallClock
from app.errors import KnownError
from app.lists.asked import (
    JsonOption,
    PersonArgument,
    RegionOption,
    database_of,
    person_named,
    print_json,
)
from app.lists.experiment_commands import experiments_cli
from app.lists.privacy_commands import gdpr_cli, purge_command
from app.lists.register_commands import register_cli
from app.options import ProfileOption
from app.profile import open_profile
from dialer_core.kpi.penetration import Penetration
from dialer_core.store import penetration, why
from dialer_core.store.setup import SetupStore


def why_command(
    person: PersonArgument,
    region: RegionOption = "GB",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Why is this person not being called? All reasons, and when each may be over."""
    number, contact_id = person_named(person, region)
    now = WallClock().now()
    with database_of(open_profile(profile)) as database, database.reading() as connection:
        if contact_id is None:
            records = [found[0] for found in why.records_with(connection, number)]
            if not records:
                raise KnownError("No list holds this number.")
        else:
            records = [contact_id]
        found = {record: why.why_not(connection, record, now) for record in records}
    if json:
        print_json(
            [
                {"record": record, "reasons": [_told(one) for one in reasons]}
                for record, reasons in found.items()
            ]
        )
        return 0
    for record, reasons in found.items():
        print(f"Record {record}:")  # noqa: T201
        for one in reasons:
            until = "" if one.until is None else f" (until {one.until:%a %d %b %Y %H:%M} UTC)"
            print(f"  {one.sentence}{until}")  # noqa: T201
        if not reasons:
            print("  Nothing stands against a call; it comes when it is its turn.")  # noqa: T201
    return 0


def _told(one: why.Reason) -> dict[str, object]:
    until = None if one.until is None else one.until.isoformat()
    return {"code": one.code, "sentence": one.sentence, "until": until, "number": one.number_id}


def penetration_command(
    campaign: Annotated[str, typer.Option(help="Its name.")],
    by: Annotated[Literal["list", "import", "segment"], typer.Option(help="Put together by.")] = (
        "list"
    ),
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """How far the lists are used up, four ways."""
    now = WallClock().now()
    home = open_profile(profile)
    with database_of(home) as database:
        setup = SetupStore(database)
        campaign_id = setup.campaign_named(campaign)
        setup.close()
        if campaign_id is None:
            raise KnownError(f"There is no campaign {campaign!r}.")
        with database.reading() as connection:
            if by == "segment":
                groups = penetration.by_segment(connection, campaign_id, now)
            elif by == "import":
                groups = penetration.by_import(connection, campaign_id)
            else:
                groups = penetration.by_list(connection, campaign_id)
            whole = penetration.of_campaign(connection, campaign_id, now)
    if json:
        rows = [{"name": one.name, "id": one.id} | _figures(one.penetration) for one in groups]
        print_json({"campaign": campaign, "all": _figures(whole), by: rows})
        return 0
    for name, found in [*((one.name, one.penetration) for one in groups), ("All", whole)]:
        print(f"{name}:")  # noqa: T201
        for figure in found.figures:
            value = "-" if figure.value is None else f"{figure.value:.1%}"
            print(f"  {figure.name}: {value} ({figure.formula})")  # noqa: T201
    return 0


def _figures(found: Penetration) -> dict[str, object]:
    return {
        figure.name: {
            "value": figure.value,
            "numerator": figure.numerator,
            "denominator": figure.denominator,
            "formula": figure.formula,
        }
        for figure in found.figures
    }


def hang(cli: typer.Typer) -> None:
    """Hang these commands into the program's command line."""
    cli.command("why")(why_command)
    cli.command("purge")(purge_command)
    cli.command("penetration")(penetration_command)
    cli.add_typer(register_cli, name="register")
    cli.add_typer(experiments_cli, name="experiments")
    cli.add_typer(gdpr_cli, name="gdpr")
