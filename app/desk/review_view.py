"""Detected machines that somebody listens to: what the window shows, and what follows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dialer_core.model.records import DayCounts
from dialer_core.rules.abandonment import Z_ONE_SIDED_95, false_positive_share, wilson
from dialer_core.rules.profiles import RuleProfile
from dialer_core.store.machines_heard import Heard

_CAUSES: Final = {
    "long_greeting": "It spoke for longer than people do who answer a telephone.",
    "beep": "A beep was heard.",
    "fax": "The tone of a fax was heard.",
    "modem": "The tone of a modem was heard.",
}
_OTHER_CAUSE: Final = "A tone of the network was heard."


@dataclass(frozen=True, slots=True)
class Greeting:
    """One detected machine; `cause`: why it was taken for one, as a sentence."""

    attempt_id: str
    cause: str


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A campaign's machines. `greetings`: those still to be heard, in the order of chance.

    `found`: what listening has found; `law` and `budget`: what that does, each in a sentence.
    """

    campaigns: tuple[tuple[int, str], ...] = ()
    campaign_id: int = 0
    greetings: tuple[Greeting, ...] = ()
    found: str = ""
    law: str = ""
    budget: str = ""


def cause_words(cause: str) -> str:
    """Why detection took the call for a machine."""
    return _CAUSES.get(cause, _OTHER_CAUSE)


def found_words(heard: Heard) -> str:
    """The share of people among the machines listened to, with its interval (Wilson, 95 %)."""
    if not heard.reviewed:
        return "Nobody has listened to a machine of this campaign yet."
    low, high = wilson(heard.people, heard.reviewed)
    machines = "1 machine" if heard.reviewed == 1 else f"{heard.reviewed} machines"
    whom = "was a person" if heard.people == 1 else "were people"
    return (
        f"Of {machines} listened to, {heard.people} {whom}: "
        f"{_percent(heard.people / heard.reviewed)}, with 95 % certainty between {_percent(low)} "
        f"and {_percent(high)}."
    )


def law_words(profile: RuleProfile, heard: Heard) -> str:
    """How much of an abandoned call a detected machine counts (facts sheet, 1.2: F = p x AMdet)."""
    least = profile.amd_fp_min_sample
    share = share_of(profile, heard)
    if heard.reviewed >= least:
        bound = wilson(heard.people, heard.reviewed, Z_ONE_SIDED_95)[1]
        return f"The law counts every machine found as {bound:.3f} of an abandoned call."
    return (
        f"The law counts every machine found as {share:.3g} of an abandoned call until {least} "
        "verdicts have been listened to."
    )


def budget_words(counts: DayCounts, rate: float, cap: float, drops_left: int) -> str:
    """What the machines found so far do to the abandoned rate that binds."""
    found = counts.detected_machines
    if not found:
        return "Detection has found no machine in the time that the abandoned rate is taken over."
    lost = counts.detection_false_share * found
    machines = "1 machine" if found == 1 else f"{found} machines"
    left = "1 drop is left" if drops_left == 1 else f"{drops_left} drops are left"
    return (
        f"{machines} found so far count as {lost:.1f} abandoned calls: the rate is {rate * 100:.1f}"
        f" %, the cap {cap * 100:g} %; {left}."
    )


def share_of(profile: RuleProfile, heard: Heard) -> float:
    """p of the law's formula: measured where enough was heard, else the rules' own."""
    return false_positive_share(
        heard.people, heard.reviewed, profile.amd_fp_fallback, profile.amd_fp_min_sample
    )


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
