"""Which stage a test belongs to: core, PostgreSQL, Qt, real SIP or a whole floor; fast ones first.

A file is a core test if it imports nothing but the core, the data and other people's packages
without Qt or PJSIP; with the mark `postgres` it is the same test on that database, a stage of its
own. Marks decide between `sip` and `floor`; the rest is `qt`, where the ground
floor and the windows are tested (a file that looks like core but is not marks itself `qt`).
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

STAGES = ("core", "postgres", "qt", "sip", "floor")
_NOT_CORE = {
    "app",
    "agent_ui",
    "supervisor_ui",
    "sip",
    "PySide6",
    "pjsua2",
    "pytestqt",
    "shiboken6",
}


@cache
def is_core_file(path: Path) -> bool:
    """Whether a test file can be imported with neither Qt nor PJSIP; read, not run."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError):
        return True  # pytest says it better, and in the first stage
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        else:
            continue
        if any(name.partition(".")[0] in _NOT_CORE for name in names):
            return False
    return True


def stage_of(path: Path, marks: set[str], fixtures: set[str]) -> str:
    """The stage of one test from its file, its marks and the fixtures it asks for."""
    if "floor" in marks:
        return "floor"
    if "sip" in marks:
        return "sip"
    if "qt" in marks or not is_core_file(path) or fixtures & {"qapp", "qtbot", "qtmodeltester"}:
        return "qt"
    if "postgres" in marks:
        return "postgres"
    return "core"
