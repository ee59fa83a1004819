"""The file of rejected rows, written as they come; it is there only once the import is whole."""

from __future__ import annotations

import glob
import os
import tempfile
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import IO

from app.errors import KnownError, UsageError
from dialer_core.lists.people import Rejected
from dialer_core.lists.rejects import rejects_text

# Where spreadsheets take a comma between cells; elsewhere it stands in figures.
_COMMA = {"GB", "IE", "US", "CA", "AU", "NZ", "IN", "ZA", "PH", "SG", "MY", "HK", "NG", "KE", "MX"}

OLD_S = 600  # without a word, then a half-written file is nobody's


def separator_for(own: str, region: str) -> str:
    """The list's own separator; for a workbook the one that the region's spreadsheets take."""
    return own or ("," if region in _COMMA else ";")


class RejectedFile:
    """Rows that were not taken, beside the list or where it was asked for (`asked`).

    Made at the first row. It never overwrites the list, and beside the list no earlier file.
    Raises KnownError where it cannot be written, so that an import ends before rows are lost.
    """

    def __init__(
        self, source: Path, asked: Path | None, header: Sequence[str], separator: str
    ) -> None:
        if asked is not None and asked.exists() and asked.samefile(source):
            raise UsageError("--rejects names the list itself; name another file.")
        self._source, self._asked = source, asked
        self._header, self._separator = header, separator
        self._file: IO[str] | None = None

    def add(self, rejected: Rejected) -> None:
        """Write one row."""
        try:
            is_first = self._file is None
            file = self._file = self._file or self._open()
            file.write(
                rejects_text(self._header, (rejected,), self._separator, with_header=is_first)
            )
        except OSError as error:
            raise self._refused(error) from error

    def keep(self) -> Path | None:
        """The import is whole: give the file its name; None where no row was rejected."""
        if self._file is None:
            return None
        try:
            self._file.close()
            path = self._asked or self._free_name()
            os.replace(self._file.name, path)
        except OSError as error:
            self.drop()
            raise self._refused(error) from error
        self._file = None
        return path

    def drop(self) -> None:
        """The import was given up, or has kept its file already."""
        if self._file is not None:
            self._file.close()
            Path(self._file.name).unlink(missing_ok=True)
            self._file = None

    def _open(self) -> IO[str]:
        near = self._asked or self._source
        for left in near.absolute().parent.glob(f".{glob.escape(near.stem)}-*.part"):
            if left.stat().st_mtime < time.time() - OLD_S:  # of a process that was killed
                left.unlink(missing_ok=True)
        return tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8-sig",
            newline="",
            dir=near.absolute().parent,
            prefix=f".{near.stem}-",
            suffix=".part",
            delete=False,
        )

    def _free_name(self) -> Path:
        """A name that nothing has; it is taken at once, as another import may ask as well."""
        for number in count(1):
            ending = "" if number == 1 else f"-{number}"
            path = self._source.with_name(f"{self._source.stem}-rejected{ending}.csv")
            try:
                path.touch(0o600, exist_ok=False)
            except FileExistsError:
                continue
            return path
        raise AssertionError("unreachable: numbers do not end")

    def _refused(self, error: OSError) -> KnownError:
        folder = (self._asked or self._source).absolute().parent
        return KnownError(
            f"The rejected rows cannot be written to {folder} ({error.strerror}); name another "
            "file with --rejects."
        )
