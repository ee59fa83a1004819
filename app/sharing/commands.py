"""The command lines of a shared floor: share, join, leave, floors."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated

import msgspec
import typer

from app.clock import WallClock
from app.errors import KnownError
from app.logs import start_logging
from app.profile import Profile, open_profile
from app.secrets import open_secrets
from app.sharing.beacon import find_floors
from app.sharing.floor_share import FloorShare, OpenCode, ShareStatus
from app.sharing.join_code import qr_picture
from app.sharing.joining import FloorJoin, default_seat_name, leave_floor
from app.sharing.lent_words import lent_sentence, lent_words
from dialer_core.store.joining import LIFE_S

ProfileOption = Annotated[
    Path | None,
    typer.Option("--profile", help="A home for settings, database and logs; else your own."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Only JSON on standard output.")]

share_cli = typer.Typer(help="Share this PC's floor with other PCs.", no_args_is_help=True)


def _now() -> datetime:
    return WallClock().now().utc


def _share(profile: Profile) -> FloorShare:
    return FloorShare(profile, lambda: open_secrets(profile.key), _now)


def _say(*lines: str) -> None:
    for line in lines:
        print(line)  # noqa: T201  a command's answer


def _say_json(value: object) -> None:
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    sys.stdout.flush()


def _teller(*, is_json: bool) -> Callable[[str, float], bool]:
    told = [""]

    def tell(step: str, _share: float) -> bool:
        if step != told[0] and not is_json and step != "Shared":
            told[0] = step
            print(f"{step} …", file=sys.stderr)  # noqa: T201  progress
        return True

    return tell


@share_cli.command("start")
def start_command(
    name: Annotated[str, typer.Option(help="What seats see; else this PC's name.")] = "",
    port: Annotated[int | None, typer.Option(help="TCP port; else one is chosen.")] = None,
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Share the floor: start its database, moving this PC's data into it the first time."""
    share = _share(open_profile(profile))
    known = share.server.state()
    wanted = name or ("" if known is not None else default_seat_name())
    status = share.start(wanted, _teller(is_json=json), port)
    assert status is not None
    return _show_status(status, json)


@share_cli.command("url")
def url_command(
    url: Annotated[
        str, typer.Argument(help="postgresql://user@server:5432/database?ca=FILE of an empty one.")
    ],
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Have the floor on an existing PostgreSQL server; its password is asked for, or piped in."""
    opened = open_profile(profile)
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    _share(opened).use_server(url, password, _teller(is_json=json))
    if json:
        _say_json({"is_shared": True})
    else:
        _say("The floor is on that server. Other PCs use the same command with their own user.")
    return 0


@share_cli.command("status")
def status_command(json: JsonOption = False, profile: ProfileOption = None) -> int:
    """Is this floor shared, and does it run?"""
    return _show_status(_share(open_profile(profile)).status(), json)


@share_cli.command("stop")
def stop_command(json: JsonOption = False, profile: ProfileOption = None) -> int:
    """Stop the floor's database; its data stay, and `start` brings it back."""
    was_running = _share(open_profile(profile)).stop()
    if json:
        _say_json({"was_running": was_running})
    else:
        _say("The floor is stopped." if was_running else "The floor was not running.")
    return 0


@share_cli.command("code")
def code_command(
    minutes: Annotated[
        float, typer.Option(help="How long it opens the floor.", min=0.05, max=1440)
    ] = LIFE_S / 60,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Save it as a QR picture (PNG) here.")
    ] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="For a PC that runs lines (callfloor lines --join).")
    ] = False,
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """A join code for one more seat; the one before is closed."""
    code = _share(open_profile(profile)).new_code(minutes * 60, lends=lines)
    if picture is not None:
        _save(picture, code)
    if json:
        _say_json({"code": code.text, "until": code.until.astimezone(UTC).isoformat()})
    else:
        _say(code.text, f"Opens the floor once, until {code.until.astimezone():%H:%M}.")
    return 0


@share_cli.command("seats")
def seats_command(json: JsonOption = False, profile: ProfileOption = None) -> int:
    """The seats that have joined, which of them are here, and the PCs that lend lines."""
    share = _share(open_profile(profile))
    lent = share.lent_lines()
    if lent is not None:
        if json:
            _say_json([{"name": name, "lent": one} for name, one in lent.items()])
        else:
            _say(lent_sentence(lent) or "No PC lends lines to this floor: callfloor lines there.")
        return 0
    seats = share.seats()
    if json:
        _say_json(seats)
        return 0
    if not seats:
        _say("No seat has joined yet: make a code (callfloor share code).")
    for seat in seats:
        here = "here" if seat.is_here else "away"
        who = ", ".join(
            part for part in (seat.agent, lent_words(seat.lent) if seat.lent else "") if part
        )
        _say(f"{seat.name:<20} {here}  {who or '-':<16} {', '.join(seat.addresses)}")
    return 0


@share_cli.command("remove")
def remove_command(
    seat: Annotated[str, typer.Argument(help="The seat's name.")],
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Shut a seat out at once; what it did stays on the record."""
    _share(open_profile(profile)).remove_seat(seat)
    if json:
        _say_json({"removed": seat})
    else:
        _say(f"The seat {seat} is removed.")
    return 0


@share_cli.command("keep", hidden=True)
def keep_command(profile: ProfileOption = None) -> int:
    """Watch over a shared floor until asked to leave; started by `start`."""
    from app.sharing.keeper import Keeper  # noqa: PLC0415  this command's alone

    opened = open_profile(profile)
    start_logging(opened.logs_dir, "keeper", _now())
    keeper = Keeper(opened, open_secrets(opened.key), _now)

    def leave(_number: int, _frame: FrameType | None) -> None:
        keeper.stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    keeper.run()
    return 0


def join_command(
    code: Annotated[str, typer.Argument(help="The code that the supervisor's PC shows.")],
    name: Annotated[str, typer.Option(help="This seat's name; else this PC's.")] = "",
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """Join a floor as one of its seats."""
    opened = open_profile(profile)
    join = FloorJoin(opened, open_secrets(opened.key), _now)

    def tell(step: str) -> None:
        if not json:
            print(f"{step} …", file=sys.stderr)  # noqa: T201  progress

    joined = join.join(code, name or default_seat_name(), tell)
    if json:
        _say_json(joined)
    else:
        _say(f"This PC is the seat {joined.seat} ({joined.seconds:.1f} s).")
    return 0


def leave_command(json: JsonOption = False, profile: ProfileOption = None) -> int:
    """Leave the floor that this PC joined; its place there is the supervisor's to remove."""
    opened = open_profile(profile)
    seat = leave_floor(opened, open_secrets(opened.key))
    if json:
        _say_json({"left": seat})
    else:
        _say(f"This PC is no longer the seat {seat}.")
    return 0


def floors_command(
    seconds: Annotated[float, typer.Option(help="How long to listen.", min=0.1, max=60)] = 3.0,
    json: JsonOption = False,
) -> int:
    """The floors on this network."""
    floors = find_floors(seconds)
    if json:
        _say_json(
            [
                {
                    "name": floor.name,
                    "addresses": floor.addresses,
                    "port": floor.port,
                    "fingerprint": floor.fingerprint.hex(),
                }
                for floor in floors
            ]
        )
        return 0
    if not floors:
        _say(
            "No floor answers on this network: share one (callfloor share start), or join by its "
            "code, which carries the address."
        )
    for floor in floors:
        place = f"{floor.addresses[0]}:{floor.port}"
        _say(f"{floor.name:<24} {place:<24} {floor.fingerprint.hex()}")
    return 0


def hang(cli: typer.Typer) -> None:
    """Add the commands of this room."""
    cli.add_typer(share_cli, name="share")
    cli.command("join")(join_command)
    cli.command("leave")(leave_command)
    cli.command("floors")(floors_command)


def _show_status(status: ShareStatus, is_json: bool) -> int:
    if is_json:
        _say_json(status)
        return 0
    if status.elsewhere:
        _say(status.elsewhere)
        return 0
    if not status.is_shared:
        _say("This floor is not shared: callfloor share start.")
        return 0
    state = "runs" if status.is_running else "is stopped"
    _say(
        f"The floor {status.name} is shared and {state}: {', '.join(status.addresses)}, port "
        f"{status.port}.",
        f"Fingerprint {status.fingerprint[:16]}",
    )
    if status.is_running and not status.is_kept:
        _say("Nobody answers seats that join: start it again (callfloor share start).")
    _say(status.hint)
    return 0


def _save(picture: Path, code: OpenCode) -> None:
    try:
        picture.write_bytes(qr_picture(code.text))
    except OSError as error:
        raise KnownError(f"{picture} cannot be written ({error.strerror}).") from error
