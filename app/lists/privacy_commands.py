"""The command lines of a person's rights, and of what is kept no longer: gdpr, purge."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from app.clock import WallClock
from app.lists import person_file
from app.lists.asked import (
    JsonOption,
    PersonArgument,
    RegionOption,
    WhoOption,
    made,
    person_named,
    print_json,
)
from app.lists.copies_commands import copies_command, copy_names
from app.options import ProfileOption
from app.profile import open_profile
from dialer_core.store.files import FileKind
from dialer_core.store.privacy import REASON, PrivacyStore, Receipt
from dialer_core.store.retention import RetentionStore

gdpr_cli = typer.Typer(help="A person's rights: export, erasure.", no_args_is_help=True)
gdpr_cli.command("copies")(copies_command)


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
    number, contact_id = person_named(person, region)
    home, now = open_profile(profile), WallClock().now()
    store = PrivacyStore(made(home))
    try:
        found = store.export(now, number=number, contact_id=contact_id, who=who)
        missing = person_file.write_person(found, to)
        records = found.person.contact_ids
        store.note_file(FileKind.EXPORT, to, now, contact_ids=records, who=who)
    finally:
        store.close()
    rows = {section: len(rows) for section, rows in found.sections.items()}
    if json:
        print_json({"file": str(to), "rows": rows, "missing_recordings": missing})
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
    number, contact_id = person_named(person, region)
    if not yes:
        typer.confirm("Erase this person? It cannot be undone.", abort=True, err=True)
    home = open_profile(profile)
    store, now, names = PrivacyStore(made(home)), WallClock().now(), copy_names(home)
    try:
        done = store.erase(
            now, number=number, contact_id=contact_id, reason=reason, who=who, copies=names
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


def purge_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is due.")] = False,
    who: WhoOption = "command",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Take away what has been kept for long enough, kind by kind."""
    home, now = open_profile(profile), WallClock().now()
    database = made(home)
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
        print_json({"is_dry": dry_run, "kinds": rows, "stuck_files": stuck})
    else:
        for one in due:
            days = " or ".join(str(day) for day in one.days) or "no"
            what = f"{one.count} due" if dry_run else f"{done[one.kind].count} taken"
            print(f"{one.kind.value}: {what} (kept for {days} days)")  # noqa: T201
    for name in stuck:
        print(f"{name} could not be removed; it is tried again next time.", file=sys.stderr)  # noqa: T201
    return 1 if stuck else 0
