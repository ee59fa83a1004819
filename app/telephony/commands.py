"""`callfloor bench …`: what this machine and this program can do, as figures.

Each command loads what it measures when it is called: the command line itself must start fast.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.options import JsonOption, ProfileOption

bench = typer.Typer(help="Measure this machine; figures as JSON.", no_args_is_help=True)


@bench.command()
def calls(
    calls: Annotated[int, typer.Option(help="Bridged calls at once, 1 to 20.")] = 20,
    lines: Annotated[int, typer.Option(help="Lines that run, in use or not.")] = 30,
    seconds: Annotated[float, typer.Option(help="How long they talk.")] = 60.0,
    recorded: Annotated[bool, typer.Option(help="Record both channels of each.")] = True,
    json_file: JsonOption = None,
) -> int:
    """Many calls at once, TLS and SRTP to the seats: who hears whom, and what it costs."""
    from app.telephony.calls_bench import CallsOptions, run_calls  # noqa: PLC0415

    return run_calls(CallsOptions(calls, lines, seconds, recorded, json_file))


@bench.command()
def answer(
    seats: Annotated[int, typer.Option(help="Seats, 1 to 20.")] = 20,
    calls: Annotated[int, typer.Option(help="Calls in all.")] = 200,
    talk: Annotated[float, typer.Option(help="Mean length of a talk in seconds.")] = 8.0,
    seed: Annotated[int, typer.Option()] = 1,
    json_file: JsonOption = None,
) -> int:
    """From a customer's 200 OK to the agent's first sound, TLS and SRTP to the seats."""
    from app.telephony.answer_bench import AnswerOptions, run_answer  # noqa: PLC0415

    return run_answer(AnswerOptions(seats, calls, talk, seed, json_file))


@bench.command()
def endurance(
    calls: Annotated[int, typer.Option(help="Calls, one after the other.")] = 2000,
    warm_up: Annotated[int, typer.Option(help="After how many memory is measured first.")] = 200,
    json_file: JsonOption = None,
) -> int:
    """Thousands of calls through one line process: memory, files and threads at the end."""
    from app.telephony.more_benches import run_endurance  # noqa: PLC0415

    return run_endurance(calls, warm_up, json_file)


@bench.command()
def detection(
    part: Annotated[
        Literal["tuned", "unseen"], typer.Option(help="Which sentences and voices.")
    ] = "unseen",
    seed: Annotated[int, typer.Option()] = 1,
    repeats: Annotated[int, typer.Option(help="Of each sentence, with other noises.")] = 6,
    json_file: JsonOption = None,
) -> int:
    """Persons and machines told apart, on speech that is made here: the confusion table."""
    from app.telephony.more_benches import run_detection  # noqa: PLC0415

    return run_detection(part, seed, repeats, json_file)


@bench.command()
def sound(
    seconds: Annotated[float, typer.Option(help="How long mouth to ear is measured.")] = 20.0,
    unplug: Annotated[int, typer.Option(help="How often the headset is unplugged.")] = 5,
    json_file: JsonOption = None,
) -> int:
    """Mouth to ear, and unplugging in a call, with PulseAudio null sinks as headsets."""
    from app.telephony.more_benches import run_sound  # noqa: PLC0415

    return run_sound(seconds, unplug, json_file)


@bench.command()
def malformed(
    messages: Annotated[int, typer.Option(help="Faulty messages, half at each engine.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed spoils them alike.")] = 1,
    json_file: JsonOption = None,
) -> int:
    """Malformed SIP at a line and a phone: torture messages, and faulty ones by the thousand."""
    from app.telephony.more_benches import run_malformed  # noqa: PLC0415

    return run_malformed(messages, seed, json_file)


@bench.command()
def latency(
    agents: Annotated[int, typer.Option(help="Seats.")] = 10,
    lines: Annotated[int, typer.Option(help="Lines.")] = 16,
    seconds: Annotated[float, typer.Option(help="How long.")] = 300.0,
    speed: Annotated[float, typer.Option(help="As in the demo.")] = 6.0,
    seed: Annotated[int, typer.Option()] = 1,
    json_file: JsonOption = None,
    profile: ProfileOption = None,
) -> int:
    """From the person's answer to the agent's ear and eye, on a floor of robots."""
    from app.rehearsal.bench import run_latency  # noqa: PLC0415

    return run_latency(agents, lines, seconds, speed, seed, json_file, profile)


@bench.command()
def takeover(
    runs: Annotated[int, typer.Option(help="How many diallers are killed.")] = 10,
    shared: Annotated[
        bool, typer.Option("--shared", help="On the embedded server, not in a file.")
    ] = False,
    seed: Annotated[int, typer.Option()] = 1,
    json_file: JsonOption = None,
    profile: ProfileOption = None,
) -> int:
    """A dialler is killed in ten calls: until the next one dials, and what is lost."""
    from app.rehearsal.takeover import run_takeover  # noqa: PLC0415

    return run_takeover(runs, seed, json_file, profile, is_shared=shared)


@bench.command()
def agreement(
    agents: Annotated[int, typer.Option(help="Seats.")] = 5,
    lines: Annotated[int, typer.Option(help="Lines.")] = 15,
    seconds: Annotated[float, typer.Option(help="How long the real floor runs.")] = 600.0,
    speed: Annotated[float, typer.Option(help="As in the demo.")] = 6.0,
    seed: Annotated[int, typer.Option()] = 1,
    days: Annotated[int, typer.Option(help="Simulated floors beside it.")] = 40,
    json_file: JsonOption = None,
    profile: ProfileOption = None,
) -> int:
    """A real floor of robots beside simulated ones of the same distributions."""
    from app.rehearsal.agreement import AgreementOptions, run_agreement  # noqa: PLC0415

    return run_agreement(
        AgreementOptions(agents, lines, seconds, speed, seed, days, json_file, profile)
    )


@bench.command()
def chances(
    seed: Annotated[int, typer.Option(help="The same seed makes the same people.")] = 101,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here; else they are printed.")
    ] = None,
    docs: Annotated[Path | None, typer.Option(help="Write this document and its picture.")] = None,
    profile: ProfileOption = None,
    campaign: Annotated[
        str, typer.Option(help="Judge this campaign's own calls, in the profile.")
    ] = "",
) -> int:
    """Whether the records' answer chances are what they say: the calibration, on held-out days."""
    from app.pacing.chances import ChanceOptions, run_chances  # noqa: PLC0415

    return run_chances(ChanceOptions(seed, json_file, docs, profile, campaign))


@bench.command()
def pacing(
    scenario: Annotated[
        list[str] | None, typer.Option(help="A name or a TOML file; several times for several.")
    ] = None,
    seats: Annotated[str, typer.Option(help="Floors to simulate.")] = "3,5,10,15,20",
    seeds: Annotated[str, typer.Option(help="How many days (10), or which (21-40).")] = "10",
    hours: Annotated[float, typer.Option(help="Length of a day.")] = 8.0,
    pacers: Annotated[str, typer.Option(help="These rows alone, by name.")] = "",
    levers: Annotated[
        str, typer.Option(help="Rows with levers: off, all or hints,parked,relief,ablation.")
    ] = "all",
    hard: Annotated[bool, typer.Option("--hard", help="Hard days too.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here; else they are printed.")
    ] = None,
    table: Annotated[Path | None, typer.Option(help="Write all rows here, as Markdown.")] = None,
    docs: Annotated[
        Path | None, typer.Option(help="Put tables and picture into this document.")
    ] = None,
    earlier: Annotated[
        list[Path] | None, typer.Option("--from", help="Go on from this JSON of the same code.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes; 0: this one alone.")] = 2,
    tell_only: Annotated[
        bool, typer.Option("--tell-only", help="Tell what the --from files hold; simulate nothing.")
    ] = False,
) -> int:
    """Every pacer on the same simulated days, with intervals, against the published targets."""
    from app.pacing.bench import BenchOptions, run_bench  # noqa: PLC0415

    return run_bench(
        BenchOptions(
            scenario or (), seats, seeds, hours, pacers, levers, hard, json_file, table, docs,
            earlier or (), workers, tell_only,
        )
    )  # fmt: skip


@bench.command()
def floor(
    seats: Annotated[int, typer.Option(help="Seats, a process each.")] = 20,
    people: Annotated[int, typer.Option(help="People on the list.")] = 1_000_000,
    calls_a_minute: Annotated[float, typer.Option(help="Calls that are to be dialled.")] = 60.0,
    minutes: Annotated[float, typer.Option(help="How long.")] = 30.0,
    beside: Annotated[
        Literal["nothing", "import", "purge"], typer.Option(help="What the office does meanwhile.")
    ] = "nothing",
    rows: Annotated[int, typer.Option(help="Rows of that import.")] = 100_000,
    server: Annotated[
        str, typer.Option(help="postgresql://… of an empty database at another server.")
    ] = "",
    json_file: JsonOption = None,
) -> int:
    """A shared floor at its own database over TLS: how long anyone waits for it."""
    from app.telephony.floor_bench import run_floor  # noqa: PLC0415
    from app.telephony.floor_bench_figures import FloorOptions  # noqa: PLC0415

    options = FloorOptions(
        seats, people, calls_a_minute, minutes, beside, rows, json_file=json_file, server=server
    )
    return run_floor(options)


@bench.command()
def rights(
    people: Annotated[int, typer.Option(help="People on the list.")] = 1_000_000,
    attempts: Annotated[int, typer.Option(help="Calls of the last weeks.")] = 500_000,
    rounds: Annotated[int, typer.Option(help="People who come to each screen.")] = 500,
    json_file: JsonOption = None,
) -> int:
    """A seat by its own role beside the floor's owner: what its rights cost each statement."""
    from app.telephony.rights_bench import run_rights  # noqa: PLC0415

    return run_rights(people, attempts, rounds, json_file)
