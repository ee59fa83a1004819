""" "What is wrong?" on the command line, and over the supervisor's window."""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from typing import Annotated

import msgspec
import typer

from app.clock import WallClock
from app.compose import ToolPlace
from app.desk.checkup.checks import checks_for
from app.desk.checkup.findings import CheckupView, Verdict
from app.desk.checkup.running import run
from app.options import ProfileOption
from app.profile import open_profile
from app.secrets import open_secrets

_MARKS = {Verdict.GOOD: "ok", Verdict.NOTE: "note", Verdict.TROUBLE: "WRONG", Verdict.SKIPPED: "-"}


def hang(cli: typer.Typer) -> None:
    """Add the command to the program's."""
    cli.command("doctor")(doctor_command)


def open_window(place: ToolPlace) -> None:
    """Show it over the supervisor's window."""
    from app.checkup_window import open_checkup  # noqa: PLC0415  the command has no windows

    open_checkup(place.profile, place.theme, place.window)


def doctor_command(
    json: Annotated[bool, typer.Option("--json", help="The findings as JSON.")] = False,
    profile: ProfileOption = None,
) -> int:
    """What is wrong on this PC, and what to do about it; leaves with 1 if anything is."""
    home = open_profile(profile)
    checks = checks_for(home, WallClock(), functools.partial(open_secrets, home.key))
    is_seen = sys.stderr.isatty() and not json
    given_up = threading.Event()

    def tell(view: CheckupView) -> None:
        if is_seen:
            words = f"{len(view.rows)} of {view.count}: {view.running}" if view.running else ""
            print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)  # noqa: T201

    with contextlib.suppress(KeyboardInterrupt):
        view = run(checks, tell, given_up.is_set)
        print(as_json(view) if json else as_text(view))  # noqa: T201
        return 1 if view.troubles else 0
    return 130


def as_json(view: CheckupView) -> str:
    """For programs: each check with key, verdict, sentence and what to do."""
    rows = [
        {
            "key": one.key,
            "title": one.title,
            "verdict": one.finding.verdict.value,
            "sentence": one.finding.sentence,
            "what_to_do": one.finding.what_to_do,
        }
        for one in view.rows
    ]
    told = {"is_well": not view.troubles, "checks": rows}
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def as_text(view: CheckupView) -> str:
    """For people: a line each, what to do below it."""
    wide = max(len(one.title) for one in view.rows)
    lines = []
    for one in view.rows:
        lines.append(f"{_MARKS[one.finding.verdict]:<6}{one.title:<{wide}}  {one.finding.sentence}")
        if one.finding.what_to_do:
            lines.append(f"{'':<{wide + 8}}{one.finding.what_to_do}")
    return "\n".join((*lines, "", view.words))
