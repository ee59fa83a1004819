"""Files with people's data on this PC: taking one away, or one person out of one."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path


class FileKind(StrEnum):
    """What a file holds; saved by value."""

    RECORDING = "recording"  # of one call
    EXPORT = "export"  # everything about one person
    REJECTS = "rejects"  # rows of a list that were not taken, as CSV
    LIST = "list"  # people of a list or segment, as CSV


class Fate(StrEnum):
    """What became of a file."""

    REMOVED = "removed"
    STRUCK = "rows taken out"  # the person's rows, the others stay
    CLEAN = "does not name the person"
    ABSENT = "was not there any more"
    STAYS = "could not be changed"  # in use, or the disk does not let us


# In these there are others; only the person's rows go.
OF_MANY = frozenset({FileKind.REJECTS, FileKind.LIST})


def remove(path: Path) -> Fate:
    """Take a file away for good."""
    try:
        path.unlink()
    except FileNotFoundError:
        return Fate.ABSENT
    except OSError:
        return Fate.STAYS
    return Fate.REMOVED


def strike_out(path: Path, is_theirs: Callable[[str], bool]) -> Fate:
    """Take the rows out of a CSV file in which a cell is one of the person's numbers.

    The file is put in place whole or not at all.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Fate.ABSENT
    except (OSError, UnicodeDecodeError):
        return Fate.STAYS
    between = max(",;\t", key=text.partition("\n")[0].count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=between))
    kept = [row for row in rows if not any(is_theirs(cell) for cell in row)]
    if len(kept) == len(rows):
        return Fate.CLEAN
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=between, lineterminator="\r\n").writerows(kept)
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(out.getvalue(), encoding="utf-8-sig", newline="")
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        return Fate.STAYS
    return Fate.STRUCK
