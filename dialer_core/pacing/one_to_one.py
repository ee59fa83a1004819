"""One call per free seat: the pace of preview and progressive, and what all others fall back on."""

from __future__ import annotations

import math

from dialer_core.pacing.view import Decision, FloorView

EPSILON_S = 0.001  # two readings of one clock may differ by this much


class OneToOne:
    """Launches one call for each idle seat that has none in flight yet."""

    def decide(self, view: FloorView) -> Decision:
        """The decision for this moment; never raises, whatever the view holds."""
        return one_to_one(view, problem_of(view) or "")


def one_to_one(view: FloorView, why: str = "") -> Decision:
    """One call per idle seat less those in flight, within the free lines.

    `why` goes before the figures in the reason. A seat that is in two states counts as not idle;
    with a view that cannot be read at all nothing is launched.
    """
    try:
        return _one_to_one(view, why)
    except (TypeError, ValueError, AttributeError, OverflowError):
        return Decision(0, reason="Nothing is launched: the view of the floor cannot be read.")


def _one_to_one(view: FloorView, why: str) -> Decision:
    before = f"One call per free seat ({why}): " if why else ""
    if not math.isfinite(view.now):
        return Decision(0, reason="Nothing is launched: the time of the view is not a number.")
    if view.now >= view.day_end:
        return Decision(0, reason="Nothing is launched: the hours of calling are over.")
    idle = len(set(view.idle) - set(_elsewhere(view)))
    in_flight = unreserved(view) + len(view.waiting)
    lines = free_lines(view)
    launch = max(0, min(idle - in_flight, lines))
    reason = (
        f"{before}{launch} more: {count(idle, 'seat')} free, "
        f"{count(in_flight, 'call')} in flight for them, {count(lines, 'line')} free."
    )
    figures = {"idle": float(idle), "in_flight": float(in_flight), "lines": float(lines)}
    return Decision(launch, reason=reason, figures=figures)


def count(number: int, noun: str) -> str:
    """ "1 seat", "2 seats"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def unreserved(view: FloorView) -> int:
    """Ringing calls that no reserved seat waits for."""
    held = len(view.reserved) if view.held is None else len(view.held)
    return max(0, len(view.ringing) - held)


def free_lines(view: FloorView) -> int:
    """Lines on which nothing is in progress; each call holds one until it ends."""
    busy = len(view.ringing) + len(view.waiting) + len(view.talking)
    return max(0, int(view.max_lines) - busy)


def problem_of(view: FloorView) -> str | None:
    """What in the view cannot be true, in words for the supervisor; None where nothing is wrong."""
    try:
        return _problem_of(view)
    except (TypeError, ValueError, AttributeError, OverflowError):
        return "the view of the floor cannot be read"


def _problem_of(view: FloorView) -> str | None:
    now, idle, talking = view.now, view.idle, view.talking
    wrapping, reserved, paused = view.wrapping, view.reserved, view.paused
    if (
        not talking.keys().isdisjoint(idle)
        or not wrapping.keys().isdisjoint(idle)
        or not wrapping.keys().isdisjoint(talking)
        or (reserved and not reserved.keys().isdisjoint({*idle, *talking, *wrapping}))
        or (paused and not {*idle, *talking, *wrapping}.isdisjoint(paused))
    ):
        return "a seat is in two states at once"
    total = (
        sum(idle.values())
        + sum(talking.values())
        + sum(wrapping.values())
        + sum(view.ringing.values())
        + sum(view.waiting)
        + sum(reserved.values())
    )
    if not (math.isfinite(total + now + view.connect_limit) and view.connect_limit >= 0):
        return "a time is not a number"
    if math.isnan(view.day_end):
        return "the end of the day is not a number"
    soon = now + EPSILON_S
    if any(max(times.values(), default=now) > soon for times in (view.ringing, talking, wrapping)):
        return "a call is from the future"
    if max(idle.values(), default=now) > soon or max(view.waiting, default=now) > soon:
        return "a seat or an answer is from the future"
    return None


def _elsewhere(view: FloorView) -> list[int]:
    return [*view.talking, *view.wrapping, *view.paused, *view.reserved]
