"""The command lines of the law: why, register, gdpr, purge, penetration."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from app.clock import WallClock
from app.errors import KnownError, UsageError
from app.lists import person_file
from app.lists.progress import shown
from app.lists.register_file import RegisterFile
from app.profile import Profile, open_profile
from dialer_core.kpi.penetration import Penetration
from dialer_core.lists.numbers import is_region, read_number
from dialer_core.store import penetration, why
from dialer_core.store.database import Database
from dialer_core.store.files import FileKind
from dialer_core.store.opening import migrate, open_database
from dialer_core.store.privacy import REASON, PrivacyStore, Receipt
from dialer_core.store.registers import RegisterAge, RegisterStore, known_registers
from dialer_core.store.retention import RetentionStore
from dialer_core.store.setup import SetupStore

ProfileOption = Annotated[
    Path | None,
    typer.Option("--profile", help="A home for settings, database and logs; else your own."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Only JSON on standard output.")]
RegionOption = Annotated[str, typer.Option(help="ISO country of numbers without one.")]
WhoOption = Annotated[str, typer.Option(help="Who asks for it; stands in the log.")]
PersonArgument = Annotated[
    str, typer.Argument(help="A number, or the number of a record with a # before it: #17.")
]

register_cli = typer.Typer(help="National do-not-call registers.", no_args_is_help=True)
gdpr_cli = typer.Typer(help="A person's rights: export, erasure.", no_args_is_help=True)


# --- why ----------------------------------------------------------------------------------------


def why_command(
    person: PersonArgument,
    region: RegionOption = "GB",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Why is this person not being called? All reasons, and when each may be over."""
    number, contact_id = _person(person, region)
    now = WallClock().now()
    with _database(open_profile(profile)) as database, database.reading() as connection:
        if contact_id is None:
            records = [found[0] for found in why.records_with(connection, number)]
            if not records:
                raise KnownError("No list holds this number.")
        else:
            records = [contact_id]
        found = {record: why.why_not(connection, record, now) for record in records}
    if json:
        _print_json(
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


# --- registers ----------------------------------------------------------------------------------


@register_cli.command("import")
def register_import_command(
    register: Annotated[str, typer.Argument(help="As GB-TPS; callfloor register ages names all.")],
    file: Annotated[Path, typer.Argument(help="One number a row; CSV, TSV or text.")],
    as_of: Annotated[str, typer.Option(help="The day of the copy, as 2026-03-01.")],
    force: Annotated[
        bool, typer.Option("--force", help="Also where it holds less than half of the last one.")
    ] = False,
    who: WhoOption = "command",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Load a newer copy of a register, beside a floor at work."""
    known = known_registers()
    if register not in known:
        raise UsageError(f"There is no register {register!r}; there are {', '.join(known)}.")
    day = _day(as_of)
    home, clock = open_profile(profile), WallClock()
    opened = RegisterFile(file, known[register][0])
    store = RegisterStore(_made(home))
    try:
        with shown(f"Loading {register}") as tell:
            loaded = store.load(
                register,
                day,
                opened.numbers(),
                clock.now,
                who=who,
                is_small_meant=force,
                goes_on=lambda _count: tell(opened.share_read()),
            )
    finally:
        store.close()
    if json:
        _print_json(
            {
                "register": register, "as_of": day.date().isoformat(),
                "entries": loaded.entries, "new": loaded.new, "gone": loaded.gone,
                "invalid_rows": opened.invalid_rows,
            }
        )  # fmt: skip
    else:
        print(  # noqa: T201
            f"{register}: {loaded.entries} numbers as of {day:%d %b %Y}; {loaded.new} new, "
            f"{loaded.gone} gone, {opened.invalid_rows} rows without a number."
        )
    return 0


@register_cli.command("ages")
def register_ages_command(json: JsonOption = False, profile: ProfileOption = None) -> int:
    """How old each register is, and which campaigns stand still for one; 1 where one does."""
    store = RegisterStore(_made(open_profile(profile)))
    try:
        ages = store.ages(WallClock().now())
    finally:
        store.close()
    if json:
        _print_json([_age(one) for one in ages])
    for one in () if json else ages:
        print(_age_line(one))  # noqa: T201
    return 1 if any(one.stops for one in ages) else 0


def _age(one: RegisterAge) -> dict[str, object]:
    return {
        "register": one.id,
        "country": one.country,
        "as_of": None if one.as_of is None else one.as_of.date().isoformat(),
        "age_days": None if one.age_days is None else round(one.age_days, 1),
        "max_age_days": one.max_age_days,
        "entries": one.entries,
        "is_required": one.is_required,
        "is_fresh": one.is_fresh,
        "stops": list(one.stops),
    }


def _age_line(one: RegisterAge) -> str:
    if one.as_of is None or one.age_days is None:
        words = "never loaded"
    else:
        words = f"of {one.as_of:%d %b %Y}, {one.age_days:.0f} days old, {one.entries} numbers"
    stops = f"; NOBODY IS DIALLED by {', '.join(one.stops)}" if one.stops else ""
    return f"{one.id}: {words} (at most {one.max_age_days:g} days){stops}"


def _day(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day; write it as 2026-03-01.") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


# --- a person's rights --------------------------------------------------------------------------


@gdpr_cli.command("export")
def gdpr_export_command(
    person: PersonArgument,
    to: Annotated[Path, typer.Option(help="The ZIP to write.")],
    region: RegionOption = "GB",
    who: WhoOption = "command",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Everything about a person in one file: JSON, a page to read, the sound of their calls."""
    number, contact_id = _person(person, region)
    home, now = open_profile(profile), WallClock().now()
    store = PrivacyStore(_made(home))
    try:
        found = store.export(now, number=number, contact_id=contact_id, who=who)
        missing = person_file.write_person(found, to)
        records = found.person.contact_ids
        store.note_file(FileKind.EXPORT, to, now, contact_ids=records, who=who)
    finally:
        store.close()
    rows = {section: len(rows) for section, rows in found.sections.items()}
    if json:
        _print_json({"file": str(to), "rows": rows, "missing_recordings": missing})
        return 0
    print(f"{to}: {len(records)} records, {rows['calls']} calls.")  # noqa: T201
    if missing:
        names = ", ".join(missing)
        print(f"These recordings are not on this PC: {names}.", file=sys.stderr)  # noqa: T201
    return 0


@gdpr_cli.command("erase")
def gdpr_erase_command(
    person: PersonArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; it cannot be undone.")] = False,
    receipt: Annotated[Path | None, typer.Option(help="Write the receipt (JSON) here.")] = None,
    reason: Annotated[str, typer.Option(help="Stands on the receipt.")] = REASON,
    region: RegionOption = "GB",
    who: WhoOption = "command",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Erase a person everywhere and never call them again; the receipt says what went where."""
    number, contact_id = _person(person, region)
    if not yes:
        typer.confirm("Erase this person? It cannot be undone.", abort=True, err=True)
    store = PrivacyStore(_made(open_profile(profile)))
    try:
        done = store.erase(
            WallClock().now(), number=number, contact_id=contact_id, reason=reason, who=who
        )
    finally:
        store.close()
    told = msgspec.json.format(msgspec.json.encode(done), indent=2)
    if receipt is not None:
        receipt.write_bytes(told)
    if json:
        print(told.decode())  # noqa: T201
    else:
        _tell_receipt(done)
    return 0 if done.is_finished else 1


def _tell_receipt(done: Receipt) -> None:
    tables = ", ".join(f"{rows} in {table}" for table, rows in done.tables.items())
    print(f"Erasure {done.id}: {done.records} records; rows: {tables}.")  # noqa: T201
    for kind, name, fate in done.files:
        print(f"  {kind} {name}: {fate}")  # noqa: T201
    print("What stays:")  # noqa: T201
    for sentence in done.stays:
        print(f"  {sentence}")  # noqa: T201
    if done.shared_with:
        print(  # noqa: T201
            f"  {done.shared_with} records of other people hold one of the numbers; they are not "
            "called any more either."
        )
    print(f"In the log under {done.audit_hash[:16]}.")  # noqa: T201


# --- purge, penetration -------------------------------------------------------------------------


def purge_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is due.")] = False,
    who: WhoOption = "command",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Take away what has been kept for long enough, kind by kind."""
    home, now = open_profile(profile), WallClock().now()
    database = _made(home)
    store, privacy = RetentionStore(database), PrivacyStore(database)
    try:
        due = store.due(now)
        stuck: list[str] = []
        if not dry_run:
            privacy.finish_erasures(now)
            done = {one.kind: one for one in store.purge(now, who)}
            stuck = [name for one in done.values() for name in one.stuck]
    finally:
        privacy.close()
        store.close()
    if json:
        rows = [
            {
                "kind": one.kind.value, "due": one.count, "days": list(one.days),
                "oldest": None if one.oldest is None else one.oldest.isoformat(),
                "purged": 0 if dry_run else done[one.kind].count,
            }
            for one in due
        ]  # fmt: skip
        _print_json({"is_dry": dry_run, "kinds": rows, "stuck_files": stuck})
    else:
        for one in due:
            days = " or ".join(str(day) for day in one.days) or "no"
            what = f"{one.count} due" if dry_run else f"{done[one.kind].count} taken"
            print(f"{one.kind.value}: {what} (kept for {days} days)")  # noqa: T201
    for name in stuck:
        print(f"{name} could not be removed; it is tried again next time.", file=sys.stderr)  # noqa: T201
    return 1 if stuck else 0


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
    with _database(home) as database:
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
        _print_json({"campaign": campaign, "all": _figures(whole), by: rows})
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


# --- common -------------------------------------------------------------------------------------


def _person(text: str, region: str) -> tuple[str, int | None]:
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


def _made(home: Profile) -> Path:
    """The path of the profile's database, made where there is none yet."""
    if not home.database_path.exists():
        migrate(home.database_path)
    return home.database_path


@contextmanager
def _database(home: Profile) -> Iterator[Database]:
    database = open_database(_made(home))
    try:
        yield database
    finally:
        database.close()


def _print_json(found: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())  # noqa: T201


def hang(cli: typer.Typer) -> None:
    """Hang these commands into the program's command line."""
    cli.command("why")(why_command)
    cli.command("purge")(purge_command)
    cli.command("penetration")(penetration_command)
    cli.add_typer(register_cli, name="register")
    cli.add_typer(gdpr_cli, name="gdpr")
