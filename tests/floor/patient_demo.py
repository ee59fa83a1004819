"""`callfloor demo` whose public answers at once and stays for most of a minute.

For tests that need one conversation and do not care how long it took to find somebody.
"""

from __future__ import annotations

import sys

from app.cli import run
from app.rehearsal import demo
from dialer_core.simulation.public import Scenario

PATIENT = Scenario(
    "patient",
    human=1.0,
    machine=0.0,
    busy=0.0,
    invalid=0.0,
    talk_mean_s=40.0,
    talk_cv=0.05,
    wrap_mean_s=2.0,
    ring_least_s=1.0,
    ring_mean_s=0.5,
)

if __name__ == "__main__":
    vars(demo)["PRACTICE"] = PATIENT  # what the demo draws its public from
    sys.exit(run(["demo", *sys.argv[1:]]))
