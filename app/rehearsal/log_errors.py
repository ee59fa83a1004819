"""What went wrong, according to the logs that the processes left behind."""

from __future__ import annotations

from pathlib import Path

MOST = 20


def errors_in_logs(logs_dir: Path) -> list[str]:
    """Lines of level ERROR or worse and uncaught errors, with the name of their file."""
    found: list[str] = []
    for path in sorted(logs_dir.glob("*")):
        if not path.is_file():
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        found += [f"{path.name}: {line.strip()}" for line in lines if _is_error(line)]
    return found[:MOST]


def _is_error(line: str) -> bool:
    words = line.split(maxsplit=4)
    return (
        line.startswith("Traceback ")
        or "Assertion" in line
        or line.startswith(("Fatal Python error", "QObject::", "QThread:"))
        or any(word in ("ERROR", "CRITICAL") for word in words[:4])
    )
