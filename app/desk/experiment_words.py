"""An experiment's results in words and figures, for its window and its commands."""

from __future__ import annotations

from datetime import datetime

from app.desk.experiment_view import KINDS, METRICS, ArmView, ExperimentView
from dialer_core.lists.experiments import Decision
from dialer_core.store.experiments import Results
from dialer_core.store.variants import State


def experiment_view(found: Results, campaigns: dict[int, str], now: datetime) -> ExperimentView:
    """An experiment's results in words and figures."""
    one, verdict = found.experiment, found.verdict
    differences = (None, *verdict.differences)
    winner = verdict.winner if verdict.decision is Decision.WINNER else None
    arms = tuple(
        ArmView(
            variant.name,
            variant.value,
            arm.people,
            arm.successes,
            arm.rate if arm.people else None,
            None if gap is None or not arm.people else (gap.estimate, gap.low, gap.high),
            is_winner=winner == at,
        )
        for at, (variant, arm, gap) in enumerate(
            zip(one.variants, found.arms, differences, strict=True)
        )
    )
    is_running = one.state is State.RUNNING
    return ExperimentView(
        one.id,
        one.name,
        campaigns.get(one.campaign_id, ""),
        next(name for word, name, _ in KINDS if word == one.kind.value),
        next(name for word, name in METRICS if word == one.metric.value),
        is_running,
        _when(one.began_at, one.ended_at, now),
        verdict.sentence if is_running else one.why or verdict.sentence,
        _more(found) if is_running else "",
        arms,
        one.planned,
    )


def _when(began: datetime, ended: datetime | None, now: datetime) -> str:
    days = ((ended or now) - began).days
    length = "less than a day" if days < 1 else "1 day" if days == 1 else f"{days} days"
    day = f"{began.day} {began:%b %Y}"
    return f"Since {day}" if ended is None else f"From {day}, for {length}"


def _more(found: Results) -> str:
    if found.more is None:
        return "No number of people that a list holds would settle it at these rates."
    people = sum(arm.people for arm in found.arms)
    if found.experiment.planned and people + found.more >= found.experiment.planned:
        return f"At most {found.more:,} more people, as planned."
    return f"About {found.more:,} more people, if the rates stay as they are."
