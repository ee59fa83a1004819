"""The page of the answer chance for the documents: words, tables, and the reliability diagram."""

from __future__ import annotations

from collections.abc import Sequence

from app.pacing.chances_report import ChanceReport, Judged, Weak
from dialer_core.pacing.chances import Bin, Calibration

SIDE, LEFT, TOP, BOTTOM, RIGHT = 340, 52, 46, 46, 20
GAP = 24
INK, FAINT, GRID = "#1f2328", "#57606a", "#d8dee4"
ANSWERED, PEOPLE = "#0072b2", "#d55e00"

_WORDS = """\
# The record's answer chance

Each record that the dialler leases brings the chance that somebody or something answers when it is
called now. The pacer may add those chances up instead of counting calls, and may choose which
record goes next. It is one of the campaign's levers and can be switched off.

**The model** is a pair of logistic regressions (`dialer_core/pacing/chances`): that a person
answers, and that a machine does where no person does. They know the number of calls to the contact
so far, what the last one came to (never called, no answer, busy, machine, spoke with a person,
promised, lost, declined, unreachable, no such number, a fault), the time since then and whether it
was at this hour of the day, the contact's own share of answered calls, whether this number of
theirs is new, the hour and the weekend where the person is, and the list. Every effect leans
towards none (a normal prior), so a weak history gives the campaign's average, and the average
itself leans on what the floor's other campaigns saw with the weight of 20 calls. A trend over the
weeks is taken out and stands at today. Without any call no record brings a chance.

**The fitting** takes the newest 20,000 calls, recent ones weighing more (half after 14 days). It
happens when the campaign's first record is leased and again every quarter of an hour or 500
records, in a thread of its own with a connection of its own, so that a lease never waits for it;
until it is done the records keep the chances of the old model, or bring none.

**What it cannot know**: who picks up today. People differ by far more than their records show,
above all those who were never called, who all get nearly the same chance. So the chances are
calibrated (of those given 30 %, 30 % answer) rather than sharp.
"""


def page(report: ChanceReport, picture_path: str) -> str:
    """The whole document, as the command writes it."""
    main = report.main
    parts = [
        _WORDS.rstrip(),
        "## Calibration shown",
        f"Made by `callfloor bench chances --docs` on {report.made}: {report.source}. Fitted on "
        f"{main.calls_before:,} calls and more, judged on {main.answered.calls:,} calls of "
        f"{main.held_out}. The people are made up and their true chances known; the model sees "
        f"their calls only. The model was made while looking at {report.chosen_on}. "
        "`callfloor bench chances --profile DIR --campaign NAME` judges a campaign's own calls.",
        f"![Predicted chance and observed share in ten groups]({picture_path})",
        _bins(main),
        "Intervals are Wilson's of 95 %. Brier score: the mean square of chance less outcome; "
        '"average" gives everybody the share of the days before, "truth" gives the true chances '
        'that no model can see, "known" is the share of the way from the one to the other. '
        "Calibration error: the mean distance of the groups from the diagonal, by their calls; "
        '"by chance": what perfect chances would show with so few calls.',
        _scores(report),
        "## A weak history",
        "The first calls of the same history, judged on the 2,000 calls that follow them. "
        "Those are later in the day, and more and more of them second calls, of which the first "
        "ones tell nothing yet; so a beginning is judged hard here.",
        _weak(report.weak),
    ]
    return "\n\n".join(parts) + "\n"


def _bins(judged: Judged) -> str:
    lines = [
        "| calls | predicted, answered | observed | 95 % interval | predicted, person | observed | "
        "95 % interval |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one, person in zip(judged.answered.bins, judged.people.bins, strict=True):
        lines.append(f"| {one.calls} | {_bin(one)} | {_bin(person)} |")
    return "\n".join(lines)


def _bin(one: Bin) -> str:
    interval = f"{100 * one.low:.1f} to {100 * one.high:.1f}"
    return f"{100 * one.predicted:.1f} % | {100 * one.observed:.1f} % | {interval}"


def _scores(report: ChanceReport) -> str:
    lines = [
        "| people | of | answered | predicted | Brier | average | truth | known | calibration "
        "error | by chance | slope | intervals that hold the prediction |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for judged in (report.main, *report.others):
        lines.append(f"| {judged.name} | answer | {_score(judged.answered)} |")
    lines.append(f"| {report.main.name} | person | {_score(report.main.people)} |")
    return "\n".join(lines)


def _score(one: Calibration) -> str:
    truth = known = ""
    if one.brier_of_truth is not None:
        truth = f"{one.brier_of_truth:.4f}"
        there_is = one.brier_of_base - one.brier_of_truth
        known = f"{100 * (one.brier_of_base - one.brier) / there_is:.0f} %" if there_is > 0 else ""
    return (
        f"{100 * one.answered:.1f} % | {100 * one.predicted:.1f} % | {one.brier:.4f} | "
        f"{one.brier_of_base:.4f} | {truth} | {known} | {100 * one.error:.1f} % | "
        f"{100 * one.error_by_chance:.1f} % | {one.slope:.2f} | {one.inside} of {len(one.bins)}"
    )


def _weak(weak: Sequence[Weak]) -> str:
    lines = [
        "| calls so far | Brier | of the average | calibration error | chances given |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {one.calls:,} | {one.brier:.4f} | {one.brier_of_average:.4f} | "
        f"{100 * one.error:.1f} % | {100 * one.least:.0f} to {100 * one.most:.0f} % |"
        for one in weak
    ]
    return "\n".join(lines)


def picture(report: ChanceReport) -> str:
    """The reliability diagram as one SVG document: answered by anything, and by a person."""
    width = 2 * (LEFT + SIDE + RIGHT) + GAP
    height = TOP + SIDE + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="Inter, Helvetica, Arial, sans-serif">',
        "<title>Predicted chance and observed share</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _panel(0, "Answered by anybody or anything", report.main.answered, ANSWERED),
        _panel(LEFT + SIDE + RIGHT + GAP, "Answered by a person", report.main.people, PEOPLE),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _panel(x: int, title: str, found: Calibration, colour: str) -> str:
    top = _scale_end(found)
    parts = [f'<g transform="translate({x} 0)">']
    parts.append(_text(LEFT, 24, title, INK, 'font-size="14" font-weight="600"'))
    steps = 5
    for step in range(steps + 1):
        share = top * step / steps
        label = f"{100 * share:.0f}"
        x_at, y_at = _x(share, top), _y(share, top)
        parts.append(_stroke((LEFT, y_at), (LEFT + SIDE, y_at), GRID))
        parts.append(_text(LEFT - 6, y_at + 4, label, FAINT, 'font-size="11" text-anchor="end"'))
        place = 'font-size="11" text-anchor="middle"'
        parts.append(_text(x_at, TOP + SIDE + 16, label, FAINT, place))
    middle = 'font-size="12" text-anchor="middle"'
    parts.append(_text(LEFT + SIDE / 2, TOP + SIDE + 36, "predicted, %", FAINT, middle))
    turned = f'{middle} transform="translate(14 {TOP + SIDE / 2:.0f}) rotate(-90)"'
    parts.append(_text(0, 0, "observed, %", FAINT, turned))
    parts.append(_stroke((_x(0, top), _y(0, top)), (_x(top, top), _y(top, top)), FAINT, "5 4"))
    for one in found.bins:
        at = _x(one.predicted, top)
        parts.append(_stroke((at, _y(one.low, top)), (at, _y(min(top, one.high), top)), colour))
        parts.append(
            f'<circle cx="{at:.1f}" cy="{_y(one.observed, top):.1f}" r="4" fill="{colour}"/>'
        )
    parts.append("</g>")
    return "\n".join(parts)


def _scale_end(found: Calibration) -> float:
    """The next fifth, or tenth, above all that is drawn."""
    highest = max(max(one.predicted, one.high) for one in found.bins)
    return next((end for end in (0.1, 0.25, 0.5, 0.75) if highest <= end), 1.0)


def _x(share: float, top: float) -> float:
    return LEFT + share / top * SIDE


def _y(share: float, top: float) -> float:
    return TOP + SIDE - share / top * SIDE


def _stroke(
    start: tuple[float, float], end: tuple[float, float], colour: str, dash: str = ""
) -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" '
        f'stroke="{colour}" stroke-width="1.5"{dashes}/>'
    )


def _text(x: float, y: float, words: str, colour: str, more: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" {more}>{words}</text>'
