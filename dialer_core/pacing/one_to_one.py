"""One call per free seat: the pace of preview and progressive, and what all others fall back on."""

from __future__ import annotations

import math

from dialer_core.pacing.view import Decision, FloorView

EPSILON_S = 0.001  # two readings of one clock may differ by this much


class OneToOne:
    """Launches one call for each idle seat that has none in flight yet."""

    def decide(self, view: FloorView) -> Decision:
        """The decision for this moment; never raises, whatever the view holds."""
        problem = problem_of(view)
        return one_to_one(view, problem or "", "contradiction" if problem else "one_to_one")


def one_to_one(
    view: FloorView, why: str = "", rule: str = "one_to_one", leaving: int = 0
) -> Decision:
    """One call per idle seat less those in flight, within the free lines.

    `why` goes before the figures in the reason; `leaving` of the idle seats get no call any more.
    A seat that is in two states counts as not idle; with a view that cannot be read at all nothing
    is launched.
    """
    try:
        return _one_to_one(view, why, rule, leaving)
    except (TypeError, ValueError, AttributeError, OverflowError):
        reason = "Nothing is launched: the view of the floor cannot be read."
        return Decision(0, reason=reason, rule="unreadable")


def _one_to_one(view: FloorView, why: str, rule: str, leaving: int) -> Decision:
    before = f"One call per free seat ({why}): " if why else ""
    if not math.isfinite(view.now):
        reason = "Nothing is launched: the time of the view is not a number."
        return Decision(0, reason=reason, rule="unreadable")
    if view.now >= view.day_end:
        reason = "Nothing is launched: the hours of calling are over."
        return Decision(0, reason=reason, rule="closed")
    idle = _idle(view)
    in_flight = unreserved(view) + len(view.waiting)
    lines = free_lines(view)
    launch = max(0, min(idle - leaving - in_flight, lines))
    pausing = f"{leaving} of them about to pause, " if leaving else ""
    reason = (
        f"{before}{launch} more: {count(idle, 'seat')} free, {pausing}"
        f"{count(in_flight, 'call')} in flight for them, {count(lines, 'line')} free."
    )
    figures = {"idle": float(idle), "in_flight": float(in_flight), "lines": float(lines)}
    return Decision(launch, reason=reason, rule=rule, figures=figures)


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
        or (reserved and not all(map(reserved.keys().isdisjoint, (idle, talking, wrapping))))
        or (
            paused
            and not (
                idle.keys().isdisjoint(paused)
                and talking.keys().isdisjoint(paused)
                and wrapping.keys().isdisjoint(paused)
            )
        )
        or (view.relief and not idle.keys().isdisjoint(view.relief))
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
    ringing, waiting = view.ringing, view.waiting
    if (
        (ringing and max(ringing.values()) > soon)
        or (talking and max(talking.values()) > soon)
        or (wrapping and max(wrapping.values()) > soon)
    ):
        return "a call is from the future"
    if (idle and max(idle.values()) > soon) or (waiting and max(waiting) > soon):
        return "a seat or an answer is from the future"
    return None


def _idle(view: FloorView) -> int:
    """Idle seats that are nowhere else."""
    idle, elsewhere = view.idle, (view.talking, view.wrapping, view.paused, view.reserved)
    if isinstance(idle, dict) and all(map(idle.keys().isdisjoint, elsewhere)):
        return len(idle)
    return len(set(idle).difference(*elsewhere))
