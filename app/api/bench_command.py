"""`callfloor bench api` on the command line, which must start fast: the bench itself loads late."""

from __future__ import annotations

from typing import Annotated

import typer

from app.options import JsonOption


def api_bench(
    people: Annotated[int, typer.Option(help="People on the list.")] = 100_000,
    seconds: Annotated[float, typer.Option(help="How long they ask.")] = 30.0,
    a_second: Annotated[float, typer.Option(help="Requests a second; a tenth add people.")] = 50.0,
    json_file: JsonOption = None,
) -> int:
    """Programs that ask a lot, beside a dialler: what its leases take then."""
    from app.api.bench import run_api_bench  # noqa: PLC0415

    return run_api_bench(people, seconds, a_second, json_file)


def add_api_bench(bench: typer.Typer) -> None:
    """Hang `callfloor bench api` up."""
    bench.command("api")(api_bench)
