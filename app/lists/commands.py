"""The command lines of lists: import, lists, dnc. What they need is loaded when they are called."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from app.options import ProfileOption
from app.profile import open_profile

if TYPE_CHECKING:
    from app.lists.importing import ImportReport
    from dialer_core.store.import_undo import ImportedList

JsonOption = Annotated[bool, typer.Option("--json", help="Only JSON on standard output.")]
RegionOption = Annotated[str, typer.Option(help="ISO country of numbers without one.")]
ClientOption = Annotated[str, typer.Option(help="Of one client; else of the whole office.")]

dnc_cli = typer.Typer(help="Your own do-not-call list: never again.", no_args_is_help=True)
lists_cli = typer.Typer(help="What was imported, and taking it out again.")


def import_command(
    file: Annotated[Path, typer.Argument(help="CSV, TSV or XLSX.")],
    list_name: Annotated[str, typer.Option("--list", help="The list's name.")],
    campaign: Annotated[str, typer.Option(help="The campaign; a new one is made, stopped.")],
    region: RegionOption,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="KIND=COLUMN where it was not found: phone=Home Phone."),
    ] = None,
    duplicates: Annotated[
        Literal["skip", "update", "keep"], typer.Option(help="Of people who are known already.")
    ] = "skip",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and change nothing.")] = False,
    encoding: Annotated[str, typer.Option(help="Else it is found.")] = "",
    separator: Annotated[str, typer.Option(help="Else it is found.")] = "",
    header: Annotated[
        bool | None, typer.Option("--header/--no-header", help="Else it is found.")
    ] = None,
    sheet: Annotated[str, typer.Option(help="Of a workbook; else the first with numbers.")] = "",
    rejects: Annotated[
        Path | None, typer.Option(help="Rows that were not taken; else beside the list.")
    ] = None,
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Take a calling list in; the rows that cannot be go to a file with the reason."""
    import gc  # noqa: PLC0415

    from app.lists import importing  # noqa: PLC0415
    from app.lists.progress import shown  # noqa: PLC0415
    from dialer_core.lists.sieve import Duplicates  # noqa: PLC0415

    wanted = importing.Wanted(
        file=file,
        list_name=list_name,
        campaign=campaign,
        region=region.upper(),
        mapping=mapping or (),
        duplicates=Duplicates(duplicates),
        encoding=encoding,
        separator="\t" if separator in ("tab", "\\t") else separator,
        has_header=header,
        sheet=sheet,
        rejects=rejects,
        is_dry=dry_run,
    )
    home = open_profile(profile)
    gc.freeze()  # what is loaded stays; a tenth of the time went into looking through it
    try:
        with shown("Importing") as tell:
            found = importing.import_list(home, wanted, tell)
    except importing.GivenUp:
        print("Cancelled; nothing was taken in.", file=sys.stderr)  # noqa: T201
        raise typer.Abort from None
    if json:
        _print_json(found)
    else:
        _tell(found, is_dry=dry_run)
    if found.rejected_file is not None:
        turned_away = sum(found.reasons.values())
        print(  # noqa: T201
            f"{turned_away} rows were not taken; {found.rejected_file} says why, row by row.",
            file=sys.stderr,
        )
    return 0


def _tell(found: ImportReport, *, is_dry: bool) -> None:
    would = "would be taken" if is_dry else "taken"
    print(  # noqa: T201
        f"{found.file}: {found.rows} rows, {found.taken} people {would}, "
        f"{found.duplicate_rows} twice in the file, {found.known_elsewhere} on a list already, "
        f"{found.invalid_rows} without a good number, {found.contacts_on_dnc} on do-not-call."
    )
    for column, kind in found.columns.items():
        print(f"  {column}: {kind}")  # noqa: T201
    if found.import_id is not None:
        print(f"To take it out again: callfloor lists undo {found.import_id}")  # noqa: T201


def _print_json(found: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())  # noqa: T201


@lists_cli.callback(invoke_without_command=True)
def lists(context: typer.Context, json: JsonOption = False, profile: ProfileOption = None) -> int:
    """Every import: when it was, what it brought, where it stands."""
    from app.lists.importing import imports  # noqa: PLC0415

    if context.invoked_subcommand is not None:
        return 0
    found = imports(open_profile(profile))
    if json:
        _print_json(found)
    elif not found:
        print("Nothing was imported yet; callfloor import takes a list in.")  # noqa: T201
    else:
        _print_imports(found)
    return 0


def _print_imports(found: list[ImportedList]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, pad_edge=False)
    for name in ("No", "When (UTC)", "Campaign", "List", "File", "State"):
        table.add_column(name)
    for name in ("Rows", "Taken", "Updated", "Twice", "Known", "No number", "DNC"):
        table.add_column(name, justify="right")
    for one in found:
        figures = (
            one.rows, one.taken, one.updated, one.duplicates, one.known_elsewhere, one.invalid,
            one.on_dnc,
        )  # fmt: skip
        table.add_row(
            str(one.import_id), f"{one.at:%Y-%m-%d %H:%M}", one.campaign, one.list_name,
            one.source, one.state.value.replace("_", " "), *map(str, figures),
        )  # fmt: skip
    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    console.print(table)


@lists_cli.command("undo")
def undo_command(
    number: Annotated[int, typer.Argument(help="The import's number, as callfloor lists says.")],
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Take an import out again; people who were called stay on the record, closed."""
    from app.lists.importing import undo_import  # noqa: PLC0415

    found = undo_import(open_profile(profile), number)
    if json:
        _print_json(found)
    else:
        print(  # noqa: T201
            f"{found.removed} people taken out, {found.kept} kept and closed as they were called "
            f"or are on a screen, {found.restored} as they were before."
        )
    return 0


@dnc_cli.command("add")
def add_command(
    numbers: Annotated[list[str], typer.Argument(help="One or more numbers.")],
    reason: Annotated[str, typer.Option(help="Kept beside the number.")] = "asked not to be called",
    region: RegionOption = "GB",
    client: ClientOption = "",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Never call these numbers again; holds at once, in every campaign."""
    from app.lists import dnc  # noqa: PLC0415

    found = dnc.add(open_profile(profile), dnc.numbers_of(numbers, region.upper()), reason, client)
    if json:
        _print_json(found)
    else:
        print(f"{found.new} of {found.numbers} numbers are new on the list.")  # noqa: T201
    return 0


@dnc_cli.command("import")
def import_dnc_command(
    file: Annotated[Path, typer.Argument(help="CSV, TSV or XLSX with a column of numbers.")],
    reason: Annotated[str, typer.Option(help="Kept beside the numbers.")] = "imported",
    region: RegionOption = "GB",
    client: ClientOption = "",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Never call the numbers of this file again."""
    from app.lists import dnc  # noqa: PLC0415

    found = dnc.add_file(open_profile(profile), file, region.upper(), reason, client)
    if json:
        _print_json(found)
    else:
        print(  # noqa: T201
            f"{found.numbers} numbers, {found.new} of them new; {found.invalid_rows} rows without."
        )
    return 0


@dnc_cli.command("check")
def check_command(
    number: Annotated[str, typer.Argument(help="The number.")],
    region: RegionOption = "GB",
    client: ClientOption = "",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Whether a number is on the list."""
    from app.lists import dnc  # noqa: PLC0415

    e164 = dnc.numbers_of([number], region.upper())[0]
    found = dnc.check(open_profile(profile), e164, client)
    if json:
        _print_json(found)
    elif found.is_on_dnc:
        print(f"On the list since {found.since}: {found.reason}.")  # noqa: T201
    else:
        print("Not on the list.")  # noqa: T201
    return 0
