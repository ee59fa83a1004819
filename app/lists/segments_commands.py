"""The command lines of segments; what they need is loaded when they are called."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer

from app.clock import WallClock
from app.errors import KnownError
from app.floor_place import floor_place, is_there
from app.options import ProfileOption
from app.profile import open_profile

if TYPE_CHECKING:
    from dialer_core.store.campaigns import CampaignSettings
    from dialer_core.store.database import Database
    from dialer_core.store.segments import Segment

T = TypeVar("T")

JsonOption = Annotated[bool, typer.Option("--json", help="Only JSON on standard output.")]
CampaignOption = Annotated[str, typer.Option(help="Its name; may be left out where there is one.")]
FileArgument = Annotated[Path, typer.Argument(help="TOML or JSON, as `show --json` writes it.")]

segments_cli = typer.Typer(help="People by conditions: list, show, set, remove.")


class SegmentEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One segment of a file."""

    name: str
    condition: dict[str, object]


class SegmentsFile(msgspec.Struct, forbid_unknown_fields=True):
    """What `set` reads: segments that are made, or changed where the name is known."""

    segments: list[SegmentEntry]


@segments_cli.callback(invoke_without_command=True)
def segments_command(
    context: typer.Context,
    campaign: CampaignOption = "",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """The segments of a campaign, in words, with how many people each finds."""
    if context.invoked_subcommand is not None:
        return 0
    from dialer_core.lists import segments as core  # noqa: PLC0415
    from dialer_core.store import segments  # noqa: PLC0415

    found = []
    with opened(profile) as database, database.reading() as connection:
        settings = chosen(database, campaign)
        for one in segments.saved(connection, settings.campaign.id):
            count = segments.count(
                connection, settings.campaign.id, one.condition, WallClock().now().utc
            )
            found.append((one, count, core.words(one.condition)))
    if json:
        print_json(
            [
                {
                    "name": one.name,
                    "words": words,
                    "count": count.count,
                    "of": count.of,
                    "is_sampled": count.is_sampled,
                    "is_used": one.is_used,
                }
                for one, count, words in found
            ]
        )
        return 0
    if not found:
        print("There is no segment yet; callfloor segments set makes one.")  # noqa: T201
    for one, count, words in found:
        about = "about " if count.is_sampled else ""
        used = ", in the mix" if one.is_used else ""
        print(f"{one.name}: {about}{count.count:,} of {count.of:,}{used}")  # noqa: T201
        print(f"  {words}")  # noqa: T201
    return 0


@segments_cli.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="Of the segment; else all of them.")] = "",
    campaign: CampaignOption = "",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Segments as `set` reads them."""
    from dialer_core.lists import segments as core  # noqa: PLC0415
    from dialer_core.store import segments  # noqa: PLC0415

    with opened(profile) as database, database.reading() as connection:
        saved = segments.saved(connection, chosen(database, campaign).campaign.id)
    found = [one for one in saved if not name or one.name == name]
    if name and not found:
        raise KnownError(f"There is no segment {name!r}; there are: {_names(saved)}.")
    if json:
        entries = [{"name": one.name, "condition": core.to_store(one.condition)} for one in found]
        print_json({"segments": entries})
        return 0
    for one in found:
        print(f"{one.name}: {core.words(one.condition)}")  # noqa: T201
    return 0


@segments_cli.command("set")
def set_command(
    file: FileArgument,
    campaign: CampaignOption = "",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Make the segments of a file, or change those whose names are known; all or none."""
    from dialer_core.lists import segments as core  # noqa: PLC0415
    from dialer_core.model.errors import KnownError as CoreError  # noqa: PLC0415
    from dialer_core.store import segments  # noqa: PLC0415

    wanted = read_file(file, SegmentsFile)
    done = []
    with opened(profile) as database:
        own = chosen(database, campaign).campaign.id
        with database.writing() as connection:
            for entry in wanted.segments:
                try:
                    condition = core.read(entry.condition)
                except CoreError as problem:
                    raise KnownError(f"{entry.name}: {problem}") from problem
                known = {one.name: one.id for one in segments.saved(connection, own)}
                before = known.get(entry.name.strip())
                number = segments.save(
                    connection, own, entry.name, condition, WallClock().now(), who(), before
                )
                state = "made" if before is None else "changed"
                done.append({"name": entry.name.strip(), "id": number, "state": state})
    if json:
        print_json(done)
        return 0
    for made in done:
        print(f"{made['name']}: {made['state']}.")  # noqa: T201
    return 0


@segments_cli.command("remove")
def remove_command(
    name: Annotated[str, typer.Argument(help="Of the segment.")],
    campaign: CampaignOption = "",
    profile: ProfileOption = None,
) -> int:
    """Take a segment away; its people stay on their lists."""
    from dialer_core.store import segments  # noqa: PLC0415

    with opened(profile) as database:
        own = chosen(database, campaign).campaign.id
        with database.writing() as connection:
            saved = segments.saved(connection, own)
            number = next((one.id for one in saved if one.name == name), None)
            if number is None:
                raise KnownError(f"There is no segment {name!r}; there are: {_names(saved)}.")
            segments.remove(connection, number, WallClock().now(), who())
    print(f"{name}: removed.")  # noqa: T201
    return 0


# --- common with the commands of the mix --------------------------------------------------------


@contextmanager
def opened(profile: Path | None) -> Iterator[Database]:
    """The profile's database, made where there is none yet."""
    from dialer_core.store.opening import migrate, open_database  # noqa: PLC0415

    home = open_profile(profile)
    place = floor_place(home)
    if not is_there(home):
        migrate(place)
    database = open_database(place)
    try:
        yield database
    finally:
        database.close()


def chosen(database: Database, name: str) -> CampaignSettings:
    """The campaign of that name, or the only one; KnownError with the names that there are."""
    from dialer_core.store.campaigns import load_campaigns  # noqa: PLC0415

    with database.reading() as connection:
        found = list(load_campaigns(connection).values())
    fitting = [one for one in found if not name or one.campaign.name == name]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(sorted(one.campaign.name for one in found))
    if not found:
        raise KnownError("There is no campaign yet; callfloor import takes a list in.")
    if not fitting:
        raise KnownError(f"There is no campaign {name!r}; there are: {names}.")
    raise KnownError(f"Say which campaign with --campaign; there are: {names}.")


def read_file(file: Path, kind: type[T]) -> T:
    """A TOML or JSON file as that kind; KnownError where it cannot be read so."""
    try:
        text = file.read_bytes()
    except OSError as problem:
        raise KnownError(
            f"{file} cannot be read ({problem.strerror}); check its name and that you may open it."
        ) from problem
    try:
        if file.suffix.lower() == ".toml":
            return msgspec.toml.decode(text, type=kind)
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise KnownError(f"{file} cannot be read so: {problem}.") from problem


def print_json(found: object) -> None:
    """JSON alone on standard output."""
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())  # noqa: T201


def who() -> str:
    """Who stands in the log beside what these commands change."""
    return f"command ({getpass.getuser()})"


def _names(saved: list[Segment]) -> str:
    return ", ".join(one.name for one in saved) or "none"
