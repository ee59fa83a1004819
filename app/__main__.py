"""`callfloor` and `python -m app`: the command line."""

from __future__ import annotations

import sys

from app.cli import run


def main() -> None:
    """Entry of the installed program."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
