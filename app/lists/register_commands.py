"""The command lines of national do-not-call registers: a newer copy, and how old each is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.clock import WallClock
from app.errors import UsageError
from app.lists.asked import JsonOption, WhoOption, day_of, made, print_json
from app.lists.progress import shown
from app.lists.register_file import RegisterFile
from app.options import ProfileOption
from app.profile import open_profile
from dialer_core.store.registers import RegisterAge, RegisterStore, known_registers

register_cli = typer.Typer(help="National do-not-call registers.", no_args_is_help=True)


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
    day = day_of(as_of)
    home, clock = open_profile(profile), WallClock()
    opened = RegisterFile(file, known[register][0])
    store = RegisterStore(made(home))
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
        print_json(
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
    store = RegisterStore(made(open_profile(profile)))
    try:
        ages = store.ages(WallClock().now())
    finally:
        store.close()
    if json:
        print_json([_age(one) for one in ages])
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
