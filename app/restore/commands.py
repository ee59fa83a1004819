"""The command lines of backups: backup, restore, clone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from app.backup import folder
from app.backup.making import Made, Wanted, make_backup
from app.backup.nightly import done, folder_sentence
from app.backup.passphrase import SECRET, chosen, cleaned, kept_passphrase
from app.backup.sealing import Tell
from app.clock import WallClock
from app.errors import KnownError
from app.options import ProfileOption
from app.profile import Profile, open_profile
from app.restore.restoring import Hands, Restored, restore
from app.secrets import open_secrets
from dialer_core.model import errors as core_errors

JsonOption = Annotated[bool, typer.Option("--json", help="Only JSON on standard output.")]
AskOption = Annotated[
    bool, typer.Option("--ask", help="Ask for a passphrase (or read it), in place of the floor's.")
]
RecordingsOption = Annotated[bool, typer.Option("--recordings", help="With the recorded calls.")]
PasswordsOption = Annotated[
    bool, typer.Option("--trunk-passwords", help="With the passwords of the trunk.")
]


def _say(*lines: str) -> None:
    for line in lines:
        print(line)  # noqa: T201  a command's answer


def _say_json(value: object) -> None:
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    sys.stdout.flush()


def _teller(*, is_json: bool) -> Tell:
    told = [""]

    def tell(step: str, share: float) -> bool:
        if is_json or (step == told[0] and not sys.stderr.isatty()):
            return True
        told[0] = step
        # On a terminal each takes the place of the one before, and nothing of a longer one stays.
        end = "\x1b[K\r" if sys.stderr.isatty() else "\n"
        print(f"{step} … {share * 100:3.0f} % ", end=end, file=sys.stderr, flush=True)  # noqa: T201
        return True

    return tell


def backup_command(
    to: Annotated[
        Path | None, typer.Option(help="A folder or file; else the floor's own folder.")
    ] = None,
    recordings: RecordingsOption = False,
    trunk_passwords: PasswordsOption = False,
    ask: AskOption = False,
    always: Annotated[
        bool, typer.Option("--always", help="Nightly backups go to that folder from now on.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show-passphrase", help="Only show what opens this floor's backups.")
    ] = False,
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """One sealed file of this floor, made while it works."""
    opened = open_profile(profile)
    if show:
        return _show_passphrase(opened, json)
    if always:
        if to is None:
            raise KnownError("Name the folder for --always: callfloor backup --to DIR --always.")
        folder.choose_folder(opened, to)
    path = to
    if to is not None and to.suffix != folder.SUFFIX:
        now = WallClock().now().utc
        path = None if always else to / folder.name_for(opened.root.name, now, "asked")
    wanted = Wanted(path=path, has_recordings=recordings, has_trunk_passwords=trunk_passwords)
    return _make(opened, wanted, ask=ask, is_json=json)


def clone_command(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    recordings: RecordingsOption = False,
    trunk_passwords: PasswordsOption = False,
    ask: AskOption = False,
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """The whole centre in one file: `callfloor restore FILE` on a new PC, and that is the floor."""
    path = file if file.suffix else file.with_suffix(folder.SUFFIX)
    wanted = Wanted("asked", "clone", path, recordings, trunk_passwords)
    return _make(open_profile(profile), wanted, ask=ask, is_json=json)


def restore_command(
    file: Annotated[Path, typer.Argument(help="A backup or a clone.")],
    whole: Annotated[
        bool | None,
        typer.Option(
            "--whole/--data", help="Settings as well, or the data alone; else as the PC needs it."
        ),
    ] = None,
    ask: AskOption = False,
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Make the floor in this file the floor of this PC; the present one stands aside."""
    opened = open_profile(profile)
    hands = Hands(
        opened, lambda: open_secrets(opened.key), _teller(is_json=json), WallClock().now()
    )
    passphrase = None if ask else _floors_own(opened)
    try:
        if passphrase is None:
            raise KnownError("")
        found = restore(hands, file, passphrase, is_whole=whole)
    except core_errors.KnownError as error:
        if error.sentence and "passphrase does not open" not in error.sentence:
            raise
        found = restore(hands, file, cleaned(_typed()), is_whole=whole)
    return _show(found, json)


def hang(cli: typer.Typer) -> None:
    """Add the commands of this room."""
    cli.command("backup")(backup_command)
    cli.command("restore")(restore_command)
    cli.command("clone")(clone_command)


def _make(profile: Profile, wanted: Wanted, *, ask: bool, is_json: bool) -> int:
    now = WallClock().now().utc
    state = folder.read_state(profile)
    passphrase = chosen(_typed()) if ask else kept_passphrase(open_secrets(profile.key))
    made = make_backup(
        profile,
        lambda: open_secrets(profile.key),
        passphrase,
        wanted,
        _teller(is_json=is_json),
        now,
    )
    if wanted.path is None:
        done(profile, now)
    if is_json:
        _say_json(_told(made))
        return 0
    _say(f"{made.path} ({made.size / 1e6:.1f} MB, {made.rows:,} rows)")
    if wanted.what == "clone":
        _say(
            "On the new PC: callfloor restore FILE. It asks for the passphrase. Stop this floor "
            "for good before: two of the same floor would call the same people."
        )
    warning = folder_sentence(profile, made.path.parent)
    if warning:
        _say(warning)
    if not ask and not state.is_shown:
        _say("It opens only with this passphrase; write it down and keep it elsewhere:", passphrase)
        _shown(profile)
    return 0


def _told(made: Made) -> dict[str, object]:
    return {
        "path": str(made.path),
        "size": made.size,
        "rows": made.rows,
        "kind": made.head.kind,
        "version": made.head.version,
        "made_at": made.head.made_at,
    }


def _show(found: Restored, is_json: bool) -> int:
    aside = [str(path) for path in found.aside]
    if is_json:
        _say_json(
            {
                "made_at": found.head.made_at, "rows": found.rows, "is_whole": found.is_whole,
                "kind": found.head.kind, "aside": aside, "erased": found.erased,
                "refused": found.refused, "seats": found.seats, "left": found.left,
            }
        )  # fmt: skip
        return 0
    _say(f"This PC has the floor as it was on {found.head.made_at.astimezone():%d %b %Y, %H:%M}.")
    if found.erased or found.refused:
        _say(
            f"Done again, as wished since: {found.erased} people erased, {found.refused} numbers "
            "never to be called."
        )
    if found.left:
        _say(
            f"{found.left} people who were erased since are in a call there: the night erases them."
        )
    if found.seats:
        seats = "1 seat finds" if found.seats == 1 else f"{found.seats} seats find"
        _say(
            f"{seats} it again without a code where this PC has the old one's address; else each "
            "joins with one (callfloor share code)."
        )
    for path in aside:
        _say(f"What was here is kept: {path}")
    return 0


def _show_passphrase(profile: Profile, is_json: bool) -> int:
    found = kept_passphrase(open_secrets(profile.key))
    if is_json:
        _say_json({"passphrase": found})
    else:
        _say(found)
    _shown(profile)
    return 0


def _shown(profile: Profile) -> None:
    state = folder.read_state(profile)
    folder.write_state(profile, msgspec.structs.replace(state, is_shown=True))


def _floors_own(profile: Profile) -> str | None:
    try:
        return open_secrets(profile.key).get(SECRET)
    except KnownError:
        return None


def _typed() -> str:
    """A passphrase from the keyboard, or the first line of what is piped in."""
    if sys.stdin.isatty():
        return str(typer.prompt("Passphrase", hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")
