"""States of the supervisor's window for pictures and tests: fictitious, the same at every run."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.desk.views import (
    CallStage,
    DecisionView,
    FloorPoint,
    Levers,
    Mode,
    SeatRowView,
    SeatState,
    SupervisorView,
    TileView,
)

NOW_UTC_S = 1_772_546_712.0
"""The moment at which every state is drawn (a Tuesday, 14:05:12 UTC); set the clock to it."""

WAITING_SENTENCE = "Opening the floor's database …"

_S = SeatState
_PEOPLE: tuple[tuple[str, SeatState, str, float, str, int], ...] = (
    ("Anna Kowalska", _S.TALKING, "", 192, "Siân Hughes", 41),
    ("Ben Okafor", _S.AVAILABLE, "", 21, "", 38),
    ("Chloë Reid", _S.WRAP_UP, "", 44, "Renewed", 44),
    ("Dai Evans", _S.TALKING, "", 65, "R. Patel", 35),
    ("Ewa Nowak", _S.TALKING, "", 408, "M. Brontë", 29),
    ("Farid Saleh", _S.RINGING, "", 9, "call-back, G. Adeyemi", 33),
    ("Grace Lindqvist", _S.TALKING, "", 31, "T. Jones", 40),
    ("Jan de Wit", _S.PAUSED, "no headset", 58, "", 31),
    ("Hanna Petrovic", _S.WRAP_UP, "", 12, "Not at home", 37),
    ("Luca Ferri", _S.PAUSED, "lunch", 730, "", 22),
    ("Ivo Marek", _S.TALKING, "", 140, "P. Khan", 36),
    ("Kasia Zielińska", _S.TALKING, "", 242, "L. Evans", 34),
    ("Maeve O’Connell", _S.TALKING, "", 78, "Priyanka Chandrasekhar", 30),
    ("Nia Prosser", _S.AVAILABLE, "", 73, "", 28),
    ("Oskar Lund", _S.WRAP_UP, "", 96, "Call back", 25),
    ("Pilar Romero", _S.TALKING, "", 17, "D. Whitfield", 39),
    ("Quentin Bartholomew-Ashcroft", _S.TALKING, "", 303, "A. Featherstonehaugh-Smythe", 27),
    ("Rhys Morgan", _S.AVAILABLE, "", 4, "", 32),
    ("Sofia Lindgren", _S.PAUSED, "training", 1504, "", 11),
    ("Tom Hale", _S.TALKING, "", 58, "J. Osei", 30),
)


@dataclass(frozen=True, slots=True)
class GalleryState:
    """One state: its name, the view (None while waiting) and the samples before it."""

    name: str
    view: SupervisorView | None
    points: tuple[FloorPoint, ...] = ()


def seats(count: int) -> tuple[SeatRowView, ...]:
    """The first `count` people of the fictitious floor."""
    return tuple(
        SeatRowView(
            session_id=100 + i,
            agent=agent,
            state=state,
            reason=reason,
            since_utc_s=NOW_UTC_S - for_s,
            with_whom=with_whom,
            contacts_today=contacts,
            is_trouble=reason == "no headset",
        )
        for i, (agent, state, reason, for_s, with_whom, contacts) in enumerate(_PEOPLE[:count])
    )


def walk(
    count: int,
    minutes: float,
    *,
    seed: int = 7,
    share: float = 0.019,
    mode: Mode = Mode.PREDICTIVE,
    gap: tuple[float, float] | None = None,
) -> tuple[FloorPoint, ...]:
    """A plausible history of `count` seats at one sample a second.

    `share` is where the abandoned share ends; `gap` leaves out samples between two ages in seconds.
    """
    chance = random.Random(seed)
    total = int(minutes * 60)
    held = [_start_state(chance, mode) for _ in range(count)]
    left = [chance.uniform(1, 60) for _ in range(count)]
    points = []
    for second in range(total):
        for i in range(count):
            left[i] -= 1
            if left[i] <= 0:
                held[i], left[i] = _next_state(chance, held[i], mode)
        age_s = total - 1 - second
        if gap is not None and gap[0] <= age_s <= gap[1]:
            continue
        points.append(_point(chance, NOW_UTC_S - age_s, held, second, total, share, mode))
    return tuple(points)


def _start_state(chance: random.Random, mode: Mode) -> SeatState:
    first = _S.PREVIEW if mode is Mode.PREVIEW else _S.AVAILABLE
    return chance.choices([_S.TALKING, _S.WRAP_UP, first, _S.PAUSED], [6, 2, 3, 1])[0]


def _next_state(chance: random.Random, state: SeatState, mode: Mode) -> tuple[SeatState, float]:
    if state is _S.TALKING:
        return _S.WRAP_UP, chance.lognormvariate(3.0, 0.6)
    if state is _S.WRAP_UP:
        if chance.random() < 0.04:
            return _S.PAUSED, chance.uniform(200, 900)
        if mode is Mode.PREVIEW:
            return _S.PREVIEW, chance.uniform(4, 12)
        return _S.AVAILABLE, chance.expovariate(1 / 18)
    if state is _S.PREVIEW:
        return _S.RINGING, chance.uniform(6, 24)
    if state is _S.AVAILABLE and mode is Mode.PROGRESSIVE:
        return _S.RINGING, chance.uniform(6, 24)
    if state is _S.PAUSED:
        return _S.AVAILABLE, chance.expovariate(1 / 18)
    return _S.TALKING, chance.lognormvariate(4.6, 0.8)


def _point(
    chance: random.Random,
    at_utc_s: float,
    held: Sequence[SeatState],
    second: int,
    total: int,
    share: float,
    mode: Mode,
) -> FloorPoint:
    done = (second + 1) / max(total, 1)
    answered = 4 + 520 * done * max(total, 1) / 7500 * max(len(held), 1) / 12
    now = max(0.0, share * (0.55 + 0.55 * done) + 0.002 * math.sin(second / 410) - 0.1 * share)
    half = 1.96 * math.sqrt((now + 0.001) * (1 - now) / answered)
    talking = sum(state is _S.TALKING for state in held)
    free = sum(state in (_S.AVAILABLE, _S.RINGING) for state in held)
    dialling = (
        free * (1.6 if mode is Mode.PREDICTIVE else 1.0)
        + (-1, 0, 0, 1)[(second // 7 * 2654435761 >> 7) % 4]
    )
    has_answers = mode is Mode.PREDICTIVE and second > 20
    return FloorPoint(
        at_utc_s=at_utc_s,
        seats={state: list(held).count(state) for state in set(held)},
        calls={
            CallStage.TALKING: talking,
            CallStage.RINGING: max(0, round(dialling)) if held else 0,
            CallStage.WAITING: int(chance.random() < 0.08) if held else 0,
            CallStage.MESSAGE: int(chance.random() < 0.004) if held else 0,
        },
        abandoned_share=now if has_answers and held else None,
        abandoned_low=max(0.0, now - half) if has_answers and held else None,
        abandoned_high=min(1.0, now + half) if has_answers and held else None,
    )


def _history(seed: int, level: float, swing: float) -> tuple[float, ...]:
    chance = random.Random(seed)
    values, value = [], level
    for _ in range(40):
        value += (level - value) * 0.2 + chance.uniform(-swing, swing)
        values.append(value)
    return tuple(values)


def tiles(share: float = 1.9, state: str = "good") -> tuple[TileView, ...]:
    """The four tiles of a working floor, with `share` per cent abandoned."""
    dropped = round(share * 5.8)
    return (
        TileView(
            "Abandoned",
            f"{share:.1f} %",
            f"of 3.0 · 95 % {share * 0.55:.1f} to {share * 1.75:.1f}",
            "Abandoned share = abandoned ÷ (connected + abandoned), today\n"
            f"{dropped} ÷ ({580 - dropped} + {dropped}) = {share:.1f} %",
            state,
            _history(3, share, 0.2),
        ),
        TileView(
            "Contacts an hour",
            "14.2",
            "target 13",
            "Contacts an hour = contacts ÷ hours at work of all agents\n412 ÷ 29.0 h = 14.2",
            "neutral",
            _history(4, 14.2, 1.0),
        ),
        TileView(
            "Occupancy",
            "81 %",
            "target 85",
            "Occupancy = (talk + wrap-up) ÷ (talk + wrap-up + wait)\n23.5 h ÷ 29.0 h = 81 %",
            "neutral",
            _history(5, 81, 3),
        ),
        TileView(
            "Wait between calls",
            "22 s",
            "p95 48 s",
            "Mean wait from the end of wrap-up to the next call\n9 064 s ÷ 412 waits = 22 s",
            "neutral",
            _history(6, 22, 3),
        ),
    )


RELIEF = SeatRowView(
    session_id=99,
    agent="Maria Bell",
    state=SeatState.AVAILABLE,
    reason="",
    since_utc_s=NOW_UTC_S - 1912,
    with_whom="",
    contacts_today=3,
    is_relief=True,
)

_DECISIONS = (
    *(
        DecisionView(
            NOW_UTC_S - ago_s,
            launch,
            f"{launch} more: {free} free, the next within 11 s ({soon} %), {ringing} ringing are "
            f"worth {worth} people; 8 of 11 allowed drops used.",
        )
        for ago_s, launch, free, soon, ringing, worth in (
            (0, 2, "1 seat", 64, "3 lines", 0.9),
            (9, 1, "1 seat", 41, "2 lines", 0.6),
            (15, 2, "2 seats", 35, "3 lines", 0.8),
            (21, 3, "3 seats", 38, "4 lines", 1.1),
            (30, 1, "0 seats", 77, "2 lines", 0.5),
        )
    ),
    DecisionView(
        NOW_UTC_S - 600,
        1,
        "One call per free seat (7 of 231 answers lost, no more may be now): 1 more: 1 seat free, "
        "0 calls in flight for them, 9 lines free.",
    ),
)

_REFUSALS = (
    ("outside the calling hours of the person's own place", 61),
    ("on the do-not-call list", 38),
    ("called too often this week", 17),
    ("still locked out after an abandoned call", 4),
)


def floor(count: int) -> SupervisorView:
    """A predictive campaign at work with `count` seats."""
    return SupervisorView(
        campaign_name="Spring renewals",
        mode=Mode.PREDICTIVE,
        is_running=True,
        is_dialler_alive=True,
        target=0.02,
        cap=0.03,
        drops_left=3,
        drops_allowed=11,
        callable_until="20:00",
        lines_in_use=min(30, count + count // 2),
        lines=30,
        tiles=tiles(),
        decisions=_DECISIONS,
        seats=seats(count),
        refusals=_REFUSALS,
    )


def _blank_tiles() -> tuple[TileView, ...]:
    return tuple(replace(t, value="–", detail="", state="neutral", history=()) for t in tiles())


def _waiting() -> GalleryState:
    return GalleryState("waiting", None)


def _empty() -> GalleryState:
    view = replace(floor(0), tiles=_blank_tiles(), decisions=(), refusals=(), drops_left=11)
    return GalleryState("empty floor", replace(view, lines_in_use=0), walk(0, 3))


def _three() -> GalleryState:
    return GalleryState("three seats", floor(3), walk(3, 14))


def _ten() -> GalleryState:
    return GalleryState("ten seats", floor(10), walk(10, 65, gap=(1500, 1680)))


def _levers() -> GalleryState:
    """A relief seat, a break that is held, a wrap-up that is parked."""
    waits = {"Ben Okafor": "lunch follows", "Anna Kowalska": "Siân Hughes · 1 parked"}
    rows = tuple(replace(row, with_whom=waits.get(row.agent, row.with_whom)) for row in seats(8))
    view = replace(floor(9), seats=(*rows, RELIEF), levers=Levers())
    return GalleryState("relief and levers", view, walk(9, 65))


def _twenty() -> GalleryState:
    view = replace(floor(20), lines_in_use=29)
    return GalleryState("twenty seats", view, walk(20, 125))


def _over_budget() -> GalleryState:
    held = DecisionView(
        NOW_UTC_S,
        0,
        "One call for each free seat until tomorrow: all 11 drops of today are spent.",
    )
    view = replace(
        floor(10),
        tiles=tiles(3.4, "trouble"),
        drops_left=0,
        decisions=(held, *_DECISIONS[1:]),
        notices=("3.4 % of today's answered calls were abandoned; the law allows 3 %.",),
    )
    return GalleryState("over budget", view, walk(10, 65, share=0.034))


def _paused() -> GalleryState:
    why = DecisionView(NOW_UTC_S - 95, 0, "No call: dialling was paused by the supervisor.")
    view = replace(floor(10), is_running=False, decisions=(why, *_DECISIONS[1:]), lines_in_use=6)
    return GalleryState("paused", view, walk(10, 65))


def _dialler_gone() -> GalleryState:
    view = replace(floor(10), is_dialler_alive=False, lines_in_use=6)
    return GalleryState("dialler gone", view, walk(10, 65, gap=(-1, 75)))


def _preview() -> GalleryState:
    why = DecisionView(NOW_UTC_S - 7, 1, "1 record to Ben: each agent dials their own.")
    rows = tuple(
        replace(row, state=_S.PREVIEW, with_whom="Eleri Vaughan", since_utc_s=NOW_UTC_S - 7)
        if row.state in (_S.AVAILABLE, _S.RINGING)
        else row
        for row in seats(6)
    )
    blank = replace(tiles()[0], value="0.0 %", detail="cannot happen in preview", history=())
    view = replace(
        floor(6),
        mode=Mode.PREVIEW,
        tiles=(blank, *tiles()[1:]),
        decisions=(why,),
        seats=rows,
        drops_left=11,
        lines_in_use=4,
        callable_until="20:00",
    )
    return GalleryState("preview mode", view, walk(6, 40, mode=Mode.PREVIEW))


STATES: tuple[tuple[str, Callable[[], GalleryState]], ...] = (
    ("waiting", _waiting),
    ("empty floor", _empty),
    ("three seats", _three),
    ("ten seats", _ten),
    ("relief and levers", _levers),
    ("twenty seats", _twenty),
    ("over budget", _over_budget),
    ("paused", _paused),
    ("dialler gone", _dialler_gone),
    ("preview mode", _preview),
)
"""Names and makers; a state is made when it is drawn, because a history of hours takes a moment."""


def gallery_states() -> list[tuple[str, SupervisorView | None, tuple[FloorPoint, ...]]]:
    """Every state as (name, view or None while waiting, samples), ready to be shown."""
    made = [make() for _, make in STATES]
    return [(state.name, state.view, state.points) for state in made]
