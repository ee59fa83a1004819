"""A message for everybody who answers: no agent is waited for, so the lines set the pace."""

from __future__ import annotations

from dialer_core.pacing.one_to_one import free_lines
from dialer_core.pacing.view import Decision, FloorView


class Agentless:
    """Fills every line that the campaign and the trunk leave free, within calling hours."""

    def decide(self, view: FloorView) -> Decision:
        """The decision for this moment."""
        if view.now >= view.day_end:
            return Decision(0, reason="Calling is over for today.", rule="day_end")
        launch = max(0, free_lines(view))
        return Decision(launch, reason="A message for whoever answers.", rule="agentless")
