"""`callfloor bench import|selection|gate`: what lists and law cost, as figures.

Each command loads what it measures when it is called: the command line itself must start fast.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from app.bench_figures import tell
from app.options import JsonOption


def import_bench(
    rows: Annotated[int, typer.Option(help="Rows of the list.")] = 100_000,
    seed: Annotated[int, typer.Option()] = 1,
    json_file: JsonOption = None,
) -> int:
    """A large list with duplicates and do-not-call comes in: seconds and memory."""
    from app.lists.import_bench import run_import_bench  # noqa: PLC0415

    return run_import_bench(rows, seed, json_file)


def selection_bench(
    people: Annotated[int, typer.Option(help="People on the list.")] = 1_000_000,
    leases: Annotated[int, typer.Option(help="How often the dialler asks for more.")] = 400,
    processes: Annotated[int, typer.Option(help="Processes that ask at once.")] = 20,
    server: Annotated[
        str,
        typer.Option(help="An empty PostgreSQL database, by URL; its password: PGPASSWORD."),
    ] = "",
    json_file: JsonOption = None,
) -> int:
    """The next people of a long list, for twenty seats and for many processes at once."""
    from app.lists.selection_bench import bench_selection  # noqa: PLC0415
    from dialer_core.store.address import parse_url  # noqa: PLC0415

    found = bench_selection(
        people,
        leases,
        processes,
        say=lambda text: print(text, file=sys.stderr, flush=True),  # noqa: T201
        server=parse_url(server, os.environ.get("PGPASSWORD", "")) if server else None,
    )
    tell(found, json_file)
    return 0 if found.meets_target else 1


def gate_bench(
    numbers: Annotated[int, typer.Option(help="How many numbers are asked about.")] = 20_000,
    seed: Annotated[int, typer.Option()] = 1,
    json_file: JsonOption = None,
) -> int:
    """What the gate costs, a number."""
    from app.lists.gate_bench import run_gate  # noqa: PLC0415

    return run_gate(numbers, seed, json_file)


def add_benches(bench: typer.Typer) -> None:
    """Hang these commands into `callfloor bench`."""
    bench.command("import")(import_bench)
    bench.command("selection")(selection_bench)
    bench.command("gate")(gate_bench)
