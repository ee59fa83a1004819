"""The report of a benchmark: what was asked, what came of it, and where the documents keep it."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path

import msgspec

from app.errors import KnownError
from app.pacing import tables
from app.pacing.asked import FITTING_SEEDS
from app.pacing.entrants import ENTRANTS
from app.pacing.figures import Row, rows_of
from app.pacing.verdicts import Verdict, verdicts_of
from app.pacing.work import DayFigures

BEGIN, END = "<!-- bench pacing: begin -->", "<!-- bench pacing: end -->"
TARGETS = {
    1: "Without levers: the best known plus half a point, within the law on each day",
    2: "What hints and held breaks add",
    3: "With parked wrap-up and a relief seat",
    4: "Hard days",
    5: "What it costs",
}


class Fitting(msgspec.Struct, frozen=True):
    """On what constants were fitted, and what is reported: never the same."""

    fitted_scenarios: list[str]
    fitted_seeds: str
    reported_scenarios: list[str]
    reported_seeds: list[int]
    overlap: list[str]  # what was reported although it had been fitted on; empty, or say so


class Report(msgspec.Struct, frozen=True):
    """All of one benchmark; `days` are kept, so that it can be continued and told anew."""

    what: str
    made: str  # day, UTC
    code: str  # fingerprint of the code that was measured
    python: str
    hours: float
    is_complete: bool
    fitting: Fitting
    hints: str
    labels: dict[str, str]
    rows: list[Row]
    targets: list[Verdict]
    days: list[DayFigures]


def report_of(
    days: Sequence[DayFigures],
    *,
    made: str,
    code: str,
    hours: float,
    is_complete: bool,
    fitted_scenarios: Sequence[str],
) -> Report:
    """Reckon the rows and the verdicts of the days."""
    ordered = sorted(days, key=lambda d: (d.scenario, d.hard, d.seats, d.entrant, d.seed))
    rows = rows_of(ordered)
    scenarios = list(dict.fromkeys(day.scenario for day in ordered))
    seeds = sorted({day.seed for day in ordered})
    overlap = [name for name in scenarios if name in fitted_scenarios]
    overlap += [f"seed {seed}" for seed in seeds if seed in FITTING_SEEDS]
    return Report(
        what="callfloor bench pacing",
        made=made,
        code=code,
        python=platform.python_version(),
        hours=hours,
        is_complete=is_complete,
        fitting=Fitting(
            fitted_scenarios=list(fitted_scenarios),
            fitted_seeds=f"{FITTING_SEEDS.start}-{FITTING_SEEDS.stop - 1}",
            reported_scenarios=scenarios,
            reported_seeds=seeds,
            overlap=overlap,
        ),
        hints=tables.hints_sentence(),
        labels={name: one.label for name, one in ENTRANTS.items()},
        rows=rows,
        targets=verdicts_of(rows, ordered),
        days=ordered,
    )


def document(report: Report, picture: str | None = None) -> str:
    """The part of the document that the command writes."""
    met = sum(one.is_met is True for one in report.targets)
    unmet = sum(one.is_met is False for one in report.targets)
    parts = [_heading(report)]
    if picture:
        parts.append(f"![Utilisation by number of seats, one picture a scenario]({picture})")
    parts.append("## Targets")
    parts.append(f"{met} figures met, {unmet} not met. Intervals are of 95 %, over days.")
    for target, title in TARGETS.items():
        parts.append(f"### {target}. {title}")
        parts.append(tables.verdict_table(report.targets, target))
    parts.append("## Figures")
    parts.append(tables.summary_tables(report.rows))
    worth = tables.worth_table(report.rows)
    if worth:
        parts.append("## What each lever is worth")
        parts.append("Points of utilisation on the same days, with intervals of the differences.")
        parts.append(worth)
    parts.append("## What a decision costs")
    parts.append("Mean and worst of a decision in microseconds, and seconds for a simulated day.")
    parts.append(tables.cost_table(report.rows))
    return "\n\n".join(parts) + "\n"


def _heading(report: Report) -> str:
    fitting = report.fitting
    days = len(report.days)
    seeds = spans(fitting.reported_seeds)
    lines = [
        f"Made by `callfloor bench pacing` on {report.made}: {days} days of {report.hours:g} "
        f"hours, seeds {seeds}. {report.hints}",
        "",
        f"Constants were fitted on {', '.join(fitting.fitted_scenarios) or 'no scenario'} with "
        f"seeds {fitting.fitted_seeds}; reported are {', '.join(fitting.reported_scenarios)}.",
    ]
    if fitting.overlap:
        lines.append(f"Fitted on and reported, with other seeds: {', '.join(fitting.overlap)}.")
    if not report.is_complete:
        lines.append("**Stopped before its end: some days are missing.**")
    return "\n".join(lines)


def spans(numbers: Sequence[int]) -> str:
    """ "1-10, 15" of ordered numbers."""
    parts: list[str] = []
    first = last = None
    for one in [*numbers, None]:
        if last is not None and one == last + 1:
            last = one
            continue
        if first is not None:
            parts.append(str(first) if first == last else f"{first}-{last}")
        first = last = one
    return ", ".join(parts)


def put_into(path: Path, text: str) -> None:
    """Write the text between the markers of a document; KnownError where they are not there."""
    before, after = place_in(path)
    write(path, f"{before}{BEGIN}\n\n{text}\n{END}{after}")


def place_in(path: Path) -> tuple[str, str]:
    """What stands before and after the markers of a document; KnownError without them."""
    try:
        whole = path.read_text(encoding="utf-8")
    except OSError as error:
        raise KnownError(f"{path} cannot be read: {error.strerror}.") from error
    before, begin, rest = whole.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise KnownError(f"{path} has no place for the tables; put {BEGIN} and {END} in it.")
    return before, after


def write(path: Path, text: str) -> None:
    """Write a file; KnownError where the system does not let us."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise KnownError(f"{path} cannot be written: {error.strerror}.") from error


def give_json(found: msgspec.Struct, json_file: Path | None) -> None:
    """What was found as JSON: to the file that was named, else to standard output."""
    text = msgspec.json.format(msgspec.json.encode(found), indent=1).decode()
    if json_file is not None:
        write(json_file, text + "\n")
    else:
        print(text)  # noqa: T201


def read_report(path: Path) -> Report:
    """An earlier report; KnownError where it is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Report)
    except OSError as error:
        raise KnownError(f"{path} cannot be read: {error.strerror}.") from error
    except msgspec.MsgspecError as error:
        raise KnownError(f"{path} is no report of callfloor bench pacing.") from error
