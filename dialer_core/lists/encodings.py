"""The encoding of a list that says none, and what is no text at all."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from charset_normalizer import from_bytes

from dialer_core.lists.table import ListError

SAMPLE = 262_144  # bytes that are looked at
_BLOCK = 1 << 20
_TELLING = 65_536  # bytes of lines with signs beyond ASCII that the statistics get
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The code page in which an office of that country saves by default; for the others 1252.
_CODE_PAGES = {
    **dict.fromkeys(("PL", "CZ", "SK", "HU", "RO", "HR", "SI", "BA", "AL"), "cp1250"),
    **dict.fromkeys(("RU", "UA", "BY", "BG", "RS", "MK", "KZ"), "cp1251"),
    **dict.fromkeys(("GR", "CY"), "cp1253"),
    **dict.fromkeys(("TR", "AZ"), "cp1254"),
    "IL": "cp1255",
    **dict.fromkeys(("LT", "LV", "EE"), "cp1257"),
}
_OTHERS = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257")
_SAVE_AS = "save it as XLSX or CSV."
_ESCAPED = re.compile("[\udc80-\udcff]")
_BEYOND = re.compile("[^\x00-\x7f\udc80-\udcff]")
_DAMAGE = 0.01  # of a text's signs beyond ASCII: fewer broken ones are damage, more another page


def encoding_of(path: Path, region: str) -> str:
    """The encoding of a text file; raises ListError where it holds no text.

    A byte order mark decides; then UTF-8 if every byte fits (a few that do not are damage); then
    the code page of the region's offices where it explains the bytes as well as the statistics of
    letters do.
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    if not sample.strip():
        raise ListError("The file is empty (no row, no column): export the list again.")
    _refuse_what_is_known(sample, path)
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return name
    wide = _wide(sample)
    if wide:
        return wide
    if _is_binary(sample):
        raise ListError(
            "Row 1, column 1: these bytes are no text, so this is not a table; save the list as "
            "CSV or XLSX.",
            1,
        )
    telling = _unless_utf8(path)
    return _code_page(telling, region) if telling is not None else "utf-8"


def _refuse_what_is_known(sample: bytes, path: Path) -> None:
    """Files of other programs, told by their first bytes."""
    start = sample[:1024].lstrip().lower()
    if sample.startswith(bytes.fromhex("d0cf11e0a1b11ae1")):
        if "EncryptedPackage".encode("utf-16-le") in path.read_bytes()[: 64 * SAMPLE]:
            raise ListError(
                "The workbook is protected with a password; save it without one, as XLSX or CSV."
            )
        raise ListError(f"This is a workbook of Excel 2003 or older; {_SAVE_AS}")
    if start.startswith((b"<!doctype html", b"<html", b"<table")) or b"<html" in start[:200]:
        raise ListError(
            f"This is a web page that is called a list; open it in a spreadsheet and {_SAVE_AS}"
        )
    if start.startswith(b"<?xml"):
        raise ListError(f"This is XML, not a table; open it in a spreadsheet and {_SAVE_AS}")
    if sample.startswith(b"%PDF"):
        raise ListError("This is a PDF, not a table; ask for the list as XLSX or CSV.")


def _wide(sample: bytes) -> str:
    """UTF-16 without its mark: every other byte of digits and separators is zero."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    least, most = max(4, len(sample) // 8), max(1, len(sample) // 200)
    if odd >= least and even <= most:
        return "utf-16-le"
    if even >= least and odd <= most:
        return "utf-16-be"
    return ""


def _is_binary(sample: bytes) -> bool:
    """Control characters that no text has; a stray NUL is told by row and column later."""
    odd = sum(sample.count(byte) for byte in (*range(9), *range(14, 32), 127))
    return odd > max(2, len(sample) // 50)


def _unless_utf8(path: Path) -> bytes | None:
    """None where the file is UTF-8, sound or damaged; else lines that show its code page."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    good = broken = 0
    telling = bytearray()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            text = decoder.decode(block)
            if not text.isascii():
                good += len(_BEYOND.findall(text))
                broken += len(_ESCAPED.findall(text))
                if len(telling) < _TELLING:
                    lines = [line for line in block.splitlines() if not line.isascii()]
                    telling += b"\n".join(lines)[:_TELLING] + b"\n"
    broken += len(_ESCAPED.findall(decoder.decode(b"", final=True)))
    if not broken or broken <= good * _DAMAGE:
        return None
    return bytes(telling)


def _code_page(telling: bytes, region: str) -> str:
    usual = _CODE_PAGES.get(region, "cp1252")
    pages = [usual, *(page for page in _OTHERS if page != usual)]
    matches = from_bytes(telling, cp_isolation=pages, threshold=0.35)
    if any(usual in match.could_be_from_charset for match in matches):
        return usual
    best = matches.best()
    return best.encoding if best is not None else usual
