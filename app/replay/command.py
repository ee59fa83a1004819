"""`callfloor replay`: a recorded day again, as it was and with another setting."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from types import FrameType

import msgspec
from rich.console import Console
from rich.table import Table

from app.errors import KnownError, UsageError
from app.replay.comparison import Comparison, Difference, Range, Row, compare, over_cap
from app.replay.runs import replay_all
from app.replay.settings import changed, names_in, parse
from dialer_core.clock import Instant
from dialer_core.simulation.replay import cautions, prepare, recorded_figures
from dialer_core.store.address import Place
from dialer_core.store.recorded import read_day

MOST_SEEDS = 1000
_WIDTH = 118  # where nobody's terminal says otherwise


def run_replay(
    database: Place,
    day: str,
    campaign: str,
    words: Sequence[str],
    seeds: int,
    json_file: Path | None,
    now: Instant,
) -> int:
    """Read the day, replay it, print the table; the exit status.

    `words`: NAME=VALUE of each `--set`. UsageError for what cannot be set or is not on the record.
    """
    if not 1 <= seeds <= MOST_SEEDS:
        raise UsageError(f"--seeds is 1 to {MOST_SEEDS}.")
    parse(words)  # a mistyped word is told before the day is read
    signal.signal(signal.SIGTERM, _stop)
    found = make_comparison(database, day, campaign, words, seeds, now)
    _show(found)
    if json_file is not None:
        write_json(json_file, json_of(found))
    return 0


def json_of(found: msgspec.Struct) -> bytes:
    """What was found as JSON that a person can read, too."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2)


def write_json(path: Path, text: bytes) -> None:
    """Write the file that `--json` names; KnownError where the system does not let us."""
    try:
        path.write_bytes(text)
    except OSError as error:
        raise KnownError(
            f"{path} cannot be written ({error.strerror}); choose another --json."
        ) from error


def make_comparison(
    database: Place, day: str, campaign: str, words: Sequence[str], seeds: int, now: Instant
) -> Comparison:
    """Everything that the replay has to say."""
    recorded = read_day(database, campaign, day, now)
    ready = prepare(recorded)
    variants = [ready.settings]
    if words:
        variants.append(changed(ready.settings, words))
    try:
        runs = replay_all(ready, variants, seeds)
    except ValueError as error:
        if variants[-1].seats >= 0:
            raise
        raise UsageError(f"--set seats={variants[-1].seats} leaves nobody on the floor.") from error
    as_it_was, other = runs[0], runs[1] if len(runs) > 1 else None
    shown = as_it_was if other is None else other
    drawn = fmean(one.calls_drawn for one in shown)
    asked = fmean(one.calls_asked for one in shown)
    record = recorded_figures(ready)
    return Comparison(
        campaign=recorded.campaign.name,
        day=recorded.day.isoformat(),
        seeds=seeds,
        settings=", ".join(words),
        rows=compare(record, as_it_was, other),
        over_cap_recorded=record.is_over_cap,
        over_cap_as_it_was=over_cap(as_it_was),
        over_cap_other=None if other is None else over_cap(other),
        calls=asked,
        calls_drawn=drawn,
        calls_guessed=fmean(one.calls_guessed for one in shown),
        abandoned_by_law=recorded.lost_by_law / recorded.of_by_law if recorded.of_by_law else 0.0,
        cautions=list(cautions(ready, names_in(words), drawn=drawn, of=asked)),
    )


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _show(found: Comparison) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    title = f"{found.campaign}, {found.day}: {found.seeds} replays"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for heading in ("recorded", "replayed as it was", "off by"):
        table.add_column(heading, justify="right")
    if found.settings:
        table.add_column(f"with {found.settings}", justify="right")
        table.add_column("difference", justify="right")
    for row in found.rows:
        table.add_row(*_cells(row))
    over = ["Over the cap", "yes" if found.over_cap_recorded else "no"]
    over += [f"{found.over_cap_as_it_was:.0%} of replays", ""]
    if found.over_cap_other is not None:
        over += [f"{found.over_cap_other:.0%} of replays", ""]
    table.add_row(*over)
    console.print(table, markup=False)
    console.print(
        "In brackets: where 95 % of such days lie; beside a difference, the 95 % interval of its "
        "mean, replay by replay. Trust no difference smaller than what the replay is off by. "
        f"By the rule profile's own formula {found.abandoned_by_law:.1%} of the day was abandoned.",
        markup=False,
        highlight=False,
    )
    console.print("What a replay cannot know:", highlight=False)
    for sentence in found.cautions:
        console.print(f"- {sentence}", markup=False, highlight=False)


def _cells(row: Row) -> list[str]:
    cells = [
        row.name,
        _number(row.recorded, row.unit),
        _range(row.as_it_was, row.unit),
        _signed(row.off_by, row.unit),
    ]
    if row.other is not None and row.difference is not None:
        cells += [_range(row.other, row.unit), _difference(row.difference, row.unit)]
    return cells


def _number(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value * 100:.1f} %"
    return f"{value:.1f} s" if unit else f"{value:,.0f}"


def _bare(value: float, unit: str) -> str:
    return _number(value, unit).removesuffix(unit).strip() if unit else _number(value, unit)


def _signed(value: float, unit: str) -> str:
    text = _bare(abs(value), unit)
    if not float(text.replace(",", "")):
        return text
    return f"{'+' if value > 0 else '-'}{text}"


def _range(found: Range, unit: str) -> str:
    low, high = _bare(found.low, unit), _bare(found.high, unit)
    return f"{_number(found.mean, unit)} ({low} to {high})"


def _difference(found: Difference, unit: str) -> str:
    low, high = _signed(found.low, unit), _signed(found.high, unit)
    return f"{_signed(found.mean, unit)} ({low} to {high})"
