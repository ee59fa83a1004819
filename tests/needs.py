"""What a test needs from the system: it is skipped by name of the package that is missing.

Under CI nothing that matters may be skipped: there tests/conftest.py turns each skip into a
failure, unless its reason begins with "only on " (another operating system).
"""

from __future__ import annotations

import glob
import shutil

import pytest


def program(name: str, package: str) -> str:
    """The path of a program that the test runs; skips naming the Debian package without it."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is missing: sudo apt-get install {package}")
    return path


def file(pattern: str, package: str) -> str:
    """The path of a file that the test needs; skips naming the Debian package without it."""
    found = sorted(glob.glob(pattern))
    if not found:
        pytest.skip(f"{pattern} is missing: sudo apt-get install {package}")
    return found[0]


def sipp() -> str:
    """The path of sipp, a peer that speaks SIP and that nobody here wrote."""
    return program("sipp", "sip-tester")
