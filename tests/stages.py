"""Which stage a test belongs to: core, PostgreSQL, Qt, real SIP, a whole floor, or alone.

A file is a core test if it imports nothing but the core, the data and other people's packages
without Qt or PJSIP; with the mark `postgres` it is the same test on that database, a stage of its
own. Marks decide between `sip` and `floor`; `alone` is what measures sound or time, and would
measure its neighbours if it had any. The rest is `qt`, where the ground floor and the windows are
tested (a file that looks like core but is not marks itself `qt`).
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

STAGES = ("core", "postgres", "qt", "sip", "floor", "alone")
WITH_PROCESSES = ("sip", "floor", "alone")
# Files that take long, in seconds when they run two or three at once: a stage begins with the
# longest, so that none is left over at its end. It is only an order; it need not be exact.
LONG_FILES = {
    "backup/test_backup_upgrade.py": 55,
    "cut_off/test_cut_off_hosts.py": 58,
    "floor/test_demo_run.py": 270,
    "floor/test_kill.py": 160,
    "floor/test_takeover.py": 145,
    "floor/test_trouble.py": 125,
    "floor/test_handing_over.py": 90,
    "floor/test_doctor_in_windows.py": 80,
    "floor/test_readme.py": 70,
    "floor/test_calls_in_progress.py": 60,
    "floor/test_supervising.py": 50,
    "floor/test_trunk_changes.py": 45,
    "floor/test_phone_dies.py": 40,
    "floor/test_first_run.py": 60,
    "floor/test_other_programs.py": 35,
    "floor/test_takeover_hosts.py": 30,
    "floor/test_inbound_calls.py": 34,
    "floor/test_agentless.py": 25,
    "floor/test_law.py": 22,
    "lines/test_far_call.py": 58,
    "lines/test_url_lines.py": 30,
    "sharing/test_sharing_calls.py": 110,
    "sharing/test_sharing_hosts.py": 90,
    "sharing/test_sharing_slow.py": 20,
    "sharing/test_floor_bench.py": 88,
    "sip/test_outcomes_line.py": 216,
    "sip/test_trunk_calls.py": 138,
    "sip/test_rehearsal_gateway.py": 98,
    "sip/test_line_alone.py": 93,
    "sip/test_trunk_registration.py": 82,
    "sip/test_line_calls.py": 75,
    "sip/test_inbound.py": 70,
    "sip/test_malformed_sip.py": 59,
    "sip/test_line_third.py": 59,
    "sip/test_phone.py": 58,
    "sip/test_line_recording.py": 43,
    "sip/test_line_quality.py": 39,
    "sip/test_phone_devices.py": 38,
    "sip/test_trunk_trial.py": 38,
    "sip/test_line_hold.py": 36,
    "sip/test_line_digits.py": 33,
    "sip/test_peers_line.py": 33,
    "sip/test_soft_phones.py": 31,
    "sip/test_telephony_bench.py": 30,
    "sip/test_rehearsal_line.py": 30,
    "sip/test_line_listening.py": 27,
    "sip/test_doctor_for_real.py": 26,
    "sip/test_phone_strangers.py": 26,
    "sip/test_line_supervise.py": 22,
    "sip/test_trunk_srtp.py": 22,
    "sip/test_line_bank.py": 21,
    "sip/test_phone_sleeps.py": 18,
    "store/test_store_trials.py": 40,
}
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


@cache
def names_mark(path: Path, stage: str) -> bool:
    """Whether a test file has this mark in its text: else it need not be read for that stage."""
    return f"mark.{stage}" in path.read_text(encoding="utf-8", errors="replace")


def stage_of(path: Path, marks: set[str], fixtures: set[str]) -> str:
    """The stage of one test from its file, its marks and the fixtures it asks for."""
    if "alone" in marks:
        return "alone"
    if "floor" in marks:
        return "floor"
    if "sip" in marks:
        return "sip"
    if "qt" in marks or not is_core_file(path) or fixtures & {"qapp", "qtbot", "qtmodeltester"}:
        return "qt"
    if "postgres" in marks:
        return "postgres"
    return "core"


def length_s(path: Path) -> float:
    """About how long the tests of a file take; 0 where that is not worth a line."""
    return LONG_FILES.get("/".join(path.parts[-2:]), 0.0)
