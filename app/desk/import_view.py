"""What the import window shows and what a person says there; plain values."""

from __future__ import annotations

from dataclasses import dataclass

PHONE = "phone"
KINDS: tuple[tuple[str, str], ...] = (
    (PHONE, "Phone"),
    ("name", "Name"),
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("company", "Company"),
    ("town", "Town"),
    ("postcode", "Postcode"),
    ("region", "Country"),
    ("zone", "Time zone"),
    ("reference", "Your reference"),
    ("consent", "Consent"),
    ("priority", "Priority"),
    ("detail", "For the agent"),
    ("ignore", "Leave out"),
)
"""What a column can hold, with words for it."""

ENCODINGS: tuple[tuple[str, str], ...] = (
    ("utf-8", "UTF-8"),
    ("utf-8-sig", "UTF-8 with a mark"),
    ("utf-16", "UTF-16"),
    ("cp1252", "Western Europe (1252)"),
    ("cp1250", "Central Europe (1250)"),
    ("cp1251", "Cyrillic (1251)"),
    ("cp1253", "Greek (1253)"),
    ("cp1254", "Turkish (1254)"),
    ("cp1255", "Hebrew (1255)"),
    ("cp1257", "Baltic (1257)"),
)
SEPARATORS: tuple[tuple[str, str], ...] = (
    (",", "Comma"),
    (";", "Semicolon"),
    ("\t", "Tab"),
    ("|", "Upright bar"),
)
DUPLICATES: tuple[tuple[str, str], ...] = (
    ("skip", "are not taken again"),
    ("update", "get what this list says"),
    ("keep", "are taken once more"),
)
WORKBOOK = "xlsx"  # the encoding of a list that has sheets


@dataclass(frozen=True, slots=True)
class ImportChoice:
    """What a person wants; what is empty or None is found. `kinds`: of columns by their names."""

    file: str
    region: str = "GB"
    campaign: str = ""
    list_name: str = ""
    encoding: str = ""
    separator: str = ""
    has_header: bool | None = None
    sheet: str = ""
    kinds: tuple[tuple[str, str], ...] = ()
    duplicates: str = "skip"


@dataclass(frozen=True, slots=True)
class ImportLook:
    """What was found of `choice`; `wrong`: (row, column) of cells that should be numbers."""

    choice: ImportChoice
    size: int  # bytes
    encoding: str
    separator: str
    has_header: bool
    sheet: str
    sheets: tuple[str, ...]
    header: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wrong: frozenset[tuple[int, int]] = frozenset()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of an import; `reasons`: why rows were not taken, the most frequent first."""

    import_id: int
    file: str
    campaign: str
    list_name: str
    rows: int
    taken: int
    updated: int
    known: int
    twice: int
    invalid: int
    on_dnc: int
    reasons: tuple[tuple[str, int], ...] = ()
    rejected_file: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ImportOffer:
    """What there is to choose from: campaigns by name, ISO countries, those with rules first."""

    campaigns: tuple[str, ...]
    regions: tuple[str, ...]
    region: str
