"""The figures as Markdown: nobody types a figure into a document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from app.pacing.entrants import ENTRANTS, HINTS
from app.pacing.figures import Range, Row
from app.pacing.targets import BEST_KNOWN
from app.pacing.verdicts import Verdict

Cell = Callable[[Row], str]
NONE = "–"


def per_cent(figure: Range | None, digits: int = 1, *, signed: bool = False) -> str:
    """ "77.1 ± 0.4" of a share; without an interval the figure alone."""
    return number(figure, digits, factor=100.0, signed=signed)


def number(
    figure: Range | None, digits: int = 1, *, factor: float = 1.0, signed: bool = False
) -> str:
    """A figure with half its interval."""
    if figure is None:
        return NONE
    sign = "+" if signed else ""
    text = f"{factor * figure.mean:{sign}.{digits}f}"
    half = figure.half
    if half is None or figure.low is None or figure.high is None:
        return text
    if abs(figure.low + half - figure.mean) > 0.02 * half:  # it leans to one side
        return f"{text} ({factor * figure.low:.{digits}f} to {factor * figure.high:.{digits}f})"
    return f"{text} ± {factor * half:.{digits}f}"


def full_table(rows: Iterable[Row]) -> str:
    """Every figure of every row, one table a scenario."""
    parts = []
    for scenario, some in _by_scenario(rows):
        lines = [
            f"#### {scenario}",
            "",
            "| seats | pacer | days | utilisation % | over progressive | abandoned % |"
            " days over 3 % | wait mean s | wait p95 s | dials per connect | parked per seat-hour |"
            " decide mean / worst µs | s a day |",
            "| ---: | --- | ---: |" + " ---: |" * 10,
        ]
        lines += [_full_line(row) for row in some]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _full_line(row: Row) -> str:
    over = row.days_over_share
    cells = (
        str(row.seats),
        _label(row.entrant),
        str(row.days),
        per_cent(row.utilisation),
        per_cent(row.gain_over_progressive, signed=True),
        per_cent(row.abandoned, 2),
        f"{row.days_over} ({_share(over.low)} to {_share(over.high)} %)",
        number(row.wait_mean_s),
        number(row.wait_p95_s),
        number(row.dials_per_connect, 2),
        number(row.parked_a_seat_hour, 2) if row.parked_a_seat_hour.mean else NONE,
        f"{row.decide_mean_us:.0f} / {row.decide_worst_us:.0f}",
        number(row.seconds_a_day),
    )
    return "| " + " | ".join(cells) + " |"


def summary_tables(rows: Sequence[Row]) -> str:
    """What the document shows: utilisation, abandoned and waits by pacer and number of seats."""
    parts = []
    for scenario, some in _by_scenario(rows):
        parts.append(f"### {scenario}")
        parts.append("Utilisation, %:")
        parts.append(
            _grid(some, lambda row: per_cent(row.utilisation), _best_known(scenario, some))
        )
        parts.append("Abandoned, % of the people who answered (days over 3 % of all days):")
        parts.append(
            _grid(
                some,
                lambda row: f"{100 * row.abandoned.mean:.2f} ({row.days_over} of {row.days})",
            )
        )
        parts.append("Mean wait between conversations, s (95th percentile):")
        parts.append(
            _grid(some, lambda row: f"{row.wait_mean_s.mean:.0f} ({row.wait_p95_s.mean:.0f})")
        )
        parts.append("Dials for one person connected:")
        parts.append(_grid(some, lambda row: f"{row.dials_per_connect.mean:.2f}"))
        parked = [row for row in some if row.parked_a_seat_hour.mean]
        if parked:
            parts.append("Parked wrap-ups in an hour of a seat:")
            parts.append(_grid(parked, lambda row: number(row.parked_a_seat_hour)))
    return "\n\n".join(parts)


def worth_table(rows: Sequence[Row]) -> str:
    """What each lever is worth: the paired difference in utilisation, in points."""
    parts = []
    for scenario, some in _by_scenario(rows):
        levers = [row for row in some if row.gain is not None and row.against != "progressive"]
        if not levers:
            continue
        parts.append(f"### {scenario}")
        parts.append(
            _grid(levers, lambda row: per_cent(row.gain, signed=True), label=_against_label)
        )
    return "\n\n".join(parts)


def cost_table(rows: Sequence[Row]) -> str:
    """What a decision and a day cost, over all scenarios, by pacer and number of seats."""
    floors = sorted({row.seats for row in rows})
    lines = ["| pacer | " + " | ".join(map(str, floors)) + " |"]
    lines.append("| --- |" + " ---: |" * len(floors))
    for name in _names(rows):
        cells = []
        for seats in floors:
            some = [row for row in rows if row.entrant == name and row.seats == seats]
            decides = sum(row.decides for row in some)
            if not decides:
                cells.append(NONE)
                continue
            mean = sum(row.decide_mean_us * row.decides for row in some) / decides
            worst = max(row.decide_worst_us for row in some)
            took = sum(row.seconds_a_day.mean for row in some) / len(some)
            cells.append(f"{mean:.0f} / {worst:.0f} / {took:.1f}")
        lines.append(f"| {_label(name)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def verdict_table(verdicts: Sequence[Verdict], target: int) -> str:
    """One target: what was promised, what was measured, and whether it is met."""
    lines = [
        "| scenario | seats | figure | wanted | measured | |",
        "| --- | ---: | --- | ---: | ---: | --- |",
    ]
    for one in verdicts:
        if one.target != target:
            continue
        sign = "≤" if one.is_most else "≥"
        measured = number(one.measured, _digits(one))
        met = "not measured" if one.is_met is None else "met" if one.is_met else "**not met**"
        seats = str(one.seats) if one.seats else ""
        lines.append(
            f"| {one.scenario} | {seats} | {one.what} | {sign} {one.wanted:g} {one.unit} "
            f"| {measured} | {met} |"
        )
    return "\n".join(lines)


def hints_sentence() -> str:
    """What the floor knows in the rows with hints."""
    return (
        f"Rows with hints: the seats' forecasts are off by {100 * (HINTS.forecast_error or 0):.0f} "
        f"% (coefficient of variation), people differ in their chance to answer by "
        f"{HINTS.chance_spread:g} (standard deviation in logits) and the records' estimates of it "
        f"are off by {HINTS.chance_noise or 0:g}."
    )


def _grid(
    rows: Sequence[Row],
    cell: Cell,
    first: Sequence[str] = (),
    label: Callable[[Row], str] | None = None,
) -> str:
    """Pacers down, numbers of seats across."""
    floors = sorted({row.seats for row in rows})
    table = {(row.entrant, row.seats): row for row in rows}
    lines = ["| pacer | " + " | ".join(map(str, floors)) + " |"]
    lines.append("| --- |" + " ---: |" * len(floors))
    lines += first
    for name in _names(rows):
        cells = [cell(table[name, seats]) if (name, seats) in table else NONE for seats in floors]
        some = next(row for row in rows if row.entrant == name)
        words = label(some) if label else _label(name)
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _best_known(scenario: str, rows: Sequence[Row]) -> list[str]:
    """The published figures, where there are any for these floors."""
    known = BEST_KNOWN.get(scenario, {})
    floors = sorted({row.seats for row in rows})
    if not any(seats in known for seats in floors):
        return []
    cells = [f"{known[seats].best:.1f}" if seats in known else NONE for seats in floors]
    return ["| *best known, published* | " + " | ".join(cells) + " |"]


def _names(rows: Iterable[Row]) -> list[str]:
    present = dict.fromkeys(row.entrant for row in rows)
    order = {name: place for place, name in enumerate(ENTRANTS)}
    return sorted(present, key=lambda name: order.get(name, len(order)))


def _by_scenario(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    some: dict[str, list[Row]] = {}
    for row in rows:
        some.setdefault(row.scenario, []).append(row)
    return list(some.items())


def _label(entrant: str) -> str:
    return ENTRANTS[entrant].label if entrant in ENTRANTS else entrant


def _against_label(row: Row) -> str:
    return f"{_label(row.entrant)}, against {_label(row.against)}"


def _digits(verdict: Verdict) -> int:
    return 2 if "abandoned" in verdict.what or verdict.unit == "MB" else 1


def _share(bound: float | None) -> str:
    return NONE if bound is None else f"{100 * bound:.0f}"
