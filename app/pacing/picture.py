"""Utilisation by number of seats as a picture (SVG): one small plot a scenario, one legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from app.pacing.entrants import ENTRANTS
from app.pacing.figures import Row
from app.pacing.targets import ABANDONED_CAP, BEST_KNOWN

COLUMNS = 3
PANEL_W, PANEL_H = 330, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 32, 40
INK, FAINT, GRID = "#1f2328", "#57606a", "#d8dee4"
PUBLISHED = "published"


class Style(NamedTuple):
    """How a line looks; colours that also those tell apart who see few of them (Okabe, Ito)."""

    colour: str
    width: float
    dash: str = ""


STYLES: dict[str, Style] = {
    "progressive": Style("#8c959f", 2.0),
    "adapt": Style("#cc79a7", 1.5, "2 3"),
    "expected_free": Style("#e69f00", 1.5, "6 3"),
    PUBLISHED: Style("#1f2328", 1.5, "1 4"),
    "predictive": Style("#0072b2", 2.5),
    "hints": Style("#009e73", 2.5),
    "relief": Style("#d55e00", 2.5),
}
_WORDS = {PUBLISHED: "best known, published"}


def picture(rows: Sequence[Row]) -> str:
    """The plots of all scenarios that the rows know, as one SVG document."""
    scenarios = list(dict.fromkeys(row.scenario for row in rows))
    present = [name for name in STYLES if name == PUBLISHED or _has(rows, name)]
    cells = len(scenarios) + 1
    columns = min(COLUMNS, cells)
    height = -(-cells // columns) * PANEL_H
    width = columns * PANEL_W
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="Inter, Helvetica, Arial, sans-serif">',
        "<title>Utilisation by number of seats</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for place, scenario in enumerate(scenarios):
        some = [row for row in rows if row.scenario == scenario]
        parts.append(_moved(place, columns, _panel(scenario, some)))
    parts.append(_moved(len(scenarios), columns, _legend(present)))
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _has(rows: Sequence[Row], name: str) -> bool:
    return any(row.entrant == name for row in rows)


def _moved(place: int, columns: int, inner: str) -> str:
    x, y = place % columns * PANEL_W, place // columns * PANEL_H
    return f'<g transform="translate({x} {y})">\n{inner}\n</g>'


class _Point(NamedTuple):
    """A point of a line; hollow where more was lost than the law allows."""

    x: float
    y: float
    is_over: bool


class _Scale:
    """Seats and per cent to points of one plot."""

    def __init__(self, seats: Sequence[int], lowest: float) -> None:
        self.first, self.last = min(seats), max(seats)
        self.low = max(0.0, 10.0 * int(lowest / 10.0))

    def x(self, seats: float) -> float:
        span = max(1, self.last - self.first)
        return LEFT + (seats - self.first) / span * (PANEL_W - LEFT - RIGHT)

    def y(self, per_cent: float) -> float:
        share = (per_cent - self.low) / (100.0 - self.low)
        return PANEL_H - BOTTOM - share * (PANEL_H - TOP - BOTTOM)


def _panel(scenario: str, rows: Sequence[Row]) -> str:
    lines: dict[str, list[_Point]] = {name: _points(rows, name) for name in STYLES}
    seats = sorted({row.seats for row in rows})
    known = BEST_KNOWN.get(scenario, {})
    lines[PUBLISHED] = [_Point(n, known[n].best, False) for n in seats if n in known]
    values = [point.y for points in lines.values() for point in points]
    scale = _Scale(seats, min(values, default=0.0))
    parts = [
        f'<text x="{LEFT}" y="20" font-size="14" font-weight="600" fill="{INK}">'
        f"{escape(scenario)}</text>"
    ]
    step = 10
    for value in range(int(scale.low), 101, step):
        y = scale.y(value)
        parts.append(
            f'<line x1="{LEFT}" x2="{PANEL_W - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="{GRID}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" font-size="11" text-anchor="end" '
            f'fill="{FAINT}">{value}</text>'
        )
    for n in seats:
        parts.append(
            f'<text x="{scale.x(n):.1f}" y="{PANEL_H - BOTTOM + 16}" font-size="11" '
            f'text-anchor="middle" fill="{FAINT}">{n}</text>'
        )
    for name, style in STYLES.items():
        if lines[name]:
            placed = [_Point(scale.x(n), scale.y(v), over) for n, v, over in lines[name]]
            parts.append(_line(placed, style))
    return "\n".join(parts)


def _points(rows: Sequence[Row], name: str) -> list[_Point]:
    return sorted(
        _Point(row.seats, 100.0 * row.utilisation.mean, row.abandoned.mean > ABANDONED_CAP)
        for row in rows
        if row.entrant == name
    )


def _line(points: Sequence[_Point], style: Style) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3.5 if is_over else style.width:.1f}" '
        f'fill="{"#ffffff" if is_over else style.colour}" stroke="{style.colour}"/>'
        for x, y, is_over in points
    )
    return (
        f'<polyline points="{path}" fill="none" stroke="{style.colour}" '
        f'stroke-width="{style.width}" stroke-linejoin="round" stroke-linecap="round"{dash}/>{dots}'
    )


def _legend(names: Sequence[str]) -> str:
    parts = [
        f'<text x="{LEFT}" y="20" font-size="12" fill="{FAINT}">'
        "Utilisation in % by number of seats</text>",
        f'<text x="{LEFT}" y="36" font-size="12" fill="{FAINT}">'
        "Hollow: more than 3 % abandoned</text>",
    ]
    for place, name in enumerate(reversed(names)):
        y = 60 + 23 * place
        words = _WORDS.get(name) or ENTRANTS[name].label
        parts.append(_line([_Point(x, y, False) for x in (LEFT, LEFT + 30)], STYLES[name]))
        parts.append(
            f'<text x="{LEFT + 40}" y="{y + 4}" font-size="12" fill="{INK}">{escape(words)}</text>'
        )
    return "\n".join(parts)
