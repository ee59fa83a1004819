"""What an end means for calls that are not dialled ahead for an agent: by hand, agentless, inward.

The abandoned rate speaks of calls that the dialler places for agents; the others are kept out of
its counts, and what a person has asked for with a key is their outcome.
"""

from __future__ import annotations

from dialer_core.engine.calls import Call
from dialer_core.engine.events import CallFacts
from dialer_core.model.call_control import AskedByKey
from dialer_core.model.states import CallStage, Direction, FormulaClass, Mode, Outcome

_BY_KEY = {AskedByKey.LATER: Outcome.CALL_BACK, AskedByKey.NEVER: Outcome.DNC_REQUEST}
_SPOKEN = frozenset({Outcome.CONNECTED, Outcome.SHORT_HANGUP})


def of_kind(
    call: Call, facts: CallFacts | None, outcome: Outcome, formula_class: FormulaClass
) -> tuple[Outcome, FormulaClass]:
    """The outcome and the count by what kind of call it was. `facts` None: the line is lost."""
    if call.direction is Direction.IN and call.answered is None:
        return Outcome.ABANDONED, FormulaClass.EXCLUDED
    if call.answered is None or (call.is_of_the_rate and call.wish not in _BY_KEY):
        return outcome, formula_class
    if call.wish in _BY_KEY and call.bridged is None:
        return _BY_KEY[call.wish], FormulaClass.EXCLUDED
    if call.direction is Direction.IN:
        return outcome, FormulaClass.EXCLUDED
    if call.mode is Mode.MANUAL:
        # A person who met silence counts, whoever dialled.
        return outcome, FormulaClass.EXCLUDED if outcome in _SPOKEN else formula_class
    if call.is_machine and call.bridged is None:
        return outcome, FormulaClass.EXCLUDED  # the tone's, and no call for an agent
    if call.mode is Mode.AGENTLESS:
        has_heard = call.stage is CallStage.MESSAGE and (facts is None or facts.message_played)
        return (
            Outcome.MESSAGE_HEARD if has_heard else Outcome.SHORT_HANGUP,
            FormulaClass.EXCLUDED,
        )
    return outcome, formula_class
