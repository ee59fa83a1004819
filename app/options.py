"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProfileOption = Annotated[
    Path | None,
    typer.Option("--profile", help="A home for settings, database and logs; else your own."),
]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Write the figures here.")]
