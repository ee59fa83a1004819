"""The rows that were not taken, as a file that an office can mend and hand in again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from dialer_core.lists.people import Rejected

REASON = "Why not taken"
# A spreadsheet would run what begins so; an apostrophe makes it text, and is read over again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_NUMBER = re.compile(r"[+\-]?[\d\s().\-/]*")


def rejects_text(
    header: Sequence[str],
    rows: Iterable[Rejected],
    separator: str = ",",
    *,
    with_header: bool = True,
) -> str:
    """CSV: the list's own columns, and the reason in the last one."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    if with_header:
        writer.writerow([*(_as_text(name) for name in header), REASON])
    for rejected in rows:
        cells = [*rejected.cells[: len(header)]]
        cells += [""] * (len(header) - len(cells))
        extra = " | ".join(cell for cell in rejected.cells[len(header) :] if cell)
        reason = f"{rejected.reason} (beyond the columns: {extra})" if extra else rejected.reason
        writer.writerow([*(_as_text(cell) for cell in cells), reason])
    return out.getvalue()


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell
