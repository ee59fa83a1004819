"""The command line of a PC that lends its lines: `callfloor lines`."""

from __future__ import annotations

import asyncio
import os
import secrets as random_source
import signal
import sys
from typing import Annotated

import msgspec
import typer

from app.clock import WallClock
from app.errors import KnownError
from app.lines.lender import Lender, read_lent, write_lent
from app.lines.offering import Offering, SeatOffering, ServerOffering
from app.lines.processes import LineProcesses
from app.logs import start_logging
from app.options import ProfileOption
from app.profile import Profile, open_profile
from app.secrets import Secrets, open_secrets
from app.sharing import pointing
from app.sharing.join_code import read_code
from app.sharing.joining import FloorJoin, default_seat_name, refuse_name
from dialer_core.store import lending

MOST_BY_ITSELF = 16
_WHY_NOT = {
    "seat": "The code was one for a seat, so this PC may lend no lines: have the supervisor make "
    "one for lines (callfloor share code --lines), then run callfloor lines --join CODE again.",
    "wrong": "The floor does not know this code: compare it with the supervisor's, or ask for a "
    "new one (callfloor share code --lines).",
    "old": "This code has run out or was closed: ask the supervisor for a new one "
    "(callfloor share code --lines).",
    "used": "This code was used already, and opens only once: ask the supervisor for a new one "
    "(callfloor share code --lines).",
    "locked": "Too many wrong codes were tried on this floor: wait a minute and try again.",
    "removed": "The supervisor has removed this PC from the floor: run callfloor leave here, then "
    "join with a new code.",
}


def lines_command(
    join: Annotated[
        str,
        typer.Option("--join", help="The first time: the code of callfloor share code --lines."),
    ] = "",
    name: Annotated[str, typer.Option(help="This PC's name on the floor; else its own.")] = "",
    lines: Annotated[
        int | None,
        typer.Option(
            help="How many; else as last time, or two a core.", min=1, max=lending.MOST_LINES
        ),
    ] = None,
    profile: ProfileOption = None,
) -> int:
    """Lend this PC's processors to a floor: lines that its dialler uses, until stopped."""
    home = open_profile(profile)
    start_logging(home.logs_dir, "lines", WallClock().now().utc)
    secrets = open_secrets(home.key)
    if join:
        _join(home, secrets, join, name)
    pointer = _pointer(home)
    count = lines or read_lent(home).lines or min(2 * (os.cpu_count() or 1), MOST_BY_ITSELF)
    offering: Offering
    if pointer.url:
        offering = _at_server(home, pointer, secrets, name)
    else:
        offering = SeatOffering(home, pointer, secrets)
    asyncio.run(_lend(home, offering, secrets, count))
    return 0


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201  a command's answer


def _pointer(home: Profile) -> pointing.Pointer:
    found = pointing.read_pointer(home)
    if found is None:
        raise KnownError(
            "This PC belongs to no floor yet: have the supervisor make a code for it (callfloor "
            "share code --lines), then run callfloor lines --join CODE here."
        )
    if not found.seat and not found.url:
        raise KnownError(
            "This PC shares the floor and runs its lines itself: how many stands in the trunk's "
            "settings."
        )
    return found


def _join(home: Profile, secrets: Secrets, typed: str, name: str) -> None:
    """Join as a seat, where this PC has not, and become one that may lend lines."""
    code = read_code(typed)
    found = pointing.read_pointer(home)
    if found is not None and found.url:
        raise KnownError(
            "This PC's floor is at a server that somebody else runs, which has no codes: run "
            "callfloor lines here without one."
        )
    if found is None:
        join = FloorJoin(home, secrets, lambda: WallClock().now().utc)
        joined = join.join(typed, name or default_seat_name(), lambda step: _say(f"{step} …"))
        _say(f"This PC is {joined.seat} on the floor ({joined.seconds:.1f} s).")
        LineProcesses(home, 0, lambda: 0.0).forget_journals()
    pointer = _pointer(home)
    password = secrets.get(pointer.secret_name) or ""
    with pointer.link(home, password).alone() as connection:
        answer = lending.lend(connection, code.secret)
    if answer != "lends":
        raise KnownError(_WHY_NOT[answer])


def _at_server(
    home: Profile, pointer: pointing.Pointer, secrets: Secrets, name: str
) -> ServerOffering:
    """As the PC of that name, the same one as last time."""
    lent = read_lent(home)
    if lent.server != pointer.url:
        LineProcesses(home, 0, lambda: 0.0).forget_journals()
    name = name or lent.name or default_seat_name()
    refuse_name(name)
    lent = msgspec.structs.replace(
        lent, name=name, pc=lent.pc or random_source.token_hex(4), server=pointer.url
    )
    write_lent(home, lent)
    return ServerOffering(home, secrets, lent.name, lent.pc)


async def _lend(home: Profile, offering: Offering, secrets: Secrets, count: int) -> None:
    lender = Lender(home, offering, secrets, count, _say)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lender.stop)
    await lender.run()


def hang(cli: typer.Typer) -> None:
    """Add the command of this room."""
    cli.command("lines")(lines_command)
