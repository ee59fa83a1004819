"""Who holds a lease or runs an import, in a text that tells whether that process still lives."""

from __future__ import annotations

import hashlib
import os
import platform
from functools import cache
from pathlib import Path

from sip.launch import is_running


def describe_self() -> str:
    """`host:pid:start` of this process."""
    return f"{_this_pc()}:{os.getpid()}:{_started(os.getpid())}"


def is_here(holder: str) -> bool:
    """Whether the holder is, or was, a process of this PC."""
    return holder.partition(":")[0] == _this_pc()


def is_dead(holder: str) -> bool:
    """True only where it is certain: same host, and that process is gone or another's by now."""
    host, _, rest = holder.partition(":")
    pid, _, started = rest.partition(":")
    if host != _this_pc() or not pid.isdigit() or os.name != "posix":
        return False
    if not is_running(int(pid)):
        return True
    return _started(int(pid)) != started


@cache
def _this_pc() -> str:
    """Its name, and what tells it from another PC that is called the same."""
    try:
        text = Path("/etc/machine-id").read_text(encoding="ascii", errors="replace")
    except OSError:
        return platform.node()
    return f"{platform.node()}/{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _started(pid: int) -> str:
    """When a process was started, in the kernel's ticks; empty where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
