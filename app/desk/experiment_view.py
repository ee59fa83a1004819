"""Experiments, as their window shows them; plain values."""

from __future__ import annotations

from dataclasses import dataclass

KINDS: tuple[tuple[str, str, str], ...] = (
    ("script", "Script", "What the agent reads out."),
    ("preview_s", "Preview seconds", "As 8 or 15."),
    ("caller_id", "Caller's number", "With its country code, as +441614960900."),
    ("hour", "Hours of the day", "By the person's own clock, as 09:00-12:00."),
    ("mode", "Mode", "preview, progressive or predictive."),
)
"""What can be tried: its word, its name, how a variant of it is written."""

METRICS: tuple[tuple[str, str], ...] = (
    ("success", "The agent's outcome is a success"),
    ("connected", "The person speaks with an agent"),
)


@dataclass(frozen=True, slots=True)
class VariantChoice:
    """One of the ways as it is filled in."""

    name: str
    value: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ExperimentChoice:
    """An experiment as it is filled in."""

    campaign_id: int
    name: str
    kind: str
    metric: str
    planned: int
    variants: tuple[VariantChoice, ...]


@dataclass(frozen=True, slots=True)
class ArmView:
    """A variant's result: its rate, and the difference from the first one with its interval."""

    name: str
    value: str
    people: int
    successes: int
    rate: float | None
    difference: tuple[float, float, float] | None = None  # estimate, low, high
    is_winner: bool = False


@dataclass(frozen=True, slots=True)
class ExperimentView:
    """An experiment and what it says by now. `when`: since when it runs, or how long it ran."""

    id: int
    name: str
    campaign: str
    kind: str
    metric: str
    is_running: bool
    when: str
    sentence: str
    more_words: str
    arms: tuple[ArmView, ...]
    planned: int


@dataclass(frozen=True, slots=True)
class ExperimentsView:
    """All experiments, the newest first, and the campaigns in which one can be begun."""

    campaigns: tuple[tuple[int, str], ...]
    experiments: tuple[ExperimentView, ...]
