"""`callfloor bench chances`: whether the records' answer chances are what they say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from app.clock import WallClock
from app.errors import KnownError, UsageError
from app.floor_place import floor_place
from app.pacing import chances_page
from app.pacing.chances_report import ChanceReport, Judged, Weak
from app.pacing.report import give_json, write
from app.profile import open_profile
from dialer_core.pacing.chances import (
    Calibration,
    Floats,
    History,
    HistoryMaker,
    Ints,
    Prior,
    calibration,
    fit,
)
from dialer_core.rules.abandonment import wilson
from dialer_core.simulation.histories import TOWNS, Town, made_history
from dialer_core.store.chances import campaign_history

SEED = 101
CHOSEN_ON = "seeds 1 to 12 and 21"  # what was looked at while the model was made
PLAIN = "plain"
JUDGED_DAYS = 6
LEAST_CALLS = 200  # before a judgement says anything
WEAK = (1, 10, 100, 300, 1000, 3000, 10_000)
WEAK_JUDGED = 2000
PICTURE = "pictures/answer-chance.svg"


@dataclass(frozen=True, slots=True)
class ChanceOptions:
    """The words of the command line as they came."""

    seed: int = SEED
    json_file: Path | None = None
    docs_file: Path | None = None
    profile: Path | None = None
    campaign: str = ""


def run_chances(options: ChanceOptions) -> int:
    """Judge made histories, or a campaign's own calls; prints JSON and a table.

    UsageError for words that make no sense, KnownError where there are too few calls.
    """
    if bool(options.profile) != bool(options.campaign):
        raise UsageError("--profile and --campaign belong together: whose calls, and of which.")
    if options.profile is not None and options.docs_file is not None:
        raise UsageError("--docs is for the made histories; a campaign's calls stay its own.")
    report = _of_campaign(options) if options.profile else report_of(options.seed)
    give_json(report, options.json_file)
    if options.docs_file is not None:
        write(options.docs_file.parent / PICTURE, chances_page.picture(report))
        write(options.docs_file, chances_page.page(report, PICTURE))
    Console(stderr=True).print(_short(report.main))
    return 0


def report_of(seed: int, *, days: int = 24) -> ChanceReport:
    """The judgement of the made histories of all towns under this seed."""
    judged = [_of_town(name, town, seed, days) for name, town in TOWNS.items()]
    return ChanceReport(
        what="calibration of the answer chance",
        made=_today(),
        source=f"made histories of {days} days, seed {seed}",
        seed=seed,
        chosen_on=CHOSEN_ON,
        main=next(one for one in judged if one.name == PLAIN),
        others=[one for one in judged if one.name != PLAIN],
        weak=weak_histories(seed, days=days),
    )


def judge(
    name: str,
    history: History,
    day: Ints,
    prior: Prior | None = None,
    truth: tuple[Floats, Floats] | None = None,
) -> Judged:
    """Fit on what was before, judge what came then: by days, or by thirds of a single day.

    `truth`: the true chances of an answer and of a person, where they are known. KnownError where
    there are too few calls.
    """
    if len(history) < LEAST_CALLS:
        raise KnownError(
            f"There are {len(history)} finished calls; chances can be judged from {LEAST_CALLS} on."
        )
    days, turns = np.unique(day, return_index=True)
    if len(days) > 1:
        starts = turns[-max(1, min(JUDGED_DAYS, len(days) // 4)) :]
        held_out = f"the last {len(starts)} of {len(days)} days, each by the days before it"
    else:
        starts = np.array([len(history) * 2 // 3])
        held_out = "the last third of a single day, by the two thirds before it"
    ends = [*starts[1:], len(history)]
    chances, people = [], []
    places = np.arange(len(history))
    for start, end in zip(starts, ends, strict=True):
        model = fit(history.take(places < start), prior)
        calls = history.calls.take((places >= start) & (places < end))
        chances.append(model.chances(calls))
        people.append(model.people(calls))
    first = int(starts[0])
    return Judged(
        name=name,
        calls_before=first,
        held_out=held_out,
        answered=_judged(chances, history.answered, first, truth and truth[0]),
        people=_judged(people, history.person, first, truth and truth[1]),
    )


def weak_histories(seed: int, *, days: int = 24) -> list[Weak]:
    """How a campaign begins: fitted on its first calls, judged on those that follow."""
    history, _, _ = _made(TOWNS[PLAIN], seed, days)
    places = np.arange(len(history))
    found = []
    for calls in WEAK:
        if calls + WEAK_JUDGED > len(history):
            break
        model = fit(history.take(places < calls))
        then = history.take((places >= calls) & (places < calls + WEAK_JUDGED))
        chances = model.chances(then.calls)
        of = calibration(chances, then.answered, wilson, base=model.rate)
        least, most = float(chances.min()), float(chances.max())
        found.append(Weak(calls, of.brier, of.brier_of_base, of.error, least, most))
    return found


def _judged(
    chances: list[Floats], outcomes: Floats, first: int, truth: Floats | None
) -> Calibration:
    then, before = outcomes[first:], outcomes[:first]
    is_told = np.isfinite(then)
    return calibration(
        np.concatenate(chances)[is_told],
        then[is_told],
        wilson,
        base=float(np.nanmean(before)),
        truth=None if truth is None else truth[first:][is_told],
    )


def _of_town(name: str, town: Town, seed: int, days: int) -> Judged:
    history, day, truth = _made(town, seed, days)
    return judge(name, history, day, truth=truth)


def _made(town: Town, seed: int, days: int) -> tuple[History, Ints, tuple[Floats, Floats]]:
    made = made_history(seed, days=days, town=town)
    maker = HistoryMaker()
    for one in made:
        maker.add(one.call)
    history = maker.history()
    truth = np.array([one.truth for one in made])
    people = np.array([one.truth_person for one in made])
    return history, (history.at_s // 86_400).astype(np.int64), (truth, people)


def _of_campaign(options: ChanceOptions) -> ChanceReport:
    if options.profile is None or not options.profile.is_dir():
        raise KnownError(f"There is no profile at {options.profile}; name the folder of a floor.")
    profile = open_profile(options.profile)
    found = campaign_history(floor_place(profile), options.campaign, WallClock().now().utc)
    return ChanceReport(
        what="calibration of the answer chance",
        made=_today(),
        source=f"the finished calls of {found.name}",
        seed=None,
        chosen_on="",
        main=judge(found.name, found.history, found.day, found.prior),
        others=[],
        weak=[],
    )


def _today() -> str:
    return WallClock().now().utc.date().isoformat()


def _short(judged: Judged) -> Table:
    """What a person wants to see at once."""
    one = judged.answered
    table = Table(
        "calls",
        "predicted %",
        "answered %",
        "95 % interval",
        title=f"{judged.name}: {judged.held_out}",
        caption=f"Brier {one.brier:.4f}, of the average {one.brier_of_base:.4f}; expected "
        f"calibration error {100 * one.error:.1f} % (by chance alone "
        f"{100 * one.error_by_chance:.1f} %)",
    )
    for part in one.bins:
        table.add_row(
            str(part.calls),
            f"{100 * part.predicted:.1f}",
            f"{100 * part.observed:.1f}",
            f"{100 * part.low:.1f} to {100 * part.high:.1f}",
        )
    return table
