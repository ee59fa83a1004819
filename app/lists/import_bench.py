"""`callfloor bench import`: how long a large list takes to come in, and in how much memory."""

from __future__ import annotations

import csv
import os
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from app.errors import KnownError

_HEADER = ("Nome", "Cognome", "Telefono", "Città", "Consenso", "Spesa")
_FIRST = ("Giulia", "Niccolò", "Chiara", "Mattia", "Sofia", "Alessandro", "Désirée", "Luca")
_LAST = ("Rossi", "D'Angelo", "Bianchi", "Esposito", "Ferrari", "Calò", "De Luca", "Forlì")
_TOWNS = ("Forlì", "Cantù", "Roma")
_DAMAGED = ("", "n/a", "4.47701E+11", "+39", "000000000", "#N/A", "=1+1")
_INVALID, _TWICE, _ON_DNC = 0.06, 0.14, 0.05  # shares of the rows, the second with the first


class ImportFigures(msgspec.Struct, frozen=True):
    """What one import of a made list took; the list's truth beside what was found."""

    rows: int
    seconds: float  # of the import, as it says itself
    wall_s: float  # with the start of the program and making its database
    rows_a_second: float
    peak_mb: float
    expected: dict[str, int]
    found: dict[str, int]
    is_right: bool


class _Made:
    """A list with its truth. Its numbers are made up; nothing ever dials them."""

    def __init__(self, rows: int, seed: int) -> None:
        self._chance = random.Random(seed)
        self._numbers: list[str] = []
        self._known: set[str] = set()
        self.dnc: list[str] = []
        self.truth = dict.fromkeys(
            ("rows", "distinct_valid", "duplicate_rows", "invalid_rows", "contacts_on_dnc"), 0
        )
        self.rows = [self._row() for _ in range(rows)]

    def _row(self) -> tuple[str, ...]:
        chance, truth = self._chance, self.truth
        truth["rows"] += 1
        dice = chance.random()
        if dice < _INVALID:
            truth["invalid_rows"] += 1
            number = chance.choice(_DAMAGED)
        else:
            number = self._number(is_again=dice < _TWICE)
        return (
            chance.choice(_FIRST), chance.choice(_LAST), number, chance.choice(_TOWNS),
            chance.choice(("sì", "no", "")), chance.choice(("1.234,50", "0,00", "")),
        )  # fmt: skip

    def _number(self, *, is_again: bool) -> str:
        chance, truth = self._chance, self.truth
        if is_again and self._numbers:
            national = chance.choice(self._numbers)
        else:
            head = chance.choice(("347", "320", "338", "06", "02", "011"))
            national = f"{head}{chance.randrange(5_000_000, 9_999_999)}"
        if national in self._known:
            truth["duplicate_rows"] += 1
        else:
            self._known.add(national)
            self._numbers.append(national)
            truth["distinct_valid"] += 1
            if chance.random() < _ON_DNC:
                self.dnc.append(f"+39{national}")
                truth["contacts_on_dnc"] += 1
        cut = 2 if national.startswith("0") else 3
        return chance.choice(
            (f"+39{national}", national, f"0039 {national}", f"{national[:cut]}/{national[cut:]}")
        )


def run_import_bench(rows: int = 100_000, seed: int = 1, json_file: Path | None = None) -> int:
    """Make a list, take it in in a process of its own, and write the figures; the exit status.

    1 where what was found is not what the list holds.
    """
    with tempfile.TemporaryDirectory(prefix="callfloor-bench-") as folder:
        figures = _measure(Path(folder), _Made(rows, seed))
    text = msgspec.json.format(msgspec.json.encode(figures), indent=2).decode()
    if json_file is None:
        print(text)  # noqa: T201
    else:
        json_file.write_text(text + "\n", encoding="utf-8")
    return 0 if figures.is_right else 1


def _measure(folder: Path, made: _Made) -> ImportFigures:
    file, dnc = folder / "clienti.csv", folder / "dnc.csv"
    with file.open("w", encoding="cp1252", newline="") as out:
        csv.writer(out, delimiter=";").writerows([_HEADER, *made.rows])
    dnc.write_text("\n".join(made.dnc) + "\n", encoding="utf-8")
    profile = ["--region", "IT", "--json", "--profile", str(folder / "profile")]
    _run(["dnc", "import", str(dnc), *profile])
    began_s = os.times().elapsed
    told = _run(["import", str(file), "--list", "Bench", "--campaign", "Bench", *profile])
    wall_s = os.times().elapsed - began_s
    answer = msgspec.json.decode(told, type=dict[str, object])
    found = {name: value for name in made.truth if isinstance(value := answer[name], int)}
    seconds = float(str(answer["seconds"]))
    return ImportFigures(
        rows=len(made.rows),
        seconds=seconds,
        wall_s=round(wall_s, 2),
        rows_a_second=round(len(made.rows) / seconds),
        # The greater of the two children, in kilobytes on Linux.
        peak_mb=round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1),
        expected=made.truth,
        found=found,
        is_right=found == made.truth,
    )


def _run(words: list[str]) -> bytes:
    done = subprocess.run([sys.executable, "-m", "app", *words], capture_output=True, check=False)
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise KnownError(f"The import has failed: {' '.join(last)}")
    return done.stdout
