"""The command line: one word, its options, and how each ends.

Exit status 0: done. 1: the world did not allow it (one sentence on standard error). 2: the
command line asks for something that does not exist.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated, Literal

import typer
import typer.exceptions

from app.api.bench_command import add_api_bench
from app.clock import WallClock
from app.errors import EXIT_USAGE, UsageError, as_known_error
from app.lists.benches import add_benches
from app.lists.commands import dnc_cli, import_command, lists_cli
from app.lists.mix_commands import mix_cli
from app.lists.segments_commands import segments_cli
from app.logs import LogLimits, install_excepthooks, start_logging
from app.options import ProfileOption
from app.profile import Profile, open_profile
from app.settings import LOG_DEBUG, LOG_FILE_MB, LOG_FILES, load_settings
from app.telephony.commands import bench

# Everything heavy is imported by the command that needs it: a window must be up in a second.
cli = typer.Typer(
    name="callfloor",
    help="A call centre of 2 to 20 seats on desktop PCs. No server.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(bench, name="bench")
add_benches(bench)
add_api_bench(bench)
cli.command("import")(import_command)
cli.add_typer(lists_cli, name="lists")
cli.add_typer(dnc_cli, name="dnc")
cli.add_typer(segments_cli, name="segments")
cli.add_typer(mix_cli, name="mix")

Theme = Literal["system", "light", "dark"]
ThemeOption = Annotated[
    Theme | None, typer.Option(help="Colours of the windows; else as in the settings.")
]
PicturesOption = Annotated[
    Path | None, typer.Option("--screenshots", help="Save a picture of each state that occurs.")
]


# Commands that load the database's library, mDNS, ciphers: half a second that others do without.
HEAVY: dict[str, frozenset[str]] = {
    "law": frozenset({"why", "purge", "penetration", "register", "gdpr", "experiments"}),
    "sharing": frozenset({"share", "join", "leave", "floors"}),
    "lines": frozenset({"lines"}),
    "backup": frozenset({"backup", "restore", "clone"}),
    "api": frozenset({"api"}),
    "doctor": frozenset({"doctor"}),
}
_hung: set[str] = set()


def _hang_heavy(words: Sequence[str]) -> None:
    """Add those that are meant to the command line; all of them where it is asked for help."""
    for room, names in HEAVY.items():
        is_meant = not words or words[0] in names or words[0].startswith("-")
        if is_meant and room not in _hung:
            _hung.add(room)
            _hang(room)


def _hang(room: str) -> None:
    match room:
        case "law":
            from app.lists.law_commands import hang  # noqa: PLC0415  see above
        case "sharing":
            from app.sharing.commands import hang  # noqa: PLC0415  see above
        case "lines":
            from app.lines.commands import hang  # noqa: PLC0415  see above
        case "backup":
            from app.restore.commands import hang  # noqa: PLC0415  see above
        case "api":
            from app.api.commands import hang  # noqa: PLC0415  see above
        case _:
            from app.tools.checkup import hang  # noqa: PLC0415  see above
    hang(cli)


def run(words: Sequence[str]) -> int:
    """Carry out one command line and return the exit status; never shows a traceback."""
    words = words or ["start"]
    _hang_heavy(words)
    try:
        status = cli(args=list(words), standalone_mode=False, prog_name="callfloor")
        return status if isinstance(status, int) else 0
    except typer.exceptions.TyperException as error:
        print(f"callfloor: {error.format_message()}", file=sys.stderr)  # noqa: T201
        print("callfloor --help lists what there is.", file=sys.stderr)  # noqa: T201
        return EXIT_USAGE
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except typer.Exit as leave:
        return leave.exit_code
    except Exception as error:
        known = as_known_error(error)
        if known is None:
            raise
        print(known.sentence, file=sys.stderr)  # noqa: T201
        return known.exit_status


def _begin(program: str, profile_root: Path | None) -> Profile:
    """Open the profile and the log of this start."""
    profile = open_profile(profile_root)
    settings = load_settings(profile.settings_path)
    session = start_logging(
        profile.logs_dir,
        program,
        WallClock().now().utc,
        debug=settings.get(LOG_DEBUG),
        limits=LogLimits(settings.get(LOG_FILE_MB) * 1_000_000, settings.get(LOG_FILES)),
    )
    install_excepthooks(session)
    return profile


@cli.command()
def demo(
    agents: Annotated[int, typer.Option(help="How many seats, 1 to 20.")] = 3,
    mode: Annotated[
        Literal["preview", "progressive", "predictive"], typer.Option(help="How calls are placed.")
    ] = "predictive",
    seconds: Annotated[
        float | None, typer.Option(help="End after so long; else when the windows are closed.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same public.")] = 1,
    offscreen: Annotated[bool, typer.Option("--offscreen", help="No display; robots act.")] = False,
    speed: Annotated[
        float, typer.Option(help="Divides ring, talk and wrap-up; never the connect limit.")
    ] = 1.0,
    report: Annotated[Path | None, typer.Option(help="Write the report (JSON) here.")] = None,
    screenshots: PicturesOption = None,
    profile: ProfileOption = None,
    lines: Annotated[int | None, typer.Option(help="How many lines; else what fits.")] = None,
    trunk: Annotated[
        str, typer.Option(help="Dial through this gateway, e.g. sip:{number}@127.0.0.1:5060.")
    ] = "",
    rules: Annotated[str, typer.Option(help="Rule profile: REHEARSAL or GB.")] = "REHEARSAL",
    robots: Annotated[
        int | None, typer.Option(help="How many seats are robots; else all but yours.")
    ] = None,
    theme: ThemeOption = None,
    sound: Annotated[Literal["auto", "none"], typer.Option(help="Your own seat's sound.")] = "auto",
    pause_after: Annotated[
        float | None, typer.Option(hidden=True, help="Every robot pauses then and stays away.")
    ] = None,
) -> int:
    """A whole floor on this PC: real calls to a fictitious public."""
    from app.rehearsal.demo import Demo, DemoOptions  # noqa: PLC0415
    from app.rehearsal.report import failure  # noqa: PLC0415
    from dialer_core.model.states import Mode  # noqa: PLC0415

    options = DemoOptions(
        agents=agents,
        mode=Mode(mode),
        seconds=seconds,
        seed=seed,
        offscreen=offscreen,
        speed=speed,
        report=report,
        screenshots=screenshots,
        profile=profile,
        lines=lines,
        trunk=trunk,
        rules=rules,
        robots=robots,
        theme=theme or "",
        sound=sound,
        pause_all_after_s=pause_after,
        progress=lambda text: print(text, file=sys.stderr, flush=True),  # noqa: T201
    )
    floor = Demo(options)
    _begin("demo", floor.profile.root)

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        floor.stop_asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    try:
        found = floor.run()
    finally:
        floor.forget()
    reason = failure(found)
    if reason:
        print(reason, file=sys.stderr)  # noqa: T201
        return 1
    return 0


@cli.command()
def start(profile: ProfileOption = None, theme: ThemeOption = None) -> int:
    """What this PC is for: floor, seat or both; the first time it asks. So does callfloor alone."""
    from app.compose import WindowOptions  # noqa: PLC0415
    from app.tools.own_program import run_own_program  # noqa: PLC0415

    return run_own_program(WindowOptions(_begin("start", profile), theme or ""))


@cli.command()
def supervisor(
    profile: ProfileOption = None,
    theme: ThemeOption = None,
    screenshots: PicturesOption = None,
    wait: Annotated[bool, typer.Option("--wait", hidden=True)] = False,
) -> int:
    """The supervisor's window on the floor of this profile."""
    from app.api.keeping import kept  # noqa: PLC0415
    from app.compose import WindowOptions, run_supervisor  # noqa: PLC0415
    from app.tools.openers import bring_up, open_tool  # noqa: PLC0415

    home = _begin("supervisor", profile)
    window = WindowOptions(home, theme or "", screenshots)
    with kept(home):  # the HTTP API, where it is switched on
        return run_supervisor(window, open_tool, bring_up, wait=wait)


@cli.command()
def agent(
    seat: Annotated[str, typer.Option(help="The seat's name.")] = "seat01",
    agent: Annotated[str, typer.Option(help="Who sits there.")] = "",
    profile: ProfileOption = None,
    theme: ThemeOption = None,
    screenshots: PicturesOption = None,
    sound: Annotated[Literal["auto", "none"], typer.Option(help="Sound devices.")] = "auto",
    practice: Annotated[Path | None, typer.Option(hidden=True)] = None,
    practice_signature: Annotated[int | None, typer.Option(hidden=True)] = None,
    robot: Annotated[int | None, typer.Option(hidden=True)] = None,
    speed: Annotated[float, typer.Option(hidden=True)] = 1.0,
    place: Annotated[int, typer.Option(hidden=True)] = 0,
    pause_after: Annotated[float | None, typer.Option(hidden=True)] = None,
) -> int:
    """An agent's window at one seat, with its phone."""
    from app.compose import AgentOptions, WindowOptions, run_agent  # noqa: PLC0415

    if not seat.isalnum():
        raise UsageError("--seat is a name of letters and figures.")
    home = _begin(seat, profile)
    return run_agent(
        AgentOptions(
            WindowOptions(home, theme or "", screenshots),
            seat,
            agent,
            sound,
            practice,
            practice_signature,
            robot,
            speed,
            place,
            pause_after,
        )
    )


@cli.command()
def dialler(
    standby: Annotated[
        bool, typer.Option("--standby", help="Wait until the floor's dialler is gone.")
    ] = False,
    profile: ProfileOption = None,
) -> int:
    """The dialler: places the calls of this profile's campaigns until it is told to stop."""
    from app.dialler.starting import run_dialler  # noqa: PLC0415

    run_dialler(_begin("standby" if standby else "dialler", profile), stands_by=standby)
    return 0


@cli.command()
def dial(
    link: Annotated[str, typer.Argument(help="tel:+44…, callto:… or a number.")],
    seat: Annotated[str, typer.Option(help="The window of this seat; else the open one.")] = "",
    profile: ProfileOption = None,
) -> int:
    """Show a number in the open agent's window; Enter dials it there."""
    from app.link_door import hand_over  # noqa: PLC0415
    from app.links import link_to_number  # noqa: PLC0415
    from app.settings import LINK_REGION  # noqa: PLC0415

    home = open_profile(profile)
    region = load_settings(home.settings_path).get(LINK_REGION)
    hand_over(home.run_dir, link_to_number(link, region).e164, seat)
    return 0


@cli.command()
def links(
    what: Annotated[Literal["install", "remove"], typer.Argument(help="Take such links, or not.")],
    profile: ProfileOption = None,
) -> int:
    """Have tel: and callto: links shown in the agent's window of this PC."""
    from app.links import install, remove  # noqa: PLC0415

    print(install(profile) if what == "install" else remove())  # noqa: T201
    return 0


@cli.command()
def gallery(
    out: Annotated[Path | None, typer.Option(help="Save pictures here; else a window.")] = None,
    theme: Annotated[Literal["light", "dark", "both"], typer.Option()] = "both",
    size: Annotated[str, typer.Option(help="Width x height in pixels.")] = "1366x768",
    profile: ProfileOption = None,
) -> int:
    """Every window in each of its states."""
    from app.gallery import run_gallery  # noqa: PLC0415

    _begin("gallery", profile)
    return run_gallery(out, theme, size)


@cli.command()
def simulate(
    scenario: Annotated[str, typer.Option(help="A name or a TOML file.")] = "b2c_cold",
    seats: Annotated[int | None, typer.Option(help="1 to 20; else the file's, or 5.")] = None,
    mode: Annotated[
        Literal["preview", "progressive", "predictive"], typer.Option(help="How calls are placed.")
    ] = "predictive",
    hours: Annotated[
        float | None, typer.Option(help="Length of the day; else the file's, or 8.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same day.")] = 1,
    levers: Annotated[
        str, typer.Option(help="off, office (as a new campaign has them) or all.")
    ] = "office",
    hard: Annotated[str, typer.Option(help="A hard day by its name; else an ordinary one.")] = "",
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the day, minute by minute, here.")
    ] = None,
) -> int:
    """One simulated day of a floor, with its figures and how they went over the day."""
    from app.pacing.one_day import DayOptions, run_one_day  # noqa: PLC0415

    return run_one_day(DayOptions(scenario, seats, mode, hours, seed, levers, hard, json_file))


@cli.command()
def replay(
    day: Annotated[str, typer.Option(help="A date like 2026-03-03, today or yesterday.")],
    campaign: Annotated[str, typer.Option(help="The campaign's name or number.")],
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=VALUE, e.g. target=0.02 or mode=progressive; repeatable."),
    ] = None,
    seeds: Annotated[int, typer.Option(help="How many replays of each.")] = 20,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the comparison here.")
    ] = None,
    profile: ProfileOption = None,
) -> int:
    """A recorded day again: as it was, and with another setting, side by side."""
    from app.floor_place import floor_place  # noqa: PLC0415
    from app.replay.command import run_replay  # noqa: PLC0415

    home = _begin("replay", profile)
    now = WallClock().now()
    return run_replay(floor_place(home), day, campaign, change or (), seeds, json_file, now)
