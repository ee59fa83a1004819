"""`callfloor bench pacing`: every pacer on the same days, with intervals and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.clock import WallClock
from app.errors import KnownError, UsageError
from app.pacing import asked, tables
from app.pacing.crew import progress_bar, run_jobs, weight
from app.pacing.entrants import Entrant
from app.pacing.fingerprint import fingerprint
from app.pacing.picture import picture
from app.pacing.report import (
    Report,
    document,
    give_json,
    place_in,
    put_into,
    read_report,
    report_of,
    write,
)
from app.pacing.work import MEMORY_DAY, DayFigures, Job
from dialer_core.simulation.benchmark import ScenarioFile, hard_days

STOPPED = 130
WORKERS = 2
HARD_ENTRANTS = ("progressive", "predictive", "levers")
HARD_SEEDS = 3  # of those asked for: there are many kinds of hard day
PICTURE = "pictures/pacing.svg"


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """The words of the command line as they came."""

    scenarios: Sequence[str] = ()
    seats: str = "3,5,10,15,20"
    seeds: str = "10"
    hours: float = 8.0
    pacers: str = ""
    levers: str = "all"
    hard: bool = False
    json_file: Path | None = None
    table_file: Path | None = None
    docs_file: Path | None = None
    earlier: Sequence[Path] = ()
    workers: int = WORKERS
    is_told_only: bool = False  # what the earlier reports hold, and nothing simulated


def run_bench(options: BenchOptions) -> int:
    """Simulate what is asked for, tell it, and return the exit status."""
    console = Console(stderr=True)
    if options.is_told_only and not options.earlier:
        raise UsageError("--tell-only needs the reports that it is to tell: --from FILE.")
    jobs = [] if options.is_told_only else jobs_of(options)
    if options.docs_file is not None:
        place_in(options.docs_file)  # before hours of work, not after them
    code = fingerprint()
    kept = _kept(options, code)
    have = {_name(day): day for day in kept}
    left = [job for job in jobs if _job_name(job) not in have]
    console.print(
        f"{len(jobs)} days, {len(jobs) - len(left)} of them simulated before.", highlight=False
    )
    with progress_bar("Simulating", sum(map(weight, left)), console) as done:
        finished = run_jobs(left, options.workers, done, console.print)
    report = report_of(
        [*kept, *finished.days],
        made=WallClock().now().utc.date().isoformat(),
        code=code,
        hours=options.hours,
        is_complete=finished.is_complete,
        fitted_scenarios=asked.fitting_scenarios(),
    )
    _tell(report, options, console)
    if not finished.is_complete:
        console.print(
            f"Stopped: {len(report.days)} days are kept"
            + ("." if options.json_file is None else f"; --from {options.json_file} goes on."),
            highlight=False,
        )
        return STOPPED
    return 0


def jobs_of(options: BenchOptions) -> list[Job]:
    """The days that the words ask for; UsageError for words that make no sense."""
    scenarios = asked.scenarios_of(options.scenarios)
    floors = asked.seats_of(options.seats)
    seeds = asked.seeds_of(options.seeds)
    hours = asked.hours_of(options.hours)
    entrants = asked.entrants_of(options.pacers, options.levers)
    if options.workers < 0:
        raise UsageError("--workers takes 0 (in this process) or more.")
    jobs = [
        Job(entrant.name, scenario, seats, seed, hours)
        for scenario in scenarios
        for seats in floors
        for entrant in entrants
        for seed in seeds
    ]
    if options.hard:
        jobs += _hard_jobs(scenarios[0], entrants, floors, seeds[:HARD_SEEDS], hours)
    if hours > 2.0 and not options.pacers:
        jobs.append(_memory_job(scenarios[0], max(floors), hours))
    return jobs


def _hard_jobs(
    ground: ScenarioFile,
    entrants: Sequence[Entrant],
    floors: Sequence[int],
    seeds: Sequence[int],
    hours: float,
) -> list[Job]:
    """Each hard day on the first scenario, with what a floor would really run."""
    names = [one.name for one in entrants if one.name in HARD_ENTRANTS]
    return [
        Job(name, ground, seats, seed, hours, hard)
        for hard in hard_days()
        for seats in floors
        for name in names
        for seed in seeds
    ]


def _memory_job(ground: ScenarioFile, seats: int, hours: float) -> Job:
    """One more day, of another seed, on which the pacer's memory is watched."""
    return Job("predictive", ground, seats, 0, hours, MEMORY_DAY)


def _kept(options: BenchOptions, code: str) -> list[DayFigures]:
    """Days of earlier reports; KnownError where other code has made them."""
    kept: dict[object, DayFigures] = {}
    for path in options.earlier:
        report = read_report(path)
        if report.code != code:
            raise KnownError(
                f"The days of {path} were made by other code ({report.code}, now {code}); "
                "simulate them again."
            )
        kept |= {_name(day): day for day in report.days}
    return list(kept.values())


def _name(day: DayFigures) -> object:
    return (day.entrant, day.scenario, day.seats, day.seed, day.hours, day.hard)


def _job_name(job: Job) -> object:
    return (job.entrant, job.ground.scenario.name, job.seats, job.seed, job.hours, job.hard)


def _tell(report: Report, options: BenchOptions, console: Console) -> None:
    give_json(report, options.json_file)
    if options.table_file is not None:
        write(options.table_file, tables.full_table(report.rows))
    if options.docs_file is not None:
        write(options.docs_file.parent / PICTURE, picture(report.rows))
        put_into(options.docs_file, document(report, PICTURE))
    console.print(_short(report))


def _short(report: Report) -> Table:
    """What a person wants to see at once."""
    table = Table(box=None)
    for words in ("scenario", "seats", "pacer", "utilisation %", "abandoned %", "days over 3 %"):
        table.add_column(words, no_wrap=True)
    for row in report.rows:
        table.add_row(
            row.scenario,
            str(row.seats),
            row.entrant,
            tables.per_cent(row.utilisation),
            tables.per_cent(row.abandoned, 2),
            f"{row.days_over} of {row.days}",
        )
    return table
