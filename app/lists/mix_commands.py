"""The command lines of a campaign's mix, order and recycling; loaded when they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from app.clock import WallClock
from app.lists.segments_commands import (
    CampaignOption,
    FileArgument,
    JsonOption,
    chosen,
    opened,
    print_json,
    read_file,
    who,
)
from app.options import ProfileOption

if TYPE_CHECKING:
    from app.lists.mix_file import MixFile

mix_cli = typer.Typer(help="Whom a campaign calls: list, show, set, next.")


@mix_cli.callback(invoke_without_command=True)
def mix_command(
    context: typer.Context, json: JsonOption = False, profile: ProfileOption = None
) -> int:
    """Every campaign with the sources of its mix."""
    if context.invoked_subcommand is not None:
        return 0
    from dialer_core.store.campaigns import load_campaigns  # noqa: PLC0415

    with opened(profile) as database, database.reading() as connection:
        names = [one.campaign.name for one in load_campaigns(connection).values()]
    found = {name: _read(name, profile) for name in names}
    if json:
        print_json(found)
    elif not found:
        print("There is no campaign yet; callfloor import takes a list in.")  # noqa: T201
    for name, file in [] if json else found.items():
        print(f"{name}:")  # noqa: T201
        _tell(file)
    return 0


@mix_cli.command("show")
def show_command(
    campaign: CampaignOption = "", json: JsonOption = False, profile: ProfileOption = None
) -> int:
    """A campaign's mix and recycling; with --json as `set` reads it."""
    file = _read(campaign, profile)
    if json:
        print_json(file)
    else:
        _tell(file)
    return 0


@mix_cli.command("set")
def set_command(
    file: FileArgument,
    campaign: CampaignOption = "",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Set what the file says; the rest stays. The dialler goes by it with its next lease."""
    from app.lists.mix_file import MixFile, applied  # noqa: PLC0415
    from dialer_core.store import mixing, segments  # noqa: PLC0415

    wanted = read_file(file, MixFile)
    with opened(profile) as database:
        own = chosen(database, campaign).campaign.id
        with database.writing() as connection:
            lists = dict(segments.choices(connection, own, rows=0).lists)
            names = {one.id: one.name for one in segments.saved(connection, own)}
            mix = applied(wanted, mixing.read_mix(connection, own), lists, names)
            mixing.set_mix(connection, own, mix, WallClock().now(), who())
    if json:
        print_json(_read(campaign, profile))
    else:
        print("The mix is set.")  # noqa: T201
    return 0


@mix_cli.command("next")
def next_command(
    campaign: CampaignOption = "",
    count: Annotated[int, typer.Option(min=1, max=200, help="How many people.")] = 20,
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Whom the campaign would call next at this moment, and why; nobody is called for it."""
    from dialer_core.store import mixing  # noqa: PLC0415
    from dialer_core.store.mix_preview import next_people  # noqa: PLC0415

    with opened(profile) as database:
        settings = chosen(database, campaign)
        with database.reading() as connection:
            mix = mixing.read_mix(connection, settings.campaign.id)
            found = next_people(connection, settings, mix, WallClock().now(), count)
    if json:
        print_json(found)
        return 0
    for at, one in enumerate(found.people, 1):
        promised = " (promised)" if one.promised_at is not None else ""
        print(  # noqa: T201
            f"{at:>3}  #{one.contact_id} {one.name}: {one.list_name}, {one.kind.value}{promised}"
        )
    if found.refused:
        print(f"{found.refused} before them may not be called now. {found.because}")  # noqa: T201
    elif not found.people:
        print("Nobody is left to be called by this mix at this moment.")  # noqa: T201
    return 0


def _read(campaign: str, profile: ProfileOption) -> MixFile:
    from app.lists.mix_file import written  # noqa: PLC0415
    from dialer_core.store import mixing, segments  # noqa: PLC0415

    with opened(profile) as database:
        own = chosen(database, campaign).campaign.id
        with database.reading() as connection:
            lists = dict(segments.choices(connection, own, rows=0).lists)
            names = {one.id: one.name for one in segments.saved(connection, own)}
            return written(mixing.read_mix(connection, own), lists, names)


def _tell(file: MixFile) -> None:
    sources = [] if isinstance(file.sources, msgspec.UnsetType) else file.sources
    for one in sources:
        off = "" if one.is_active else ", off"
        print(  # noqa: T201
            f"  {one.list or one.segment}: weight {one.weight:g}, priority {one.priority}, "
            f"order {one.order.value}{off}"
        )
    if not sources:
        print("  all lists, by priority")  # noqa: T201
    if isinstance(file.retry_share, float):
        print(f"  {file.retry_share:.0%} of the calls to people who were tried before")  # noqa: T201
    else:
        print("  who is due goes before the new")  # noqa: T201
    rules = {} if isinstance(file.recycling, msgspec.UnsetType) else file.recycling
    for outcome, rule in rules.items():
        told = ", ".join(f"{key} {value}" for key, value in rule.items())
        print(f"  after {outcome}: {told}")  # noqa: T201
