"""Draws the states from their tables, so that the page in the docs cannot say anything else."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import takewhile
from typing import TypeVar

from dialer_core.model import states
from dialer_core.model.states import CALL_MOVES, SEAT_MOVES, CallStage, SeatState

S = TypeVar("S", bound=StrEnum)

_PAGE = """# States

Drawn from the tables in `dialer_core/model/states.py` by `dialer_core/model/diagram.py`; a test
keeps this page current. A move that is not drawn is refused and changes nothing.

## A seat

{seat_truths}

{seat}

## An attempt

{call_truths}

{call}
"""


def mermaid(moves: Mapping[S, frozenset[S]], first: S) -> str:
    """A Mermaid state diagram of a table: `first` has the entry, states without moves the exit."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first.value}"]
    for state in moves:
        targets = [other for other in moves if other in moves[state]]
        lines += [f"    {state.value} --> {other.value}" for other in targets]
        if not targets:
            lines.append(f"    {state.value} --> [*]")
    return "\n".join([*lines, "```"])


def page() -> str:
    """The whole page, as it stands in `docs/states.md`."""
    return _PAGE.format(
        seat=mermaid(SEAT_MOVES, SeatState.PAUSED),
        seat_truths=_truths(SeatState),
        call=mermaid(CALL_MOVES, CallStage.COMMITTED),
        call_truths=_truths(CallStage),
    )


def _truths(kind: type[StrEnum]) -> str:
    """What is true in each state: the comments that stand beside the members."""
    rows = [f"| `{value}` | {comment} |" for value, comment in _comments(kind)]
    return "\n".join(["| state | what is true in it |", "| --- | --- |", *rows])


def _comments(kind: type[StrEnum]) -> Iterator[tuple[str, str]]:
    lines = inspect.getsource(states).splitlines()
    start = lines.index(f"class {kind.__name__}(StrEnum):") + 1
    for line in takewhile(lambda text: not text or text.startswith("    "), lines[start:]):
        _, separator, rest = line.partition(" = ")
        if separator:
            value, _, comment = rest.partition("#")
            yield ast.literal_eval(value.strip()), comment.strip()
