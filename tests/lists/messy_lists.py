"""Lists as offices of several countries hand them over, each with what a right import finds."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.lists.made_lists import write_csv, write_xlsx

DAMAGED = (
    "",
    "n/a",
    "-",
    "4.47701E+11",
    "1.63296E+09",
    "ask for Anna",
    "000000000",
    "#N/A",
    "=1+1",
)


@dataclass
class Messy:
    """One list: where it lies, its region, its encoding, and what it holds."""

    path: Path
    region: str
    encoding: str
    dnc: list[str] = field(default_factory=list)
    truth: dict[str, int] = field(default_factory=dict)


def _british(chance: random.Random) -> str:
    return f"+4416149{chance.randrange(60_000, 61_000)}"


def _british_spelling(chance: random.Random, e164: str) -> str:
    n = e164[3:]
    return chance.choice(
        [e164, f"0{n}", f"0044{n}", f"0{n[:4]} {n[4:7]} {n[7:]}", f"+44 (0){n[:4]} {n[4:]}", n]
    )


def _polish(chance: random.Random) -> str:
    return f"+48501{chance.randrange(100_000, 999_999)}"


def _polish_spelling(chance: random.Random, e164: str) -> str:
    n = e164[3:]
    return chance.choice([e164, n, f"{n[:3]} {n[3:6]} {n[6:]}", f"0048{n}", f"(+48) {n}"])


def _russian(chance: random.Random) -> str:
    return f"+7495{chance.randrange(2_000_000, 9_999_999)}"


def _russian_spelling(chance: random.Random, e164: str) -> str:
    n = e164[2:]
    return chance.choice([e164, f"8 ({n[:3]}) {n[3:6]}-{n[6:8]}-{n[8:]}", f"8{n}"])


def _rows(
    made: Messy,
    number: Callable[[random.Random], str],
    spelling: Callable[[random.Random, str], str],
    count: int,
) -> list[str]:
    """The cells of the phone column; the truth goes into `made`."""
    chance = random.Random(made.path.name)
    truth = dict.fromkeys(
        ("rows", "distinct_valid", "duplicate_rows", "invalid_rows", "contacts_on_dnc"), 0
    )
    seen: list[str] = []
    cells = []
    for _ in range(count):
        truth["rows"] += 1
        dice = chance.random()
        if dice < 0.08:
            truth["invalid_rows"] += 1
            cells.append(chance.choice(DAMAGED))
            continue
        e164 = chance.choice(seen) if seen and dice < 0.2 else number(chance)
        if e164 in seen:
            truth["duplicate_rows"] += 1
        else:
            truth["distinct_valid"] += 1
            seen.append(e164)
            if chance.random() < 0.05:
                truth["contacts_on_dnc"] += 1
                made.dnc.append(e164)
        cells.append(spelling(chance, e164))
    made.truth = truth
    return cells


def _with(names: Sequence[str], cells: Sequence[str], town: str) -> list[list[str]]:
    return [[names[at % len(names)], cell, town] for at, cell in enumerate(cells)]


def make_all(folder: Path, count: int = 300) -> list[Messy]:
    """British with a mark, Polish and Russian of their code pages, UTF-16, and a workbook."""
    british = Messy(folder / "uk.csv", "GB", "utf-8-sig")
    polish = Messy(folder / "pl.txt", "PL", "cp1250")
    russian = Messy(folder / "ru.csv", "RU", "cp1251")
    wide = Messy(folder / "wide.csv", "GB", "utf-16")
    book = Messy(folder / "b2b.xlsx", "GB", "xlsx")
    uk, pl = (_british, _british_spelling, count), (_polish, _polish_spelling, count)
    ru = (_russian, _russian_spelling, count)
    for made, separator, header, names, town, numbers in (
        (british, ",", "Name|Home Phone|Town", ("Zoë, the", 'S "S"', "Two\nlines"), "Leeds", uk),
        (polish, "\t", "Imię i nazwisko|Numer telefonu|Miasto", ("Żaneta Łęcka",), "Łódź", pl),
        (russian, ";", "ФИО|Телефон|Город", ("Щербаков Пётр", "Юрьева Анна"), "Москва", ru),
        (wide, "\t", "Surname|Phone|Town", ("Brontë",), "Bath", uk),
    ):
        rows = [header.split("|"), *_with(names, _rows(made, *numbers), town)]
        write_csv(made.path, rows, encoding=made.encoding, separator=separator)
    sheet: list[list[object]] = [["Company", "Switchboard", "Town"]]
    for cell in _rows(book, *uk):  # a spreadsheet keeps bare digits as a figure: a zero is lost
        figure = int(cell) if cell.isdigit() and 5 < len(cell) < 15 else cell
        sheet.append(["Brontë & Sons", figure, "Leeds"])
    write_xlsx(book.path, sheet)
    return [british, polish, russian, wide, book]
