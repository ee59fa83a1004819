"""The command line of experiments: which there are, and what one says by now."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from app.clock import WallClock
from app.desk.experiment_view import ExperimentView
from app.desk.experiment_words import experiment_view
from app.errors import KnownError
from app.lists.asked import JsonOption, database_of, print_json
from app.options import ProfileOption
from app.profile import Profile, open_profile
from dialer_core.store.campaigns import load_campaigns
from dialer_core.store.experiments import ExperimentStore, Results

experiments_cli = typer.Typer(help="Experiments: list, show.", no_args_is_help=True)


@experiments_cli.command("list")
def list_command(json: JsonOption = False, profile: ProfileOption = None) -> int:
    """All experiments, the newest first."""
    found = _all(open_profile(profile))
    if json:
        print_json([_brief(view) for view, _ in found])
        return 0
    for view, _ in found:
        state = "runs" if view.is_running else "ended"
        print(f"{view.id}  {view.name} ({view.campaign}, {view.kind}): {state}; {view.sentence}")  # noqa: T201
    if not found:
        print("There is no experiment yet.")  # noqa: T201
    return 0


@experiments_cli.command("show")
def show_command(
    experiment: Annotated[str, typer.Argument(help="Its number or its name.")],
    json: JsonOption = False,
    profile: ProfileOption = None,
) -> int:
    """One experiment: each variant's rate, its difference from the first, the verdict."""
    for view, results in _all(open_profile(profile)):
        if experiment in (str(view.id), view.name):
            if json:
                print_json(_whole(view, results))
            else:
                _tell(view)
            return 0
    raise KnownError(
        f"There is no experiment {experiment!r}; callfloor experiments list names all."
    )


def _all(home: Profile) -> list[tuple[ExperimentView, Results]]:
    with database_of(home) as database:
        with database.reading() as connection:
            names = {int(key): one.campaign.name for key, one in load_campaigns(connection).items()}
        with closing(ExperimentStore(database)) as store:
            found = store.all_results()
    now = WallClock().now().utc
    return [(experiment_view(one, names, now), one) for one in found]


def _brief(view: ExperimentView) -> dict[str, object]:
    return {
        "id": view.id,
        "name": view.name,
        "campaign": view.campaign,
        "kind": view.kind,
        "is_running": view.is_running,
        "verdict": view.sentence,
    }


def _whole(view: ExperimentView, results: Results) -> dict[str, object]:
    return _brief(view) | {
        "decision": results.verdict.decision.value,
        "alpha": results.experiment.alpha,
        "planned": view.planned,
        "still_needed": results.more,
        "variants": [
            {
                "name": arm.name,
                "value": arm.value,
                "people": arm.people,
                "successes": arm.successes,
                "rate": arm.rate,
                "difference": None
                if arm.difference is None
                else dict(zip(("estimate", "low", "high"), arm.difference, strict=True)),
            }
            for arm in view.arms
        ],
    }


def _tell(view: ExperimentView) -> None:
    print(f"{view.name} ({view.campaign}, {view.kind}). {view.when}.")  # noqa: T201
    for arm in view.arms:
        rate = "-" if arm.rate is None else f"{arm.rate:.1%}"
        gap = ""
        if arm.difference is not None:
            _, low, high = (100 * value for value in arm.difference)
            gap = f", {low:+.1f} to {high:+.1f} points from the first"
        print(f"  {arm.name}: {rate} ({arm.successes} of {arm.people}){gap}")  # noqa: T201
    print(view.sentence)  # noqa: T201
    if view.more_words:
        print(view.more_words)  # noqa: T201
