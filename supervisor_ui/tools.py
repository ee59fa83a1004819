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
        (
            Tool("import", "Take a list in …"),
            Tool("segments", "Segments …"),
            Tool("mix", "Mix and order …"),
            Tool("recycling", "Recycling …"),
            Tool("callbacks", "Call-backs …"),
            Tool("penetration", "Penetration …"),
            Tool("experiments", "Experiments …"),
        ),
    ),
    (
        "Law",
        (
            Tool("why", "Why is this person not being called? …"),
            Tool("registers", "Do-not-call registers …"),
            Tool("person", "A person's data …"),
            Tool("retention", "What is kept, and how long …"),
            Tool("rules", "Rules …"),
            Tool("reviews", "Listen to detected machines …"),
        ),
    ),
    (
        "Floor",
        (
            Tool("sharing", "Share this floor …"),
            Tool("api", "Other programs …"),
            Tool("backups", "Backups …"),
            Tool("checkup", "What is wrong? …"),
        ),
    ),
)
