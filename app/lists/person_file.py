"""Everything about a person as one file that can be handed to them: JSON, a page to read, sound."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from html import escape
from pathlib import Path

from app.errors import KnownError
from dialer_core.store.privacy import PersonExport

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:0 0 1.5em}"
    "th{text-align:left;font-weight:normal;color:#555;padding:.1em 1em .1em 0;vertical-align:top}"
    "td{padding:.1em 0;white-space:pre-wrap}"
)


def write_person(found: PersonExport, to: Path) -> list[str]:
    """Write the export as a ZIP at `to`, readable by its owner alone; names of missing recordings.

    KnownError where it cannot be written; nothing is left of it then.
    """
    missing: list[str] = []
    handle, name = tempfile.mkstemp(dir=to.parent if to.parent.is_dir() else None, suffix=".part")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr("person.json", as_json(found))
            out.writestr("person.html", as_page(found))
            for path in found.recordings:
                if path.is_file():
                    out.write(path, f"recordings/{path.name}", zipfile.ZIP_STORED)
                else:
                    missing.append(path.name)
        os.replace(beside, to)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise KnownError(
            f"{to} cannot be written ({error.strerror}); name another file with --to."
        ) from error
    return missing


def as_json(found: PersonExport) -> str:
    """The export for a machine: sections of rows, as the database has them."""
    whole = {"exported_at": found.at, "records": list(found.person.contact_ids)}
    return json.dumps({**whole, "sections": found.sections}, indent=2, ensure_ascii=False)


def as_page(found: PersonExport) -> str:
    """The export for a person: one page without scripts or pictures."""
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'>",
        f"<title>Everything that is stored about you</title><style>{_STYLE}</style>",
        "<h1>Everything that is stored about you</h1>",
        f"<p>As of {escape(found.at)}.</p>",
    ]
    for section, rows in found.sections.items():
        parts.append(f"<h2>{escape(section.capitalize())} ({len(rows)})</h2>")
        for row in rows:
            told = "".join(
                f"<tr><th>{escape(name.replace('_', ' '))}</th><td>{escape(_text(value))}</td></tr>"
                for name, value in row.items()
                if value not in (None, "", [], {})
            )
            parts.append(f"<table>{told}</table>")
    return "\n".join(parts)


def _text(value: object) -> str:
    if isinstance(value, list) and value and all(isinstance(one, list) for one in value):
        return "\n".join(": ".join(str(part) for part in one) for one in value)
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
