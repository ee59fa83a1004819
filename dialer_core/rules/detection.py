"""What detection has heard, as an outcome and the count that it belongs to.

Facts sheet, 6.1 and 6.2: a machine that detection kept from agents is `AMDET` and burdens the
abandoned rate with the share that were people; fax, modem and information tones are certain and
stand in no count. Tones before the answer say why nobody came, where no cause says it better.
"""

from __future__ import annotations

from typing import Final

from dialer_core.model.states import FormulaClass, Outcome
from dialer_core.rules.abandonment import false_positive_share

__all__ = [
    "CERTAIN",
    "ENDS_RINGING",
    "early_outcome",
    "false_positive_share",
    "kept_from_agents",
    "more_telling",
]

_SIT = {
    "sit": Outcome.INVALID_NUMBER,  # the plain one of most of Europe
    "sit_intercept": Outcome.INVALID_NUMBER,
    "sit_vacant": Outcome.INVALID_NUMBER,
    "sit_no_circuit": Outcome.NETWORK_CONGESTION,
    "sit_reorder": Outcome.NETWORK_CONGESTION,
}
_EARLY = {**_SIT, "congestion": Outcome.NETWORK_CONGESTION, "busy": Outcome.BUSY}
_NO_PERSON = frozenset({"fax", "modem"})
ENDS_RINGING: Final = frozenset(_EARLY)
"""Tones before the answer that say that it does not ring: no minimum is waited for."""
CERTAIN: Final = frozenset(_SIT) | _NO_PERSON
"""Tones after which nobody is looked for, whether or not a campaign lets machines judge."""
_RANKS = (frozenset(_SIT), _NO_PERSON, frozenset({"congestion", "busy"}), frozenset({"ringback"}))


def kept_from_agents(tone: str) -> tuple[Outcome, FormulaClass]:
    """An answered call that detection let go as a machine; `tone`: heard after the answer, or "".

    Fax, modem and information tones say for certain that no person is to be had there.
    """
    if tone in _NO_PERSON:
        return Outcome.FAX_MODEM, FormulaClass.EXCLUDED
    if tone in _SIT:
        return _SIT[tone], FormulaClass.EXCLUDED
    return Outcome.ANSWER_MACHINE_AMD, FormulaClass.AMDET


def early_outcome(tone: str) -> Outcome | None:
    """What a tone before the answer says of an unanswered call; None where it says nothing."""
    return _EARLY.get(tone)


def more_telling(known: str, heard: str) -> str:
    """Which of two tones of the same call stands: a network plays its busy tone after the reason.

    Information tones come before machines', those before busy and that before ringing; of two
    alike the later one stands.
    """
    return heard if _rank(heard) <= _rank(known) else known


def _rank(tone: str) -> int:
    return next((rank for rank, tones in enumerate(_RANKS) if tone in tones), len(_RANKS))
