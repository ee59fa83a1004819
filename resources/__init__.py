"""Data that ships with the program, and the path to it."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """Where the shipped file `name` lies (it may be in a folder: "messages/abandoned.wav").

    Raises FileNotFoundError for a name that leads out of the folder or to nothing.
    """
    found = (_ROOT / name).resolve()
    if not found.is_relative_to(_ROOT) or not found.exists():
        raise FileNotFoundError(name)
    return found
