"""How a bench tells what it found: JSON, on standard output and into a file."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import msgspec


class Machine(msgspec.Struct, frozen=True):
    """On what was measured. `load`: runnable processes in the minute before the bench began; more
    than the cores means that others used them too, and the figures are worse than the machine's.
    """

    cores: int
    load: float
    system: str
    python: str


def this_machine() -> Machine:
    """The machine as it is now."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return Machine(
        os.cpu_count() or 1,
        round(load, 2),
        f"{platform.system()} {platform.machine()}",
        platform.python_version(),
    )


def tell(figures: msgspec.Struct, json_file: Path | None) -> None:
    """Print the figures, and write them where that was asked for."""
    text = msgspec.json.format(msgspec.json.encode(figures), indent=2)
    sys.stdout.write(text.decode() + "\n")
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_bytes(text)
