"""`callfloor` and `python -m app`: the command line."""

from __future__ import annotations

import os
import sys

# Read when numpy is loaded. Its sums are small here, and threads of theirs take cores from calls.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from app.cli import run


def main() -> None:
    """Entry of the installed program."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
