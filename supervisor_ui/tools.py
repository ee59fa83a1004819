"""What a supervisor can open beside the live floor, in the order of the menu."""

from __future__ import annotations

from typing import NamedTuple


class Tool(NamedTuple):
    """One entry: the word that asks for it, and its words in the menu."""

    key: str
    title: str


# Sections of the menu, each with its entries.
TOOLS: tuple[tuple[str, tuple[Tool, ...]], ...] = (
    (
        "Lists",
        (Tool("import", "Take a list in …"),),
    ),
)
